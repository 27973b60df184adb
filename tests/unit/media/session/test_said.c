/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of an SDP: all that matters, and nothing that points into the message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/session/said.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define FP32 "AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:"
#define FP   FP32 "AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA"

static void take(struct said *said, const char *text, size_t index)
{
	char *copy = strdup(text); /* goes before said is looked at */
	const char *why;
	struct sdp *sdp;

	assert_non_null(copy);
	sdp = sdp_parse(copy, strlen(copy), &why);
	assert_non_null(sdp);
	assert_true(said_take(said, sdp, index) && said_share(said, sdp, index));
	sdp_free(sdp);
	memset(copy, 'x', strlen(copy));
	free(copy);
}

static void test_all_of_it_is_kept_when_the_message_is_gone(void **state)
{
	struct said said = {.known = false};

	(void)state;
	take(&said,
	     HEAD "a=group:BUNDLE one\r\n"
		  "m=audio 4000 UDP/TLS/RTP/SAVPF 111 101\r\na=mid:one\r\n"
		  "a=rtpmap:111 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n"
		  "a=rtcp-mux\r\na=sendonly\r\na=setup:actpass\r\na=tls-id:abc\r\n"
		  "a=fingerprint:sha-256 " FP "\r\na=fingerprint:sha-1 AA\r\n"
		  "a=ice-ufrag:uuuu\r\na=ice-pwd:pppppppppppppppppppppp\r\n"
		  "a=candidate:1 1 udp 5 192.0.2.7 99 typ host\r\n",
	     0);
	assert_true(said.known && !said.rejected && said.mux && said.bundled);
	assert_string_equal(said.type, "audio");
	assert_string_equal(said.mid, "one");
	assert_int_equal(said.proto, SDP_DTLS_SAVPF);
	assert_int_equal(said.rtp.port, 4000);
	assert_int_equal(said.direction, SDP_SENDONLY);
	assert_int_equal(said.setup, SDP_ACTPASS);
	assert_string_equal(said.tls_id, "abc");
	assert_string_equal(said.ufrag, "uuuu");
	assert_string_equal(said.pwd, "pppppppppppppppppppppp");
	assert_int_equal(said.n_formats, 2);
	assert_string_equal(said.formats[0].name, "opus");
	assert_int_equal(said.formats[0].channels, 2);
	assert_true(said_is_named(&said, 101, "Telephone-Event"));
	assert_false(said_is_named(&said, 111, "telephone-event"));
	assert_false(said_is_named(&said, 5, "opus"));
	assert_int_equal(said.n_candidates, 1);
	assert_int_equal(said.candidates[0].address.port, 99);
	/* sha-1 is none that could be trusted */
	assert_int_equal(said.n_fingerprints, 1);
	said_free(&said);
}

static void test_a_new_sdp_replaces_all_of_the_old(void **state)
{
	struct said said = {.known = false};

	(void)state;
	take(&said,
	     HEAD
	     "m=audio 4000 RTP/SAVP 0\r\na=ice-ufrag:uuuu\r\na=ice-pwd:pppppppppppppppppppppp\r\n"
	     "a=crypto:1 AES_CM_128_HMAC_SHA1_80 "
	     "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"
	     "a=crypto:2 NULL_HMAC_SHA1_80 "
	     "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n",
	     0);
	assert_int_equal(said.n_cryptos, 1); /* a suite without encryption is none of ours */
	take(&said, HEAD "m=audio 4000 RTP/AVP 8\r\n", 0);
	assert_int_equal(said.n_cryptos, 0);
	assert_null(said.ufrag);
	assert_int_equal(said.n_formats, 1);
	assert_string_equal(said.formats[0].name, "PCMA");
	said_free(&said);
}

