/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of SDPs as they really come. */
#include "media/sdp/sdp.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "texts.h"

static void check_span(struct span span, const char *text)
{
	assert_int_equal(span.n, strlen(text));
	assert_memory_equal(span.p, text, span.n);
}

static void check_address(const struct address *address, const char *text)
{
	char found[ADDRESS_TEXT_MAX];

	assert_string_equal(address_text(address, found), text);
}

static struct sdp *read_text(const char *text)
{
	const char *why = NULL;
	struct sdp *sdp = sdp_parse(text, strlen(text), &why);

	assert_non_null(sdp);
	return sdp;
}

static void test_a_chromium_offer_is_a_bundle_of_two_with_mux_and_trickle(void **state)
{
	struct sdp *sdp = read_text(CHROMIUM);
	const struct sdp_media *audio = &sdp->medias[0], *video = &sdp->medias[1];

	(void)state;
	assert_int_equal(sdp->n_medias, 2);
	assert_int_equal(sdp->n_bundle, 2);
	check_span(sdp->bundle[0], "0");
	check_span(sdp->bundle[1], "1");
	assert_int_equal(audio->proto, SDP_DTLS_SAVPF);
	assert_int_equal(audio->n_formats, 8);
	assert_int_equal(audio->formats[0].payload_type, 111);
	check_span(audio->formats[0].name, "opus");
	assert_int_equal(audio->formats[0].clock, 48000);
	assert_int_equal(audio->formats[0].channels, 2);
	check_span(audio->formats[0].fmtp, "minptime=10;useinbandfec=1");
	assert_true(audio->rtcp_mux);
	assert_false(audio->rtcp_mux_only);
	assert_true(audio->trickle);
	assert_false(audio->end_of_candidates);
	assert_int_equal(audio->setup, SDP_ACTPASS);
	assert_int_equal(audio->n_fingerprints, 1);
	check_span(audio->fingerprints[0], FP);
	check_span(audio->ice_ufrag, "Yq3p");
	check_span(audio->ice_pwd, "Jx8vN2mW0bT5rK7dQ4hL9zCe");
	assert_int_equal(audio->mid_extension, 4);
	check_span(audio->mid, "0");
	check_span(video->type, "video");
	check_span(video->formats[1].fmtp, "apt=96");
	sdp_free(sdp);
}

static void test_candidates_of_tcp_and_of_host_names_are_passed_over(void **state)
{
	struct sdp *sdp = read_text(CHROMIUM);
	const struct sdp_media *audio = &sdp->medias[0];

	(void)state;
	assert_int_equal(audio->n_candidates, 1);
	check_address(&audio->candidates[0].address, "203.0.113.9:51472");
	assert_int_equal(audio->candidates[0].priority, 1677729535);
	assert_int_equal(audio->candidates[0].component, 1);
	sdp_free(sdp);
}

static void test_the_discard_port_of_a_browser_is_no_hold(void **state)
{
	struct sdp *sdp = read_text(CHROMIUM);

	(void)state;
	assert_false(sdp->medias[0].zero_address);
	sdp_free(sdp);
	sdp = read_text(HOLD_OF_2543);
	assert_true(sdp->medias[0].zero_address);
	assert_int_equal(sdp->medias[0].direction, SDP_SENDRECV);
	assert_false(sdp->medias[0].direction_given);
	sdp_free(sdp);
	sdp = read_text("v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 4000 RTP/AVP 0\r\na=ice-ufrag:u\r\n"
			"m=audio 9 RTP/AVP 0\r\n");
	assert_true(sdp->medias[0].zero_address);
	assert_true(sdp->medias[1].zero_address);
	sdp_free(sdp);
}

