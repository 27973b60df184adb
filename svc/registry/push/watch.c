/* SPDX-License-Identifier: Apache-2.0 */
/* The feed's thread: hears of changes, reads them, looks which keys have ended, deletes old ones
 * and ends what is over. */
#include "svc/registry/push/watch.h"

#include "svc/registry/push/entry.h"
#include "svc/registry/store/ageing.h"
#include "svc/registry/store/directory.h"
#include "svc/registry/store/events.h"

#include <errno.h>
#include <string.h>

#define CHANNEL	       "attestel_events"
#define HEAR_MS	       100 /* at most so long a timer is late */
#define LOOK_MS	       20  /* between two looks at SQLite's file */
#define BACKOFF_MS     100 /* doubled until BACKOFF_MAX_MS */
#define BACKOFF_MAX_MS 5000
#define PRUNE_MS       10000
#define PRUNE_ROWS     500
#define PRUNE_PIECES   20
#define SKEW_MS	       60000 /* between the clocks of the processes */
#define PAGE	       256

static const struct db_scope reading = {DB_READ, DB_ACROSS, ""};
static const struct db_scope writing = {DB_WRITE, DB_ACROSS, ""};
static const struct follow_scope directory = {.kind = FOLLOW_DIRECTORY};

static enum store_status read_newest(struct db *db, void *magic)
{
	return store_events_serial(db, magic);
}

enum store_status watch_begin(struct feed *feed)
{
	int64_t newest = 0;
	enum store_status status = db_transact(feed->db, &reading, read_newest, &newest);

	ring_init(&feed->ring, newest);
	feed->keys_since_ms = feed->params.now_ms(feed->params.magic) - SKEW_MS;
	return status;
}

/* What was read of one state of the database. */
struct batch {
	const struct feed *feed;
	int64_t after, newest;
	bool more;
	size_t n_events, n_entries;
	struct change events[PAGE], entries[PAGE], all[2 * PAGE];
};

static void clear(struct change *changes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		change_clear(&changes[i]);
}

/* The entry as it is now: what came between two changes of one number nobody needs. */
static enum store_status add_entry(struct db *db, const struct feed *feed, struct change *change)
{
	struct directory_row row;

	if (change_is_brand(change))
		return STORE_OK;
	enum store_status status = store_directory_get(db, change->object, &row);
	if (status != STORE_OK)
		return status;
	change->data = entry_text(&row, feed->params.public_url);
	return change->data != NULL ? STORE_OK : STORE_FAILED;
}

static enum store_status read_batch(struct db *db, void *magic)
{
	struct batch *batch = magic;
	enum store_status status;

	clear(batch->events, batch->n_events);
	clear(batch->entries, batch->n_entries);
	batch->n_events = batch->n_entries = 0;
	status = store_events_serial(db, &batch->newest);
	if (status != STORE_OK || batch->newest <= batch->after)
		return status;
	status = store_follow_read(db, NULL, batch->after, PAGE, batch->events, &batch->n_events);
	if (status == STORE_OK)
		status = store_follow_read(db, &directory, batch->after, PAGE, batch->entries,
					   &batch->n_entries);
	for (size_t i = 0; status == STORE_OK && i < batch->n_entries; i++)
		status = add_entry(db, batch->feed, &batch->entries[i]);
	return status;
}

/* Both pages in one order, as far as both go. What is left over is read again. */
static size_t merge(struct batch *batch)
{
	size_t e = 0, d = 0, n = 0;
	int64_t end = batch->newest;

	if (batch->n_events == PAGE && batch->events[PAGE - 1].serial < end)
		end = batch->events[PAGE - 1].serial;
	if (batch->n_entries == PAGE && batch->entries[PAGE - 1].serial < end)
		end = batch->entries[PAGE - 1].serial;
	while (e < batch->n_events || d < batch->n_entries) {
		bool event =
			d == batch->n_entries ||
			(e < batch->n_events && batch->events[e].serial < batch->entries[d].serial);
		struct change *change = event ? &batch->events[e++] : &batch->entries[d++];
		if (change->serial <= end)
			batch->all[n++] = *change;
		else
			change_clear(change);
	}
	batch->n_events = batch->n_entries = 0;
	batch->more = end < batch->newest;
	batch->newest = end;
	return n;
}

static void look(struct feed *feed)
{
	struct batch *batch = calloc(1, sizeof *batch);

	if (batch == NULL)
		return;
	batch->feed = feed;
	do {
		batch->after = feed->ring.newest; /* nobody else changes it */
		batch->more = false;
		if (db_transact(feed->db, &reading, read_batch, batch) != STORE_OK) {
			clear(batch->events, batch->n_events);
			clear(batch->entries, batch->n_entries);
			break;
		}
		size_t n = batch->newest > batch->after ? merge(batch) : 0;
		if (batch->newest > batch->after)
			feed_publish(feed, batch->all, n, batch->newest);
	} while (batch->more);
	free(batch);
}

struct ended {
	struct follow_ended range;
	char keys[FOLLOW_KEYS][ID_MAX + 1];
	size_t n;
};

static enum store_status read_ended(struct db *db, void *magic)
{
	struct ended *ended = magic;

	return store_follow_ended(db, &ended->range, ended->keys, &ended->n);
}

