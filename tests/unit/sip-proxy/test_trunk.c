/* SPDX-License-Identifier: Apache-2.0 */
/* Trunks: addresses, who is found, modes and rejections. */
#include "sip-proxy/trunk.h"

#include "sip-proxy/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sockaddr_storage source(const char *host, uint16_t port)
{
	struct sockaddr_storage storage = {0};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&storage;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&storage;

	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
	} else {
		assert_int_equal(inet_pton(AF_INET6, host, &v6->sin6_addr), 1);
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
	}
	return storage;
}

static void as2_addresses_are_taken_in_each_documented_form_and_no_other(void **state)
{
	static const char *const good[] = {"192.0.2.1",	    "192.0.2.0/24", "192.0.2.1:5060",
					   "0.0.0.0/0",	    "2001:db8::1",  "2001:db8::/32",
					   "[2001:db8::1]", "[::1]:5060",   "[2001:db8::]/32"};
	static const char *const bad[] = {
		"",	      "192.0.2",    "192.0.2.1/33", "192.0.2.1:0",   "192.0.2.1:65536",
		"192.0.2.1:", "192.0.2.1/", "192.0.2.1 ",   "host.example",  "[::1",
		"[::1]5060",  "::1/129",    "192.0.2.1/+8", "192.0.2.1:50x", "[]"};
	struct trunk_address address;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!trunk_address_parse(good[i], &address))
			fail_msg("%s is refused", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (trunk_address_parse(bad[i], &address))
			fail_msg("%s is taken", bad[i]);
}

static struct trunk *make(const char *const *addresses, size_t n)
{
	static struct trunk_options options[4];
	static struct trunk trunks[4];
	struct conf_error err;

	for (size_t i = 0; i < n; i++) {
		options[i] = (struct trunk_options){.title = "t", .addresses = {&addresses[i], 1}};
		assert_true(trunk_init(&trunks[i], &options[i], &err));
	}
	return trunks;
}

static const struct trunk *find(const struct trunk *trunks, size_t n, const char *host,
				uint16_t port)
{
	struct sockaddr_storage from = source(host, port);

	return trunk_find(trunks, n, (struct sockaddr *)&from);
}

static void the_longest_prefix_wins_and_a_port_counts_as_more(void **state)
{
	static const char *const addresses[] = {"192.0.2.0/24", "192.0.2.7", "192.0.2.7:5062",
						"2001:db8::/33"};
	struct trunk *trunks = make(addresses, COUNT(addresses));

	(void)state;
	assert_ptr_equal(find(trunks, 4, "192.0.2.9", 1), &trunks[0]);
	assert_ptr_equal(find(trunks, 4, "192.0.2.7", 1), &trunks[1]);
	assert_ptr_equal(find(trunks, 4, "192.0.2.7", 5062), &trunks[2]);
	assert_ptr_equal(find(trunks, 4, "::ffff:192.0.2.9", 1), &trunks[0]);
	assert_ptr_equal(find(trunks, 4, "2001:db8:7fff::1", 1), &trunks[3]);
	assert_null(find(trunks, 4, "2001:db8:8000::1", 1));
	assert_null(find(trunks, 4, "192.0.3.7", 5062));
	for (size_t i = 0; i < 4; i++)
		trunk_clear(&trunks[i]);
}

static void where_a_call_goes_out_to_is_the_trunk_of_that_address(void **state)
{
	static const char *const addresses[] = {"192.0.2.0/24", "192.0.2.7:5062", "2001:db8::/33"};
	static const struct {
		const char *host, *port;
		int trunk; /* -1: nobody's */
	} cases[] = {{"192.0.2.9", "5060", 0},	{"192.0.2.7", "5062", 1},
		     {"192.0.2.7", "5060", 0},	{"[2001:db8::1]", "5061", 2},
		     {"192.0.3.7", "5062", -1}, {"b.example", "5060", -1},
		     {"192.0.2.7", "", -1}};
	struct trunk *trunks = make(addresses, COUNT(addresses));

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct target target = {.transport = TRANSPORT_UDP};
		const struct trunk *found;

		snprintf(target.host, sizeof(target.host), "%s", cases[i].host);
		snprintf(target.port, sizeof(target.port), "%s", cases[i].port);
		found = trunk_at(trunks, COUNT(addresses), &target);
		if (cases[i].trunk < 0)
			assert_null(found);
		else
			assert_ptr_equal(found, &trunks[cases[i].trunk]);
	}
	for (size_t i = 0; i < COUNT(addresses); i++)
		trunk_clear(&trunks[i]);
}

