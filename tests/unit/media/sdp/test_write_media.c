/* SPDX-License-Identifier: Apache-2.0 */
/* What goes on of one m-line: every field of its plan, and the order of the lines. */
#include "media/sdp/write.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "texts.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 198.51.100.1\r\ns=-\r\nt=0 0\r\n"
#define C    "c=IN IP4 198.51.100.1\r\n"
#define OURS "c=IN IP4 203.0.113.1\r\n"

static struct address address_of(const char *ip, uint16_t port)
{
	struct address address;

	assert_true(address_parse(ip, strlen(ip), port, &address));
	address.port = port;
	return address;
}

static void check_medias(const char *text, const struct sdp_plan *plan, const char *expected)
{
	const char *why;
	struct sdp *sdp;
	size_t len = 0;
	char *written;

	sdp = sdp_parse(text, strlen(text), &why);
	assert_non_null(sdp);
	written = sdp_write(sdp, plan, &len);
	assert_non_null(written);
	assert_string_equal(written, expected);
	free(written);
	sdp_free(sdp);
}

static void check_media(const char *text, const struct plan_media *media, const char *expected)
{
	struct sdp_plan plan = {.medias = media, .keep_bundle = true};

	check_medias(text, &plan, expected);
}

/* As it came, but for the address: what the tests below change one thing of. */
static struct plan_media plain(void)
{
	return (struct plan_media){.rtp = address_of("203.0.113.1", 30000),
				   .rtcp = address_of("203.0.113.1", 30001),
				   .keep_direction = true,
				   .keep_ice = true,
				   .keep_dtls = true};
}

static void test_c_stands_behind_i_and_before_b(void **state)
{
	struct plan_media media = plain();

	(void)state;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\ni=title\r\nb=AS:64\r\n" C "a=x\r\n", &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\ni=title\r\n" OURS "b=AS:64\r\na=x\r\n");
}

static void test_several_c_become_one(void **state)
{
	struct plan_media media = plain();

	(void)state;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C C "a=x\r\n", &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=x\r\n");
}

static void test_an_address_of_ipv6_is_said_as_ip6(void **state)
{
	struct plan_media media = plain();

	(void)state;
	media.rtp = address_of("2001:db8::1", 30000);
	check_media(HEAD "m=audio 4000/2 RTP/AVP 0\r\n" C, &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\n");
}

static void test_a_plan_without_an_address_leaves_c(void **state)
{
	struct plan_media media = plain();

	(void)state;
	media.rtp = (struct address){.port = 9};
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C, &media, HEAD "m=audio 9 RTP/AVP 0\r\n" C);
}

static void test_passthrough_has_our_candidates_under_the_credentials_that_came(void **state)
{
	struct plan_media media = plain();

	(void)state;
	media.candidates[0] =
		(struct plan_candidate){.address = media.rtp, .component = 1, .priority = 9};
	media.n_candidates = 1;
	media.end_of_candidates = true;
	check_media(HEAD "m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n" C
			 "a=ice-ufrag:u\r\na=ice-pwd:p\r\na=ice-options:ice2\r\n"
			 "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\r\na=remote-candidates:1 "
			 "192.0.2.9 1\r\na=end-of-candidates\r\na=setup:actpass\r\n"
			 "a=fingerprint:sha-256 AA\r\na=tls-id:t\r\na=identity:i\r\n",
		    &media,
		    HEAD "m=audio 30000 UDP/TLS/RTP/SAVPF 0\r\n" OURS
			 "a=ice-ufrag:u\r\na=ice-pwd:p\r\na=ice-options:ice2\r\na=setup:actpass\r\n"
			 "a=fingerprint:sha-256 AA\r\na=tls-id:t\r\na=identity:i\r\n"
			 "a=candidate:1 1 UDP 9 203.0.113.1 30000 typ host\r\n"
			 "a=end-of-candidates\r\n");
}

