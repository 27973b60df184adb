/* SPDX-License-Identifier: Apache-2.0 */
/* Server-sent events, by the rules of the WHATWG's HTML ("Interpreting an event stream"). */
#include "sse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LOG_MAX 4096
#define MARK	"\xef\xbb\xbf"

struct reader {
	struct sse sse;
	char log[LOG_MAX]; /* "id|kind|data" of each event, each with a newline */
	size_t events;
	size_t enough; /* after so many; 0: never */
	size_t data_len;
};

static bool keep(void *magic, const struct callerid_event *event)
{
	struct reader *reader = magic;
	size_t n = strlen(reader->log);

	snprintf(reader->log + n, LOG_MAX - n, "%s|%s|%.100s\n", event->id, event->kind,
		 event->data);
	assert_int_equal(strlen(event->data), event->data_len);
	reader->data_len = event->data_len;
	return ++reader->events != reader->enough;
}

static enum sse_status take(struct reader *reader, const char *bytes, size_t len)
{
	return sse_take(&reader->sse, bytes, len, keep, reader);
}

static enum sse_status take_text(struct reader *reader, const char *text)
{
	return take(reader, text, strlen(text));
}

static void start_anew(struct reader *reader)
{
	memset(reader, 0, sizeof(*reader));
	sse_begin(&reader->sse);
}

