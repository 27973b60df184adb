/* SPDX-License-Identifier: Apache-2.0 */
/* Transports with ports of their own and keys: SDES, ICE towards a lite peer, and what of them
 * survives a restart. */
#include "media/path/transport.h"

#include "bed_kit.h"

static void expect_echo(struct phone *phone, const struct address *to, uint16_t sequence)
{
	uint8_t data[PACKET_MAX + PACKET_SPARE], plain[100];
	struct packet got = {.data = data};
	ssize_t n;

	kit_send(phone->fd, to, data, protected(phone, data, sequence));
	n = kit_receive(phone->fd, data, PACKET_MAX, KIT_WAIT_MS);
	assert_true(n > 100);
	got.len = (size_t)n;
	assert_int_equal(srtp_unprotect_packet(phone->in, &got), SRTP_OK);
	assert_int_equal(got.len, rtp(plain, sequence));
	assert_memory_equal(data, plain, got.len);
}

static void test_sdes_hears_whoever_authenticates_and_answers_there(void **state)
{
	struct address signalled;
	struct bed bed;
	struct phone phone;

	(void)state;
	open_bed(&bed);
	open_phone(&phone);
	assert_true(address_parse("192.0.2.10", 10, 4000, &signalled));
	run(&bed, signal_remote, &signalled);
	run(&bed, use_sdes, &phone);
	expect_echo(&phone, &bed.port, 1);
	/* Said again by a re-offer: the same key goes on where it was. */
	run(&bed, use_sdes, &phone);
	expect_echo(&phone, &bed.port, 2);
	run(&bed, read_all, NULL);
	assert_true(bed.view.confirmed);
	assert_true(address_equal(&bed.view.remote[0], &phone.at));
	close_phone(&phone);
	close_bed(&bed);
}

static void test_an_attacker_without_the_key_neither_is_heard_nor_moves_the_address(void **state)
{
	struct address stranger_at;
	struct bed bed;
	struct phone phone;
	uint8_t data[PACKET_MAX + PACKET_SPARE];
	size_t len;
	int stranger = kit_peer("127.0.0.2", &stranger_at);

	(void)state;
	open_bed(&bed);
	open_phone(&phone);
	run(&bed, signal_remote, &phone.at);
	run(&bed, use_sdes, &phone);
	for (uint16_t i = 0; i < 100; i++)
		kit_send(stranger, &bed.port, data, rtp(data, i));
	expect_echo(&phone, &bed.port, 1);
	/* A packet of the phone's, which overtakes it from elsewhere: once heard, moves nothing. */
	len = protected(&phone, data, 2);
	kit_send(stranger, &bed.port, data, len);
	kit_send(phone.fd, &bed.port, data, len);
	expect_dropped(&bed, DROP_REPLAY, 1);
	assert_int_equal(bed.stats.dropped[DROP_AUTHENTICATION], 100);
	assert_true(address_equal(&bed.view.remote[0], &phone.at));
	assert_int_equal(kit_receive(stranger, data, sizeof(data), 0), -1);
	close_phone(&phone);
	close_bed(&bed);
	close(stranger);
}

static void send_of_65_sources(struct bed *bed)
{
	uint8_t data[PACKET_MAX + PACKET_SPARE];

	for (uint8_t ssrc = 0; ssrc <= SRTP_LIVE_MAX; ssrc++) {
		struct packet packet = {.data = data, .len = rtp(data, 1)};

		data[8] = ssrc;
		assert_int_equal(transport_send(bed->transport, &packet), ssrc < SRTP_LIVE_MAX);
	}
}

static void test_a_source_too_many_is_told_apart_from_a_wrong_key_and_a_wrong_address(void **state)
{
	struct bed bed;
	struct phone phone;

	(void)state;
	open_bed(&bed);
	open_phone(&phone);
	run(&bed, signal_remote, &phone.at);
	run(&bed, use_sdes, &phone);
	run(&bed, send_of_65_sources, NULL);
	expect_dropped(&bed, DROP_SOURCES, 1);
	for (uint8_t ssrc = 0; ssrc <= SRTP_LIVE_MAX; ssrc++) {
		uint8_t data[PACKET_MAX + PACKET_SPARE];
		struct packet packet = {.data = data, .len = rtp(data, 1)};
		struct srtp_context *one =
			srtp_context_new(phone.theirs.suite, &phone.theirs.key, false);

		data[8] = ssrc;
		assert_int_equal(srtp_protect_packet(one, &packet), SRTP_OK);
		kit_send(phone.fd, &bed.port, data, packet.len);
		srtp_context_free(one);
	}
	expect_dropped(&bed, DROP_SOURCES, 2);
	assert_int_equal(bed.stats.dropped[DROP_AUTHENTICATION], 0);
	assert_int_equal(bed.stats.dropped[DROP_SEND], 0);
	close_phone(&phone);
	close_bed(&bed);
}

static void save(struct bed *bed)
{
	transport_save(bed->transport, bed->saved);
}

static void restore(struct bed *bed)
{
	assert_true(transport_restore(bed->transport, bed->saved, bed->certificate));
}

static void again(struct bed *bed)
{
	bed->at = bed->port.port;
	unmake(bed);
	make(bed);
}

