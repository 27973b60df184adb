/* SPDX-License-Identifier: Apache-2.0 */
/* The signed contact card of a 608 (RFC 8688): made, read, held against its certificate. */
#include "tests/kit/scene.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>

#include "b64url.h"
#include "jws.h"

#define TEST(name) static void name(void **state)
#define HEADER	   "{\"alg\":\"ES256\",\"typ\":\"vcard+json\",\"x5u\":\"" KIT_URL "\"}"
#define JCARD                                                                                      \
	"[\"vcard\",[[\"version\",{},\"text\",\"4.0\"],[\"fn\",{},\"text\",\"Call Centre\"],"      \
	"[\"email\",{\"type\":\"work\"},\"text\",\"help@example.net\"]]]"

static char *sign(struct scene *s, int64_t iat)
{
	struct callerid_signer *signer = kit_signer(&s->world.leaf, false);
	char *jws = NULL;

	assert_int_equal(callerid_jwscard_sign(signer, JCARD, strlen(JCARD), iat, &jws, NULL),
			 CALLERID_OK);
	callerid_signer_free(signer);
	return jws;
}

static enum callerid_reason verify(struct scene *s, const char *jws, const char *chain, int64_t now)
{
	struct callerid_jwscard_proof proof = {
		.body = chain, .len = chain == NULL ? 0 : strlen(chain), .now = now};
	char why[CALLERID_WHY_MAX + 1];
	enum callerid_reason reason =
		callerid_jwscard_verify(s->ctx, jws, strlen(jws), &proof, why);

	assert_int_equal(why[0] == '\0', reason == CALLERID_REASON_OK);
	assert_int_equal(callerid_jwscard_verify(s->ctx, jws, strlen(jws), &proof, NULL), reason);
	return reason;
}

TEST(VS17_608_card_is_written_byte_for_byte_and_verifies)
{
	struct scene *s = *state;
	char *jws = sign(s, KIT_NOW), *want = kit_token(s->world.leaf.key, HEADER,
							"{\"iat\":1800000000,\"jcard\":" JCARD "}");
	size_t n = (size_t)(strrchr(want, '.') - want);

	assert_memory_equal(jws, want, n + 1);
	assert_int_equal(strlen(jws), n + 1 + 86);
	assert_int_equal(verify(s, jws, s->world.chain, KIT_NOW), CALLERID_REASON_OK);
	assert_int_equal(verify(s, jws, s->world.chain, KIT_NOW + 60), CALLERID_REASON_OK);
	free(jws);
	free(want);
}

TEST(VS17_608_every_card_is_a_new_one)
{
	struct scene *s = *state;
	char *a = sign(s, KIT_NOW), *b = sign(s, KIT_NOW + 1);

	assert_string_not_equal(a, b);
	free(a);
	free(b);
}

TEST(VS17_608_card_of_another_time_key_or_anchor_is_refused)
{
	struct scene *s = *state;
	char *jws = sign(s, KIT_NOW), *other;
	struct kit_world stranger = kit_world();

	assert_int_equal(verify(s, jws, s->world.chain, KIT_NOW + 61), CALLERID_REASON_IAT_STALE);
	assert_int_equal(verify(s, jws, s->world.chain, KIT_NOW - 61), CALLERID_REASON_IAT_FUTURE);
	assert_int_equal(verify(s, jws, s->world.chain, INT64_MIN), CALLERID_REASON_IAT_FUTURE);
	assert_int_equal(verify(s, jws, stranger.chain, KIT_NOW), CALLERID_REASON_CERT_UNTRUSTED);
	assert_int_equal(verify(s, jws, "nothing", KIT_NOW), CALLERID_REASON_CERT_UNREADABLE);
	assert_int_equal(verify(s, jws, NULL, KIT_NOW), CALLERID_REASON_CERT_UNREADABLE);
	other = kit_token(stranger.leaf.key, HEADER, "{\"iat\":1800000000,\"jcard\":" JCARD "}");
	assert_int_equal(verify(s, other, s->world.chain, KIT_NOW), CALLERID_REASON_BAD_SIGNATURE);
	free(other);
	free(jws);
	kit_world_free(&stranger);
}

TEST(VS17_608_card_is_parsed)
{
	struct scene *s = *state;
	struct callerid_jwscard *card = NULL;
	char *jws = sign(s, KIT_NOW);

	assert_int_equal(callerid_jwscard_parse(jws, strlen(jws), &card, NULL), CALLERID_OK);
	assert_int_equal(card->iat, KIT_NOW);
	assert_string_equal(card->x5u, KIT_URL);
	assert_string_equal(card->jcard, JCARD);
	callerid_jwscard_free(card);
	callerid_jwscard_free(NULL);
	free(jws);
}

