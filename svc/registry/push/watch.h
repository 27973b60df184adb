/* SPDX-License-Identifier: Apache-2.0 */
/* What feed.c (who follows) and watch.c (the thread) share; nobody else looks inside. */
#ifndef REGISTRY_PUSH_WATCH_H
#define REGISTRY_PUSH_WATCH_H

#include "svc/registry/push/feed.h"
#include "svc/registry/push/ring.h"

#include <pthread.h>

struct feed {
	struct feed_params params;
	pthread_t thread;

	/* the thread's alone */
	struct db *db;
	int64_t look_ms, keys_ms, prune_ms, retry_ms; /* when it is time again */
	int64_t backoff_ms;			      /* 0: it hears */
	int64_t keys_since_ms;			      /* keys that ended before were looked for */

	pthread_mutex_t mutex;	/* guards the rest */
	pthread_cond_t changed; /* the thread is told */
	bool look;		/* this process has committed something */
	bool closed, ended;
	struct ring ring;
	size_t followers;
	struct follower *first;
};

/* Under the mutex for a moment each; called by the thread. */
void feed_publish(struct feed *feed, const struct change *take, size_t n, int64_t newest);
void feed_end_key(struct feed *feed, const char *key);
void feed_wake_due(struct feed *feed);

void *watch_run(void *feed);
/* Reads the newest serial, so that the ring begins there. */
enum store_status watch_begin(struct feed *feed);

#endif
