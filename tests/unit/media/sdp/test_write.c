/* SPDX-License-Identifier: Apache-2.0 */
/* What goes on at session level, and that nothing changes which the plan does not name. */
#include "media/sdp/write.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "texts.h"

#define HEAD  "v=0\r\no=alice 7 9 IN IP4 198.51.100.1\r\ns=talk\r\n"
#define TAIL  "t=0 0\r\n"
#define AUDIO "m=audio 4000 RTP/AVP 0\r\n"

static struct address address_of(const char *ip, uint16_t port)
{
	struct address address;

	assert_true(address_parse(ip, strlen(ip), port, &address));
	address.port = port;
	return address;
}

static void check_written(const char *text, const struct sdp_plan *plan, const char *expected)
{
	const char *why;
	struct sdp *sdp = sdp_parse(text, strlen(text), &why);
	size_t len = 0;
	char *written;

	assert_non_null(sdp);
	written = sdp_write(sdp, plan, &len);
	assert_non_null(written);
	assert_string_equal(written, expected);
	assert_int_equal(len, strlen(expected));
	free(written);
	sdp_free(sdp);
}

static void check_verbatim(const char *text, size_t n)
{
	struct plan_media medias[SDP_MEDIAS_MAX] = {0};
	struct sdp_plan plan = {.keep_bundle = true, .medias = medias};
	const char *why;
	struct sdp *sdp = sdp_parse(text, n, &why);
	size_t len = 0;
	char *written;

	assert_non_null(sdp);
	for (size_t i = 0; i < SDP_MEDIAS_MAX; i++)
		medias[i].untouched = true;
	written = sdp_write(sdp, &plan, &len);
	assert_non_null(written);
	assert_int_equal(len, n);
	assert_memory_equal(written, text, n);
	free(written);
	sdp_free(sdp);
}

static void test_an_empty_plan_changes_no_byte(void **state)
{
	static const char NUL_BEHIND[] = ASTERISK "\0\0";

	(void)state;
	for (size_t i = 0; i < TEXTS_N; i++)
		check_verbatim(TEXTS[i].text, strlen(TEXTS[i].text));
	check_verbatim(NUL_BEHIND, sizeof(NUL_BEHIND));
	check_verbatim("v=0\r\na=x\0y\r\n", 13);
}

static void test_an_empty_plan_changes_no_byte_wherever_the_text_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEXTS_N; i++) {
		size_t n = strlen(TEXTS[i].text);

		for (size_t cut = 0; cut < n; cut++) {
			const char *why = NULL;
			struct sdp *sdp = sdp_parse(TEXTS[i].text, cut, &why);

			if (sdp != NULL)
				check_verbatim(TEXTS[i].text, cut);
			sdp_free(sdp);
		}
	}
}

static void test_origin_replaced_is_its_address_alone(void **state)
{
	struct address ours = address_of("203.0.113.1", 0), six = address_of("2001:db8::1", 0);
	struct sdp_plan plan = {.replace_origin = true, .address = &ours};

	(void)state;
	check_written(HEAD TAIL, &plan, "v=0\r\no=alice 7 9 IN IP4 203.0.113.1\r\ns=talk\r\n" TAIL);
	plan.address = &six;
	check_written(HEAD TAIL, &plan, "v=0\r\no=alice 7 9 IN IP6 2001:db8::1\r\ns=talk\r\n" TAIL);
}

static void test_origin_version_and_user_are_replaced_alone_too(void **state)
{
	struct sdp_plan plan = {.version = "10"};

	(void)state;
	check_written(HEAD TAIL, &plan,
		      "v=0\r\no=alice 7 10 IN IP4 198.51.100.1\r\ns=talk\r\n" TAIL);
	plan = (struct sdp_plan){.username = {"bob", 3}};
	check_written(HEAD TAIL, &plan, "v=0\r\no=bob 7 9 IN IP4 198.51.100.1\r\ns=talk\r\n" TAIL);
}

