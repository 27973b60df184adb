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

static void sources_are_bounded_and_none_is_forgotten(void **state)
{
	(void)state;
	struct pair pair = pair_new(SUITE_AEAD_AES_128_GCM);
	struct buffer buffer;
	struct packet packet;

	for (uint32_t ssrc = 0; ssrc < SRTP_SSRC_MAX; ssrc++) {
		packet = rtp(&buffer, ssrc, 1);
		assert_int_equal(srtp_protect_packet(pair.out, &packet), SRTP_OK);
	}
	packet = rtp(&buffer, SRTP_SSRC_MAX, 1);
	assert_int_equal(srtp_protect_packet(pair.out, &packet), SRTP_TOO_MANY);
	packet = rtp(&buffer, 0, 2);
	assert_int_equal(srtp_protect_packet(pair.out, &packet), SRTP_OK);
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
		cmocka_unit_test(sources_are_bounded_and_none_is_forgotten),
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
