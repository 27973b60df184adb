/* SPDX-License-Identifier: Apache-2.0 */
/* initdb, then the server itself as a child: no pg_ctl, which would leave it running. */
#include "tests/kit/pgcluster.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BIN	 "/usr/lib/postgresql/15/bin/"
#define WAIT_MS	 30000
#define LOOK_MS	 5
#define RETRY_MS 100

static void sleep_ms(long ms)
{
	const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&pause, NULL);
}

/* PostgreSQL refuses to run as root. */
static bool become(const struct passwd *user)
{
	if (geteuid() != 0)
		return true;
	return user != NULL && setgroups(0, NULL) == 0 && setgid(user->pw_gid) == 0 &&
	       setuid(user->pw_uid) == 0;
}

/* In the child. SIGQUIT is PostgreSQL's immediate end, for its own children, too. */
static void run(const char *dir, const char *const *args)
{
	char log[96];
	pid_t parent = getppid();
	const struct passwd *user = getpwnam("postgres");

	if (!become(user) || chdir(dir) != 0)
		_exit(126);
	/* after setuid(), which would undo it */
	prctl(PR_SET_PDEATHSIG, SIGQUIT);
	if (getppid() != parent)
		_exit(126);
	snprintf(log, sizeof log, "%s/log", dir);
	int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	dup2(in, 0);
	dup2(out, 1);
	dup2(out, 2);
	unsetenv("LC_ALL");
	setenv("LANG", "C", 1);
	execv(args[0], (char *const *)args);
	_exit(127);
}

static pid_t start(const char *dir, const char *const *args)
{
	pid_t pid = fork();

	if (pid == 0)
		run(dir, args);
	return pid;
}

static bool make_data(const struct pgcluster *cluster, char *err, size_t size)
{
	char data[96];
	int status = -1;

	snprintf(data, sizeof data, "%s/data", cluster->dir);
	const char *const args[] = {
		BIN "initdb",
		"-D",
		data,
		"-U",
		PGCLUSTER_SUPERUSER,
		"--auth=trust",
		"--no-sync",
		"--encoding=UTF8",
		"--locale=C",
		"--no-instructions",
		NULL,
	};
	pid_t pid = start(cluster->dir, args);
	if (pid > 0 && waitpid(pid, &status, 0) == pid && status == 0)
		return true;
	snprintf(err, size, "initdb failed: %s/log", cluster->dir);
	return false;
}

/* The server writes its process id into line 1 of its file, and "ready" into line 8 when it takes
 * connections. */
static bool is_ready(const struct pgcluster *cluster)
{
	char path[96], line[128] = "";
	long pid = 0;
	int n = 0;

	snprintf(path, sizeof path, "%s/data/postmaster.pid", cluster->dir);
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return false;
	while (n < 8 && fgets(line, sizeof line, file) != NULL)
		if (n++ == 0)
			pid = strtol(line, NULL, 10);
	fclose(file);
	return n == 8 && pid == cluster->pid && strncmp(line, "ready", 5) == 0;
}

static void start_server(struct pgcluster *cluster)
{
	char data[96];

	snprintf(data, sizeof data, "%s/data", cluster->dir);
	const char *const args[] = {
		PGCLUSTER_SERVER,
		"-D",
		data,
		"-k",
		cluster->dir,
		"-h",
		"", /* no network */
		cluster->fsync ? "--fsync=on" : "--fsync=off",
		"--shared_buffers=16MB",
		"--max_connections=60",
		"--max_wal_size=256MB",
		"--min_wal_size=32MB",
		"--autovacuum=off",
		"--jit=off",
		/* after a kill every file is synchronised: this takes one call for all of them */
		"--recovery_init_sync_method=syncfs",
		"--max_wal_senders=0",
		"--wal_level=minimal",
		NULL,
	};
	cluster->pid = start(cluster->dir, args);
}

int pgcluster_restart(struct pgcluster *cluster, char *err, size_t size)
{
	start_server(cluster);
	for (int waited_ms = 0; waited_ms < WAIT_MS; waited_ms += LOOK_MS) {
		if (is_ready(cluster))
			return 0;
		/* it refuses while a process of the one that was killed still ends: once more */
		if (cluster->pid > 0 && waitpid(cluster->pid, NULL, WNOHANG) == cluster->pid) {
			sleep_ms(RETRY_MS);
			waited_ms += RETRY_MS;
			start_server(cluster);
		}
		sleep_ms(LOOK_MS);
	}
	snprintf(err, size, "the server did not start: %s/log", cluster->dir);
	return -1;
}

int pgcluster_start(bool fsync, struct pgcluster *cluster_out, char *err, size_t size)
{
	const struct passwd *user = getpwnam("postgres");

	if (access(PGCLUSTER_SERVER, X_OK) != 0 || (geteuid() == 0 && user == NULL)) {
		snprintf(err, size, "package postgresql-15 is not installed");
		return 1;
	}
	*cluster_out = (struct pgcluster){.pid = -1, .fsync = fsync};
	snprintf(cluster_out->dir, sizeof cluster_out->dir, "/tmp/attestel-pg.XXXXXX");
	if (mkdtemp(cluster_out->dir) == NULL ||
	    (geteuid() == 0 && chown(cluster_out->dir, user->pw_uid, user->pw_gid) != 0)) {
		snprintf(err, size, "%s: %m", cluster_out->dir);
		return -1;
	}
	if (!make_data(cluster_out, err, size))
		return -1;
	return pgcluster_restart(cluster_out, err, size);
}

static void end(struct pgcluster *cluster, int signal_number)
{
	if (cluster->pid <= 0)
		return;
	kill(cluster->pid, signal_number);
	waitpid(cluster->pid, NULL, 0);
	cluster->pid = -1;
}

void pgcluster_kill(struct pgcluster *cluster)
{
	end(cluster, SIGKILL);
}

static int remove_one(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
	(void)status;
	(void)flag;
	(void)walk;
	return remove(path);
}

void pgcluster_stop(struct pgcluster *cluster)
{
	end(cluster, SIGQUIT);
	nftw(cluster->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void pgcluster_url(const struct pgcluster *cluster, const char *role, const char *database,
		   char *url_out, size_t size)
{
	snprintf(url_out, size, "postgresql://%s@/%s?host=%s", role, database, cluster->dir);
}
