/* SPDX-License-Identifier: Apache-2.0 */
/* What a leg's transport becomes when its terms change. */
#include <openssl/crypto.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/media/path/path_kit.h"
#include "media/session/call.h"

struct bench {
	struct port_pool *pool;
	struct path *path;
	struct leg leg;
	struct said said;
	struct promise promise;
	struct srtp_key before, after, third, fourth;
	bool settled, agreed;
	unsigned sent;
	uint8_t sequence;
	struct transport_view view;
};

static bool settle(struct bench *bench, enum security security)
{
	struct terms terms = {.known = true, .security = security, .mux = MUX_YES};
	struct ng_request request = {.tos = -1};

	return leg_settle(&bench->leg, &(struct leg_settle){.terms = &terms,
							    .said = &bench->said,
							    .request = &request,
							    .source = &bench->promise});
}

static bool open_leg(struct bench *bench, struct worker *worker)
{
	const char *why;

	bench->path = path_new(worker, bench->pool, 0);
	bench->leg.transport = transport_new(
		&(struct transport_params){.path = bench->path,
					   .interface = port_pool_interface_at(bench->pool, 0),
					   .owner = &bench->leg.owner,
					   .rtcp_mux = true},
		&why);
	return bench->leg.transport;
}

/* One packet of media to the party. */
static void send_one(struct bench *bench)
{
	uint8_t buffer[PACKET_MAX + PACKET_SPARE] = {0};
	struct packet packet = {.data = buffer, .len = 172};

	buffer[0] = 0x80;
	buffer[3] = ++bench->sequence;
	bench->sent += transport_send(bench->leg.transport, &packet);
}

/* The key that the transport sends with. */
static struct srtp_key sending(const struct bench *bench)
{
	struct transport_saved *saved = malloc(sizeof(*saved));
	struct srtp_key key = {.len = 0};

	if (saved) {
		transport_save(bench->leg.transport, saved);
		key = saved->key_out;
	}
	free(saved);
	return key;
}

static bool same_key(const struct srtp_key *a, const struct srtp_key *b)
{
	return a->len == b->len && CRYPTO_memcmp(a->bytes, b->bytes, a->len) == 0;
}

static bool offer(struct bench *bench)
{
	struct terms terms = {.known = true, .security = SECURITY_SDES, .mux = MUX_YES};
	struct ng_request request = {.tos = -1};

	return leg_offer(&bench->leg, &terms, &request);
}

/* The party's answer that names one of our lines. */
static bool answer(struct bench *bench, unsigned tag)
{
	struct terms terms = {.known = true, .security = SECURITY_SDES, .mux = MUX_YES};
	struct ng_request request = {.tos = -1};

	bench->said.cryptos[0].tag = tag;
	for (size_t i = 0; i < bench->leg.n_offered; i++)
		if (bench->leg.offered[i].tag == tag)
			bench->said.cryptos[0] = bench->leg.offered[i];
	return leg_settle(&bench->leg, &(struct leg_settle){.terms = &terms,
							    .said = &bench->said,
							    .request = &request,
							    .source = &bench->promise,
							    .answers = true});
}

static void close_leg(struct bench *bench)
{
	transport_free(bench->leg.transport);
	path_free(bench->path);
}

static void secure_plain_secure(struct worker *worker, void *magic)
{
	struct bench *bench = magic;

	bench->settled = open_leg(bench, worker) && settle(bench, SECURITY_SDES);
	bench->before = bench->leg.offered[0].key;
	send_one(bench);
	bench->settled =
		bench->settled && settle(bench, SECURITY_NONE) && settle(bench, SECURITY_SDES);
	bench->after = bench->leg.offered[0].key;
	close_leg(bench);
}

/* What the transport is while keys are offered that nobody has answered yet. */
static void offer_keys(struct worker *worker, void *magic)
{
	struct bench *bench = magic;
	bench->settled = open_leg(bench, worker);
	if (bench->agreed)
		bench->settled = bench->settled && settle(bench, SECURITY_NONE);
	bench->settled = bench->settled && offer(bench);
	transport_view(bench->leg.transport, &bench->view);
	close_leg(bench);
}

/* Two lines of one offer are chosen in turn, then the first again; and once more when another offer
 * has been made. */
static void one_line_two_and_one(struct worker *worker, void *magic)
{
	struct bench *bench = magic;

	bench->settled = open_leg(bench, worker) && offer(bench) && answer(bench, 1);
	bench->before = sending(bench);
	send_one(bench);
	bench->settled = bench->settled && answer(bench, 2);
	bench->after = sending(bench);
	send_one(bench);
	bench->settled = bench->settled && answer(bench, 1);
	bench->third = sending(bench);
	send_one(bench);
	bench->settled = bench->settled && offer(bench) && answer(bench, 1);
	bench->fourth = sending(bench);
	send_one(bench);
	close_leg(bench);
}

/* Forks that answer before anything was sent to the first of them. */
static void one_line_two_and_one_unsent(struct worker *worker, void *magic)
{
	struct bench *bench = magic;

	bench->settled = open_leg(bench, worker) && offer(bench) && answer(bench, 1);
	bench->before = sending(bench);
	bench->settled = bench->settled && answer(bench, 2) && answer(bench, 1);
	bench->after = sending(bench);
	close_leg(bench);
}

static void a_line_that_nobody_offered(struct worker *worker, void *magic)
{
	struct bench *bench = magic;

	bench->settled = open_leg(bench, worker) && settle(bench, SECURITY_NONE) && offer(bench) &&
			 answer(bench, 99);
	transport_view(bench->leg.transport, &bench->view);
	close_leg(bench);
}

