/* SPDX-License-Identifier: Apache-2.0 */
/* What is said to whom: the rules of terms.h, as tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/session/terms.h"

#define N(array) (sizeof(array) / sizeof(*(array)))

static struct ng_request request_of(const char *protocol)
{
	struct ng_request request = {.tos = -1};

	if (protocol)
		request.transport_protocol = (struct ng_text){protocol, strlen(protocol)};
	return request;
}

static char ufrag[] = "abcd", pwd[] = "0123456789012345678901";

static struct said audio(enum sdp_proto proto)
{
	return (struct said){.known = true, .proto = proto};
}

static struct said browser(void)
{
	return (struct said){.known = true,
			     .proto = SDP_DTLS_SAVPF,
			     .mux = true,
			     .bundled = true,
			     .ufrag = ufrag,
			     .pwd = pwd,
			     .setup = SDP_ACTPASS,
			     .n_fingerprints = 1};
}

static void test_the_hearer_of_an_offer_gets_the_protocol_that_was_asked_for(void **state)
{
	static const struct {
		const char *asked;
		enum sdp_proto came, told;
		enum security security;
	} rows[] = {
		{NULL, SDP_RTP_AVP, SDP_RTP_AVP, SECURITY_NONE},
		{"RTP/AVP", SDP_DTLS_SAVPF, SDP_RTP_AVP, SECURITY_NONE},
		{"RTP/SAVP", SDP_RTP_AVP, SDP_RTP_SAVP, SECURITY_SDES},
		{"RTP/SAVPF", SDP_RTP_AVP, SDP_RTP_SAVPF, SECURITY_SDES},
		{"UDP/TLS/RTP/SAVPF", SDP_RTP_AVP, SDP_DTLS_SAVPF, SECURITY_DTLS},
		{"UDP/TLS/RTP/SAVP", SDP_RTP_SAVP, SDP_DTLS_SAVP, SECURITY_DTLS},
		{"accept", SDP_RTP_AVP, SDP_RTP_AVP, SECURITY_NONE},
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct ng_request request = request_of(rows[i].asked);
		struct said from = audio(rows[i].came);
		struct terms before = {.known = false}, out;

		terms_offer(&request, &from, &before, &out);
		assert_int_equal(out.proto, rows[i].told);
		assert_int_equal(out.security, rows[i].security);
		assert_false(out.ice || out.bundle || out.rejected || out.untouched);
	}
}

static void test_a_re_offer_without_flags_keeps_what_was_agreed(void **state)
{
	struct ng_request request = request_of(NULL);
	struct said from = browser();
	struct terms before = {.known = true, .proto = SDP_RTP_AVP}, out;

	(void)state;
	terms_offer(&request, &from, &before, &out);
	assert_int_equal(out.proto, SDP_RTP_AVP);
	assert_int_equal(out.security, SECURITY_NONE);
	assert_false(out.ice);
	assert_int_equal(out.mux, MUX_NO);
}

static void test_the_webrtc_flag_says_all_that_a_browser_needs(void **state)
{
	struct ng_request request = request_of(NULL);
	struct said from = audio(SDP_RTP_AVP);
	struct terms before = {.known = false}, out;

	(void)state;
	request.webrtc = true;
	terms_offer(&request, &from, &before, &out);
	assert_int_equal(out.proto, SDP_DTLS_SAVPF);
	assert_int_equal(out.security, SECURITY_DTLS);
	assert_true(out.ice && out.bundle);
	assert_int_equal(out.mux, MUX_YES);
}

static void test_ice_is_forced_removed_or_as_it_came(void **state)
{
	static const struct {
		enum ng_ice flag;
		bool came, told;
	} rows[] = {
		{NG_ICE_ASIS, false, false},	{NG_ICE_ASIS, true, true},
		{NG_ICE_DEFAULT, false, false}, {NG_ICE_DEFAULT, true, true},
		{NG_ICE_FORCE, false, true},	{NG_ICE_FORCE, true, true},
		{NG_ICE_REMOVE, false, false},	{NG_ICE_REMOVE, true, false},
		{NG_ICE_OPTIONAL, false, true}, {NG_ICE_OPTIONAL, true, true},
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct ng_request request = request_of(NULL);
		struct said from = audio(SDP_RTP_AVP);
		struct terms before = {.known = false}, out;

		request.ice = rows[i].flag;
		from.ufrag = rows[i].came ? ufrag : NULL;
		terms_offer(&request, &from, &before, &out);
		assert_int_equal(out.ice, rows[i].told);
	}
}

/* As rtpengine 10.5 does it, row by row. */
struct mux_row {
	bool offer, require, demux, accept, reject; /* flags of the offer */
	bool came;
	bool peer;     /* the answerer has it */
	enum mux told; /* to the hearer */
	bool answered; /* to the sender */
};

