/* SPDX-License-Identifier: Apache-2.0 */
/* Lines to fields, fields to events. */
#include "sse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY_MAX_MS 3600000

static const unsigned char mark[] = {0xef, 0xbb, 0xbf}; /* U+FEFF in UTF-8 */

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
	sse->marked = 0;
	memcpy(sse->next_id, sse->id, sizeof(sse->id));
}

void sse_set_id(struct sse *sse, const char *id)
{
	snprintf(sse->id, sizeof(sse->id), "%s", id);
	memcpy(sse->next_id, sse->id, sizeof(sse->id));
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

/* What does not fit is none of ours, and would be another one when it is cut. */
static void set_text(char *to, size_t size, const char *value, size_t len)
{
	if (len >= size)
		return;
	memcpy(to, value, len);
	to[len] = 0;
}

/* "If the field value consists of only ASCII digits": else the field is ignored. */
static void set_retry(struct sse *sse, const char *value, size_t len)
{
	long ms = 0;

	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9')
			return;
		if (ms < RETRY_MAX_MS)
			ms = ms * 10 + (value[i] - '0');
	}
	if (len > 0)
		sse->retry_ms = ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
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
		set_text(sse->next_id, sizeof(sse->next_id), value, len);
	else if (name == 5 && memcmp(line, "retry", 5) == 0)
		set_retry(sse, value, len);
	return true;
}

/* An empty line ends an event; one without data is none, but its id counts. */
static enum sse_status end_line(struct sse *sse, sse_event *event, void *magic)
{
	bool wanted = true;

	if (sse->line_len > 0) {
		bool taken = take_field(sse);
		sse->line_len = 0;
		return taken ? SSE_MORE : SSE_BROKEN;
	}
	memcpy(sse->id, sse->next_id, sizeof(sse->id));
	if (sse->has_data) {
		sse->data[sse->data_len] = 0;
		const struct callerid_event one = {sse->id, sse->kind[0] ? sse->kind : "message",
						   sse->data, sse->data_len};
		wanted = event(magic, &one);
	}
	begin_event(sse);
	return wanted ? SSE_MORE : SSE_ENOUGH;
}

/* "One leading U+FEFF BYTE ORDER MARK character must be ignored if any are present." */
static bool is_mark(struct sse *sse, char c)
{
	if (sse->marked == sizeof(mark))
		return false;
	if ((unsigned char)c == mark[sse->marked]) {
		sse->marked++;
		return true;
	}
	/* a line that only begins like one */
	memcpy(sse->line, mark, sse->marked);
	sse->line_len = sse->marked;
	sse->marked = sizeof(mark);
	return false;
}

static enum sse_status take_byte(struct sse *sse, char c, sse_event *event, void *magic)
{
	bool rest = sse->after_cr && c == '\n';

	if (is_mark(sse, c))
		return SSE_MORE;
	sse->after_cr = c == '\r';
	if (rest)
		return SSE_MORE;
	if (c == '\r' || c == '\n')
		return end_line(sse, event, magic);
	if (sse->line_len == sizeof(sse->line))
		return SSE_BROKEN;
	sse->line[sse->line_len++] = c;
	return SSE_MORE;
}

enum sse_status sse_take(struct sse *sse, const char *bytes, size_t len, sse_event *event,
			 void *magic)
{
	enum sse_status status = SSE_MORE;

	for (size_t i = 0; i < len && status == SSE_MORE; i++)
		status = take_byte(sse, bytes[i], event, magic);
	return status;
}
