/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of an m-line. */
#include "media/sdp/format.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

static struct span span_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

static void check_format(const struct sdp_format *format, const char *name, uint32_t clock,
			 unsigned channels)
{
	assert_int_equal(format->name.n, strlen(name));
	assert_memory_equal(format->name.p, name, format->name.n);
	assert_int_equal(format->clock, clock);
	assert_int_equal(format->channels, channels);
}

static struct sdp_media media_of(enum sdp_proto proto, const char *formats)
{
	struct sdp_media media = {.proto = proto, .formats_text = span_of(formats)};

	sdp_formats_read(&media);
	return media;
}

static void test_rfc_3551_static_payload_types_need_no_rtpmap(void **state)
{
	struct sdp_media media = media_of(SDP_RTP_AVP, "0 3 8 9 10 13 18 31 34 35 96");

	(void)state;
	assert_int_equal(media.n_formats, 11);
	check_format(&media.formats[0], "PCMU", 8000, 1);
	check_format(&media.formats[1], "GSM", 8000, 1);
	check_format(&media.formats[2], "PCMA", 8000, 1);
	check_format(&media.formats[3], "G722", 8000, 1);
	check_format(&media.formats[4], "L16", 44100, 2);
	check_format(&media.formats[5], "CN", 8000, 1);
	check_format(&media.formats[6], "G729", 8000, 1);
	check_format(&media.formats[7], "H261", 90000, 1);
	check_format(&media.formats[8], "H263", 90000, 1);
	check_format(&media.formats[9], "", 0, 0);
	check_format(&media.formats[10], "", 0, 0);
}

static void test_an_rtpmap_says_more_than_the_static_type(void **state)
{
	struct sdp_media media = media_of(SDP_RTP_AVP, "0 96");

	(void)state;
	sdp_rtpmap_read(&media, span_of("0 L8/16000/3"));
	check_format(&media.formats[0], "L8", 16000, 3);
	sdp_rtpmap_read(&media, span_of("96 opus/48000/2"));
	check_format(&media.formats[1], "opus", 48000, 2);
}

static void test_an_rtpmap_that_cannot_be_read_changes_nothing(void **state)
{
	static const char *const VALUES[] = {"",      "0",	   "0 x",      "0 /8000",
					     "0 x/y", "97 x/8000", "x x/8000", "128 x/8000"};
	struct sdp_media media = media_of(SDP_RTP_AVP, "0 97x 128");

	(void)state;
	for (size_t i = 0; i < sizeof(VALUES) / sizeof(VALUES[0]); i++)
		sdp_rtpmap_read(&media, span_of(VALUES[i]));
	check_format(&media.formats[0], "PCMU", 8000, 1);
	assert_int_equal(media.formats[1].payload_type, -1);
	assert_int_equal(media.formats[2].payload_type, -1);
	sdp_rtpmap_read(&media, span_of("0 x/8000/many"));
	check_format(&media.formats[0], "x", 8000, 1);
}

static void test_numbers_of_other_transports_are_no_payload_types(void **state)
{
	struct sdp_media media = media_of(SDP_OTHER, "5000 t38");

	(void)state;
	assert_int_equal(media.formats[0].payload_type, -1);
	check_format(&media.formats[0], "5000", 0, 0);
	check_format(&media.formats[1], "t38", 0, 0);
}

static void test_fmtp_is_all_behind_the_payload_type(void **state)
{
	struct sdp_media media = media_of(SDP_RTP_AVP, "97 101");

	(void)state;
	sdp_fmtp_read(&media, span_of("101 0-15, 66 "));
	sdp_fmtp_read(&media, span_of("101 other"));
	sdp_fmtp_read(&media, span_of("5 none"));
	sdp_fmtp_read(&media, span_of(""));
	assert_int_equal(media.formats[1].fmtp.n, 8);
	assert_memory_equal(media.formats[1].fmtp.p, "0-15, 66", 8);
	assert_int_equal(media.formats[0].fmtp.n, 0);
}

static void test_a_payload_type_has_seven_bits(void **state)
{
	(void)state;
	assert_int_equal(sdp_payload_type(span_of("127 x")), 127);
	assert_int_equal(sdp_payload_type(span_of("128 x")), -1);
	assert_int_equal(sdp_payload_type(span_of("* nack")), -1);
	assert_int_equal(sdp_payload_type(span_of("")), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc_3551_static_payload_types_need_no_rtpmap),
		cmocka_unit_test(test_an_rtpmap_says_more_than_the_static_type),
		cmocka_unit_test(test_an_rtpmap_that_cannot_be_read_changes_nothing),
		cmocka_unit_test(test_numbers_of_other_transports_are_no_payload_types),
		cmocka_unit_test(test_fmtp_is_all_behind_the_payload_type),
		cmocka_unit_test(test_a_payload_type_has_seven_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
