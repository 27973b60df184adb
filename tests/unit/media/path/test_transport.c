/* SPDX-License-Identifier: Apache-2.0 */
/* Transports with ports of their own between real sockets: what comes in goes out, and what must
 * not is counted. */
#include "media/path/transport.h"

#include <stdio.h>
#include <stdlib.h>

#include "path_kit.h"

#define FIRST 31000
#define LAST  31099

enum { A, B };

/* Two transports, each the other's sink, and a socket for each one's peer. */
struct relay {
	struct worker *worker;
	struct port_pool *pool;
	struct path *path;
	struct side {
		struct transport_owner owner;
		struct transport *transport, *sink;
		struct transport_stats stats;
		int peer[2];
		struct address peer_at[2], port[2];
		unsigned changes;
	} sides[2];
	const char *ip;
	bool mux[2];
	enum latch_mode latch;
};

static void media(struct transport_owner *owner, struct transport *from, struct packet *packet)
{
	(void)from;
	transport_send(((struct side *)owner)->sink, packet);
}

static void changed(struct transport_owner *owner, struct transport *transport)
{
	(void)transport;
	((struct side *)owner)->changes++;
}

static void open_sides(struct worker *worker, void *magic)
{
	struct relay *relay = magic;
	unsigned family = strchr(relay->ip, ':') ? 6 : 4;

	relay->path = path_new(worker, relay->pool, 0);
	for (int i = 0; i < 2; i++) {
		struct side *side = &relay->sides[i];
		struct transport_params params = {
			.path = relay->path,
			.interface = port_pool_interface(relay->pool, NULL, 0, family),
			.owner = &side->owner,
			.rtcp_mux = relay->mux[i],
		};
		const char *why;

		side->owner = (struct transport_owner){.media = media, .changed = changed};
		side->transport = transport_new(&params, &why);
		relay->sides[!i].sink = side->transport;
	}
	for (int i = 0; i < 2; i++) {
		struct side *side = &relay->sides[i];

		transport_set_remote(side->transport, side->peer_at, NULL, relay->latch);
		for (unsigned c = 0; c < 2; c++)
			side->port[c] = transport_local(side->transport, c);
	}
}

static void close_sides(struct worker *worker, void *magic)
{
	struct relay *relay = magic;

	(void)worker;
	for (int i = 0; i < 2; i++)
		transport_free(relay->sides[i].transport);
	path_free(relay->path);
}

static void read_stats(struct worker *worker, void *magic)
{
	struct relay *relay = magic;

	(void)worker;
	for (int i = 0; i < 2; i++)
		relay->sides[i].stats = *transport_stats(relay->sides[i].transport);
}

static void relay_open(struct relay *relay)
{
	static const char *const all[] = {"v4/127.0.0.1", "v6/::1"};
	struct worker_params params = {.cpu = -1};
	struct interface interfaces[2];
	const char *why;

	for (int i = 0; i < 2; i++)
		assert_true(interface_parse(all[i], &interfaces[i], &why));
	if (strchr(relay->ip, ':'))
		interfaces[0] = interfaces[1];
	relay->pool = port_pool_new(interfaces, 1, FIRST, LAST);
	assert_non_null(relay->pool);
	for (int i = 0; i < 2; i++) {
		for (int c = 0; c < 2; c++)
			relay->sides[i].peer[c] = kit_peer(relay->ip, &relay->sides[i].peer_at[c]);
		if (relay->mux[i])
			relay->sides[i].peer_at[1] = relay->sides[i].peer_at[0];
	}
	relay->worker = worker_start(&params);
	assert_non_null(relay->worker);
	kit_run(relay->worker, open_sides, relay);
	assert_int_equal(port_pool_used(relay->pool), 2);
}

static void relay_close(struct relay *relay)
{
	kit_run(relay->worker, close_sides, relay);
	worker_stop(relay->worker);
	assert_int_equal(port_pool_used(relay->pool), 0);
	port_pool_free(relay->pool);
	for (int i = 0; i < 4; i++)
		close(relay->sides[i / 2].peer[i % 2]);
}

static size_t rtp(uint8_t out[64], uint16_t sequence)
{
	static const uint8_t header[12] = {0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4};

	memset(out, 0x55, 64);
	memcpy(out, header, sizeof(header));
	out[2] = (uint8_t)(sequence >> 8);
	out[3] = (uint8_t)sequence;
	return 64;
}

/* A receiver report without blocks (RFC 3550 §6.4.2). */
static const uint8_t report[8] = {0x80, 201, 0, 1, 1, 2, 3, 4};

/* Sends from side i's peer and expects the same bytes at the other side's peer. */
static void expect_through(struct relay *relay, int i, int component)
{
	struct side *side = &relay->sides[i], *other = &relay->sides[!i];
	uint8_t data[64], got[128];
	size_t len = rtp(data, 7);

	if (component == 1)
		memcpy(data, report, len = sizeof(report));
	kit_send(side->peer[relay->mux[i] ? 0 : component], &side->port[component], data, len);
	assert_int_equal(kit_receive(other->peer[relay->mux[!i] ? 0 : component], got, sizeof(got),
				     KIT_WAIT_MS),
			 len);
	assert_memory_equal(got, data, len);
}

