/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STUN between two ends that is only overheard, and what passthrough makes of any datagram:
 * whatever comes, it is read within its bounds, nothing is authentic without the password, and
 * nobody is sent to who has not proved itself.
 *
 * Input: a byte of choices, then datagrams: a byte of source and of what to do with it, two of
 * length, data.
 */
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "media/path/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHOICE_ICE = 1, CHOICE_LITE = 2, CHOICE_MUX = 4, CHOICE_RESTART = 8 };
enum { FROM_ADDRESS = 7, FROM_RTCP = 8, FROM_SIGNED = 16, FROM_B = 32 };

#define PWD	   "the password of who is asked"
#define TRIES	   64
#define STUN_HEAD  20
#define SHA1_BYTES 20
#define INTEGRITY  24		   /* RFC 8489 §14.5: type, length, HMAC-SHA1 */
#define SIGNATURE  (INTEGRITY + 8) /* and §14.7 */

struct run {
	struct transport_owner owner;
	struct port_pool *pool;
	const uint8_t *data;
	size_t size;
	struct path *path;
	struct transport *sides[2];
	unsigned passed;
	sem_t done;
};

static const struct ice_ends ends = {.asked = "peer", .asking = "own", .pwd = PWD};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz_media_overhear: %s\n", what);
	abort();
}

/* The discard port of a few hosts of loopback; 0 is the signalled one. */
static struct address source(unsigned number)
{
	struct address address = {.family = 4, .port = 9, .ip = {127, 0, 0, 1}};

	address.ip[3] = (uint8_t)(1 + number);
	return address;
}

static bool is_one_of(const struct address *at, const struct opaque_component *component)
{
	for (size_t i = 0; i < component->n_proved; i++)
		if (address_equal(&component->proved[i], at))
			return true;
	return address_equal(at, &component->candidates[0]);
}

static void opaque(struct transport_owner *owner, struct transport *from,
		   const struct opaque_datagram *datagram)
{
	struct run *run = (struct run *)owner;
	struct transport *to = run->sides[from == run->sides[0]];
	const unsigned component = to->rtcp_mux ? RTP : datagram->component;
	const struct address *at = opaque_destination(&to->legs[component]);

	run->passed++;
	must(datagram->kind != DEMUX_UNKNOWN, "a datagram of no kind has passed");
	if (to->opaque->state.ice && at)
		must(is_one_of(at, &to->opaque->state.components[component]),
		     "it goes to who has proved nothing");
	transport_forward(to, datagram);
}

