/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 8946: div, hi and opt, read and written. */
#include "tests/kit/forward.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "b64url.h"
#include "claims.h"
#include "json.h"
#include "ppt.h"

#define TEST(name) static void name(void **state)

#define INNER "e30.e30.AAAA"

static enum callerid_reason parse(const struct cid_ppt *type, const char *members,
				  struct callerid_claims *claims)
{
	char text[512], why[64] = "";
	enum callerid_reason reason;
	json_t *payload;

	snprintf(text, sizeof(text), "{\"x\":0%s}", members);
	payload = cid_json_load(text, strlen(text), NULL);
	assert_non_null(payload);
	memset(claims, 0, sizeof(*claims));
	reason = type->parse(payload, claims, why, sizeof(why));
	assert_int_equal(reason == CALLERID_REASON_OK, why[0] == '\0');
	json_decref(payload);
	return reason;
}

TEST(dv2_the_table_has_div_and_div_o)
{
	(void)state;
	assert_ptr_equal(cid_ppt_find("div", 3), &cid_ppt_div);
	assert_ptr_equal(cid_ppt_find("div-o", 5), &cid_ppt_div_o);
	assert_null(cid_ppt_find("div-", 4));
	assert_false(cid_ppt_div.says_verstat || cid_ppt_div_o.says_verstat);
	assert_false(cid_ppt_div.compact_allowed || cid_ppt_div_o.compact_allowed);
	assert_true(cid_ppt_div.diverts && cid_ppt_div_o.diverts);
}

TEST(dv1_div_is_one_identity_and_perhaps_its_index)
{
	static const struct {
		const char *members;
		bool good;
	} rows[] = {
		{",\"div\":{\"tn\":\"12155551213\"}", true},
		{",\"div\":{\"uri\":\"sip:a@example.com\"}", true},
		{",\"div\":{\"hi\":\"1.2.3\",\"tn\":\"1\"}", true},
		{",\"div\":{\"tn\":\"1\"},\"extra\":[1]", true},
		{"", false},
		{",\"div\":\"1\"", false},
		{",\"div\":null", false},
		{",\"div\":[{\"tn\":\"1\"}]", false},
		{",\"div\":{}", false},
		{",\"div\":{\"hi\":\"1\"}", false},
		{",\"div\":{\"tn\":[\"1\"]}", false},
		{",\"div\":{\"tn\":\"+1\"}", false},
		{",\"div\":{\"tn\":1}", false},
		{",\"div\":{\"uri\":\"a\"}", false},
		{",\"div\":{\"tn\":\"1\",\"uri\":\"sip:a@b\"}", false},
		{",\"div\":{\"tn\":\"1\",\"x\":\"1\"}", true}, /* §3: "other name/value pairs" */
		{",\"div\":{\"tn\":\"1\"},\"opt\":\"" INNER "\"", false}, /* §3: "MUST NOT" */
		{",\"div\":{\"tn\":\"1\",\"hi\":1}", false},
		{",\"div\":{\"tn\":\"1\",\"hi\":\"\"}", false},
		{",\"div\":{\"tn\":\"1\",\"hi\":\"1;2\"}", false},
	};
	struct callerid_claims claims;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(parse(&cid_ppt_div, rows[i].members, &claims),
				 rows[i].good ? CALLERID_REASON_OK : CALLERID_REASON_BAD_CLAIMS);
	assert_int_equal(parse(&cid_ppt_div, rows[2].members, &claims), CALLERID_REASON_OK);
	assert_string_equal(claims.hi, "1.2.3");
	assert_string_equal(claims.div.text, "1");
}