static void test_rejected_is_port_0_and_nothing_of_a_transport(void **state)
{
	struct plan_media media = plain();

	(void)state;
	media.rejected = true;
	media.keep_direction = false;
	media.direction = SDP_INACTIVE;
	media.write_rtcp = media.rtcp_mux = media.ice = true;
	media.ice_ufrag = "u";
	media.keep_dtls = false;
	media.setup = "active";
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C "a=x\r\na=setup:actpass\r\n", &media,
		    HEAD "m=audio 0 RTP/AVP 0\r\n" OURS "a=x\r\na=inactive\r\n");
}

static void test_the_transport_is_what_the_plan_names(void **state)
{
	struct plan_media media = plain();

	(void)state;
	media.proto = SDP_DTLS_SAVPF;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C, &media,
		    HEAD "m=audio 30000 UDP/TLS/RTP/SAVPF 0\r\n" OURS);
	media.proto = SDP_RTP_AVP;
	check_media(HEAD "m=audio 4000 rtp/avp 0\r\n" C, &media,
		    HEAD "m=audio 30000 rtp/avp 0\r\n" OURS);
}

static void test_rtcp_is_said_by_port_and_with_the_address_where_that_differs(void **state)
{
	struct plan_media media = plain();

	(void)state;
	media.write_rtcp = true;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C "a=rtcp:4001\r\n", &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=rtcp:30001\r\n");
	media.full_rtcp = true;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C, &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=rtcp:30001 IN IP4 203.0.113.1\r\n");
	media.full_rtcp = false;
	media.rtcp = address_of("203.0.113.2", 30001);
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C, &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=rtcp:30001 IN IP4 203.0.113.2\r\n");
	media.write_rtcp = false;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C "a=rtcp:4001\r\n", &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS);
}

static void test_rtcp_mux_is_said_by_the_plan_alone(void **state)
{
	struct plan_media media = plain();

	(void)state;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C "a=rtcp-mux\r\na=rtcp-mux-only\r\n", &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS);
	media.rtcp_mux = media.rtcp_mux_only = true;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C, &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=rtcp-mux\r\na=rtcp-mux-only\r\n");
}

static void test_each_direction_is_written_by_its_name(void **state)
{
	static const char *const EXPECTED[] = {
		[SDP_SENDRECV] = HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=x\r\na=sendrecv\r\n",
		[SDP_SENDONLY] = HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=x\r\na=sendonly\r\n",
		[SDP_RECVONLY] = HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=x\r\na=recvonly\r\n",
		[SDP_INACTIVE] = HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=x\r\na=inactive\r\n"};
	struct plan_media media = plain();

	(void)state;
	media.keep_direction = false;
	for (int i = SDP_SENDRECV; i <= SDP_INACTIVE; i++) {
		media.direction = (enum sdp_direction)i;
		check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C "a=sendonly\r\na=x\r\n", &media,
			    EXPECTED[i]);
	}
}

static void test_a_hold_of_rfc_2543_stays_one(void **state)
{
	struct plan_media media = plain();

	(void)state;
	media.zero_address = true;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C, &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n");
	media.rtp = address_of("2001:db8::1", 30000);
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C, &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\nc=IN IP6 ::\r\n");
}

static void test_a_mid_of_the_plan_is_the_first_attribute(void **state)
{
	struct plan_media media = plain();

	(void)state;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C "a=x\r\na=mid:7\r\n", &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=x\r\na=mid:7\r\n");
	media.mid = (struct span){"1", 1};
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C "b=AS:1\r\na=x\r\na=mid:7\r\n", &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "b=AS:1\r\na=mid:1\r\na=x\r\n");
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C, &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=mid:1\r\n");
}

static void test_the_header_extension_of_the_mid_goes_where_the_plan_says(void **state)
{
	struct plan_media media = plain();

	(void)state;
	media.drop_extension_mid = true;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C
			 "a=extmap:4/sendonly urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
			 "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n",
		    &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS
			 "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n");
}