static void check_mux(const struct mux_row *row)
{
	struct ng_request request = request_of(NULL), bare = request_of(NULL);
	struct said from = audio(SDP_RTP_AVP), answer = audio(SDP_RTP_AVP);
	struct terms before = {.known = false}, told, agreed, back;
	struct promise promise;

	request.mux_offer = row->offer;
	request.mux_require = row->require;
	request.mux_demux = row->demux;
	request.mux_accept = row->accept;
	request.mux_reject = row->reject;
	from.mux = row->came;
	answer.mux = row->peer;
	terms_promise(&request, &promise);
	terms_offer(&request, &from, &before, &told);
	assert_int_equal(told.mux, row->told);
	terms_agree(&told, &answer, &agreed);
	terms_answer(
		&(struct terms_answer_input){
			.request = &bare,
			.offer = &from,
			.promise = &promise,
			.answer = &answer,
			.agreed = &agreed,
		},
		&back);
	assert_int_equal(back.mux == MUX_YES, row->answered);
}

static void test_rtcp_mux_goes_along_unless_flags_say_otherwise(void **state)
{
	static const struct mux_row rows[] = {
		{.came = true, .peer = true, .told = MUX_OFFER, .answered = true},
		{.came = true, .peer = false, .told = MUX_OFFER, .answered = false},
		{.came = false, .peer = false, .told = MUX_NO, .answered = false},
		{.demux = true, .came = true, .told = MUX_NO, .answered = true},
		{.accept = true, .came = true, .told = MUX_OFFER, .answered = true},
		{.reject = true, .came = true, .peer = true, .told = MUX_OFFER, .answered = false},
		{.offer = true, .came = false, .peer = true, .told = MUX_OFFER, .answered = false},
		{.require = true, .came = false, .peer = true, .told = MUX_YES, .answered = false},
		{.offer = true, .reject = true, .came = true, .peer = true, .told = MUX_OFFER},
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		check_mux(&rows[i]);
}

static void answer_to(const struct said *offer, const struct promise *promise,
		      const struct ng_request *request, struct terms *out)
{
	struct said answer = audio(SDP_RTP_AVP);
	struct terms agreed = {.known = true, .proto = SDP_RTP_AVP};

	terms_answer(
		&(struct terms_answer_input){
			.request = request,
			.offer = offer,
			.promise = promise,
			.answer = &answer,
			.agreed = &agreed,
		},
		out);
}

static void test_a_browser_gets_the_answer_that_it_can_live_with(void **state)
{
	struct ng_request request = request_of(NULL);
	struct said offer = browser();
	struct promise promise = {.mux = PROMISE_AS_PEER};
	struct terms out;

	(void)state;
	/* Its peer is plain RTP without rtcp-mux; RFC 8834 §4.5 has the browser insist. */
	answer_to(&offer, &promise, &request, &out);
	assert_int_equal(out.proto, SDP_DTLS_SAVPF);
	assert_int_equal(out.security, SECURITY_DTLS);
	assert_true(out.ice && out.bundle);
	assert_int_equal(out.mux, MUX_YES);

	promise.bundle_reject = true;
	answer_to(&offer, &promise, &request, &out);
	assert_false(out.bundle);

	request.ice = NG_ICE_REMOVE;
	answer_to(&offer, &promise, &request, &out);
	assert_false(out.ice);
}

static void test_what_either_side_rejects_is_rejected_on_both(void **state)
{
	struct ng_request request = request_of(NULL);
	struct said from = audio(SDP_RTP_AVP), answer = audio(SDP_RTP_AVP);
	struct terms before = {.known = false}, told, agreed;

	(void)state;
	from.rejected = true;
	terms_offer(&request, &from, &before, &told);
	assert_true(told.rejected);
	from.rejected = false;
	answer.rejected = true;
	terms_offer(&request, &from, &before, &told);
	assert_false(told.rejected);
	terms_agree(&told, &answer, &agreed);
	assert_true(agreed.rejected);
}

static void test_other_media_passes_untouched_but_for_data_channels(void **state)
{
	struct ng_request request = request_of(NULL);
	struct said from = audio(SDP_OTHER);
	struct terms before = {.known = false}, out;

	(void)state;
	terms_offer(&request, &from, &before, &out);
	assert_true(out.untouched && !out.rejected);
	from.bundled = true;
	terms_offer(&request, &from, &before, &out);
	assert_true(out.rejected && !out.untouched);
	from.bundled = false;
	from.ufrag = ufrag;
	terms_offer(&request, &from, &before, &out);
	assert_true(out.rejected);
}

static struct said fax(void)
{
	return (struct said){.known = true, .proto = SDP_OTHER, .datagrams = true};
}

static void test_datagrams_are_relayed_whatever_flags_say_of_media(void **state)
{
	const struct ng_request requests[] = {
		{.tos = -1},
		{.tos = -1, .webrtc = true},
		{.tos = -1, .ice = NG_ICE_FORCE, .mux_require = true, .bundle = NG_BUNDLE_REQUIRE},
		{.tos = -1, .transport_protocol = {"RTP/SAVP", 8}},
	};
	const struct terms befores[] = {
		{.known = false},
		{.known = true,
		 .proto = SDP_DTLS_SAVPF,
		 .security = SECURITY_DTLS,
		 .ice = true,
		 .mux = MUX_YES,
		 .bundle = true},
		{.known = true, .rejected = true},
	};
	struct said saids[] = {fax(), fax(), fax()};

	(void)state;
	saids[1].bundled = true;
	saids[2].ufrag = ufrag;
	for (size_t i = 0; i < N(requests) * N(befores) * N(saids); i++) {
		struct terms out;

		terms_offer(&requests[i % N(requests)], &saids[i / N(requests) % N(saids)],
			    &befores[i / N(requests) / N(saids)], &out);
		assert_true(out.known && out.datagrams && out.proto == SDP_OTHER);
		assert_false(out.rejected || out.untouched || out.ice || out.bundle);
		assert_int_equal(out.security, SECURITY_NONE);
		assert_int_equal(out.mux, MUX_NO);
	}
}

/* RFC 3264 §6: an answer has the transport of its offer. */
static void test_rfc3264_6_datagrams_are_answered_by_datagrams_or_rejected(void **state)
{
	static const struct {
		bool offer, answer, offer_rejected, answer_rejected, agreed;
	} rows[] = {
		{true, true, false, false, true},   {true, false, false, false, false},
		{false, true, false, false, false}, {true, true, true, false, false},
		{true, true, false, true, false},
	};
	const struct ng_request request = request_of(NULL);
	const struct terms before = {.known = false};

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		struct said offer = rows[i].offer ? fax() : audio(SDP_RTP_AVP);
		struct said answer = rows[i].answer ? fax() : audio(SDP_RTP_AVP);
		const struct promise promise = {.osrtp = false};
		struct terms told, agreed, back;

		offer.rejected = rows[i].offer_rejected;
		answer.rejected = rows[i].answer_rejected;
		terms_offer(&request, &offer, &before, &told);
		terms_agree(&told, &answer, &agreed);
		terms_answer(
			&(struct terms_answer_input){
				.request = &request,
				.offer = &offer,
				.promise = &promise,
				.answer = &answer,
				.agreed = &agreed,
			},
			&back);
		assert_int_equal(agreed.datagrams, rows[i].agreed);
		assert_int_equal(agreed.rejected, !rows[i].agreed);
		assert_int_equal(back.datagrams, rows[i].agreed);
		assert_int_equal(back.rejected, !rows[i].agreed);
	}
}

