/* SPDX-License-Identifier: Apache-2.0 */
/* The "rph" PASSporT (RFC 8443, RFC 9027): read, written and signed. */
#include "tests/kit/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "b64url.h"
#include "claims.h"
#include "ppt.h"

#define NINE                                                                                       \
	",\"rph\":{\"auth\":[\"a.0\",\"a.1\",\"a.2\",\"a.3\",\"a.4\",\"a.5\",\"a.6\",\"a.7\","     \
	"\"a.8\"]}"
#define BASE "\"dest\":{\"tn\":[\"911\"]},\"iat\":1615471428,\"orig\":{\"tn\":\"12155551212\"}"

static enum callerid_reason read_payload(const char *payload, size_t n,
					 struct callerid_claims *claims)
{
	char token[8192] = "e30.", why[CALLERID_WHY_MAX + 1] = "";
	size_t at = 4 + cid_b64url_encode((const uint8_t *)payload, n, token + 4);
	enum callerid_reason reason;
	struct cid_jws jws;

	memcpy(token + at, ".AA", 3);
	assert_int_equal(cid_jws_split((struct callerid_span){token, at + 3}, &jws, NULL),
			 CALLERID_OK);
	reason = cid_claims_parse(&jws, "rph", claims, why, sizeof(why));
	assert_int_equal(reason == CALLERID_REASON_OK, why[0] == '\0');
	return reason;
}

static enum callerid_reason read_more(const char *more, struct callerid_claims *claims)
{
	char payload[2048];
	int n = snprintf(payload, sizeof(payload), "{" BASE "%s}", more);

	return read_payload(payload, (size_t)n, claims);
}

static void test_AS16_auth_is_an_array_of_values(void **state)
{
	static const char *const bad[] = {
		"",
		",\"rph\":null",
		",\"rph\":[\"ets.0\"]",
		",\"rph\":{}",
		",\"rph\":{\"auth\":\"ets.0\"}",
		",\"rph\":{\"auth\":[]}",
		",\"rph\":{\"auth\":[0]}",
		",\"rph\":{\"auth\":[\"ets\"]}",
		",\"rph\":{\"auth\":[\"ets.0\",\"\"]}",
		",\"rph\":{\"Auth\":[\"ets.0\"]}",
		NINE,
	};
	struct callerid_claims claims;

	(void)state;
	assert_int_equal(read_more(",\"rph\":{\"auth\":[\"ets.0\",\"wps.0\"]}", &claims),
			 CALLERID_REASON_OK);
	assert_int_equal(claims.n_rph, 2);
	assert_string_equal(claims.rph[0], "ets.0");
	assert_string_equal(claims.rph[1], "wps.0");
	assert_false(claims.psap_callback);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (read_more(bad[i], &claims) != CALLERID_REASON_BAD_CLAIMS)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(claims.n_rph, 0);
	}
}

static void test_AS17_sph_is_psap_callback_beside_esnet_only(void **state)
{
	static const char *const bad[] = {
		",\"rph\":{\"auth\":[\"ets.0\"]},\"sph\":\"psap-callback\"",
		",\"rph\":{\"auth\":[\"esnet2.0\"]},\"sph\":\"psap-callback\"",
		",\"rph\":{\"auth\":[\"esnet.0\"]},\"sph\":\"emergency\"",
		",\"rph\":{\"auth\":[\"esnet.0\"]},\"sph\":\"PSAP-callback\"",
		",\"rph\":{\"auth\":[\"esnet.0\"]},\"sph\":[\"psap-callback\"]",
		",\"rph\":{\"auth\":[\"esnet.0\"]},\"sph\":null",
	};
	struct callerid_claims claims;

	(void)state;
	assert_int_equal(read_more(",\"rph\":{\"auth\":[\"ets.0\",\"esnet.0\"]},"
				   "\"sph\":\"psap-callback\"",
				   &claims),
			 CALLERID_REASON_OK);
	assert_true(claims.psap_callback);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (read_more(bad[i], &claims) != CALLERID_REASON_BAD_CLAIMS)
			fail_msg("taken: %s", bad[i]);
	}
}

static struct callerid_claims emergency(const char *value)
{
	struct callerid_claims claims = {
		.ppt = "rph", .iat = KIT_NOW, .orig = {CALLERID_PARTY_TN, KIT_FROM}, .n_dest = 1};

	claims.dest[0] = (struct callerid_party){CALLERID_PARTY_URI, "urn:service:sos"};
	snprintf(claims.rph[0], sizeof(claims.rph[0]), "%s", value);
	claims.n_rph = 1;
	return claims;
}

