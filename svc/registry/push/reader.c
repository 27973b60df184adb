/* SPDX-License-Identifier: Apache-2.0 */
/* Reading on from a position. */
#include "svc/registry/push/reader.h"

#include "svc/registry/push/entry.h"
#include "svc/registry/store/events.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS	   100 /* for a connection; a stream can wait longer than a request */
#define DIGITS_MAX 19

static const struct db_scope reading = {DB_READ, DB_ACROSS, ""};

/* false: no digits, or more than an int64_t holds. */
static bool parse_number(const char **text, int64_t *number_out)
{
	size_t len = strspn(*text, "0123456789");

	if (len == 0 || len > DIGITS_MAX - 1)
		return false;
	*number_out = (int64_t)strtoll(*text, NULL, 10);
	*text += len;
	return true;
}

bool reader_position_parse(const char *text, struct reader_position *position_out)
{
	struct reader_position position = {0, 0};

	if (!parse_number(&text, &position.serial))
		return false;
	if (*text == '-') {
		text++;
		if (!parse_number(&text, &position.part))
			return false;
	}
	if (*text != '\0')
		return false;
	*position_out = position;
	return true;
}

void reader_position_write(const struct reader_position *position,
			   char text_out[READER_POSITION_MAX])
{
	if (position->part == 0)
		snprintf(text_out, READER_POSITION_MAX, "%" PRId64, position->serial);
	else
		snprintf(text_out, READER_POSITION_MAX, "%" PRId64 "-%" PRId64, position->serial,
			 position->part);
}

void reader_begin(struct reader *reader, struct stream *stream)
{
	const struct reader_params *params = &reader->params;
	struct feed_follow follow = {.scope = params->scope, .expires_ms = params->expires_ms};

	memcpy(follow.key, params->key, sizeof follow.key);
	reader->at = params->from;
	/* a change of which a part was seen has yet to be seen */
	follow.after = params->from.serial - (params->from.part > 0);
	reader->follower = feed_follow(params->env->feed, &follow, stream);
}

static enum store_status run(struct reader *reader, db_work *work)
{
	struct store *store = reader->params.env->store;
	struct db *db = store_take(store, WAIT_MS);

	if (db == NULL)
		return STORE_BUSY;
	enum store_status status = db_transact(db, &reading, work, reader);
	if (status != STORE_OK)
		snprintf(reader->why, sizeof reader->why, "%s", db_error(db));
	store_give(store, db);
	return status;
}

static void clear_page(struct reader *reader)
{
	while (reader->next < reader->n)
		change_clear(&reader->page[reader->next++]);
	reader->next = reader->n = 0;
	free(reader->page);
	reader->page = NULL;
}

static enum store_status new_page(struct reader *reader)
{
	clear_page(reader);
	reader->page = calloc(FOLLOW_PAGE, sizeof *reader->page);
	return reader->page != NULL ? STORE_OK : STORE_FAILED;
}

static enum store_status set_entry(struct reader *reader, struct change *change,
				   const struct directory_row *row)
{
	change->data = entry_text(row, reader->params.env->public_url);
	return change->data != NULL ? STORE_OK : STORE_FAILED;
}

_Static_assert(DIRECTORY_PAGE <= FOLLOW_PAGE, "a page of either fits");

/* The next numbers of the brand; an empty page: that was all. */
static enum store_status read_brand(struct db *db, void *magic)
{
	struct reader *reader = magic;
	struct directory_row *rows = calloc(DIRECTORY_PAGE, sizeof *rows);
	size_t n = 0;

	enum store_status status = rows != NULL ? new_page(reader) : STORE_FAILED;
	if (status == STORE_OK)
		status = store_directory_of_brand(db, reader->brand, reader->at.part, rows, &n);
	for (size_t i = 0; status == STORE_OK && i < n; i++) {
		struct change *change = &reader->page[reader->n];
		*change = reader->pending;
		change->part = rows[i].serial;
		memcpy(change->object, rows[i].number, sizeof rows[i].number);
		status = set_entry(reader, change, &rows[i]);
		reader->n += status == STORE_OK;
	}
	free(rows);
	return status;
}

/* The page ends in front of a brand, which is read by itself, unless it begins with one. */
static enum store_status end_page(struct db *db, struct reader *reader, size_t n)
{
	enum store_status status = STORE_OK;

	for (size_t i = 0; i < n; i++) {
		struct change *change = &reader->page[i];
		struct directory_row row;
		if (change->kind != FOLLOW_DIRECTORY)
			continue;
		if (change_is_brand(change)) {
			reader->page_end = i > 0 ? reader->page[i - 1].serial : 0;
			reader->n = i > 0 ? i : 1;
			return STORE_OK;
		}
		status = store_directory_get(db, change->object, &row);
		if (status == STORE_OK)
			status = set_entry(reader, change, &row);
		if (status != STORE_OK)
			break;
	}
	return status;
}

static enum store_status check_distance(struct db *db, struct reader *reader, int64_t after)
{
	int64_t gone = 0;
	size_t unread = 0;
	enum store_status status = store_follow_gone(db, reader->params.scope.kind, &gone);

