/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who follows changes, and waking them. A thread watches the database: on PostgreSQL it LISTENs on
 * a connection of its own; on SQLite it looks at the counter, at once when this process has
 * committed, each FEED_POLL_MS for the sake of other processes.
 */
#ifndef REGISTRY_FEED_H
#define REGISTRY_FEED_H

#include "svc/registry/http/stream.h"
#include "svc/registry/store/store.h"
#include "svc/runtime/metrics.h"

#include <stdint.h>

#define FEED_POLL_MS	  1000
#define FEED_HEARTBEAT_MS 15000 /* followers are woken to say that they are alive */
#define FEED_FOLLOWERS	  10000

struct feed;
struct follower;

/* NULL and one line in err. store is borrowed. */
struct feed *feed_start(struct store *store, const char *database, struct metrics *metrics,
			char *err, size_t size);
/* All followers are told to end, and no more are let in. Then the doors may be closed. */
void feed_close(struct feed *feed);
void feed_stop(struct feed *feed); /* after the doors; NULL is fine */

/* This process has committed a change. Any thread. */
void feed_changed(struct feed *feed);

/* A stream to wake whenever there may be something. NULL: there are FEED_FOLLOWERS. */
struct follower *feed_follow(struct feed *feed, struct stream *stream);
void feed_forget(struct feed *feed, struct follower *follower); /* wakes it no more on return */
bool feed_is_closed(const struct feed *feed);

#endif