static void test_origin_in_full_is_ours_in_every_field(void **state)
{
	struct address ours = address_of("203.0.113.1", 0);
	struct sdp_plan plan = {.replace_origin_full = true,
				.address = &ours,
				.username = {"-", 1},
				.session_id = "1000",
				.version = "3"};

	(void)state;
	check_written(HEAD TAIL, &plan, "v=0\r\no=- 1000 3 IN IP4 203.0.113.1\r\ns=talk\r\n" TAIL);
}

static void test_an_origin_that_cannot_be_read_stays(void **state)
{
	struct address ours = address_of("203.0.113.1", 0);
	struct sdp_plan plan = {.replace_origin = true, .address = &ours, .version = "3"};

	(void)state;
	check_written("v=0\r\no=what\r\n", &plan, "v=0\r\no=what\r\n");
	check_written("v=0\r\no=\r\n", &plan, "v=0\r\no=\r\n");
	check_written("v=0\r\no=what\r\no=a 1 2 IN IP4 192.0.2.1\r\no=b 3 4 IN IP4 192.0.2.1\r\n",
		      &plan,
		      "v=0\r\no=what\r\no=a 1 3 IN IP4 203.0.113.1\r\n"
		      "o=b 3 4 IN IP4 192.0.2.1\r\n");
}

static void test_session_name_replaced_is_what_the_plan_says_or_a_dash(void **state)
{
	struct sdp_plan plan = {.replace_session_name = true, .session_name = {"first", 5}};

	(void)state;
	check_written("v=0\r\ns=talk\r\n", &plan, "v=0\r\ns=first\r\n");
	plan.session_name.n = 0;
	check_written("v=0\r\ns=talk\r\n", &plan, "v=0\r\ns=-\r\n");
}

static void test_a_session_c_goes_where_every_m_line_has_its_own(void **state)
{
	struct address ours = address_of("203.0.113.1", 30000);
	struct plan_media media = {.rtp = ours, .keep_direction = true};
	struct sdp_plan plan = {.address = &ours, .medias = &media};

	(void)state;
	check_written(HEAD "c=IN IP4 198.51.100.1\r\n" TAIL AUDIO, &plan,
		      HEAD TAIL "m=audio 30000 RTP/AVP 0\r\nc=IN IP4 203.0.113.1\r\n");
}

static void test_an_untouched_m_line_keeps_the_c_that_it_had_from_the_session(void **state)
{
	struct address ours = address_of("203.0.113.1", 30000);
	struct plan_media medias[2] = {{.rtp = ours, .keep_direction = true}, {.untouched = true}};
	struct sdp_plan plan = {.address = &ours, .medias = medias};

	(void)state;
	check_written(HEAD "c=IN IP4 198.51.100.1\r\n" TAIL AUDIO
			   "m=image 4002 udptl t38\r\ni=fax\r\na=T38FaxVersion:0\r\n",
		      &plan,
		      HEAD TAIL "m=audio 30000 RTP/AVP 0\r\nc=IN IP4 203.0.113.1\r\n"
				"m=image 4002 udptl t38\r\ni=fax\r\nc=IN IP4 198.51.100.1\r\n"
				"a=T38FaxVersion:0\r\n");
}

static void test_an_untouched_m_line_keeps_the_dtls_that_it_had_from_the_session(void **state)
{
	struct address ours = address_of("203.0.113.1", 30000);
	struct plan_media medias[2] = {{.rtp = ours, .proto = SDP_RTP_AVP, .keep_direction = true},
				       {.untouched = true}};
	struct sdp_plan plan = {.medias = medias};

	(void)state;
	check_written("v=0\r\nc=IN IP4 198.51.100.1\r\na=ice-lite\r\na=ice-ufrag:sess\r\n"
		      "a=ice-pwd:pw\r\na=fingerprint:" FP "\r\na=setup:actpass\r\n"
		      "m=audio 4000 UDP/TLS/RTP/SAVP 0\r\n"
		      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=setup:active\r\n",
		      &plan,
		      "v=0\r\nc=IN IP4 198.51.100.1\r\n"
		      "m=audio 30000 RTP/AVP 0\r\nc=IN IP4 203.0.113.1\r\n"
		      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=setup:active\r\n"
		      "a=ice-ufrag:sess\r\na=ice-pwd:pw\r\na=fingerprint:" FP "\r\n");
}

