/* SPDX-License-Identifier: Apache-2.0 */
/* DTLS without ICE: who may speak it, where flights go, and that a new association has new keys. */
#include "media/path/transport.h"

#include "bed_kit.h"

static void use_dtls(struct bed *bed)
{
	const struct browser *browser = bed->magic;
	struct fingerprint fingerprint = browser_fingerprint(browser->certificate);
	struct dtls *dtls = transport_use_dtls(bed->transport, bed->certificate, DTLS_PASSIVE);

	assert_non_null(dtls);
	dtls_set_peer(dtls, &fingerprint, 1);
	transport_dtls_changed(bed->transport);
}

/* DTLS from the signalled address without ICE: the handshake by hand. */
static void dtls_by_hand(struct browser *browser, const struct address *relay)
{
	uint64_t next, end = browser_now() + KIT_WAIT_MS * 1000000ull;
	uint8_t data[DTLS_DATAGRAM_MAX];
	size_t len;

	while (browser_now() < end) {
		ssize_t n;

		dtls_poll(browser->dtls, browser_now(), &next);
		while ((len = dtls_take(browser->dtls, data, sizeof(data))) > 0)
			kit_send(browser->fd, relay, data, len);
		browser_take_keys(browser);
		if (browser->out)
			return;
		n = kit_receive(browser->fd, data, sizeof(data), 5);
		if (n > 0)
			dtls_receive(browser->dtls, data, (size_t)n, NULL, 0);
	}
}

static void test_dtls_without_ice_is_spoken_with_the_signalled_address_only(void **state)
{
	static const uint8_t hello[64] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 51, 1};
	struct fingerprint fingerprint;
	struct address stranger_at;
	struct browser browser;
	struct bed bed;
	uint8_t data[100];
	int stranger = kit_peer("127.0.0.1", &stranger_at);

	(void)state;
	open_bed(&bed);
	browser_open(&browser, "127.0.0.1");
	browser.relay = bed.port;
	fingerprint = browser_fingerprint(bed.certificate);
	dtls_set_peer(browser.dtls, &fingerprint, 1);
	run(&bed, signal_remote, &browser.at);
	run(&bed, use_dtls, &browser);
	for (int i = 0; i < 100; i++)
		kit_send(stranger, &bed.port, hello, sizeof(hello));
	dtls_by_hand(&browser, &bed.port);
	assert_non_null(browser.out);
	rtp(data, 1);
	browser_send(&browser, data, sizeof(data));
	assert_true(browser_wait_media(&browser, KIT_WAIT_MS));
	assert_memory_equal(browser.media, data, sizeof(data));
	expect_dropped(&bed, DROP_DTLS_SOURCE, 100);
	assert_int_equal(kit_receive(stranger, data, sizeof(data), 0), -1);
	assert_true(bed.changes > 0);
	browser_close(&browser);
	close_bed(&bed);
	close(stranger);
}

/* The peer's host may speak DTLS from any port: a NAT's other customer too. */
static void signal_host(struct bed *bed)
{
	const struct address *at = bed->magic;
	struct address remote[2] = {at[0], at[0]};

	transport_set_remote(bed->transport, remote, &at[0], LATCH_LEARN);
}

static void begin_dtls(struct bed *bed, struct browser *browser)
{
	struct fingerprint fingerprint;

	open_bed(bed);
	browser_open(browser, "127.0.0.1");
	browser->relay = bed->port;
	fingerprint = browser_fingerprint(bed->certificate);
	dtls_set_peer(browser->dtls, &fingerprint, 1);
	run(bed, signal_host, &browser->at);
}

/* A record in the clear that closes a handshake, for whoever believes it. */
static const uint8_t forged_alert[15] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40};

/* Each flight of ours comes to its sender, and is passed on by hand; behind each of the browser's
 * comes the stranger's. */
static void test_in_a_handshake_who_showed_the_cookie_is_heard_alone(void **state)
{
	uint64_t next, end = browser_now() + KIT_WAIT_MS * 1000000ull;
	uint8_t data[DTLS_DATAGRAM_MAX];
	struct address stranger_at;
	struct browser browser;
	struct bed bed;
	size_t len;
	ssize_t n;
	int stranger = kit_peer("127.0.0.1", &stranger_at);

	(void)state;
	begin_dtls(&bed, &browser);
	run(&bed, use_dtls, &browser);
	while (!browser.out && browser_now() < end) {
		dtls_poll(browser.dtls, browser_now(), &next);
		while ((len = dtls_take(browser.dtls, data, sizeof(data))) > 0) {
			kit_send(browser.fd, &bed.port, data, len);
			kit_send(stranger, &bed.port, forged_alert, sizeof(forged_alert));
		}
		browser_take_keys(&browser);
		n = kit_receive(browser.fd, data, sizeof(data), 5);
		if (n > 0)
			dtls_receive(browser.dtls, data, (size_t)n, NULL, 0);
	}
	assert_non_null(browser.out);
	run(&bed, read_failures, NULL);
	assert_int_equal(bed.failures, 0);
	assert_int_equal(kit_receive(stranger, data, sizeof(data), 0), -1);
	browser_close(&browser);
	close_bed(&bed);
	close(stranger);
}

/* The first flight that is sent again, which is after a second. */
static void expect_flight_again(struct browser *browser, int stranger)
{
	uint8_t data[DTLS_DATAGRAM_MAX];

	while (kit_receive(browser->fd, data, sizeof(data), 100) > 0)
		continue;
	assert_true(kit_receive(browser->fd, data, sizeof(data), KIT_WAIT_MS) > 0);
	assert_int_equal(data[0], 22);
	assert_int_equal(kit_receive(stranger, data, sizeof(data), 0), -1);
}

