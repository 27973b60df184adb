/* SPDX-License-Identifier: Apache-2.0 */
/* The source lock: who is heard, who is sent to, and when that may change. */
#include "media/path/latch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SECOND 1000000000u
#define START  (100ull * SECOND)

static struct address at(const char *ip, uint16_t port)
{
	struct address address;

	assert_true(address_parse(ip, strlen(ip), port, &address));
	return address;
}

/* Signalled 192.0.2.10:4000 at START. */
static struct latch opened(enum latch_mode mode, const char *received_from)
{
	struct address signalled = at("192.0.2.10", 4000), sip = {.family = 0};
	struct latch latch;

	if (received_from)
		sip = at(received_from, 5060);
	latch_init(&latch);
	latch_signal(&latch, &signalled, &sip, mode, START);
	return latch;
}

static unsigned passed(struct latch *latch, const struct address *from, unsigned n, uint64_t now)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++)
		count += latch_plain(latch, from, now);
	return count;
}

static void test_nobody_is_heard_before_signalling(void **state)
{
	struct address stranger = at("203.0.113.9", 4000);
	struct latch latch;

	(void)state;
	latch_init(&latch);
	assert_int_equal(passed(&latch, &stranger, 20, START), 0);
	assert_int_equal(latch.remote.family, 0);
}

static void test_an_exact_match_confirms_at_once(void **state)
{
	struct latch latch = opened(LATCH_LEARN, NULL);
	struct address peer = at("192.0.2.10", 4000), stranger = at("203.0.113.9", 4000);

	(void)state;
	assert_int_equal(passed(&latch, &peer, 1, START), 1);
	assert_true(address_equal(&latch.source, &peer));
	assert_int_equal(passed(&latch, &stranger, 100, START), 0);
	assert_int_equal(passed(&latch, &peer, 100, START), 100);
}

static void test_a_source_behind_a_nat_is_locked_after_five(void **state)
{
	struct latch latch = opened(LATCH_LEARN, NULL);
	struct address nat = at("198.51.100.7", 61000), third = at("203.0.113.9", 4000);
	struct address signalled = at("192.0.2.10", 4000);

	(void)state;
	assert_int_equal(passed(&latch, &nat, 4, START), 4);
	assert_true(address_equal(&latch.remote, &signalled));
	assert_int_equal(passed(&latch, &nat, 1, START), 1);
	assert_true(address_equal(&latch.remote, &nat));
	assert_int_equal(passed(&latch, &third, 100, START), 0);
	assert_int_equal(passed(&latch, &nat, 100, START + 60ull * SECOND), 100);
	assert_true(address_equal(&latch.remote, &nat));
}

static void test_five_packets_of_strangers_pass_however_many_they_are(void **state)
{
	struct latch latch = opened(LATCH_LEARN, NULL);
	struct address peer = at("192.0.2.10", 4000);
	unsigned n = 0;

	(void)state;
	for (uint16_t port = 1; port <= 1000; port++) {
		struct address stranger = at("203.0.113.9", port);

		n += latch_plain(&latch, &stranger, START);
	}
	assert_int_equal(n, LATCH_PACKETS);
	assert_int_equal(latch.source.family, 0);
	assert_int_equal(passed(&latch, &peer, 10, START), 10);
}

static void test_who_comes_by_now_and_then_is_never_locked_to(void **state)
{
	struct latch latch = opened(LATCH_LEARN, NULL);
	struct address nat = at("198.51.100.7", 61000), third = at("203.0.113.9", 4000);
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		n += latch_plain(&latch, &third, START + i * (SECOND / 4));
	assert_int_equal(n, LATCH_PACKETS);
	assert_int_equal(latch.source.family, 0);
	for (unsigned i = 0; i < 5; i++)
		latch_plain(&latch, &nat, START + 2ull * SECOND + i * (SECOND / 50));
	assert_true(address_equal(&latch.source, &nat));
}

static void test_rtcp_follows_rtp_and_learns_nobody_by_itself(void **state)
{
	struct latch latch = opened(LATCH_LEARN, NULL);
	struct address nat = at("198.51.100.7", 61001), third = at("203.0.113.9", 4001);

	(void)state;
	latch.follows = true;
	assert_int_equal(passed(&latch, &third, 100, START), 0);
	assert_int_equal(passed(&latch, &nat, 100, START), 0);
	latch.companion = at("198.51.100.7", 61000);
	assert_int_equal(passed(&latch, &nat, 1, START + 10ull * SECOND), 1);
	assert_true(address_equal(&latch.remote, &nat));
	assert_int_equal(passed(&latch, &third, 100, START), 0);
}

