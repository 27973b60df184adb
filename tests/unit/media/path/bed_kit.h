/* SPDX-License-Identifier: Apache-2.0 */
/* A transport with ports of its own whose media is echoed, and a telephone that has SDES. */
#ifndef TESTS_UNIT_MEDIA_PATH_BED_KIT_H
#define TESTS_UNIT_MEDIA_PATH_BED_KIT_H

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

static inline void echo(struct transport_owner *owner, struct transport *from,
			struct packet *packet)
{
	((struct bed *)owner)->media++;
	transport_send(from, packet);
}

static inline void changed(struct transport_owner *owner, struct transport *transport)
{
	(void)transport;
	((struct bed *)owner)->changes++;
}

static inline void run_job(struct worker *worker, void *magic)
{
	struct bed *bed = magic;

	(void)worker;
	bed->job(bed);
}

static inline void run(struct bed *bed, bed_job *job, void *magic)
{
	bed->job = job;
	bed->magic = magic;
	kit_run(bed->worker, run_job, bed);
}

static inline void make(struct bed *bed)
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

static inline void unmake(struct bed *bed)
{
	transport_free(bed->transport);
	path_free(bed->path);
}

static inline void read_all(struct bed *bed)
{
	bed->stats = *transport_stats(bed->transport);
	transport_view(bed->transport, &bed->view);
}

static inline void read_failures(struct bed *bed)
{
	bed->failures = dtls_failures(transport_dtls(bed->transport));
}

static inline void expect_dropped(struct bed *bed, enum drop_reason reason, uint64_t n)
{
	for (int turn = 0; turn < 1000; turn++) {
		run(bed, read_all, NULL);
		if (bed->stats.dropped[reason] >= n)
			break;
	}
	assert_int_equal(bed->stats.dropped[reason], n);
}

static inline void open_bed(struct bed *bed)
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

static inline void close_bed(struct bed *bed)
{
	run(bed, unmake, NULL);
	worker_stop(bed->worker);
	assert_int_equal(port_pool_used(bed->pool), 0);
	port_pool_free(bed->pool);
	dtls_certificate_unref(bed->certificate);
	free(bed->saved);
}

static inline void signal_remote(struct bed *bed)
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

static inline void use_sdes(struct bed *bed)
{
	struct phone *phone = bed->magic;

	assert_true(transport_use_sdes(bed->transport, &phone->ours, &phone->theirs));
}

static inline void open_phone(struct phone *phone)
{
	*phone = (struct phone){.fd = -1};
	phone->fd = kit_peer("127.0.0.1", &phone->at);
	assert_true(sdes_make(1, SUITE_AEAD_AES_128_GCM, &phone->ours));
	assert_true(sdes_make(1, SUITE_AEAD_AES_128_GCM, &phone->theirs));
	phone->in = srtp_context_new(phone->ours.suite, &phone->ours.key, true);
	phone->out = srtp_context_new(phone->theirs.suite, &phone->theirs.key, false);
}

static inline void close_phone(struct phone *phone)
{
	close(phone->fd);
	srtp_context_free(phone->in);
	srtp_context_free(phone->out);
}

static inline size_t rtp(uint8_t out[100], uint16_t sequence)
{
	memset(out, 0x55, 100);
	memset(out, 0, 12);
	out[0] = 0x80;
	out[2] = (uint8_t)(sequence >> 8);
	out[3] = (uint8_t)sequence;
	out[11] = 9;
	return 100;
}

static inline size_t protected(struct phone *phone, uint8_t out[PACKET_MAX + PACKET_SPARE],
			       uint16_t n)
{
	struct packet packet = {.data = out, .len = rtp(out, n)};

	assert_int_equal(srtp_protect_packet(phone->out, &packet), SRTP_OK);
	return packet.len;
}

#endif
