/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes read one by one. */
#include "media/sdp/attribute.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

static void check_span(struct span span, const char *text)
{
	assert_int_equal(span.n, strlen(text));
	assert_memory_equal(span.p, text, span.n);
}

static enum sdp_line_kind read_into(struct sdp_media *media, const char *text)
{
	struct sdp sdp = {0};
	struct sdp_scope scope = {&sdp, media, false};
	struct sdp_line line = {.text = {text, strlen(text)}};

	sdp_attribute_read(&scope, &line);
	return line.kind;
}

static void test_rfc_8839_a_candidate_is_of_udp_with_an_address_and_a_port(void **state)
{
	static const char *const SKIPPED[] = {
		"a=candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active",
		"a=candidate:1 1 UDP 1 0b4d.local 9 typ host",
		"a=candidate:1 1 UDP 1 host.example 9 typ host",
		"a=candidate:1 1 UDP 1 192.0.2.1 0 typ host",
		"a=candidate:1 1 UDP 1 192.0.2.1 65536 typ host",
		"a=candidate:1 0 UDP 1 192.0.2.1 9 typ host",
		"a=candidate:1 257 UDP 1 192.0.2.1 9 typ host",
		"a=candidate:1 1 UDP 4294967296 192.0.2.1 9 typ host",
		"a=candidate:1 1 UDP x 192.0.2.1 9 typ host",
		"a=candidate:1 1 UDP 1 192.0.2.1",
		"a=candidate:1 1",
		"a=candidate",
	};
	struct sdp_media media = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(SKIPPED) / sizeof(SKIPPED[0]); i++)
		assert_int_equal(read_into(&media, SKIPPED[i]), LINE_CANDIDATE);
	assert_int_equal(media.n_candidates, 0);
	read_into(&media, "a=candidate:H192 2 Udp 2147483647 2001:db8::1 65535 typ host");
	assert_int_equal(media.n_candidates, 1);
	assert_int_equal(media.candidates[0].component, 2);
	assert_int_equal(media.candidates[0].priority, 2147483647);
	assert_int_equal(media.candidates[0].address.port, 65535);
}

static void test_rfc_3605_rtcp_is_a_port_and_perhaps_an_address(void **state)
{
	struct sdp_media media = {0};

	(void)state;
	read_into(&media, "a=rtcp:x");
	read_into(&media, "a=rtcp:65536");
	assert_false(media.rtcp_given);
	read_into(&media, "a=rtcp:53020");
	assert_true(media.rtcp_given);
	assert_int_equal(media.rtcp.port, 53020);
	assert_int_equal(media.rtcp.family, 0);
	read_into(&media, "a=rtcp:53021 IN IP6 2001:db8::1");
	assert_int_equal(media.rtcp.family, 6);
	read_into(&media, "a=rtcp:53022 IN IP4 a.example");
	assert_int_equal(media.rtcp.family, 0);
	assert_int_equal(media.rtcp.port, 53022);
}

static void test_rfc_8858_mux_only_is_mux_too(void **state)
{
	struct sdp_media media = {0};

	(void)state;
	assert_int_equal(read_into(&media, "a=rtcp-mux-only"), LINE_RTCP_MUX);
	assert_true(media.rtcp_mux && media.rtcp_mux_only);
}

static void test_rfc_4145_setup_has_four_values(void **state)
{
	struct sdp_media media = {0};

	(void)state;
	read_into(&media, "a=setup:whatever");
	assert_int_equal(media.setup, SDP_SETUP_NONE);
	read_into(&media, "a=setup:actpass");
	assert_int_equal(media.setup, SDP_ACTPASS);
	read_into(&media, "a=setup:active");
	assert_int_equal(media.setup, SDP_ACTIVE);
	read_into(&media, "a=setup: passive ");
	assert_int_equal(media.setup, SDP_PASSIVE);
	read_into(&media, "a=setup:holdconn");
	assert_int_equal(media.setup, SDP_HOLDCONN);
}

static void test_rfc_8285_the_extension_of_the_mid_may_have_a_direction(void **state)
{
	(void)state;
#define MID "urn:ietf:params:rtp-hdrext:sdes:mid"
	assert_int_equal(sdp_mid_extension((struct span){"4 " MID, 2 + strlen(MID)}), 4);
	assert_int_equal(sdp_mid_extension((struct span){"14/recvonly " MID, 12 + strlen(MID)}),
			 14);
	assert_int_equal(sdp_mid_extension((struct span){"4 " MID "x", 3 + strlen(MID)}), 0);
	assert_int_equal(sdp_mid_extension((struct span){"x " MID, 2 + strlen(MID)}), 0);
	assert_int_equal(sdp_mid_extension((struct span){"", 0}), 0);
}

