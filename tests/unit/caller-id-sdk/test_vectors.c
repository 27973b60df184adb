/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PASSporTs that others published, with the results that their checkers computed. They are not part
 * of this repository: without them (ATTESTEL_VECTORS, else ../shared/vectors) the tests are
 * skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include <callerid/tnauthlist.h>

#include "b64url.h"
#include "claims.h"
#include "ppt.h"

#define FILE_MAX 32768

static const char *folder(void)
{
	const char *path = getenv("ATTESTEL_VECTORS");

	return path != NULL && path[0] != '\0' ? path : "../shared/vectors";
}

static FILE *open_vector(const char *name)
{
	char path[1024];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder(), name);
	file = fopen(path, "rb");
	if (file == NULL)
		print_message("skipped: %s is not there (set ATTESTEL_VECTORS)\n", path);
	return file;
}

/* Skips the test that called it when the file is absent. */
static struct callerid_span load(const char *name, char text[FILE_MAX])
{
	FILE *file = open_vector(name);
	size_t n;

	if (file == NULL)
		skip();
	n = fread(text, 1, FILE_MAX - 1, file);
	fclose(file);
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
		n--;
	text[n] = '\0';
	return (struct callerid_span){text, n};
}

static EVP_PKEY *load_key(const char *name)
{
	FILE *file = open_vector(name);
	EVP_PKEY *key;

	if (file == NULL)
		skip();
	key = PEM_read_PUBKEY(file, NULL, NULL, NULL);
	if (key == NULL) {
		rewind(file);
		key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	}
	fclose(file);
	assert_non_null(key);
	return key;
}

static struct cid_jws split(struct callerid_span token)
{
	struct cid_jws jws;

	assert_int_equal(cid_jws_split(token, &jws, NULL), CALLERID_OK);
	return jws;
}

static bool verifies(const struct cid_jws *jws, const char *key_name)
{
	EVP_PKEY *key = load_key(key_name);
	uint8_t raw[CID_ES256_LEN];
	bool good = cid_jws_signature(jws, raw) &&
		    cid_es256_verify(key, jws->signing_input.p, jws->signing_input.n, raw);

	EVP_PKEY_free(key);
	return good;
}

static enum callerid_reason header_of(const struct cid_jws *jws, struct cid_token *token)
{
	char why[CALLERID_WHY_MAX + 1];

	return cid_token_parse(jws, token, why, sizeof(why));
}

static enum callerid_reason claims_of(const struct cid_jws *jws, const char *ppt,
				      struct callerid_claims *claims)
{
	char why[CALLERID_WHY_MAX + 1];

	return cid_claims_parse(jws, ppt, claims, why, sizeof(why));
}

static void test_rfc7515_A3_signature_verifies_and_its_header_is_no_passport(void **state)
{
	char text[FILE_MAX];
	struct cid_jws jws = split(load("rfc7515/A3.token", text));
	struct cid_token token;

	(void)state;
	assert_true(verifies(&jws, "rfc7515/A3-pub.pem"));
	assert_int_equal(header_of(&jws, &token), CALLERID_REASON_BAD_PASSPORT);
}

static void test_rfc8225_A_is_written_byte_for_byte_and_verifies_with_neither_key(void **state)
{
	char text[FILE_MAX], ours[CALLERID_TOKEN_MAX];
	struct cid_jws jws = split(load("rfc8225/appA.token", text));
	struct callerid_claims claims;
	struct cid_token token;
	struct cid_writer w;

	(void)state;
	assert_false(verifies(&jws, "rfc8225/appA-pub.pem"));
	assert_false(verifies(&jws, "rfc8225/appA-priv.pem"));
	assert_int_equal(header_of(&jws, &token), CALLERID_REASON_OK);
	assert_string_equal(token.x5u, "https://cert.example.org/passport.cer");
	assert_int_equal(claims_of(&jws, "", &claims), CALLERID_REASON_OK);
	assert_int_equal(claims.iat, 1471375418);
	assert_string_equal(claims.orig.text, "12155551212");
	assert_string_equal(claims.dest[0].text, "sip:alice@example.com");
	cid_writer_init(&w, ours, sizeof(ours));
	assert_int_equal(cid_claims_signing_input(&w, &claims, token.x5u, NULL), CALLERID_OK);
	assert_int_equal(w.len, jws.signing_input.n);
	assert_memory_equal(ours, jws.signing_input.p, w.len);
}