static int set_up(void **state)
{
	struct reader *reader = malloc(sizeof(*reader));

	if (!reader)
		return 1;
	start_anew(reader);
	*state = reader;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static const struct {
	const char *stream, *events;
} cases[] = {
	{"id: 7\nevent: intent.matched\ndata: {\"a\":1}\n\n", "7|intent.matched|{\"a\":1}\n"},
	{"data: x\n\n", "|message|x\n"},
	/* One space behind the colon is none of the value. */
	{"data:x\n\ndata:  x\n\n", "|message|x\n|message| x\n"},
	/* Each data line is a line. */
	{"data: a\ndata: b\ndata:\ndata: c\n\n", "|message|a\nb\n\nc\n"},
	{"data\n\ndata\ndata\n\n", "|message|\n|message|\n\n"},
	/* Comments, names that mean nothing, names in other letters. */
	{": beat\n\n:\ndata: x\n: y\n\n", "|message|x\n"},
	{"date: a\nDATA: b\n data: c\ndatax: d\nnothing\ndata: x\n\n", "|message|x\n"},
	/* An event without data is none, and its kind does not go on. */
	{"event: a\n\ndata: x\n\n", "|message|x\n"},
	{"event: a\ndata: x\n\ndata: y\n\n", "|a|x\n|message|y\n"},
	{"event: a\nevent: b\ndata: x\n\n", "|b|x\n"},
	/* The id stays until another comes, that of an event without data too. */
	{"id: 1\ndata: x\n\ndata: y\n\nid: 2\n\ndata: z\n\n",
	 "1|message|x\n1|message|y\n2|message|z\n"},
	{"id: 1\ndata: x\n\nid\ndata: y\n\n", "1|message|x\n|message|y\n"},
	/* The last field needs its line's end, the last event its empty line. */
	{"data: x\n\ndata: y\n", "|message|x\n"},
	{"data: x\n", ""},
	{"\n\n\n", ""},
	{"", ""},
	{"data: a: b\n\n", "|message|a: b\n"},
	{"data: \xc3\xa4\n\n", "|message|\xc3\xa4\n"},
	/* Only the stream's first character is a mark. */
	{MARK "data: x\n\n", "|message|x\n"},
	{MARK MARK "data: x\n\n", ""},
	{MARK "\n" MARK "data: x\n\ndata: y\n\n", "|message|y\n"},
	{"\xef\xbb"
	 "data: x\n\ndata: y\n\n",
	 "|message|y\n"},
	{"\xef\n\ndata: y\n\n", "|message|y\n"},
	{MARK, ""},
};

#define CASES (sizeof(cases) / sizeof(cases[0]))

static void stream_gives_the_events_that_the_rules_say(void **state)
{
	for (size_t i = 0; i < CASES; i++) {
		start_anew(*state);
		assert_int_equal(take_text(*state, cases[i].stream), SSE_MORE);
		assert_string_equal(((struct reader *)*state)->log, cases[i].events);
	}
}

static void cut_at_any_byte_it_gives_the_same(void **state)
{
	struct reader *reader = *state;

	for (size_t i = 0; i < CASES; i++) {
		const char *stream = cases[i].stream;
		size_t len = strlen(stream);

		for (size_t cut = 0; cut <= len; cut++) {
			start_anew(reader);
			assert_int_equal(take(reader, stream, cut), SSE_MORE);
			assert_int_equal(take(reader, stream + cut, len - cut), SSE_MORE);
			assert_string_equal(reader->log, cases[i].events);
		}
	}
}

static void byte_by_byte_it_gives_the_same(void **state)
{
	struct reader *reader = *state;

	for (size_t i = 0; i < CASES; i++) {
		start_anew(reader);
		for (const char *c = cases[i].stream; *c; c++)
			assert_int_equal(take(reader, c, 1), SSE_MORE);
		assert_string_equal(reader->log, cases[i].events);
	}
}

/* The same stream with another line end. */
static void take_with_end(struct reader *reader, const char *stream, const char *end, bool bytes)
{
	char text[512] = "";
	size_t n = 0;

	for (const char *c = stream; *c; c++)
		if (*c == '\n')
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s", end);
		else
			text[n++] = *c;
	text[n] = 0;
	start_anew(reader);
	for (size_t i = 0; bytes && i < n; i++)
		assert_int_equal(take(reader, text + i, 1), SSE_MORE);
	if (!bytes)
		assert_int_equal(take_text(reader, text), SSE_MORE);
}

static void line_ends_with_cr_lf_or_both(void **state)
{
	static const char *const ends[] = {"\n", "\r", "\r\n"};
	struct reader *reader = *state;

	for (size_t i = 0; i < CASES; i++)
		for (size_t e = 0; e < 3; e++)
			for (int bytes = 0; bytes < 2; bytes++) {
				take_with_end(reader, cases[i].stream, ends[e], bytes);
				assert_string_equal(reader->log, cases[i].events);
			}
}

static void line_ends_may_be_mixed(void **state)
{
	struct reader *reader = *state;

	assert_int_equal(take_text(reader, "data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\r"),
			 SSE_MORE);
	assert_string_equal(reader->log, "|message|a\nb\nc\n|message|d\n");
}

static void event_is_given_with_its_last_byte(void **state)
{
	struct reader *reader = *state;

	take_text(reader, "data: x\r\r");
	assert_int_equal(reader->events, 1);
	take_text(reader, "\n");
	assert_int_equal(reader->events, 1);
	take_text(reader, "data: y\n\n");
	assert_string_equal(reader->log, "|message|x\n|message|y\n");
}

static void id_with_nul_or_too_long_is_ignored(void **state)
{
	struct reader *reader = *state;
	char text[CALLERID_EVENT_ID_MAX + 64], id[CALLERID_EVENT_ID_MAX + 2];

	take_text(reader, "id: 1\ndata: x\n\n");
	take(reader, "id: 2\0003\ndata: y\n\n", 17);
	assert_string_equal(reader->sse.id, "1");
	memset(id, '9', sizeof(id));
	id[CALLERID_EVENT_ID_MAX + 1] = 0;
	snprintf(text, sizeof(text), "id: %s\ndata: y\n\n", id);
	take_text(reader, text);
	assert_string_equal(reader->log, "1|message|x\n1|message|y\n1|message|y\n");
	id[CALLERID_EVENT_ID_MAX] = 0;
	snprintf(text, sizeof(text), "id: %s\ndata: y\n\n", id);
	take_text(reader, text);
	assert_string_equal(reader->sse.id, id);
}

static void kind_that_is_too_long_is_none(void **state)
{
	struct reader *reader = *state;
	char text[256];

	snprintf(text, sizeof(text), "event: %0100d\ndata: x\n\n", 1);
	take_text(reader, text);
	assert_string_equal(reader->log, "|message|x\n");
}

static void retry_is_digits_alone_and_bounded(void **state)
{
	static const struct {
		const char *field;
		long ms;
	} retries[] = {
		{"retry: 2500", 2500},
		{"retry:0", 0},
		{"retry: 12s", 7},
		{"retry: -1", 7},
		{"retry: 1 ", 7},
		{"retry: 12345678x", 7},
		{"retry", 7},
		{"retry: ", 7},
		{"retry: 3600001", 3600000},
		{"Retry: 1", 7},
		{"retry: 0000000001", 1},
		{"retry: 99999999999999999999", 3600000},
	};
	struct reader *reader = *state;

	for (size_t i = 0; i < sizeof(retries) / sizeof(retries[0]); i++) {
		char text[64];

		start_anew(reader);
		reader->sse.retry_ms = 7;
		snprintf(text, sizeof(text), "%s\n", retries[i].field);
		take_text(reader, text);
		assert_int_equal(reader->sse.retry_ms, retries[i].ms);
		assert_int_equal(reader->events, 0);
	}
}

/* count times c, in pieces. */
static enum sse_status take_many(struct reader *reader, char c, size_t count)
{
	enum sse_status status = SSE_MORE;
	char piece[1000];

	memset(piece, c, sizeof(piece));
	while (count > 0 && status == SSE_MORE) {
		size_t n = count < sizeof(piece) ? count : sizeof(piece);
		status = take(reader, piece, n);
		count -= n;
	}
	return status;
}

static void data_as_long_as_may_be_is_taken_and_one_byte_more_is_not(void **state)
{
	struct reader *reader = *state;

	take_text(reader, "data: ");
	assert_int_equal(take_many(reader, 'x', CALLERID_EVENT_DATA_MAX), SSE_MORE);
	assert_int_equal(take_text(reader, "\n\n"), SSE_MORE);
	assert_int_equal(reader->data_len, CALLERID_EVENT_DATA_MAX);
	take_text(reader, "data: ");
	assert_int_equal(take_many(reader, 'x', CALLERID_EVENT_DATA_MAX + 1), SSE_MORE);
	assert_int_equal(take_text(reader, "\n\n"), SSE_BROKEN);
	assert_int_equal(reader->events, 1);
}

static void lines_of_data_count_together(void **state)
{
	struct reader *reader = *state;
	enum sse_status status = SSE_MORE;
	size_t lines = 0;

	while (status == SSE_MORE && lines <= CALLERID_EVENT_DATA_MAX) {
		status = take_text(reader, "data: 123456789\n");
		lines++;
	}
	assert_int_equal(status, SSE_BROKEN);
	/* 9 bytes each, and a newline between two. */
	assert_int_equal(lines, (CALLERID_EVENT_DATA_MAX + 1) / 10 + 1);
	start_anew(reader);
	for (status = SSE_MORE, lines = 0;
	     status == SSE_MORE && lines < 2 * CALLERID_EVENT_DATA_MAX; lines++)
		status = take_text(reader, "data\n");
	assert_int_equal(status, SSE_BROKEN);
	assert_int_equal(lines, CALLERID_EVENT_DATA_MAX + 2);
}

static void line_without_end_is_given_up(void **state)
{
	static const char *const beginnings[] = {"", ":", "data: ", "nothing: ", "id: "};
	struct reader *reader = *state;

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		start_anew(reader);
		take_text(reader, beginnings[i]);
		assert_int_equal(take_many(reader, 'x', 2 * CALLERID_EVENT_DATA_MAX), SSE_BROKEN);
		assert_int_equal(reader->events, 0);
	}
}

