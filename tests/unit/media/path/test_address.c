/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses: literal ones only, and equal ones are equal bytes however they came. */
#include "media/path/address.h"

#include "path_kit.h"

static void test_literals_are_read_and_written_and_nothing_else(void **state)
{
	static const struct {
		const char *text, *with_port;
	} good[] = {
		{"192.0.2.1", "192.0.2.1:5004"},
		{"2001:db8::1", "[2001:db8::1]:5004"},
		{"::ffff:192.0.2.1", "[::ffff:192.0.2.1]:5004"},
	};
	static const char *const bad[] = {
		"",
		"192.0.2",
		"192.0.2.256",
		"example.org",
		"[::1]",
		"fe80::1%lo",
		"192.0.2.1 ",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb",
	};
	char text[ADDRESS_TEXT_MAX];
	struct address address = {.family = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(address_parse(good[i].text, strlen(good[i].text), 5004, &address));
		assert_string_equal(address_ip_text(&address, text), good[i].text);
		assert_string_equal(address_text(&address, text), good[i].with_port);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(address_parse(bad[i], strlen(bad[i]), 5004, &address));
	assert_false(address_parse("192.0.2.1\0", 10, 5004, &address));
	assert_true(address_parse("192.0.2.17", 9, 5004, &address));
	assert_string_equal(address_ip_text(&address, text), "192.0.2.1");
	address = (struct address){.family = 0};
	assert_string_equal(address_text(&address, text), "none");
}

static void test_an_address_of_the_system_comes_back_as_it_was(void **state)
{
	static const char *const texts[] = {"192.0.2.1", "2001:db8::1"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct address address, again;
		struct sockaddr_storage sa;

		memset(&sa, 0xff, sizeof(sa));
		assert_true(address_parse(texts[i], strlen(texts[i]), 4711, &address));
		assert_true(address_to_sockaddr(&address, &sa) > 0);
		address_from_sockaddr(&sa, &again);
		assert_true(address_equal(&address, &again));
		assert_int_equal(address_hash(&address, 5), address_hash(&again, 5));
		assert_int_not_equal(address_hash(&address, 5), address_hash(&address, 6));
	}
}

static void test_an_ipv4_address_inside_ipv6_is_that_ipv4_address(void **state)
{
	struct address mapped, plain, again;
	struct sockaddr_storage sa;

	(void)state;
	assert_true(address_parse("::ffff:192.0.2.1", 16, 9, &mapped));
	assert_true(address_parse("192.0.2.1", 9, 9, &plain));
	address_to_sockaddr(&mapped, &sa);
	address_from_sockaddr(&sa, &again);
	assert_true(address_equal(&again, &plain));
}

static void test_unspecified_is_no_place(void **state)
{
	struct address address = {.family = 0};

	(void)state;
	assert_true(address_is_unspecified(&address));
	assert_true(address_parse("0.0.0.0", 7, 9, &address));
	assert_true(address_is_unspecified(&address));
	assert_true(address_parse("::", 2, 9, &address));
	assert_true(address_is_unspecified(&address));
	assert_true(address_parse("::1", 3, 9, &address));
	assert_false(address_is_unspecified(&address));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literals_are_read_and_written_and_nothing_else),
		cmocka_unit_test(test_an_address_of_the_system_comes_back_as_it_was),
		cmocka_unit_test(test_an_ipv4_address_inside_ipv6_is_that_ipv4_address),
		cmocka_unit_test(test_unspecified_is_no_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
