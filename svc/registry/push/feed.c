/* SPDX-License-Identifier: Apache-2.0 */
/* Watching the counter of changes, and waking who follows. */
#include "svc/registry/push/feed.h"

#include "svc/registry/store/events.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct follower {
	struct stream *stream;
	struct follower *next, **link;
};

struct feed {
	struct store *store;
	struct metrics *metrics;
	pthread_t thread;
	pthread_mutex_t mutex;	/* guards the rest */
	pthread_cond_t changed; /* the thread is told */
	bool look;		/* this process has committed something */
	_Atomic bool closed;
	bool ended;
	int64_t serial; /* the newest known */
	int64_t heartbeat_ms;
	size_t followers;
	struct follower *first;
};

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* false: it is later than until_ms. */
static bool wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t until_ms)
{
	const struct timespec until = {until_ms / 1000, until_ms % 1000 * 1000000};

	return pthread_cond_timedwait(cond, mutex, &until) != ETIMEDOUT;
}

/* Without a database there is no news: the serial stays. */
static int64_t read_serial(struct feed *feed, int64_t known)
{
	const struct db_scope scope = {DB_READ, DB_ACROSS, ""};
	struct db *db = store_take(feed->store, FEED_POLL_MS);
	int64_t serial = known;

	if (db == NULL)
		return known;
	if (db_begin(db, &scope) == STORE_OK) {
		if (store_events_serial(db, &serial) != STORE_OK)
			serial = known;
		(void)db_end(db, STORE_OK);
	}
	store_give(feed->store, db);
	return serial;
}

static void wake_all(struct feed *feed)
{
	for (struct follower *follower = feed->first; follower != NULL; follower = follower->next)
		stream_wake(follower->stream);
}

static void *watch(void *magic)
{
	struct feed *feed = magic;

	pthread_mutex_lock(&feed->mutex);
	while (!feed->ended) {
		int64_t until_ms = clock_ms() + FEED_POLL_MS;
		while (!feed->look && !feed->ended &&
		       wait_until(&feed->changed, &feed->mutex, until_ms))
			;
		feed->look = false;
		int64_t known = feed->serial;
		pthread_mutex_unlock(&feed->mutex);
		int64_t serial = read_serial(feed, known);
		pthread_mutex_lock(&feed->mutex);
		bool beat = clock_ms() >= feed->heartbeat_ms;
		if (beat)
			feed->heartbeat_ms = clock_ms() + FEED_HEARTBEAT_MS;
		if (serial != feed->serial || beat) {
			feed->serial = serial;
			wake_all(feed);
		}
	}
	pthread_mutex_unlock(&feed->mutex);
	return NULL;
}

static void init_locks(struct feed *feed)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&feed->mutex, NULL);
	pthread_cond_init(&feed->changed, &attr);
	pthread_condattr_destroy(&attr);
}

static void free_feed(struct feed *feed)
{
	pthread_cond_destroy(&feed->changed);
	pthread_mutex_destroy(&feed->mutex);
	free(feed);
}

struct feed *feed_start(struct store *store, const char *database, struct metrics *metrics,
			char *err, size_t size)
{
	struct feed *feed = calloc(1, sizeof *feed);

	(void)database;
	if (feed == NULL) {
		snprintf(err, size, "no memory");
		return NULL;
	}
	init_locks(feed);
	feed->store = store;
	feed->metrics = metrics;
	feed->heartbeat_ms = clock_ms() + FEED_HEARTBEAT_MS;
	feed->serial = read_serial(feed, 0);
	int code = pthread_create(&feed->thread, NULL, watch, feed);
	if (code == 0)
		return feed;
	snprintf(err, size, "no thread: %s", strerrordesc_np(code));
	free_feed(feed);
	return NULL;
}

void feed_close(struct feed *feed)
{
	pthread_mutex_lock(&feed->mutex);
	feed->closed = true;
	wake_all(feed);
	pthread_mutex_unlock(&feed->mutex);
}

void feed_stop(struct feed *feed)
{
	if (feed == NULL)
		return;
	pthread_mutex_lock(&feed->mutex);
	feed->ended = true;
	pthread_cond_signal(&feed->changed);
	pthread_mutex_unlock(&feed->mutex);
	pthread_join(feed->thread, NULL);
	free_feed(feed);
}

void feed_changed(struct feed *feed)
{
	pthread_mutex_lock(&feed->mutex);
	feed->look = true;
	pthread_cond_signal(&feed->changed);
	pthread_mutex_unlock(&feed->mutex);
}

bool feed_is_closed(const struct feed *feed)
{
	return feed->closed;
}

struct follower *feed_follow(struct feed *feed, struct stream *stream)
{
	struct follower *follower = calloc(1, sizeof *follower);

	pthread_mutex_lock(&feed->mutex);
	bool let_in = follower != NULL && !feed->closed && feed->followers < FEED_FOLLOWERS;
	if (let_in) {
		follower->stream = stream;
		follower->next = feed->first;
		follower->link = &feed->first;
		if (feed->first != NULL)
			feed->first->link = &follower->next;
		feed->first = follower;
		feed->followers++;
	}
	pthread_mutex_unlock(&feed->mutex);
	if (let_in)
		return follower;
	free(follower);
	return NULL;
}

void feed_forget(struct feed *feed, struct follower *follower)
{
	pthread_mutex_lock(&feed->mutex);
	*follower->link = follower->next;
	if (follower->next != NULL)
		follower->next->link = follower->link;
	feed->followers--;
	pthread_mutex_unlock(&feed->mutex);
	free(follower);
}