static void test_PP13_rfc8225_5_2_2_mky_payload_is_what_its_sdp_makes(void **state)
{
	char text[FILE_MAX], token[FILE_MAX] = "e30.";
	struct callerid_span payload = load("rfc8225/sec5.2.2-mky.payload", text);
	char sdp_text[FILE_MAX], ours[4096], *mky = NULL;
	struct callerid_span sdp;
	struct callerid_claims claims;
	struct cid_writer w;
	struct cid_jws jws;
	size_t n = 4 + cid_b64url_encode(payload.p, payload.n, token + 4);

	(void)state;
	memcpy(token + n, ".AA", 3);
	jws = split((struct callerid_span){token, n + 3});
	assert_int_equal(claims_of(&jws, "", &claims), CALLERID_REASON_OK);
	assert_int_equal(claims.iat, 1443208345);
	sdp = load("rfc8225/sec5.2.2-mky.sdp", sdp_text);
	assert_int_equal(callerid_mky_from_sdp(sdp.p, sdp.n, &mky, NULL), CALLERID_OK);
	assert_string_equal(claims.mky, mky);
	free(mky);
	cid_writer_init(&w, ours, sizeof(ours));
	assert_int_equal(cid_ppt_base.build(&w, &claims, NULL), CALLERID_OK);
	assert_int_equal(w.len, payload.n);
	assert_memory_equal(ours, payload.p, w.len);
	cid_claims_clear(&claims);
}

static void test_rfc8224_4_1_1_signature_verifies_and_iat_as_a_string_is_refused(void **state)
{
	char text[FILE_MAX];
	struct callerid_span value = load("rfc8224/identity-0.txt", text);
	struct callerid_identity id;
	struct callerid_claims claims;
	struct cid_token token;
	struct cid_jws jws;

	(void)state;
	assert_int_equal(callerid_identity_parse(value.p, value.n, &id, NULL), CALLERID_OK);
	assert_false(id.compact);
	jws = split(id.token);
	assert_true(verifies(&jws, "draft-passport-08/A2-pub.pem"));
	assert_int_equal(header_of(&jws, &token), CALLERID_REASON_OK);
	/* and its info is not its x5u */
	assert_int_not_equal(id.info.n, strlen(token.x5u));
	assert_int_equal(claims_of(&jws, "", &claims), CALLERID_REASON_BAD_CLAIMS);
}

static void test_rfc8224_compact_forms_are_recognised(void **state)
{
	static const char *const names[] = {"rfc8224/identity-1.txt", "rfc8224/identity-2.txt"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char text[FILE_MAX];
		struct callerid_span value = load(names[i], text);
		struct callerid_identity id;
		struct cid_token token;
		struct cid_jws jws;
		uint8_t raw[CID_ES256_LEN];

		assert_int_equal(callerid_identity_parse(value.p, value.n, &id, NULL), CALLERID_OK);
		assert_true(id.compact);
		jws = split(id.token);
		assert_true(cid_jws_signature(&jws, raw));
		assert_int_equal(header_of(&jws, &token), CALLERID_REASON_COMPACT_FORM);
	}
}

static void test_draft_passport_08_signature_verifies_and_iat_as_a_string_is_refused(void **state)
{
	char text[FILE_MAX];
	struct cid_jws jws = split(load("draft-passport-08/appA.token", text));
	struct callerid_claims claims;

	(void)state;
	assert_true(verifies(&jws, "draft-passport-08/A2-pub.pem"));
	assert_true(verifies(&jws, "draft-passport-08/A1-priv.pem"));
	assert_int_equal(claims_of(&jws, "", &claims), CALLERID_REASON_BAD_CLAIMS);
}

