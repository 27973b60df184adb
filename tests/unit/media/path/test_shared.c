/* SPDX-License-Identifier: Apache-2.0 */
/* WebRTC legs on a worker's shared port: who is who, what is let in, and what is not. */
#include "media/path/shared.h"

#include "media/path/transport.h"

#include "shared_kit.h"

static void test_media_of_browsers_on_one_port_reaches_each_ones_peer(void **state)
{
	struct relay relay;
	struct call calls[5] = {{.peer = -1}};

	(void)state;
	open_relay(&relay);
	for (int i = 0; i < 5; i++)
		open_call(&relay, &calls[i]);
	for (int i = 0; i < 5; i++)
		assert_true(browser_connect(&calls[i].browser));
	for (uint16_t n = 1; n < 20; n++) {
		for (int i = 0; i < 5; i++)
			expect_both_ways(&calls[i], n);
	}
	look(&relay, &calls[0]);
	assert_true(calls[0].view.confirmed && calls[0].view.shared);
	assert_int_equal(calls[0].view.suite, SUITE_AEAD_AES_128_GCM);
	assert_int_equal(calls[0].stats.packets_in[0], 19);
	assert_int_equal(calls[0].stats.packets_out[0], 19);
	assert_int_equal(calls[0].stats.bytes_out[0], 19 * 172);
	for (int i = 0; i < 5; i++)
		close_call(&relay, &calls[i]);
	close_relay(&relay);
}

static void test_rtcp_is_told_from_rtp_on_the_shared_port(void **state)
{
	static const uint8_t report[8] = {0x80, 201, 0, 1, 0, 0, 0, 1};
	struct relay relay;
	struct call call = {.peer = -1};
	uint8_t got[PACKET_MAX];

	(void)state;
	open_relay(&relay);
	open_call(&relay, &call);
	assert_true(browser_connect(&call.browser));
	browser_send(&call.browser, report, sizeof(report));
	assert_int_equal(kit_receive(call.peer, got, sizeof(got), KIT_WAIT_MS), sizeof(report));
	expect_both_ways(&call, 1);
	look(&relay, &call);
	assert_int_equal(call.stats.packets_in[1], 1);
	assert_int_equal(call.stats.packets_in[0], 1);
	close_call(&relay, &call);
	close_relay(&relay);
}

/* A ClientHello that no server would take: its body is nonsense. */
static const uint8_t hello[64] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 51, 1};

static void test_nothing_but_a_binding_request_of_the_call_opens_the_port(void **state)
{
	static const uint8_t response[20] = {1, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};
	struct address stranger_at;
	struct relay relay;
	struct call call = {.peer = -1};
	uint8_t data[172], got[PACKET_MAX];
	int stranger = kit_peer("127.0.0.1", &stranger_at);

	(void)state;
	open_relay(&relay);
	open_call(&relay, &call);
	for (int i = 0; i < 200; i++) {
		kit_send(stranger, &relay.shared, hello, sizeof(hello));
		kit_send(stranger, &relay.shared, data, rtp(data, 1, (uint16_t)i));
		kit_send(stranger, &relay.shared, response, sizeof(response));
		kit_send(stranger, &relay.shared, "\xff", 1);
		if (i == 100)
			assert_true(browser_connect(&call.browser));
	}
	expect_both_ways(&call, 1);
	assert_int_equal(kit_receive(stranger, got, sizeof(got), 0), -1);
	assert_int_equal(kit_receive(call.peer, got, sizeof(got), 0), -1);
	look(&relay, &call);
	assert_int_equal(relay.stats.dropped[DROP_DTLS_SOURCE], 200);
	assert_int_equal(relay.stats.dropped[DROP_NOT_VALIDATED], 200);
	assert_int_equal(relay.stats.dropped[DROP_STUN_REFUSED], 200);
	assert_int_equal(relay.stats.dropped[DROP_UNKNOWN_KIND], 200);
	close_call(&relay, &call);
	close_relay(&relay);
	close(stranger);
}

/* The attacker knows the ufrags, which SDP shows, but no password. */
static void test_a_wrong_password_validates_nothing_and_is_not_answered(void **state)
{
	struct relay relay;
	struct call call = {.peer = -1};
	struct browser attacker;
	uint8_t got[PACKET_MAX];
	struct ice_out out;
	unsigned events;
	uint64_t next;
	bool restarted;

	(void)state;
	open_relay(&relay);
	open_call(&relay, &call);
	browser_open(&attacker, "127.0.0.1");
	assert_true(
		ice_restore(attacker.ice, ice_ufrag(call.browser.ice), "0123456789012345678901"));
	assert_true(ice_set_remote(attacker.ice, ice_peer_ufrag(call.browser.ice),
				   "0123456789012345678901", &restarted));
	assert_true(ice_add_candidate(attacker.ice, 1, 1, &relay.shared));
	assert_true(ice_poll(attacker.ice, browser_now(), &out, &events, &next));
	kit_send(attacker.fd, &relay.shared, out.data, out.len);
	assert_true(browser_connect(&call.browser));
	expect_both_ways(&call, 1);
	assert_int_equal(kit_receive(attacker.fd, got, sizeof(got), 0), -1);
	look(&relay, &call);
	assert_int_equal(call.stats.dropped[DROP_STUN_REFUSED], 1);
	close_call(&relay, &call);
	close_relay(&relay);
	browser_close(&attacker);
}

