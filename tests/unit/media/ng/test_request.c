/* SPDX-License-Identifier: Apache-2.0 */
/* What the clients really send becomes the same struct however it is spelled. */
#include "media/ng/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "media/srtp/suite.h"

/* The request of a JSON message; both live in a tree that the group's end frees. */
static struct ng_request *read_it(void **state, const char *json)
{
	static struct ng_request request;
	struct ng_tree *tree = ng_tree_new();
	const char *why = NULL;
	const struct ng_value *dict = ng_read_json(tree, json, strlen(json), &why);

	if (dict == NULL)
		fail_msg("%s: %s", json, why);
	ng_request_read(dict, &request);
	ng_tree_free(*state);
	*state = tree;
	return &request;
}

static int drop_tree(void **state)
{
	ng_tree_free(*state);
	*state = NULL;
	return 0;
}

static void assert_text(struct ng_text text, const char *expected)
{
	assert_int_equal(text.n, strlen(expected));
	if (text.n > 0)
		assert_memory_equal(text.p, expected, text.n);
}

static void what_kamailio_sends_for_an_offer_is_read_without_a_warning(void **state)
{
	struct ng_request *r = read_it(
		state, "{\"supports\":[\"load limit\"],\"sdp\":\"v=0\",\"received-from\":[\"IP4\","
		       "\"192.0.2.1\"],\"call-id\":\"c\",\"from-tag\":\"f\",\"to-tag\":\"t\","
		       "\"via-branch\":\"z9\",\"command\":\"offer\",\"sip-message-type\":"
		       "\"sip-request\",\"flags\":[\"SIP-source-address\",\"trust-address\"],"
		       "\"replace\":[\"origin\",\"session-connection\"],\"ICE\":\"force\","
		       "\"transport-protocol\":\"UDP/TLS/RTP/SAVPF\",\"rtcp-mux\":[\"offer\"],"
		       "\"SDES\":[\"off\"],\"DTLS\":\"passive\",\"generate-mid\":\"\","
		       "\"direction\":[\"pub\",\"priv\"],\"address family\":\"IP6\"}");

	assert_int_equal(r->n_warnings, 0);
	assert_true(r->load_limit && r->sip_source_address && r->trust_address);
	assert_true(r->replace_origin && r->mux_offer && r->sdes_off && r->generate_mid);
	assert_false(r->replace_origin_full || r->mux_require || r->loop_protect);
	assert_text(r->sdp, "v=0");
	assert_text(r->call_id, "c");
	assert_text(r->from_tag, "f");
	assert_text(r->to_tag, "t");
	assert_text(r->via_branch, "z9");
	assert_text(r->command, "offer");
	assert_text(r->received_from_family, "IP4");
	assert_text(r->received_from, "192.0.2.1");
	assert_text(r->transport_protocol, "UDP/TLS/RTP/SAVPF");
	assert_text(r->direction[0], "pub");
	assert_text(r->direction[1], "priv");
	assert_int_equal(r->ice, NG_ICE_FORCE);
	assert_int_equal(r->dtls, NG_DTLS_PASSIVE);
	assert_int_equal(r->address_family, 6);
	assert_int_equal(r->tos, -1);
	assert_int_equal(r->delete_delay, -1);
}

/* Kamailio's pcscf example writes flags=loop-protect, which goes beside the list of that name. */
static void flags_may_be_a_list_and_a_string_at_once(void **state)
{
	struct ng_request *r = read_it(state, "{\"flags\":[\"trust-address\"],\"flags\":"
					      "\"loop-protect strict-source\"}");

	assert_true(r->trust_address && r->loop_protect && r->strict_source);
	assert_int_equal(r->n_warnings, 0);
}

