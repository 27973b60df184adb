/* SPDX-License-Identifier: Apache-2.0 */
/* What an SDP may be at most, what is refused and with which of ng's words. */
#include "media/sdp/write.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "texts.h"

#define MALFORMED  "Failed to parse SDP"
#define INCOMPLETE "Incomplete SDP specification"
#define C	   "c=IN IP4 192.0.2.1\r\n"

/* In memory of exactly its size, so that a sanitizer sees the first byte after it. */
static struct sdp *parse_exact(const char *text, size_t n, const char **why_out, char **memory_out)
{
	char *exact = malloc(n > 0 ? n : 1);

	assert_non_null(exact);
	memcpy(exact, text, n);
	*memory_out = exact;
	return sdp_parse(exact, n, why_out);
}

static void check_refused(const char *text, size_t n, const char *expected)
{
	const char *why = NULL;
	char *memory;

	assert_null(parse_exact(text, n, &why, &memory));
	assert_non_null(why);
	assert_string_equal(why, expected);
	free(memory);
}

static void check_refused_text(const char *text, const char *expected)
{
	check_refused(text, strlen(text), expected);
}

static void test_what_is_no_sdp_fails_to_parse(void **state)
{
	(void)state;
	check_refused_text("", MALFORMED);
	check_refused_text("\r\n\r\n", MALFORMED);
	check_refused_text("hello", MALFORMED);
	check_refused_text("v=1\r\n", MALFORMED);
	check_refused_text("v=01\r\n", MALFORMED);
	check_refused_text("s=-\r\nv=0\r\n", MALFORMED);
}

static void test_an_m_line_without_port_or_transport_fails_to_parse(void **state)
{
	static const char *const LINES[] = {"m=\r\n",
					    "m=audio\r\n",
					    "m=audio 4000\r\n",
					    "m=audio x RTP/AVP 0\r\n",
					    "m=audio 65536 RTP/AVP 0\r\n",
					    "m=audio -1 RTP/AVP 0\r\n",
					    "m=audio 4000/x RTP/AVP 0\r\n"};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++) {
		snprintf(text, sizeof(text), "v=0\r\n" C "%s", LINES[i]);
		check_refused_text(text, MALFORMED);
	}
}

static void test_media_without_an_address_is_incomplete(void **state)
{
	const char *why;
	struct sdp *sdp;

	(void)state;
	check_refused_text("v=0\r\nm=audio 4000 RTP/AVP 0\r\n", INCOMPLETE);
	check_refused_text("v=0\r\nc=\r\nm=audio 4000 RTP/AVP 0\r\n", INCOMPLETE);
	check_refused_text("v=0\r\nc=IN IP4 a.example\r\nm=audio 4000 RTP/AVP 0\r\n", INCOMPLETE);
	check_refused_text("v=0\r\nm=audio 1 RTP/AVP 0\r\n" C "m=audio 2 RTP/AVP 0\r\n",
			   INCOMPLETE);
	check_refused_text("v=0\r\n" C "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 a.example\r\n",
			   INCOMPLETE);
	check_refused_text("v=0\r\nm=image 4000 udptl t38\r\n", INCOMPLETE);
	const char text[] = "v=0\r\nm=audio 0 RTP/AVP 0\r\nm=message 4000 TCP/MSRP *\r\n";
	sdp = sdp_parse(text, sizeof(text) - 1, &why);
	assert_non_null(sdp);
	assert_int_equal(sdp->medias[1].rtp.family, 0);
	sdp_free(sdp);
}

static size_t m_lines(char *text, size_t size, int n)
{
	size_t at = (size_t)snprintf(text, size, "v=0\r\n" C);

	for (int i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, size - at, "m=audio 4000 RTP/AVP 0\r\n");
	return at;
}

static void test_32_m_lines_are_read_and_33_fail_to_parse(void **state)
{
	char text[4096];
	size_t n = m_lines(text, sizeof(text), SDP_MEDIAS_MAX);
	const char *why;
	struct sdp *sdp = sdp_parse(text, n, &why);

	(void)state;
	assert_non_null(sdp);
	assert_int_equal(sdp->n_medias, 32);
	assert_int_equal(sdp->medias[31].first_line, 33);
	sdp_free(sdp);
	check_refused(text, m_lines(text, sizeof(text), SDP_MEDIAS_MAX + 1), MALFORMED);
}

static char *filled(size_t n, const char *head, const char *pattern)
{
	char *text = malloc(n + 1);
	size_t step = strlen(pattern);

	assert_non_null(text);
	snprintf(text, n + 1, "%s", head);
	for (size_t at = strlen(head); at < n; at++)
		text[at] = pattern[(at - strlen(head)) % step];
	text[n] = '\0';
	return text;
}

static void test_an_attribute_may_fill_64_kb_and_not_a_byte_more(void **state)
{
	char *text = filled(SDP_MAX + 1, "v=0\r\na=x:", "y");
	struct plan_media none = {0};
	struct sdp_plan plan = {.medias = &none};
	const char *why;
	struct sdp *sdp = sdp_parse(text, SDP_MAX, &why);
	size_t len = 0;
	char *written;

	(void)state;
	assert_non_null(sdp);
	assert_int_equal(sdp->lines[1].value.n, SDP_MAX - 9);
	written = sdp_write(sdp, &plan, &len);
	assert_non_null(written);
	assert_int_equal(len, SDP_MAX);
	free(written);
	plan.loop = "1";
	assert_null(sdp_write(sdp, &plan, &len));
	sdp_free(sdp);
	check_refused(text, SDP_MAX + 1, MALFORMED);
	free(text);
}