TEST(VS17_608_what_is_no_card_is_refused)
{
	static const char good[] = "{\"iat\":1800000000,\"jcard\":" JCARD "}";
	static const struct {
		const char *header, *payload;
	} rows[] = {
		{"{}", good},
		{"not json", good},
		{"{\"alg\":\"none\",\"typ\":\"vcard+json\",\"x5u\":\"" KIT_URL "\"}", good},
		{"{\"alg\":\"ES256\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"}", good},
		{"{\"alg\":\"ES256\",\"typ\":\"vcard+json\",\"x5u\":\"http://a.example/\"}", good},
		{"{\"alg\":\"ES256\",\"typ\":\"vcard+json\"}", good},
		{"{\"alg\":\"ES256\",\"crit\":[],\"typ\":\"vcard+json\",\"x5u\":\"" KIT_URL "\"}",
		 good},
		{"{\"alg\":\"ES256\",\"jwk\":{},\"typ\":\"vcard+json\",\"x5u\":\"" KIT_URL "\"}",
		 good},
		{HEADER, "[]"},
		{HEADER, "{}"},
		{HEADER, "{\"iat\":\"1800000000\",\"jcard\":" JCARD "}"},
		{HEADER, "{\"iat\":-1,\"jcard\":" JCARD "}"},
		{HEADER, "{\"jcard\":" JCARD "}"},
		{HEADER, "{\"iat\":1800000000}"},
		{HEADER, "{\"iat\":1800000000,\"jcard\":{}}"},
		{HEADER, "{\"iat\":1800000000,\"jcard\":[\"vcard\",[]]}"},
	};
	struct scene *s = *state;
	struct callerid_jwscard *card = NULL;
	struct callerid_error err;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *jws = kit_token(s->world.leaf.key, rows[i].header, rows[i].payload);

		assert_int_equal(callerid_jwscard_parse(jws, strlen(jws), &card, &err),
				 CALLERID_ESYNTAX);
		assert_string_not_equal(err.text, "");
		assert_int_equal(verify(s, jws, s->world.chain, KIT_NOW),
				 CALLERID_REASON_BAD_PASSPORT);
		free(jws);
	}
	assert_int_equal(callerid_jwscard_parse("..AA", 4, &card, NULL), CALLERID_ESYNTAX);
	assert_int_equal(callerid_jwscard_parse("", 0, &card, NULL), CALLERID_ESYNTAX);
	assert_null(card);
}

TEST(VS17_608_only_a_jcard_is_signed)
{
	static const char *const bad[] = {
		"",
		"{}",
		"[]",
		"[\"vcard\"]",
		"[\"vcard\",[]]",
		"[\"vcard\",[[\"fn\",{},\"text\",\"a\"]]]",
		"[\"x\",[[\"version\",{},\"text\",\"4.0\"],[\"fn\",{},\"text\",\"a\"]]]",
		JCARD ",\"x\":1",
		"]",
		"null",
	};
	struct scene *s = *state;
	struct callerid_signer *signer = kit_signer(&s->world.leaf, false);
	char *jws = NULL, big[20000];
	struct callerid_error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
			callerid_jwscard_sign(signer, bad[i], strlen(bad[i]), KIT_NOW, &jws, &err),
			CALLERID_EINVAL);
	memset(big, ' ', sizeof(big));
	assert_int_equal(callerid_jwscard_sign(signer, big, sizeof(big), KIT_NOW, &jws, NULL),
			 CALLERID_EINVAL);
	assert_int_equal(callerid_jwscard_sign(signer, JCARD, strlen(JCARD), 0, &jws, NULL),
			 CALLERID_EINVAL);
	assert_int_equal(callerid_jwscard_sign(NULL, JCARD, strlen(JCARD), KIT_NOW, &jws, NULL),
			 CALLERID_EINVAL);
	assert_int_equal(
		callerid_jwscard_sign(signer, JCARD, strlen(JCARD), KIT_NOW * 2, &jws, NULL),
		CALLERID_EPERM);
	assert_null(jws);
	callerid_signer_free(signer);
}

/* Published; not part of this repository. Its signature is known to be wrong. */
TEST(VS17_608_card_of_rfc8688_is_read_and_its_signature_is_not_its_keys)
{
	const char *folder = getenv("ATTESTEL_VECTORS");
	struct callerid_jwscard *card = NULL;
	char path[1024], text[4096] = "";
	EVP_PKEY *key;
	struct cid_jws jws;
	uint8_t raw[CID_ES256_LEN];
	FILE *file;
	size_t n;

	(void)state;
	if (folder == NULL || folder[0] == '\0')
		folder = "../shared/vectors";
	snprintf(path, sizeof(path), "%s/rfc8688/jcard.jws", folder);
	file = fopen(path, "r");
	if (file == NULL) {
		print_message("skipped: %s is not there (set ATTESTEL_VECTORS)\n", path);
		skip();
	}
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	n = strcspn(text, "\r\n");
	assert_int_equal(callerid_jwscard_parse(text, n, &card, NULL), CALLERID_OK);
	assert_int_equal(card->iat, 1546008698);
	assert_string_equal(card->x5u, "https://certs.example.net/reject_key.cer");
	assert_non_null(strstr(card->jcard, "remediation@blocker.example.net"));
	callerid_jwscard_free(card);
	snprintf(path, sizeof(path), "%s/rfc8688/pub.pem", folder);
	file = fopen(path, "r");
	assert_non_null(file);
	key = PEM_read_PUBKEY(file, NULL, NULL, NULL);
	fclose(file);
	assert_non_null(key);
	assert_int_equal(cid_jws_split((struct callerid_span){text, n}, &jws, NULL), CALLERID_OK);
	assert_true(cid_jws_signature(&jws, raw));
	assert_false(cid_es256_verify(key, jws.signing_input.p, jws.signing_input.n, raw));
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(VS17_608_card_is_written_byte_for_byte_and_verifies),
		SCENE_TEST(VS17_608_every_card_is_a_new_one),
		SCENE_TEST(VS17_608_card_of_another_time_key_or_anchor_is_refused),
		SCENE_TEST(VS17_608_card_is_parsed),
		SCENE_TEST(VS17_608_what_is_no_card_is_refused),
		SCENE_TEST(VS17_608_only_a_jcard_is_signed),
		SCENE_TEST(VS17_608_card_of_rfc8688_is_read_and_its_signature_is_not_its_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