static void checks_get_their_modes_and_rejections_by_code_and_by_reason(void **state)
{
	static const char *const address = "192.0.2.1";
	static const char *const checks[] = {"authority=warn", "replay=off"};
	static const char *const reject[] = {"436", "replayed"};
	struct trunk_options options = {.title = "t",
					.addresses = {&address, 1},
					.checks = {checks, 2},
					.reject = {reject, 2},
					.max_age_ms = 15000};
	struct conf_error err;
	struct trunk trunk;

	(void)state;
	assert_true(trunk_init(&trunk, &options, &err));
	assert_int_equal(trunk.policy.mode[CALLERID_CHECK_AUTHORITY], CALLERID_MODE_WARN);
	assert_int_equal(trunk.policy.mode[CALLERID_CHECK_REPLAY], CALLERID_MODE_OFF);
	assert_int_equal(trunk.policy.mode[CALLERID_CHECK_SIGNATURE], CALLERID_MODE_ENFORCE);
	assert_int_equal(trunk.policy.max_age_s, 15);
	for (unsigned r = 0; r < CALLERID_REASON_COUNT; r++)
		assert_int_equal(trunk.rules.reject[r], callerid_reason_info(r)->code == 436 ||
								r == CALLERID_REASON_REPLAYED);
	trunk_clear(&trunk);
}

static void a_trunk_says_what_a_call_may_cost_and_how_old_what_was_forwarded_may_be(void **state)
{
	struct trunk_options options = {
		.title = "t", .max_diverted_age_ms = 7200000, .max_signatures = 6, .max_cost = 7};
	struct conf_error err;
	struct trunk trunk;

	(void)state;
	assert_true(trunk_init(&trunk, &options, &err));
	assert_int_equal(trunk.policy.max_diverted_age_s, 7200);
	assert_int_equal(trunk.policy.max_signatures, 6);
	assert_int_equal(trunk.policy.max_cost, 7);
	trunk_clear(&trunk);
	for (options.max_cost = 1; options.max_cost < 1 + CALLERID_COST_CERT; options.max_cost++) {
		assert_false(trunk_init(&trunk, &options, &err));
		assert_non_null(strstr(err.text, "max_cost"));
		assert_non_null(strstr(err.text, "0, or 7 to 1000"));
		trunk_clear(&trunk);
	}
}

/* RFC 8224 §8.1: which SIP users are numbers without saying so is "local policies". */
static void the_dial_plan_says_how_many_digits_make_a_number(void **state)
{
	static const char user[] = "sip:1234@pbx";
	struct trunk_options options = {.country_code = "44", .min_digits = 4};
	struct callerid_party party;
	struct conf_error err;
	struct trunk trunk;

	(void)state;
	assert_true(trunk_init(&trunk, &options, &err));
	assert_int_equal(callerid_party_parse(user, strlen(user), &trunk.plan, &party, NULL),
			 CALLERID_OK);
	assert_string_equal(party.text, "441234");
	trunk_clear(&trunk);
	options.min_digits = 5;
	assert_true(trunk_init(&trunk, &options, &err));
	assert_int_equal(callerid_party_parse(user, strlen(user), &trunk.plan, &party, NULL),
			 CALLERID_OK);
	assert_string_equal(party.text, user);
	trunk_clear(&trunk);
}

static void a_bad_check_or_rejection_is_named_with_what_is_allowed(void **state)
{
	static const char *const address = "192.0.2.1";
	static const char *const items[] = {
		"authority=maybe", "nothing=off", "authority", "499", "ok", "bad"};
	struct conf_error err;
	struct trunk trunk;

	(void)state;
	for (size_t i = 0; i < COUNT(items); i++) {
		struct conf_list list = {&items[i], 1};
		struct trunk_options options = {.title = "peer-a", .addresses = {&address, 1}};

		if (i < 3)
			options.checks = list;
		else
			options.reject = list;
		assert_false(trunk_init(&trunk, &options, &err));
		assert_non_null(strstr(err.text, "[trunk \"peer-a\"]"));
		assert_non_null(strstr(err.text, items[i]));
		assert_non_null(strstr(err.text, "allowed:"));
		trunk_clear(&trunk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as2_addresses_are_taken_in_each_documented_form_and_no_other),
		cmocka_unit_test(the_longest_prefix_wins_and_a_port_counts_as_more),
		cmocka_unit_test(where_a_call_goes_out_to_is_the_trunk_of_that_address),
		cmocka_unit_test(checks_get_their_modes_and_rejections_by_code_and_by_reason),
		cmocka_unit_test(
			a_trunk_says_what_a_call_may_cost_and_how_old_what_was_forwarded_may_be),
		cmocka_unit_test(the_dial_plan_says_how_many_digits_make_a_number),
		cmocka_unit_test(a_bad_check_or_rejection_is_named_with_what_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