static void nothing_is_taken_after_enough(void **state)
{
	struct reader *reader = *state;

	reader->enough = 2;
	assert_int_equal(take_text(reader, "data: a\n\ndata: b\n\ndata: c\n\n"), SSE_ENOUGH);
	assert_string_equal(reader->log, "|message|a\n|message|b\n");
}

static void half_an_event_is_forgotten_with_its_connection_and_so_is_its_id(void **state)
{
	struct reader *reader = *state;

	take_text(reader, "id: 1\ndata: a\n\nid: 2\nevent: k\ndata: b\nda");
	sse_begin(&reader->sse);
	assert_string_equal(reader->sse.id, "1");
	take_text(reader, MARK "data: c\n\n");
	assert_string_equal(reader->log, "1|message|a\n1|message|c\n");
	take_text(reader, "data: d\r");
	sse_begin(&reader->sse);
	take_text(reader, "\ndata: e\n\n");
	assert_string_equal(reader->log, "1|message|a\n1|message|c\n1|message|e\n");
}

static void id_that_is_set_holds_until_the_stream_says_another(void **state)
{
	struct reader *reader = *state;

	sse_set_id(&reader->sse, "5");
	take_text(reader, "data: a\n\nid: 6\ndata: b\n\n");
	sse_set_id(&reader->sse, "");
	take_text(reader, "data: c\n\n");
	assert_string_equal(reader->log, "5|message|a\n6|message|b\n|message|c\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stream_gives_the_events_that_the_rules_say),
		TEST(cut_at_any_byte_it_gives_the_same),
		TEST(byte_by_byte_it_gives_the_same),
		TEST(line_ends_with_cr_lf_or_both),
		TEST(line_ends_may_be_mixed),
		TEST(event_is_given_with_its_last_byte),
		TEST(id_with_nul_or_too_long_is_ignored),
		TEST(kind_that_is_too_long_is_none),
		TEST(retry_is_digits_alone_and_bounded),
		TEST(data_as_long_as_may_be_is_taken_and_one_byte_more_is_not),
		TEST(lines_of_data_count_together),
		TEST(line_without_end_is_given_up),
		TEST(nothing_is_taken_after_enough),
		TEST(half_an_event_is_forgotten_with_its_connection_and_so_is_its_id),
		TEST(id_that_is_set_holds_until_the_stream_says_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
