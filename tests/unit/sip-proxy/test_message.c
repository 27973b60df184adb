/* SPDX-License-Identifier: Apache-2.0 */
/* Messages changed by their bytes: another body, and the length that goes with it. */
#include "sip-proxy/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define HEAD                                                                                       \
	"INVITE sip:b@b.example SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"                 \
	"From: <sip:a@a.example>;tag=1\r\nTo: <sip:b@b.example>\r\nCall-ID: c\r\nCSeq: 1 "         \
	"INVITE\r\n"

static msg_t *make(const char *rest)
{
	char text[1024];
	int n = snprintf(text, sizeof(text), HEAD "%s", rest);
	msg_t *msg = msg_make(sip_default_mclass(), MSG_DO_EXTRACT_COPY, text, n);

	assert_non_null(msg);
	return msg;
}

/* As it goes out. */
static size_t written(msg_t *msg, char *text_out, size_t size)
{
	msg_iovec_t parts[64];
	size_t n = 0;
	isize_t count;

	assert_true(msg_prepare(msg) > 0);
	count = msg_iovec(msg, parts, COUNT(parts));
	assert_true(count > 0 && (size_t)count <= COUNT(parts));
	for (isize_t i = 0; i < count; i++) {
		assert_true(n + parts[i].mv_len < size);
		memcpy(text_out + n, parts[i].mv_base, parts[i].mv_len);
		n += parts[i].mv_len;
	}
	text_out[n] = 0;
	return n;
}

static void rfc3261_20_14_another_body_goes_with_its_length(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{"Content-Type: application/sdp\r\nContent-Length: 3\r\n\r\nold",
		 "Content-Type: application/sdp\r\nContent-Length: 11\r\n\r\na new\r\nbody"},
		{"l:3\r\nc: application/sdp\r\n\r\nold",
		 "l: 11\r\nc: application/sdp\r\n\r\na new\r\nbody"},
		{"c: application/sdp\r\n\r\nold", "c: application/sdp\r\n\r\na new\r\nbody"},
	};
	char text[2048];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		msg_t *msg = make(cases[i].before);

		assert_true(message_set_body(msg, "a new\r\nbody", 11));
		(void)written(msg, text, sizeof(text));
		assert_memory_equal(text, HEAD, strlen(HEAD));
		assert_string_equal(text + strlen(HEAD), cases[i].after);
		assert_int_equal(sip_object(msg)->sip_payload->pl_len, 11);
		msg_destroy(msg);
	}
}

static void a_body_is_put_only_where_one_was(void **state)
{
	msg_t *msg = make("Content-Length: 0\r\n\r\n");
	char text[2048];

	(void)state;
	assert_false(message_set_body(msg, "x", 1));
	(void)written(msg, text, sizeof(text));
	assert_string_equal(text, HEAD "Content-Length: 0\r\n\r\n");
	msg_destroy(msg);
}

static void a_body_may_be_changed_twice(void **state)
{
	msg_t *msg = make("Content-Length: 3\r\n\r\nold");
	char text[2048];

	(void)state;
	assert_true(message_set_body(msg, "longer than it", 14));
	assert_true(message_set_body(msg, "x", 1));
	(void)written(msg, text, sizeof(text));
	assert_string_equal(text, HEAD "Content-Length: 1\r\n\r\nx");
	msg_destroy(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc3261_20_14_another_body_goes_with_its_length),
		cmocka_unit_test(a_body_is_put_only_where_one_was),
		cmocka_unit_test(a_body_may_be_changed_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
