/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/stream: changes as server-sent events (the WHATWG's "text/event-stream"). */
#include "svc/registry/api/api.h"
#include "svc/registry/api/follow.h"
#include "svc/registry/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEARTBEAT_MS 15000
#define AGAIN_MS     1000 /* after the database did not answer */
#define ENOUGH	     4096 /* bytes that are made at once; one more event may come on top */

struct sse {
	struct reader *reader;
	bool lost, ended;
	int64_t beat_ms; /* when a comment is due */
	char *text;	 /* what is to be sent; NULL: nothing */
	size_t len, sent;
};

static void write_event(FILE *out, const struct reader *reader, struct change *change)
{
	char id[READER_POSITION_MAX];

	reader_position_write(&reader->at, id);
	fprintf(out, "id: %s\nevent: %s\ndata: %s\n\n", id, change->name, change->data);
	follow_count(reader->params.env, change, "stream");
	change_clear(change);
}

static void write_reset(const struct sse *sse, FILE *out)
{
	const struct http_env *env = sse->reader->params.env;
	const struct metric_labels none = {{NULL}};

	fputs("event: reset\ndata: {}\n\n", out);
	if (env->metrics != NULL)
		metrics_add(env->metrics, METRIC_RESETS, &none, 1);
}

/* false: that was the last. */
static bool write_some(struct sse *sse, FILE *out)
{
	enum reader_status status = sse->lost ? READER_RESET : READER_CHANGE;
	struct change change;

	while (status == READER_CHANGE && ftell(out) < ENOUGH) {
		status = reader_next(sse->reader, &change);
		if (status == READER_CHANGE)
			write_event(out, sse->reader, &change);
	}
	if (status == READER_RESET)
		write_reset(sse, out);
	if (status == READER_BUSY)
		reader_wake_in(sse->reader, AGAIN_MS);
	if (status == READER_NOTHING)
		reader_wake_in(sse->reader, sse->beat_ms - feed_clock_ms());
	return status != READER_RESET && status != READER_ENDED;
}

static void fill(struct sse *sse)
{
	FILE *out;

	free(sse->text);
	sse->text = NULL;
	sse->len = sse->sent = 0;
	out = open_memstream(&sse->text, &sse->len);
	if (out == NULL) {
		sse->ended = true;
		return;
	}
	/* the headers reach the client with the first bytes of the body */
	if (sse->beat_ms == 0)
		fputs("retry: 2000\n\n", out);
	else if (feed_clock_ms() >= sse->beat_ms)
		fputs(":\n\n", out);
	if (ftell(out) > 0)
		sse->beat_ms = feed_clock_ms() + HEARTBEAT_MS;
	sse->ended = !write_some(sse, out);
	sse->ended = fclose(out) != 0 || sse->ended;
}

static ssize_t read_sse(void *magic, char *buffer_out, size_t size)
{
	struct sse *sse = magic;

	if (sse->sent == sse->len && !sse->ended)
		fill(sse);
	size_t left = sse->len - sse->sent;
	size_t n = left < size ? left : size;
	if (n == 0)
		return sse->ended ? -1 : 0;
	memcpy(buffer_out, sse->text + sse->sent, n);
	sse->sent += n;
	return (ssize_t)n;
}

static void attach_sse(void *magic, struct stream *stream)
{
	reader_begin(((struct sse *)magic)->reader, stream);
}

static void free_sse(void *magic)
{
	struct sse *sse = magic;

	reader_end(sse->reader);
	free(sse->reader);
	free(sse->text);
	free(sse);
}

void api_stream_get(struct http_call *call)
{
	struct sse *sse = calloc(1, sizeof *sse);
	struct reader *reader = sse != NULL ? follow_reader(call, &sse->lost) : NULL;
	const struct http_source source = {attach_sse, read_sse, free_sse, sse};

	if (reader == NULL) {
		free(sse); /* none: the frame answers that nothing was answered */
		return;
	}
	sse->reader = reader;
	http_reply_source(call, "text/event-stream", &source);
}
