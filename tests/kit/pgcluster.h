/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PostgreSQL server of this test program's own: a new cluster in a temporary directory, reached
 * through a Unix socket in it and by no network. It ends with the program, however that ends.
 */
#ifndef TESTS_KIT_PGCLUSTER_H
#define TESTS_KIT_PGCLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PGCLUSTER_SERVER    "/usr/lib/postgresql/15/bin/postgres"
#define PGCLUSTER_SUPERUSER "postgres"

struct pgcluster {
	char dir[64]; /* the socket's; the data and the log are in it */
	pid_t pid;
	bool fsync;
};

/*
 * As root it runs as the user "postgres". 0: it answers; -1: err says why not; 1: err says which
 * package is missing. Call it from the main thread: the server ends with the thread that started
 * it.
 */
int pgcluster_start(bool fsync, struct pgcluster *cluster_out, char *err, size_t size);
void pgcluster_stop(struct pgcluster *cluster); /* and removes the directory */

/* kill -9 of the server, and starting it again on the same data: its recovery. */
void pgcluster_kill(struct pgcluster *cluster);
int pgcluster_restart(struct pgcluster *cluster, char *err, size_t size);

/* For libpq: "postgresql://role@/database?host=/tmp/...". Any role gets in without a password. */
void pgcluster_url(const struct pgcluster *cluster, const char *role, const char *database,
		   char *url_out, size_t size);

#endif
