/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who follows changes, and waking them. A thread with a connection of its own reads each change
 * once, when PostgreSQL notifies or SQLite's file has changed, and each FEED_POLL_MS in any case.
 * Followers have positions, not queues: those who are near the newest change are served from what
 * the thread has read, those further behind read for themselves (reader.h).
 */
#ifndef REGISTRY_FEED_H
#define REGISTRY_FEED_H

#include "svc/registry/http/stream.h"
#include "svc/registry/store/follow.h"
#include "svc/registry/store/store.h"
#include "svc/runtime/log.h"
#include "svc/runtime/metrics.h"

#include <stdint.h>

#define FEED_POLL_MS   1000
#define FEED_KEYS_MS   1500  /* between two looks at which keys have ended */
#define FEED_FOLLOWERS 10000 /* in one process */

struct feed;
struct follower;

/* Everything is borrowed until feed_stop(). */
struct feed_params {
	struct store *store;
	const char *public_url;
	struct log *log;		/* NULL: none */
	struct metrics *metrics;	/* NULL: none */
	int64_t (*now_ms)(void *magic); /* since 1970 */
	void *magic;
	/* Ends one thing whose time has come, in a transaction; STORE_NONE: there is none. */
	enum store_status (*age)(struct db *db, int64_t now_ms);
	/* Something was committed, here or in another process; called by the feed's thread. */
	void (*heard)(void *listener);
	void *listener;
};

/* NULL and one line in err. */
struct feed *feed_start(const struct feed_params *params, char *err, size_t size);
/* All followers are told to end, and no more are let in. Then the doors may be closed. */
void feed_close(struct feed *feed);
void feed_stop(struct feed *feed); /* after the doors; NULL is fine */

/* This process has committed a change. Any thread. */
void feed_changed(struct feed *feed);

bool feed_is_full(struct feed *feed);

struct feed_follow {
	struct follow_scope scope;
	char key[ID_MAX + 1]; /* when it ends, the follower ends */
	int64_t expires_ms;   /* the proof; 0: never */
	int64_t after;	      /* the last serial it has seen */
};

/* A stream to wake whenever there is something. NULL: the feed is full or closed. */
struct follower *feed_follow(struct feed *feed, const struct feed_follow *follow,
			     struct stream *stream);
void feed_forget(struct feed *feed, struct follower *follower); /* wakes it no more on return */

enum feed_status {
	FEED_CHANGE,
	FEED_NOTHING, /* yet */
	FEED_BEHIND,  /* what comes next must be read from the database, then feed_seen() */
	FEED_ENDED,   /* its key has, or the process ends */
};
/*
 * The next change for it; change_out's data are a copy. Of a brand's change the follower's position
 * stays in front until feed_seen().
 */
enum feed_status feed_next(struct feed *feed, struct follower *follower, struct change *change_out);
/* It has seen all of its changes up to this serial. */
void feed_seen(struct feed *feed, struct follower *follower, int64_t serial);
int64_t feed_position(struct feed *feed, const struct follower *follower);
bool feed_is_over(struct feed *feed, const struct follower *follower); /* FEED_ENDED is next */
/* Wakes it at that time (feed_clock_ms()) in any case. */
void feed_wake_at(struct feed *feed, struct follower *follower, int64_t ms);
int64_t feed_clock_ms(void); /* CLOCK_MONOTONIC */

#endif
