/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What arrives at a transport: kinds, RTP, RTCP, STUN, DTLS, from addresses and in an order that
 * the input chooses, with the security that it chooses. However it is, each datagram of media is
 * passed or counted once, nothing passes that is not proven, and the source lock holds.
 *
 * Input: a byte of choices, then datagrams: a byte of source and component, two of length, data.
 */
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/path/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHOICE_SDES = 1, CHOICE_ICE = 2, CHOICE_DTLS = 4, CHOICE_MUX = 8, CHOICE_STRICT = 16 };
enum { FROM_ADDRESS = 7, FROM_RTCP = 8, FROM_PROTECTED = 16 };

struct run {
	struct transport_owner owner;
	struct port_pool *pool;
	const uint8_t *data;
	size_t size;
	struct transport *transport;
	struct dtls_certificate *certificate;
	struct srtp_context *peer; /* protects what the input marks so */
	unsigned passed;
	sem_t done;
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz_media_packet: %s\n", what);
	abort();
}

/* Back to where it came from; the copy is the sender's to change. */
static void media(struct transport_owner *owner, struct transport *from, struct packet *packet)
{
	uint8_t copy[PACKET_MAX + PACKET_SPARE];
	struct packet again = *packet;
	struct rtp_header header;

	((struct run *)owner)->passed++;
	must(packet->len <= PACKET_MAX, "a packet is too long");
	must(packet->rtcp ? rtcp_header_check(packet->data, packet->len)
			  : rtp_header_read(packet->data, packet->len, &header),
	     "a broken header has passed");
	if (!packet->rtcp)
		must(header.payload >= packet->data &&
			     header.payload + header.payload_len <= packet->data + packet->len,
		     "a payload is outside of its packet");
	memcpy(copy, packet->data, packet->len);
	again.data = copy;
	transport_send(from, &again);
}

/* The discard port of a few hosts of loopback; 0 is the signalled one. */
static struct address source(unsigned number)
{
	struct address address = {.family = 4, .port = 9, .ip = {127, 0, 0, 1}};

	address.ip[3] = (uint8_t)(1 + number % 4);
	address.port = (uint16_t)(9 + number / 4);
	return address;
}

static void secure(struct run *run, uint8_t choice)
{
	struct transport *transport = run->transport;
	const struct ice_params lite = {.lite = true, .components = 2};
	struct sdes ours, theirs;

	if (choice & CHOICE_ICE)
		must(transport_use_ice(transport, &lite), "no ICE");
	if (choice & CHOICE_DTLS)
		must(transport_use_dtls(transport, run->certificate, DTLS_PASSIVE), "no DTLS");
	if (!(choice & CHOICE_SDES) || (choice & CHOICE_DTLS))
		return;
	must(sdes_make(1, SUITE_AEAD_AES_128_GCM, &ours) &&
		     sdes_make(1, SUITE_AEAD_AES_128_GCM, &theirs) &&
		     transport_use_sdes(transport, &ours, &theirs),
	     "no SDES");
	run->peer = srtp_context_new(theirs.suite, &theirs.key, false);
}

static uint64_t drops(const struct transport *transport)
{
	uint64_t n = 0;

	/* What the echo could not send is no matter of what came in. */
	for (int i = 0; i < DROP_COUNT; i++) {
		if (i != DROP_SEND && i != DROP_NO_PEER)
			n += transport->stats.dropped[i];
	}
	return n;
}

static void check(struct run *run, const struct leg *leg, const struct address *from,
		  const struct address *locked, bool proven)
{
	const struct transport *transport = run->transport;
	bool secured = transport->security != SECURITY_NONE;

	must(!transport->ice.session || !run->passed, "media passed that ICE has not validated");
	must(!secured || run->passed == 0 || proven, "media passed that nobody authenticated");
	if (secured || run->passed == 0)
		return;
	must(leg->latch.mode != LATCH_STRICT || address_equal(from, &leg->latch.signalled),
	     "strict let a stranger in");
	/* One who fits no better than the peer did not take its place. */
	if (locked->family != 0 && !address_equal(locked, from))
		must(address_equal(from, &leg->latch.source) && leg->latch.fit < LATCH_OTHER,
		     "a third address was heard after the lock");
}