static void test_a_saved_call_goes_on_at_the_same_port_with_the_same_keys(void **state)
{
	struct address before;
	struct bed bed;
	struct phone phone;
	uint8_t data[PACKET_MAX + PACKET_SPARE];
	size_t len;

	(void)state;
	open_bed(&bed);
	open_phone(&phone);
	run(&bed, signal_remote, &phone.at);
	run(&bed, use_sdes, &phone);
	/* Over the end of the sequence numbers, so that a rollover counter is to be kept. */
	for (uint16_t n = 65530; n != 5; n++)
		expect_echo(&phone, &bed.port, n);
	run(&bed, save, NULL);
	before = bed.port;
	run(&bed, again, NULL);
	assert_true(address_equal(&before, &bed.port));
	run(&bed, restore, NULL);
	run(&bed, read_all, NULL);
	assert_true(bed.view.confirmed);
	for (uint16_t n = 5; n < 10; n++)
		expect_echo(&phone, &bed.port, n);
	/* A replay of what the process before has seen is none to the new one either. */
	memset(data, 0, sizeof(data));
	len = protected(&phone, data, 10);
	kit_send(phone.fd, &bed.port, data, len);
	kit_send(phone.fd, &bed.port, data, len);
	expect_dropped(&bed, DROP_REPLAY, 1);
	close_phone(&phone);
	close_bed(&bed);
}

/* The peer is lite: we check, and begin DTLS once a pair is nominated. */
struct lite_peer {
	int fd;
	struct address at;
	struct ice *ice;
	struct dtls *dtls;
	struct dtls_certificate *certificate;
	struct ice *ours;
};

static void use_full_ice(struct bed *bed)
{
	const struct ice_params params = {.controlling = true, .components = 1, .seed = 3};
	struct lite_peer *peer = bed->magic;
	struct fingerprint fingerprint = browser_fingerprint(peer->certificate);
	struct dtls *dtls;
	bool restarted;

	peer->ours = transport_use_ice(bed->transport, &params);
	dtls = transport_use_dtls(bed->transport, bed->certificate, DTLS_ACTIVE);
	dtls_set_peer(dtls, &fingerprint, 1);
	assert_true(
		ice_set_remote(peer->ours, ice_ufrag(peer->ice), ice_pwd(peer->ice), &restarted));
	assert_true(ice_add_candidate(peer->ours, 1, 1, &peer->at));
	assert_true(
		ice_set_remote(peer->ice, ice_ufrag(peer->ours), ice_pwd(peer->ours), &restarted));
	transport_dtls_changed(bed->transport);
	transport_ice_changed(bed->transport);
}

static void lite_turn(struct lite_peer *peer, const struct address *relay)
{
	uint8_t data[PACKET_MAX];
	ssize_t n = kit_receive(peer->fd, data, sizeof(data), 5);
	struct ice_out out;
	unsigned events;
	uint64_t next;
	size_t len;

	if (n > 0 && packet_demux(data, (size_t)n) == DEMUX_STUN &&
	    ice_receive(peer->ice, 1, relay, data, (size_t)n, browser_now(), &out, &events) ==
		    ICE_ANSWER)
		kit_send(peer->fd, relay, out.data, out.len);
	else if (n > 0 && packet_demux(data, (size_t)n) == DEMUX_DTLS)
		dtls_receive(peer->dtls, data, (size_t)n, NULL, 0);
	dtls_poll(peer->dtls, browser_now(), &next);
	while ((len = dtls_take(peer->dtls, data, sizeof(data))) > 0)
		kit_send(peer->fd, relay, data, len);
}

static void test_towards_a_lite_peer_we_check_and_begin_dtls(void **state)
{
	const struct ice_params lite = {.lite = true, .components = 1};
	struct lite_peer peer = {.fd = -1};
	struct fingerprint fingerprint;
	struct bed bed;
	uint64_t end;

	(void)state;
	open_bed(&bed);
	peer.fd = kit_peer("127.0.0.1", &peer.at);
	peer.ice = ice_new(&lite);
	peer.certificate = dtls_certificate_new();
	peer.dtls = dtls_new(peer.certificate, DTLS_PASSIVE);
	fingerprint = browser_fingerprint(bed.certificate);
	dtls_set_peer(peer.dtls, &fingerprint, 1);
	run(&bed, use_full_ice, &peer);
	end = browser_now() + KIT_WAIT_MS * 1000000ull;
	while (browser_now() < end) {
		lite_turn(&peer, &bed.port);
		run(&bed, read_all, NULL);
		if (dtls_state(peer.dtls) == DTLS_CONNECTED && bed.view.suite != SUITE_NONE)
			break;
	}
	assert_int_equal(dtls_state(peer.dtls), DTLS_CONNECTED);
	assert_true(bed.view.confirmed);
	assert_true(address_equal(&bed.view.remote[0], &peer.at));
	assert_int_equal(bed.view.suite, SUITE_AEAD_AES_128_GCM);
	close(peer.fd);
	ice_free(peer.ice);
	dtls_free(peer.dtls);
	dtls_certificate_unref(peer.certificate);
	close_bed(&bed);
}

static int start_srtp(void **state)
{
	(void)state;
	return srtp_start() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sdes_hears_whoever_authenticates_and_answers_there),
		cmocka_unit_test(
			test_an_attacker_without_the_key_neither_is_heard_nor_moves_the_address),
		cmocka_unit_test(
			test_a_source_too_many_is_told_apart_from_a_wrong_key_and_a_wrong_address),
		cmocka_unit_test(test_a_saved_call_goes_on_at_the_same_port_with_the_same_keys),
		cmocka_unit_test(test_towards_a_lite_peer_we_check_and_begin_dtls),
	};

	return cmocka_run_group_tests(tests, start_srtp, NULL);
}
