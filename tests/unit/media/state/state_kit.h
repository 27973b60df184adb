/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of media/state share: workers, and a call in which nearly everything is. */
#ifndef TESTS_UNIT_MEDIA_STATE_STATE_KIT_H
#define TESTS_UNIT_MEDIA_STATE_STATE_KIT_H

#include "media/state/call_state.h"
#include "media/state/head.h"

#include <fcntl.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Of a program its own, since others run beside it: a hundred for carriers, some for browsers. */
#define PORTS 110

static inline uint16_t kit_first_port(void)
{
	return (uint16_t)(17400 + getpid() % 100 * PORTS);
}

struct kit {
	struct port_pool *pool;
	struct log *log;
	struct metrics *metrics;
	struct sessions *sessions;
	struct call_certificates certificates; /* ours */
	struct dtls_certificate *items[1];
	int null;
};

static inline void kit_open(struct kit *kit, unsigned workers)
{
	struct session_settings settings = {.webrtc_port = kit_first_port() + 100,
					    .workers = workers,
					    .timeouts = {60, 3600, 3600, 0, 30}};
	struct log_settings log = {.level = LOG_ERROR};
	struct interface interface;
	const char *why;
	char err[200] = "";

	*kit = (struct kit){.null = open("/dev/null", O_WRONLY)};
	log.fd = kit->null;
	assert_true(interface_parse("127.0.0.1", &interface, &why));
	kit->pool = port_pool_new(&interface, 1, kit_first_port(), kit_first_port() + 99);
	kit->log = log_new("test", &log);
	kit->metrics = metrics_new(media_metrics, MEDIA_METRIC_COUNT);
	kit->sessions =
		sessions_start(&settings, kit->pool, kit->log, kit->metrics, err, sizeof(err));
	assert_non_null(kit->sessions);
	kit->items[0] = dtls_certificate_new();
	kit->certificates = (struct call_certificates){kit->items, 1};
}

static inline void kit_close(struct kit *kit)
{
	sessions_stop(kit->sessions);
	assert_int_equal(port_pool_used(kit->pool), 0);
	port_pool_free(kit->pool);
	metrics_free(kit->metrics);
	log_free(kit->log);
	dtls_certificate_unref(kit->items[0]);
	close(kit->null);
}

/* Once a program: libsrtp2 starts once. Two workers. */
static inline int kit_set_up(void **state)
{
	struct kit *kit = malloc(sizeof(*kit));

	kit_open(kit, 2);
	*state = kit;
	return 0;
}

static inline int kit_tear_down(void **state)
{
	kit_close(*state);
	free(*state);
	return 0;
}

typedef void kit_work(struct kit *kit, struct desk *desk);

struct kit_job {
	struct kit *kit;
	kit_work *work;
	unsigned desk;
	sem_t done;
};

static inline void kit_do(struct worker *worker, void *magic)
{
	struct kit_job *job = magic;

	(void)worker;
	job->work(job->kit, job->kit->sessions->desks[job->desk]);
	sem_post(&job->done);
}

/* In the thread of that desk; waits for its end. */
static inline void kit_run(struct kit *kit, unsigned desk, kit_work *work)
{
	struct kit_job job = {.kit = kit, .work = work, .desk = desk};

	sem_init(&job.done, 0, 0);
	assert_true(worker_post(kit->sessions->desks[desk]->worker, kit_do, &job));
	while (sem_wait(&job.done) != 0)
		continue;
	sem_destroy(&job.done);
}

static inline struct ng_text kit_text(const char *text)
{
	return (struct ng_text){text, strlen(text)};
}

static inline struct address kit_address(const char *ip, uint16_t port)
{
	struct address address;

	assert_true(address_parse(ip, strlen(ip), port, &address));
	return address;
}

static inline struct fingerprint kit_fingerprint(const struct dtls_certificate *certificate)
{
	const char *text = dtls_certificate_fingerprint(certificate);
	struct fingerprint fingerprint;

	assert_true(fingerprint_parse(text, strlen(text), &fingerprint));
	return fingerprint;
}

