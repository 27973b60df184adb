/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/lists: signed lists of a region, whole or what changed. */
#include "svc/registry/api/api.h"
#include "svc/registry/api/follow.h"
#include "svc/registry/push/lists.h"
#include "svc/registry/store/public.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACHE	  "public, max-age=60"
#define DELTA_MAX 5000 /* numbers of one delta; who is further behind reads the full list */

static const struct follow_scope directory = {.kind = FOLLOW_DIRECTORY};

static void refuse(struct http_call *call, enum lists_status status)
{
	static const enum problem problems[] = {
		[LISTS_OK] = PROBLEM_INTERNAL,
		[LISTS_NONE] = PROBLEM_NOT_FOUND,
		[LISTS_BUSY] = PROBLEM_BUSY,
		[LISTS_FAILED] = PROBLEM_INTERNAL,
	};

	http_reply_problem(call, problems[status], NULL);
}

static void set_headers(struct http_call *call, int64_t version, const char *jws)
{
	snprintf(call->answer.etag, sizeof call->answer.etag, "\"%" PRId64 "\"", version);
	snprintf(call->answer.signature, sizeof call->answer.signature, "%s", jws);
	call->answer.cache = CACHE;
}

void api_lists_describe(struct http_call *call)
{
	struct regions *regions = malloc(sizeof *regions);
	enum lists_status status =
		regions != NULL ? lists_regions(call->env->lists, feed_clock_ms(), regions)
				: LISTS_FAILED;
	json_t *items = json_array();

	for (size_t i = 0; status == LISTS_OK && i < regions->n; i++)
		json_array_append_new(items,
				      json_pack("{s:s, s:I}", "region", regions->list[i].region,
						"entries", (json_int_t)regions->list[i].entries));
	if (status == LISTS_OK) {
		http_reply_json(call, 200,
				json_pack("{s:I, s:o}", "version", (json_int_t)regions->version,
					  "regions", items));
		set_headers(call, regions->version, "");
	} else {
		json_decref(items);
		refuse(call, status);
	}
	free(regions);
}

/* Many phones read one list at once: the bytes are shared, not copied. */
struct sending {
	struct lists *lists;
	struct list_text *text;
	size_t sent;
};

static void attach_list(void *magic, struct stream *stream)
{
	(void)magic;
	(void)stream;
}

static ssize_t read_list(void *magic, char *buffer_out, size_t size)
{
	struct sending *sending = magic;
	size_t left = sending->text->len - sending->sent;
	size_t n = left < size ? left : size;

	if (n == 0)
		return -1;
	memcpy(buffer_out, sending->text->text + sending->sent, n);
	sending->sent += n;
	return (ssize_t)n;
}

static void free_list(void *magic)
{
	struct sending *sending = magic;

	lists_give(sending->lists, sending->text);
	free(sending);
}

void api_lists_full(struct http_call *call)
{
	struct list_text *text;
	char etag[32];
	enum lists_status status =
		lists_full(call->env->lists, call->param, feed_clock_ms(), &text);

	if (status != LISTS_OK) {
		refuse(call, status);
		return;
	}
	snprintf(etag, sizeof etag, "\"%" PRId64 "\"", text->version);
	struct sending *sending = calloc(1, sizeof *sending);
	if (sending == NULL || http_is_unchanged(call, etag)) {
		free(sending);
		lists_give(call->env->lists, text);
		if (sending == NULL)
			http_reply_problem(call, PROBLEM_INTERNAL, NULL);
		return;
	}
	*sending = (struct sending){call->env->lists, text, 0};
	const struct http_source source = {attach_list, read_list, free_list, sending};
	http_reply_source(call, "application/json", &source);
	set_headers(call, text->version, text->jws);
}

struct delta {
	struct http_call *call;
	const char *region;
	int64_t since, version;
	size_t n;
	bool full;
	struct block numbers[DELTA_MAX];
	json_t *add, *remove;
};

/* false: too many. */
static bool note_one(struct delta *delta, const char *number)
{
	if (!region_has(delta->region, number))
		return true;
	if (delta->n == DELTA_MAX)
		return false;
	snprintf(delta->numbers[delta->n++].text, sizeof delta->numbers[0].text, "%s", number);
	return true;
}

static bool note_part(void *magic, const struct table_view *view)
{
	struct delta *delta = magic;

	delta->full = !note_one(delta, view->number);
	return !delta->full;
}