static void test_a_firefox_offer_has_its_fingerprint_from_the_session_level(void **state)
{
	struct sdp *sdp = read_text(FIREFOX);
	const struct sdp_media *audio = &sdp->medias[0], *data = &sdp->medias[1];

	(void)state;
	check_span(audio->fingerprints[0], FP);
	check_span(data->fingerprints[0], FP);
	assert_true(audio->trickle);
	assert_true(audio->end_of_candidates);
	assert_int_equal(audio->n_candidates, 4);
	check_address(&audio->candidates[2].address, "[2001:db8::20]:60323");
	assert_int_equal(audio->candidates[1].component, 2);
	check_address(&audio->rtcp, "203.0.113.20:60322");
	assert_true(audio->rtcp_given);
	assert_int_equal(data->proto, SDP_OTHER);
	check_span(data->proto_text, "UDP/DTLS/SCTP");
	assert_int_equal(data->formats[0].payload_type, -1);
	check_span(data->formats[0].name, "webrtc-datachannel");
	check_span(sdp->origin_user, "mozilla...THIS_IS_SDPARTA-99.0");
	sdp_free(sdp);
}

static void test_rtcp_is_one_port_above_where_nothing_is_said(void **state)
{
	struct sdp *sdp = read_text(ASTERISK);
	const struct sdp_media *audio = &sdp->medias[0];

	(void)state;
	check_address(&audio->rtp, "198.51.100.7:14382");
	check_address(&audio->rtcp, "198.51.100.7:14383");
	assert_false(audio->rtcp_given);
	assert_int_equal(audio->ptime, 20);
	check_span(sdp->session_name, "Asterisk");
	check_span(sdp->origin_session, "1723481");
	check_span(sdp->origin_address, "198.51.100.7");
	sdp_free(sdp);
}

static void test_port_65535_has_no_rtcp_above(void **state)
{
	struct sdp *sdp = read_text("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 65535 RTP/AVP 0\r\n"
				    "m=audio 0 RTP/AVP 0\r\n");

	(void)state;
	assert_int_equal(sdp->medias[0].rtcp.port, 0);
	assert_int_equal(sdp->medias[1].rtcp.port, 0);
	sdp_free(sdp);
}

static void test_crypto_lines_belong_to_their_m_line(void **state)
{
	struct sdp *sdp = read_text(LINPHONE);

	(void)state;
	assert_int_equal(sdp->medias[0].proto, SDP_RTP_SAVP);
	assert_int_equal(sdp->medias[0].n_cryptos, 2);
	check_span(sdp->medias[0].cryptos[1], "2 AES_CM_128_HMAC_SHA1_32 "
					      "inline:cnlwdG9fc3VpdGVzX2FyZV9vZl9fdHdvX2tpbmRz");
	assert_int_equal(sdp->medias[1].n_cryptos, 0);
	assert_int_equal(sdp->medias[1].proto, SDP_RTP_AVPF);
	sdp_free(sdp);
}

static void test_lines_may_end_in_lf_alone(void **state)
{
	struct sdp *sdp = read_text(FREESWITCH);
	const struct sdp_media *audio = &sdp->medias[0];

	(void)state;
	assert_int_equal(sdp->n_medias, 1);
	check_address(&audio->rtcp, "203.0.113.50:23814");
	assert_int_equal(audio->n_candidates, 1);
	assert_true(audio->end_of_candidates);
	check_span(audio->ice_ufrag, "CRyUjm3kYyCPBcL4");
	sdp_free(sdp);
}

static void test_fax_is_an_m_line_that_is_not_ours(void **state)
{
	struct sdp *sdp = read_text(CISCO);

	(void)state;
	assert_int_equal(sdp->n_medias, 2);
	assert_int_equal(sdp->medias[1].proto, SDP_OTHER);
	check_span(sdp->medias[1].type, "image");
	check_span(sdp->medias[1].formats[0].name, "t38");
	check_address(&sdp->medias[1].rtp, "192.0.2.33:18404");
	check_span(sdp->medias[0].formats[0].name, "G729");
	check_span(sdp->medias[0].formats[0].fmtp, "annexb=no");
	sdp_free(sdp);
}

