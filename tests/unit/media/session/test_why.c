/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences from facts, as tables: what each fact alone leads to, and that they are in order. */
#include "media/session/why.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof(*(array)))

/* A leg on which all is well. */
static struct why_facts good(void)
{
	return (struct why_facts){.media = "audio",
				  .direction = "sendrecv",
				  .answered = true,
				  .sends = true,
				  .hears = true,
				  .peer = "192.0.2.1:4000",
				  .source = "192.0.2.1:4000",
				  .local = "198.51.100.1:20000",
				  .in = 100,
				  .out = 98,
				  .in_ago_ms = 20,
				  .out_ago_ms = 20,
				  .since_ms = 2000};
}

static const char *first(const struct why_facts *facts, struct why_lines *lines)
{
	why_tell(facts, lines);
	assert_true(lines->n > 0);
	return lines->text[0];
}

static void on_a_good_leg_audio_flows_both_ways_and_nothing_else_is_said(void **state)
{
	struct why_facts facts = good();
	struct why_lines lines;

	(void)state;
	why_tell(&facts, &lines);
	assert_int_equal(lines.n, 1);
	assert_string_equal(lines.text[0], "audio flows both ways: 100 packets in, 98 out");
}

#define SET(member, value)                                                                         \
	facts = good();                                                                            \
	facts.member = value
#define FIRST_IS(text) assert_string_equal(first(&facts, &lines), text)

static void each_fact_alone_has_its_line(void **state)
{
	struct why_facts facts;
	struct why_lines lines;

	(void)state;
	SET(rejected, true);
	FIRST_IS("the m-line was rejected (port 0): no audio can pass");
	SET(untouched, true);
	FIRST_IS("media of this kind is not relayed: its m-line was passed on as it came");
	SET(answered, false);
	FIRST_IS("no answer yet: the offer came 2 s ago");
	SET(shut, true);
	FIRST_IS("its signed identity wants DTLS, and this m-line has none: nothing passes");
	SET(shut, true);
	facts.passthrough = true;
	FIRST_IS("a fingerprint of its SDP is not one that its identity signed, or it has none: "
		 "nothing passes");
	SET(unproved, true);
	FIRST_IS("no ICE check has come from it under the password that the other side's SDP gave "
		 "it");
	SET(mismatch, true);
	FIRST_IS("the certificate of its DTLS handshake is not one that its identity signed: "
		 "nothing passes");
	SET(peer[0], '\0');
	FIRST_IS("no address to send to: its SDP names none");
	SET(sdes, true);
	FIRST_IS("no SRTP key of it: its a=crypto lines have none of the suites offered");
	SET(blocked, true);
	FIRST_IS("what it sends is blocked on request (block media)");
	SET(silenced, true);
	FIRST_IS("what it sends is replaced by silence on request (silence media)");
	SET(announced, true);
	FIRST_IS("an announcement plays to it: what the other side sends waits");
	SET(in, 0);
	FIRST_IS("no packet from it since signalling 2 s ago; expected 192.0.2.1:4000 to "
		 "198.51.100.1:20000");
	SET(in_ago_ms, 12000);
	FIRST_IS("no packet from it for 12 s: 100 came before, the last from 192.0.2.1:4000");
	SET(in_ago_ms, 180000);
	FIRST_IS("no packet from it for 3 min: 100 came before, the last from 192.0.2.1:4000");
	SET(out, 0);
	FIRST_IS("one way: 100 packets came from it, and none goes to it; see the other side");
	SET(loss, 3);
	FIRST_IS("3 % of what it sends is lost before it comes here");
	SET(jitter, 50);
	FIRST_IS("what it sends comes unevenly: jitter 50 ms");
}

static void facts_that_are_no_trouble_are_not_told(void **state)
{
	struct why_facts facts;
	struct why_lines lines;

	(void)state;
	SET(loss, 2);
	FIRST_IS("audio flows both ways: 100 packets in, 98 out");
	SET(jitter, 49);
	FIRST_IS("audio flows both ways: 100 packets in, 98 out");
	SET(reported_mos, 36);
	FIRST_IS("audio flows both ways: 100 packets in, 98 out");
	SET(in_ago_ms, WHY_RECENT_MS - 1);
	FIRST_IS("audio flows both ways: 100 packets in, 98 out");
	SET(keys_in, true);
	facts.sdes = true;
	FIRST_IS("audio flows both ways: 100 packets in, 98 out");
}