/* With a block, what must or need not hide it from now on. STORE_NONE: too many. */
static enum store_status note(struct delta *delta, const char *number)
{
	if (!note_one(delta, number))
		return STORE_NONE;
	if (block_size(number) > 1)
		(void)table_each_hidden(delta->call->env->table, number, note_part, delta);
	return delta->full ? STORE_NONE : STORE_OK;
}

static enum store_status note_brand(struct db *db, struct delta *delta, const char *brand)
{
	struct directory_row *rows = calloc(DIRECTORY_PAGE, sizeof *rows);
	enum store_status status = rows != NULL ? STORE_OK : STORE_FAILED;
	int64_t after = 0;
	size_t n = DIRECTORY_PAGE;

	while (status == STORE_OK && n == DIRECTORY_PAGE) {
		status = store_directory_of_brand(db, brand, after, rows, &n);
		for (size_t i = 0; status == STORE_OK && i < n; i++) {
			after = rows[i].serial;
			status = note(delta, rows[i].number);
		}
	}
	free(rows);
	return status;
}

/* The numbers of the region that changed between since and the table's version. STORE_NONE: they
 * are too many, or not kept. */
static enum store_status find_changes(struct db *db, struct delta *delta)
{
	struct change changes[FOLLOW_PAGE];
	int64_t after = delta->since, gone = 0;
	size_t n = FOLLOW_PAGE, looked = 0;
	enum store_status status = store_follow_gone(db, FOLLOW_DIRECTORY, &gone);

	if (status == STORE_OK && (delta->since < gone || delta->since > delta->version))
		return STORE_NONE;
	while (status == STORE_OK && n == FOLLOW_PAGE && after < delta->version) {
		status = store_follow_read(db, &directory, after, FOLLOW_PAGE, changes, &n);
		looked += n;
		if (looked > DELTA_MAX)
			return STORE_NONE;
		for (size_t i = 0; status == STORE_OK && i < n; i++) {
			after = changes[i].serial;
			if (after > delta->version)
				break;
			status = change_is_brand(&changes[i])
					 ? note_brand(db, delta, changes[i].object)
					 : note(delta, changes[i].object);
		}
	}
	return status;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct block *)a)->text, ((const struct block *)b)->text);
}

static bool show(void *magic, const struct table_view *view)
{
	struct delta *delta = magic;

	lists_add(view, delta->add, delta->remove);
	return true;
}

static void reply_delta(struct delta *delta)
{
	struct http_call *call = delta->call;
	char jws[SIGNATURE_JWS_MAX + 1];

	qsort(delta->numbers, delta->n, sizeof delta->numbers[0], compare);
	delta->add = json_array();
	delta->remove = json_array();
	for (size_t i = 0; i < delta->n; i++) {
		if (i == 0 || compare(&delta->numbers[i], &delta->numbers[i - 1]) != 0)
			(void)table_find(call->env->table, delta->numbers[i].text, show, delta);
	}
	char *text = lists_render(delta->region, delta->version, delta->since, delta->add,
				  delta->remove);
	if (text == NULL || !signature_detached(call->env->signature, text, strlen(text), jws)) {
		free(text);
		http_reply_problem(call, PROBLEM_INTERNAL, NULL);
		return;
	}
	http_reply_bytes(call, "application/json", CACHE, text, strlen(text));
	set_headers(call, delta->version, jws);
}

void api_lists_delta(struct http_call *call)
{
	struct table_state state;
	int64_t since;

	if (!follow_read_since(call, &since))
		return;
	table_state(call->env->table, &state);
	if (!region_is(call->param) || since < 0 || state.version < 0) {
		http_reply_problem(call,
				   !region_is(call->param) ? PROBLEM_NOT_FOUND
				   : since < 0		   ? PROBLEM_QUERY_NOT_ALLOWED
							   : PROBLEM_BUSY,
				   NULL);
		return;
	}
	struct delta *delta = calloc(1, sizeof *delta);
	if (delta == NULL) {
		http_reply_problem(call, PROBLEM_INTERNAL, NULL);
		return;
	}
	delta->call = call;
	delta->region = call->param;
	delta->since = since;
	delta->version = state.version;
	enum store_status status = find_changes(call->db, delta);
	if (status == STORE_OK)
		reply_delta(delta);
	else if (status == STORE_NONE)
		http_reply_problem(call, PROBLEM_VERSION_GONE, NULL);
	else
		http_reply_store(call, status);
	free(delta);
}