static size_t one(struct run *run, const uint8_t *data, size_t size)
{
	struct transport *transport = run->transport;
	size_t len = data[1] | (size_t)data[2] << 8;
	struct address from = source(data[0] & FROM_ADDRESS), locked;
	struct leg *leg = &transport->legs[data[0] & FROM_RTCP ? RTCP : RTP];
	uint8_t buffer[PACKET_MAX + PACKET_SPARE] = {0};
	struct packet packet = {.data = buffer, .now = worker_now(transport->path->worker)};
	uint64_t before = drops(transport);
	enum demux kind;
	bool proven;

	len = len < size - 3 ? len : size - 3;
	len = len < PACKET_MAX ? len : PACKET_MAX;
	memcpy(buffer, data + 3, len);
	packet.len = len;
	packet.rtcp = packet_is_rtcp(buffer, len);
	proven = run->peer && (data[0] & FROM_PROTECTED) && len >= 12 && len < PACKET_MAX - 64 &&
		 srtp_protect_packet(run->peer, &packet) == SRTP_OK;
	kind = packet_demux(buffer, packet.len);
	locked = leg->latch.source;
	run->passed = 0;
	transport_receive(transport, leg->component, &from, &packet);
	must(drops(transport) - before + run->passed <= 1, "a datagram was counted twice");
	if (kind == DEMUX_MEDIA || kind == DEMUX_UNKNOWN)
		must(drops(transport) - before + run->passed == 1, "a datagram was not counted");
	check(run, leg, &from, &locked, proven);
	return 3 + len;
}

static void run_input(struct worker *worker, void *magic)
{
	struct run *run = magic;
	uint8_t choice = run->data[0];
	struct transport_params params = {.interface = port_pool_interface_at(run->pool, 0),
					  .owner = &run->owner,
					  .rtcp_mux = choice & CHOICE_MUX};
	struct address remote[2] = {source(0), source(0)};
	const char *why;
	size_t at = 1;

	params.path = path_new(worker, run->pool, 0);
	must(params.path, "no memory");
	run->transport = transport_new(&params, &why);
	must(run->transport, "no port");
	transport_set_remote(run->transport, remote, NULL,
			     choice & CHOICE_STRICT ? LATCH_STRICT : LATCH_LEARN);
	secure(run, choice);
	for (int n = 0; n < 64 && run->size - at >= 3; n++)
		at += one(run, run->data + at, run->size - at);
	srtp_context_free(run->peer);
	transport_free(run->transport);
	path_free(params.path);
	must(port_pool_used(run->pool) == 0, "a port has not come back");
	sem_post(&run->done);
}

/* What all inputs share: a thread and a pool of ports. */
static struct worker *shared(struct port_pool **pool_out, struct dtls_certificate **certificate_out)
{
	static struct worker *worker;
	static struct port_pool *pool;
	static struct dtls_certificate *certificate;
	struct worker_params params = {.cpu = -1};
	struct interface interface;
	const char *why;

	if (!worker) {
		must(srtp_start(), "no SRTP");
		must(interface_parse("127.0.0.1", &interface, &why), why);
		pool = port_pool_new(&interface, 1, 35000, 35099);
		certificate = dtls_certificate_new();
		worker = worker_start(&params);
		must(pool && worker && certificate, "no worker");
	}
	*pool_out = pool;
	*certificate_out = certificate;
	return worker;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run run = {.owner = {.media = media}, .data = data, .size = size};
	struct worker *worker = shared(&run.pool, &run.certificate);

	if (size == 0)
		return 0;
	sem_init(&run.done, 0, 0);
	must(worker_post(worker, run_input, &run), "no memory");
	while (sem_wait(&run.done) != 0)
		continue;
	sem_destroy(&run.done);
	return 0;
}
