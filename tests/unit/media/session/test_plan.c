/* SPDX-License-Identifier: Apache-2.0 */
/* From terms and facts to the SDP that goes on: through the real writer, line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/session/plan.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"

static const char plain[] = HEAD "m=audio 4000 RTP/AVP 0 8 101\r\nc=IN IP4 192.0.2.1\r\n"
				 "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n";
static const char held[] = HEAD "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n";

struct row {
	const char *sdp;
	struct terms terms;
	bool answer, one_way;
	enum dtls_role role;
	const char *says[6], *says_not[6];
};

static struct plan_facts facts_of(const struct row *row)
{
	struct plan_facts facts = {.ice_ufrag = "UFRAGUFR",
				   .ice_pwd = "PWDPWDPWDPWDPWDPWDPWDPWDPW",
				   .fingerprint = "sha-256 AA:BB",
				   .tls_id = "cafe",
				   .role = row->role,
				   .cryptos = {"1 SUITE inline:key"},
				   .n_cryptos = 1};

	assert_true(address_parse("203.0.113.9", 11, 30000, &facts.rtp));
	assert_true(address_parse("203.0.113.9", 11, 30001, &facts.rtcp));
	return facts;
}

static char *write_row(const struct row *row, const struct ng_request *request)
{
	const char *why;
	struct sdp *sdp = sdp_parse(row->sdp, strlen(row->sdp), &why);
	struct plan_facts facts = facts_of(row);
	int stripped[SDP_FORMATS_MAX];
	struct plan_media media;
	struct sdp_plan plan = {.medias = &media, .address = &facts.rtp};
	char *text;
	size_t len;

	assert_non_null(sdp);
	plan_media(
		&(struct plan_input){
			.request = request,
			.terms = &row->terms,
			.facts = &facts,
			.media = &sdp->medias[0],
			.answer = row->answer,
			.one_way = row->one_way,
			.stripped = stripped,
			.n_stripped = plan_strip(request, &sdp->medias[0], stripped),
		},
		&media);
	text = sdp_write(sdp, &plan, &len);
	assert_non_null(text);
	sdp_free(sdp);
	return text;
}

static void check(const struct row *row, const struct ng_request *request)
{
	char *text = write_row(row, request);

	for (size_t i = 0; i < 6 && row->says[i]; i++)
		if (!strstr(text, row->says[i]))
			fail_msg("no %s in\n%s", row->says[i], text);
	for (size_t i = 0; i < 6 && row->says_not[i]; i++)
		if (strstr(text, row->says_not[i]))
			fail_msg("%s in\n%s", row->says_not[i], text);
	free(text);
}

static void test_each_kind_of_transport_is_told_in_its_own_lines(void **state)
{
	static const struct row rows[] = {
		{.sdp = plain,
		 .terms = {.known = true, .proto = SDP_RTP_AVP},
		 .says = {"m=audio 30000 RTP/AVP 0 8 101\r\nc=IN IP4 203.0.113.9\r\n",
			  "a=rtcp:30001\r\n"},
		 .says_not = {"a=setup", "a=crypto", "a=ice", "a=rtcp-mux", "192.0.2.1\r\na"}},
		{.sdp = plain,
		 .terms = {.known = true, .proto = SDP_RTP_AVP, .mux = MUX_OFFER},
		 .says = {"a=rtcp:30001\r\na=rtcp-mux\r\n"}},
		{.sdp = plain,
		 .terms = {.known = true, .proto = SDP_RTP_AVP, .mux = MUX_YES},
		 .says = {"a=rtcp:30000\r\na=rtcp-mux\r\n"}},
		{.sdp = plain,
		 .terms = {.known = true, .proto = SDP_RTP_SAVP, .security = SECURITY_SDES},
		 .says = {"RTP/SAVP 0", "a=crypto:1 SUITE inline:key\r\n"},
		 .says_not = {"a=setup", "a=fingerprint"}},
		{.sdp = plain,
		 .terms = {.known = true,
			   .proto = SDP_DTLS_SAVPF,
			   .security = SECURITY_DTLS,
			   .ice = true,
			   .mux = MUX_YES},
		 .says = {"UDP/TLS/RTP/SAVPF 0", "a=setup:actpass\r\n",
			  "a=fingerprint:sha-256 AA:BB\r\n", "a=ice-ufrag:UFRAGUFR\r\n",
			  " 1 UDP 2130706431 203.0.113.9 30000 typ host\r\n",
			  "a=end-of-candidates\r\n"},
		 .says_not = {"a=crypto", " 2 UDP", "a=ice-options"}},
		{.sdp = plain,
		 .terms = {.known = true, .proto = SDP_RTP_AVP, .ice = true},
		 .says = {" 1 UDP 2130706431 203.0.113.9 30000 ",
			  " 2 UDP 2130706430 203.0.113.9 30001 "}},
	};
	const struct ng_request request = {.tos = -1};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(&rows[i], &request);
}

static void test_rfc5763_5_an_answer_has_a_role_and_an_offer_leaves_it(void **state)
{
	const struct terms terms = {
		.known = true, .proto = SDP_DTLS_SAVPF, .security = SECURITY_DTLS};
	const struct row rows[] = {
		{.sdp = plain,
		 .terms = terms,
		 .role = DTLS_ACTIVE,
		 .says = {"a=setup:actpass\r\n"}},
		{.sdp = plain,
		 .terms = terms,
		 .answer = true,
		 .role = DTLS_ACTIVE,
		 .says = {"a=setup:active\r\n"}},
		{.sdp = plain,
		 .terms = terms,
		 .answer = true,
		 .role = DTLS_PASSIVE,
		 .says = {"a=setup:passive\r\n"}},
	};
	const struct ng_request request = {.tos = -1};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(&rows[i], &request);
}

static void test_a_rejected_m_line_says_nothing_of_a_transport(void **state)
{
	const struct row row = {.sdp = plain,
				.terms = {.known = true, .rejected = true, .proto = SDP_RTP_AVP},
				.says = {"m=audio 0 RTP/AVP"},
				.says_not = {"a=rtcp", "a=ice", "192.0.2.1\r\na", "30000"}};
	const struct ng_request request = {.tos = -1};

	(void)state;
	check(&row, &request);
}

static void test_the_hold_of_rfc2543_stays_a_hold(void **state)
{
	const struct terms terms = {.known = true, .proto = SDP_RTP_AVP};
	const struct row kept = {.sdp = held, .terms = terms, .says = {"c=IN IP4 0.0.0.0\r\n"}};
	/* RFC 3264 §8.4: without its address the direction has to say it. */
	const struct row replaced = {.sdp = held,
				     .terms = terms,
				     .says = {"c=IN IP4 203.0.113.9\r\n", "a=sendonly\r\n"},
				     .says_not = {"0.0.0.0"}};
	const struct ng_request request = {.tos = -1};
	const struct ng_request replace = {.tos = -1, .replace_zero_address = true};

	(void)state;
	check(&kept, &request);
	check(&replaced, &replace);
}

