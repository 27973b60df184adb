/* SPDX-License-Identifier: Apache-2.0 */
/* Loading the table and following the directory. */
#include "svc/registry/push/mirror.h"

#include "svc/registry/push/feed.h"
#include "svc/registry/store/follow.h"
#include "svc/registry/store/intents.h"
#include "svc/registry/store/public.h"
#include "svc/registry/store/recall.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABELS	500 /* at once */
#define RECALLS 500

#define FORGET_MS      (2 * INTENT_KEEP_MS) /* clocks differ, and may be set */
#define FORGET_EACH_MS 600000

struct mirror {
	struct mirror_params params;
	struct db *db;
	struct table *table;
	struct recall *recall;
	pthread_t thread;
	pthread_mutex_t mutex; /* guards ended and told */
	pthread_cond_t wake;
	bool ended, told;
	int64_t version;	 /* of the table; -1: not loaded */
	int64_t events, reports; /* serials up to which recall has all of them */
	bool more;		 /* the last look has not read all that there was */
	bool failed;		 /* the last look; it is logged once */
	struct directory_row rows[DIRECTORY_PAGE];
	struct public_label labels[LABELS];
	struct recall_intent intents[RECALLS];
	struct recall_number numbers[RECALLS];
};

static const struct db_scope reading = {DB_READ, DB_ACROSS, ""};
static const struct follow_scope directory = {.kind = FOLLOW_DIRECTORY};

static bool has_ended(struct mirror *mirror)
{
	pthread_mutex_lock(&mirror->mutex);
	bool ended = mirror->ended;
	pthread_mutex_unlock(&mirror->mutex);
	return ended;
}

/* A page of rows goes into the table at once; between two pages it can be asked. */
static enum store_status put_rows(struct mirror *mirror, size_t n, int64_t version)
{
	bool done = true;

	table_begin(mirror->table);
	for (size_t i = 0; done && i < n; i++)
		done = table_put_brand(mirror->table, &mirror->rows[i]);
	table_end(mirror->table, version);
	return done ? STORE_OK : STORE_FAILED;
}

static enum store_status load_brands(struct db *db, struct mirror *mirror)
{
	enum store_status status;
	int64_t after = 0;
	size_t n = 0;

	do {
		status = store_directory_page(db, after, mirror->rows, &n);
		if (status == STORE_OK && n > 0) {
			after = mirror->rows[n - 1].serial;
			status = put_rows(mirror, n, -1);
		}
	} while (status == STORE_OK && n == DIRECTORY_PAGE && !has_ended(mirror));
	return status;
}

static enum store_status load_labels(struct db *db, struct mirror *mirror)
{
	char after[BLOCK_MAX + 1] = "";
	enum store_status status;
	size_t n = 0;

	do {
		status = store_public_labels(db, after, LABELS, mirror->labels, &n);
		table_begin(mirror->table);
		for (size_t i = 0; status == STORE_OK && i < n; i++) {
			const struct public_label *row = &mirror->labels[i];
			memcpy(after, row->number, sizeof after);
			if (!table_put_label(mirror->table, row->number, row->label))
				status = STORE_FAILED;
		}
		table_end(mirror->table, -1);
	} while (status == STORE_OK && n == LABELS && !has_ended(mirror));
	return status;
}

static enum store_status add_intents(struct mirror *mirror, size_t n)
{
	bool done = true;

	for (size_t i = 0; done && i < n; i++)
		done = recall_add_intent(mirror->recall, mirror->intents[i].callee,
					 mirror->intents[i].created_ms);
	return done ? STORE_OK : STORE_FAILED;
}

static enum store_status add_scores(struct mirror *mirror, size_t n)
{
	bool done = true;

	for (size_t i = 0; done && i < n; i++)
		done = recall_add_score(mirror->recall, mirror->numbers[i].number);
	return done ? STORE_OK : STORE_FAILED;
}

static enum store_status load_intents(struct db *db, struct mirror *mirror)
{
	enum store_status status = store_events_serial(db, &mirror->events);
	int64_t after = 0;
	size_t n = RECALLS;

	while (status == STORE_OK && n == RECALLS && !has_ended(mirror)) {
		status = store_recall_intents(db, after, RECALLS, mirror->intents, &n);
		if (status == STORE_OK && n > 0) {
			after = mirror->intents[n - 1].serial;
			status = add_intents(mirror, n);
		}
	}
	return status;
}

static enum store_status load_scores(struct db *db, struct mirror *mirror)
{
	enum store_status status = store_recall_newest(db, &mirror->reports);
	char after[BLOCK_MAX + 1] = "";
	size_t n = RECALLS;

	while (status == STORE_OK && n == RECALLS && !has_ended(mirror)) {
		status = store_recall_scores(db, after, RECALLS, mirror->numbers, &n);
		if (status == STORE_OK && n > 0) {
			memcpy(after, mirror->numbers[n - 1].number, sizeof after);
			status = add_scores(mirror, n);
		}
	}
	return status;
}

