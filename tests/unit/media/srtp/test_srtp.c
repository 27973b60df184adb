/* SPDX-License-Identifier: Apache-2.0 */
/* SRTP of one direction: every suite, bad packets, bounds, restarted sources, restored contexts. */
#include "media/srtp/sdes.h"
#include "media/srtp/srtp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct pair {
	struct srtp_context *out, *in;
	struct sdes sdes;
};

static struct pair pair_new(enum srtp_suite suite)
{
	struct pair pair;

	assert_true(sdes_make(1, suite, &pair.sdes));
	pair.out = srtp_context_new(suite, &pair.sdes.key, false);
	pair.in = srtp_context_new(suite, &pair.sdes.key, true);
	assert_non_null(pair.out);
	assert_non_null(pair.in);
	return pair;
}

static void pair_free(struct pair *pair)
{
	srtp_context_free(pair->out);
	srtp_context_free(pair->in);
}

struct buffer {
	uint8_t bytes[PACKET_MAX + PACKET_SPARE];
};

static struct packet rtp(struct buffer *buffer, uint32_t ssrc, uint16_t sequence)
{
	struct packet packet = {.data = buffer->bytes, .len = 172};

	memset(buffer->bytes, 0x55, packet.len);
	memcpy(buffer->bytes, "\x80\x00", 2);
	buffer->bytes[2] = (uint8_t)(sequence >> 8);
	buffer->bytes[3] = (uint8_t)sequence;
	memset(buffer->bytes + 4, 0, 4);
	for (int i = 0; i < 4; i++)
		buffer->bytes[8 + i] = (uint8_t)(ssrc >> (24 - 8 * i));
	return packet;
}

static struct packet rtcp(struct buffer *buffer, uint32_t ssrc)
{
	struct packet packet = {.data = buffer->bytes, .len = 8, .rtcp = true};

	memcpy(buffer->bytes, "\x80\xc9\x00\x01", 4);
	for (int i = 0; i < 4; i++)
		buffer->bytes[4 + i] = (uint8_t)(ssrc >> (24 - 8 * i));
	return packet;
}

static const enum srtp_suite suites[] = {SUITE_AEAD_AES_128_GCM, SUITE_AEAD_AES_256_GCM,
					 SUITE_AES_CM_128_HMAC_SHA1_80,
					 SUITE_AES_CM_128_HMAC_SHA1_32};
#define EACH_SUITE(i) for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)

static void every_suite_brings_back_what_went_in(void **state)
{
	(void)state;
	EACH_SUITE(i)
	{
		struct pair pair = pair_new(suites[i]);
		struct buffer buffer, before;
		struct packet packet = rtp(&buffer, 7, 100);
		memcpy(&before, &buffer, sizeof(before));
		assert_int_equal(srtp_protect_packet(pair.out, &packet), SRTP_OK);
		assert_true(packet.len > 172 && packet.len <= 172 + PACKET_SPARE);
		assert_memory_not_equal(before.bytes + 12, buffer.bytes + 12, 160);
		assert_int_equal(srtp_unprotect_packet(pair.in, &packet), SRTP_OK);
		assert_int_equal(packet.len, 172);
		assert_memory_equal(before.bytes, buffer.bytes, 172);
		struct packet report = rtcp(&buffer, 7);
		assert_int_equal(srtp_protect_packet(pair.out, &report), SRTP_OK);
		assert_true(report.len > 8 && report.len <= 8 + PACKET_SPARE);
		assert_int_equal(srtp_unprotect_packet(pair.in, &report), SRTP_OK);
		assert_int_equal(report.len, 8);
		pair_free(&pair);
	}
}

static void a_changed_byte_fails_authentication_and_takes_no_place(void **state)
{
	(void)state;
	EACH_SUITE(i)
	{
		struct pair pair = pair_new(suites[i]);
		struct buffer buffer;
		struct srtp_source none[1];
		for (size_t at = 0; at < 172; at += 7) {
			struct packet packet = rtp(&buffer, (uint32_t)at, 1);
			assert_int_equal(srtp_protect_packet(pair.out, &packet), SRTP_OK);
			buffer.bytes[at == 0 ? 1 : at] ^= 0x01;
			assert_int_not_equal(srtp_unprotect_packet(pair.in, &packet), SRTP_OK);
			assert_int_equal(srtp_context_sources(pair.in, none, 1), 0);
		}
		pair_free(&pair);
	}
}

