/* SPDX-License-Identifier: Apache-2.0 */
/* Transports with ports of their own and keys: SDES, DTLS without ICE, ICE towards a lite peer, and
 * what of them survives a restart. */
#include "media/path/transport.h"

#include <stdlib.h>

#include "browser_kit.h"

#define FIRST 34000
#define LAST  34099

struct bed;
typedef void bed_job(struct bed *bed);

/* One transport, whose media is echoed to its peer. */
struct bed {
	struct transport_owner owner;
	struct worker *worker;
	struct port_pool *pool;
	struct path *path;
	struct transport *transport;
	struct dtls_certificate *certificate;
	struct address port;
	uint16_t at;
	unsigned media, changes, failures;
	struct transport_stats stats;
	struct transport_view view;
	struct transport_saved *saved;
	bed_job *job;
	void *magic;
};

static void echo(struct transport_owner *owner, struct transport *from, struct packet *packet)
{
	((struct bed *)owner)->media++;
	transport_send(from, packet);
}

static void changed(struct transport_owner *owner, struct transport *transport)
{
	(void)transport;
	((struct bed *)owner)->changes++;
}

static void run_job(struct worker *worker, void *magic)
{
	struct bed *bed = magic;

	(void)worker;
	bed->job(bed);
}

static void run(struct bed *bed, bed_job *job, void *magic)
{
	bed->job = job;
	bed->magic = magic;
	kit_run(bed->worker, run_job, bed);
}

static void make(struct bed *bed)
{
	struct transport_params params = {.interface = port_pool_interface_at(bed->pool, 0),
					  .owner = &bed->owner,
					  .rtcp_mux = true,
					  .at = bed->at};
	const char *why;

	params.path = bed->path = path_new(bed->worker, bed->pool, 0);
	bed->transport = transport_new(&params, &why);
	assert_non_null(bed->transport);
	bed->port = transport_local(bed->transport, 0);
}

static void unmake(struct bed *bed)
{
	transport_free(bed->transport);
	path_free(bed->path);
}

static void read_all(struct bed *bed)
{
	bed->stats = *transport_stats(bed->transport);
	transport_view(bed->transport, &bed->view);
}

static void read_failures(struct bed *bed)
{
	bed->failures = dtls_failures(transport_dtls(bed->transport));
}

static void expect_dropped(struct bed *bed, enum drop_reason reason, uint64_t n)
{
	for (int turn = 0; turn < 1000; turn++) {
		run(bed, read_all, NULL);
		if (bed->stats.dropped[reason] >= n)
			break;
	}
	assert_int_equal(bed->stats.dropped[reason], n);
}

static void open_bed(struct bed *bed)
{
	struct worker_params params = {.cpu = -1};
	struct interface interface;
	const char *why;

	assert_true(interface_parse("127.0.0.1", &interface, &why));
	*bed = (struct bed){.owner = {.media = echo, .changed = changed},
			    .pool = port_pool_new(&interface, 1, FIRST, LAST),
			    .certificate = dtls_certificate_new(),
			    .saved = calloc(1, sizeof(*bed->saved))};
	bed->worker = worker_start(&params);
	assert_non_null(bed->worker);
	run(bed, make, NULL);
}

static void close_bed(struct bed *bed)
{
	run(bed, unmake, NULL);
	worker_stop(bed->worker);
	assert_int_equal(port_pool_used(bed->pool), 0);
	port_pool_free(bed->pool);
	dtls_certificate_unref(bed->certificate);
	free(bed->saved);
}

static void signal_remote(struct bed *bed)
{
	const struct address *at = bed->magic;
	struct address remote[2] = {at[0], at[0]};

	transport_set_remote(bed->transport, remote, NULL, LATCH_LEARN);
}

struct phone {
	int fd;
	struct address at;
	struct sdes ours, theirs; /* what the relay sends with, what the phone does */
	struct srtp_context *in, *out;
};

static void use_sdes(struct bed *bed)
{
	struct phone *phone = bed->magic;

	assert_true(transport_use_sdes(bed->transport, &phone->ours, &phone->theirs));
}

static void open_phone(struct phone *phone)
{
	*phone = (struct phone){.fd = -1};
	phone->fd = kit_peer("127.0.0.1", &phone->at);
	assert_true(sdes_make(1, SUITE_AEAD_AES_128_GCM, &phone->ours));
	assert_true(sdes_make(1, SUITE_AEAD_AES_128_GCM, &phone->theirs));
	phone->in = srtp_context_new(phone->ours.suite, &phone->ours.key, true);
	phone->out = srtp_context_new(phone->theirs.suite, &phone->theirs.key, false);
}

static void close_phone(struct phone *phone)
{
	close(phone->fd);
	srtp_context_free(phone->in);
	srtp_context_free(phone->out);
}