static void test_codecs_are_stripped_by_name_but_never_all(void **state)
{
	const struct terms terms = {.known = true, .proto = SDP_RTP_AVP};
	const struct row some = {
		.sdp = plain, .terms = terms, .says = {"RTP/AVP 0 101\r\n"}, .says_not = {"PCMA"}};
	const struct row all = {.sdp = plain, .terms = terms, .says = {"RTP/AVP 0 8 101\r\n"}};
	struct ng_request request = {.tos = -1, .strip = {{"pcma", 4}}, .n_strip = 1};

	(void)state;
	check(&some, &request);
	request.strip[1] = (struct ng_text){"PCMU", 4};
	request.strip[2] = (struct ng_text){"telephone-event", 15};
	request.n_strip = 3;
	check(&all, &request);
}

static void test_datagrams_have_an_address_and_a_port_and_nothing_else_of_ours(void **state)
{
	static const char fax[] = HEAD "m=image 4000 UDPTL t38\r\nc=IN IP4 192.0.2.1\r\n"
				       "a=T38FaxVersion:0\r\na=sendonly\r\na=rtcp:4001\r\n"
				       "a=ice-ufrag:abcd\r\na=ice-pwd:abcdabcdabcdabcdabcdabcd\r\n";
	const struct row row = {.sdp = fax,
				.terms = {.known = true, .datagrams = true},
				.says = {"m=image 30000 UDPTL t38\r\n", "c=IN IP4 203.0.113.9\r\n",
					 "a=T38FaxVersion:0\r\n", "a=sendonly\r\n"},
				.says_not = {"a=rtcp", "a=ice", "a=candidate", "a=end-of"}};
	const struct ng_request request = {.tos = -1, .ice = NG_ICE_FORCE};

	(void)state;
	check(&row, &request);
}

static void test_a_subscriber_is_told_that_we_only_send(void **state)
{
	const struct row row = {.sdp = plain,
				.terms = {.known = true, .proto = SDP_RTP_AVP},
				.one_way = true,
				.says = {"a=sendonly\r\n"},
				.says_not = {"a=sendrecv"}};
	const struct ng_request request = {.tos = -1};

	(void)state;
	check(&row, &request);
}

static void test_the_rtcp_attribute_obeys_its_flags(void **state)
{
	const struct terms terms = {.known = true, .proto = SDP_RTP_AVP};
	const struct row without = {.sdp = plain, .terms = terms, .says_not = {"a=rtcp"}};
	const struct row full = {
		.sdp = plain, .terms = terms, .says = {"a=rtcp:30001 IN IP4 203.0.113.9\r\n"}};
	const struct ng_request none = {.tos = -1, .no_rtcp_attribute = true};
	const struct ng_request whole = {.tos = -1, .full_rtcp_attribute = true};

	(void)state;
	check(&without, &none);
	check(&full, &whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind_of_transport_is_told_in_its_own_lines),
		cmocka_unit_test(test_rfc5763_5_an_answer_has_a_role_and_an_offer_leaves_it),
		cmocka_unit_test(test_a_rejected_m_line_says_nothing_of_a_transport),
		cmocka_unit_test(test_the_hold_of_rfc2543_stays_a_hold),
		cmocka_unit_test(test_codecs_are_stripped_by_name_but_never_all),
		cmocka_unit_test(
			test_datagrams_have_an_address_and_a_port_and_nothing_else_of_ours),
		cmocka_unit_test(test_a_subscriber_is_told_that_we_only_send),
		cmocka_unit_test(test_the_rtcp_attribute_obeys_its_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