	if (status == STORE_OK && gone > after)
		return STORE_NONE;
	if (status != STORE_OK || reader->params.patient)
		return status;
	status = store_follow_count(db, &reader->params.scope, after, READER_BEHIND_MAX + 1,
				    &unread);
	return status == STORE_OK && unread > READER_BEHIND_MAX ? STORE_NONE : status;
}

/* STORE_NONE: too far behind. */
static enum store_status read_page(struct db *db, void *magic)
{
	struct reader *reader = magic;
	int64_t after = feed_position(reader->params.env->feed, reader->follower);
	size_t n = 0;

	enum store_status status = new_page(reader);
	if (status == STORE_OK)
		status = check_distance(db, reader, after);
	if (status == STORE_OK)
		status = store_events_serial(db, &reader->page_end);
	if (status == STORE_OK)
		status = store_follow_read(db, &reader->params.scope, after, FOLLOW_PAGE,
					   reader->page, &n);
	if (status != STORE_OK)
		return status;
	reader->n = n;
	if (n == FOLLOW_PAGE)
		reader->page_end = reader->page[n - 1].serial;
	return end_page(db, reader, n);
}

static enum reader_status failed(struct reader *reader, enum store_status status)
{
	clear_page(reader);
	if (status == STORE_NONE)
		return READER_RESET;
	if (status != STORE_BUSY && reader->params.env->log != NULL)
		log_event(reader->params.env->log, LOG_ERROR, "follower.failed",
			  F_STR("why", reader->why));
	return READER_BUSY;
}

/* A brand's change is given as those of its numbers. */
static void open_brand(struct reader *reader, const struct change *change)
{
	bool resumed = reader->at.serial == change->serial && reader->at.part > 0;

	reader->pending = *change;
	memcpy(reader->brand, change->object, sizeof reader->brand);
	reader->at = (struct reader_position){change->serial, resumed ? reader->at.part : 0};
}

static void close_brand(struct reader *reader)
{
	reader->brand[0] = '\0';
	reader->at = (struct reader_position){reader->pending.serial, 0};
	feed_seen(reader->params.env->feed, reader->follower, reader->pending.serial);
}

/* false: it was a brand's, which is open now. */
static bool take(struct reader *reader, const struct change *change, struct change *change_out)
{
	if (change_is_brand(change)) {
		open_brand(reader, change);
		return false;
	}
	reader->at = (struct reader_position){change->serial, change->part};
	*change_out = *change;
	return true;
}

static bool take_from_page(struct reader *reader, struct change *change_out)
{
	struct change change = reader->page[reader->next++];

	reader->page[reader->next - 1].data = NULL;
	if (!take(reader, &change, change_out)) {
		clear_page(reader);
		return false;
	}
	if (reader->next < reader->n)
		return true;
	clear_page(reader);
	if (reader->brand[0] == '\0')
		feed_seen(reader->params.env->feed, reader->follower, reader->page_end);
	return true;
}

/* Fills the page. READER_CHANGE: go on. */
static enum reader_status turn_page(struct reader *reader)
{
	bool brand = reader->brand[0] != '\0';

	if (feed_is_over(reader->params.env->feed, reader->follower))
		return READER_ENDED;
	enum store_status status = run(reader, brand ? read_brand : read_page);

	if (status != STORE_OK)
		return failed(reader, status);
	if (reader->n == 0 && brand)
		close_brand(reader);
	else if (reader->n == 0)
		feed_seen(reader->params.env->feed, reader->follower, reader->page_end);
	if (reader->n == 0)
		clear_page(reader);
	return READER_CHANGE;
}

enum reader_status reader_next(struct reader *reader, struct change *change_out)
{
	if (reader->follower == NULL)
		return READER_ENDED;
	for (;;) {
		struct change change;
		if (reader->next < reader->n) {
			if (take_from_page(reader, change_out))
				return READER_CHANGE;
			continue;
		}
		enum feed_status status =
			reader->brand[0] != '\0'
				? FEED_BEHIND
				: feed_next(reader->params.env->feed, reader->follower, &change);
		if (status == FEED_ENDED)
			return READER_ENDED;
		if (status == FEED_NOTHING)
			return READER_NOTHING;
		if (status == FEED_CHANGE && take(reader, &change, change_out))
			return READER_CHANGE;
		enum reader_status turned =
			status == FEED_BEHIND ? turn_page(reader) : READER_CHANGE;
		if (turned != READER_CHANGE)
			return turned;
	}
}

struct reader_position reader_position(const struct reader *reader)
{
	struct reader_position at = reader->at;

	if (reader->follower == NULL || reader->brand[0] != '\0' || reader->next < reader->n)
		return at;
	int64_t seen = feed_position(reader->params.env->feed, reader->follower);
	return seen > at.serial ? (struct reader_position){seen, 0} : at;
}

void reader_wake_in(struct reader *reader, int64_t ms)
{
	if (reader->follower != NULL)
		feed_wake_at(reader->params.env->feed, reader->follower, feed_clock_ms() + ms);
}

void reader_end(struct reader *reader)
{
	clear_page(reader);
	feed_forget(reader->params.env->feed, reader->follower);
	reader->follower = NULL;
}