static void a_replayed_packet_is_told_from_a_bad_one(void **state)
{
	(void)state;
	struct pair pair = pair_new(SUITE_AEAD_AES_128_GCM);
	struct buffer buffer, copy;
	struct packet packet = rtp(&buffer, 9, 5);

	assert_int_equal(srtp_protect_packet(pair.out, &packet), SRTP_OK);
	copy = buffer;
	struct packet again = {.data = copy.bytes, .len = packet.len};
	assert_int_equal(srtp_unprotect_packet(pair.in, &packet), SRTP_OK);
	assert_int_equal(srtp_unprotect_packet(pair.in, &again), SRTP_REPLAYED);
	pair_free(&pair);
}

static void the_same_index_is_never_protected_twice(void **state)
{
	(void)state;
	struct pair pair = pair_new(SUITE_AEAD_AES_128_GCM);
	struct buffer buffer;
	struct packet packet = rtp(&buffer, 9, 5);

	assert_int_equal(srtp_protect_packet(pair.out, &packet), SRTP_OK);
	packet = rtp(&buffer, 9, 5);
	assert_int_equal(srtp_protect_packet(pair.out, &packet), SRTP_REPLAYED);
	pair_free(&pair);
}

static void a_source_that_begins_anew_is_heard_after_three_packets(void **state)
{
	(void)state;
	struct pair pair = pair_new(SUITE_AES_CM_128_HMAC_SHA1_80);
	struct buffer buffer;
	struct packet packet;
	unsigned lost = 0, heard = 0;

	for (uint16_t i = 30000; i < 30010; i++) {
		packet = rtp(&buffer, 3, i);
		assert_int_equal(srtp_protect_packet(pair.out, &packet), SRTP_OK);
		assert_int_equal(srtp_unprotect_packet(pair.in, &packet), SRTP_OK);
	}
	for (uint16_t i = 100; i < 120; i++) {
		packet = rtp(&buffer, 3, i);
		if (srtp_protect_packet(pair.out, &packet) != SRTP_OK) {
			lost++;
			continue;
		}
		assert_int_equal(srtp_unprotect_packet(pair.in, &packet), SRTP_OK);
		heard++;
	}
	assert_int_equal(lost, 2);
	assert_int_equal(heard, 18);
	pair_free(&pair);
}

/* Sends n packets and reports of one source, both ways of the pair. */
static uint16_t talk(struct pair *pair, uint16_t sequence, unsigned n)
{
	struct buffer buffer;

	for (unsigned i = 0; i < n; i++) {
		struct packet packet = rtp(&buffer, 11, sequence++);
		assert_int_equal(srtp_protect_packet(pair->out, &packet), SRTP_OK);
		assert_int_equal(srtp_unprotect_packet(pair->in, &packet), SRTP_OK);
		if (i % 100 == 0) {
			packet = rtcp(&buffer, 11);
			assert_int_equal(srtp_protect_packet(pair->out, &packet), SRTP_OK);
			assert_int_equal(srtp_unprotect_packet(pair->in, &packet), SRTP_OK);
		}
	}
	return sequence;
}

static struct srtp_context *restored(struct srtp_context *old, const struct sdes *sdes,
				     bool inbound)
{
	struct srtp_source sources[SRTP_SSRC_MAX];
	size_t n = srtp_context_sources(old, sources, SRTP_SSRC_MAX);
	struct srtp_context *context = srtp_context_new(sdes->suite, &sdes->key, inbound);

	assert_non_null(context);
	assert_true(srtp_context_restore(context, sources, n));
	return context;
}

#define NS	  1000000000ULL
#define SILENT_NS (SRTP_SILENT_SECONDS * NS)

