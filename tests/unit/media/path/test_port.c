/* SPDX-License-Identifier: Apache-2.0 */
/* The pool of ports: pairs that are even and odd, taken in an order nobody can guess, and all of
 * them back in the end. */
#include "media/path/port.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>

#include "path_kit.h"

#define FIRST 32000
#define LAST  32099
#define PAIRS 50

static struct port_pool *pool_of(const char *text, uint16_t first, uint16_t last)
{
	struct interface interface;
	const char *why;

	assert_true(interface_parse(text, &interface, &why));
	return port_pool_new(&interface, 1, first, last);
}

static const struct interface *only(const struct port_pool *pool)
{
	return port_pool_interface_at(pool, 0);
}

static uint16_t bound_port(int fd)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	struct address address;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	address_from_sockaddr(&sa, &address);
	return address.port;
}

static void test_an_interface_has_a_name_an_address_and_what_sdp_names(void **state)
{
	static const struct {
		const char *text, *name, *address, *advertised;
	} good[] = {
		{"192.0.2.1", "default", "192.0.2.1", "192.0.2.1"},
		{"10.0.0.1!192.0.2.1", "default", "10.0.0.1", "192.0.2.1"},
		{"pub/2001:db8::1", "pub", "2001:db8::1", "2001:db8::1"},
		{"pub/0.0.0.0!192.0.2.1", "pub", "0.0.0.0", "192.0.2.1"},
	};
	static const char *const bad[] = {"",
					  "pub/",
					  "/192.0.2.1",
					  "eth0",
					  "192.0.2.1!",
					  "0.0.0.0",
					  "192.0.2.1!::1",
					  "::",
					  "192.0.2.1!0.0.0.0",
					  "a-name-that-is-longer-than-31-bytes/192.0.2.1"};
	char text[ADDRESS_TEXT_MAX];
	struct interface interface;
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(interface_parse(good[i].text, &interface, &why));
		assert_string_equal(interface.name, good[i].name);
		assert_string_equal(address_ip_text(&interface.address, text), good[i].address);
		assert_string_equal(address_ip_text(&interface.advertised, text),
				    good[i].advertised);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(interface_parse(bad[i], &interface, &why));
		assert_non_null(why);
	}
}

static void test_an_interface_is_found_by_name_and_family(void **state)
{
	static const char *const texts[] = {"a/127.0.0.1", "a/::1", "b/127.0.0.2"};
	struct interface interfaces[3];
	struct port_pool *pool;
	const char *why;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(interface_parse(texts[i], &interfaces[i], &why));
	pool = port_pool_new(interfaces, 3, FIRST, LAST);
	assert_int_equal(port_pool_size(pool), 3 * PAIRS);
	assert_ptr_equal(port_pool_interface(pool, NULL, 0, 4), port_pool_interface_at(pool, 0));
	assert_ptr_equal(port_pool_interface(pool, "", 0, 6), port_pool_interface_at(pool, 1));
	assert_ptr_equal(port_pool_interface(pool, "bc", 1, 4), port_pool_interface_at(pool, 2));
	assert_null(port_pool_interface(pool, "b", 1, 6));
	assert_null(port_pool_interface(pool, "c", 1, 4));
	port_pool_free(pool);
}

static void test_a_range_without_a_pair_is_none(void **state)
{
	(void)state;
	assert_null(pool_of("127.0.0.1", 1023, 2000));
	assert_null(pool_of("127.0.0.1", 32000, 32000));
	assert_null(pool_of("127.0.0.1", 32001, 32002));
	struct port_pool *pool = pool_of("127.0.0.1", 65533, 65535);
	assert_int_equal(port_pool_size(pool), 1);
	port_pool_free(pool);
}

static void test_every_pair_is_given_once_even_and_odd_until_none_is_left(void **state)
{
	struct port_pool *pool = pool_of("127.0.0.1", FIRST, LAST);
	struct port_pair pairs[PAIRS], none;
	bool seen[PAIRS] = {false};

	(void)state;
	for (int i = 0; i < PAIRS; i++) {
		struct port_pair *pair = &pairs[i];

		assert_true(port_take(pool, only(pool), true, 0, pair));
		assert_int_equal(pair->local[0].port % 2, 0);
		assert_int_equal(pair->local[1].port, pair->local[0].port + 1);
		assert_int_equal(bound_port(pair->fd[0]), pair->local[0].port);
		assert_int_equal(bound_port(pair->fd[1]), pair->local[1].port);
		assert_true(fcntl(pair->fd[0], F_GETFL) & O_NONBLOCK);
		assert_true(fcntl(pair->fd[0], F_GETFD) & FD_CLOEXEC);
		assert_false(seen[(pair->local[0].port - FIRST) / 2]);
		seen[(pair->local[0].port - FIRST) / 2] = true;
	}
	assert_int_equal(port_pool_used(pool), PAIRS);
	assert_false(port_take(pool, only(pool), false, 0, &none));
	assert_int_equal(port_pool_used(pool), PAIRS);
	for (int i = 0; i < PAIRS; i++) {
		port_give(pool, &pairs[i]);
		port_give(pool, &pairs[i]);
	}
	assert_int_equal(port_pool_used(pool), 0);
	port_pool_free(pool);
}

