/* SPDX-License-Identifier: Apache-2.0 */
/* The ng protocol of a relay's client: what is written, what is signed, what a reply says. */
#include "sip-proxy/ng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DIG	     "4AADB9B13F82183B540212DF3E5D496B19E57CAB3E4AADB9B13F82183B540212"

static struct callerid_span span(const char *text)
{
	return (struct callerid_span){text, strlen(text)};
}

static bool holds(const char *text, size_t n, const char *part)
{
	return memmem(text, n, part, strlen(part)) != NULL;
}

static struct ng_command offer_to(enum trunk_media toward)
{
	return (struct ng_command){.verb = NG_OFFER,
				   .call_id = span("c1"),
				   .from_tag = span("a"),
				   .branch = span("z9hG4bK1"),
				   .sdp = span("v=0\r\n"),
				   .toward = toward};
}

static void an_offer_names_its_dialog_and_what_the_next_one_speaks(void **state)
{
	static const struct {
		enum trunk_media toward;
		const char *protocol, *ice, *mux;
	} cases[] = {
		{MEDIA_RTP, "18:transport-protocol7:RTP/AVP", "3:ICE6:remove",
		 "8:rtcp-muxl5:demuxe"},
		{MEDIA_OFF, "18:transport-protocol7:RTP/AVP", "3:ICE6:remove",
		 "8:rtcp-muxl5:demuxe"},
		{MEDIA_SRTP, "18:transport-protocol8:RTP/SAVP", "4:DTLS3:off",
		 "8:rtcp-muxl5:demuxe"},
		{MEDIA_WEBRTC, "18:transport-protocol17:UDP/TLS/RTP/SAVPF", "3:ICE5:force",
		 "8:rtcp-muxl5:offere"},
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ng_command command = offer_to(cases[i].toward);
		size_t n = ng_write(&command, text, sizeof(text));

		assert_int_equal(text[0], 'd');
		assert_int_equal(text[n - 1], 'e');
		assert_true(holds(text, n, "7:command5:offer"));
		assert_true(holds(text, n, "7:call-id2:c1"));
		assert_true(holds(text, n, "8:from-tag1:a"));
		assert_false(holds(text, n, "to-tag"));
		assert_true(holds(text, n, "10:via-branch8:z9hG4bK1"));
		assert_true(holds(text, n, "3:sdp5:v=0\r\n"));
		assert_true(holds(text, n, "8:supportsl10:load limite"));
		assert_true(holds(text, n, "7:replacel6:origin18:session-connectione"));
		assert_true(holds(text, n, cases[i].protocol));
		assert_true(holds(text, n, cases[i].ice));
		assert_true(holds(text, n, cases[i].mux));
	}
}

static void an_answer_leaves_the_protocol_to_what_was_offered(void **state)
{
	struct ng_command command = offer_to(MEDIA_WEBRTC);
	char text[1024];
	size_t n;

	(void)state;
	command.verb = NG_ANSWER;
	command.to_tag = span("b");
	n = ng_write(&command, text, sizeof(text));
	assert_true(holds(text, n, "7:command6:answer"));
	assert_true(holds(text, n, "6:to-tag1:b"));
	assert_true(holds(text, n, "3:ICE5:force"));
	assert_false(holds(text, n, "transport-protocol"));
	assert_false(holds(text, n, "rtcp-mux"));
}

static void a_delete_says_who_and_nothing_else(void **state)
{
	const struct ng_command command = {.verb = NG_DELETE,
					   .call_id = span("c1"),
					   .from_tag = span("a"),
					   .to_tag = span("b")};
	static const char expected[] = "d7:command6:delete7:call-id2:c18:from-tag1:a6:to-tag1:be";
	char text[128];

	(void)state;
	assert_int_equal(ng_write(&command, text, sizeof(text)), strlen(expected));
	assert_memory_equal(text, expected, strlen(expected));
}

static void the_media_identity_is_what_mky_signed_or_an_empty_list(void **state)
{
	struct ng_command command = offer_to(MEDIA_RTP);
	char text[1024];
	size_t n = ng_write(&command, text, sizeof(text));

	(void)state;
	assert_false(holds(text, n, "media identity"));
	command.tells_identity = true;
	n = ng_write(&command, text, sizeof(text));
	assert_true(holds(text, n, "14:media identityle"));
	command.mky = "[{\"alg\":\"sha-256\",\"dig\":\"" DIG "\"},{\"alg\":\"sha-512\","
		      "\"dig\":\"" DIG DIG "\"}]";
	n = ng_write(&command, text, sizeof(text));
	assert_true(holds(text, n, "14:media identityl72:sha-256 " DIG "136:sha-512 " DIG DIG "e"));
	/* No relay binds media to SHA-1. */
	command.mky = "[{\"alg\":\"sha-1\",\"dig\":\"AB\"}]";
	n = ng_write(&command, text, sizeof(text));
	assert_true(holds(text, n, "14:media identityle"));
	command.mky = "[]";
	assert_int_equal(ng_write(&command, text, sizeof(text)), 0);
	command.mky = "not JSON";
	assert_int_equal(ng_write(&command, text, sizeof(text)), 0);
}

