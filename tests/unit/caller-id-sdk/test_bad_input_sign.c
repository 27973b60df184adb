/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: to the signer, its keys, certificates and claims; and to the lint of certificates. */
#include "tests/kit/bounds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

static const struct kit_bounds bounds = {KIT_CPU_US_MAX, KIT_HEAP_MAX};

struct making {
	const char *key, *cert, *x5u;
	enum callerid_status expected;
	struct callerid_error err;
};

static void make(void *data)
{
	struct making *m = data;
	struct callerid_signer *signer = NULL;

	m->err.text[0] = '\0';
	assert_int_equal(callerid_signer_new(
				 &(struct callerid_signer_params){
					 .key_pem = m->key,
					 .key_len = strlen(m->key),
					 .cert_pem = m->cert,
					 .cert_len = strlen(m->cert),
					 .x5u = m->x5u != NULL ? m->x5u : KIT_URL,
				 },
				 &signer, &m->err),
			 m->expected);
	assert_null(signer);
	assert_string_not_equal(m->err.text, "");
}

/* A signer of this is refused, at a bounded price. Frees cert and x5u. */
static void no_signer(struct scene *s, char *cert, char *x5u, enum callerid_status expected)
{
	char *key = kit_key_pem(s->world.leaf.key);
	struct making m = {.key = key, .cert = cert, .x5u = x5u, .expected = expected};

	kit_bounded(bounds, make, NULL, &m);
	free(key);
	free(cert);
	free(x5u);
}

/* The same for a key that does not stand in the certificate. Frees key. */
static void no_key(struct scene *s, char *key, enum callerid_status expected)
{
	struct making m = {.key = key, .cert = s->world.chain, .expected = expected};

	kit_bounded(bounds, make, NULL, &m);
	free(key);
}

TEST(signer_of_a_key_of_another_kind)
{
	static const char *const kinds[] = {"P-384", "secp256k1", "RSA:2048"};

	for (size_t i = 0; i < BAD_N_OF(kinds); i++) {
		EVP_PKEY *key = kit_key(kinds[i]);

		no_key(*state, kit_key_pem(key), CALLERID_ECRYPTO);
		EVP_PKEY_free(key);
	}
}

TEST(signer_of_a_key_with_explicit_curve_parameters)
{
	EVP_PKEY *key = kit_key("explicit");

	no_key(*state, kit_key_pem(key), CALLERID_ECRYPTO);
	EVP_PKEY_free(key);
}

TEST(signer_of_a_key_of_junk)
{
	no_key(*state,
	       bad_repeat("-----BEGIN PRIVATE KEY-----\n", "AAAA\n", 200,
			  "-----END PRIVATE KEY-----\n"),
	       CALLERID_ESYNTAX);
	no_key(*state, bad_repeat("", "-----BEGIN PRIVATE KEY-----\n", 2000, ""), CALLERID_ESYNTAX);
	no_key(*state, bad_repeat("", "A", 65536, ""), CALLERID_ESYNTAX);
}

TEST(signer_of_a_certificate_of_junk)
{
	no_signer(*state,
		  bad_repeat("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
			     250, ""),
		  NULL, CALLERID_ESYNTAX);
	no_signer(*state, bad_repeat("", "A", 65536, ""), NULL, CALLERID_ELIMIT);
}

TEST(signer_of_a_chain_of_20)
{
	struct scene *s = *state;
	char *one = kit_pem(&s->world.leaf, NULL, NULL);

	no_signer(s, bad_repeat("", one, 20, ""), NULL, CALLERID_ELIMIT);
	free(one);
}

TEST(signer_of_a_url_of_10000_characters)
{
	struct scene *s = *state;

	no_signer(s, strdup(s->world.chain), bad_repeat("https://", "a", 10000, "/"),
		  CALLERID_EINVAL);
}

struct signing {
	struct callerid_signer *signer;
	struct callerid_claims claims;
	enum callerid_status expected;
};

static void sign(void *data)
{
	struct signing *what = data;
	struct callerid_error err = {.text = ""};
	char *identity = NULL;

	assert_int_equal(callerid_signer_sign(what->signer, &what->claims, &identity, &err),
			 what->expected);
	assert_null(identity);
	assert_string_not_equal(err.text, "");
}

static void unsigned_claims(struct scene *s, const struct callerid_claims *claims,
			    enum callerid_status expected)
{
	struct signing what = {kit_signer(&s->world.leaf, true), *claims, expected};

	kit_bounded(bounds, sign, NULL, &what);
	callerid_signer_free(what.signer);
}

/* Each takes text, which is too long or broken. */
struct text_claim {
	const char *name;
	size_t at; /* of the const char * in the claims */
	const char *ppt;
	enum callerid_status expected;
};

#define CLAIM(name) #name, offsetof(struct callerid_claims, name)

static const struct text_claim text_claims[] = {
	{CLAIM(mky), "shaken", CALLERID_EINVAL}, {CLAIM(rcd), "rcd", CALLERID_ELIMIT},
	{CLAIM(rcdi), "rcd", CALLERID_ELIMIT},	 {CLAIM(crn), "rcd", CALLERID_EINVAL},
	{CLAIM(iss), "rcd", CALLERID_EINVAL},	 {CLAIM(opt), "div-o", CALLERID_EINVAL},
};

static void refuse_texts(struct scene *s, const char *text)
{
	for (size_t i = 0; i < BAD_N_OF(text_claims); i++) {
		struct callerid_claims claims = kit_claims();

		memcpy(claims.ppt, text_claims[i].ppt, strlen(text_claims[i].ppt) + 1);
		claims.div = claims.orig;
		claims.rcd = strcmp(claims.ppt, "rcd") == 0 ? "{\"nam\":\"Q\"}" : NULL;
		memcpy((char *)&claims + text_claims[i].at, &text, sizeof(text));
		print_message("  %s:\n", text_claims[i].name);
		unsigned_claims(s, &claims, text_claims[i].expected);
	}
}