static void the_same_is_said_by_list_by_key_by_word_and_by_rtpp_flags(void **state)
{
	static const char *const spellings[] = {
		"{\"ICE\":\"remove\",\"rtcp-mux\":[\"demux\",\"reject\"],\"replace\":[\"origin\"],"
		"\"transport-protocol\":\"RTP/AVP\",\"codec\":{\"strip\":[\"PCMU\",\"G729\"]},"
		"\"loop-protect\":1,\"SDES\":[\"no-AEAD_AES_256_GCM\"],\"TOS\":184,"
		"\"delete-delay\":0}",
		"{\"flags\":[\"ICE-remove\",\"rtcp-mux-demux\",\"rtcp-mux-reject\","
		"\"replace-origin\",\"RTP/AVP\",\"codec-strip-PCMU\",\"codec-strip-G729\","
		"\"loop-protect\",\"SDES-no-AEAD_AES_256_GCM\"],\"TOS\":\"184\","
		"\"delete delay\":\"0\"}",
		"{\"rtpp-flags\":\"ICE=remove rtcp-mux=[demux reject] replace=origin RTP/AVP "
		"codec=[strip=[PCMU G729]] loop-protect SDES=[no-AEAD_AES_256_GCM]\",\"TOS\":184,"
		"\"delete_delay\":0}",
		"{\"rtpp_flags\":\"ICE=remove rtcp-mux-demux rtcp-mux-reject replace-origin "
		"transport-protocol=RTP/AVP codec-strip-PCMU codec-strip-G729 loop-protect "
		"SDES-no-AEAD_AES_256_GCM\",\"TOS\":184,\"delete-delay\":0}",
	};

	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		struct ng_request *r = read_it(state, spellings[i]);

		if (r->n_warnings > 0)
			fail_msg("spelling %zu: %s", i, r->warnings[0]);
		assert_int_equal(r->ice, NG_ICE_REMOVE);
		assert_true(r->mux_demux && r->mux_reject && r->replace_origin && r->loop_protect);
		assert_text(r->transport_protocol, "RTP/AVP");
		assert_int_equal(r->n_strip, 2);
		assert_text(r->strip[0], "PCMU");
		assert_text(r->strip[1], "G729");
		assert_int_equal(r->sdes_no, 1u << SUITE_AEAD_AES_256_GCM);
		assert_int_equal(r->tos, 184);
		assert_int_equal(r->delete_delay, 0);
	}
}

static void only_a_suite_that_is_not_ours_leaves_none(void **state)
{
	struct ng_request *r = read_it(state, "{\"SDES\":[\"only-F8_128_HMAC_SHA1_80\"]}");

	assert_int_equal(r->sdes_only, 1u << SUITE_NONE);
	r = read_it(state, "{\"SDES\":[\"only-AES_CM_128_HMAC_SHA1_80\"]}");
	assert_int_equal(r->sdes_only, 1u << SUITE_AES_CM_128_HMAC_SHA1_80);
}

static void webrtc_stands_for_what_browsers_need_where_nothing_else_is_said(void **state)
{
	struct ng_request *r = read_it(state, "{\"flags\":[\"WebRTC\"]}");

	assert_text(r->transport_protocol, "UDP/TLS/RTP/SAVPF");
	assert_int_equal(r->ice, NG_ICE_FORCE);
	assert_true(r->trickle_ice && r->mux_offer && r->mux_require && r->no_rtcp_attribute);
	assert_true(r->sdes_off && r->generate_mid);
	r = read_it(state, "{\"ICE\":\"optional\",\"flags\":[\"WebRTC\"]}");
	assert_int_equal(r->ice, NG_ICE_OPTIONAL);
}

static void the_signed_fingerprints_are_read_in_both_forms(void **state)
{
	struct ng_request *r = read_it(state, "{\"media identity\":[\"sha256 4AAD\",{\"alg\":"
					      "\"sha-512\",\"dig\":\"00FF\"}]}");

	assert_true(r->identity_given);
	assert_int_equal(r->n_identity, 2);
	assert_text(r->identity_alg[0], "sha256");
	assert_text(r->identity_dig[0], "4AAD");
	assert_text(r->identity_alg[1], "sha-512");
	assert_text(r->identity_dig[1], "00FF");
	r = read_it(state, "{\"media-identity\":\"sha256 4AAD\"}");
	assert_int_equal(r->n_identity, 1);
	assert_false(r->identity_bad);
	r = read_it(state, "{\"media-identity\":[]}");
	assert_true(r->identity_given && r->n_identity == 0 && r->n_warnings == 0);
	assert_false(r->identity_bad);
	r = read_it(state, "{\"media-identity\":[\"sha256 4AAD\",{\"alg\":\"sha256\"}]}");
	assert_true(r->identity_bad);
	r = read_it(state, "{\"media-identity\":[\"sha256\"]}");
	assert_true(r->identity_bad);
	r = read_it(state, "{\"media-identity\":{\"alg\":\"sha256\",\"dig\":\"00\"}}");
	assert_true(r->identity_bad);
	r = read_it(state, "{}");
	assert_false(r->identity_given);
}

