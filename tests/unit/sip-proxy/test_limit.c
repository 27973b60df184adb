/* SPDX-License-Identifier: Apache-2.0 */
/* The token buckets: burst, rate, refill, and sources apart. */
#include "sip-proxy/limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>

#define FNV_BASE  14695981039346656037u
#define FNV_PRIME 1099511628211u
#define SLOTS	  16384
#define CROWD	  200

/* Zeros: whoever knew the secret of an FNV could choose its slots. */
ssize_t __wrap_getrandom(void *bytes, size_t n, unsigned flags);
ssize_t __wrap_getrandom(void *bytes, size_t n, unsigned flags)
{
	(void)flags;
	memset(bytes, 0, n);
	return (ssize_t)n;
}

static const struct limiter_rate rate = {.per_second = 10, .burst = 20};

static bool take(struct limiter *limiter, const char *host, int64_t now_ms)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};

	assert_int_equal(inet_pton(AF_INET, host, &v4.sin_addr), 1);
	return limiter_take(limiter, (struct sockaddr *)&v4, &rate, now_ms);
}

static void a_burst_passes_then_the_rate_applies_then_it_fills_again(void **state)
{
	struct limiter *limiter = limiter_new();
	int64_t now = 1000000;

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_true(take(limiter, "192.0.2.1", now));
	assert_false(take(limiter, "192.0.2.1", now));
	assert_false(take(limiter, "192.0.2.1", now + 99));
	assert_true(take(limiter, "192.0.2.1", now + 100));
	assert_false(take(limiter, "192.0.2.1", now + 101));
	for (int i = 0; i < 20; i++)
		assert_true(take(limiter, "192.0.2.1", now + 1000000));
	assert_false(take(limiter, "192.0.2.1", now + 1000000));
	limiter_free(limiter);
}

static void many_sources_do_not_use_up_one_anothers_tokens(void **state)
{
	struct limiter *limiter = limiter_new();
	char host[16];
	int refused = 0;

	(void)state;
	for (int i = 0; i < 20; i++)
		take(limiter, "192.0.2.1", 1000000);
	/* A slot may be shared: among 200 sources in 16384 slots hardly ever. */
	for (int i = 0; i < 200; i++) {
		struct sockaddr_in v4 = {.sin_family = AF_INET,
					 .sin_addr.s_addr = htonl(0x0a000000u + (uint32_t)i)};

		inet_ntop(AF_INET, &v4.sin_addr, host, sizeof(host));
		refused += !take(limiter, host, 1000000);
	}
	assert_in_range(refused, 0, 2);
	limiter_free(limiter);
}

static uint64_t fnv_slot(const struct in_addr *address)
{
	const uint8_t *bytes = (const uint8_t *)address;
	uint64_t hash = FNV_BASE;

	for (size_t i = 0; i < sizeof(*address); i++)
		hash = (hash ^ bytes[i]) * FNV_PRIME;
	return (hash ^ hash >> 32) % SLOTS;
}

static void addresses_that_fnv_puts_together_do_not_share_a_slot(void **state)
{
	struct limiter *limiter = limiter_new();
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	int refused = 0;
	uint64_t slot;

	(void)state;
	assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr), 1);
	slot = fnv_slot(&v4.sin_addr);
	for (int i = 0; i < 20; i++)
		assert_true(take(limiter, "192.0.2.1", 1000000));
	for (uint32_t ip = 0x0a000000u, n = 0; n < CROWD; ip++) {
		v4.sin_addr.s_addr = htonl(ip);
		if (fnv_slot(&v4.sin_addr) != slot)
			continue;
		refused += !limiter_take(limiter, (struct sockaddr *)&v4, &rate, 1000000);
		n++;
	}
	assert_in_range(refused, 0, 2);
	limiter_free(limiter);
}

static void a_rate_of_0_is_no_limit(void **state)
{
	const struct limiter_rate none = {.per_second = 0, .burst = 1};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct limiter *limiter = limiter_new();

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_true(limiter_take(limiter, (struct sockaddr *)&v6, &none, 1));
	limiter_free(limiter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_passes_then_the_rate_applies_then_it_fills_again),
		cmocka_unit_test(many_sources_do_not_use_up_one_anothers_tokens),
		cmocka_unit_test(addresses_that_fnv_puts_together_do_not_share_a_slot),
		cmocka_unit_test(a_rate_of_0_is_no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
