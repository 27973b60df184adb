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
		cmocka_unit_test(a_rate_of_0_is_no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