/* A key that ended a while ago may still open a stream: the cache of keys believes it, or a clock
 * differs. It is looked for again and again for SKEW_MS. */
static void look_at_keys(struct feed *feed)
{
	int64_t now_ms = feed->params.now_ms(feed->params.magic);
	struct ended ended = {.range = {.since_ms = feed->keys_since_ms, .now_ms = now_ms}};

	do {
		if (db_transact(feed->db, &reading, read_ended, &ended) != STORE_OK)
			return;
		for (size_t i = 0; i < ended.n; i++)
			feed_end_key(feed, ended.keys[i]);
	} while (ended.n == FOLLOW_KEYS);
	feed->keys_since_ms = now_ms - SKEW_MS;
}

struct prune {
	enum follow_kind kind;
	int64_t before_ms;
	size_t n;
};

static enum store_status prune_piece(struct db *db, void *magic)
{
	struct prune *prune = magic;

	return store_follow_prune(db, prune->kind, prune->before_ms, PRUNE_ROWS, &prune->n);
}

static void prune(struct feed *feed, enum follow_kind kind, int64_t keep_ms)
{
	struct prune prune = {kind, feed->params.now_ms(feed->params.magic) - keep_ms, PRUNE_ROWS};

	for (int i = 0; i < PRUNE_PIECES && prune.n == PRUNE_ROWS; i++) {
		if (db_transact(feed->db, &writing, prune_piece, &prune) != STORE_OK)
			return;
	}
}

struct ageing {
	enum store_status (*step)(struct db *db, int64_t now_ms);
	int64_t now_ms;
};

static enum store_status age_one(struct db *db, void *magic)
{
	const struct ageing *ageing = magic;

	return ageing->step(db, ageing->now_ms);
}

/* At most so many at once: the rest soon. */
static void age(struct feed *feed, enum store_status (*step)(struct db *db, int64_t now_ms))
{
	struct ageing ageing = {step, feed->params.now_ms(feed->params.magic)};

	for (int i = 0; i < PRUNE_PIECES; i++) {
		if (db_transact(feed->db, &writing, age_one, &ageing) != STORE_OK)
			return;
	}
}

/* Sleeps for a moment, unless this process has committed something. */
static bool rest(struct feed *feed)
{
	int64_t until_ms = feed_clock_ms() + LOOK_MS;
	const struct timespec until = {until_ms / 1000, until_ms % 1000 * 1000000};
	int code = 0;

	pthread_mutex_lock(&feed->mutex);
	while (!feed->look && !feed->ended && code != ETIMEDOUT)
		code = pthread_cond_timedwait(&feed->changed, &feed->mutex, &until);
	bool told = feed->look;
	feed->look = false;
	pthread_mutex_unlock(&feed->mutex);
	return told;
}

static void lost(struct feed *feed)
{
	struct log *log = feed->params.log;

	if (feed->backoff_ms == 0 && log != NULL)
		log_event(log, LOG_WARNING, "feed.deaf", F_STR("why", db_error(feed->db)));
	feed->backoff_ms = feed->backoff_ms == 0 ? BACKOFF_MS : 2 * feed->backoff_ms;
	if (feed->backoff_ms > BACKOFF_MAX_MS)
		feed->backoff_ms = BACKOFF_MAX_MS;
	feed->retry_ms = feed_clock_ms() + feed->backoff_ms;
}

/* true: something was committed. PostgreSQL tells; SQLite's file is looked at; while the connection
 * is lost only time tells. */
static bool hear(struct feed *feed)
{
	bool told = db_engine(feed->db) == DB_POSTGRES;

	if (feed_clock_ms() < feed->retry_ms)
		return rest(feed);
	switch (db_await(feed->db, CHANNEL, told ? HEAR_MS : 0)) {
	case STORE_OK:
		feed->backoff_ms = 0;
		return true;
	case STORE_NONE:
		feed->backoff_ms = 0;
		return told ? false : rest(feed);
	default:
		lost(feed);
		return rest(feed);
	}
}

static bool is_time(int64_t *at_ms, int64_t every_ms)
{
	int64_t now_ms = feed_clock_ms();

	if (now_ms < *at_ms)
		return false;
	*at_ms = now_ms + every_ms;
	return true;
}

static bool has_ended(struct feed *feed)
{
	pthread_mutex_lock(&feed->mutex);
	bool ended = feed->ended;
	pthread_mutex_unlock(&feed->mutex);
	return ended;
}

void *watch_run(void *magic)
{
	struct feed *feed = magic;

	while (!has_ended(feed)) {
		bool told = hear(feed);
		if (told)
			feed->params.heard(feed->params.listener);
		if (is_time(&feed->look_ms, FEED_POLL_MS) || told)
			look(feed);
		if (is_time(&feed->keys_ms, FEED_KEYS_MS))
			look_at_keys(feed);
		feed_wake_due(feed);
		if (is_time(&feed->prune_ms, PRUNE_MS)) {
			prune(feed, FOLLOW_TENANT, EVENT_KEEP_MS);
			prune(feed, FOLLOW_DIRECTORY, DIRECTORY_KEEP_MS);
			age(feed, store_ageing_business);
			age(feed, store_ageing_claim);
			age(feed, feed->params.age);
		}
	}
	return NULL;
}
