/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificate URLs are refused, and where the allowed ones lead. */
#include "svc/certs/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct certs_url_rules standard = {.n_ports = 0};

static const char *check(const char *url, struct certs_url *parts)
{
	return certs_url_check(url, strlen(url), &standard, parts);
}

static void vs11_plain_https_url_is_split(void **state)
{
	static const struct {
		const char *url, *host, *path;
		uint16_t port;
	} cases[] = {
		{"https://cert.example.org/a.pem", "cert.example.org", "/a.pem", 443},
		{"https://cert.example.org:8443/a/b.cer", "cert.example.org", "/a/b.cer", 8443},
		{"HTTPS://Cert.Example.org/", "Cert.Example.org", "/", 443},
		{"https://localhost/x", "localhost", "/x", 443},
		{"https://xn--bcher-kva.example/a%20b%C3%A9.pem", "xn--bcher-kva.example",
		 "/a%20b%C3%A9.pem", 443},
		{"https://8.8.8.8/a", "8.8.8.8", "/a", 443},
		{"https://[2606:4700::1111]:443/a", "2606:4700::1111", "/a", 443},
		{"https://1and1.example.4you/a@b:c", "1and1.example.4you", "/a@b:c", 443},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct certs_url parts;

		assert_null(check(cases[i].url, &parts));
		assert_string_equal(parts.host, cases[i].host);
		assert_string_equal(parts.path, cases[i].path);
		assert_int_equal(parts.port, cases[i].port);
	}
}

