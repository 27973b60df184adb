/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /v1/snapshot: the whole directory as lines of JSON, or what changed of it. Each page is a
 * transaction of its own, so that no state of the database is held for minutes: an entry may be
 * newer than the serial of the first line, never older, and what changed meanwhile comes with the
 * stream from that serial.
 */
#include "svc/registry/api/api.h"
#include "svc/registry/api/follow.h"
#include "svc/registry/push/entry.h"
#include "svc/registry/store/directory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS 1000 /* for a connection, while the answer is under way */

static const struct db_scope reading = {DB_READ, DB_ACROSS, ""};
static const struct follow_scope directory = {.kind = FOLLOW_DIRECTORY};

struct snapshot {
	const struct http_env *env;
	int64_t since;		/* -1: all */
	int64_t serial;		/* of the beginning */
	int64_t after;		/* a binding's serial, or that of a change */
	char brand[ID_MAX + 1]; /* whose numbers are being written; "": none */
	int64_t part;		/* the last binding of it */
	uint64_t count;
	bool begun, ended;
	struct directory_row rows[DIRECTORY_PAGE];
	size_t n;
	bool last; /* page */
	char *text;
	size_t len, sent;
};

static enum store_status begin(struct db *db, void *magic)
{
	struct snapshot *snapshot = magic;
	int64_t gone = 0;
	enum store_status status = store_events_serial(db, &snapshot->serial);

	if (status == STORE_OK)
		status = store_follow_gone(db, FOLLOW_DIRECTORY, &gone);
	if (status != STORE_OK || snapshot->since < 0)
		return status;
	return snapshot->since < gone || snapshot->since > snapshot->serial ? STORE_NONE : STORE_OK;
}

static enum store_status read_entries(struct db *db, struct snapshot *snapshot)
{
	enum store_status status =
		store_directory_page(db, snapshot->after, snapshot->rows, &snapshot->n);

	snapshot->last = snapshot->n < DIRECTORY_PAGE;
	if (status == STORE_OK && snapshot->n > 0)
		snapshot->after = snapshot->rows[snapshot->n - 1].serial;
	return status;
}

static enum store_status read_brand(struct db *db, struct snapshot *snapshot)
{
	enum store_status status = store_directory_of_brand(db, snapshot->brand, snapshot->part,
							    snapshot->rows, &snapshot->n);

	snapshot->last = false;
	if (status == STORE_OK && snapshot->n < DIRECTORY_PAGE)
		snapshot->brand[0] = '\0';
	else if (status == STORE_OK)
		snapshot->part = snapshot->rows[DIRECTORY_PAGE - 1].serial;
	return status;
}

/* Numbers as they are now, up to a change that is a brand's. */
static enum store_status read_changes(struct db *db, struct snapshot *snapshot)
{
	struct change changes[FOLLOW_PAGE];
	size_t n = 0;
	enum store_status status =
		store_follow_read(db, &directory, snapshot->after, FOLLOW_PAGE, changes, &n);

	snapshot->last = n < FOLLOW_PAGE;
	for (size_t i = 0; status == STORE_OK && i < n && snapshot->brand[0] == '\0'; i++) {
		snapshot->after = changes[i].serial;
		if (change_is_brand(&changes[i])) {
			memcpy(snapshot->brand, changes[i].object, sizeof snapshot->brand);
			snapshot->part = 0;
			snapshot->last = false;
		} else {
			status = store_directory_get(db, changes[i].object,
						     &snapshot->rows[snapshot->n]);
			snapshot->n++;
		}
	}
	return status;
}

static enum store_status read_page(struct db *db, void *magic)
{
	struct snapshot *snapshot = magic;
	int64_t after = snapshot->after, part = snapshot->part;
	char brand[ID_MAX + 1];
	enum store_status status;

	memcpy(brand, snapshot->brand, sizeof brand);
	snapshot->n = 0;
	if (snapshot->since < 0)
		status = read_entries(db, snapshot);
	else if (snapshot->brand[0] != '\0')
		status = read_brand(db, snapshot);
	else
		status = read_changes(db, snapshot);
	if (status != STORE_OK) { /* it may be run again */
		snapshot->after = after;
		snapshot->part = part;
		memcpy(snapshot->brand, brand, sizeof brand);
	}
	return status;
}

static bool load(struct snapshot *snapshot)
{
	struct db *db = store_take(snapshot->env->store, WAIT_MS);

	if (db == NULL)
		return false;
	enum store_status status = db_transact(db, &reading, read_page, snapshot);
	store_give(snapshot->env->store, db);
	return status == STORE_OK;
}

/* false: the answer breaks off, which the missing last line tells. */
static bool write_page(struct snapshot *snapshot, FILE *out)
{
	if (!load(snapshot))
		return false;
	for (size_t i = 0; i < snapshot->n; i++) {
		char *line = entry_text(&snapshot->rows[i], snapshot->env->public_url);
		if (line == NULL)
			return false;
		fprintf(out, "%s\n", line);
		free(line);
		snapshot->count++;
	}
	snapshot->ended = snapshot->last;
	if (snapshot->ended)
		fprintf(out, "{\"end\":%" PRIu64 "}\n", snapshot->count);
	return true;
}

static void fill(struct snapshot *snapshot)
{
	FILE *out;

	free(snapshot->text);
	snapshot->text = NULL;
	snapshot->len = snapshot->sent = 0;
	out = open_memstream(&snapshot->text, &snapshot->len);
	if (out == NULL) {
		snapshot->ended = true;
		return;
	}
	if (!snapshot->begun)
		fprintf(out, "{\"serial\":%" PRId64 "}\n", snapshot->serial);
	snapshot->begun = true;
	while (!snapshot->ended && ftell(out) == 0)
		snapshot->ended = !write_page(snapshot, out) || snapshot->ended;
	snapshot->ended = fclose(out) != 0 || snapshot->ended;
}

static ssize_t read_snapshot(void *magic, char *buffer_out, size_t size)
{
	struct snapshot *snapshot = magic;

	if (snapshot->sent == snapshot->len && !snapshot->ended)
		fill(snapshot);
	size_t left = snapshot->len - snapshot->sent;
	size_t n = left < size ? left : size;
	if (n == 0)
		return -1;
	memcpy(buffer_out, snapshot->text + snapshot->sent, n);
	snapshot->sent += n;
	return (ssize_t)n;
}

/* It never waits, so nobody wakes it. */
static void attach_snapshot(void *magic, struct stream *stream)
{
	(void)magic;
	(void)stream;
}

static void free_snapshot(void *magic)
{
	struct snapshot *snapshot = magic;

	free(snapshot->text);
	free(snapshot);
}

void api_snapshot_get(struct http_call *call)
{
	int64_t since;

	if (!follow_read_since(call, &since))
		return;
	struct snapshot *snapshot = calloc(1, sizeof *snapshot);
	if (snapshot == NULL) {
		http_reply_problem(call, PROBLEM_INTERNAL, NULL);
		return;
	}
	snapshot->env = call->env;
	snapshot->since = since;
	snapshot->after = since > 0 ? since : 0;
	enum store_status status = db_transact(call->db, &reading, begin, snapshot);
	if (status == STORE_OK) {
		const struct http_source source = {attach_snapshot, read_snapshot, free_snapshot,
						   snapshot};
		http_reply_source(call, "application/jsonl", &source);
		return;
	}
	free(snapshot);
	if (status == STORE_NONE)
		http_reply_problem(call, PROBLEM_VERSION_GONE, NULL);
	else
		http_reply_store(call, status);
}