static void test_4096_lines_are_read_and_one_more_fails_to_parse(void **state)
{
	size_t n = 5 + (size_t)(SDP_LINES_MAX - 1) * 4;
	char *text = filled(n + 4, "v=0\r\n", "a=x\n");
	const char *why;
	struct sdp *sdp = sdp_parse(text, n, &why);

	(void)state;
	assert_non_null(sdp);
	assert_int_equal(sdp->n_lines, SDP_LINES_MAX);
	sdp_free(sdp);
	check_refused(text, n + 4, MALFORMED);
	free(text);
}

static void test_what_is_more_than_is_read_of_an_m_line_passes_through(void **state)
{
	char *text = malloc(SDP_MAX);
	struct plan_media media = {.untouched = true};
	struct sdp_plan plan = {.medias = &media};
	const char *why;
	size_t at, len = 0;
	struct sdp *sdp;
	char *written;

	(void)state;
	assert_non_null(text);
	at = (size_t)snprintf(text, SDP_MAX, "v=0\r\n" C "m=audio 4000 RTP/SAVPF");
	for (int i = 0; i < 100; i++)
		at += (size_t)snprintf(text + at, SDP_MAX - at, " %d", i);
	for (int i = 0; i < 40; i++)
		at += (size_t)snprintf(text + at, SDP_MAX - at,
				       "\r\na=candidate:1 1 UDP 1 192.0.2.1 %d typ host"
				       "\r\na=crypto:%d X inline:y\r\na=fingerprint:sha-1 %d",
				       i + 1, i, i);
	sdp = sdp_parse(text, at, &why);
	assert_non_null(sdp);
	assert_int_equal(sdp->medias[0].n_formats, SDP_FORMATS_MAX);
	assert_int_equal(sdp->medias[0].n_candidates, SDP_CANDIDATES_MAX);
	assert_int_equal(sdp->medias[0].n_cryptos, SDP_CRYPTOS_MAX);
	assert_int_equal(sdp->medias[0].n_fingerprints, SDP_FINGERPRINTS_MAX);
	written = sdp_write(sdp, &plan, &len);
	assert_non_null(written);
	assert_int_equal(len, at);
	assert_memory_equal(written, text, at);
	free(written);
	sdp_free(sdp);
	free(text);
}

static void test_a_text_cut_anywhere_is_read_or_refused_within_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEXTS_N; i++) {
		for (size_t n = 0; n <= strlen(TEXTS[i].text); n++) {
			const char *why = NULL;
			char *memory;
			struct sdp *sdp = parse_exact(TEXTS[i].text, n, &why, &memory);

			assert_true(sdp != NULL || why != NULL);
			sdp_free(sdp);
			sdp = sdp_parse_fragment(memory, n, &why);
			assert_true(sdp != NULL || why != NULL);
			sdp_free(sdp);
			free(memory);
		}
	}
}

static void test_a_text_cut_in_front_of_its_first_m_line_has_none(void **state)
{
	const char *why, *m = strstr(ASTERISK, "m=audio");
	struct sdp *sdp = sdp_parse(ASTERISK, (size_t)(m - (const char *)ASTERISK), &why);

	(void)state;
	assert_non_null(sdp);
	assert_int_equal(sdp->n_medias, 0);
	sdp_free(sdp);
}

static void test_attributes_without_a_value_are_read_as_nothing(void **state)
{
	static const char *const NAMES[] = {"candidate", "rtpmap",	"fmtp",	     "rtcp",
					    "group",	 "mid",		"ice-ufrag", "ice-pwd",
					    "setup",	 "crypto",	"tls-id",    "fingerprint",
					    "extmap",	 "ice-options", "ptime",     "rtcp-fb"};
	char text[1024];
	size_t at = (size_t)snprintf(text, sizeof(text), "v=0\r\n" C "m=audio 4000 RTP/AVP 96\r\n");
	const char *why;
	struct sdp *sdp;

	(void)state;
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "a=%s\r\na=%s:\r\na=%s: \r\n",
				       NAMES[i], NAMES[i], NAMES[i]);
	sdp = sdp_parse(text, at, &why);
	assert_non_null(sdp);
	assert_int_equal(sdp->medias[0].n_candidates, 0);
	assert_int_equal(sdp->medias[0].n_cryptos, 0);
	assert_int_equal(sdp->medias[0].n_fingerprints, 0);
	assert_int_equal(sdp->medias[0].setup, SDP_SETUP_NONE);
	assert_int_equal(sdp->medias[0].mid.n, 0);
	assert_false(sdp->medias[0].rtcp_given);
	assert_int_equal(sdp->lines[3].kind, LINE_CANDIDATE);
	sdp_free(sdp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_no_sdp_fails_to_parse),
		cmocka_unit_test(test_an_m_line_without_port_or_transport_fails_to_parse),
		cmocka_unit_test(test_media_without_an_address_is_incomplete),
		cmocka_unit_test(test_32_m_lines_are_read_and_33_fail_to_parse),
		cmocka_unit_test(test_an_attribute_may_fill_64_kb_and_not_a_byte_more),
		cmocka_unit_test(test_4096_lines_are_read_and_one_more_fails_to_parse),
		cmocka_unit_test(test_what_is_more_than_is_read_of_an_m_line_passes_through),
		cmocka_unit_test(test_a_text_cut_anywhere_is_read_or_refused_within_itself),
		cmocka_unit_test(test_a_text_cut_in_front_of_its_first_m_line_has_none),
		cmocka_unit_test(test_attributes_without_a_value_are_read_as_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