static inline void kit_said(struct stream *stream, struct dtls_certificate *peer)
{
	struct said *said = &stream->said;

	*said = (struct said){.known = true,
			      .type = "audio",
			      .mid = "0",
			      .proto = SDP_DTLS_SAVPF,
			      .proto_text = "UDP/TLS/RTP/SAVPF",
			      .rtp = kit_address("192.0.2.1", 5000),
			      .rtcp = kit_address("2001:db8::1", 5001),
			      .mux = true,
			      .bundled = true,
			      .direction = SDP_SENDONLY,
			      .setup = SDP_ACTPASS,
			      .mid_extension = 4,
			      .n_formats = 1,
			      .n_candidates = 1,
			      .n_fingerprints = 1,
			      .n_cryptos = 1,
			      .ptime = 20};
	said->formats = calloc(1, sizeof(*said->formats));
	said->formats[0] = (struct said_format){
		.payload_type = 96, .channels = 2, .clock = 48000, .name = "opus"};
	said->candidates = calloc(1, sizeof(*said->candidates));
	said->candidates[0] = (struct sdp_candidate){1, 2130706431, kit_address("192.0.2.1", 5000)};
	said->fingerprints[0] = kit_fingerprint(peer);
	said->ufrag = strdup("peer");
	said->pwd = strdup("0123456789012345678901");
	said->tls_id = strdup("tls\xff id"); /* not UTF-8 */
	assert_true(sdes_make(1, SUITE_AEAD_AES_256_GCM, &said->cryptos[0]));
	stream->promise =
		(struct promise){.mux = PROMISE_REJECT, .osrtp = true, .asymmetric = true};
	stream->offered = (struct terms){.known = true, .proto = SDP_RTP_SAVP, .mux = MUX_OFFER};
	stream->agreed = (struct terms){
		.known = true, .proto = SDP_DTLS_SAVPF, .security = SECURITY_DTLS, .ice = true};
	stream->rested = (struct terms){.known = true, .datagrams = true};
	stream->datagrams_in = (struct stream_count){.packets = {5}, .bytes = {600}};
	stream->datagrams_out = (struct stream_count){.packets = {6}, .bytes = {700}};
	stream->party->host.said = kit_address("192.0.2.1", 5000);
	stream->party->host.came = kit_address("192.0.2.7", 5002);
	stream->direction = SDP_RECVONLY;
	stream->in.packets[0] = 77;
	stream->last_out = worker_now(stream->party->call->desk->worker) - 1000;
	stream->quality.n = 1;
	stream->quality.sources[0] = (struct quality_source){
		.ssrc = 5, .packets = 9, .reported_lost = -2, .interval = 4, .n_progression = 1};
	stream->quality.sources[0].progression[0] = (struct quality_sample){.at = 1, .mos = 43};
}

static inline struct leg *kit_leg(struct party *party, bool shared)
{
	const char *why;
	struct leg *leg = leg_new(&(struct leg_params){.party = party,
						       .interface = party->interface,
						       .shared = shared,
						       .rtcp_mux = shared,
						       .tos = 184},
				  &why);

	assert_non_null(leg);
	return leg;
}

/* Shared port, ICE as far as a pair, DTLS connected and bound, two m-lines on it. */
static inline void kit_browser(struct kit *kit, struct party *party)
{
	struct dtls_certificate *peer = dtls_certificate_new();
	struct leg *leg = kit_leg(party, true);
	struct transport_saved saved = {.shared = true,
					.rtcp_mux = true,
					.security = SECURITY_DTLS,
					.suite_in = SUITE_AEAD_AES_128_GCM,
					.suite_out = SUITE_AEAD_AES_128_GCM,
					.key_in = {.len = 28},
					.key_out = {.len = 28},
					.has_ice = true,
					.has_dtls = true,
					.ice_params = {.lite = true, .components = 1},
					.dtls = {.role = DTLS_PASSIVE, .state = DTLS_CONNECTED}};
	struct dtls_certificate_saved der;

	memset(saved.key_in.bytes, 7, 28);
	memset(saved.key_out.bytes, 8, 28);
	saved.dtls.keys = (struct dtls_keys){
		.suite = SUITE_AEAD_AES_128_GCM, .local = saved.key_out, .remote = saved.key_in};
	assert_true(dtls_certificate_save(peer, &der));
	memcpy(saved.dtls.shown, der.x509, der.x509_len);
	saved.dtls.shown_len = der.x509_len;
	/* Each call has its own: the shared port tells them apart by it. */
	snprintf(saved.ice.ufrag, sizeof(saved.ice.ufrag), "u%07u",
		 (unsigned)party->call->desk->counts.begun);
	memcpy(saved.ice.pwd, "ourpassword0123456789012345", 27);
	memcpy(saved.ice.peer_ufrag, "peer", 5);
	memcpy(saved.ice.peer_pwd, "0123456789012345678901", 23);
	saved.ice.components[0].n_valid = 2;
	saved.ice.components[0].valid[0] = kit_address("192.0.2.1", 5000);
	saved.ice.components[0].valid[1] = kit_address("192.0.2.1", 5002);
	saved.ice.components[0].selected = saved.ice.components[0].valid[1];
	saved.stats.packets_in[0] = 77;
	saved.stats.dropped[DROP_REPLAY] = 3;
	leg->certificate = dtls_certificate_ref(kit->items[0]);
	leg->fingerprints[0] = kit_fingerprint(peer);
	leg->n_fingerprints = 1;
	leg->peer_tls_id = strdup("theirs");
	leg->ssrcs[0] = (struct leg_ssrc){.ssrc = 99, .stream = 1, .out = true};
	leg->n_ssrcs = 1;
	party->identity[0] = leg->fingerprints[0];
	party->n_identity = 1;
	assert_true(transport_restore(leg->transport, &saved, leg->certificate));
	dtls_set_identity(transport_dtls(leg->transport), party->identity, 1);
	dtls_set_peer(transport_dtls(leg->transport), leg->fingerprints, 1);
	transport_dtls_changed(leg->transport);
	for (size_t i = 0; i < 2; i++) {
		struct stream *stream = party_stream(party, i);

		kit_said(stream, peer);
		stream->leg = leg;
		leg->streams++;
	}
	assert_int_equal(dtls_identity(transport_dtls(leg->transport)), DTLS_BOUND);
	dtls_certificate_unref(peer);
}