/* One state of the database. */
static enum store_status load(struct db *db, void *magic)
{
	struct mirror *mirror = magic;
	int64_t version = 0;

	table_begin(mirror->table);
	table_clear(mirror->table);
	table_end(mirror->table, -1);
	enum store_status status = store_public_version(db, &version);
	if (status == STORE_OK)
		status = load_brands(db, mirror);
	if (status == STORE_OK)
		status = load_labels(db, mirror);
	if (status == STORE_OK)
		status = load_intents(db, mirror);
	if (status == STORE_OK)
		status = load_scores(db, mirror);
	if (status != STORE_OK || has_ended(mirror))
		return status;
	table_begin(mirror->table);
	table_end(mirror->table, version);
	mirror->version = version;
	return STORE_OK;
}

static enum store_status apply_brand(struct db *db, struct mirror *mirror, const char *brand)
{
	enum store_status status;
	int64_t after = 0;
	size_t n = 0;

	do {
		status = store_directory_of_brand(db, brand, after, mirror->rows, &n);
		if (status == STORE_OK && n > 0) {
			after = mirror->rows[n - 1].serial;
			status = put_rows(mirror, n, mirror->version);
		}
	} while (status == STORE_OK && n == DIRECTORY_PAGE);
	return status;
}

static enum store_status apply_number(struct db *db, struct mirror *mirror, const char *number)
{
	struct public_label label;
	enum store_status status = store_directory_get(db, number, &mirror->rows[0]);

	if (status == STORE_OK)
		status = store_public_label(db, number, &label);
	if (status == STORE_OK)
		status = put_rows(mirror, 1, mirror->version);
	if (status != STORE_OK)
		return status;
	table_begin(mirror->table);
	bool done = table_put_label(mirror->table, number, label.label);
	table_end(mirror->table, mirror->version);
	return done ? STORE_OK : STORE_FAILED;
}

/* STORE_NONE: the changes since its version are not kept any more; it must be loaded anew. */
static enum store_status follow_directory(struct db *db, struct mirror *mirror)
{
	struct change changes[FOLLOW_PAGE];
	int64_t gone = 0, newest = 0;
	size_t n = 0;
	enum store_status status = store_public_version(db, &newest);

	if (status == STORE_OK && newest == mirror->version)
		return STORE_OK;
	if (status == STORE_OK)
		status = store_follow_gone(db, FOLLOW_DIRECTORY, &gone);
	if (status == STORE_OK && (gone > mirror->version || newest < mirror->version))
		return STORE_NONE;
	if (status == STORE_OK)
		status = store_follow_read(db, &directory, mirror->version, FOLLOW_PAGE, changes,
					   &n);
	for (size_t i = 0; status == STORE_OK && i < n; i++)
		status = change_is_brand(&changes[i]) ? apply_brand(db, mirror, changes[i].object)
						      : apply_number(db, mirror, changes[i].object);
	if (status != STORE_OK || n == 0)
		return status;
	mirror->version = changes[n - 1].serial;
	mirror->more = mirror->version < newest;
	table_begin(mirror->table);
	table_end(mirror->table, mirror->version);
	return STORE_OK;
}

static enum store_status follow_intents(struct db *db, struct mirror *mirror)
{
	int64_t gone = 0, newest = 0;
	size_t n = 0;
	enum store_status status = store_events_serial(db, &newest);

	if (status == STORE_OK && newest == mirror->events)
		return STORE_OK;
	if (status == STORE_OK)
		status = store_follow_gone(db, FOLLOW_TENANT, &gone);
	if (status == STORE_OK && (gone > mirror->events || newest < mirror->events))
		return STORE_NONE;
	if (status == STORE_OK)
		status = store_recall_announced(db, mirror->events, RECALLS, mirror->intents, &n);
	if (status == STORE_OK)
		status = add_intents(mirror, n);
	if (status != STORE_OK)
		return status;
	mirror->more = mirror->more || n == RECALLS;
	mirror->events = n == RECALLS ? mirror->intents[n - 1].serial : newest;
	return STORE_OK;
}

static enum store_status follow_reports(struct db *db, struct mirror *mirror)
{
	size_t n = 0;
	enum store_status status =
		store_recall_reports(db, mirror->reports, RECALLS, mirror->numbers, &n);

	if (status == STORE_OK)
		status = add_scores(mirror, n);
	if (status != STORE_OK || n == 0)
		return status;
	mirror->more = mirror->more || n == RECALLS;
	mirror->reports = mirror->numbers[n - 1].serial;
	return STORE_OK;
}

/* One state of the database. */
static enum store_status follow(struct db *db, void *magic)
{
	struct mirror *mirror = magic;
	enum store_status status;