static void what_is_unknown_or_of_the_wrong_type_is_a_bounded_warning(void **state)
{
	struct ng_request *r = read_it(
		state, "{\"flags\":[\"trust-address\",\"no-such-flag\",[],5],\"TOS\":256,"
		       "\"ICE\":\"sideways\",\"delete-delay\":-1,\"sdp\":{},\"codec\":{\"mask\":"
		       "[\"PCMA\"]}}");

	assert_true(r->trust_address);
	assert_int_equal(r->tos, -1);
	assert_int_equal(r->delete_delay, -1);
	assert_int_equal(r->ice, NG_ICE_ASIS);
	assert_int_equal(r->sdp.n, 0);
	assert_int_equal(r->n_warnings, NG_WARNINGS_MAX);
	assert_string_equal(r->warnings[0], "flags=no-such-flag");
	r = read_it(state, "{\"a-flag-with-a-name-that-is-longer-than-any-warning-may-be-as-it-is-"
			   "put-into-one-line-of-the-log\":\"and-a-value-that-is-as-long-as-its-"
			   "name-is\"}");
	assert_int_equal(r->n_warnings, 1);
	assert_in_range(strlen(r->warnings[0]), 1, sizeof(r->warnings[0]) - 1);
	r = read_it(state, "[]");
	assert_int_equal(r->n_warnings, 0);
}

static void more_codecs_than_fit_are_a_warning(void **state)
{
	char json[1024] = "{\"flags\":[\"codec-strip-a\"";
	struct ng_request *r;

	for (size_t i = 0; i < NG_STRIPPED_MAX; i++) {
		size_t n = strlen(json);

		memcpy(json + n, ",\"codec-strip-b\"", 17);
	}
	memcpy(json + strlen(json), "]}", 3);
	r = read_it(state, json);
	assert_int_equal(r->n_strip, NG_STRIPPED_MAX);
	assert_int_equal(r->n_warnings, 1);
}

static void a_label_of_a_metric_is_one_of_the_protocols_words(void **state)
{
	struct ng_tree *tree = ng_tree_new();
	struct ng_value *dict = ng_dict(tree);

	(void)state;
	assert_string_equal(ng_command_label(dict), "other");
	assert_string_equal(ng_command_label(NULL), "other");
	ng_put_string(dict, "command", "play DTMF");
	assert_string_equal(ng_command_label(dict), "play DTMF");
	ng_tree_free(tree);
	tree = ng_tree_new();
	dict = ng_dict(tree);
	ng_put_string(dict, "command", "no such");
	assert_string_equal(ng_command_label(dict), "other");
	ng_tree_free(tree);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, NULL, drop_tree)

static void parties_to_be_heard_are_named_in_a_list_or_by_flags_in_their_order(void **state)
{
	static const char *const spellings[] = {
		"{\"from-tags\":[\"b\",\"a\"],\"flags\":[\"SIPREC\"]}",
		"{\"from-tag\":[\"b\",\"a\"],\"flags\":\"siprec\"}",
		"{\"flags\":[\"from-tags-b\",\"from-tags-a\",\"siprec\"]}",
		"{\"rtpp-flags\":\"SIPREC from-tags=[b a]\"}",
	};

	for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++) {
		struct ng_request *r = read_it(state, spellings[i]);

		assert_int_equal(r->n_warnings, 0);
		assert_int_equal(r->n_from_tags, 2);
		assert_text(r->from_tags[0], "b");
		assert_text(r->from_tags[1], "a");
		assert_int_equal(r->from_tag.n, 0);
		assert_true(r->siprec);
	}
}

static void more_tags_than_a_call_has_parties_are_warned_of(void **state)
{
	char json[400];
	size_t n = (size_t)snprintf(json, sizeof(json), "{\"from-tags\":[\"t\"");
	struct ng_request *r;

	for (size_t i = 0; i < NG_TAGS_MAX; i++)
		n += (size_t)snprintf(json + n, sizeof(json) - n, ",\"t\"");
	snprintf(json + n, sizeof(json) - n, "]}");
	r = read_it(state, json);
	assert_int_equal(r->n_from_tags, NG_TAGS_MAX);
	assert_int_equal(r->n_warnings, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(parties_to_be_heard_are_named_in_a_list_or_by_flags_in_their_order),
		TEST(more_tags_than_a_call_has_parties_are_warned_of),
		TEST(what_kamailio_sends_for_an_offer_is_read_without_a_warning),
		TEST(flags_may_be_a_list_and_a_string_at_once),
		TEST(the_same_is_said_by_list_by_key_by_word_and_by_rtpp_flags),
		TEST(only_a_suite_that_is_not_ours_leaves_none),
		TEST(webrtc_stands_for_what_browsers_need_where_nothing_else_is_said),
		TEST(the_signed_fingerprints_are_read_in_both_forms),
		TEST(what_is_unknown_or_of_the_wrong_type_is_a_bounded_warning),
		TEST(more_codecs_than_fit_are_a_warning),
		TEST(a_label_of_a_metric_is_one_of_the_protocols_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