/* The party offers the suites of two lines of ours in turn, and those of the first again. */
static void suites_in_turn(struct worker *worker, void *magic)
{
	struct bench *bench = magic;

	bench->settled = open_leg(bench, worker) && offer(bench) && answer(bench, 1);
	bench->before = sending(bench);
	send_one(bench);
	bench->said.cryptos[0] = bench->leg.offered[1];
	bench->settled = bench->settled && settle(bench, SECURITY_SDES);
	bench->after = sending(bench);
	send_one(bench);
	bench->settled = bench->settled &&
			 sdes_make(7, SUITE_AEAD_AES_128_GCM, &bench->said.cryptos[0]) &&
			 settle(bench, SECURITY_SDES);
	bench->third = sending(bench);
	close_leg(bench);
}

static void run(struct bench *bench, void (*job)(struct worker *worker, void *magic))
{
	struct worker_params params = {.cpu = -1};
	struct interface interface = {.name = "default"};
	struct worker *worker;

	assert_true(sdes_make(1, SUITE_AEAD_AES_128_GCM, &bench->said.cryptos[0]));
	assert_true(address_parse("127.0.0.1", 9, 9, &bench->said.rtp));
	assert_true(address_parse("127.0.0.1", 9, 0, &interface.address));
	interface.advertised = interface.address;
	bench->pool = port_pool_new(&interface, 1, 17500, 17599);
	assert_non_null(bench->pool);
	worker = worker_start(&params);
	assert_non_null(worker);
	kit_run(worker, job, bench);
	worker_stop(worker);
	port_pool_free(bench->pool);
	assert_true(bench->settled);
}

/* RFC 7714 §9.1: counters begin at nothing with a context, and a nonce is used once under a key. */
static void test_a_key_whose_counters_are_gone_is_not_used_again(void **state)
{
	struct bench bench = {.said = {.known = true, .n_cryptos = 1}};

	(void)state;
	run(&bench, secure_plain_secure);
	assert_int_equal(bench.sent, 1);
	assert_int_equal(bench.after.len, bench.before.len);
	assert_false(same_key(&bench.after, &bench.before));
}

static void test_a_line_that_was_left_is_not_sent_with_under_the_same_key(void **state)
{
	struct bench bench = {.said = {.known = true, .n_cryptos = 1}};

	(void)state;
	run(&bench, one_line_two_and_one);
	assert_int_equal(bench.sent, 4);
	assert_false(same_key(&bench.after, &bench.before));
	/* Its new key has been told nobody: what runs goes on. */
	assert_true(same_key(&bench.third, &bench.after));
	assert_int_equal(bench.fourth.len, bench.before.len);
	assert_false(same_key(&bench.fourth, &bench.before));
	assert_false(same_key(&bench.fourth, &bench.after));
}

static void test_a_line_that_nothing_was_sent_with_can_be_taken_up_again(void **state)
{
	struct bench bench = {.said = {.known = true, .n_cryptos = 1}};

	(void)state;
	run(&bench, one_line_two_and_one_unsent);
	assert_int_not_equal(bench.before.len, 0);
	assert_true(same_key(&bench.after, &bench.before));
}

static void test_a_suite_that_comes_back_has_a_key_that_has_not_sent(void **state)
{
	struct bench bench = {.said = {.known = true, .n_cryptos = 1}};

	(void)state;
	run(&bench, suites_in_turn);
	assert_int_equal(bench.sent, 2);
	assert_int_equal(bench.third.len, bench.before.len);
	assert_false(same_key(&bench.third, &bench.before));
	assert_false(same_key(&bench.after, &bench.before));
}

/* RFC 4568 §5.1.3: the answer names a line of the offer. One that does not gives no keys. */
static void test_an_answer_of_no_line_lets_nothing_pass_in_the_clear(void **state)
{
	struct bench bench = {.said = {.known = true, .n_cryptos = 1}};

	(void)state;
	run(&bench, a_line_that_nobody_offered);
	assert_int_equal(bench.view.security, SECURITY_SDES);
	assert_false(bench.view.keys_in);
}

/* RFC 3264 §8: an offer that is refused leaves the session as it was. */
static void test_an_offer_of_keys_leaves_what_was_agreed_until_it_is_answered(void **state)
{
	struct bench bench = {.said = {.known = true}, .agreed = true};

	(void)state;
	run(&bench, offer_keys);
	assert_int_equal(bench.leg.n_offered, SUITE_COUNT - 1);
	assert_int_equal(bench.view.security, SECURITY_NONE);
}

static void test_the_first_offer_of_keys_lets_nothing_pass_in_the_clear(void **state)
{
	struct bench bench = {.said = {.known = true}};

	(void)state;
	run(&bench, offer_keys);
	assert_int_equal(bench.view.security, SECURITY_SDES);
}

static int start_srtp(void **state)
{
	(void)state;
	return srtp_start() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_key_whose_counters_are_gone_is_not_used_again),
		cmocka_unit_test(test_a_line_that_was_left_is_not_sent_with_under_the_same_key),
		cmocka_unit_test(test_a_line_that_nothing_was_sent_with_can_be_taken_up_again),
		cmocka_unit_test(test_a_suite_that_comes_back_has_a_key_that_has_not_sent),
		cmocka_unit_test(test_an_answer_of_no_line_lets_nothing_pass_in_the_clear),
		cmocka_unit_test(test_an_offer_of_keys_leaves_what_was_agreed_until_it_is_answered),
		cmocka_unit_test(test_the_first_offer_of_keys_lets_nothing_pass_in_the_clear),
	};

	return cmocka_run_group_tests(tests, start_srtp, NULL);
}
