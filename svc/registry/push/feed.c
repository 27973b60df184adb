/* SPDX-License-Identifier: Apache-2.0 */
/* Followers: their positions, and waking them. */
#include "svc/registry/push/feed.h"

#include "svc/registry/metrics.h"
#include "svc/registry/push/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct follower {
	struct feed_follow follow; /* after: the position */
	struct stream *stream;
	int64_t wake_ms; /* 0: not before there is something */
	bool ended;
	struct follower *next, **link;
};

int64_t feed_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
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
	ring_clear(&feed->ring);
	store_leave(feed->db);
	pthread_cond_destroy(&feed->changed);
	pthread_mutex_destroy(&feed->mutex);
	free(feed);
}

struct feed *feed_start(const struct feed_params *params, char *err, size_t size)
{
	struct feed *feed = calloc(1, sizeof *feed);

	if (feed == NULL) {
		snprintf(err, size, "no memory");
		return NULL;
	}
	init_locks(feed);
	feed->params = *params;
	feed->db = store_join(params->store, err, size);
	if (feed->db != NULL && watch_begin(feed) != STORE_OK) {
		snprintf(err, size, "%s", db_error(feed->db));
	} else if (feed->db != NULL) {
		int code = pthread_create(&feed->thread, NULL, watch_run, feed);
		if (code == 0)
			return feed;
		snprintf(err, size, "no thread: %s", strerrordesc_np(code));
	}
	free_feed(feed);
	return NULL;
}

void feed_close(struct feed *feed)
{
	pthread_mutex_lock(&feed->mutex);
	feed->closed = true;
	for (struct follower *one = feed->first; one != NULL; one = one->next)
		stream_wake(one->stream);
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

static bool is_full(const struct feed *feed)
{
	return feed->closed || feed->followers >= FEED_FOLLOWERS;
}

bool feed_is_full(struct feed *feed)
{
	pthread_mutex_lock(&feed->mutex);
	bool full = is_full(feed);
	pthread_mutex_unlock(&feed->mutex);
	return full;
}

static void count_followers(const struct feed *feed)
{
	const struct metric_labels labels = {{NULL}};

	if (feed->params.metrics != NULL)
		metrics_set(feed->params.metrics, METRIC_FOLLOWERS, &labels,
			    (double)feed->followers);
}

struct follower *feed_follow(struct feed *feed, const struct feed_follow *follow,
			     struct stream *stream)
{
	struct follower *follower = calloc(1, sizeof *follower);

	if (follower == NULL)
		return NULL;
	follower->follow = *follow;
	follower->stream = stream;
	pthread_mutex_lock(&feed->mutex);
	bool full = is_full(feed);
	if (!full) {
		follower->next = feed->first;
		follower->link = &feed->first;
		if (feed->first != NULL)
			feed->first->link = &follower->next;
		feed->first = follower;
		feed->followers++;
		count_followers(feed);
	}
	pthread_mutex_unlock(&feed->mutex);
	if (!full)
		return follower;
	free(follower);
	return NULL;
}

void feed_forget(struct feed *feed, struct follower *follower)
{
	if (follower == NULL)
		return;
	pthread_mutex_lock(&feed->mutex);
	*follower->link = follower->next;
	if (follower->next != NULL)
		follower->next->link = follower->link;
	feed->followers--;
	count_followers(feed);
	pthread_mutex_unlock(&feed->mutex);
	free(follower);
}

static enum feed_status next(struct feed *feed, struct follower *follower,
			     struct change *change_out)
{
	int64_t *after = &follower->follow.after;

	if (feed->closed || follower->ended)
		return FEED_ENDED;
	if (*after < feed->ring.floor)
		return FEED_BEHIND;
	const struct change *change = ring_find(&feed->ring, *after, &follower->follow.scope);
	if (change == NULL) {
		*after = feed->ring.newest > *after ? feed->ring.newest : *after;
		return FEED_NOTHING;
	}
	*change_out = *change;
	if (change_is_brand(change))
		return FEED_CHANGE;
	change_out->data = strdup(change->data);
	if (change_out->data == NULL)
		return FEED_BEHIND;
	*after = change->serial;
	return FEED_CHANGE;
}

enum feed_status feed_next(struct feed *feed, struct follower *follower, struct change *change_out)
{
	pthread_mutex_lock(&feed->mutex);
	enum feed_status status = next(feed, follower, change_out);
	pthread_mutex_unlock(&feed->mutex);
	return status;
}

void feed_seen(struct feed *feed, struct follower *follower, int64_t serial)
{
	pthread_mutex_lock(&feed->mutex);
	if (serial > follower->follow.after)
		follower->follow.after = serial;
	pthread_mutex_unlock(&feed->mutex);
}

int64_t feed_position(struct feed *feed, const struct follower *follower)
{
	pthread_mutex_lock(&feed->mutex);
	int64_t serial = follower->follow.after;
	pthread_mutex_unlock(&feed->mutex);
	return serial;
}

bool feed_is_over(struct feed *feed, const struct follower *follower)
{
	pthread_mutex_lock(&feed->mutex);
	bool over = feed->closed || follower->ended;
	pthread_mutex_unlock(&feed->mutex);
	return over;
}

void feed_wake_at(struct feed *feed, struct follower *follower, int64_t ms)
{
	pthread_mutex_lock(&feed->mutex);
	follower->wake_ms = ms;
	pthread_mutex_unlock(&feed->mutex);
}

static bool concerns(const struct follower *follower, const struct change *changes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (changes[i].serial > follower->follow.after &&
		    change_is_for(&changes[i], &follower->follow.scope))
			return true;
	}
	return false;
}

/* Who has seen all and is not concerned has seen these, too, and sleeps on. */
void feed_publish(struct feed *feed, const struct change *take, size_t n, int64_t newest)
{
	pthread_mutex_lock(&feed->mutex);
	for (struct follower *one = feed->first; one != NULL; one = one->next) {
		if (concerns(one, take, n))
			stream_wake(one->stream);
		else if (one->follow.after >= feed->ring.newest && newest > one->follow.after)
			one->follow.after = newest;
	}
	for (size_t i = 0; i < n; i++)
		ring_add(&feed->ring, &take[i]);
	feed->ring.newest = newest;
	pthread_mutex_unlock(&feed->mutex);
}

void feed_end_key(struct feed *feed, const char *key)
{
	pthread_mutex_lock(&feed->mutex);
	for (struct follower *one = feed->first; one != NULL; one = one->next) {
		if (strcmp(one->follow.key, key) != 0)
			continue;
		one->ended = true;
		stream_wake(one->stream);
	}
	pthread_mutex_unlock(&feed->mutex);
}

void feed_wake_due(struct feed *feed)
{
	int64_t clock_ms = feed_clock_ms();
	int64_t now_ms = feed->params.now_ms(feed->params.magic);

	pthread_mutex_lock(&feed->mutex);
	for (struct follower *one = feed->first; one != NULL; one = one->next) {
		bool expired = one->follow.expires_ms != 0 && one->follow.expires_ms <= now_ms;
		bool due = one->wake_ms != 0 && one->wake_ms <= clock_ms;
		if (due)
			one->wake_ms = 0;
		if (due || (expired && !one->ended))
			stream_wake(one->stream);
		one->ended = one->ended || expired;
	}
	pthread_mutex_unlock(&feed->mutex);
}