/* The first packets of sources from first on, at a time, both ways of the pair. */
static void speak(struct pair *pair, uint32_t first, uint32_t n, uint64_t now)
{
	struct buffer buffer;

	for (uint32_t ssrc = first; ssrc < first + n; ssrc++) {
		struct packet packet = rtp(&buffer, ssrc, 1);
		packet.now = now;
		assert_int_equal(srtp_protect_packet(pair->out, &packet), SRTP_OK);
		assert_int_equal(srtp_unprotect_packet(pair->in, &packet), SRTP_OK);
	}
}

static enum srtp_result protect_at(struct pair *pair, uint32_t ssrc, uint16_t sequence,
				   uint64_t now)
{
	struct buffer buffer;
	struct packet packet = rtp(&buffer, ssrc, sequence);

	packet.now = now;
	return srtp_protect_packet(pair->out, &packet);
}

static void a_source_too_many_takes_the_place_of_the_one_that_is_silent_longest(void **state)
{
	(void)state;
	struct pair pair = pair_new(SUITE_AEAD_AES_128_GCM);
	struct srtp_source sources[SRTP_SSRC_MAX];

	speak(&pair, 0, SRTP_LIVE_MAX, NS);
	assert_int_equal(protect_at(&pair, 0, 2, 2 * NS), SRTP_OK);
	assert_int_equal(protect_at(&pair, 1000, 1, NS + SILENT_NS - 1), SRTP_TOO_MANY);
	assert_int_equal(protect_at(&pair, 1000, 1, NS + SILENT_NS), SRTP_OK);
	assert_int_equal(srtp_context_sources(pair.out, sources, SRTP_SSRC_MAX), SRTP_LIVE_MAX + 1);
	assert_int_equal(sources[SRTP_LIVE_MAX].ssrc, 1);
	pair_free(&pair);
}

static void one_too_many_of_the_peer_waits_too_and_is_taken_then(void **state)
{
	(void)state;
	struct pair pair = pair_new(SUITE_AEAD_AES_128_GCM);
	struct pair other = {.out = srtp_context_new(pair.sdes.suite, &pair.sdes.key, false)};
	struct buffer buffer;

	speak(&pair, 0, SRTP_LIVE_MAX, NS);
	for (uint16_t i = 0; i < 2; i++) {
		struct packet packet = rtp(&buffer, 1000, i);
		assert_int_equal(srtp_protect_packet(other.out, &packet), SRTP_OK);
		packet.now = NS + i * SILENT_NS;
		assert_int_equal(srtp_unprotect_packet(pair.in, &packet),
				 i == 0 ? SRTP_TOO_MANY : SRTP_OK);
	}
	pair_free(&pair);
	srtp_context_free(other.out);
}

/* RFC 3711 §9.1, RFC 7714 §9.1: one index, one packet, under one key. */
static void a_source_that_left_comes_back_where_it_was(void **state)
{
	(void)state;
	EACH_SUITE(i)
	{
		struct pair pair = pair_new(suites[i]);
		struct buffer sent, report, buffer;
		uint16_t next = talk(&pair, 1, 65536 + 700);
		struct packet packet = rtp(&sent, 11, next++);
		assert_int_equal(srtp_protect_packet(pair.out, &packet), SRTP_OK);
		buffer = sent;
		struct packet copy = {.data = buffer.bytes, .len = packet.len};
		assert_int_equal(srtp_unprotect_packet(pair.in, &copy), SRTP_OK);
		struct packet control = rtcp(&report, 11);
		assert_int_equal(srtp_protect_packet(pair.out, &control), SRTP_OK);
		buffer = report;
		copy = (struct packet){.data = buffer.bytes, .len = control.len, .rtcp = true};
		assert_int_equal(srtp_unprotect_packet(pair.in, &copy), SRTP_OK);
		for (uint64_t round = 1; round < 4; round++) {
			/* twice as many as have a place, and it is the oldest of them */
			speak(&pair, 1000 * (uint32_t)round, SRTP_LIVE_MAX, 2 * round * SILENT_NS);
			for (uint16_t back = 1; back < 700; back++)
				assert_int_equal(protect_at(&pair, 11, (uint16_t)(next - back),
							    (2 * round + 1) * SILENT_NS),
						 SRTP_REPLAYED);
			copy = packet;
			copy.now = (2 * round + 1) * SILENT_NS;
			buffer = sent;
			copy.data = buffer.bytes;
			assert_int_equal(srtp_unprotect_packet(pair.in, &copy), SRTP_REPLAYED);
			copy = control;
			copy.now = (2 * round + 1) * SILENT_NS;
			buffer = report;
			copy.data = buffer.bytes;
			assert_int_equal(srtp_unprotect_packet(pair.in, &copy), SRTP_REPLAYED);
			next = talk(&pair, next, 300);
		}
		pair_free(&pair);
	}
}