TEST(dv7_opt_is_a_whole_token)
{
	static const struct {
		const char *members;
		bool good;
	} rows[] = {
		{",\"div\":{\"tn\":\"1\"},\"opt\":\"" INNER "\"", true},
		{",\"div\":{\"tn\":\"1\"}", false},
		{",\"opt\":\"" INNER "\"", false},
		{",\"div\":{\"tn\":\"1\"},\"opt\":\"\"", false},
		{",\"div\":{\"tn\":\"1\"},\"opt\":\"..AAAA\"", false}, /* compact */
		{",\"div\":{\"tn\":\"1\"},\"opt\":\"e30.e30\"", false},
		{",\"div\":{\"tn\":\"1\"},\"opt\":\"e30.e30.AA=A\"", false},
		{",\"div\":{\"tn\":\"1\"},\"opt\":{}", false},
	};
	struct callerid_claims claims;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parse(&cid_ppt_div_o, rows[i].members, &claims),
				 rows[i].good ? CALLERID_REASON_OK : CALLERID_REASON_BAD_CLAIMS);
		if (rows[i].good)
			assert_string_equal(claims.opt, INNER);
		cid_claims_clear(&claims);
	}
}

/* What we sign, decoded; the caller's. */
static char *payload_of(const char *identity)
{
	const char *from = strchr(identity, '.') + 1;
	size_t n = 0, len = (size_t)(strchr(from, '.') - from);
	char *text = calloc(1, len + 1);

	assert_true(cid_b64url_decode(from, len, (uint8_t *)text, len, &n));
	return text;
}

static struct callerid_claims forward(const char *ppt)
{
	struct callerid_claims claims = kit_claims();

	memcpy(claims.ppt, ppt, strlen(ppt) + 1);
	claims.dest[0] = kit_party("+12155551214");
	claims.div = kit_party("+12155559000");
	return claims;
}

static void expect_signed(const struct callerid_claims *claims, const char *payload)
{
	struct kit_world world = kit_world();
	struct callerid_signer *signer = kit_signer(&world.leaf, false);
	char *identity = NULL, *text;

	assert_int_equal(callerid_signer_sign(signer, claims, &identity, NULL), CALLERID_OK);
	text = payload_of(identity);
	assert_string_equal(text, payload);
	assert_non_null(strstr(identity, ";alg=ES256;ppt="));
	assert_string_equal(strrchr(identity, '=') + 1, claims->ppt);
	free(text);
	free(identity);
	callerid_signer_free(signer);
	kit_world_free(&world);
}

TEST(dv1_we_sign_dest_div_iat_orig_and_copy_nothing_else)
{
	struct callerid_claims claims = forward("div");

	(void)state;
	assert_int_equal(claims.attest, CALLERID_ATTEST_A); /* of the original: not copied */
	expect_signed(&claims,
		      "{\"dest\":{\"tn\":[\"12155551214\"]},\"div\":{\"tn\":"
		      "\"12155559000\"},\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM "\"}}");
}

TEST(dv1_the_history_info_index_is_written_when_there_is_one)
{
	struct callerid_claims claims = forward("div");

	(void)state;
	memcpy(claims.hi, "1.1", 4);
	expect_signed(&claims,
		      "{\"dest\":{\"tn\":[\"12155551214\"]},\"div\":{\"hi\":\"1.1\","
		      "\"tn\":\"12155559000\"},\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM
		      "\"}}");
}

TEST(dv7_div_o_has_the_inner_token_between_iat_and_orig)
{
	struct callerid_claims claims = forward("div-o");

	(void)state;
	claims.opt = INNER;
	expect_signed(&claims, "{\"dest\":{\"tn\":[\"12155551214\"]},\"div\":{\"tn\":"
			       "\"12155559000\"},\"iat\":1800000000,\"opt\":\"" INNER
			       "\",\"orig\":{\"tn\":\"" KIT_FROM "\"}}");
}

static enum callerid_status try_sign(const struct callerid_signer *signer,
				     const struct callerid_claims *claims)
{
	char *identity = NULL;
	enum callerid_status status = callerid_signer_sign(signer, claims, &identity, NULL);

	free(identity);
	return status;
}