static void test_a_flight_goes_again_to_who_showed_the_cookie(void **state)
{
	static const uint8_t junk[32] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 99, 0, 19, 77};
	uint8_t data[DTLS_DATAGRAM_MAX];
	struct address stranger_at;
	struct browser browser;
	struct bed bed;
	uint64_t next;
	size_t len;
	int stranger = kit_peer("127.0.0.1", &stranger_at);

	(void)state;
	begin_dtls(&bed, &browser);
	run(&bed, use_dtls, &browser);
	for (int hello = 0; hello < 2; hello++) {
		dtls_poll(browser.dtls, browser_now(), &next);
		while ((len = dtls_take(browser.dtls, data, sizeof(data))) > 0)
			kit_send(browser.fd, &bed.port, data, len);
		len = (size_t)kit_receive(browser.fd, data, sizeof(data), KIT_WAIT_MS);
		dtls_receive(browser.dtls, data, len, NULL, 0);
	}
	kit_send(stranger, &bed.port, junk, sizeof(junk));
	expect_flight_again(&browser, stranger);
	browser_close(&browser);
	close_bed(&bed);
	close(stranger);
}

static void use_active_dtls(struct bed *bed)
{
	assert_non_null(transport_use_dtls(bed->transport, bed->certificate, DTLS_ACTIVE));
	transport_dtls_changed(bed->transport);
}

static void test_as_the_active_side_we_send_where_signalling_says(void **state)
{
	static const uint8_t junk[32] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 99, 0, 19, 77};
	struct address stranger_at;
	struct browser browser;
	struct bed bed;
	int stranger = kit_peer("127.0.0.1", &stranger_at);

	(void)state;
	begin_dtls(&bed, &browser);
	run(&bed, use_active_dtls, NULL);
	kit_send(stranger, &bed.port, junk, sizeof(junk));
	kit_send(stranger, &bed.port, forged_alert, sizeof(forged_alert));
	expect_flight_again(&browser, stranger);
	run(&bed, read_failures, NULL);
	assert_int_equal(bed.failures, 0);
	browser_close(&browser);
	close_bed(&bed);
	close(stranger);
}

/* Who asks without the cookie gets it, and nobody else does. */
static void test_the_cookie_goes_to_who_asked(void **state)
{
	uint8_t data[DTLS_DATAGRAM_MAX], hello[DTLS_DATAGRAM_MAX];
	struct address other_at;
	struct browser browser;
	struct bed bed;
	uint64_t next;
	size_t len;
	int other = kit_peer("127.0.0.1", &other_at);

	(void)state;
	begin_dtls(&bed, &browser);
	run(&bed, use_dtls, &browser);
	dtls_poll(browser.dtls, browser_now(), &next);
	len = dtls_take(browser.dtls, hello, sizeof(hello));
	kit_send(other, &bed.port, hello, len);
	assert_true(kit_receive(other, data, sizeof(data), KIT_WAIT_MS) > 0);
	assert_int_equal(data[13], 3); /* HelloVerifyRequest */
	assert_int_equal(kit_receive(browser.fd, data, sizeof(data), 0), -1);
	browser_close(&browser);
	close_bed(&bed);
	close(other);
}

static void restart_dtls(struct bed *bed)
{
	transport_restart_dtls(bed->transport, DTLS_PASSIVE);
	use_dtls(bed);
}

static void test_a_new_association_gives_new_keys(void **state)
{
	struct fingerprint fingerprint;
	struct browser browser;
	struct bed bed;
	uint8_t data[100];

	(void)state;
	open_bed(&bed);
	browser_open(&browser, "127.0.0.1");
	browser.relay = bed.port;
	fingerprint = browser_fingerprint(bed.certificate);
	dtls_set_peer(browser.dtls, &fingerprint, 1);
	run(&bed, signal_remote, &browser.at);
	run(&bed, use_dtls, &browser);
	dtls_by_hand(&browser, &bed.port);
	assert_non_null(browser.out);
	run(&bed, restart_dtls, &browser);
	rtp(data, 1);
	browser_send(&browser, data, sizeof(data));
	expect_dropped(&bed, DROP_NO_KEYS, 1);
	dtls_free(browser.dtls);
	browser.dtls = dtls_new(browser.certificate, DTLS_ACTIVE);
	dtls_set_peer(browser.dtls, &fingerprint, 1);
	srtp_context_free(browser.out);
	browser.out = NULL;
	browser.serial = 0;
	dtls_by_hand(&browser, &bed.port);
	assert_non_null(browser.out);
	browser_send(&browser, data, sizeof(data));
	assert_true(browser_wait_media(&browser, KIT_WAIT_MS));
	browser_close(&browser);
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
		cmocka_unit_test(test_dtls_without_ice_is_spoken_with_the_signalled_address_only),
		cmocka_unit_test(test_in_a_handshake_who_showed_the_cookie_is_heard_alone),
		cmocka_unit_test(test_a_flight_goes_again_to_who_showed_the_cookie),
		cmocka_unit_test(test_as_the_active_side_we_send_where_signalling_says),
		cmocka_unit_test(test_the_cookie_goes_to_who_asked),
		cmocka_unit_test(test_a_new_association_gives_new_keys),
	};

	return cmocka_run_group_tests(tests, start_srtp, NULL);
}