static void so_many_sources_are_known_under_one_key_and_none_is_forgotten(void **state)
{
	(void)state;
	struct pair pair = pair_new(SUITE_AEAD_AES_128_GCM);
	struct srtp_source sources[SRTP_SSRC_MAX];
	uint64_t now = 0;

	for (uint32_t first = 0; first < SRTP_SSRC_MAX; first += SRTP_LIVE_MAX)
		speak(&pair, first, SRTP_LIVE_MAX, now += SILENT_NS);
	now += SILENT_NS;
	assert_int_equal(protect_at(&pair, SRTP_SSRC_MAX, 1, now), SRTP_TOO_MANY);
	assert_int_equal(srtp_context_sources(pair.out, sources, SRTP_SSRC_MAX), SRTP_SSRC_MAX);
	/* in the next process as in this one */
	struct pair after = {.out = restored(pair.out, &pair.sdes, false),
			     .in = restored(pair.in, &pair.sdes, true)};
	for (uint32_t ssrc = 0; ssrc < SRTP_SSRC_MAX; ssrc += 7) {
		assert_int_equal(protect_at(&after, ssrc, 1, now += NS), SRTP_REPLAYED);
		assert_int_equal(protect_at(&after, ssrc, 2, now), SRTP_OK);
	}
	assert_int_equal(protect_at(&after, SRTP_SSRC_MAX, 1, now), SRTP_TOO_MANY);
	pair_free(&pair);
	pair_free(&after);
}

/* To bring one back as many reports are made as it had sent, while the others' packets wait. */
static void a_source_of_many_reports_keeps_its_place(void **state)
{
	(void)state;
	struct pair pair = pair_new(SUITE_AEAD_AES_128_GCM);
	struct buffer buffer;

	for (uint32_t ssrc = 0; ssrc < SRTP_LIVE_MAX; ssrc++)
		for (unsigned i = 0; i < 4097; i++) {
			struct packet packet = rtcp(&buffer, ssrc);
			assert_int_equal(srtp_protect_packet(pair.out, &packet), SRTP_OK);
		}
	assert_int_equal(protect_at(&pair, 1000, 1, 2 * SILENT_NS), SRTP_TOO_MANY);
	pair_free(&pair);
}

static void restored_contexts_go_on_after_any_rollover(void **state)
{
	(void)state;
	static const unsigned lengths[] = {10, 40000, 65536 - 1000 + 3, 140000};
	EACH_SUITE(i)
	for (size_t n = 0; n < sizeof(lengths) / sizeof(lengths[0]); n++) {
		struct pair pair = pair_new(suites[i]), after;
		uint16_t next = talk(&pair, 1000, lengths[n]);
		after.out = restored(pair.out, &pair.sdes, false);
		after.in = restored(pair.in, &pair.sdes, true);
		/* each restored end speaks with the end that was not restored, and with each other
		 */
		struct pair left = {.out = after.out, .in = pair.in};
		next = talk(&left, next, 300);
		srtp_context_free(after.in);
		after.in = restored(pair.in, &pair.sdes, true);
		talk(&after, next, 300);
		pair_free(&pair);
		pair_free(&after);
	}
}

