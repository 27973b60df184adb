/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments of trickle ICE (RFC 8840 §9). */
#include "media/sdp/sdp.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static struct sdp *read_text(const char *text)
{
	const char *why = NULL;
	struct sdp *sdp = sdp_parse_fragment(text, strlen(text), &why);

	assert_non_null(sdp);
	return sdp;
}

static void check_span(struct span span, const char *text)
{
	assert_int_equal(span.n, strlen(text));
	assert_memory_equal(span.p, text, span.n);
}

static void check_candidate(const struct sdp_media *media, size_t i, const char *expected)
{
	char text[ADDRESS_TEXT_MAX];

	assert_true(i < media->n_candidates);
	assert_string_equal(address_text(&media->candidates[i].address, text), expected);
}

static void test_pseudo_m_lines_hold_their_candidates(void **state)
{
	struct sdp *sdp = read_text("a=ice-ufrag:8hhY\r\n"
				    "a=ice-pwd:asd88fgpdd777uzjYhagZg\r\n"
				    "m=audio 9 RTP/AVP 0\r\n"
				    "a=mid:1\r\n"
				    "a=candidate:1 1 UDP 2130706431 192.0.2.1 8998 typ host\r\n"
				    "a=candidate:1 1 UDP 2130706430 x.local 8998 typ host\r\n"
				    "m=audio 9 RTP/AVP 0\r\n"
				    "a=mid:2\r\n"
				    "a=candidate:2 2 udp 7 2001:db8::1 9000 typ host\r\n"
				    "a=end-of-candidates\r\n");

	(void)state;
	assert_int_equal(sdp->n_medias, 2);
	check_span(sdp->medias[0].mid, "1");
	check_span(sdp->medias[0].ice_ufrag, "8hhY");
	check_span(sdp->medias[1].ice_pwd, "asd88fgpdd777uzjYhagZg");
	assert_int_equal(sdp->medias[0].n_candidates, 1);
	check_candidate(&sdp->medias[0], 0, "192.0.2.1:8998");
	assert_false(sdp->medias[0].end_of_candidates);
	assert_true(sdp->medias[1].end_of_candidates);
	check_candidate(&sdp->medias[1], 0, "[2001:db8::1]:9000");
	sdp_free(sdp);
}

static void test_a_mid_opens_a_section_where_there_is_no_m_line(void **state)
{
	struct sdp *sdp = read_text("a=ice-ufrag:u\na=ice-pwd:p\n"
				    "a=mid:a\na=candidate:1 1 UDP 1 192.0.2.1 1 typ host\n"
				    "a=mid:b\na=candidate:1 1 UDP 1 192.0.2.1 2 typ host\n");

	(void)state;
	assert_int_equal(sdp->n_medias, 2);
	check_span(sdp->medias[0].mid, "a");
	check_candidate(&sdp->medias[0], 0, "192.0.2.1:1");
	check_span(sdp->medias[1].mid, "b");
	check_candidate(&sdp->medias[1], 0, "192.0.2.1:2");
	sdp_free(sdp);
}

static void test_candidates_without_any_mid_are_one_section(void **state)
{
	struct sdp *sdp = read_text("a=candidate:1 1 UDP 1 192.0.2.1 1 typ host\r\n"
				    "a=candidate:1 1 UDP 1 192.0.2.1 2 typ host\r\n");

	(void)state;
	assert_int_equal(sdp->n_medias, 1);
	assert_int_equal(sdp->medias[0].n_candidates, 2);
	assert_int_equal(sdp->medias[0].mid.n, 0);
	sdp_free(sdp);
}

static void test_a_mid_behind_a_pseudo_m_line_opens_no_other(void **state)
{
	struct sdp *sdp = read_text("m=audio 9 RTP/AVP 0\r\na=mid:1\r\na=mid:2\r\n");

	(void)state;
	assert_int_equal(sdp->n_medias, 2);
	check_span(sdp->medias[0].mid, "1");
	check_span(sdp->medias[1].mid, "2");
	assert_int_equal(sdp->medias[0].n_lines, 2);
	sdp_free(sdp);
}

static void test_the_end_of_candidates_of_the_session_is_that_of_all(void **state)
{
	struct sdp *sdp = read_text("a=end-of-candidates\r\na=mid:1\r\n");

	(void)state;
	assert_true(sdp->medias[0].end_of_candidates);
	sdp_free(sdp);
}

static void test_credentials_alone_are_a_fragment_without_sections(void **state)
{
	struct sdp *sdp = read_text("a=ice-ufrag:u\r\na=ice-pwd:p\r\n");

	(void)state;
	assert_int_equal(sdp->n_medias, 0);
	assert_int_equal(sdp->n_session_lines, 2);
	check_span(sdp->lines[0].value, "u");
	sdp_free(sdp);
}

static void test_a_fragment_is_no_sdp_and_nothing_is_no_fragment(void **state)
{
	const char *why = NULL;

	(void)state;
	assert_null(sdp_parse("a=mid:1\r\n", 9, &why));
	assert_string_equal(why, "Failed to parse SDP");
	why = NULL;
	assert_null(sdp_parse_fragment("", 0, &why));
	assert_string_equal(why, "Failed to parse SDP");
	why = NULL;
	assert_null(sdp_parse_fragment("\r\n \r\n", 5, &why));
	assert_string_equal(why, "Failed to parse SDP");
}

static void test_sections_are_bounded(void **state)
{
	char text[64 * 10] = "";
	const char *why = NULL;
	struct sdp *sdp;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 33; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "a=mid:%02d\r\n", i);
	assert_null(sdp_parse_fragment(text, n, &why));
	assert_string_equal(why, "Failed to parse SDP");
	sdp = sdp_parse_fragment(text, n - 10, &why);
	assert_non_null(sdp);
	assert_int_equal(sdp->n_medias, 32);
	sdp_free(sdp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pseudo_m_lines_hold_their_candidates),
		cmocka_unit_test(test_a_mid_opens_a_section_where_there_is_no_m_line),
		cmocka_unit_test(test_candidates_without_any_mid_are_one_section),
		cmocka_unit_test(test_a_mid_behind_a_pseudo_m_line_opens_no_other),
		cmocka_unit_test(test_the_end_of_candidates_of_the_session_is_that_of_all),
		cmocka_unit_test(test_credentials_alone_are_a_fragment_without_sections),
		cmocka_unit_test(test_a_fragment_is_no_sdp_and_nothing_is_no_fragment),
		cmocka_unit_test(test_sections_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
