/* SPDX-License-Identifier: Apache-2.0 */
/* Starts, watches and ends the helper process; and in that process, gives up what it can. */
#include "svc/runtime/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SOCKET_FD   3	  /* where the helper finds its end */
#define NOBODY	    65534 /* user and group, the same number in every distribution */
#define RESTART_MS  1000
#define STOP_MS	    1000
#define FILES_BOUND 65536 /* descriptors closed one by one where close_range(2) is missing */

struct helper {
	char *name;
	pid_t pid; /* 0: dead and waited for */
	int fd;
	int64_t started_ms;
};

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close_from(int first)
{
	if (close_range((unsigned)first, ~0U, 0) == 0)
		return;
	for (int fd = first; fd < FILES_BOUND; fd++)
		close(fd);
}

/*
 * Between fork() and execve() in a process that may have had threads: system calls only. Signals
 * to the whole group (a terminal's, systemd's) are the daemon's to answer; the helper ends when
 * its socket does.
 */
static void child_execute(int fd, const char *program, const char *name)
{
	char *const argv[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)name, NULL};
	char *const environment[] = {NULL};
	sigset_t none;
	sigemptyset(&none);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigprocmask(SIG_SETMASK, &none, NULL);
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(127);
	if (fd == SOCKET_FD ? fcntl(fd, F_SETFD, 0) < 0 : dup2(fd, SOCKET_FD) < 0)
		_exit(127);
	close_from(SOCKET_FD + 1);
	execve("/proc/self/exe", argv, environment);
	_exit(127);
}

static bool spawn(struct helper *helper)
{
	int pair[2];
	helper->started_ms = now_ms();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	pid_t pid = fork();
	if (pid == 0)
		child_execute(pair[1], program_invocation_name, helper->name);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return false;
	}
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	helper->fd = pair[0];
	helper->pid = pid;
	return true;
}

/* Kills and waits for what is left of it. Its socket stays open until the caller lets go of it. */
static void bury(struct helper *helper)
{
	if (helper->pid <= 0)
		return;
	kill(helper->pid, SIGKILL);
	while (waitpid(helper->pid, NULL, 0) < 0 && errno == EINTR)
		;
	helper->pid = 0;
}

struct helper *helper_start(const char *name)
{
	struct helper *helper = calloc(1, sizeof(*helper));
	if (!helper)
		return NULL;
	helper->fd = -1;
	helper->name = strdup(name);
	if (helper->name && spawn(helper))
		return helper;
	int saved = errno;
	free(helper->name);
	free(helper);
	errno = saved;
	return NULL;
}

void helper_stop(struct helper *helper)
{
	if (!helper)
		return;
	if (helper->fd >= 0)
		close(helper->fd);
	if (helper->pid > 0) {
		struct pollfd end = {.fd = pidfd_open(helper->pid, 0), .events = POLLIN};
		if (end.fd >= 0) {
			while (poll(&end, 1, STOP_MS) < 0 && errno == EINTR)
				;
			close(end.fd);
		}
		bury(helper);
	}
	free(helper->name);
	free(helper);
}

int helper_fd(const struct helper *helper)
{
	return helper->fd;
}

bool helper_send(struct helper *helper, const void *message, size_t len)
{
	if (helper->pid <= 0 || len == 0 || len > HELPER_MESSAGE_MAX)
		return false;
	ssize_t sent;
	do {
		sent = send(helper->fd, message, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	} while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)len;
}

ssize_t helper_receive(struct helper *helper, void *message_out, size_t size)
{
	if (helper->pid <= 0)
		return -1;
	ssize_t got;
	do {
		got = recv(helper->fd, message_out, size, MSG_DONTWAIT | MSG_TRUNC);
	} while (got < 0 && errno == EINTR);
	if (got > 0 && (size_t)got <= size)
		return got;
	if (got < 0 && errno == EAGAIN)
		return 0;
	/* The end of the file, or a message that it must not send: it is not trusted further. */
	bury(helper);
	return -1;
}

bool helper_restart(struct helper *helper)
{
	if (helper->pid > 0)
		return true;
	if (now_ms() - helper->started_ms < RESTART_MS)
		return false;
	if (helper->fd >= 0)
		close(helper->fd);
	helper->fd = -1;
	return spawn(helper);
}

/* Root becomes nobody, in the order that leaves nothing to take back. */
static bool drop_user(void)
{
	if (geteuid() != 0)
		return true;
	return setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	       setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

/* A socket that still has somebody at its other end, and of the kind that helper_start() makes. */
static bool is_our_socket(int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);
	struct pollfd end = {.fd = fd};
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_SEQPACKET)
		return false;
	return poll(&end, 1, 0) == 0;
}

int helper_child_enter(void)
{
	const struct rlimit no_core = {0, 0};
	if (!is_our_socket(SOCKET_FD))
		return -1;
	close_from(SOCKET_FD + 1);
	signal(SIGPIPE, SIG_IGN);
	/* After drop_user(), because a change of user takes the death signal back. */
	if (setrlimit(RLIMIT_CORE, &no_core) != 0 || !drop_user() ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return -1;
	/* Had the daemon died before prctl(), its end of the socket is closed by now. */
	return is_our_socket(SOCKET_FD) ? SOCKET_FD : -1;
}
