/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate URLs: which we take, and which we publish under (AS13). */
#include "x5u.h"

#include <callerid/passport.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(name) static void name(void **state)

static const char *trouble(const char *url)
{
	return cid_x5u_trouble((struct callerid_span){url, strlen(url)});
}

TEST(as13_https_on_443_and_8443_without_query_fragment_and_userinfo)
{
	static const char *const good[] = {
		"https://cert.example.org/a.pem",    "https://cert.example.org:443/a.pem",
		"https://cert.example.org:8443/a/b", "https://[2001:db8::1]/a",
		"https://[2001:db8::1]:8443/a",	     "https://a"};
	static const char *const bad[] = {"",
					  "http://cert.example.org/a.pem",
					  "https://cert.example.org:8080/a",
					  "https://cert.example.org:/a",
					  "https://cert.example.org:0443/a",
					  "https://u@cert.example.org/a",
					  "https://u:8443@cert.example.org/a",
					  "https://cert.example.org/a?x",
					  "https://cert.example.org/a#x",
					  "https://cert.example.org/a b",
					  "https:///a",
					  "https://:443/a",
					  "https://127.0.0.1.example.org:9000/a",
					  "https://cert.example.org/<a>"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_null(trouble(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(trouble(bad[i]));
}

TEST(as13_a_loopback_host_may_have_any_port)
{
	(void)state;
	assert_null(trouble("https://127.0.0.1:18443/a"));
	assert_null(trouble("https://localhost:9/a"));
	assert_null(trouble("https://[::1]:9000/a"));
	assert_non_null(trouble("https://127.0.0.1:1234567/a"));
}

TEST(an_x5u_has_a_bound)
{
	char url[CALLERID_X5U_MAX + 2];

	(void)state;
	memset(url, 'a', sizeof(url));
	memcpy(url, "https://", 8);
	assert_true(cid_x5u_is_https((struct callerid_span){url, CALLERID_X5U_MAX}));
	assert_false(cid_x5u_is_https((struct callerid_span){url, CALLERID_X5U_MAX + 1}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as13_https_on_443_and_8443_without_query_fragment_and_userinfo),
		cmocka_unit_test(as13_a_loopback_host_may_have_any_port),
		cmocka_unit_test(an_x5u_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