static void a_restored_context_refuses_what_was_heard_before(void **state)
{
	(void)state;
	EACH_SUITE(i)
	{
		struct pair pair = pair_new(suites[i]);
		struct buffer buffer, copy, report;
		talk(&pair, 1, 70000);
		struct packet packet = rtp(&buffer, 11, (uint16_t)(1 + 70000));
		assert_int_equal(srtp_protect_packet(pair.out, &packet), SRTP_OK);
		copy = buffer;
		struct packet again = {.data = copy.bytes, .len = packet.len};
		assert_int_equal(srtp_unprotect_packet(pair.in, &packet), SRTP_OK);
		struct packet control = rtcp(&report, 11);
		assert_int_equal(srtp_protect_packet(pair.out, &control), SRTP_OK);
		struct buffer control_copy = report;
		struct packet control_again = {
			.data = control_copy.bytes, .len = control.len, .rtcp = true};
		assert_int_equal(srtp_unprotect_packet(pair.in, &control), SRTP_OK);
		struct srtp_context *in = restored(pair.in, &pair.sdes, true);
		assert_int_equal(srtp_unprotect_packet(in, &again), SRTP_REPLAYED);
		assert_int_equal(srtp_unprotect_packet(in, &control_again), SRTP_REPLAYED);
		srtp_context_free(in);
		pair_free(&pair);
	}
}

/* The peer chooses its index: restoring neither counts up to it nor fails for it. */
static void a_restored_context_takes_the_highest_index_of_a_peer(void **state)
{
	const struct srtp_source source = {.ssrc = 11, .rtcp_index = 0x7fffffff};

	(void)state;
	EACH_SUITE(i)
	{
		struct pair pair = pair_new(suites[i]);
		struct buffer buffer;
		struct packet control = rtcp(&buffer, 11);
		assert_int_equal(srtp_protect_packet(pair.out, &control), SRTP_OK);
		assert_true(srtp_context_restore(pair.in, &source, 1));
		assert_int_equal(srtp_unprotect_packet(pair.in, &control), SRTP_REPLAYED);
		pair_free(&pair);
	}
}

static void a_restored_sender_uses_no_index_again(void **state)
{
	(void)state;
	EACH_SUITE(i)
	{
		struct pair pair = pair_new(suites[i]);
		struct buffer buffer;
		uint16_t next = talk(&pair, 1, 1000);
		struct srtp_context *out = restored(pair.out, &pair.sdes, false);
		struct packet packet = rtp(&buffer, 11, (uint16_t)(next - 1));
		assert_int_equal(srtp_protect_packet(out, &packet), SRTP_REPLAYED);
		struct packet control = rtcp(&buffer, 11);
		assert_int_equal(srtp_protect_packet(out, &control), SRTP_OK);
		/* the peer has heard ten: were it one of theirs, it would be a replay */
		assert_int_equal(srtp_unprotect_packet(pair.in, &control), SRTP_OK);
		srtp_context_free(out);
		pair_free(&pair);
	}
}