static void test_a_direction_of_the_session_goes_where_every_m_line_says_its_own(void **state)
{
	struct address ours = address_of("203.0.113.1", 30000);
	struct plan_media medias[2] = {{.rtp = ours, .direction = SDP_RECVONLY},
				       {.rtp = ours, .direction = SDP_RECVONLY}};
	struct sdp_plan plan = {.medias = medias};

	(void)state;
	check_written("v=0\r\na=sendonly\r\n" AUDIO "c=IN IP4 192.0.2.1\r\n" AUDIO
		      "c=IN IP4 192.0.2.1\r\n",
		      &plan,
		      "v=0\r\nm=audio 30000 RTP/AVP 0\r\nc=IN IP4 203.0.113.1\r\na=recvonly\r\n"
		      "m=audio 30000 RTP/AVP 0\r\nc=IN IP4 203.0.113.1\r\na=recvonly\r\n");
	medias[1] = (struct plan_media){.untouched = true};
	check_written("v=0\r\na=sendonly\r\n" AUDIO "c=IN IP4 192.0.2.1\r\n" AUDIO
		      "c=IN IP4 192.0.2.1\r\n",
		      &plan,
		      "v=0\r\na=sendonly\r\nm=audio 30000 RTP/AVP 0\r\nc=IN IP4 203.0.113.1\r\n"
		      "a=recvonly\r\n" AUDIO "c=IN IP4 192.0.2.1\r\n");
}

#define GROUPED "v=0\r\na=group:LS 0 1\r\na=group:BUNDLE 0 1 2\r\na=x\r\n"
#define REST                                                                                       \
	"m=audio 0 RTP/AVP 0\r\na=mid:0\r\nm=audio 0 RTP/AVP 0\r\na=mid:1\r\n"                     \
	"m=audio 0 RTP/AVP 0\r\na=mid:2\r\n"

static void test_a_bundle_is_of_the_m_lines_that_are_on_it_and_not_rejected(void **state)
{
	struct plan_media medias[3] = {
		{.keep_direction = true, .bundled = true, .mid = {"0", 1}},
		{.keep_direction = true, .bundled = true, .mid = {"1", 1}, .rejected = true},
		{.keep_direction = true, .bundled = true, .mid = {"2", 1}}};
	struct sdp_plan plan = {.medias = medias};

	(void)state;
	check_written(GROUPED REST, &plan,
		      "v=0\r\na=group:LS 0 1\r\na=group:BUNDLE 0 2\r\na=x\r\n" REST);
	/* RFC 9143 §7.3: one that has its own transport is named in no group. */
	medias[2].bundled = false;
	check_written(GROUPED REST, &plan,
		      "v=0\r\na=group:LS 0 1\r\na=group:BUNDLE 0\r\na=x\r\n" REST);
	medias[0].bundled = false;
	check_written(GROUPED REST, &plan, "v=0\r\na=group:LS 0 1\r\na=x\r\n" REST);
	plan.keep_bundle = true;
	check_written(GROUPED REST, &plan, GROUPED REST);
}