static void test_port_0_rejects_but_not_with_bundle_only(void **state)
{
	static const char text[] = HEAD "a=group:BUNDLE a b\r\n"
					"m=audio 0 RTP/AVP 0\r\na=mid:a\r\n"
					"m=video 0 RTP/AVP 96\r\na=mid:b\r\na=bundle-only\r\n"
					"m=video 5000 RTP/AVP 96\r\na=mid:c\r\n";
	struct said said = {.known = false};

	(void)state;
	take(&said, text, 0);
	assert_true(said.rejected);
	take(&said, text, 1);
	assert_true(!said.rejected && said.bundled);
	take(&said, text, 2);
	assert_true(!said.rejected && !said.bundled);
	said_free(&said);
}

static void test_ice_without_a_password_is_no_ice(void **state)
{
	struct said said = {.known = false};

	(void)state;
	take(&said, HEAD "m=audio 4000 RTP/AVP 0\r\na=ice-ufrag:uuuu\r\n", 0);
	assert_null(said.ufrag);
	said_free(&said);
}

static void test_rfc8839_5_3_ice_mismatch_is_no_ice(void **state)
{
	struct said said = {.known = false};

	(void)state;
	take(&said,
	     HEAD "a=ice-ufrag:uuuu\r\na=ice-pwd:pppppppppppppppppppppp\r\n"
		  "m=audio 4000 RTP/AVP 0\r\na=ice-mismatch\r\n",
	     0);
	assert_null(said.ufrag);
	said_free(&said);
}

#define TRANSPORT                                                                                  \
	"a=rtcp-mux\r\na=setup:actpass\r\na=tls-id:abc\r\na=fingerprint:sha-256 " FP "\r\n"        \
	"a=ice-ufrag:uuuu\r\na=ice-pwd:pppppppppppppppppppppp\r\n"                                 \
	"a=candidate:1 1 udp 5 192.0.2.7 99 typ host\r\n"

static void test_rfc9143_7_1_3_the_tagged_m_line_speaks_for_its_group(void **state)
{
	/* c: bundle-only; d: the same address said again; e has its own, and is on its own. */
	static const char text[] =
		HEAD "a=group:BUNDLE a b c d e\r\n"
		     "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\na=mid:a\r\n"
		     "m=audio 4000 UDP/TLS/RTP/SAVPF 0\r\na=mid:b\r\n" TRANSPORT
		     "m=video 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:c\r\n"
		     "a=bundle-only\r\n"
		     "m=video 4000 UDP/TLS/RTP/SAVPF 96\r\na=mid:d\r\na=setup:active\r\n"
		     "m=video 5000 UDP/TLS/RTP/SAVPF 96\r\na=mid:e\r\n"
		     "m=video 6000 UDP/TLS/RTP/SAVPF 96\r\na=mid:f\r\n";
	struct said said = {.known = false};

	(void)state;
	for (size_t i = 2; i < 4; i++) {
		take(&said, text, i);
		assert_true(said.mux && said.n_fingerprints == 1 && !said.zero_address);
		assert_string_equal(said.ufrag, "uuuu");
		assert_string_equal(said.pwd, "pppppppppppppppppppppp");
		assert_string_equal(said.tls_id, "abc");
		assert_int_equal(said.n_candidates, 1);
		assert_int_equal(said.rtp.port, 4000);
		/* What it says itself holds. */
		assert_int_equal(said.setup, i == 2 ? SDP_ACTPASS : SDP_ACTIVE);
	}
	for (size_t i = 4; i < 6; i++) {
		take(&said, text, i);
		assert_true(!said.mux && !said.ufrag && said.n_fingerprints == 0);
	}
	take(&said, text, 0);
	assert_true(said.rejected && !said.ufrag);
	said_free(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_of_it_is_kept_when_the_message_is_gone),
		cmocka_unit_test(test_a_new_sdp_replaces_all_of_the_old),
		cmocka_unit_test(test_port_0_rejects_but_not_with_bundle_only),
		cmocka_unit_test(test_ice_without_a_password_is_no_ice),
		cmocka_unit_test(test_rfc8839_5_3_ice_mismatch_is_no_ice),
		cmocka_unit_test(test_rfc9143_7_1_3_the_tagged_m_line_speaks_for_its_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