static void test_ipv6_is_read_in_c_and_in_rtcp(void **state)
{
	struct sdp *sdp = read_text(IPV6);

	(void)state;
	check_address(&sdp->medias[0].rtp, "[2001:db8::9]:4000");
	check_address(&sdp->medias[0].rtcp, "[2001:db8::a]:4003");
	sdp_free(sdp);
}

static void test_blanks_and_missing_lines_and_other_cases_are_borne(void **state)
{
	struct sdp *sdp = read_text(SLOPPY);
	const struct sdp_media *audio = &sdp->medias[0];

	(void)state;
	check_span(sdp->origin_user, "Jane Doe");
	check_span(sdp->origin_session, "17");
	check_address(&audio->rtp, "198.51.100.2:5000");
	assert_int_equal(audio->n_formats, 2);
	check_span(audio->formats[1].name, "PCMA");
	assert_int_equal(audio->direction, SDP_SENDONLY);
	sdp_free(sdp);
}

static void test_an_m_line_has_what_it_lacks_from_the_session_level(void **state)
{
	struct sdp *sdp = read_text(SESSION_LEVEL);
	const struct sdp_media *audio = &sdp->medias[0], *video = &sdp->medias[1];

	(void)state;
	check_span(audio->ice_ufrag, "sess");
	check_span(audio->tls_id, "0123456789abcdef0123");
	assert_int_equal(audio->setup, SDP_PASSIVE);
	assert_int_equal(audio->direction, SDP_RECVONLY);
	assert_true(audio->ice_lite);
	assert_true(audio->trickle);
	check_span(audio->fingerprints[0], FP);
	check_span(video->ice_ufrag, "medi");
	check_span(video->ice_pwd, "sessionsessionsessionses");
	assert_int_equal(video->setup, SDP_ACTIVE);
	assert_int_equal(video->direction, SDP_SENDONLY);
	assert_int_equal(video->n_fingerprints, 1);
	check_span(video->fingerprints[0], FP_OTHER);
	sdp_free(sdp);
}

static void test_lines_say_what_they_are(void **state)
{
	struct sdp *sdp = read_text(SESSION_LEVEL);
	static const enum sdp_line_kind KINDS[] = {
		LINE_OTHER,	  LINE_ORIGIN,	    LINE_SESSION_NAME, LINE_CONNECTION,
		LINE_OTHER,	  LINE_ICE_LITE,    LINE_ICE_UFRAG,    LINE_ICE_PWD,
		LINE_ICE_OPTIONS, LINE_FINGERPRINT, LINE_SETUP,	       LINE_TLS_ID,
		LINE_DIRECTION,	  LINE_MEDIA,	    LINE_MEDIA};

	(void)state;
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
		assert_int_equal(sdp->lines[i].kind, KINDS[i]);
	assert_int_equal(sdp->n_session_lines, 13);
	assert_int_equal(sdp->medias[0].first_line, 13);
	assert_int_equal(sdp->medias[0].n_lines, 1);
	assert_int_equal(sdp->medias[1].n_lines, 5);
	check_span(sdp->lines[6].value, "sess");
	check_span(sdp->lines[5].value, "");
	sdp_free(sdp);
}

static void test_the_mark_of_loop_protect_is_seen(void **state)
{
	struct sdp *sdp = read_text("v=0\r\na=attestel-relay:f00\r\n");

	(void)state;
	check_span(sdp->loop, "f00");
	sdp_free(sdp);
}

static void test_a_second_origin_in_an_m_line_is_a_line_like_any(void **state)
{
	struct sdp *sdp = read_text("v=0\r\no=a 1 2 IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.1\r\n"
				    "m=audio 4000 RTP/AVP 0\r\no=b 3 4 IN IP4 192.0.2.2\r\n");

	(void)state;
	check_span(sdp->origin_user, "a");
	assert_int_equal(sdp->lines[4].kind, LINE_OTHER);
	sdp_free(sdp);
}

