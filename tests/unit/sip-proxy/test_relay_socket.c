/* SPDX-License-Identifier: Apache-2.0 */
/* Where a media relay is, as its operator writes it. */
#include "sip-proxy/relay_socket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void a_relay_is_a_unix_socket_or_a_literal_address_and_port(void **state)
{
	struct relay_address address;
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address.address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address.address;
	const struct sockaddr_un *un = (const struct sockaddr_un *)&address.address;

	(void)state;
	assert_true(relay_address_parse("udp:127.0.0.1:2223", &address));
	assert_false(address.is_unix);
	assert_int_equal(v4->sin_family, AF_INET);
	assert_int_equal(ntohs(v4->sin_port), 2223);
	assert_int_equal(ntohl(v4->sin_addr.s_addr), INADDR_LOOPBACK);
	assert_true(relay_address_parse("udp:[::1]:65535", &address));
	assert_int_equal(v6->sin6_family, AF_INET6);
	assert_int_equal(ntohs(v6->sin6_port), 65535);
	assert_true(relay_address_parse("unix:/run/attestel-media/ng.sock", &address));
	assert_true(address.is_unix);
	assert_string_equal(un->sun_path, "/run/attestel-media/ng.sock");
}

static void nothing_else_is_a_relay(void **state)
{
	static const char *const wrong[] = {"",
					    "udp:",
					    "udp:127.0.0.1",
					    "udp:127.0.0.1:",
					    "udp:127.0.0.1:0",
					    "udp:127.0.0.1:65536",
					    "udp:127.0.0.1:22x",
					    "udp:127.0.0.1:-1",
					    "udp:localhost:2223",
					    "udp:::1:2223",
					    "udp:[::1:2223",
					    "udp:[127.0.0.1]:2223",
					    "tcp:127.0.0.1:2223",
					    "127.0.0.1:2223",
					    "unix:",
					    "unix:relative",
					    "/run/x",
					    "unix:/0123456789/0123456789/0123456789/0123456789/"
					    "0123456789/0123456789/0123456789/"
					    "0123456789/0123456789/0123456789"};
	struct relay_address address;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(relay_address_parse(wrong[i], &address));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_relay_is_a_unix_socket_or_a_literal_address_and_port),
		cmocka_unit_test(nothing_else_is_a_relay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
