/* SPDX-License-Identifier: Apache-2.0 */
/* Passthrough: what it excludes, what is told to the hearer, whose fingerprints may pass. */
#include "media/session/passthrough.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof(*(array)))

static void test_each_flag_that_says_how_media_is_ended_is_refused(void **state)
{
	static const struct ng_request rows[] = {
		{.ice = NG_ICE_FORCE},
		{.ice = NG_ICE_REMOVE},
		{.ice = NG_ICE_OPTIONAL},
		{.dtls = NG_DTLS_OFF},
		{.dtls_reverse = NG_DTLS_PASSIVE},
		{.sdes_off = true},
		{.sdes_nonew = true},
		{.sdes_no = 2},
		{.sdes_only = 2},
		{.osrtp_offer = true},
		{.osrtp_accept = true},
		{.webrtc = true},
		{.transport_protocol = {"RTP/AVP", 7}},
		{.mux_offer = true},
		{.mux_demux = true},
		{.mux_reject = true},
		{.bundle = NG_BUNDLE_REJECT},
		{.generate_mid = true},
		{.record_call = true},
		{.detect_dtmf = true},
	};
	const struct call through = {.passthrough = true}, ended = {.passthrough = false};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		assert_non_null(passthrough_refusal(&through, &rows[i]));
		assert_non_null(strstr(passthrough_refusal(&through, &rows[i]), "passthrough"));
		assert_null(passthrough_refusal(&ended, &rows[i]));
	}
}

static void test_flags_that_leave_media_alone_are_taken(void **state)
{
	static const struct ng_request rows[] = {
		{.passthrough = true},	 {.ice = NG_ICE_DEFAULT},  {.bundle = NG_BUNDLE_ACCEPT},
		{.strict_source = true}, {.replace_origin = true}, {.sip_source_address = true},
	};
	const struct call through = {.passthrough = true}, ended = {.passthrough = false};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		assert_null(passthrough_refusal(&through, &rows[i]));
	assert_non_null(passthrough_refusal(&ended, &rows[0]));
}

static char ufrag[] = "abcd";

static void test_the_hearer_is_told_what_the_sender_said(void **state)
{
	const struct terms before = {.known = false};
	struct said said = {.known = true, .proto = SDP_RTP_SAVP, .rtp = {.port = 4000}};
	struct terms out;

	(void)state;
	passthrough_terms(&said, &before, &out);
	assert_true(out.passthrough && out.proto == SDP_RTP_SAVP && out.mux == MUX_NO);
	assert_true(!out.bundle && !out.ice && out.security == SECURITY_NONE);
	said.mux = true;
	passthrough_terms(&said, &before, &out);
	assert_int_equal(out.mux, MUX_OFFER);
	said.mux_only = true;
	passthrough_terms(&said, &before, &out);
	assert_int_equal(out.mux, MUX_YES);
	said.rejected = true;
	passthrough_terms(&said, &before, &out);
	assert_true(out.rejected && !out.passthrough);
}

static void test_rfc9143_only_a_first_offer_has_an_address_for_each_m_line(void **state)
{
	const struct terms first = {.known = false}, again = {.known = true, .bundle = true};
	struct said said = {.known = true, .bundled = true, .rtp = {.port = 4000}};
	struct terms out;

	(void)state;
	passthrough_terms(&said, &first, &out);
	assert_true(out.bundle && out.alone);
	passthrough_terms(&said, &again, &out);
	assert_true(out.bundle && !out.alone);
	said.rtp.port = 0; /* bundle-only */
	passthrough_terms(&said, &first, &out);
	assert_true(out.bundle && !out.alone);
}

static void test_a_data_channel_passes_and_what_is_no_datagram_of_ours_does_not(void **state)
{
	const struct terms before = {.known = false};
	struct said said = {.known = true, .proto = SDP_OTHER, .rtp = {.port = 4000}};
	struct terms out;

	(void)state;
	passthrough_terms(&said, &before, &out);
	assert_true(out.untouched && !out.passthrough);
	said.ufrag = ufrag;
	passthrough_terms(&said, &before, &out);
	assert_true(out.passthrough && !out.untouched);
	said.datagrams = true;
	passthrough_terms(&said, &before, &out);
	assert_true(out.datagrams && !out.passthrough && !out.untouched);
}

static void test_what_was_agreed_is_what_both_ends_said(void **state)
{
	const struct terms offered = {.known = true,
				      .passthrough = true,
				      .mux = MUX_OFFER,
				      .bundle = true,
				      .alone = true};
	struct said offer = {.known = true, .proto = SDP_RTP_SAVPF, .mux = true, .bundled = true};
	struct said answer = {.known = true, .mux = true, .bundled = true};
	const struct ng_request request = {.tos = -1};
	const struct promise promise = {.osrtp = false};
	struct terms agreed, back;

	(void)state;
	terms_agree(&offered, &answer, &agreed);
	assert_true(agreed.passthrough && agreed.mux == MUX_YES && !agreed.alone);
	terms_answer(&(struct terms_answer_input){.request = &request,
						  .offer = &offer,
						  .promise = &promise,
						  .answer = &answer,
						  .agreed = &agreed},
		     &back);
	assert_true(back.passthrough && back.mux == MUX_YES && back.bundle);
	assert_true(back.security == SECURITY_NONE && back.proto == SDP_RTP_SAVPF);
	answer.mux = false;
	terms_agree(&offered, &answer, &agreed);
	assert_int_equal(agreed.mux, MUX_NO);
	answer.rejected = true;
	terms_agree(&offered, &answer, &agreed);
	assert_true(agreed.rejected);
}

static struct fingerprint fingerprint_of(uint8_t byte)
{
	struct fingerprint out = {.hash = "sha-256", .len = 32};

	memset(out.digest, byte, out.len);
	return out;
}

static void test_rfc8224_every_fingerprint_of_the_sdp_has_to_be_signed(void **state)
{
	struct party party = {.n_identity = 1};
	struct stream stream = {.party = &party};

	(void)state;
	party.identity[0] = fingerprint_of(1);
	assert_false(passthrough_is_signed(&stream)); /* none: it was taken out */
	stream.said.fingerprints[0] = fingerprint_of(1);
	stream.said.n_fingerprints = 1;
	assert_true(passthrough_is_signed(&stream));
	stream.said.fingerprints[1] = fingerprint_of(2);
	stream.said.n_fingerprints = 2;
	assert_false(passthrough_is_signed(&stream));
	party.identity[1] = fingerprint_of(2);
	party.n_identity = 2;
	assert_true(passthrough_is_signed(&stream));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_flag_that_says_how_media_is_ended_is_refused),
		cmocka_unit_test(test_flags_that_leave_media_alone_are_taken),
		cmocka_unit_test(test_the_hearer_is_told_what_the_sender_said),
		cmocka_unit_test(test_rfc9143_only_a_first_offer_has_an_address_for_each_m_line),
		cmocka_unit_test(
			test_a_data_channel_passes_and_what_is_no_datagram_of_ours_does_not),
		cmocka_unit_test(test_what_was_agreed_is_what_both_ends_said),
		cmocka_unit_test(test_rfc8224_every_fingerprint_of_the_sdp_has_to_be_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