static void test_names_of_transports_are_those_of_the_registry(void **state)
{
	(void)state;
	for (int i = SDP_RTP_AVP; i < SDP_PROTO_COUNT; i++) {
		const char *name = sdp_proto_name((enum sdp_proto)i);

		assert_int_equal(sdp_proto_named((struct span){name, strlen(name)}), i);
	}
	assert_string_equal(sdp_proto_name(SDP_DTLS_SAVPF), "UDP/TLS/RTP/SAVPF");
	assert_string_equal(sdp_proto_name(SDP_OTHER), "");
	assert_int_equal(sdp_proto_named((struct span){"TCP/RTP/AVP", 11}), SDP_OTHER);
}

/* What is relayed of it is UDP; a data channel is, too, but under DTLS. */
static void test_udp_without_rtp_is_told_from_tcp_and_from_data_channels(void **state)
{
	static const struct {
		const char *proto;
		bool datagrams;
	} rows[] = {
		{"udptl", true},
		{"UDPTL", true},
		{"udp", true},
		{"UDP", true},
		{"TCP", false},
		{"TCPTL", false},
		{"TCP/MSRP", false},
		{"RTP/AVP", false},
		{"UDP/DTLS/SCTP", false},
		{"UDP/TLS/UDPTL", false},
		{"udptlx", false},
		{"udpt", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[128];
		const char *why;
		struct sdp *sdp;
		int n = snprintf(text, sizeof(text),
				 "v=0\r\nc=IN IP4 192.0.2.1\r\nm=image 4000 %s t38\r\n",
				 rows[i].proto);

		sdp = sdp_parse(text, (size_t)n, &why);
		assert_non_null(sdp);
		assert_int_equal(sdp->medias[0].datagrams, rows[i].datagrams);
		sdp_free(sdp);
	}
}

static void test_datagrams_need_an_address_as_rtp_does(void **state)
{
	static const char text[] = "v=0\r\nm=image 4000 udptl t38\r\n";
	static const char off[] = "v=0\r\nm=image 0 udptl t38\r\n";
	const char *why;
	struct sdp *sdp = sdp_parse(off, sizeof(off) - 1, &why);

	(void)state;
	assert_non_null(sdp);
	sdp_free(sdp);
	assert_null(sdp_parse(text, sizeof(text) - 1, &why));
	assert_string_equal(why, "Incomplete SDP specification");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_chromium_offer_is_a_bundle_of_two_with_mux_and_trickle),
		cmocka_unit_test(test_candidates_of_tcp_and_of_host_names_are_passed_over),
		cmocka_unit_test(test_the_discard_port_of_a_browser_is_no_hold),
		cmocka_unit_test(test_a_firefox_offer_has_its_fingerprint_from_the_session_level),
		cmocka_unit_test(test_rtcp_is_one_port_above_where_nothing_is_said),
		cmocka_unit_test(test_port_65535_has_no_rtcp_above),
		cmocka_unit_test(test_crypto_lines_belong_to_their_m_line),
		cmocka_unit_test(test_lines_may_end_in_lf_alone),
		cmocka_unit_test(test_fax_is_an_m_line_that_is_not_ours),
		cmocka_unit_test(test_ipv6_is_read_in_c_and_in_rtcp),
		cmocka_unit_test(test_blanks_and_missing_lines_and_other_cases_are_borne),
		cmocka_unit_test(test_an_m_line_has_what_it_lacks_from_the_session_level),
		cmocka_unit_test(test_lines_say_what_they_are),
		cmocka_unit_test(test_the_mark_of_loop_protect_is_seen),
		cmocka_unit_test(test_a_second_origin_in_an_m_line_is_a_line_like_any),
		cmocka_unit_test(test_names_of_transports_are_those_of_the_registry),
		cmocka_unit_test(test_udp_without_rtp_is_told_from_tcp_and_from_data_channels),
		cmocka_unit_test(test_datagrams_need_an_address_as_rtp_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
