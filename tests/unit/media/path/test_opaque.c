/* SPDX-License-Identifier: Apache-2.0 */
/* Two transports in passthrough with ICE between their peers: who is heard, and where it goes. */
#include "media/path/transport.h"

#include <stdlib.h>

#include "path_kit.h"

#define FIRST 31400
#define LAST  31499

enum { A, B };

struct side {
	struct transport_owner owner;
	struct transport *transport;
	struct side *other;
	struct transport_stats stats;
	int fd[2]; /* two addresses of one peer */
	struct address at[2], port;
	struct ice *ice; /* its name and password */
};

struct relay {
	struct worker *worker;
	struct port_pool *pool;
	struct path *path;
	struct side sides[2];
};

static void pass(struct transport_owner *owner, struct transport *from,
		 const struct opaque_datagram *datagram)
{
	enum drop_reason reason =
		transport_forward(((struct side *)owner)->other->transport, datagram);

	if (reason != DROP_COUNT)
		transport_drop(from, reason);
}

static void open_side(struct relay *relay, int i)
{
	struct side *side = &relay->sides[i];
	struct transport_params params = {
		.path = relay->path,
		.interface = port_pool_interface(relay->pool, NULL, 0, 4),
		.owner = &side->owner,
		.rtcp_mux = true,
	};
	const char *why;

	side->owner = (struct transport_owner){.opaque = pass};
	side->other = &relay->sides[!i];
	side->transport = transport_new(&params, &why);
	assert_non_null(side->transport);
	side->port = transport_local(side->transport, 0);
}

/* Its peer's first address is what SDP says; the second is known to nobody. */
static void tell(struct relay *relay, int i)
{
	struct side *side = &relay->sides[i], *other = &relay->sides[!i];
	struct opaque_candidate candidate = {1, side->at[0]};
	struct opaque_ends ends = {
		.checks = {ice_ufrag(other->ice), ice_ufrag(side->ice), ice_pwd(other->ice)},
		.candidates = &candidate,
		.n_candidates = 1,
	};
	const struct address remote[2] = {side->at[0], side->at[0]};

	transport_set_remote(side->transport, remote, NULL, LATCH_LEARN);
	assert_true(transport_use_opaque(side->transport, &ends));
}

static void open_sides(struct worker *worker, void *magic)
{
	struct relay *relay = magic;

	relay->path = path_new(worker, relay->pool, 0);
	for (int i = 0; i < 2; i++)
		open_side(relay, i);
	for (int i = 0; i < 2; i++)
		tell(relay, i);
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
	struct worker_params params = {.cpu = -1};
	struct interface interface;
	const char *why;
	bool restarted;

	*relay = (struct relay){.path = NULL};
	assert_true(interface_parse("127.0.0.1", &interface, &why));
	relay->pool = port_pool_new(&interface, 1, FIRST, LAST);
	for (int i = 0; i < 2; i++) {
		const struct ice_params ice = {.controlling = true, .components = 1, .seed = 7};
		struct side *side = &relay->sides[i];

		for (int k = 0; k < 2; k++)
			side->fd[k] = kit_peer("127.0.0.1", &side->at[k]);
		side->ice = ice_new(&ice);
		assert_non_null(side->ice);
	}
	relay->worker = worker_start(&params);
	kit_run(relay->worker, open_sides, relay);
	for (int i = 0; i < 2; i++)
		assert_true(ice_set_remote(relay->sides[i].ice, ice_ufrag(relay->sides[!i].ice),
					   ice_pwd(relay->sides[!i].ice), &restarted));
}

static void relay_close(struct relay *relay)
{
	kit_run(relay->worker, close_sides, relay);
	worker_stop(relay->worker);
	port_pool_free(relay->pool);
	for (int i = 0; i < 2; i++) {
		ice_free(relay->sides[i].ice);
		close(relay->sides[i].fd[0]);
		close(relay->sides[i].fd[1]);
	}
}

/* A check of its peer, each of another transaction. */
static struct ice_out check_of(const struct side *side)
{
	const struct ice_params full = {.controlling = true, .components = 1, .seed = 7};
	struct ice *ice = ice_new(&full);
	struct ice_out out;
	unsigned events;
	uint64_t next;
	bool restarted;

	assert_non_null(ice);
	assert_true(ice_restore(ice, ice_ufrag(side->ice), ice_pwd(side->ice)));
	assert_true(ice_set_remote(ice, ice_ufrag(side->other->ice), ice_pwd(side->other->ice),
				   &restarted));
	assert_true(ice_add_candidate(ice, 1, 100, &side->port));
	assert_true(ice_poll(ice, 1000000000, &out, &events, &next));
	ice_free(ice);
	return out;
}

static void send_from(struct side *side, int k, const void *data, size_t len)
{
	kit_send(side->fd[k], &side->port, data, len);
}

static void expect_at(struct side *side, int k, const void *data, size_t len)
{
	uint8_t got[ICE_MESSAGE_MAX];

	assert_int_equal(kit_receive(side->fd[k], got, sizeof(got), KIT_WAIT_MS), len);
	assert_memory_equal(got, data, len);
}