static void test_a_single_packet_of_a_stranger_keeps_nobody_out(void **state)
{
	struct latch latch = opened(LATCH_LEARN, NULL);
	struct address nat = at("198.51.100.7", 61000), third = at("203.0.113.9", 4000);

	(void)state;
	assert_int_equal(passed(&latch, &third, 3, START), 3);
	passed(&latch, &nat, 5, START);
	assert_true(address_equal(&latch.source, &nat));
	assert_int_equal(passed(&latch, &third, 10, START), 0);
}

static void test_within_the_window_the_signalled_address_displaces_who_sprayed_first(void **state)
{
	struct latch latch = opened(LATCH_LEARN, NULL);
	struct address peer = at("192.0.2.10", 4000), stranger = at("203.0.113.9", 4000);

	(void)state;
	passed(&latch, &stranger, 10, START);
	assert_true(address_equal(&latch.remote, &stranger));
	assert_int_equal(passed(&latch, &peer, 1, START + SECOND), 1);
	assert_true(address_equal(&latch.remote, &peer));
	assert_int_equal(passed(&latch, &stranger, 100, START + SECOND), 0);
}

static void test_behind_the_window_nobody_displaces(void **state)
{
	struct latch latch = opened(LATCH_LEARN, NULL);
	struct address peer = at("192.0.2.10", 4000), nat = at("198.51.100.7", 61000);

	(void)state;
	passed(&latch, &nat, 5, START);
	assert_int_equal(passed(&latch, &peer, 10, START + LATCH_SECONDS * (uint64_t)SECOND), 0);
	assert_true(address_equal(&latch.source, &nat));
}

static void test_behind_the_window_strangers_are_not_learned(void **state)
{
	struct latch latch = opened(LATCH_LEARN, NULL);
	struct address nat = at("198.51.100.7", 61000);
	uint64_t late = START + LATCH_SECONDS * (uint64_t)SECOND;

	(void)state;
	assert_int_equal(passed(&latch, &nat, 10, late - 1), 10);
	latch = opened(LATCH_LEARN, NULL);
	assert_int_equal(passed(&latch, &nat, 10, late), 0);
	assert_int_equal(latch.source.family, 0);
}

static void test_the_host_that_sip_came_from_is_locked_at_once_and_at_any_time(void **state)
{
	struct latch latch = opened(LATCH_LEARN, "198.51.100.7");
	struct address nat = at("198.51.100.7", 61000), third = at("203.0.113.9", 4000);

	(void)state;
	passed(&latch, &third, 10, START);
	assert_true(address_equal(&latch.source, &third));
	assert_int_equal(passed(&latch, &nat, 1, START), 1);
	assert_true(address_equal(&latch.remote, &nat));
	assert_int_equal(passed(&latch, &third, 10, START), 0);
	latch = opened(LATCH_LEARN, "198.51.100.7");
	assert_int_equal(passed(&latch, &nat, 10, START + 40ull * SECOND), 10);
}

static void test_strict_hears_the_signalled_address_only(void **state)
{
	struct latch latch = opened(LATCH_STRICT, "198.51.100.7");
	struct address peer = at("192.0.2.10", 4000), port = at("192.0.2.10", 4002);
	struct address sip = at("198.51.100.7", 4000);

	(void)state;
	assert_int_equal(passed(&latch, &port, 10, START), 0);
	assert_int_equal(passed(&latch, &sip, 10, START), 0);
	assert_int_equal(passed(&latch, &peer, 10, START), 10);
	assert_false(latch_admits(&latch, &port));
	assert_true(latch_admits(&latch, &peer));
}

static void test_signalling_alone_opens_the_lock_again(void **state)
{
	struct latch latch = opened(LATCH_LEARN, NULL);
	struct address first = at("198.51.100.7", 61000), second = at("198.51.100.8", 61001);
	struct address signalled = at("192.0.2.10", 4000), none = {.family = 0};
	uint64_t later = START + 60ull * SECOND;

	(void)state;
	passed(&latch, &first, 5, START);
	assert_int_equal(passed(&latch, &second, 100, later), 0);
	latch_signal(&latch, &signalled, &none, LATCH_LEARN, later);
	assert_true(address_equal(&latch.remote, &first));
	assert_int_equal(passed(&latch, &second, 10, later), 10);
	assert_true(address_equal(&latch.remote, &second));
}