static void test_bad_and_repeated_srtp_is_counted_and_ends_nothing(void **state)
{
	struct relay relay;
	struct call call = {.peer = -1};
	uint8_t data[172], copy[PACKET_MAX + PACKET_SPARE], got[PACKET_MAX];
	struct packet packet = {.data = copy};

	(void)state;
	open_relay(&relay);
	open_call(&relay, &call);
	assert_true(browser_connect(&call.browser));
	packet.len = rtp(copy, 1, 1);
	assert_int_equal(srtp_protect_packet(call.browser.out, &packet), SRTP_OK);
	for (int i = 0; i < 3; i++)
		kit_send(call.browser.fd, &relay.shared, copy, packet.len);
	assert_int_equal(kit_receive(call.peer, got, sizeof(got), KIT_WAIT_MS), 172);
	for (uint16_t i = 0; i < 100; i++)
		kit_send(call.browser.fd, &relay.shared, data, rtp(data, 1, (uint16_t)(100 + i)));
	expect_both_ways(&call, 2);
	assert_int_equal(kit_receive(call.peer, got, sizeof(got), 0), -1);
	look(&relay, &call);
	assert_int_equal(call.stats.dropped[DROP_REPLAY], 2);
	assert_int_equal(call.stats.dropped[DROP_AUTHENTICATION], 100);
	close_call(&relay, &call);
	close_relay(&relay);
}

static void test_a_certificate_that_the_identity_did_not_sign_passes_no_byte(void **state)
{
	struct dtls_certificate *other = dtls_certificate_new();
	struct relay relay;
	struct call call = {.peer = -1, .has_identity = true};
	uint8_t data[172], got[PACKET_MAX];

	(void)state;
	call.signed_ = browser_fingerprint(other);
	open_relay(&relay);
	open_call(&relay, &call);
	assert_true(browser_connect(&call.browser));
	for (uint16_t i = 1; i <= 50; i++) {
		rtp(data, 1, i);
		browser_send(&call.browser, data, sizeof(data));
		rtp(data, 2, i);
		kit_send(call.peer, &call.plain_port, data, sizeof(data));
	}
	assert_false(browser_wait_media(&call.browser, 100));
	assert_int_equal(kit_receive(call.peer, got, sizeof(got), 0), -1);
	for (int turn = 0; turn < 1000; turn++) {
		look(&relay, &call);
		if (call.stats.dropped[DROP_IDENTITY] >= 100)
			break;
	}
	assert_int_equal(call.stats.dropped[DROP_IDENTITY], 100);
	assert_int_equal(call.stats.packets_in[0] + call.stats.packets_out[0], 0);
	close_call(&relay, &call);
	close_relay(&relay);
	dtls_certificate_unref(other);
}

static void test_a_call_that_ended_leaves_no_way_in(void **state)
{
	struct relay relay;
	struct call ended = {.peer = -1}, call = {.peer = -1};
	struct command command;
	uint8_t data[172];

	(void)state;
	open_relay(&relay);
	open_call(&relay, &ended);
	assert_true(browser_connect(&ended.browser));
	expect_both_ways(&ended, 1);
	command = (struct command){&relay, &ended};
	kit_run(relay.worker, end_call, &command);
	rtp(data, 1, 2);
	browser_send(&ended.browser, data, sizeof(data));
	open_call(&relay, &call);
	assert_true(browser_connect(&call.browser));
	expect_both_ways(&call, 1);
	look(&relay, NULL);
	assert_int_equal(relay.stats.dropped[DROP_NOT_VALIDATED], 1);
	close_call(&relay, &call);
	close_relay(&relay);
	browser_close(&ended.browser);
	close(ended.peer);
}

/* The browser's network changes: the same session checks from another socket and nominates it. */
static void test_media_follows_the_browser_to_a_new_address(void **state)
{
	struct relay relay;
	struct call call = {.peer = -1};
	struct ice *fresh;
	const struct ice_params params = {.controlling = true, .components = 1, .seed = 7};
	uint64_t end;
	bool restarted;
	int old;

	(void)state;
	open_relay(&relay);
	open_call(&relay, &call);
	assert_true(browser_connect(&call.browser));
	expect_both_ways(&call, 1);
	old = call.browser.fd;
	call.browser.fd = kit_peer("127.0.0.1", &call.browser.at);
	fresh = ice_new(&params);
	assert_true(ice_restore(fresh, ice_ufrag(call.browser.ice), ice_pwd(call.browser.ice)));
	assert_true(ice_set_remote(fresh, ice_peer_ufrag(call.browser.ice),
				   ice_peer_pwd(call.browser.ice), &restarted));
	assert_true(ice_add_candidate(fresh, 1, 1, &relay.shared));
	ice_free(call.browser.ice);
	call.browser.ice = fresh;
	end = browser_now() + KIT_WAIT_MS * 1000000ull;
	while (!ice_selected(fresh, 1) && browser_now() < end) {
		browser_say(&call.browser);
		browser_hear(&call.browser);
	}
	expect_both_ways(&call, 2);
	look(&relay, &call);
	assert_true(address_equal(&call.view.remote[0], &call.browser.at));
	close(old);
	close_call(&relay, &call);
	close_relay(&relay);
}