/* Each turn is a round of the worker. */
static void expect_dropped(struct relay *relay, int i, enum drop_reason reason, uint64_t n)
{
	const uint64_t *dropped = &relay->sides[i].stats.dropped[reason];

	for (int turn = 0; turn < 1000 && *dropped < n; turn++)
		kit_run(relay->worker, read_stats, relay);
	assert_int_equal(*dropped, n);
}

static const uint8_t hello[40] = {22, 254, 253};
static const uint8_t media[40] = {0x80, 0, 0, 1};

static void prove(struct relay *relay, int i, int k)
{
	struct ice_out check = check_of(&relay->sides[i]);

	send_from(&relay->sides[i], k, check.data, check.len);
	expect_at(&relay->sides[!i], 0, check.data, check.len);
}

static void test_who_has_not_proved_itself_is_not_heard_not_even_at_its_candidate(void **state)
{
	struct relay relay;

	(void)state;
	relay_open(&relay);
	send_from(&relay.sides[A], 0, hello, sizeof(hello));
	send_from(&relay.sides[A], 0, media, sizeof(media));
	expect_dropped(&relay, A, DROP_NOT_VALIDATED, 2);
	prove(&relay, A, 0);
	send_from(&relay.sides[A], 0, hello, sizeof(hello));
	expect_at(&relay.sides[B], 0, hello, sizeof(hello));
	send_from(&relay.sides[A], 0, media, sizeof(media));
	expect_at(&relay.sides[B], 0, media, sizeof(media));
	relay_close(&relay);
}

static void test_rfc8445_an_address_in_no_candidate_is_known_by_its_check(void **state)
{
	struct relay relay;
	struct ice_out check;

	(void)state;
	relay_open(&relay);
	prove(&relay, A, 1);
	send_from(&relay.sides[A], 1, media, sizeof(media));
	expect_at(&relay.sides[B], 0, media, sizeof(media));
	/* The first that proves it is where it is sent to. */
	prove(&relay, A, 0);
	check = check_of(&relay.sides[B]);
	send_from(&relay.sides[B], 0, check.data, check.len);
	expect_at(&relay.sides[A], 1, check.data, check.len);
	relay_close(&relay);
}

static void test_an_answer_goes_to_where_was_asked_from_and_no_other_passes(void **state)
{
	struct relay relay;
	struct ice_out first, answer;
	unsigned events;

	(void)state;
	relay_open(&relay);
	prove(&relay, A, 0);
	first = check_of(&relay.sides[A]);
	send_from(&relay.sides[A], 1, first.data, first.len);
	expect_at(&relay.sides[B], 0, first.data, first.len);
	assert_int_equal(ice_receive(relay.sides[B].ice, 1, &relay.sides[B].port, first.data,
				     first.len, 1, &answer, &events),
			 ICE_ANSWER);
	send_from(&relay.sides[B], 0, answer.data, answer.len);
	expect_at(&relay.sides[A], 1, answer.data, answer.len);
	answer.data[10] ^= 1; /* of a transaction that nobody began */
	send_from(&relay.sides[B], 0, answer.data, answer.len);
	expect_dropped(&relay, B, DROP_STUN_REFUSED, 1);
	relay_close(&relay);
}

static void test_a_check_under_another_password_is_refused(void **state)
{
	struct relay relay;
	struct ice_out check;

	(void)state;
	relay_open(&relay);
	check = check_of(&relay.sides[B]); /* what is B's to say */
	send_from(&relay.sides[A], 0, check.data, check.len);
	expect_dropped(&relay, A, DROP_STUN_REFUSED, 1);
	send_from(&relay.sides[A], 0, media, sizeof(media));
	expect_dropped(&relay, A, DROP_NOT_VALIDATED, 1);
	relay_close(&relay);
}

static void test_a_copy_of_a_check_proves_nothing_elsewhere(void **state)
{
	struct relay relay;
	struct ice_out check;

	(void)state;
	relay_open(&relay);
	check = check_of(&relay.sides[A]);
	for (int i = 0; i < 2; i++) { /* it may be sent again */
		send_from(&relay.sides[A], 0, check.data, check.len);
		expect_at(&relay.sides[B], 0, check.data, check.len);
	}
	send_from(&relay.sides[A], 1, check.data, check.len);
	expect_dropped(&relay, A, DROP_STUN_REFUSED, 1);
	send_from(&relay.sides[A], 1, media, sizeof(media));
	expect_dropped(&relay, A, DROP_NOT_VALIDATED, 1);
	relay_close(&relay);
}