static void test_a_hold_is_sent_nothing_and_opens_nothing(void **state)
{
	struct latch latch = opened(LATCH_LEARN, NULL);
	struct address peer = at("192.0.2.10", 4000), stranger = at("203.0.113.9", 4000);
	struct address hold = at("0.0.0.0", 4000), none = {.family = 0};

	(void)state;
	passed(&latch, &peer, 1, START);
	latch_signal(&latch, &hold, &none, LATCH_LEARN, START);
	assert_int_equal(latch.remote.family, 0);
	assert_int_equal(passed(&latch, &stranger, 10, START), 0);
	assert_int_equal(passed(&latch, &peer, 10, START), 10);
	assert_int_equal(latch.remote.family, 0);
}

static void test_an_asymmetric_peer_is_sent_to_where_it_was_signalled(void **state)
{
	struct latch latch = opened(LATCH_LEARN, NULL);
	struct address nat = at("198.51.100.7", 61000), signalled = at("192.0.2.10", 4000);

	(void)state;
	latch_set_asymmetric(&latch, true);
	assert_int_equal(passed(&latch, &nat, 10, START), 10);
	assert_true(address_equal(&latch.source, &nat));
	assert_true(address_equal(&latch.remote, &signalled));
	latch = opened(LATCH_OFF, NULL);
	assert_int_equal(passed(&latch, &nat, 10, START), 10);
	assert_true(address_equal(&latch.remote, &signalled));
}

static void test_what_authenticates_moves_the_address_but_not_while_the_peer_is_heard(void **state)
{
	struct latch latch = opened(LATCH_LEARN, NULL);
	struct address peer = at("198.51.100.7", 61000), other = at("203.0.113.9", 4000);

	(void)state;
	latch_authentic(&latch, &peer, START);
	assert_true(address_equal(&latch.remote, &peer));
	latch_authentic(&latch, &other, START + SECOND);
	assert_true(address_equal(&latch.remote, &peer));
	latch_authentic(&latch, &peer, START + 2ull * SECOND);
	latch_authentic(&latch, &other, START + 4ull * SECOND);
	assert_true(address_equal(&latch.remote, &peer));
	latch_authentic(&latch, &other, START + 5ull * SECOND);
	assert_true(address_equal(&latch.remote, &other));
}

static void test_dtls_may_come_from_what_was_signalled_only(void **state)
{
	struct latch latch = opened(LATCH_LEARN, "198.51.100.7");
	struct address peer = at("192.0.2.10", 4000), sip = at("198.51.100.7", 1);
	struct address port = at("192.0.2.10", 4001);

	(void)state;
	assert_true(latch_is_signalled(&latch, &peer));
	assert_true(latch_is_signalled(&latch, &sip));
	assert_false(latch_is_signalled(&latch, &port));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_is_heard_before_signalling),
		cmocka_unit_test(test_an_exact_match_confirms_at_once),
		cmocka_unit_test(test_a_source_behind_a_nat_is_locked_after_five),
		cmocka_unit_test(test_five_packets_of_strangers_pass_however_many_they_are),
		cmocka_unit_test(test_who_comes_by_now_and_then_is_never_locked_to),
		cmocka_unit_test(test_rtcp_follows_rtp_and_learns_nobody_by_itself),
		cmocka_unit_test(test_a_single_packet_of_a_stranger_keeps_nobody_out),
		cmocka_unit_test(
			test_within_the_window_the_signalled_address_displaces_who_sprayed_first),
		cmocka_unit_test(test_behind_the_window_nobody_displaces),
		cmocka_unit_test(test_behind_the_window_strangers_are_not_learned),
		cmocka_unit_test(
			test_the_host_that_sip_came_from_is_locked_at_once_and_at_any_time),
		cmocka_unit_test(test_strict_hears_the_signalled_address_only),
		cmocka_unit_test(test_signalling_alone_opens_the_lock_again),
		cmocka_unit_test(test_a_hold_is_sent_nothing_and_opens_nothing),
		cmocka_unit_test(test_an_asymmetric_peer_is_sent_to_where_it_was_signalled),
		cmocka_unit_test(
			test_what_authenticates_moves_the_address_but_not_while_the_peer_is_heard),
		cmocka_unit_test(test_dtls_may_come_from_what_was_signalled_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