/* Of a fax one side speaks for as long as a page takes; nothing that only RTP has is said. */
static void datagrams_are_told_of_in_words_of_their_own(void **state)
{
	struct why_facts facts;
	struct why_lines lines;

	(void)state;
#define SET_FAX(member, value)                                                                     \
	SET(member, value);                                                                        \
	facts.media = "image";                                                                     \
	facts.datagrams = true
	SET_FAX(in_ago_ms, 20);
	FIRST_IS("image flows both ways: 100 datagrams in, 98 out");
	SET_FAX(in_ago_ms, WHY_RECENT_DATAGRAMS_MS - 1);
	FIRST_IS("image flows both ways: 100 datagrams in, 98 out");
	SET_FAX(in_ago_ms, WHY_RECENT_DATAGRAMS_MS);
	FIRST_IS("no datagram from it for 2 min: 100 came before, the last from 192.0.2.1:4000");
	SET_FAX(in, 0);
	FIRST_IS("no datagram from it since signalling 2 s ago; expected 192.0.2.1:4000 to "
		 "198.51.100.1:20000");
	SET_FAX(out, 0);
	FIRST_IS("one way: 100 datagrams came from it, and none goes to it; see the other side");
	SET_FAX(dropped[DROP_NO_PEER], 2);
	FIRST_IS("2 datagrams had nowhere to go: nobody has answered, or no address is known");
	SET_FAX(dropped[DROP_NO_STREAM], 2);
	FIRST_IS("2 datagrams came to the second port, which the m-line had while it was audio");
	SET_FAX(dropped[DROP_STUN_REFUSED], 2); /* UDPTL before the answer looks like it */
	FIRST_IS("image flows both ways: 100 datagrams in, 98 out");
}

/* ICE first, since DTLS waits for it; then DTLS. */
static void ice_is_told_before_dtls(void **state)
{
	struct why_facts facts = good();
	struct why_lines lines;

	(void)state;
	facts.in = facts.out = 0;
	facts.ice = facts.dtls = true;
	facts.ice_state = "failed";
	snprintf(facts.ice_why, sizeof(facts.ice_why), "no candidate answered");
	snprintf(facts.dtls_why, sizeof(facts.dtls_why), "no handshake yet");
	FIRST_IS("ICE is failed: no candidate answered");
	assert_int_equal(lines.n, 2);
	facts.ice_connected = true;
	FIRST_IS("DTLS is not finished: no handshake yet");
	facts.dtls_connected = true;
	facts.in = facts.out = 5;
	FIRST_IS("audio flows both ways: 5 packets in, 5 out");
}

static void each_reason_of_a_drop_has_its_line_and_its_number(void **state)
{
	static const char *const quiet[] = {"identity", "blocked", "dtls_refused"};

	(void)state;
	for (int reason = 0; reason < DROP_COUNT; reason++) {
		const char *label = drop_label((enum drop_reason)reason);
		struct why_facts facts = good();
		struct why_lines lines;
		bool told_by_its_cause = false;

		for (size_t i = 0; i < N(quiet); i++)
			told_by_its_cause = told_by_its_cause || strcmp(label, quiet[i]) == 0;
		facts.dtls = true;
		facts.ice = facts.ice_connected = false;
		facts.dropped[reason] = 4711;
		snprintf(facts.stranger, sizeof(facts.stranger), "203.0.113.9:9");
		facts.strangers = 2;
		why_tell(&facts, &lines);
		bool found = false;
		for (size_t i = 0; i < lines.n; i++)
			found = found || strstr(lines.text[i], "4711") != NULL;
		if (found == told_by_its_cause)
			fail_msg("%s: %s", label, found ? "told" : "not told");
	}
}

static void strangers_are_counted_and_the_last_is_named(void **state)
{
	struct why_facts facts = good();
	struct why_lines lines;

	(void)state;
	facts.dropped[DROP_SOURCE] = 9;
	facts.strangers = 1;
	snprintf(facts.stranger, sizeof(facts.stranger), "203.0.113.9:9");
	FIRST_IS(
		"9 packets dropped by the source lock: from 1 address, the last 203.0.113.9:9, not "
		"from 192.0.2.1:4000");
	facts.strangers = 8;
	assert_non_null(strstr(first(&facts, &lines), "from 8 addresses,"));
}