static void test_rfc_8839_5_3_what_one_side_says_of_its_ice_is_not_said_of_ours(void **state)
{
	struct plan_media media = plain();
	struct sdp_plan plan = {.medias = &media};
	static const char text[] =
		"v=0\r\na=ice-pacing:50\r\nm=audio 4000 RTP/AVP 0\r\n" C "a=ice-mismatch\r\n";

	(void)state;
	media.keep_ice = false;
	check_medias(text, &plan, "v=0\r\nm=audio 30000 RTP/AVP 0\r\n" OURS);
	media.keep_ice = true;
	check_medias(text, &plan,
		     "v=0\r\na=ice-pacing:50\r\nm=audio 30000 RTP/AVP 0\r\n" OURS
		     "a=ice-mismatch\r\n");
}

static void test_bundle_only_goes_unless_the_session_keeps_its_groups(void **state)
{
	struct plan_media media = plain();
	struct sdp_plan plan = {.medias = &media};

	(void)state;
	check_medias(HEAD "m=audio 0 RTP/AVP 0\r\n" C "a=bundle-only\r\n", &plan,
		     HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS);
	plan.keep_bundle = true;
	check_medias(HEAD "m=audio 0 RTP/AVP 0\r\n" C "a=bundle-only\r\n", &plan,
		     HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=bundle-only\r\n");
}

#define ICE_LINES                                                                                  \
	"a=ice-ufrag:u\r\na=ice-pwd:p\r\na=ice-options:trickle\r\n"                                \
	"a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\r\na=remote-candidates:1 192.0.2.2 5\r\n"   \
	"a=end-of-candidates\r\n"

static void test_ice_is_removed_kept_or_replaced(void **state)
{
	struct plan_media media = plain();

	(void)state;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C ICE_LINES "a=x\r\n", &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS ICE_LINES "a=x\r\n");
	media.keep_ice = false;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C ICE_LINES "a=x\r\n", &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=x\r\n");
	media.ice = media.trickle = media.end_of_candidates = true;
	media.ice_ufrag = "ours";
	media.ice_pwd = "secret";
	media.n_candidates = 3;
	media.candidates[0] = (struct plan_candidate){address_of("203.0.113.1", 30000), 1, 9};
	media.candidates[1] = (struct plan_candidate){address_of("2001:db8::1", 30000), 1, 8};
	media.candidates[2] = (struct plan_candidate){address_of("203.0.113.1", 30001), 2, 7};
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C ICE_LINES "a=x\r\n", &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=x\r\n"
			 "a=ice-ufrag:ours\r\na=ice-pwd:secret\r\na=ice-options:trickle\r\n"
			 "a=candidate:1 1 UDP 9 203.0.113.1 30000 typ host\r\n"
			 "a=candidate:2 1 UDP 8 2001:db8::1 30000 typ host\r\n"
			 "a=candidate:1 2 UDP 7 203.0.113.1 30001 typ host\r\n"
			 "a=end-of-candidates\r\n");
}

static void test_ice_of_the_session_level_stays_with_the_m_line_that_keeps_it(void **state)
{
	struct plan_media medias[2] = {plain(), plain()};
	struct sdp_plan plan = {.medias = medias};

	(void)state;
	medias[0].keep_ice = false;
	check_medias("v=0\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\nm=audio 1 RTP/AVP 0\r\n" C
		     "m=audio 2 RTP/AVP 0\r\n" C,
		     &plan,
		     "v=0\r\nm=audio 30000 RTP/AVP 0\r\n" OURS "m=audio 30000 RTP/AVP 0\r\n" OURS
		     "a=ice-ufrag:u\r\na=ice-pwd:p\r\n");
}

#define DTLS_LINES "a=setup:actpass\r\na=fingerprint:" FP "\r\na=tls-id:abc\r\n"
#define SDES_LINES "a=crypto:1 A inline:b\r\na=crypto:2 C inline:d\r\n"