static void write16(uint8_t *at, size_t n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

/* CRC-32 of ISO 3309, a bit at a time. */
static uint32_t crc32(const uint8_t *data, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* A check of the peer: MESSAGE-INTEGRITY and FINGERPRINT at the end. */
static size_t sign(uint8_t *data, size_t len)
{
	unsigned n = SHA1_BYTES;
	uint8_t *at = data + len;
	uint32_t crc;

	if (len < STUN_HEAD || len % 4 != 0 || len + SIGNATURE > PACKET_MAX)
		return len;
	memcpy(at, "\0\x08\0\x14", 4);
	write16(data + 2, len + INTEGRITY - STUN_HEAD);
	must(HMAC(EVP_sha1(), PWD, (int)strlen(PWD), data, len, at + 4, &n), "no HMAC");
	at += INTEGRITY;
	memcpy(at, "\x80\x28\0\x04", 4);
	write16(data + 2, len + SIGNATURE - STUN_HEAD);
	crc = crc32(data, len + INTEGRITY) ^ 0x5354554e;
	write16(at + 4, crc >> 16);
	write16(at + 6, crc & 0xffff);
	return len + SIGNATURE;
}

/* The class of RFC 8489 §5, and what the password has to do with it. */
static void overhear(const uint8_t *data, size_t len, bool is_signed)
{
	struct ice_overheard heard;
	static const int kinds[] = {ICE_HEARD_REQUEST, ICE_HEARD_INDICATION, ICE_HEARD_RESPONSE,
				    ICE_HEARD_RESPONSE};
	uint8_t *copy = malloc(len > 0 ? len : 1); /* its end is the end of what is owned */

	must(copy, "no memory");
	memcpy(copy, data, len);
	if (ice_overhear(&ends, copy, len, &heard)) {
		must(len >= STUN_HEAD && data[0] < 0x40 &&
			     memcmp(data + 4, "\x21\x12\xa4\x42", 4) == 0,
		     "it is no STUN");
		must((int)heard.kind == kinds[(data[0] & 1) << 1 | (data[1] >> 4 & 1)],
		     "its class is another");
		must(memcmp(heard.transaction, data + 8, ICE_TRANSACTION_LEN) == 0,
		     "its transaction is another");
		must(!heard.authentic || (is_signed && heard.kind == ICE_HEARD_REQUEST),
		     "it is authentic without the password");
		must(!heard.nominates || heard.authentic, "a stranger nominates");
	}
	must(memcmp(copy, data, len) == 0, "it was written to");
	free(copy);
}

static uint64_t drops(const struct transport *transport)
{
	uint64_t n = 0;

	for (int i = 0; i < DROP_COUNT; i++)
		n += transport->stats.dropped[i];
	return n;
}

static void check(const struct run *run, struct leg *leg, const struct address *from,
		  bool is_signed)
{
	const struct opaque_component *component =
		&leg->transport->opaque->state.components[leg->component];

	if (!leg->transport->opaque->state.ice)
		return;
	must(run->passed == 0 || is_one_of(from, component) || is_signed,
	     "a stranger was heard beside ICE");
	must(component->n_proved <= OPAQUE_PROVED_MAX, "too many have proved themselves");
	must(component->selected.family == 0 || component->n_proved > 0, "a stranger was chosen");
}

static size_t one(struct run *run, const uint8_t *data, size_t size)
{
	struct transport *transport = run->sides[data[0] & FROM_B ? 1 : 0];
	struct leg *leg = &transport->legs[data[0] & FROM_RTCP ? RTCP : RTP];
	size_t len = data[1] | (size_t)data[2] << 8;
	struct address from = source(data[0] & FROM_ADDRESS);
	uint8_t buffer[PACKET_MAX + PACKET_SPARE] = {0};
	struct packet packet = {.data = buffer, .now = worker_now(transport->path->worker)};
	const uint64_t before = drops(transport);
	size_t used;
	bool is_signed;

	len = len < size - 3 ? len : size - 3;
	len = len < PACKET_MAX ? len : PACKET_MAX;
	memcpy(buffer, data + 3, len);
	used = 3 + len;
	packet.len = data[0] & FROM_SIGNED ? sign(buffer, len) : len;
	is_signed = packet.len > len;
	overhear(buffer, packet.len, is_signed);
	run->passed = 0;
	transport_receive(transport, leg->component, &from, &packet);
	must(drops(transport) - before + run->passed == 1, "a datagram was not counted once");
	check(run, leg, &from, is_signed);
	return used;
}

static void open_side(struct run *run, int i, uint8_t choice)
{
	struct transport_params params = {.path = run->path,
					  .interface = port_pool_interface_at(run->pool, 0),
					  .owner = &run->owner,
					  .rtcp_mux = choice & CHOICE_MUX};
	const struct address remote[2] = {source(0), source(0)};
	const struct opaque_candidate candidates[] = {{1, source(0)}, {2, source(0)}};
	const struct opaque_ends told = {.checks = ends,
					 .lite = choice & CHOICE_LITE,
					 .candidates = candidates,
					 .n_candidates = 2};
	const char *why;

	run->sides[i] = transport_new(&params, &why);
	must(run->sides[i], "no port");
	transport_set_remote(run->sides[i], remote, NULL, LATCH_LEARN);
	must(transport_use_opaque(run->sides[i], choice & CHOICE_ICE ? &told : NULL), "no memory");
}

/* As after a restart of the relay. */
static void save_and_restore(struct run *run)
{
	for (int i = 0; i < 2; i++) {
		struct opaque_saved saved;

		opaque_save(run->sides[i], &saved);
		opaque_clear(run->sides[i]);
		must(opaque_restore(run->sides[i], &saved), "no memory");
	}
}

static void run_input(struct worker *worker, void *magic)
{
	struct run *run = magic;
	const uint8_t choice = run->data[0];
	size_t at = 1;

	run->path = path_new(worker, run->pool, 0);
	must(run->path, "no memory");
	for (int i = 0; i < 2; i++)
		open_side(run, i, choice);
	for (int n = 0; n < TRIES && run->size - at >= 3; n++) {
		at += one(run, run->data + at, run->size - at);
		if (n == TRIES / 8 && choice & CHOICE_RESTART)
			save_and_restore(run);
	}
	for (int i = 0; i < 2; i++)
		transport_free(run->sides[i]);
	path_free(run->path);
	must(port_pool_used(run->pool) == 0, "a port has not come back");
	sem_post(&run->done);
}

/* What all inputs share: a thread and a pool of ports. */
static struct worker *shared(struct port_pool **pool_out)
{
	static struct worker *worker;
	static struct port_pool *pool;
	struct worker_params params = {.cpu = -1};
	struct interface interface;
	const char *why = NULL;

	if (!worker) {
		must(interface_parse("127.0.0.1", &interface, &why), "no interface");
		pool = port_pool_new(&interface, 1, 35100, 35199);
		worker = worker_start(&params);
		must(pool && worker, "no worker");
	}
	*pool_out = pool;
	return worker;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run run = {.owner = {.opaque = opaque}, .data = data, .size = size};
	struct worker *worker = shared(&run.pool);

	if (size == 0)
		return 0;
	sem_init(&run.done, 0, 0);
	must(worker_post(worker, run_input, &run), "no memory");
	while (sem_wait(&run.done) != 0)
		continue;
	sem_destroy(&run.done);
	return 0;
}