static void a_direction_is_no_fault_where_media_keeps_to_it(void **state)
{
	struct why_facts facts = good();
	struct why_lines lines;

	(void)state;
	facts.direction = "sendonly";
	facts.hears = false;
	facts.out = 0;
	why_tell(&facts, &lines);
	assert_int_equal(lines.n, 2);
	assert_string_equal(lines.text[0],
			    "on hold: its SDP says sendonly, so nothing is sent to it");
	assert_string_equal(lines.text[1], "audio comes from it: 100 packets");
	facts = good();
	facts.direction = "recvonly";
	facts.sends = false;
	facts.in = 0;
	why_tell(&facts, &lines);
	assert_string_equal(lines.text[1], "audio goes to it: 98 packets");
}

static void what_was_cut_is_still_a_text(void **state)
{
	struct why_facts facts = good();
	struct why_lines lines;

	(void)state;
	facts.ice = true;
	facts.ice_state = "failed";
	memset(facts.ice_why, 'x', sizeof(facts.ice_why) - 1);
	facts.ice_why[sizeof(facts.ice_why) - 1] = '\0';
	assert_int_equal(strlen(first(&facts, &lines)),
			 strlen("ICE is failed: ") + sizeof(facts.ice_why) - 1);
}

/* Of all facts at once: no more lines than there is room for, and each of them ends. */
static void everything_at_once_fits(void **state)
{
	struct why_facts facts;
	struct why_lines lines;

	(void)state;
	memset(&facts, 1, sizeof(facts));
	facts.media = facts.direction = facts.ice_state = "x";
	memset(facts.ice_why, 0, sizeof(facts.ice_why));
	memset(facts.dtls_why, 0, sizeof(facts.dtls_why));
	memset(facts.peer, 0, sizeof(facts.peer));
	memset(facts.source, 0, sizeof(facts.source));
	memset(facts.local, 0, sizeof(facts.local));
	memset(facts.stranger, 0, sizeof(facts.stranger));
	why_tell(&facts, &lines);
	assert_int_equal(lines.n, WHY_LINES_MAX);
	for (size_t i = 0; i < lines.n; i++)
		assert_non_null(memchr(lines.text[i], '\0', WHY_LINE_MAX));
}

/* A word that no fact has would come out as strangers. */
static void each_word_of_the_table_is_one_that_is_known(void **state)
{
	static const char *const words[] = {
		"media",     "direction", "ice",	   "ice-why",
		"dtls-why",  "peer",	  "source",	   "local",
		"n",	     "in",	  "out",	   "foreigners",
		"type",	     "loss",	  "jitter",	   "since",
		"in-ago",    "mos",	  "reported-loss", "reported-jitter",
		"strangers", "stranger",  "packet",	   "packets"};

	(void)state;
	for (size_t i = 0; why_rule(i); i++)
		for (const char *p = strchr(why_rule(i), '{'); p; p = strchr(p + 1, '{')) {
			size_t n = strcspn(p + 1, "}"), k = 0;

			while (k < N(words) &&
			       (strlen(words[k]) != n || memcmp(words[k], p + 1, n) != 0))
				k++;
			if (k == N(words))
				fail_msg("%s", why_rule(i));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_a_good_leg_audio_flows_both_ways_and_nothing_else_is_said),
		cmocka_unit_test(each_fact_alone_has_its_line),
		cmocka_unit_test(facts_that_are_no_trouble_are_not_told),
		cmocka_unit_test(datagrams_are_told_of_in_words_of_their_own),
		cmocka_unit_test(ice_is_told_before_dtls),
		cmocka_unit_test(each_reason_of_a_drop_has_its_line_and_its_number),
		cmocka_unit_test(strangers_are_counted_and_the_last_is_named),
		cmocka_unit_test(a_direction_is_no_fault_where_media_keeps_to_it),
		cmocka_unit_test(what_was_cut_is_still_a_text),
		cmocka_unit_test(everything_at_once_fits),
		cmocka_unit_test(each_word_of_the_table_is_one_that_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
