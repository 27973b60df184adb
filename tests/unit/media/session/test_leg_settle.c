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
	struct srtp_key before, after;
	bool settled, agreed;
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
	bench->settled =
		bench->settled && settle(bench, SECURITY_NONE) && settle(bench, SECURITY_SDES);
	bench->after = bench->leg.offered[0].key;
	close_leg(bench);
}

/* What the transport is while keys are offered that nobody has answered yet. */
static void offer_keys(struct worker *worker, void *magic)
{
	struct bench *bench = magic;
	struct terms terms = {.known = true, .security = SECURITY_SDES, .mux = MUX_YES};
	struct ng_request request = {.tos = -1};

	bench->settled = open_leg(bench, worker);
	if (bench->agreed)
		bench->settled = bench->settled && settle(bench, SECURITY_NONE);
	bench->settled = bench->settled && leg_offer(&bench->leg, &terms, &request);
	transport_view(bench->leg.transport, &bench->view);
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
	assert_int_equal(bench.after.len, bench.before.len);
	assert_int_not_equal(CRYPTO_memcmp(bench.after.bytes, bench.before.bytes, bench.before.len),
			     0);
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
		cmocka_unit_test(test_an_offer_of_keys_leaves_what_was_agreed_until_it_is_answered),
		cmocka_unit_test(test_the_first_offer_of_keys_lets_nothing_pass_in_the_clear),
	};

	return cmocka_run_group_tests(tests, start_srtp, NULL);
}