static void test_ice_options_are_words(void **state)
{
	struct sdp_media media = {0};

	(void)state;
	read_into(&media, "a=ice-options:trickles ice2");
	assert_false(media.trickle);
	read_into(&media, "a=ice-options:ice2 trickle");
	assert_true(media.trickle);
}

static void test_ptime_may_have_a_fraction(void **state)
{
	struct sdp_media media = {0};

	(void)state;
	read_into(&media, "a=ptime:20.5");
	assert_int_equal(media.ptime, 20);
	read_into(&media, "a=ptime:99999");
	assert_int_equal(media.ptime, 20);
}

static void test_what_is_said_first_of_a_text_holds(void **state)
{
	struct sdp_media media = {0};

	(void)state;
	read_into(&media, "a=mid:");
	read_into(&media, "a=mid: a ");
	read_into(&media, "a=mid:b");
	check_span(media.mid, "a");
}

static void test_names_that_only_begin_like_ours_are_others(void **state)
{
	struct sdp_media media = {0};

	(void)state;
	assert_int_equal(read_into(&media, "a=rtcp-xr:x"), LINE_OTHER);
	assert_int_equal(read_into(&media, "a=midi:1"), LINE_OTHER);
	assert_int_equal(read_into(&media, "a=ssrc-group:FID 1 2"), LINE_OTHER);
	assert_int_equal(read_into(&media, "a="), LINE_OTHER);
	assert_int_equal(read_into(&media, "a=:x"), LINE_OTHER);
	assert_int_equal(read_into(&media, "a=SSRC:1 cname:a"), LINE_SSRC);
}

static void test_crypto_candidates_and_groups_stand_at_their_levels_only(void **state)
{
	struct sdp sdp = {0};
	struct sdp_media media = {0};
	struct sdp_scope session = {&sdp, &media, true}, section = {&sdp, &media, false};
	struct sdp_line crypto = {.text = {"a=crypto:1 A inline:b", 21}};
	struct sdp_line candidate = {.text = {"a=candidate:1 1 UDP 1 192.0.2.1 9 typ host", 42}};
	struct sdp_line group = {.text = {"a=group:BUNDLE 0 1", 18}};

	(void)state;
	sdp_attribute_read(&session, &crypto);
	sdp_attribute_read(&session, &candidate);
	sdp_attribute_read(&section, &group);
	assert_int_equal(media.n_cryptos, 0);
	assert_int_equal(media.n_candidates, 0);
	assert_int_equal(sdp.n_bundle, 0);
	sdp_attribute_read(&section, &crypto);
	sdp_attribute_read(&section, &candidate);
	sdp_attribute_read(&session, &group);
	assert_int_equal(media.n_cryptos, 1);
	assert_int_equal(media.n_candidates, 1);
	assert_int_equal(sdp.n_bundle, 2);
}

static void test_a_bundle_is_the_first_group_of_that_name_and_bounded(void **state)
{
	struct sdp sdp = {0};
	struct sdp_media media = {0};
	struct sdp_scope session = {&sdp, &media, true};
	char text[256] = "a=group:BUNDLE";
	struct sdp_line sync = {.text = {"a=group:LS 8 9", 14}};
	struct sdp_line first, second = {.text = {"a=group:BUNDLE x", 16}};

	(void)state;
	for (int i = 0; i < SDP_MEDIAS_MAX + 8; i++)
		memcpy(text + 14 + (size_t)i * 2, " m", 3);
	first = (struct sdp_line){.text = {text, strlen(text)}};
	sdp_attribute_read(&session, &sync);
	assert_int_equal(sdp.n_bundle, 0);
	sdp_attribute_read(&session, &first);
	sdp_attribute_read(&session, &second);
	assert_int_equal(sdp.n_bundle, SDP_MEDIAS_MAX);
	check_span(sdp.bundle[SDP_MEDIAS_MAX - 1], "m");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc_8839_a_candidate_is_of_udp_with_an_address_and_a_port),
		cmocka_unit_test(test_rfc_3605_rtcp_is_a_port_and_perhaps_an_address),
		cmocka_unit_test(test_rfc_8858_mux_only_is_mux_too),
		cmocka_unit_test(test_rfc_4145_setup_has_four_values),
		cmocka_unit_test(test_rfc_8285_the_extension_of_the_mid_may_have_a_direction),
		cmocka_unit_test(test_ice_options_are_words),
		cmocka_unit_test(test_ptime_may_have_a_fraction),
		cmocka_unit_test(test_what_is_said_first_of_a_text_holds),
		cmocka_unit_test(test_names_that_only_begin_like_ours_are_others),
		cmocka_unit_test(test_crypto_candidates_and_groups_stand_at_their_levels_only),
		cmocka_unit_test(test_a_bundle_is_the_first_group_of_that_name_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
