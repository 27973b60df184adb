/* SPDX-License-Identifier: Apache-2.0 */
/* Lines to fields, fields to events. */
#include "sse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void begin_event(struct sse *sse)
{
	sse->data_len = 0;
	sse->has_data = false;
	sse->kind[0] = 0;
}

void sse_begin(struct sse *sse)
{
	begin_event(sse);
	sse->line_len = 0;
	sse->after_cr = false;
}

/* Each data line is a line of the text. */
static bool add_data(struct sse *sse, const char *value, size_t len)
{
	if (sse->data_len + len + sse->has_data > CALLERID_EVENT_DATA_MAX)
		return false;
	if (sse->has_data)
		sse->data[sse->data_len++] = '\n';
	memcpy(sse->data + sse->data_len, value, len);
	sse->data_len += len;
	sse->has_data = true;
	return true;
}

static void set_text(char *to, size_t size, const char *value, size_t len)
{
	if (len >= size)
		len = 0; /* none of ours: an id that is cut would be another one */
	memcpy(to, value, len);
	to[len] = 0;
}

static void set_retry(struct sse *sse, const char *value, size_t len)
{
	long ms = 0;

	for (size_t i = 0; i < len && i < 7; i++) {
		if (value[i] < '0' || value[i] > '9')
			return;
		ms = ms * 10 + (value[i] - '0');
	}
	sse->retry_ms = ms;
}

/* "name: value"; what begins with a colon is a comment, and other names mean nothing. */
static bool take_field(struct sse *sse)
{
	const char *line = sse->line, *colon = memchr(line, ':', sse->line_len);
	size_t name = colon ? (size_t)(colon - line) : sse->line_len;
	const char *value = colon ? colon + 1 : line + sse->line_len;
	size_t len = sse->line_len - (size_t)(value - line);

	if (len > 0 && value[0] == ' ') {
		value++;
		len--;
	}
	if (name == 4 && memcmp(line, "data", 4) == 0)
		return add_data(sse, value, len);
	if (name == 5 && memcmp(line, "event", 5) == 0)
		set_text(sse->kind, sizeof(sse->kind), value, len);
	else if (name == 2 && memcmp(line, "id", 2) == 0 && !memchr(value, 0, len))
		set_text(sse->id, sizeof(sse->id), value, len);
	else if (name == 5 && memcmp(line, "retry", 5) == 0)
		set_retry(sse, value, len);
	return true;
}

/* An empty line ends an event; one without data is none. */
static enum sse_status end_line(struct sse *sse, sse_event *event, void *magic)
{
	bool wanted = true;

	if (sse->line_len > 0) {
		bool taken = take_field(sse);
		sse->line_len = 0;
		return taken ? SSE_MORE : SSE_BROKEN;
	}
	if (sse->has_data) {
		sse->data[sse->data_len] = 0;
		const struct callerid_event one = {sse->id, sse->kind[0] ? sse->kind : "message",
						   sse->data, sse->data_len};
		wanted = event(magic, &one);
	}
	begin_event(sse);
	return wanted ? SSE_MORE : SSE_ENOUGH;
}

enum sse_status sse_take(struct sse *sse, const char *bytes, size_t len, sse_event *event,
			 void *magic)
{
	enum sse_status status = SSE_MORE;

	for (size_t i = 0; i < len && status == SSE_MORE; i++) {
		char c = bytes[i];
		bool rest = sse->after_cr && c == '\n';

		sse->after_cr = c == '\r';
		if (rest)
			continue;
		if (c == '\r' || c == '\n')
			status = end_line(sse, event, magic);
		else if (sse->line_len == sizeof(sse->line))
			status = SSE_BROKEN;
		else
			sse->line[sse->line_len++] = c;
	}
	return status;
}
