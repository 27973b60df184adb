/* SPDX-License-Identifier: Apache-2.0 */
/* Sources that made place for others, and who pretends to be them. */
#include "media/srtp/srtp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define NS    1000000000ULL
#define KNOWN (SRTP_LIVE_MAX + 4) /* the first four have left */

struct ends {
	struct srtp_context *out, *in;
	uint64_t now;
};

struct buffer {
	uint8_t bytes[PACKET_MAX + PACKET_SPARE];
};

static struct packet protected_by(struct ends *ends, struct buffer *buffer, uint32_t ssrc,
				  uint16_t sequence)
{
	struct packet packet = {.data = buffer->bytes, .len = 40, .now = ends->now};

	memset(buffer->bytes, 0, packet.len);
	buffer->bytes[0] = 0x80;
	buffer->bytes[3] = (uint8_t)sequence;
	buffer->bytes[11] = (uint8_t)ssrc;
	assert_int_equal(srtp_protect_packet(ends->out, &packet), SRTP_OK);
	return packet;
}

static enum srtp_result send(struct ends *ends, uint32_t ssrc, uint16_t sequence, bool forged)
{
	struct buffer buffer;
	struct packet packet = protected_by(ends, &buffer, ssrc, sequence);

	buffer.bytes[20] ^= forged;
	return srtp_unprotect_packet(ends->in, &packet);
}

static void open_ends(struct ends *ends)
{
	const struct srtp_key key = {.bytes = {1, 2, 3}, .len = 28};

	ends->out = srtp_context_new(SUITE_AEAD_AES_128_GCM, &key, false);
	ends->in = srtp_context_new(SUITE_AEAD_AES_128_GCM, &key, true);
	assert_true(ends->out && ends->in);
	ends->now = NS;
	for (uint32_t ssrc = 1; ssrc <= KNOWN; ssrc++) {
		ends->now += (SRTP_SILENT_SECONDS + 1) * NS;
		assert_int_equal(send(ends, ssrc, 1, false), SRTP_OK);
	}
	ends->now += (SRTP_SILENT_SECONDS + 1) * NS;
}

static void close_ends(struct ends *ends)
{
	srtp_context_free(ends->out);
	srtp_context_free(ends->in);
}

static void test_who_forges_those_that_left_has_one_looked_at_in_50_ms(void **state)
{
	struct ends ends;

	(void)state;
	open_ends(&ends);
	assert_int_equal(send(&ends, 1, 2, true), SRTP_BAD);
	for (uint16_t n = 0; n < 50; n++)
		assert_int_equal(send(&ends, 2, (uint16_t)(2 + n), true), SRTP_TOO_MANY);
	/* Those that are there are heard meanwhile. */
	assert_int_equal(send(&ends, KNOWN, 2, false), SRTP_OK);
	assert_int_equal(send(&ends, 2, 60, true), SRTP_TOO_MANY);
	ends.now += NS / 20;
	assert_int_equal(send(&ends, 2, 61, false), SRTP_OK);
	assert_int_equal(send(&ends, 1, 3, false), SRTP_OK);
	close_ends(&ends);
}

static void test_those_that_prove_themselves_come_back_at_once(void **state)
{
	struct ends ends;

	(void)state;
	open_ends(&ends);
	for (uint32_t ssrc = 1; ssrc <= 4; ssrc++)
		assert_int_equal(send(&ends, ssrc, 2, false), SRTP_OK);
	close_ends(&ends);
}

static void test_a_copy_of_what_one_that_left_sent_is_looked_at_as_seldom(void **state)
{
	struct ends ends;
	struct buffer first, second;
	struct packet one, other;

	(void)state;
	open_ends(&ends);
	one = protected_by(&ends, &first, 3, 2);
	other = protected_by(&ends, &second, 4, 2);
	/* Below the highest of then: refused as one that was heard. */
	first.bytes[3] = second.bytes[3] = 1;
	assert_int_equal(srtp_unprotect_packet(ends.in, &one), SRTP_REPLAYED);
	assert_int_equal(srtp_unprotect_packet(ends.in, &other), SRTP_TOO_MANY);
	close_ends(&ends);
}

static int start(void **state)
{
	(void)state;
	return srtp_start() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_forges_those_that_left_has_one_looked_at_in_50_ms),
		cmocka_unit_test(test_those_that_prove_themselves_come_back_at_once),
		cmocka_unit_test(test_a_copy_of_what_one_that_left_sent_is_looked_at_as_seldom),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