static void vs11_refused_url_says_why_and_changes_nothing(void **state)
{
	static const struct {
		const char *url, *why;
	} cases[] = {
		{"", "empty"},
		{"http://cert.example.org/a", "scheme"},
		{"https:/cert.example.org/a", "scheme"},
		{"https://cert.example.org", "no path"},
		{"https:///a", "no host"},
		{"https://u@cert.example.org/a", "userinfo"},
		{"https://u:p@cert.example.org/a", "userinfo"},
		{"https://cert.example.org/a?b", "query"},
		{"https://cert.example.org/a#b", "fragment"},
		{"https://cert.example.org/a;b", "parameters"},
		{"https://cert.example.org/a\\b", "backslash"},
		{"https://cert.example.org/a b", "space"},
		{"https://cert.example.org/\x7f", "control"},
		{"https://c\xc3\xa9rt.example.org/a", "non-ASCII"},
		{"https://cert.example.org/a%0", "broken percent"},
		{"https://cert.example.org/a%zz", "broken percent"},
		{"https://cert.example.org/a%0A", "control"},
		{"https://cert.example.org/a%7F", "control"},
		{"https://cert.example.org/<a>", "RFC 3986"},
		{"https://cert%2eexample.org/a", "letters"},
		{"https://cert_1.example.org/a", "letters"},
		{"https://cert..example.org/a", "letters"},
		{"https://cert.example.org./a", "letters"},
		{"https://-cert.example.org/a", "letters"},
		{"https://xn--/a", "letters"},
		{"https://cert.example.org:/a", "port"},
		{"https://cert.example.org:80/a", "allowed"},
		{"https://cert.example.org:0443/a", "port"},
		{"https://cert.example.org:65979/a", "allowed"}, /* 443 modulo 65536 */
		{"https://cert.example.org:+443/a", "port"},
		{"https://cert.example.org:443:443/a", "port"},
		{"https://127.1/a", "dotted quad"},
		{"https://1.2.3.0x4/a", "dotted quad"},
		{"https://0x/a", "dotted quad"},
		{"https://8.8.8.08/a", "dotted quad"},
		{"https://8.8.8.256/a", "dotted quad"},
		{"https://127.0.0.1/a", "special-purpose"},
		{"https://[::1]/a", "special-purpose"},
		{"https://[::1/a", "bracket"},
		{"https://[cert.example.org]/a", "IPv6"},
		{"https://[fe80::1%25lo]/a", "IPv6"},
		{"https://[2606:4700::1111]x/a", "between"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct certs_url parts = {.port = 7};
		const char *why = check(cases[i].url, &parts);

		if (!why || !strstr(why, cases[i].why))
			fail_msg("%s: %s", cases[i].url, why ? why : "allowed");
		assert_int_equal(parts.port, 7);
	}
}

static void url_holds_512_bytes_and_not_513(void **state)
{
	static const char start[] = "https://cert.example.org/";
	char url[CERTS_URL_MAX + 2];
	struct certs_url parts;

	(void)state;
	memset(url, 'a', sizeof(url));
	memcpy(url, start, sizeof(start) - 1);
	assert_null(certs_url_check(url, CERTS_URL_MAX, &standard, &parts));
	assert_int_equal(strlen(parts.path), CERTS_URL_MAX - (sizeof(start) - 2));
	assert_non_null(certs_url_check(url, CERTS_URL_MAX + 1, &standard, &parts));
}

static void name_holds_253_bytes_and_label_63(void **state)
{
	char label[65], url[400];
	struct certs_url parts;

	(void)state;
	memset(label, 'a', sizeof(label));
	snprintf(url, sizeof(url), "https://%.63s.org/a", label);
	assert_null(check(url, &parts));
	snprintf(url, sizeof(url), "https://%.64s.org/a", label);
	assert_non_null(check(url, &parts));
	snprintf(url, sizeof(url), "https://%.63s.%.63s.%.63s.%.61s/a", label, label, label, label);
	assert_null(check(url, &parts));
	snprintf(url, sizeof(url), "https://%.63s.%.63s.%.63s.%.62s/a", label, label, label, label);
	assert_non_null(check(url, &parts));
}

static void nul_inside_is_refused(void **state)
{
	static const char url[] = "https://cert.example.org/a\0b";
	struct certs_url parts;

	(void)state;
	assert_non_null(certs_url_check(url, sizeof(url) - 1, &standard, &parts));
}

static void vs11_configured_ports_replace_443_and_8443(void **state)
{
	static const struct certs_url_rules rules = {.ports = {8081, 65535}, .n_ports = 2};
	static const char *const refused[] = {"https://a.example/x", "https://a.example:8443/x",
					      "https://a.example:8082/x"};
	struct certs_url parts;

	(void)state;
	assert_null(certs_url_check("https://a.example:8081/x", 24, &rules, &parts));
	assert_int_equal(parts.port, 8081);
	assert_null(certs_url_check("https://a.example:65535/x", 25, &rules, &parts));
	for (size_t i = 0; i < 3; i++)
		assert_non_null(certs_url_check(refused[i], strlen(refused[i]), &rules, &parts));
}

static void test_address_is_allowed_as_literal_and_no_other(void **state)
{
	static const struct certs_url_rules rules = {.test_addresses = {"127.0.0.1", "::1"},
						     .n_test_addresses = 2};
	struct certs_url parts;

	(void)state;
	assert_null(certs_url_check("https://127.0.0.1/a", 19, &rules, &parts));
	assert_null(certs_url_check("https://[0:0:0:0:0:0:0:1]/a", 27, &rules, &parts));
	assert_non_null(certs_url_check("https://127.0.0.2/a", 19, &rules, &parts));
	assert_non_null(certs_url_check("https://[::ffff:127.0.0.1]/a", 28, &rules, &parts));
}

/* "localhost" is a fine name; it is refused where it leads to (test_certs.c). */
static bool is_localhost(const char *url)
{
	return strstr(url, "//localhost/") != NULL;
}

static void every_line_of_the_ssrf_list_is_refused(void **state)
{
	FILE *list = fopen("../shared/vectors/ssrf/ssrf-urls.txt", "r");
	char line[1024];
	size_t refused = 0, named = 0;

	(void)state;
	if (!list) {
		print_message("ssrf-urls.txt is not here: skipped\n");
		skip();
	}
	while (fgets(line, sizeof(line), list)) {
		struct certs_url parts;

		line[strcspn(line, "\n")] = 0;
		if (line[0] == '#' || line[0] == 0)
			continue;
		if (check(line, &parts))
			refused++;
		else if (is_localhost(line))
			named++;
		else
			fail_msg("allowed: %s", line);
	}
	fclose(list);
	assert_int_equal(refused, 75);
	assert_int_equal(named, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vs11_plain_https_url_is_split),
		cmocka_unit_test(vs11_refused_url_says_why_and_changes_nothing),
		cmocka_unit_test(url_holds_512_bytes_and_not_513),
		cmocka_unit_test(name_holds_253_bytes_and_label_63),
		cmocka_unit_test(nul_inside_is_refused),
		cmocka_unit_test(vs11_configured_ports_replace_443_and_8443),
		cmocka_unit_test(test_address_is_allowed_as_literal_and_no_other),
		cmocka_unit_test(every_line_of_the_ssrf_list_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