/* Each turn is a round of the worker, in which it reads one datagram of each socket. */
static void expect_dropped(struct relay *relay, int i, enum drop_reason reason, uint64_t n)
{
	const uint64_t *dropped = &relay->sides[i].stats.dropped[reason];

	for (int turn = 0; turn < 1000; turn++) {
		kit_run(relay->worker, read_stats, relay);
		if (*dropped >= n)
			break;
	}
	assert_int_equal(*dropped, n);
}

static void both_ways(const char *ip, bool mux_a, bool mux_b)
{
	struct relay relay = {.ip = ip, .mux = {mux_a, mux_b}};

	relay_open(&relay);
	for (int component = 0; component < 2; component++) {
		expect_through(&relay, A, component);
		expect_through(&relay, B, component);
	}
	kit_run(relay.worker, read_stats, &relay);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(relay.sides[i].stats.packets_in[0], 1);
		assert_int_equal(relay.sides[i].stats.packets_in[1], 1);
		assert_int_equal(relay.sides[i].stats.packets_out[0], 1);
		assert_int_equal(relay.sides[i].stats.bytes_out[1], sizeof(report));
	}
	relay_close(&relay);
}

static void test_rtp_and_rtcp_pass_both_ways(void **state)
{
	(void)state;
	both_ways("127.0.0.1", false, false);
}

static void test_the_same_over_ipv6(void **state)
{
	(void)state;
	both_ways("::1", false, false);
}

static void test_rtcp_on_its_own_port_goes_out_muxed_and_back(void **state)
{
	(void)state;
	both_ways("127.0.0.1", false, true);
	both_ways("127.0.0.1", true, false);
	both_ways("127.0.0.1", true, true);
}

static void test_strict_drops_another_port_of_the_peer_and_counts_it(void **state)
{
	struct relay relay = {.ip = "127.0.0.1", .latch = LATCH_STRICT};
	struct address stranger_at;
	uint8_t data[64], got[64];
	int stranger;

	(void)state;
	stranger = kit_peer("127.0.0.1", &stranger_at);
	relay_open(&relay);
	for (uint16_t i = 0; i < 50; i++)
		kit_send(stranger, &relay.sides[A].port[0], data, rtp(data, i));
	expect_through(&relay, A, 0);
	expect_through(&relay, B, 0);
	assert_int_equal(kit_receive(relay.sides[B].peer[0], got, sizeof(got), 0), -1);
	assert_int_equal(kit_receive(stranger, got, sizeof(got), 0), -1);
	expect_dropped(&relay, A, DROP_SOURCE, 50);
	relay_close(&relay);
	close(stranger);
}

static void test_nothing_reaches_a_stranger_nor_comes_from_it_after_the_lock(void **state)
{
	struct relay relay = {.ip = "127.0.0.1"};
	struct address stranger_at;
	uint8_t data[64], got[64];
	int stranger;

	(void)state;
	stranger = kit_peer("127.0.0.2", &stranger_at);
	relay_open(&relay);
	expect_through(&relay, A, 0);
	for (uint16_t i = 0; i < 50; i++)
		kit_send(stranger, &relay.sides[A].port[0], data, rtp(data, i));
	expect_through(&relay, A, 0);
	expect_through(&relay, B, 0);
	assert_int_equal(kit_receive(relay.sides[B].peer[0], got, sizeof(got), 0), -1);
	assert_int_equal(kit_receive(stranger, got, sizeof(got), 0), -1);
	expect_dropped(&relay, A, DROP_SOURCE, 50);
	assert_int_equal(relay.sides[A].changes, 1);
	relay_close(&relay);
	close(stranger);
}

static void test_a_broken_header_locks_nothing(void **state)
{
	struct relay relay = {.ip = "127.0.0.1"};
	static const uint8_t broken[12] = {0x8f, 0, 0, 1};
	struct transport_view view;
	uint8_t long_one[2000] = {0x80};

	(void)state;
	relay_open(&relay);
	kit_send(relay.sides[A].peer[0], &relay.sides[A].port[0], broken, sizeof(broken));
	kit_send(relay.sides[A].peer[0], &relay.sides[A].port[0], long_one, sizeof(long_one));
	kit_send(relay.sides[A].peer[0], &relay.sides[A].port[0], "", 0);
	kit_send(relay.sides[A].peer[0], &relay.sides[A].port[0], "\xff", 1);
	kit_send(relay.sides[A].peer[1], &relay.sides[A].port[1], "\x80\x00\x00\x01\x00\x00\x00",
		 8);
	expect_through(&relay, B, 0);
	expect_through(&relay, B, 1);
	expect_dropped(&relay, A, DROP_MALFORMED, 2);
	expect_dropped(&relay, A, DROP_TOO_LONG, 1);
	expect_dropped(&relay, A, DROP_UNKNOWN_KIND, 2);
	transport_view(relay.sides[A].transport, &view);
	assert_false(view.confirmed);
	relay_close(&relay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rtp_and_rtcp_pass_both_ways),
		cmocka_unit_test(test_the_same_over_ipv6),
		cmocka_unit_test(test_rtcp_on_its_own_port_goes_out_muxed_and_back),
		cmocka_unit_test(test_strict_drops_another_port_of_the_peer_and_counts_it),
		cmocka_unit_test(test_nothing_reaches_a_stranger_nor_comes_from_it_after_the_lock),
		cmocka_unit_test(test_a_broken_header_locks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
