/* SPDX-License-Identifier: Apache-2.0 */
/* What a silenced party is heard as. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media/session/silence.h"

static struct said_format formats[] = {
	{0, 1, 8000, "PCMU"}, {8, 1, 8000, "PCMA"}, {111, 2, 48000, "opus"}, {18, 1, 8000, "G729"}};
static const struct said said = {.known = true, .formats = formats, .n_formats = 4};

static uint8_t data[PACKET_MAX + PACKET_SPARE];

static struct packet packet_of(uint8_t type)
{
	memset(data, 0x33, sizeof(data));
	memset(data, 0, 12);
	data[0] = 0x80;
	data[1] = type;
	return (struct packet){.data = data, .len = 12 + 160};
}

static void test_g711_keeps_its_length(void **state)
{
	struct packet packet = packet_of(0);

	(void)state;
	assert_true(silence_fill(&said, &packet));
	assert_int_equal(packet.len, 172);
	for (size_t i = 12; i < 172; i++)
		assert_int_equal(data[i], 0xff);
	packet = packet_of(8);
	assert_true(silence_fill(&said, &packet));
	assert_int_equal(data[171], 0xd5);
	assert_int_equal(data[172], 0x33);
}

static void test_opus_becomes_one_frame_of_nothing(void **state)
{
	struct packet packet = packet_of(111);

	(void)state;
	data[12] = 0x7b; /* RFC 6716 §3.1: mode and frame size, and a code of several frames */
	assert_true(silence_fill(&said, &packet));
	assert_int_equal(packet.len, 13);
	assert_int_equal(data[12], 0x78);
}

static void test_padding_goes_with_what_was_said(void **state)
{
	struct packet packet = packet_of(111);
	struct rtp_header header;

	(void)state;
	data[0] |= 0x20;
	data[171] = 4;
	assert_true(silence_fill(&said, &packet));
	assert_true(rtp_header_read(packet.data, packet.len, &header));
	assert_int_equal(header.payload_len, 1);
}

static void test_a_codec_without_a_silence_that_we_know_does_not_pass(void **state)
{
	struct packet packet = packet_of(18);

	(void)state;
	assert_false(silence_fill(&said, &packet));
	packet = packet_of(77);
	assert_false(silence_fill(&said, &packet));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_g711_keeps_its_length),
		cmocka_unit_test(test_opus_becomes_one_frame_of_nothing),
		cmocka_unit_test(test_padding_goes_with_what_was_said),
		cmocka_unit_test(test_a_codec_without_a_silence_that_we_know_does_not_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