static void test_behind_a_fax_a_call_goes_by_what_its_audio_was(void **state)
{
	const struct terms secure = {
		.known = true, .proto = SDP_RTP_SAVP, .security = SECURITY_SDES};
	const struct terms datagrams = {.known = true, .datagrams = true};
	const struct terms off = {.known = true, .rejected = true}, none = {.known = false};
	const struct {
		const struct terms *agreed, *rested, *before;
	} rows[] = {
		{&none, &none, &none},
		{&secure, &none, &secure},
		{&datagrams, &none, &none},
		{&datagrams, &secure, &secure},
		{&off, &none, &off},
		{&off, &secure, &off},
		{&secure, &datagrams, &secure},
	};
	const struct ng_request request = request_of(NULL);
	const struct said said = audio(SDP_RTP_AVP);
	struct terms out;

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		assert_ptr_equal(terms_before(rows[i].agreed, rows[i].rested), rows[i].before);
	terms_offer(&request, &said, terms_before(&datagrams, &secure), &out);
	assert_int_equal(out.proto, SDP_RTP_SAVP);
	assert_int_equal(out.security, SECURITY_SDES);
	terms_offer(&request, &said, terms_before(&datagrams, &none), &out);
	assert_int_equal(out.proto, SDP_RTP_AVP);
}