TEST(as18_dv5_the_signer_needs_authority_over_div_and_none_over_orig)
{
	struct kit_world world = kit_world();
	struct callerid_signer *signer = kit_signer(&world.leaf, false);
	struct callerid_claims claims = forward("div");

	(void)state;
	claims.orig = kit_party("+33123456789"); /* whoever called */
	assert_int_equal(try_sign(signer, &claims), CALLERID_OK);
	claims.div = kit_party("+33123456789");
	claims.orig = kit_party("+" KIT_FROM);
	assert_int_equal(try_sign(signer, &claims), CALLERID_EPERM);
	claims.div = kit_party("sip:a@example.com");
	assert_int_equal(try_sign(signer, &claims), CALLERID_EPERM);
	callerid_signer_free(signer);
	kit_world_free(&world);
}

/* "If the canonical form of the "dest" identifier is not changed ..., then a new PASSporT with a
 * "div" claim MUST NOT be produced." */
TEST(rfc8946_3_a_call_that_goes_where_it_went_is_not_diverted)
{
	struct kit_world world = kit_world();
	struct callerid_signer *signer = kit_signer(&world.leaf, false);
	struct callerid_claims claims = forward("div");

	(void)state;
	claims.dest[0] = claims.div;
	assert_int_equal(try_sign(signer, &claims), CALLERID_EINVAL);
	claims = forward("div-o");
	claims.opt = INNER;
	assert_int_equal(try_sign(signer, &claims), CALLERID_OK);
	claims.dest[1] = claims.div;
	claims.n_dest = 2;
	assert_int_equal(try_sign(signer, &claims), CALLERID_EINVAL);
	callerid_signer_free(signer);
	kit_world_free(&world);
}

TEST(dv1_what_div_needs_and_is_not_there_is_refused)
{
	struct kit_world world = kit_world();
	struct callerid_signer *signer = kit_signer(&world.leaf, false);
	struct callerid_claims claims = forward("div");
	char *huge = malloc(CALLERID_TOKEN_MAX + 1);

	(void)state;
	memset(huge, 'A', CALLERID_TOKEN_MAX);
	memcpy(huge, "e30.e30.", 8);
	huge[CALLERID_TOKEN_MAX] = '\0';
	claims.div.kind = CALLERID_PARTY_NONE;
	assert_int_equal(try_sign(signer, &claims), CALLERID_EINVAL);
	claims = forward("div");
	memcpy(claims.div.text, "+1", 3);
	assert_int_equal(try_sign(signer, &claims), CALLERID_EINVAL);
	claims = forward("div");
	memcpy(claims.hi, "x", 2);
	assert_int_equal(try_sign(signer, &claims), CALLERID_EINVAL);
	claims = forward("div");
	claims.n_dest = 0;
	assert_int_equal(try_sign(signer, &claims), CALLERID_EINVAL);
	claims = forward("div-o");
	assert_int_equal(try_sign(signer, &claims), CALLERID_EINVAL);
	claims.opt = "..AAAA";
	assert_int_equal(try_sign(signer, &claims), CALLERID_EINVAL);
	claims.opt = huge;
	assert_int_equal(try_sign(signer, &claims), CALLERID_ELIMIT);
	callerid_signer_free(signer);
	kit_world_free(&world);
	free(huge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dv2_the_table_has_div_and_div_o),
		cmocka_unit_test(dv1_div_is_one_identity_and_perhaps_its_index),
		cmocka_unit_test(dv7_opt_is_a_whole_token),
		cmocka_unit_test(dv1_we_sign_dest_div_iat_orig_and_copy_nothing_else),
		cmocka_unit_test(dv1_the_history_info_index_is_written_when_there_is_one),
		cmocka_unit_test(dv7_div_o_has_the_inner_token_between_iat_and_orig),
		cmocka_unit_test(as18_dv5_the_signer_needs_authority_over_div_and_none_over_orig),
		cmocka_unit_test(rfc8946_3_a_call_that_goes_where_it_went_is_not_diverted),
		cmocka_unit_test(dv1_what_div_needs_and_is_not_there_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