/* SDES on a pair of ports, its source locked, keys used past a rollover; and, as no call has it
 * beside them, what passthrough knows of ICE. */
static inline void kit_carrier(struct kit *kit, struct party *party)
{
	struct stream *stream = party_stream(party, 0);
	struct leg *leg = kit_leg(party, false);
	struct sdes remote;
	struct address at[2] = {kit_address("127.0.0.1", 5004), kit_address("127.0.0.1", 5005)};

	kit_said(stream, kit->items[0]);
	stream->leg = leg;
	leg->streams = 1;
	leg->chosen = leg->n_offered = 1;
	leg->last_media = worker_now(party->call->desk->worker) - 5;
	assert_true(sdes_make(1, SUITE_AEAD_AES_128_GCM, &leg->offered[0]));
	assert_true(sdes_make(1, SUITE_AEAD_AES_128_GCM, &remote));
	assert_true(transport_use_sdes(leg->transport, &leg->offered[0], &remote));
	transport_set_asymmetric(leg->transport, true);
	transport_set_remote(leg->transport, at, &at[1], LATCH_STRICT);
	assert_true(transport_use_opaque(
		leg->transport,
		&(struct opaque_ends){
			.checks = {"other", "own", "0123456789012345678901"},
			.lite = true,
			.candidates = &(struct opaque_candidate){1, kit_address("192.0.2.1", 5000)},
			.n_candidates = 1,
		}));
	for (unsigned i = 0; i < 600; i++) {
		uint8_t data[200 + PACKET_SPARE] = {0x80, 0, (uint8_t)((65200 + i) >> 8),
						    (uint8_t)(65200 + i)};
		struct packet packet = {.data = data, .len = 172};

		assert_true(transport_send(leg->transport, &packet));
	}
}

static inline struct call *kit_call(struct kit *kit, struct desk *desk, const char *id)
{
	const struct interface *interface = port_pool_interface_at(kit->pool, 0);
	struct ng_text name = kit_text(id), tag_a = kit_text("a"), tag_b = kit_text("b\xfe"),
		       other = kit_text("b of before");
	struct call *call = call_new(desk, &name);
	struct party *a = party_new(call), *b = party_new(call), *waiting = party_new(call);
	struct bond *bond = bond_new(call, a, b);

	assert_true(party_set_tag(a, &tag_a) && party_set_tag(b, &other) &&
		    party_set_tag(b, &tag_b));
	a->interface = b->interface = interface;
	a->label = strdup("caller");
	a->sdp = strdup("v=0\r\n");
	a->sdp_len = 5;
	a->told.user = strdup("-");
	a->told.version = 1ULL << 63;
	a->told.text = UINT64_MAX;
	a->told.written = true;
	a->received_from = kit_address("198.51.100.1", 0);
	a->block_dtmf = b->silence = b->subscriber = true;
	waiting->branch = strdup("z9hG4bK");
	waiting->deleted = worker_now(desk->worker) + 30000000000ULL;
	*bond = (struct bond){.next = bond->next,
			      .offerer = a,
			      .answerer = b,
			      .answered = true,
			      .heard = true,
			      .offered = 1,
			      .source = {[1] = 2}};
	bond_new(call, a, waiting)->offered = 2;
	call->offers = 2;
	call->answered = call->block_media = true;
	call->metadata = strdup("{}");
	call->metadata_len = 2;
	call->packets = 11;
	kit_browser(kit, a);
	kit_carrier(kit, b);
	snprintf(b->streams[0]->label, sizeof(b->streams[0]->label), "caller-2");
	call_wire(call);
	return call;
}

#endif