static void test_rfc8643_no_crypto_in_the_answer_refuses_osrtp(void **state)
{
	struct ng_request request = request_of(NULL);
	struct said from = audio(SDP_RTP_AVP), answer = audio(SDP_RTP_AVP);
	struct terms before = {.known = false}, told, agreed;

	(void)state;
	request.osrtp_offer = true;
	terms_offer(&request, &from, &before, &told);
	assert_int_equal(told.proto, SDP_RTP_AVP);
	assert_true(told.osrtp && told.security == SECURITY_SDES);
	terms_agree(&told, &answer, &agreed);
	assert_true(!agreed.osrtp && agreed.security == SECURITY_NONE);
	answer.n_cryptos = 1;
	terms_agree(&told, &answer, &agreed);
	assert_true(agreed.osrtp && agreed.security == SECURITY_SDES);
}

static void test_what_was_offered_as_secured_never_becomes_plain(void **state)
{
	static const char *const protocols[] = {"RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVPF"};
	struct said from = audio(SDP_RTP_AVP), answer = audio(SDP_RTP_AVP);
	struct terms before = {.known = false}, told, agreed;

	(void)state;
	for (size_t i = 0; i < N(protocols); i++) {
		struct ng_request request = request_of(protocols[i]);

		terms_offer(&request, &from, &before, &told);
		terms_agree(&told, &answer, &agreed);
		assert_int_not_equal(agreed.security, SECURITY_NONE);
	}
}

static void test_rfc3264_8_1_what_was_rejected_says_nothing_of_what_takes_its_place(void **state)
{
	struct ng_request request = request_of(NULL);
	struct said from = audio(SDP_RTP_SAVP);
	const struct terms befores[] = {
		{.known = true, .rejected = true, .proto = SDP_RTP_SAVP},
		{.known = true, .rejected = true, .proto = SDP_RTP_AVP},
		{.known = true, .untouched = true, .proto = SDP_OTHER},
	};
	struct terms out;

	(void)state;
	from.mux = true;
	from.ufrag = ufrag;
	for (size_t i = 0; i < N(befores); i++) {
		terms_offer(&request, &from, &befores[i], &out);
		assert_int_equal(out.proto, SDP_RTP_SAVP);
		assert_int_equal(out.security, SECURITY_SDES);
		assert_true(out.ice && out.mux == MUX_OFFER);
	}
}

