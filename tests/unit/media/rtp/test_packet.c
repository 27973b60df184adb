/* SPDX-License-Identifier: Apache-2.0 */
/* What a datagram is, and where an RTP header ends. */
#include "media/rtp/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_rfc_7983_section_7_the_first_byte_tells_the_kind(void **state)
{
	static const struct {
		unsigned first, last;
		enum demux kind;
	} ranges[] = {
		{0, 3, DEMUX_STUN},	 {4, 15, DEMUX_UNKNOWN},    {16, 19, DEMUX_ZRTP},
		{20, 63, DEMUX_DTLS},	 {64, 79, DEMUX_TURN},	    {80, 127, DEMUX_UNKNOWN},
		{128, 191, DEMUX_MEDIA}, {192, 255, DEMUX_UNKNOWN},
	};
	unsigned seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		for (unsigned byte = ranges[i].first; byte <= ranges[i].last; byte++, seen++) {
			uint8_t data = (uint8_t)byte;

			assert_int_equal(packet_demux(&data, 1), ranges[i].kind);
		}
	}
	assert_int_equal(seen, 256);
	assert_int_equal(packet_demux(NULL, 0), DEMUX_UNKNOWN);
}

static void test_rfc_5761_section_4_payload_types_64_to_95_are_rtcp(void **state)
{
	(void)state;
	for (unsigned second = 0; second < 256; second++) {
		uint8_t data[2] = {0x80, (uint8_t)second};
		unsigned type = second & 0x7f;
		bool marked = second & 0x80;

		assert_int_equal(packet_is_rtcp(data, 2), marked && type >= 64 && type <= 95);
		assert_false(packet_is_rtcp(data, 1));
	}
}

/* Two sources, an extension of two words, five bytes of payload, three of padding. */
static const uint8_t whole[] = {
	0xb2, 0x80 | 111, 0x12, 0x34, 0,   0,	0,    160,  0xde, 0xad, 0xbe, 0xef, 1, 1,
	1,    1,	  2,	2,    2,   2,	0xbe, 0xde, 0,	  2,	0x10, 'a',  0, 0,
	0,    0,	  0,	0,    'h', 'e', 'l',  'l',  'o',  0,	0,    3,
};

static void test_rfc_3550_section_5_1_a_header_is_read_to_its_end(void **state)
{
	struct rtp_header header;

	(void)state;
	assert_true(rtp_header_read(whole, sizeof(whole), &header));
	assert_int_equal(header.payload_type, 111);
	assert_true(header.marker);
	assert_int_equal(header.sequence, 0x1234);
	assert_int_equal(header.timestamp, 160);
	assert_int_equal(header.ssrc, 0xdeadbeef);
	assert_int_equal(header.extension_profile, 0xbede);
	assert_int_equal(header.extension_len, 8);
	assert_ptr_equal(header.extension, whole + 24);
	assert_int_equal(header.payload_len, 5);
	assert_memory_equal(header.payload, "hello", 5);
}

static void test_what_a_length_says_is_there_or_it_is_no_rtp(void **state)
{
	uint8_t data[sizeof(whole)];
	struct rtp_header header;

	(void)state;
	/* Cut anywhere: what is left ends before the extension does, or in a padding of 0 or of
	 * more than there is. */
	for (size_t len = 0; len < sizeof(whole); len++) {
		bool good = rtp_header_read(whole, len, &header);

		assert_false(good && len < 32);
		if (good)
			assert_true(header.payload + header.payload_len <= whole + len);
	}
	memcpy(data, whole, sizeof(whole));
	data[sizeof(data) - 1] = 0;
	assert_false(rtp_header_read(data, sizeof(data), &header));
	data[sizeof(data) - 1] = 9;
	assert_false(rtp_header_read(data, sizeof(data), &header));
	data[sizeof(data) - 1] = 8;
	assert_true(rtp_header_read(data, sizeof(data), &header));
	assert_int_equal(header.payload_len, 0);
	memcpy(data, whole, sizeof(whole));
	data[0] = 0x40 | (data[0] & 0x3f);
	assert_false(rtp_header_read(data, sizeof(data), &header));
}

static void test_rfc_3550_section_6_4_1_the_first_rtcp_packet_is_whole(void **state)
{
	static const uint8_t report[12] = {0x80, 201, 0, 1, 1, 2, 3, 4};
	uint8_t data[12];

	(void)state;
	assert_true(rtcp_header_check(report, 8));
	assert_true(rtcp_header_check(report, 12));
	assert_false(rtcp_header_check(report, 7));
	memcpy(data, report, sizeof(data));
	data[3] = 2;
	assert_true(rtcp_header_check(data, 12));
	assert_false(rtcp_header_check(data, 11));
	data[3] = 1;
	data[1] = 0;
	assert_false(rtcp_header_check(data, 12));
	data[1] = 201;
	data[0] = 0x40;
	assert_false(rtcp_header_check(data, 12));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc_7983_section_7_the_first_byte_tells_the_kind),
		cmocka_unit_test(test_rfc_5761_section_4_payload_types_64_to_95_are_rtcp),
		cmocka_unit_test(test_rfc_3550_section_5_1_a_header_is_read_to_its_end),
		cmocka_unit_test(test_what_a_length_says_is_there_or_it_is_no_rtp),
		cmocka_unit_test(test_rfc_3550_section_6_4_1_the_first_rtcp_packet_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
