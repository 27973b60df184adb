/* SPDX-License-Identifier: Apache-2.0 */
/* Every special-purpose block is known by its name, from its first to its last address. */
#include "svc/certs/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

static const struct certs_url_rules standard = {.n_ports = 0};

static const char *check_with(const char *text, const struct certs_url_rules *rules)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return certs_address_check((struct sockaddr *)&in, rules);
	if (inet_pton(AF_INET6, text, &in6.sin6_addr) != 1)
		fail_msg("%s is no address", text);
	return certs_address_check((struct sockaddr *)&in6, rules);
}

static void blocks_have_exact_edges(void **state)
{
	/* The last address before, the first and last inside, the first after. NULL: not asked. */
	static const char *const cases[][5] = {
		{NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0", "network"},
		{"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", "Private-Use"},
		{"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0", "Shared"},
		{"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0", "Loopback"},
		{"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0", "Link Local"},
		{"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0", "Private-Use"},
		{"191.255.255.255", "192.0.0.0", "192.0.0.7", NULL, "Continuity"},
		{NULL, "192.0.0.8", "192.0.0.8", NULL, "dummy"},
		{NULL, "192.0.0.11", "192.0.0.255", "192.0.1.0", "IETF"},
		{NULL, "192.0.0.170", "192.0.0.171", NULL, "NAT64"},
		{"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0", "TEST-NET-1"},
		{"192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0", "AS112"},
		{"192.52.192.255", "192.52.193.0", "192.52.193.255", "192.52.194.0", "AMT"},
		{"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0", "6to4"},
		{"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0", "Private-Use"},
		{"192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0", "AS112"},
		{"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0", "Benchmarking"},
		{"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0", "TEST-NET-2"},
		{"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0", "TEST-NET-3"},
		{"223.255.255.255", "224.0.0.0", "239.255.255.255", NULL, "Multicast"},
		{NULL, "240.0.0.0", "255.255.255.254", NULL, "Reserved"},
		{NULL, "255.255.255.255", "255.255.255.255", NULL, "Broadcast"},
		{NULL, "::", "::", NULL, "Unspecified"},
		{NULL, "::1", "::1", NULL, "Loopback"},
		{NULL, "::2", "::ffff:ffff", NULL, "compatible"},
		{NULL, "::ffff:0:0", "::ffff:255.255.255.255", NULL, "mapped"},
		{NULL, "64:ff9b::", "64:ff9b::ffff:ffff", NULL, "NAT64"},
		{NULL, "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", NULL, "NAT64"},
		{NULL, "100::", "100::ffff:ffff:ffff:ffff", NULL, "Discard"},
		{NULL, "100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", NULL, "Dummy"},
		{NULL, "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "Teredo"},
		{NULL, "2001:1::", "2001:1:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "IETF"},
		{NULL, "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", NULL, "Benchmarking"},
		{NULL, "2001:3::", "2001:3:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "AMT"},
		{NULL, "2001:4:112::", "2001:4:112:ffff:ffff:ffff:ffff:ffff", NULL, "AS112"},
		{NULL, "2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "ORCHID"},
		{NULL, "2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "ORCHIDv2"},
		{NULL, "2001:30::", "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "Drone"},
		{NULL, "2001:40::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::", "IETF"},
		{"2001:db7:ffff::", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
		 "2001:db9::", "Documentation"},
		{"2001:ffff::", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		 "2003::", "6to4"},
		{"2620:4f:7fff::", "2620:4f:8000::", "2620:4f:8000:ffff::", "2620:4f:8001::",
		 "AS112"},
		{"3ffe:ffff::", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
		 "3fff:1000::", "Documentation"},
		{NULL, "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "Segment"},
		{NULL, "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "Unique-Local"},
		{NULL, "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "Link-Local"},
		{NULL, "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "Site-Local"},
		{NULL, "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, "Multicast"},
		{NULL, "4000::", "5eff::", NULL, "Not Global Unicast"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t j = 0; j < 4; j++) {
			const char *name;

			if (!cases[i][j])
				continue;
			name = check_with(cases[i][j], &standard);
			if (j == 0 || j == 3 ? name != NULL : !name || !strstr(name, cases[i][4]))
				fail_msg("%s: %s", cases[i][j], name ? name : "allowed");
		}
	}
}

/* "a.b.c.d/n [2]" of the registry's first column, quotes cut. */
static bool first_address(char *field, char **address_out)
{
	field += strspn(field, "\"");
	*address_out = field;
	field[strcspn(field, "/")] = 0;
	return strchr(field, '.') || strchr(field, ':');
}

static size_t check_registry(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[1024], *address;
	size_t n = 0;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		if (!strchr(line, '/') || !first_address(line, &address) ||
		    strchr(" [", address[0]))
			continue;
		if (!check_with(address, &standard))
			fail_msg("%s of %s is allowed", address, path);
		n++;
	}
	fclose(file);
	return n;
}

static void every_row_of_the_iana_registries_is_refused(void **state)
{
	(void)state;
	size_t v4 = check_registry("../shared/vectors/ssrf/iana-ipv4-special-registry-1.csv");
	size_t v6 = check_registry("../shared/vectors/ssrf/iana-ipv6-special-registry-1.csv");

	if (v4 == 0 || v6 == 0) {
		print_message("the registries are not here: skipped\n");
		skip();
	}
	assert_true(v4 >= 25);
	assert_true(v6 >= 25);
}

static void test_addresses_are_exact(void **state)
{
	static const struct certs_url_rules rules = {
		.test_addresses = {"127.0.0.1", "::1", "nonsense"}, .n_test_addresses = 3};

	(void)state;
	assert_null(check_with("127.0.0.1", &rules));
	assert_null(check_with("::1", &rules));
	assert_non_null(check_with("127.0.0.2", &rules));
	assert_non_null(check_with("::ffff:127.0.0.1", &rules));
	assert_non_null(check_with("::", &rules));
	assert_non_null(check_with("10.0.0.1", &rules));
	assert_null(check_with("8.8.8.8", &rules));
}

static void other_families_are_refused(void **state)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/tmp/x"};

	(void)state;
	assert_non_null(certs_address_check((struct sockaddr *)&local, &standard));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_have_exact_edges),
		cmocka_unit_test(every_row_of_the_iana_registries_is_refused),
		cmocka_unit_test(test_addresses_are_exact),
		cmocka_unit_test(other_families_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
