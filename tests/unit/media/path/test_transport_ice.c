/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of ours from the shared port: the answers find who asked, and nothing else does. */
#include "media/path/transport.h"

#include "shared_kit.h"

/* A ClientHello that no server would take: its body is nonsense. */
static const uint8_t hello[64] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 51, 1};

/* A leg whose peer has turned out lite: we check the address that its SDP names. */
struct checked {
	struct relay *relay;
	struct side side;
	struct ice *peer;
	struct address at;
	struct transport_view view;
};

static void begin_checks(struct worker *worker, void *magic)
{
	struct checked *checked = magic;
	const struct ice_params full = {.controlling = true, .components = 1, .seed = 8};
	struct transport_params params = {.path = checked->relay->path,
					  .interface =
						  port_pool_interface_at(checked->relay->pool, 0),
					  .owner = &checked->side.owner,
					  .shared = true};
	struct ice *ice;
	const char *why;
	bool restarted;

	(void)worker;
	checked->side.transport = transport_new(&params, &why);
	checked->relay->shared = transport_local(checked->side.transport, 0);
	ice = transport_use_ice(checked->side.transport, &full);
	assert_true(
		ice_set_remote(ice, ice_ufrag(checked->peer), ice_pwd(checked->peer), &restarted));
	assert_true(ice_set_remote(checked->peer, ice_ufrag(ice), ice_pwd(ice), &restarted));
	assert_true(ice_add_candidate(ice, 1, 1, &checked->at));
	transport_ice_changed(checked->side.transport);
}

static void look_at_checked(struct worker *worker, void *magic)
{
	struct checked *checked = magic;

	(void)worker;
	transport_view(checked->side.transport, &checked->view);
}

static void end_checks(struct worker *worker, void *magic)
{
	(void)worker;
	transport_free(((struct checked *)magic)->side.transport);
}

static void open_checked(struct checked *checked, struct relay *relay)
{
	const struct ice_params lite = {.lite = true, .components = 1};

	checked->relay = relay;
	checked->peer = ice_new(&lite);
	kit_run(relay->worker, begin_checks, checked);
}

static void close_checked(struct checked *checked)
{
	kit_run(checked->relay->worker, end_checks, checked);
	ice_free(checked->peer);
}

static void test_a_lite_peer_is_checked_from_the_shared_port(void **state)
{
	struct relay relay;
	struct checked checked = {.relay = NULL};
	uint8_t data[PACKET_MAX], early[172];
	struct ice_out out;
	unsigned events;
	ssize_t n;
	int fd = kit_peer("127.0.0.1", &checked.at);

	(void)state;
	open_relay(&relay);
	open_checked(&checked, &relay);
	/* Its answers alone are awaited there: media is, like a handshake, of a peer that has
	 * answered. */
	kit_send(fd, &relay.shared, early, rtp(early, 1, 1));
	kit_send(fd, &relay.shared, hello, sizeof(hello));
	for (int i = 0; i < 2; i++) {
		n = kit_receive(fd, data, sizeof(data), KIT_WAIT_MS);
		assert_true(n > 0);
		assert_int_equal(ice_receive(checked.peer, 1, &relay.shared, data, (size_t)n,
					     browser_now(), &out, &events),
				 ICE_ANSWER);
		kit_send(fd, &relay.shared, out.data, out.len);
	}
	for (int turn = 0; turn < 1000 && !checked.view.confirmed; turn++)
		kit_run(relay.worker, look_at_checked, &checked);
	assert_true(checked.view.confirmed && checked.view.shared);
	assert_true(address_equal(&checked.view.remote[0], &checked.at));
	look(&relay, NULL);
	assert_int_equal(relay.stats.dropped[DROP_NOT_VALIDATED], 1);
	assert_int_equal(relay.stats.dropped[DROP_DTLS_SOURCE], 1);
	close_checked(&checked);
	close_relay(&relay);
	close(fd);
}

/* SDP can name any address as its sender's. */
static void test_who_names_anothers_address_gets_nothing_that_comes_from_there(void **state)
{
	struct relay relay;
	struct call call = {.peer = -1};
	struct checked checked = {.relay = NULL};

	(void)state;
	open_relay(&relay);
	open_call(&relay, &call);
	assert_true(browser_connect(&call.browser));
	checked.at = call.browser.at;
	open_checked(&checked, &relay);
	for (uint16_t n = 1; n < 20; n++)
		expect_both_ways(&call, n);
	kit_run(relay.worker, look_at_checked, &checked);
	assert_false(checked.view.confirmed);
	close_checked(&checked);
	expect_both_ways(&call, 20);
	close_call(&relay, &call);
	close_relay(&relay);
}

/* Takes what has come to fd; answers what is a check under that peer's password. */
static bool answers(int fd, const struct relay *relay, struct ice *peer)
{
	uint8_t data[PACKET_MAX];
	struct ice_out out;
	unsigned events;
	ssize_t n = kit_receive(fd, data, sizeof(data), KIT_WAIT_MS);

	assert_true(n > 0);
	if (ice_receive(peer, 1, &relay->shared, data, (size_t)n, browser_now(), &out, &events) !=
	    ICE_ANSWER)
		return false;
	kit_send(fd, &relay->shared, out.data, out.len);
	return true;
}

static void test_who_asks_at_the_same_address_keeps_no_answer_from_another(void **state)
{
	struct relay relay;
	struct checked first = {.relay = NULL}, other = {.relay = NULL};
	uint8_t data[PACKET_MAX];
	int fd = kit_peer("127.0.0.1", &first.at);

	(void)state;
	open_relay(&relay);
	open_checked(&first, &relay);
	/* The third goes a second after the second (RFC 8489 §6.2.1), between two of the other's.
	 */
	for (int i = 0; i < 2; i++)
		assert_true(kit_receive(fd, data, sizeof(data), KIT_WAIT_MS) > 0);
	other.at = first.at;
	open_checked(&other, &relay);
	for (int i = 0; i < 12 && !first.view.confirmed; i++) {
		const bool answered = answers(fd, &relay, first.peer);

		for (int turn = 0; turn < 1000 && answered && !first.view.confirmed; turn++)
			kit_run(relay.worker, look_at_checked, &first);
	}
	assert_true(first.view.confirmed);
	close_checked(&other);
	close_checked(&first);
	close_relay(&relay);
	close(fd);
}

static int start_srtp(void **state)
{
	(void)state;
	return srtp_start() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_lite_peer_is_checked_from_the_shared_port),
		cmocka_unit_test(
			test_who_names_anothers_address_gets_nothing_that_comes_from_there),
		cmocka_unit_test(test_who_asks_at_the_same_address_keeps_no_answer_from_another),
	};

	return cmocka_run_group_tests(tests, start_srtp, NULL);
}