	mirror->more = false;
	status = follow_directory(db, mirror);
	if (status == STORE_OK)
		status = follow_intents(db, mirror);
	return status == STORE_OK ? follow_reports(db, mirror) : status;
}

static void look(struct mirror *mirror)
{
	enum store_status status;
	uint64_t changes;
	int64_t at_ms;

	do {
		/* before it reads: what is committed from now on it may miss */
		changes = recall_changes(mirror->recall);
		at_ms = feed_clock_ms();
		mirror->more = false;
		status = db_transact(mirror->db, &reading, mirror->version < 0 ? load : follow,
				     mirror);
		if (status == STORE_NONE)
			mirror->version = -1;
	} while (!has_ended(mirror) &&
		 (status == STORE_NONE || (status == STORE_OK && mirror->more)));
	if (status == STORE_OK && !has_ended(mirror))
		recall_current(mirror->recall, changes, at_ms);
	if (status != STORE_OK && !mirror->failed && mirror->params.log != NULL)
		log_event(mirror->params.log, LOG_WARNING, "mirror.failed",
			  F_STR("why", db_error(mirror->db)));
	mirror->failed = status != STORE_OK;
}

static struct timespec moment(int64_t ms)
{
	return (struct timespec){ms / 1000, ms % 1000 * 1000000};
}

/* Until it is told, or for MIRROR_MS; those who tell often wait for a look together. */
static void rest(struct mirror *mirror, int64_t looked_ms)
{
	const struct timespec until = moment(looked_ms + MIRROR_MS),
			      earliest = moment(feed_clock_ms() + MIRROR_REST_MS);
	int code = 0;

	pthread_mutex_lock(&mirror->mutex);
	while (!mirror->ended && !mirror->told && code != ETIMEDOUT)
		code = pthread_cond_timedwait(&mirror->wake, &mirror->mutex, &until);
	code = 0;
	while (!mirror->ended && code != ETIMEDOUT)
		code = pthread_cond_timedwait(&mirror->wake, &mirror->mutex, &earliest);
	mirror->told = false;
	pthread_mutex_unlock(&mirror->mutex);
}

static void *run(void *magic)
{
	struct mirror *mirror = magic;
	int64_t forget_ms = 0;

	while (!has_ended(mirror)) {
		int64_t looked_ms = feed_clock_ms();
		look(mirror);
		if (looked_ms >= forget_ms) {
			int64_t now_ms = mirror->params.now_ms(mirror->params.magic);
			recall_forget(mirror->recall, now_ms - FORGET_MS);
			forget_ms = looked_ms + FORGET_EACH_MS;
		}
		rest(mirror, looked_ms);
	}
	return NULL;
}

static void free_mirror(struct mirror *mirror)
{
	store_leave(mirror->db);
	recall_free(mirror->recall);
	table_free(mirror->table);
	pthread_cond_destroy(&mirror->wake);
	pthread_mutex_destroy(&mirror->mutex);
	free(mirror);
}

struct mirror *mirror_start(const struct mirror_params *params, char *err, size_t size)
{
	struct mirror *mirror = calloc(1, sizeof *mirror);
	pthread_condattr_t attr;

	snprintf(err, size, "no memory");
	if (mirror == NULL)
		return NULL;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&mirror->mutex, NULL);
	pthread_cond_init(&mirror->wake, &attr);
	pthread_condattr_destroy(&attr);
	mirror->version = -1;
	mirror->params = *params;
	mirror->table = table_new();
	if (mirror->table != NULL)
		mirror->recall = recall_new(mirror->table);
	if (mirror->recall != NULL)
		mirror->db = store_join(params->store, err, size);
	if (mirror->db != NULL) {
		int code = pthread_create(&mirror->thread, NULL, run, mirror);
		if (code == 0)
			return mirror;
		snprintf(err, size, "no thread: %s", strerrordesc_np(code));
	}
	free_mirror(mirror);
	return NULL;
}

void mirror_stop(struct mirror *mirror)
{
	if (mirror == NULL)
		return;
	pthread_mutex_lock(&mirror->mutex);
	mirror->ended = true;
	pthread_cond_signal(&mirror->wake);
	pthread_mutex_unlock(&mirror->mutex);
	pthread_join(mirror->thread, NULL);
	free_mirror(mirror);
}

void mirror_told(struct mirror *mirror)
{
	pthread_mutex_lock(&mirror->mutex);
	mirror->told = true;
	pthread_cond_signal(&mirror->wake);
	pthread_mutex_unlock(&mirror->mutex);
}

void mirror_changed(struct mirror *mirror)
{
	recall_behind(mirror->recall);
	mirror_told(mirror);
}

struct table *mirror_table(struct mirror *mirror)
{
	return mirror->table;
}

struct recall *mirror_recall(struct mirror *mirror)
{
	return mirror->recall;
}