static void test_keys_are_removed_kept_or_replaced(void **state)
{
	struct plan_media media = plain();

	(void)state;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C DTLS_LINES SDES_LINES, &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS DTLS_LINES SDES_LINES);
	media.n_cryptos = 1;
	media.cryptos[0] = "1 X inline:y";
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C SDES_LINES, &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS SDES_LINES);
	media.n_cryptos = 0;
	media.keep_dtls = false;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C DTLS_LINES SDES_LINES, &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS);
	media.setup = "passive";
	media.fingerprint = FP_OTHER;
	media.tls_id = "ours";
	media.n_cryptos = 1;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C DTLS_LINES SDES_LINES, &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS "a=crypto:1 X inline:y\r\n"
			 "a=setup:passive\r\na=fingerprint:" FP_OTHER "\r\na=tls-id:ours\r\n");
}

static void test_stripped_payload_types_go_from_every_line_that_names_them(void **state)
{
	static const int STRIPPED[] = {8, 101};
	struct plan_media media = plain();

	(void)state;
	media.stripped = STRIPPED;
	media.n_stripped = 2;
	check_media(HEAD "m=audio 4000 RTP/AVP 0 8 101 18\r\n" C
			 "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
			 "a=fmtp:101 0-15\r\na=rtcp-fb:8 nack\r\na=rtcp-fb:* nack\r\n"
			 "a=fmtp:18 annexb=no\r\n",
		    &media,
		    HEAD "m=audio 30000 RTP/AVP 0 18\r\n" OURS
			 "a=rtcp-fb:* nack\r\na=fmtp:18 annexb=no\r\n");
}

static void test_an_m_line_never_loses_its_last_format(void **state)
{
	static const int STRIPPED[] = {0};
	struct plan_media media = plain();

	(void)state;
	media.stripped = STRIPPED;
	media.n_stripped = 1;
	check_media(HEAD "m=audio 4000 RTP/AVP 0\r\n" C, &media,
		    HEAD "m=audio 30000 RTP/AVP 0\r\n" OURS);
	media.n_stripped = 0;
	check_media(HEAD "m=audio 4000 RTP/AVP\r\n" C, &media,
		    HEAD "m=audio 30000 RTP/AVP\r\n" OURS);
}

static void test_everything_stands_in_the_order_that_clients_compare_with(void **state)
{
	struct address ours = address_of("203.0.113.1", 0);
	struct plan_media media = plain();
	struct sdp_plan plan = {
		.medias = &media, .address = &ours, .replace_origin = true, .ice_lite = true};

	(void)state;
	media = (struct plan_media){.rtp = media.rtp,
				    .rtcp = media.rtcp,
				    .proto = SDP_DTLS_SAVPF,
				    .write_rtcp = true,
				    .rtcp_mux = true,
				    .bundled = true,
				    .mid = {"0", 1},
				    .ice = true,
				    .ice_ufrag = "ufrag",
				    .ice_pwd = "pwd",
				    .trickle = true,
				    .end_of_candidates = true,
				    .setup = "actpass",
				    .fingerprint = FP_OTHER,
				    .tls_id = "id",
				    .n_candidates = 1};
	media.candidates[0] = (struct plan_candidate){media.rtp, 1, 2130706431};
	check_medias(ASTERISK, &plan,
		     "v=0\r\no=- 1723481 1723481 IN IP4 203.0.113.1\r\ns=Asterisk\r\nt=0 0\r\n"
		     "a=group:BUNDLE 0\r\na=ice-lite\r\n"
		     "m=audio 30000 UDP/TLS/RTP/SAVPF 8 0 101\r\n" OURS "a=mid:0\r\n"
		     "a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
		     "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\n"
		     "a=maxptime:150\r\na=sendrecv\r\na=rtcp:30001\r\na=rtcp-mux\r\n"
		     "a=setup:actpass\r\na=fingerprint:" FP_OTHER "\r\na=tls-id:id\r\n"
		     "a=ice-ufrag:ufrag\r\na=ice-pwd:pwd\r\na=ice-options:trickle\r\n"
		     "a=candidate:1 1 UDP 2130706431 203.0.113.1 30000 typ host\r\n"
		     "a=end-of-candidates\r\n");
}

