/* SPDX-License-Identifier: Apache-2.0 */
/* M-lines of several SDPs in one. */
#include "media/sdp/compose.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define BROWSER                                                                                    \
	"v=0\r\no=- 7 9 IN IP4 198.51.100.1\r\ns=talk\r\nt=0 0\r\n"                                \
	"a=group:BUNDLE 0 1\r\na=fingerprint:sha-256 00:11\r\na=ice-ufrag:u\r\n"                   \
	"a=extmap:3 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"                               \
	"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nb=AS:64\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n"              \
	"a=ice-pwd:p\r\na=setup:actpass\r\na=rtcp:9\r\na=ptime:20\r\na=label:mine\r\n"             \
	"a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"                                       \
	"m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=rtpmap:96 VP8/90000"
#define CARRIER                                                                                    \
	"v=0\no=x 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\n"                          \
	"m=audio 4000 RTP/SAVP 8\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:secret\na=sendonly\n"
#define OURS "v=0\r\no=- 42 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"

static struct sdp *read_sdp(const char *text)
{
	const char *why;
	struct sdp *sdp = sdp_parse(text, strlen(text), &why);

	assert_non_null(sdp);
	return sdp;
}

static void each_m_line_comes_with_its_codecs_and_without_keys_addresses_and_names(void **state)
{
	struct sdp *browser = read_sdp(BROWSER), *carrier = read_sdp(CARRIER), *back;
	struct sdp_part parts[] = {
		{.sdp = browser, .media = 1, .label = ""},
		{.sdp = carrier, .media = 0, .label = "callee"},
		{.type = "audio", .proto = "RTP/SAVP", .label = "gone"},
		{.type = "", .proto = "", .label = ""},
		{.sdp = browser, .media = 0, .label = "caller"},
	};
	size_t len = 0;
	char *text = sdp_compose(42, parts, sizeof(parts) / sizeof(*parts), &len);

	(void)state;
	assert_non_null(text);
	assert_int_equal(len, strlen(text));
	assert_string_equal(
		text, OURS
		"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 VP8/90000\r\n"
		"a=extmap:3 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
		"m=audio 4000 RTP/SAVP 8\r\na=sendonly\r\na=label:callee\r\n"
		"m=audio 0 RTP/SAVP 0\r\nm=audio 0 RTP/AVP 0\r\n"
		"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nb=AS:64\r\na=ptime:20\r\n"
		"a=extmap:3 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=label:caller\r\n");
	back = read_sdp(text);
	assert_int_equal(back->n_medias, 5);
	sdp_free(back);
	sdp_free(browser);
	sdp_free(carrier);
	free(text);
}

static void more_than_an_sdp_may_be_is_none(void **state)
{
	static char text[SDP_MAX];
	struct sdp *sdp;
	struct sdp_part parts[2];
	size_t len = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, CARRIER "a=", sizeof(CARRIER "a=") - 1);
	text[sizeof(text) / 2 + 100] = 0;
	sdp = read_sdp(text);
	parts[0] = parts[1] = (struct sdp_part){.sdp = sdp, .label = ""};
	assert_null(sdp_compose(1, parts, 2, &len));
	sdp_free(sdp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_m_line_comes_with_its_codecs_and_without_keys_addresses_and_names),
		cmocka_unit_test(more_than_an_sdp_may_be_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