static void test_a_thousand_turns_in_any_order_lose_no_port(void **state)
{
	struct port_pool *pool = pool_of("127.0.0.1", FIRST, LAST);
	struct port_pair pairs[PAIRS];
	bool held[PAIRS] = {false};
	size_t used = 0;

	(void)state;
	for (unsigned turn = 0; turn < 1000; turn++) {
		unsigned i = turn * turn * 7 % PAIRS;

		if (held[i])
			port_give(pool, &pairs[i]);
		else
			assert_true(port_take(pool, only(pool), turn % 3 == 0, 0, &pairs[i]));
		held[i] = !held[i];
		used += held[i] ? 1 : (size_t)-1;
		assert_int_equal(port_pool_used(pool), used);
	}
	for (int i = 0; i < PAIRS; i++) {
		if (held[i])
			port_give(pool, &pairs[i]);
	}
	assert_int_equal(port_pool_used(pool), 0);
	port_pool_free(pool);
}

/* 2000 draws of 2500 free pairs, each given back at once: the next is never the one just given. */
static void test_the_next_port_cannot_be_told_from_the_last(void **state)
{
	struct port_pool *pool = pool_of("127.0.0.1", 40000, 44999);
	unsigned ascending = 0;
	uint16_t last = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct port_pair pair;

		assert_true(port_take(pool, only(pool), false, 0, &pair));
		assert_int_not_equal(pair.local[0].port, last);
		ascending += pair.local[0].port == last + 2;
		last = pair.local[0].port;
		port_give(pool, &pair);
	}
	/* A sequence would ascend each time, chance does so once in 2500. */
	assert_true(ascending < 20);
	port_pool_free(pool);
}

static void test_a_port_of_another_program_is_passed_over_and_comes_back(void **state)
{
	struct port_pool *pool = pool_of("127.0.0.1", FIRST, FIRST + 3);
	struct port_pair first, second, none;
	struct address taken;
	int foreign;

	(void)state;
	assert_true(address_parse("127.0.0.1", 9, FIRST + 1, &taken));
	foreign = port_bind(&taken);
	assert_true(foreign >= 0);
	assert_true(port_take(pool, only(pool), true, 0, &first));
	assert_int_equal(first.local[0].port, FIRST + 2);
	assert_false(port_take(pool, only(pool), true, 0, &none));
	assert_int_equal(port_pool_used(pool), 1);
	/* Alone, the even port of that pair is free; its upper one is not. */
	assert_true(port_take(pool, only(pool), false, 0, &second));
	assert_false(port_widen(&second));
	close(foreign);
	assert_true(port_widen(&second));
	assert_int_equal(bound_port(second.fd[1]), FIRST + 1);
	port_give(pool, &first);
	port_give(pool, &second);
	assert_int_equal(port_pool_used(pool), 0);
	port_pool_free(pool);
}

static void test_a_restored_call_gets_its_port_or_none(void **state)
{
	struct port_pool *pool = pool_of("127.0.0.1", FIRST, LAST);
	struct port_pair pair, none;

	(void)state;
	assert_true(port_take(pool, only(pool), true, FIRST + 42, &pair));
	assert_int_equal(pair.local[0].port, FIRST + 42);
	assert_false(port_take(pool, only(pool), true, FIRST + 42, &none));
	assert_false(port_take(pool, only(pool), true, FIRST + 41, &none));
	assert_false(port_take(pool, only(pool), true, LAST + 1, &none));
	assert_false(port_take(pool, only(pool), true, FIRST - 2, &none));
	assert_int_equal(port_pool_used(pool), 1);
	port_give(pool, &pair);
	assert_true(port_take(pool, only(pool), true, FIRST + 42, &pair));
	port_give(pool, &pair);
	port_pool_free(pool);
}

static void *take_and_give(void *magic)
{
	struct port_pool *pool = magic;

	for (int i = 0; i < 300; i++) {
		struct port_pair pair;

		if (port_take(pool, only(pool), true, 0, &pair))
			port_give(pool, &pair);
	}
	return NULL;
}

static void test_threads_share_the_pool(void **state)
{
	struct port_pool *pool = pool_of("127.0.0.1", FIRST, FIRST + 5);
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, pool), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(port_pool_used(pool), 0);
	port_pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_interface_has_a_name_an_address_and_what_sdp_names),
		cmocka_unit_test(test_an_interface_is_found_by_name_and_family),
		cmocka_unit_test(test_a_range_without_a_pair_is_none),
		cmocka_unit_test(test_every_pair_is_given_once_even_and_odd_until_none_is_left),
		cmocka_unit_test(test_a_thousand_turns_in_any_order_lose_no_port),
		cmocka_unit_test(test_the_next_port_cannot_be_told_from_the_last),
		cmocka_unit_test(test_a_port_of_another_program_is_passed_over_and_comes_back),
		cmocka_unit_test(test_a_restored_call_gets_its_port_or_none),
		cmocka_unit_test(test_threads_share_the_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
