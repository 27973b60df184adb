/* SPDX-License-Identifier: Apache-2.0 */
/* Routes: targets and the longest prefix. */
#include "sip-proxy/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void targets_are_literal_addresses_with_port_and_transport(void **state)
{
	static const struct {
		const char *text, *url;
	} cases[] = {
		{"sip:192.0.2.1", "sip:192.0.2.1:5060;transport=udp"},
		{"SIP:192.0.2.1:5070;transport=TCP", "sip:192.0.2.1:5070;transport=tcp"},
		{"sip:[2001:db8::1];transport=tls", "sip:[2001:db8::1]:5061;transport=tls"},
		{"sip:[::1]:5070", "sip:[::1]:5070;transport=udp"},
	};
	struct target target;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(target_parse(cases[i].text, &target));
		assert_string_equal(target.url, cases[i].url);
	}
}

static void a_name_or_anything_else_is_no_target(void **state)
{
	static const char *const bad[] = {
		"",
		"sip:",
		"sip:host.example",
		"tel:+12155550101",
		"192.0.2.1",
		"sip:192.0.2.1:0",
		"sip:192.0.2.1:65536",
		"sip:192.0.2.1:5060x",
		"sip:192.0.2.1;lr",
		"sip:192.0.2.1;transport=sctp",
		"sip:bob@192.0.2.1",
		"sip:[::1",
		"sip:[::1]x",
		"sip:192.0.2.1;transport=udp;lr",
		"sip:2001:db8::1",
	};
	struct target target;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (target_parse(bad[i], &target))
			fail_msg("%s is taken as %s", bad[i], target.url);
}

static struct callerid_party number(const char *text)
{
	struct callerid_party party = {.kind = CALLERID_PARTY_TN};

	snprintf(party.text, sizeof(party.text), "%s", text);
	return party;
}

static void the_longest_prefix_wins_and_star_is_last(void **state)
{
	static const char *const any = "*", *const us = "1";
	static const char *const city[] = {"1215", "44"};
	const struct route_options options[] = {
		{"any", {&any, 1}, "sip:192.0.2.1"},
		{"us", {&us, 1}, "sip:192.0.2.2"},
		{"city", {city, 2}, "sip:192.0.2.3"},
	};
	const struct callerid_party uri = {CALLERID_PARTY_URI, "sip:1215@example.com"};
	struct callerid_party called;
	struct route routes[3];
	struct conf_error err;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_true(route_init(&routes[i], &options[i], &err));
	called = number("12155550101");
	assert_ptr_equal(route_find(routes, 3, &called), &routes[2]);
	called = number("13125550101");
	assert_ptr_equal(route_find(routes, 3, &called), &routes[1]);
	called = number("4930555");
	assert_ptr_equal(route_find(routes, 3, &called), &routes[0]);
	assert_null(route_find(routes + 1, 2, &called));
	assert_ptr_equal(route_find(routes, 3, &uri), &routes[0]);
	assert_null(route_find(routes + 1, 2, &uri));
}

static void a_bad_route_is_named_with_what_is_allowed(void **state)
{
	static const char *const plus = "+1";
	const struct route_options options[] = {
		{"r", {&plus, 1}, "sip:192.0.2.1"},
		{"r", {NULL, 0}, "sip:name.example"},
	};
	struct conf_error err;
	struct route route;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_false(route_init(&route, &options[i], &err));
		assert_non_null(strstr(err.text, "[route \"r\"]"));
		assert_non_null(strstr(err.text, "allowed:"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_literal_addresses_with_port_and_transport),
		cmocka_unit_test(a_name_or_anything_else_is_no_target),
		cmocka_unit_test(the_longest_prefix_wins_and_star_is_last),
		cmocka_unit_test(a_bad_route_is_named_with_what_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