static void test_a_ninth_address_takes_the_place_of_the_oldest_not_in_use(void **state)
{
	struct relay relay;
	struct address at;
	int more[OPAQUE_PROVED_MAX];

	(void)state;
	relay_open(&relay);
	prove(&relay, A, 0);
	for (int i = 0; i < OPAQUE_PROVED_MAX; i++) {
		struct ice_out check = check_of(&relay.sides[A]);

		more[i] = kit_peer("127.0.0.1", &at);
		kit_send(more[i], &relay.sides[A].port, check.data, check.len);
		expect_at(&relay.sides[B], 0, check.data, check.len);
	}
	send_from(&relay.sides[A], 0, media, sizeof(media));
	expect_at(&relay.sides[B], 0, media, sizeof(media));
	kit_send(more[0], &relay.sides[A].port, media, sizeof(media));
	expect_dropped(&relay, A, DROP_NOT_VALIDATED, 1);
	for (int i = 0; i < OPAQUE_PROVED_MAX; i++)
		close(more[i]);
	relay_close(&relay);
}

/* The peer's SDP names its first address; host is where it is known to be. */
static void use_datagrams(struct worker *worker, void *magic)
{
	struct relay *relay = magic;

	(void)worker;
	for (int i = 0; i < 2; i++) {
		struct side *side = &relay->sides[i];
		const struct address none = {.family = 0};

		assert_true(transport_use_datagrams(side->transport, &none));
	}
}

static void test_datagrams_of_the_named_address_pass_whatever_they_begin_with(void **state)
{
	struct relay relay;

	(void)state;
	relay_open(&relay);
	kit_run(relay.worker, use_datagrams, &relay);
	for (unsigned first = 0; first < 256; first++) {
		const uint8_t data[] = {(uint8_t)first, 7, 38};
		int from = first % 2 ? A : B;

		send_from(&relay.sides[from], 0, data, 1 + first % sizeof(data));
		expect_at(&relay.sides[!from], 0, data, 1 + first % sizeof(data));
	}
	send_from(&relay.sides[A], 1, media, sizeof(media));
	send_from(&relay.sides[A], 1, hello, sizeof(hello));
	expect_dropped(&relay, A, DROP_SOURCE, 2);
	relay_close(&relay);
}

/* Whose SDP says where it is not, behind a NAT: any port of the host of its audio, the first that
 * speaks, and then no other. */
static void move_behind_a_nat(struct worker *worker, void *magic)
{
	struct relay *relay = magic;
	struct side *side = &relay->sides[A];
	struct address remote[2], host = side->at[0];

	(void)worker;
	assert_true(address_parse("192.0.2.1", 9, 4000, &remote[0]));
	remote[1] = remote[0];
	host.port = 9;
	use_datagrams(worker, magic);
	transport_set_remote(side->transport, remote, NULL, LATCH_LEARN);
	assert_true(transport_use_datagrams(side->transport, &host));
}

static void test_behind_a_nat_datagrams_come_from_the_host_of_the_audio(void **state)
{
	struct relay relay;

	(void)state;
	relay_open(&relay);
	kit_run(relay.worker, move_behind_a_nat, &relay);
	send_from(&relay.sides[A], 1, media, sizeof(media));
	expect_at(&relay.sides[B], 0, media, sizeof(media));
	for (int i = 0; i < LATCH_PACKETS + 1; i++)
		send_from(&relay.sides[A], 0, media, sizeof(media));
	expect_dropped(&relay, A, DROP_SOURCE, LATCH_PACKETS + 1);
	send_from(&relay.sides[B], 0, hello, sizeof(hello));
	expect_at(&relay.sides[A], 1, hello, sizeof(hello));
	relay_close(&relay);
}

static void end_datagrams(struct worker *worker, void *magic)
{
	struct relay *relay = magic;
	struct transport_view view;

	use_datagrams(worker, magic);
	transport_end_datagrams(relay->sides[A].transport);
	transport_view(relay->sides[A].transport, &view);
	assert_false(view.opaque);
	/* Passthrough is none of them. */
	assert_true(transport_use_opaque(relay->sides[A].transport, NULL));
	transport_end_datagrams(relay->sides[A].transport);
	transport_view(relay->sides[A].transport, &view);
	assert_true(view.opaque);
}

static void test_datagrams_end_where_audio_comes_back_and_passthrough_does_not(void **state)
{
	struct relay relay;

	(void)state;
	relay_open(&relay);
	kit_run(relay.worker, end_datagrams, &relay);
	relay_close(&relay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_who_has_not_proved_itself_is_not_heard_not_even_at_its_candidate),
		cmocka_unit_test(test_rfc8445_an_address_in_no_candidate_is_known_by_its_check),
		cmocka_unit_test(test_an_answer_goes_to_where_was_asked_from_and_no_other_passes),
		cmocka_unit_test(test_a_copy_of_a_check_proves_nothing_elsewhere),
		cmocka_unit_test(test_a_check_under_another_password_is_refused),
		cmocka_unit_test(test_a_ninth_address_takes_the_place_of_the_oldest_not_in_use),
		cmocka_unit_test(test_datagrams_of_the_named_address_pass_whatever_they_begin_with),
		cmocka_unit_test(test_behind_a_nat_datagrams_come_from_the_host_of_the_audio),
		cmocka_unit_test(
			test_datagrams_end_where_audio_comes_back_and_passthrough_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