static void test_rfc8946_all_four_signatures_verify(void **state)
{
	static const struct {
		const char *name;
		const char *ppt;
		enum callerid_reason base; /* what the base claims say */
	} rows[] = {
		{"rfc8946/div-sec3.token", "div", CALLERID_REASON_OK},
		{"rfc8946/div-sec4.1.token", "div", CALLERID_REASON_OK},
		{"rfc8946/divo-inner-opt-sec5.token", "", CALLERID_REASON_OK},
		/* dest.tn is a string, not an array */
		{"rfc8946/divo-sec5.token", "div-o", CALLERID_REASON_BAD_CLAIMS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[FILE_MAX];
		struct cid_jws jws = split(load(rows[i].name, text));
		struct callerid_claims claims;
		struct cid_token token;

		assert_true(verifies(&jws, "rfc8946/appA-pub.pem"));
		assert_true(verifies(&jws, "rfc8946/appA-priv.pem"));
		assert_int_equal(header_of(&jws, &token), CALLERID_REASON_OK);
		assert_string_equal(token.ppt, rows[i].ppt);
		assert_int_equal(claims_of(&jws, "", &claims), rows[i].base);
	}
}

static void test_rfc8816_9_iat_as_a_string_is_refused(void **state)
{
	char text[FILE_MAX];
	struct cid_jws jws = split(load("rfc8816/passport.token", text));
	struct callerid_claims claims;
	struct cid_token token;

	(void)state;
	assert_int_equal(header_of(&jws, &token), CALLERID_REASON_OK);
	assert_int_equal(claims_of(&jws, "", &claims), CALLERID_REASON_BAD_CLAIMS);
}

static void test_AS16_rfc8443_4_1_header_is_split_and_its_payload_is_not_json(void **state)
{
	char text[FILE_MAX];
	struct callerid_span value = load("rfc8443/rph-identity.txt", text);
	struct callerid_identity id;
	struct callerid_claims claims;
	struct cid_token token;
	struct cid_jws jws;

	(void)state;
	assert_int_equal(callerid_identity_parse(value.p, value.n, &id, NULL), CALLERID_OK);
	assert_int_equal(id.ppt.n, 3);
	assert_memory_equal(id.ppt.p, "rph", 3);
	jws = split(id.token);
	assert_int_equal(header_of(&jws, &token), CALLERID_REASON_OK);
	assert_string_equal(token.ppt, "rph");
	assert_int_equal(claims_of(&jws, "rph", &claims), CALLERID_REASON_BAD_PASSPORT);
}

static void test_rfc8588_6_payload_as_printed_is_refused(void **state)
{
	char text[FILE_MAX], token[FILE_MAX] = "e30.";
	struct callerid_span page = load("rfc8588/sec6-example-as-printed.txt", text);
	const char *from = strchr(strstr(page.p, "Payload"), '{'), *to = strrchr(page.p, '}');
	struct callerid_claims claims;
	struct cid_jws jws;
	size_t n = 4 + cid_b64url_encode(from, (size_t)(to - from) + 1, token + 4);

	(void)state;
	memcpy(token + n, ".AA", 3);
	jws = split((struct callerid_span){token, n + 3});
	assert_int_equal(claims_of(&jws, "shaken", &claims), CALLERID_REASON_BAD_PASSPORT);
}

static void test_rfc8688_4_1_signature_and_claims_are_refused(void **state)
{
	char text[FILE_MAX];
	struct callerid_span value = load("rfc8688/identity.txt", text);
	struct callerid_identity id;
	struct callerid_claims claims;
	struct cid_token token;
	struct cid_jws jws;

	(void)state;
	assert_int_equal(callerid_identity_parse(value.p, value.n, &id, NULL), CALLERID_OK);
	assert_null(id.ppt.p); /* though the token has one */
	jws = split(id.token);
	assert_false(verifies(&jws, "rfc8688/pub.pem"));
	assert_int_equal(header_of(&jws, &token), CALLERID_REASON_OK);
	assert_string_equal(token.ppt, "shaken");
	assert_int_equal(claims_of(&jws, token.ppt, &claims), CALLERID_REASON_BAD_CLAIMS);
}

static void test_rfc8688_jcard_is_no_passport(void **state)
{
	char text[FILE_MAX];
	struct cid_jws jws = split(load("rfc8688/jcard.jws", text));
	struct cid_token token;

	(void)state;
	assert_int_equal(header_of(&jws, &token), CALLERID_REASON_BAD_ALG);
	assert_string_equal(token.typ, "vcard+json");
}

/* Third column of the index: a TNAuthList in hex, "-" for none. Only RFC 8226 §9 is judged here. */
static void test_CE3_the_tnauthlists_of_published_certificates(void **state)
{
	char text[FILE_MAX], *line, *rest = text;
	unsigned good = 0, refused = 0;

	(void)state;
	load("zlint-shaken/INDEX.tsv", text);
	for (strsep(&rest, "\n"); (line = strsep(&rest, "\n")) != NULL;) {
		struct callerid_tnauthlist *list = NULL;
		const char *hex = strrchr(line, '\t');
		uint8_t der[256];
		size_t n = 0;

		if (hex == NULL || hex[1] == '-')
			continue;
		for (hex++; n < sizeof(der) && sscanf(hex, "%2hhx", &der[n]) == 1; hex += 2)
			n++;
		if (callerid_tnauthlist_parse(der, n, &list, NULL) == CALLERID_OK)
			good++;
		else
			refused++;
		callerid_tnauthlist_free(list);
	}
	/* Refused: an empty SEQUENCE, an empty number, and two that have no bytes at all. */
	assert_int_equal(good, 33);
	assert_int_equal(refused, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc7515_A3_signature_verifies_and_its_header_is_no_passport),
		cmocka_unit_test(
			test_rfc8225_A_is_written_byte_for_byte_and_verifies_with_neither_key),
		cmocka_unit_test(test_PP13_rfc8225_5_2_2_mky_payload_is_what_its_sdp_makes),
		cmocka_unit_test(
			test_rfc8224_4_1_1_signature_verifies_and_iat_as_a_string_is_refused),
		cmocka_unit_test(test_rfc8224_compact_forms_are_recognised),
		cmocka_unit_test(
			test_draft_passport_08_signature_verifies_and_iat_as_a_string_is_refused),
		cmocka_unit_test(test_rfc8946_all_four_signatures_verify),
		cmocka_unit_test(test_rfc8816_9_iat_as_a_string_is_refused),
		cmocka_unit_test(test_AS16_rfc8443_4_1_header_is_split_and_its_payload_is_not_json),
		cmocka_unit_test(test_rfc8588_6_payload_as_printed_is_refused),
		cmocka_unit_test(test_rfc8688_4_1_signature_and_claims_are_refused),
		cmocka_unit_test(test_rfc8688_jcard_is_no_passport),
		cmocka_unit_test(test_CE3_the_tnauthlists_of_published_certificates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