static void test_a_bundle_that_nobody_offered_ends_the_session_level(void **state)
{
	struct plan_media media = {.keep_direction = true, .bundled = true, .mid = {"a", 1}};
	struct sdp_plan plan = {.medias = &media};

	(void)state;
	check_written("v=0\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\n", &plan,
		      "v=0\r\nt=0 0\r\na=group:BUNDLE a\r\nm=audio 0 RTP/AVP 0\r\na=mid:a\r\n");
	media.mid.n = 0;
	check_written("v=0\r\nm=audio 0 RTP/AVP 0\r\n", &plan, "v=0\r\nm=audio 0 RTP/AVP 0\r\n");
}

static void test_ice_lite_and_the_mark_of_loop_protect_end_the_session_level(void **state)
{
	struct plan_media media = {.untouched = true};
	struct sdp_plan plan = {.medias = &media, .ice_lite = true, .loop = "abc"};

	(void)state;
	check_written("v=0\r\na=attestel-relay:old\r\na=ice-lite\r\nt=0 0\r\n", &plan,
		      "v=0\r\nt=0 0\r\na=ice-lite\r\na=attestel-relay:abc\r\n");
	plan = (struct sdp_plan){.medias = &media};
	check_written("v=0\r\na=attestel-relay:old\r\n", &plan, "v=0\r\na=attestel-relay:old\r\n");
}

static void test_our_lines_end_as_the_first_one_does(void **state)
{
	struct plan_media media = {.direction = SDP_INACTIVE};
	struct sdp_plan plan = {.medias = &media, .loop = "abc"};

	(void)state;
	check_written("v=0\nm=audio 0 RTP/AVP 0\r\n", &plan,
		      "v=0\na=attestel-relay:abc\nm=audio 0 RTP/AVP 0\na=inactive\n");
	check_written("v=0\r\nm=audio 0 RTP/AVP 0\n", &plan,
		      "v=0\r\na=attestel-relay:abc\r\nm=audio 0 RTP/AVP 0\r\na=inactive\r\n");
}

static void test_a_last_line_without_an_end_gets_one_where_ours_follow(void **state)
{
	struct plan_media media = {.direction = SDP_INACTIVE};
	struct sdp_plan plan = {.medias = &media};

	(void)state;
	check_written("v=0\r\nm=audio 0 RTP/AVP 0\r\na=x", &plan,
		      "v=0\r\nm=audio 0 RTP/AVP 0\r\na=x\r\na=inactive\r\n");
	media.keep_direction = true;
	check_written("v=0\r\nm=audio 0 RTP/AVP 0\r\na=x", &plan,
		      "v=0\r\nm=audio 0 RTP/AVP 0\r\na=x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_plan_changes_no_byte),
		cmocka_unit_test(test_an_empty_plan_changes_no_byte_wherever_the_text_ends),
		cmocka_unit_test(test_origin_replaced_is_its_address_alone),
		cmocka_unit_test(test_origin_version_and_user_are_replaced_alone_too),
		cmocka_unit_test(test_origin_in_full_is_ours_in_every_field),
		cmocka_unit_test(test_an_origin_that_cannot_be_read_stays),
		cmocka_unit_test(test_session_name_replaced_is_what_the_plan_says_or_a_dash),
		cmocka_unit_test(test_a_session_c_goes_where_every_m_line_has_its_own),
		cmocka_unit_test(test_an_untouched_m_line_keeps_the_c_that_it_had_from_the_session),
		cmocka_unit_test(
			test_an_untouched_m_line_keeps_the_dtls_that_it_had_from_the_session),
		cmocka_unit_test(
			test_a_direction_of_the_session_goes_where_every_m_line_says_its_own),
		cmocka_unit_test(test_a_bundle_is_of_the_m_lines_that_are_on_it_and_not_rejected),
		cmocka_unit_test(test_a_bundle_that_nobody_offered_ends_the_session_level),
		cmocka_unit_test(test_ice_lite_and_the_mark_of_loop_protect_end_the_session_level),
		cmocka_unit_test(test_our_lines_end_as_the_first_one_does),
		cmocka_unit_test(test_a_last_line_without_an_end_gets_one_where_ours_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
