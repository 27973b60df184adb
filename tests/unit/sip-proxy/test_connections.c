/* SPDX-License-Identifier: Apache-2.0 */
/* Peers choose their addresses and ports, and none of them where its connection is kept. */
#include "sip-proxy/connections.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <netinet/in.h>

#include <cmocka.h>

#include "sip-proxy/connections_private.h"
#include "tests/kit/collide.h"

#define PEERS	1000
#define LONGEST 40   /* of a chain; uthash aims at 10 */
#define ALIKE	1023 /* bits of the hash; uthash gives up at 128 chains when one takes all */

static void hear(struct proxy *proxy, msg_t *msg, const struct end *peer)
{
	struct sockaddr_in6 *from = (struct sockaddr_in6 *)&msg_addr(msg)->su_sa;

	*from = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(peer->port)};
	memcpy(&from->sin6_addr, peer->address, sizeof(peer->address));
	connections_heard(proxy, msg);
}

static void note_longest(const UT_hash_table *table, unsigned *longest)
{
	for (size_t i = 0; i < table->num_buckets; i++)
		if (table->buckets[i].count > *longest)
			*longest = table->buckets[i].count;
}

static bool is_alike(const void *key, size_t len)
{
	return (collide_fnv(COLLIDE_BASE, key, len) & ALIKE) == 0;
}

static void peers_that_fnv_puts_into_one_chain_fall_apart(void **state)
{
	struct end peer = {.address = {0x20, 0x01, 0x0d, 0xb8}, .port = 5060};
	struct proxy proxy = {.connections = NULL};
	msg_t *msg = msg_create(sip_default_mclass(), 0);
	unsigned longest = 0;

	(void)state;
	assert_non_null(msg);
	msg_addrinfo(msg)->ai_socktype = SOCK_STREAM;
	for (uint32_t i = 0, n = 0; n < PEERS; i++) {
		memcpy(peer.address + 12, &i, sizeof(i));
		if (!is_alike(&peer, sizeof(peer)))
			continue;
		hear(&proxy, msg, &peer);
		hear(&proxy, msg, &peer); /* is found, not added once more */
		n++;
	}
	assert_int_equal(HASH_COUNT(proxy.connections->all), PEERS);
	note_longest(proxy.connections->all->hh.tbl, &longest);
	assert_in_range(longest, 1, LONGEST);
	connections_free(&proxy);
	msg_destroy(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(peers_that_fnv_puts_into_one_chain_fall_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