static enum callerid_status sign_with(const struct kit_world *world, const char *namespaces,
				      const struct callerid_claims *claims, char **identity)
{
	char *key = kit_key_pem(world->leaf.key);
	struct callerid_signer_params params = {.key_pem = key,
						.key_len = strlen(key),
						.cert_pem = world->chain,
						.cert_len = strlen(world->chain),
						.x5u = KIT_URL,
						.namespaces = namespaces};
	struct callerid_signer *signer = NULL;
	enum callerid_status status;

	assert_int_equal(callerid_signer_new(&params, &signer, NULL), CALLERID_OK);
	status = callerid_signer_sign(signer, claims, identity, NULL);
	callerid_signer_free(signer);
	free(key);
	return status;
}

static void test_AS16_a_signer_signs_for_its_own_namespaces_only(void **state)
{
	struct kit_world world = kit_world();
	struct callerid_claims ets = emergency("ets.0"), es = emergency("esnet.1");
	char *identity = NULL, *want;

	(void)state;
	assert_int_equal(sign_with(&world, NULL, &es, &identity), CALLERID_EPERM);
	assert_int_equal(sign_with(&world, "", &es, &identity), CALLERID_EPERM);
	assert_int_equal(sign_with(&world, "ets wps", &es, &identity), CALLERID_EPERM);
	assert_null(identity);
	assert_int_equal(sign_with(&world, "wps  ets", &ets, &identity), CALLERID_OK);
	free(identity);
	assert_int_equal(sign_with(&world, "ESNET", &es, &identity), CALLERID_OK);
	want = kit_token(world.leaf.key,
			 "{\"alg\":\"ES256\",\"ppt\":\"rph\",\"typ\":\"passport\",\"x5u\":"
			 "\"" KIT_URL "\"}",
			 "{\"dest\":{\"uri\":[\"urn:service:sos\"]},\"iat\":1800000000,\"orig\":"
			 "{\"tn\":\"" KIT_FROM "\"},\"rph\":{\"auth\":[\"esnet.1\"]}}");
	assert_memory_equal(identity, want, (size_t)(strrchr(want, '.') - want));
	assert_non_null(strstr(identity, ";info=<" KIT_URL ">;alg=ES256;ppt=rph"));
	free(want);
	free(identity);
	kit_world_free(&world);
}

static void test_AS17_what_no_verifier_would_take_is_not_signed(void **state)
{
	struct callerid_claims claims = emergency("ets.0");
	char text[1024];
	struct cid_writer w;

	(void)state;
	cid_writer_init(&w, text, sizeof(text));
	claims.psap_callback = true;
	assert_int_equal(cid_ppt_rph.build(&w, &claims, NULL), CALLERID_EINVAL);
	claims = emergency("ets");
	assert_int_equal(cid_ppt_rph.build(&w, &claims, NULL), CALLERID_EINVAL);
	claims.n_rph = 0;
	assert_int_equal(cid_ppt_rph.build(&w, &claims, NULL), CALLERID_EINVAL);
	claims.n_rph = CALLERID_RPH_MAX + 1;
	assert_int_equal(cid_ppt_rph.build(&w, &claims, NULL), CALLERID_EINVAL);
	claims = emergency("ets.0");
	claims.mky = "[]";
	assert_int_equal(cid_ppt_rph.build(&w, &claims, NULL), CALLERID_EINVAL);
	assert_false(cid_ppt_rph.compact_allowed);
	assert_false(cid_ppt_rph.says_verstat);
}

/* Published; not part of this repository. */
static void test_AS17_the_payloads_of_rfc9027_are_read_and_written_again(void **state)
{
	const char *folder = getenv("ATTESTEL_VECTORS");
	char path[1024], line[4096], ours[4096];
	FILE *file;
	size_t n = 0;

	(void)state;
	snprintf(path, sizeof(path), "%s/rfc9027/examples.jsonl",
		 folder != NULL && folder[0] != '\0' ? folder : "../shared/vectors");
	file = fopen(path, "r");
	if (file == NULL) {
		print_message("skipped: %s is not there (set ATTESTEL_VECTORS)\n", path);
		skip();
	}
	for (; fgets(line, sizeof(line), file) != NULL; n++) {
		struct callerid_claims claims;
		struct cid_writer w;

		line[strcspn(line, "\r\n")] = '\0';
		assert_int_equal(read_payload(line, strlen(line), &claims), CALLERID_REASON_OK);
		assert_int_equal(claims.psap_callback, n == 2);
		cid_writer_init(&w, ours, sizeof(ours));
		assert_int_equal(cid_ppt_rph.build(&w, &claims, NULL), CALLERID_OK);
		assert_int_equal(w.len, strlen(line));
		assert_memory_equal(ours, line, w.len);
	}
	fclose(file);
	assert_int_equal(n, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_AS16_auth_is_an_array_of_values),
		cmocka_unit_test(test_AS17_sph_is_psap_callback_beside_esnet_only),
		cmocka_unit_test(test_AS16_a_signer_signs_for_its_own_namespaces_only),
		cmocka_unit_test(test_AS17_what_no_verifier_would_take_is_not_signed),
		cmocka_unit_test(test_AS17_the_payloads_of_rfc9027_are_read_and_written_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