static void save_and_begin_anew(struct worker *worker, void *magic)
{
	struct relay *relay = ((struct command *)magic)->relay;
	struct call *call = ((struct command *)magic)->call;
	struct transport_saved *saved = calloc(1, sizeof(*saved));

	assert_non_null(saved);
	transport_save(call->web.transport, saved);
	end_call(worker, magic);
	make_transports(relay, call);
	assert_true(transport_restore(call->web.transport, saved, relay->certificate));
	tell_dtls(call);
	free(saved);
}

static void test_a_restored_browser_goes_on_without_a_handshake(void **state)
{
	struct relay relay;
	struct call call = {.peer = -1};
	struct command command = {&relay, &call};
	unsigned serial;

	(void)state;
	open_relay(&relay);
	open_call(&relay, &call);
	assert_true(browser_connect(&call.browser));
	expect_both_ways(&call, 1);
	serial = call.browser.serial;
	kit_run(relay.worker, save_and_begin_anew, &command);
	expect_both_ways(&call, 2);
	assert_int_equal(call.browser.serial, serial);
	look(&relay, &call);
	assert_true(call.view.confirmed);
	close_call(&relay, &call);
	close_relay(&relay);
}

static void test_the_shared_port_over_ipv6(void **state)
{
	struct relay relay;
	struct call call = {.peer = -1};

	(void)state;
	open_relay_at(&relay, "::1");
	open_call(&relay, &call);
	assert_true(browser_connect(&call.browser));
	expect_both_ways(&call, 1);
	close_call(&relay, &call);
	close_relay(&relay);
}

/* More at once than a batch holds, both ways: none is lost, and the order stays. */
static void test_a_burst_longer_than_a_batch_passes_whole(void **state)
{
	struct relay relay;
	struct call call = {.peer = -1};
	uint8_t data[172], got[PACKET_MAX];

	(void)state;
	open_relay(&relay);
	open_call(&relay, &call);
	assert_true(browser_connect(&call.browser));
	expect_both_ways(&call, 1);
	for (uint16_t i = 2; i < 52; i++)
		browser_send(&call.browser, data, rtp(data, 1, i));
	for (uint16_t i = 2; i < 52; i++) {
		assert_int_equal(kit_receive(call.peer, got, sizeof(got), KIT_WAIT_MS), 172);
		assert_int_equal(got[3], i);
	}
	for (uint16_t i = 2; i < 52; i++)
		kit_send(call.peer, &call.plain_port, data, rtp(data, 2, i));
	for (uint16_t i = 2; i < 52; i++) {
		assert_true(browser_wait_media(&call.browser, KIT_WAIT_MS));
		assert_int_equal(call.browser.media[3], i);
	}
	close_call(&relay, &call);
	close_relay(&relay);
}

static int start_srtp(void **state)
{
	(void)state;
	return srtp_start() ? 0 : -1;
}

static void test_what_is_asked_for_stays_within_the_batch(void **state)
{
	(void)state;
	for (unsigned asked = 1; asked <= SHARED_BATCH; asked++)
		for (unsigned came = 1; came <= asked; came++)
			assert_in_range(shared_depth(asked, came), 1, SHARED_BATCH);
	assert_int_equal(shared_depth(17, 17), SHARED_BATCH);
	assert_int_equal(shared_depth(4, 4), 8);
	assert_int_equal(shared_depth(8, 3), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_asked_for_stays_within_the_batch),
		cmocka_unit_test(test_media_of_browsers_on_one_port_reaches_each_ones_peer),
		cmocka_unit_test(test_rtcp_is_told_from_rtp_on_the_shared_port),
		cmocka_unit_test(test_nothing_but_a_binding_request_of_the_call_opens_the_port),
		cmocka_unit_test(test_a_wrong_password_validates_nothing_and_is_not_answered),
		cmocka_unit_test(test_bad_and_repeated_srtp_is_counted_and_ends_nothing),
		cmocka_unit_test(test_a_certificate_that_the_identity_did_not_sign_passes_no_byte),
		cmocka_unit_test(test_a_call_that_ended_leaves_no_way_in),
		cmocka_unit_test(test_media_follows_the_browser_to_a_new_address),
		cmocka_unit_test(test_a_restored_browser_goes_on_without_a_handshake),
		cmocka_unit_test(test_the_shared_port_over_ipv6),
		cmocka_unit_test(test_a_burst_longer_than_a_batch_passes_whole),
	};

	return cmocka_run_group_tests(tests, start_srtp, NULL);
}