static size_t rtp(uint8_t out[100], uint16_t sequence)
{
	memset(out, 0x55, 100);
	memset(out, 0, 12);
	out[0] = 0x80;
	out[2] = (uint8_t)(sequence >> 8);
	out[3] = (uint8_t)sequence;
	out[11] = 9;
	return 100;
}

static size_t protected(struct phone *phone, uint8_t out[PACKET_MAX + PACKET_SPARE], uint16_t n)
{
	struct packet packet = {.data = out, .len = rtp(out, n)};

	assert_int_equal(srtp_protect_packet(phone->out, &packet), SRTP_OK);
	return packet.len;
}

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

/* A worker that waits while its sockets fill, and then reads them for a round. */
struct pause {
	sem_t reached, over;
};

static void wait_for_test(struct worker *worker, void *magic)
{
	struct pause *pause = magic;

	(void)worker;
	sem_post(&pause->reached);
	while (sem_wait(&pause->over) != 0)
		continue;
}

/* What bad packets and good ones behind them come to in one round. */
static void read_for_a_round(struct bed *bed, struct phone *phone, int bad, uint16_t good)
{
	struct kit_job after = {.job = run_job, .magic = bed};
	uint8_t data[PACKET_MAX + PACKET_SPARE];
	struct pause pause;

	bed->job = read_all;
	sem_init(&pause.reached, 0, 0);
	sem_init(&pause.over, 0, 0);
	sem_init(&after.done, 0, 0);
	assert_true(worker_post(bed->worker, wait_for_test, &pause));
	while (sem_wait(&pause.reached) != 0)
		continue;
	for (int i = 0; i < bad; i++)
		kit_send(phone->fd, &bed->port, data, rtp(data, 1));
	for (uint16_t i = 0; i < good; i++)
		kit_send(phone->fd, &bed->port, data, protected(phone, data, i));
	/* Jobs are done at the end of a round. */
	assert_true(worker_post(bed->worker, kit_run_job, &after));
	sem_post(&pause.over);
	while (sem_wait(&after.done) != 0)
		continue;
	sem_destroy(&pause.reached);
	sem_destroy(&pause.over);
	sem_destroy(&after.done);
}

static void open_sdes_bed(struct bed *bed, struct phone *phone)
{
	open_bed(bed);
	open_phone(phone);
	run(bed, signal_remote, &phone->at);
	run(bed, use_sdes, phone);
}

static void close_sdes_bed(struct bed *bed, struct phone *phone)
{
	close_phone(phone);
	close_bed(bed);
}

static void test_a_packet_behind_bad_ones_is_read_with_them(void **state)
{
	struct bed bed;
	struct phone phone;

	(void)state;
	open_sdes_bed(&bed, &phone);
	read_for_a_round(&bed, &phone, 20, 1);
	assert_int_equal(bed.stats.dropped[DROP_AUTHENTICATION], 20);
	assert_int_equal(bed.stats.packets_in[0], 1);
	close_sdes_bed(&bed, &phone);
}

static void test_a_flood_has_no_more_than_its_share_of_a_round(void **state)
{
	struct bed bed;
	struct phone phone;

	(void)state;
	open_sdes_bed(&bed, &phone);
	read_for_a_round(&bed, &phone, 60, 0);
	assert_int_equal(bed.stats.dropped[DROP_AUTHENTICATION], REFUSED_MAX);
	expect_dropped(&bed, DROP_AUTHENTICATION, 60);
	close_sdes_bed(&bed, &phone);
}

static void test_what_passes_leaves_the_turn_to_others(void **state)
{
	struct bed bed;
	struct phone phone;

	(void)state;
	open_sdes_bed(&bed, &phone);
	read_for_a_round(&bed, &phone, 0, 3);
	assert_int_equal(bed.stats.packets_in[0], 1);
	close_sdes_bed(&bed, &phone);
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
		cmocka_unit_test(test_a_packet_behind_bad_ones_is_read_with_them),
		cmocka_unit_test(test_a_flood_has_no_more_than_its_share_of_a_round),
		cmocka_unit_test(test_what_passes_leaves_the_turn_to_others),
		cmocka_unit_test(test_a_saved_call_goes_on_at_the_same_port_with_the_same_keys),
		cmocka_unit_test(test_dtls_without_ice_is_spoken_with_the_signalled_address_only),
		cmocka_unit_test(test_in_a_handshake_who_showed_the_cookie_is_heard_alone),
		cmocka_unit_test(test_a_flight_goes_again_to_who_showed_the_cookie),
		cmocka_unit_test(test_as_the_active_side_we_send_where_signalling_says),
		cmocka_unit_test(test_the_cookie_goes_to_who_asked),
		cmocka_unit_test(test_a_new_association_gives_new_keys),
		cmocka_unit_test(test_towards_a_lite_peer_we_check_and_begin_dtls),
	};

	return cmocka_run_group_tests(tests, start_srtp, NULL);
}