static void test_a_browser_s_offer_becomes_a_carrier_s(void **state)
{
	static const int STRIPPED[] = {111, 63, 9, 13, 110};
	struct address ours = address_of("203.0.113.1", 0);
	struct plan_media medias[2] = {{0}, {0}};
	struct sdp_plan plan = {.medias = medias, .address = &ours, .replace_origin = true};

	(void)state;
	medias[0].rtp = address_of("203.0.113.1", 30000);
	medias[0].rtcp = address_of("203.0.113.1", 30001);
	medias[0].proto = SDP_RTP_AVP;
	medias[0].write_rtcp = medias[0].drop_extension_mid = true;
	medias[0].stripped = STRIPPED;
	medias[0].n_stripped = sizeof(STRIPPED) / sizeof(STRIPPED[0]);
	medias[1].rejected = true;
	medias[1].proto = SDP_RTP_AVP;
	medias[1].rtp = address_of("203.0.113.1", 0);
	medias[1].direction = SDP_INACTIVE;
	check_medias(CHROMIUM, &plan,
		     "v=0\r\no=- 4611731400430051336 2 IN IP4 203.0.113.1\r\ns=-\r\nt=0 0\r\n"
		     "a=extmap-allow-mixed\r\na=msid-semantic: WMS stream-1\r\n"
		     "m=audio 30000 RTP/AVP 0 8 126\r\n" OURS "a=mid:0\r\n"
		     "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
		     "a=msid:stream-1 track-a\r\na=rtcp-rsize\r\na=rtpmap:0 PCMU/8000\r\n"
		     "a=rtpmap:8 PCMA/8000\r\na=rtpmap:126 telephone-event/8000\r\n"
		     "a=ssrc:3570614608 cname:4TOk42mSjXCkVIa6\r\n"
		     "a=ssrc:3570614608 msid:stream-1 track-a\r\na=sendrecv\r\na=rtcp:30001\r\n"
		     "m=video 0 RTP/AVP 96 97\r\n" OURS "a=mid:1\r\n"
		     "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=rtcp-rsize\r\n"
		     "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 goog-remb\r\na=rtcp-fb:96 nack pli\r\n"
		     "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
		     "a=ssrc-group:FID 2231627014 632943048\r\n"
		     "a=ssrc:2231627014 cname:4TOk42mSjXCkVIa6\r\na=inactive\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_c_stands_behind_i_and_before_b),
		cmocka_unit_test(test_several_c_become_one),
		cmocka_unit_test(test_an_address_of_ipv6_is_said_as_ip6),
		cmocka_unit_test(test_a_plan_without_an_address_leaves_c),
		cmocka_unit_test(
			test_passthrough_has_our_candidates_under_the_credentials_that_came),
		cmocka_unit_test(test_rejected_is_port_0_and_nothing_of_a_transport),
		cmocka_unit_test(test_the_transport_is_what_the_plan_names),
		cmocka_unit_test(test_rtcp_is_said_by_port_and_with_the_address_where_that_differs),
		cmocka_unit_test(test_rtcp_mux_is_said_by_the_plan_alone),
		cmocka_unit_test(test_each_direction_is_written_by_its_name),
		cmocka_unit_test(test_a_hold_of_rfc_2543_stays_one),
		cmocka_unit_test(test_a_mid_of_the_plan_is_the_first_attribute),
		cmocka_unit_test(test_the_header_extension_of_the_mid_goes_where_the_plan_says),
		cmocka_unit_test(
			test_rfc_8839_5_3_what_one_side_says_of_its_ice_is_not_said_of_ours),
		cmocka_unit_test(test_bundle_only_goes_unless_the_session_keeps_its_groups),
		cmocka_unit_test(test_ice_is_removed_kept_or_replaced),
		cmocka_unit_test(test_ice_of_the_session_level_stays_with_the_m_line_that_keeps_it),
		cmocka_unit_test(test_keys_are_removed_kept_or_replaced),
		cmocka_unit_test(test_stripped_payload_types_go_from_every_line_that_names_them),
		cmocka_unit_test(test_an_m_line_never_loses_its_last_format),
		cmocka_unit_test(test_everything_stands_in_the_order_that_clients_compare_with),
		cmocka_unit_test(test_a_browser_s_offer_becomes_a_carrier_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
