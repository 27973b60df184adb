/* SPDX-License-Identifier: Apache-2.0 */
/* The base PASSporT type: nothing of its own, read or written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "json.h"
#include "ppt.h"

static void test_a_base_passport_has_no_claims_of_its_own(void **state)
{
	static const struct callerid_claims zero;
	struct callerid_claims claims = zero;
	json_t *payload = cid_json_load("{\"attest\":\"A\"}", 14, NULL);
	char why[8] = "";

	(void)state;
	assert_int_equal(cid_ppt_base.parse(payload, &claims, why, sizeof(why)),
			 CALLERID_REASON_OK);
	assert_memory_equal(&claims, &zero, sizeof(zero));
	assert_string_equal(why, "");
	json_decref(payload);
}

static void test_rfc8225_9_the_base_payload_is_dest_iat_orig(void **state)
{
	static const char want[] = "{\"dest\":{\"uri\":[\"sip:alice@example.com\"]},"
				   "\"iat\":1471375418,\"orig\":{\"tn\":\"12155551212\"}}";
	struct callerid_claims claims = {.iat = 1471375418,
					 .orig = {CALLERID_PARTY_TN, "12155551212"},
					 .dest = {{CALLERID_PARTY_URI, "sip:alice@example.com"}},
					 .n_dest = 1};
	char text[256];
	struct cid_writer w;

	(void)state;
	cid_writer_init(&w, text, sizeof(text));
	assert_int_equal(cid_ppt_base.build(&w, &claims, NULL), CALLERID_OK);
	assert_int_equal(w.len, sizeof(want) - 1);
	assert_memory_equal(text, want, w.len);
	claims.n_dest = 0;
	assert_int_equal(cid_ppt_base.build(&w, &claims, NULL), CALLERID_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_base_passport_has_no_claims_of_its_own),
		cmocka_unit_test(test_rfc8225_9_the_base_payload_is_dest_iat_orig),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
