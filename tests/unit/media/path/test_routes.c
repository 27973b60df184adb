/* SPDX-License-Identifier: Apache-2.0 */
/* The shared port's tables: what was entered is found, also after others were taken out. */
#include "media/path/routes.h"

#include <stdlib.h>

#include "path_kit.h"

#define N 3000

static struct address numbered(unsigned i)
{
	struct address address = {.family = i % 2 ? 4 : 6, .port = (uint16_t)(1024 + i % 50000)};

	address.ip[0] = 10;
	address.ip[1] = (uint8_t)(i >> 8);
	address.ip[2] = (uint8_t)i;
	if (address.family == 6)
		address.ip[15] = 1;
	return address;
}

/* Only compared, never looked into. */
static struct transport *transport(unsigned i)
{
	return (struct transport *)(uintptr_t)(0x1000 + 16 * i);
}

static void test_addresses_are_found_while_others_come_and_go(void **state)
{
	bool in[N] = {false};
	struct routes routes;
	size_t n = 0;

	(void)state;
	assert_true(routes_init(&routes));
	for (unsigned step = 0; step < 5 * N; step++) {
		unsigned i = step * 2654435761u % N;
		struct address address = numbered(i);

		if (in[i])
			routes_remove(&routes, &address, transport(i));
		else
			assert_true(routes_add(&routes, &address, transport(i)));
		in[i] = !in[i];
		n += in[i] ? 1 : (size_t)-1;
		assert_int_equal(routes.n, n);
	}
	for (unsigned i = 0; i < N; i++) {
		struct address address = numbered(i);

		assert_ptr_equal(routes_find(&routes, &address), in[i] ? transport(i) : NULL);
		routes_remove(&routes, &address, transport(i));
	}
	assert_int_equal(routes.n, 0);
	routes_free(&routes);
}

static void test_an_address_is_its_last_owners_and_only_that_one_takes_it_out(void **state)
{
	struct address address = numbered(7);
	struct routes routes;

	(void)state;
	assert_true(routes_init(&routes));
	assert_true(routes_add(&routes, &address, transport(1)));
	assert_true(routes_add(&routes, &address, transport(2)));
	assert_int_equal(routes.n, 1);
	routes_remove(&routes, &address, transport(1));
	assert_ptr_equal(routes_find(&routes, &address), transport(2));
	routes_remove(&routes, &address, transport(2));
	assert_null(routes_find(&routes, &address));
	routes_free(&routes);
}

static void test_names_are_whole_and_their_owners(void **state)
{
	struct routes routes;

	(void)state;
	assert_true(routes_init(&routes));
	assert_true(routes_add_name(&routes, "abcdefgh", transport(1)));
	assert_true(routes_add_name(&routes, "abcdefgi", transport(2)));
	assert_true(routes_add_name(&routes, "abcdefgh", transport(1)));
	assert_false(routes_add_name(&routes, "abcdefgh", transport(2)));
	assert_false(routes_add_name(&routes, "", transport(2)));
	assert_ptr_equal(routes_find_name(&routes, "abcdefgh:x", 8), transport(1));
	assert_null(routes_find_name(&routes, "abcdefgh:x", 7));
	assert_null(routes_find_name(&routes, "abcdefgh", 0));
	assert_null(routes_find_name(&routes, "abcdefgh", SIZE_MAX));
	routes_remove_name(&routes, "abcdefgh", transport(2));
	assert_non_null(routes_find_name(&routes, "abcdefgh", 8));
	routes_remove_name(&routes, "abcdefgh", transport(1));
	assert_null(routes_find_name(&routes, "abcdefgh", 8));
	routes_free(&routes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_are_found_while_others_come_and_go),
		cmocka_unit_test(test_an_address_is_its_last_owners_and_only_that_one_takes_it_out),
		cmocka_unit_test(test_names_are_whole_and_their_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