/* libsrtp2's window of a restored stream is empty but for the highest. */
static void no_index_of_before_a_restart_is_protected_or_taken_again(void **state)
{
	(void)state;
	EACH_SUITE(i)
	{
		struct pair pair = pair_new(suites[i]), after;
		uint16_t next = talk(&pair, 1, 65536 + 700);
		struct buffer buffer, sent[100];
		struct packet packets[100];

		/* a hundred packets that were heard before */
		for (uint16_t n = 0; n < 100; n++) {
			packets[n] = rtp(&sent[n], 11, (uint16_t)(next + n));
			assert_int_equal(srtp_protect_packet(pair.out, &packets[n]), SRTP_OK);
			buffer = sent[n];
			struct packet copy = {.data = buffer.bytes, .len = packets[n].len};
			assert_int_equal(srtp_unprotect_packet(pair.in, &copy), SRTP_OK);
		}
		after.out = restored(pair.out, &pair.sdes, false);
		after.in = restored(pair.in, &pair.sdes, true);
		for (int round = 0; round < 2; round++) {
			for (uint16_t n = 0; n < 1000; n++) {
				struct packet packet = rtp(&buffer, 11, (uint16_t)(next + 99 - n));
				assert_int_equal(srtp_protect_packet(after.out, &packet),
						 SRTP_REPLAYED);
			}
			for (uint16_t n = 0; n < 100; n++) {
				buffer = sent[n];
				struct packet copy = {.data = buffer.bytes, .len = packets[n].len};
				assert_int_equal(srtp_unprotect_packet(after.in, &copy),
						 SRTP_REPLAYED);
			}
			/* the second time behind a packet of the new process, with a gap that a
			 * late one fills */
			for (uint16_t n = 0; round == 0 && n < 2; n++) {
				struct packet packet = rtp(&buffer, 11, (uint16_t)(next + 101 - n));
				assert_int_equal(srtp_protect_packet(after.out, &packet), SRTP_OK);
				assert_int_equal(srtp_unprotect_packet(after.in, &packet), SRTP_OK);
			}
		}
		talk(&after, (uint16_t)(next + 102), 3000);
		struct packet late = rtp(&buffer, 11, (uint16_t)(next + 102 + 2999));
		assert_int_equal(srtp_protect_packet(after.out, &late), SRTP_REPLAYED);
		pair_free(&pair);
		srtp_context_free(after.in);
		srtp_context_free(after.out);
	}
}

static void a_key_of_the_wrong_length_is_refused(void **state)
{
	(void)state;
	struct srtp_key key = {.len = 30};

	assert_null(srtp_context_new(SUITE_AEAD_AES_128_GCM, &key, true));
	assert_null(srtp_context_new(SUITE_NONE, &key, true));
}

static void packets_shorter_than_a_header_are_bad(void **state)
{
	(void)state;
	struct pair pair = pair_new(SUITE_AES_CM_128_HMAC_SHA1_32);
	struct buffer buffer = {{0x80}};

	for (size_t len = 0; len < 40; len++) {
		struct packet packet = {.data = buffer.bytes, .len = len};
		assert_int_equal(srtp_unprotect_packet(pair.in, &packet), SRTP_BAD);
		packet = (struct packet){.data = buffer.bytes, .len = len, .rtcp = true};
		assert_int_equal(srtp_unprotect_packet(pair.in, &packet), SRTP_BAD);
		packet = (struct packet){
			.data = buffer.bytes, .len = len < 8 ? len : 7, .rtcp = true};
		assert_int_equal(srtp_protect_packet(pair.out, &packet), SRTP_BAD);
	}
	pair_free(&pair);
}

static int start(void **state)
{
	(void)state;
	return srtp_start() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_suite_brings_back_what_went_in),
		cmocka_unit_test(a_changed_byte_fails_authentication_and_takes_no_place),
		cmocka_unit_test(a_replayed_packet_is_told_from_a_bad_one),
		cmocka_unit_test(the_same_index_is_never_protected_twice),
		cmocka_unit_test(
			a_source_too_many_takes_the_place_of_the_one_that_is_silent_longest),
		cmocka_unit_test(one_too_many_of_the_peer_waits_too_and_is_taken_then),
		cmocka_unit_test(a_source_that_left_comes_back_where_it_was),
		cmocka_unit_test(so_many_sources_are_known_under_one_key_and_none_is_forgotten),
		cmocka_unit_test(a_source_of_many_reports_keeps_its_place),
		cmocka_unit_test(a_source_that_begins_anew_is_heard_after_three_packets),
		cmocka_unit_test(restored_contexts_go_on_after_any_rollover),
		cmocka_unit_test(a_restored_context_refuses_what_was_heard_before),
		cmocka_unit_test(a_restored_context_takes_the_highest_index_of_a_peer),
		cmocka_unit_test(a_restored_sender_uses_no_index_again),
		cmocka_unit_test(no_index_of_before_a_restart_is_protected_or_taken_again),
		cmocka_unit_test(a_key_of_the_wrong_length_is_refused),
		cmocka_unit_test(packets_shorter_than_a_header_are_bad),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
