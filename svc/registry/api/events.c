/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/events: changes by long polling; while it waits no thread and no connection of the
 * database waits with it. */
#include "svc/registry/api/api.h"
#include "svc/registry/api/follow.h"
#include "svc/registry/api/render.h"

#include <stdlib.h>
#include <string.h>

#define WAIT_S_MAX 30
#define ITEMS_MAX  100

struct poll {
	struct reader *reader;
	int64_t until_ms;
	json_t *items;
	char *text; /* the answer; NULL: not yet */
	size_t len, sent;
};

static json_t *render(const struct reader *reader, struct change *change)
{
	json_t *data = json_loads(change->data, JSON_DECODE_ANY, NULL);
	char object[CHANGE_OBJECT_MAX + 1];

	memcpy(object, change->object, sizeof object);
	if (change->kind == FOLLOW_DIRECTORY)
		block_first(change->object, object);
	follow_count(reader->params.env, change, "poll");
	change_clear(change);
	return json_pack("{s:I, s:s, s:s, s:o, s:o}", "serial", (json_int_t)change->serial, "kind",
			 change->name, "object", object, "at", render_time(change->at_ms), "data",
			 data != NULL ? data : json_null());
}

static void answer(struct poll *poll)
{
	struct reader_position at = reader_position(poll->reader);
	char next[READER_POSITION_MAX];

	reader_position_write(&at, next);
	json_t *json = json_pack("{s:O, s:s}", "items", poll->items, "next", next);
	poll->text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
	poll->len = poll->text != NULL ? strlen(poll->text) : 0;
	json_decref(json);
}

/* false: nothing yet, and there is time. */
static bool fill(struct poll *poll)
{
	enum reader_status status = READER_CHANGE;
	struct change change;

	while (status == READER_CHANGE && json_array_size(poll->items) < ITEMS_MAX) {
		status = reader_next(poll->reader, &change);
		if (status == READER_CHANGE)
			json_array_append_new(poll->items, render(poll->reader, &change));
	}
	int64_t left_ms = poll->until_ms - feed_clock_ms();
	if (status == READER_NOTHING && json_array_size(poll->items) == 0 && left_ms > 0) {
		reader_wake_in(poll->reader, left_ms);
		return false;
	}
	answer(poll);
	return true;
}

static ssize_t read_poll(void *magic, char *buffer_out, size_t size)
{
	struct poll *poll = magic;

	if (poll->text == NULL && !fill(poll))
		return 0;
	size_t left = poll->len - poll->sent;
	size_t n = left < size ? left : size;
	if (n == 0)
		return -1;
	memcpy(buffer_out, poll->text + poll->sent, n);
	poll->sent += n;
	return (ssize_t)n;
}

static void attach_poll(void *magic, struct stream *stream)
{
	reader_begin(((struct poll *)magic)->reader, stream);
}

static void free_poll(void *magic)
{
	struct poll *poll = magic;

	reader_end(poll->reader);
	free(poll->reader);
	json_decref(poll->items);
	free(poll->text);
	free(poll);
}

static bool read_wait(struct http_call *call, int64_t *wait_ms_out)
{
	const char *text = call->query(call, "wait_s");
	char *end;

	*wait_ms_out = 0;
	if (text == NULL)
		return true;
	unsigned long wait_s = strtoul(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && wait_s <= WAIT_S_MAX) {
		*wait_ms_out = (int64_t)wait_s * 1000;
		return true;
	}
	http_reply_problem(call, PROBLEM_QUERY_NOT_ALLOWED, "wait_s is a number from 0 to 30.");
	return false;
}

void api_events_get(struct http_call *call)
{
	int64_t wait_ms;
	bool lost = false;

	if (!read_wait(call, &wait_ms))
		return;
	struct reader *reader = follow_reader(call, &lost);
	if (reader == NULL)
		return;
	struct poll *poll = calloc(1, sizeof *poll);
	if (lost || poll == NULL) {
		free(reader);
		free(poll);
		http_reply_problem(call, lost ? PROBLEM_VERSION_GONE : PROBLEM_INTERNAL, NULL);
		return;
	}
	const struct http_source source = {attach_poll, read_poll, free_poll, poll};
	reader->params.patient = true;
	poll->reader = reader;
	poll->items = json_array();
	poll->until_ms = feed_clock_ms() + wait_ms;
	http_reply_source(call, "application/json", &source);
}