TEST(claims_of_10000_levels_are_not_signed)
{
	char *text = bad_repeat("{\"nam\":", "[", 10000, "");

	refuse_texts(*state, text);
	free(text);
}

TEST(claims_of_64_kilobytes_are_not_signed)
{
	char *text = bad_repeat("", "a", 65536, "");

	refuse_texts(*state, text);
	free(text);
}

TEST(claims_of_numbers_that_are_no_times_are_not_signed)
{
	static const int64_t times[] = {-1, INT64_MIN, INT64_MAX, INT64_C(253402300800)};

	for (size_t i = 0; i < BAD_N_OF(times); i++) {
		struct callerid_claims claims = kit_claims();

		claims.iat = times[i];
		unsigned_claims(*state, &claims, CALLERID_EINVAL);
	}
}

TEST(claims_of_too_many_destinations_or_priorities_are_not_signed)
{
	struct callerid_claims claims = kit_claims();

	claims.n_dest = SIZE_MAX;
	unsigned_claims(*state, &claims, CALLERID_EINVAL);
	claims.n_dest = CALLERID_DEST_MAX + 1;
	unsigned_claims(*state, &claims, CALLERID_EINVAL);
	claims.n_dest = 0;
	unsigned_claims(*state, &claims, CALLERID_EINVAL);
	claims = kit_claims();
	memcpy(claims.ppt, "rph", 4);
	claims.n_rph = SIZE_MAX;
	unsigned_claims(*state, &claims, CALLERID_EINVAL);
}

/* Arrays of characters without the NUL that ends them. */
TEST(claims_that_do_not_end_are_not_signed)
{
	struct callerid_claims claims = kit_claims();

	memset(claims.origid, 'a', sizeof(claims.origid));
	unsigned_claims(*state, &claims, CALLERID_EINVAL);
	claims = kit_claims();
	memset(claims.orig.text, '1', sizeof(claims.orig.text));
	unsigned_claims(*state, &claims, CALLERID_EINVAL);
	claims = kit_claims();
	memset(claims.ppt, 's', sizeof(claims.ppt));
	unsigned_claims(*state, &claims, CALLERID_EINVAL);
}

struct linting {
	const char *text;
	size_t n;
	enum callerid_status expected;
};

static void lint(void *data)
{
	const struct linting *what = data;
	struct callerid_certlint *lint = NULL;
	struct callerid_error err = {.text = ""};

	assert_int_equal(
		callerid_certlint_run(what->text, what->n, CALLERID_CERTLINT_AUTO, &lint, &err),
		what->expected);
	assert_true(what->expected == CALLERID_OK || err.text[0] != '\0');
	callerid_certlint_free(lint);
}

static void linted(char *text, size_t n, enum callerid_status expected)
{
	struct linting what = {text, n, expected};

	kit_bounded(bounds, lint, NULL, &what);
	free(text);
}

TEST(lint_of_junk)
{
	(void)state;
	linted(bad_repeat("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
			  1000, ""),
	       61000, CALLERID_ESYNTAX);
	linted(bad_repeat("", "0\x80", 32768, ""), 65536, CALLERID_ESYNTAX);
	linted(bad_repeat("", "-", 65536, ""), 65536, CALLERID_ESYNTAX);
	linted(bad_repeat("", "-", 65537, ""), 65537, CALLERID_ELIMIT);
	linted(bad_repeat("", "A", 10000000, ""), 10000000, CALLERID_ELIMIT);
}

TEST(lint_of_a_chain_of_20)
{
	struct scene *s = *state;
	char *one = kit_pem(&s->world.leaf, NULL, NULL), *all = bad_repeat("", one, 20, "");

	linted(all, strlen(all), CALLERID_ELIMIT);
	free(one);
}

TEST(lint_of_keys_of_other_kinds)
{
	static const char *const kinds[] = {"P-384", "P-521", "explicit", "secp256k1", "RSA:2048"};

	(void)state;
	for (size_t i = 0; i < BAD_N_OF(kinds); i++) {
		struct kit_cert cert = kit_cert(&(struct kit_spec){.cn = "X", .key = kinds[i]});
		char *pem = kit_pem(&cert, NULL, NULL);

		linted(pem, strlen(pem), CALLERID_OK);
		kit_cert_free(&cert);
	}
}

static const struct CMUnitTest single[] = {
	SCENE_TEST(signer_of_a_key_of_another_kind),
	SCENE_TEST(signer_of_a_key_with_explicit_curve_parameters),
	SCENE_TEST(signer_of_a_key_of_junk),
	SCENE_TEST(signer_of_a_certificate_of_junk),
	SCENE_TEST(signer_of_a_chain_of_20),
	SCENE_TEST(signer_of_a_url_of_10000_characters),
	SCENE_TEST(claims_of_10000_levels_are_not_signed),
	SCENE_TEST(claims_of_64_kilobytes_are_not_signed),
	SCENE_TEST(claims_of_numbers_that_are_no_times_are_not_signed),
	SCENE_TEST(claims_of_too_many_destinations_or_priorities_are_not_signed),
	SCENE_TEST(claims_that_do_not_end_are_not_signed),
	cmocka_unit_test(lint_of_junk),
	SCENE_TEST(lint_of_a_chain_of_20),
	cmocka_unit_test(lint_of_keys_of_other_kinds),
};

int main(void)
{
	return bad_run(NULL, 0, single, BAD_N_OF(single));
}