static void what_does_not_fit_is_not_written_in_any_size(void **state)
{
	struct ng_command command = offer_to(MEDIA_WEBRTC);
	const struct ng_key key = {"0123456789abcdef", 16};
	char whole[1024];
	size_t n = ng_write(&command, whole, sizeof(whole));

	(void)state;
	for (size_t size = 0; size < n; size++) {
		char *text = malloc(size + 1); /* ASan watches its end */

		assert_int_equal(ng_write(&command, text, size), 0);
		assert_int_equal(
			ng_frame("cookie", (struct callerid_span){whole, n}, &key, 1, text, size),
			0);
		free(text);
	}
	assert_int_equal(ng_write(&command, whole, n), n);
}

#define MAC_OF_COMMAND "6ebb5f2a78f9438b41f4862b624ad13a1653eeb6814670032efa4c18ff6e9ac8"
#define MAC_OF_REPLY   "6542988be0669485eed627f21534d54a06c65a5b7a0f6a25e61b549279000536"

/* The HMACs are those of "openssl mac -digest SHA256 -macopt key:secret-of-sixteen HMAC". */
static void a_key_signs_the_command_with_its_time_and_the_reply_without(void **state)
{
	const struct ng_key key = {"secret-of-sixteen", 17};
	struct callerid_span cookie, dict;
	char text[256], reply[256];
	size_t n = ng_frame("1_2", span("d7:command4:pinge"), &key, 1795600000, text, sizeof(text));
	size_t m;

	(void)state;
	assert_int_equal(n, 4 + 11 + 64 + 1 + 17);
	assert_memory_equal(text, "1_2 1795600000:", 15);
	assert_memory_equal(text + 79, " d7:command4:pinge", 18);
	assert_memory_equal(text + 15, MAC_OF_COMMAND, 64);
	m = (size_t)snprintf(reply, sizeof(reply), "1_2 %s d6:result4:ponge", MAC_OF_REPLY);
	assert_true(ng_split((struct callerid_span){reply, m}, &key, &cookie, &dict));
	assert_int_equal(cookie.n, 3);
	assert_int_equal(dict.n, 16);
	reply[m - 2] = 'h';
	assert_false(ng_split((struct callerid_span){reply, m}, &key, &cookie, &dict));
	assert_false(ng_split(span("1_2 d6:result4:ponge"), &key, &cookie, &dict));
	assert_true(ng_split(span("1_2 d6:result4:ponge"), NULL, &cookie, &dict));
}

static void a_message_of_a_stream_is_whole_at_its_last_byte_and_not_before(void **state)
{
	static const char text[] = "1_2 d2:okli1ei-20e0:d1:a1:bee6:result2:oke3_4 d";
	size_t whole = strlen(text) - 5;

	(void)state;
	for (size_t n = 0; n < whole; n++)
		assert_int_equal(ng_size(text, n), 0);
	assert_int_equal(ng_size(text, whole), whole);
	assert_int_equal(ng_size(text, strlen(text)), whole);
}

static void what_never_becomes_a_message_is_known_for_it(void **state)
{
	static const char *const wrong[] = {"1_2 x",
					    "1_2 e",
					    "1_2 d5x",
					    "1_2 d99999999:",
					    "1_2 di99999999999999999999999999",
					    " d",
					    "1_2 d-1:ae",
					    "1_2 dddddddddddddddddd",
					    "1_2 {\"result\":\"ok\"}",
					    "a-cookie-that-is-longer-than-any-of-ours-ever-is d"};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_int_equal(ng_size(wrong[i], strlen(wrong[i])), -1);
}