static void test_rfc4568_5_1_2_without_a_key_that_can_be_taken_the_m_line_is_refused(void **state)
{
	struct ng_request request = request_of(NULL);
	struct said offer = audio(SDP_RTP_SAVP);
	struct promise promise = {.mux = PROMISE_AS_PEER};
	struct terms out;

	(void)state;
	answer_to(&offer, &promise, &request, &out);
	assert_true(out.rejected);
	offer.n_cryptos = 1;
	offer.cryptos[0].suite = SUITE_AES_CM_128_HMAC_SHA1_80;
	answer_to(&offer, &promise, &request, &out);
	assert_true(!out.rejected && out.security == SECURITY_SDES);
	request.sdes_no = 1U << SUITE_AES_CM_128_HMAC_SHA1_80;
	answer_to(&offer, &promise, &request, &out);
	assert_true(out.rejected);
	/* Offered as OSRTP it goes on without (RFC 8643 §3.1). */
	offer.proto = SDP_RTP_AVP;
	promise.osrtp = true;
	answer_to(&offer, &promise, &request, &out);
	assert_true(!out.rejected && !out.osrtp && out.security == SECURITY_NONE);
}

static void test_osrtp_is_accepted_only_when_asked_for(void **state)
{
	struct said said = audio(SDP_RTP_AVP);

	(void)state;
	said.n_cryptos = 1;
	assert_int_equal(terms_security(&said, false, false), SECURITY_NONE);
	assert_int_equal(terms_security(&said, true, false), SECURITY_SDES);
	said.proto = SDP_RTP_SAVP;
	assert_int_equal(terms_security(&said, false, false), SECURITY_SDES);
	said.n_fingerprints = 1;
	assert_int_equal(terms_security(&said, false, false), SECURITY_DTLS);
	assert_int_equal(terms_security(&said, false, true), SECURITY_SDES);
}

static void test_rfc8842_a_role_is_kept_while_the_association_stays(void **state)
{
	const enum dtls_role passive = DTLS_PASSIVE, active = DTLS_ACTIVE;

	(void)state;
	assert_int_equal(terms_role(SDP_ACTIVE, false, NULL), DTLS_PASSIVE);
	assert_int_equal(terms_role(SDP_PASSIVE, true, NULL), DTLS_ACTIVE);
	assert_int_equal(terms_role(SDP_ACTPASS, false, NULL), DTLS_ACTIVE);
	assert_int_equal(terms_role(SDP_ACTPASS, true, NULL), DTLS_PASSIVE);
	assert_int_equal(terms_role(SDP_ACTPASS, false, &passive), DTLS_PASSIVE);
	assert_int_equal(terms_role(SDP_ACTPASS, true, &active), DTLS_ACTIVE);
	/* What the peer insists on goes before what was. */
	assert_int_equal(terms_role(SDP_ACTIVE, false, &active), DTLS_PASSIVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_hearer_of_an_offer_gets_the_protocol_that_was_asked_for),
		cmocka_unit_test(test_a_re_offer_without_flags_keeps_what_was_agreed),
		cmocka_unit_test(test_the_webrtc_flag_says_all_that_a_browser_needs),
		cmocka_unit_test(test_ice_is_forced_removed_or_as_it_came),
		cmocka_unit_test(test_rtcp_mux_goes_along_unless_flags_say_otherwise),
		cmocka_unit_test(test_a_browser_gets_the_answer_that_it_can_live_with),
		cmocka_unit_test(test_what_either_side_rejects_is_rejected_on_both),
		cmocka_unit_test(test_other_media_passes_untouched_but_for_data_channels),
		cmocka_unit_test(test_datagrams_are_relayed_whatever_flags_say_of_media),
		cmocka_unit_test(test_rfc3264_6_datagrams_are_answered_by_datagrams_or_rejected),
		cmocka_unit_test(test_behind_a_fax_a_call_goes_by_what_its_audio_was),
		cmocka_unit_test(test_rfc8643_no_crypto_in_the_answer_refuses_osrtp),
		cmocka_unit_test(test_what_was_offered_as_secured_never_becomes_plain),
		cmocka_unit_test(
			test_rfc3264_8_1_what_was_rejected_says_nothing_of_what_takes_its_place),
		cmocka_unit_test(
			test_rfc4568_5_1_2_without_a_key_that_can_be_taken_the_m_line_is_refused),
		cmocka_unit_test(test_osrtp_is_accepted_only_when_asked_for),
		cmocka_unit_test(test_rfc8842_a_role_is_kept_while_the_association_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