static void a_reply_gives_its_sdp_or_why_there_is_none(void **state)
{
	static const struct {
		const char *dict, *trouble;
		bool elsewhere;
	} cases[] = {
		{"d6:result2:ok3:sdp5:v=0\r\ne", NULL, false},
		{"d3:sdp5:v=0\r\n6:result2:oke", NULL, false},
		{"d6:result4:ponge", NULL, false},
		{"d6:result10:load limit7:message30:Parallel session limit reachede", "load_limit",
		 true},
		{"d12:error-reason16:Ran out of ports6:result5:errore", "no_ports", true},
		{"d12:error-reason30:Parallel session limit reached6:result5:errore", "load_limit",
		 true},
		{"d12:error-reason15:Unknown call-id6:result5:errore", "unknown_call", false},
		{"d12:error-reason19:Failed to parse SDP6:result5:errore", "bad_sdp", false},
		{"d12:error-reason9:Something6:result5:errore", "refused", false},
		{"d6:result5:errore", "refused", false},
		{"d6:result3:yese", "bad_reply", false},
		{"d6:resulti1ee", "bad_reply", false},
		{"l6:result2:oke", "bad_reply", false},
		{"", "bad_reply", false},
		{"d6:result2:o", "bad_reply", false},
	};
	struct ng_reply reply;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		ng_read(span(cases[i].dict), &reply);
		if (cases[i].trouble == NULL)
			assert_null(reply.trouble);
		else
			assert_string_equal(reply.trouble, cases[i].trouble);
		assert_int_equal(reply.elsewhere, cases[i].elsewhere);
	}
	ng_read(span(cases[0].dict), &reply);
	assert_int_equal(reply.sdp.n, 5);
	assert_memory_equal(reply.sdp.p, "v=0\r\n", 5);
}

static void a_call_ends_as_its_worst_or_else_its_best_party_was_bound(void **state)
{
	static const struct {
		const char *dict, *identity;
	} cases[] = {
		{"d6:result2:ok4:tagsd1:ad14:media identity5:bounde1:bd14:media "
		 "identity7:unboundeee",
		 "bound"},
		{"d4:tagsd1:ad14:media identity5:bounde1:bd14:media "
		 "identity8:mismatchee6:result2:oke",
		 "mismatch"},
		{"d4:tagsd1:ad14:media identity7:unboundee6:result2:oke", "unbound"},
		{"d4:tagsd1:ad14:media identity3:new3:tag1:aee6:result2:oke", ""},
		{"d4:tagsd1:ad3:tag1:aee6:result2:oke", ""},
	};
	struct ng_reply reply;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		ng_read(span(cases[i].dict), &reply);
		assert_null(reply.trouble);
		assert_int_equal(reply.identity.n, strlen(cases[i].identity));
		if (reply.identity.n > 0)
			assert_memory_equal(reply.identity.p, cases[i].identity, reply.identity.n);
	}
}

static void half_a_reply_is_none(void **state)
{
	static const char whole[] = "d6:result2:ok3:sdp5:v=0\r\n4:tagsd1:ad3:tag1:aeee";
	char more[sizeof(whole) + 1];
	struct ng_reply reply;

	(void)state;
	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		ng_read((struct callerid_span){whole, n}, &reply);
		assert_non_null(reply.trouble);
		assert_string_equal(reply.trouble, "bad_reply");
		assert_int_equal(reply.sdp.n, 0);
	}
	ng_read(span(whole), &reply);
	assert_null(reply.trouble);
	snprintf(more, sizeof(more), "%sd", whole);
	ng_read(span(more), &reply);
	assert_string_equal(reply.trouble, "bad_reply");
}

static void an_sdp_that_no_request_could_carry_is_no_reply(void **state)
{
	static char dict[NG_MESSAGE_MAX];
	struct ng_reply reply;

	(void)state;
	for (size_t size = NG_SDP_MAX; size <= NG_SDP_MAX + 1; size++) {
		int n = snprintf(dict, sizeof(dict), "d6:result2:ok3:sdp%zu:", size);

		memset(dict + n, 'a', size);
		dict[(size_t)n + size] = 'e';
		ng_read((struct callerid_span){dict, (size_t)n + size + 1}, &reply);
		if (size <= NG_SDP_MAX) {
			assert_null(reply.trouble);
			assert_int_equal(reply.sdp.n, size);
		} else {
			assert_non_null(reply.trouble);
			assert_string_equal(reply.trouble, "bad_reply");
			assert_int_equal(reply.sdp.n, 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_offer_names_its_dialog_and_what_the_next_one_speaks),
		cmocka_unit_test(an_answer_leaves_the_protocol_to_what_was_offered),
		cmocka_unit_test(a_delete_says_who_and_nothing_else),
		cmocka_unit_test(the_media_identity_is_what_mky_signed_or_an_empty_list),
		cmocka_unit_test(what_does_not_fit_is_not_written_in_any_size),
		cmocka_unit_test(a_key_signs_the_command_with_its_time_and_the_reply_without),
		cmocka_unit_test(a_message_of_a_stream_is_whole_at_its_last_byte_and_not_before),
		cmocka_unit_test(what_never_becomes_a_message_is_known_for_it),
		cmocka_unit_test(a_reply_gives_its_sdp_or_why_there_is_none),
		cmocka_unit_test(half_a_reply_is_none),
		cmocka_unit_test(an_sdp_that_no_request_could_carry_is_no_reply),
		cmocka_unit_test(a_call_ends_as_its_worst_or_else_its_best_party_was_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
