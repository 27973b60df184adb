/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: CRLs of 10 MB, well-formed, cut, forged and junk. Loading one is maintenance, and its
 * bound is its own; a verification stays within its 10 ms whatever is loaded. */
#include "tests/kit/bounds.h"
#include "tests/kit/heap.h"

#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

#define MANY	 290000 /* entries; about 35 bytes of PEM each */
#define MEGABYTE 1000000u

/* context.h says what loading takes, about 16 ns and 7 bytes of heap for a byte of PEM, 10 of DER.
 * This leaves room for slower machines and other sizes of entries. */
static struct kit_bounds loading(size_t bytes)
{
	return (struct kit_bounds){(int64_t)(bytes / 20), 12 * bytes};
}

/* Nothing in it is read: at once is 1 ms. */
static const struct kit_bounds at_once = {1000, 65536};

struct load {
	struct scene *s;
	const char *text;
	size_t len;
	enum callerid_status expected;
	struct callerid_error err;
};

static void load(void *data)
{
	struct load *l = data;

	assert_int_equal(callerid_context_add_crl(l->s->ctx, l->text, l->len, &l->err),
			 l->expected);
}

/* A context without CRLs, so that each load is the first. */
static void renew(void *data)
{
	struct load *l = data;

	callerid_verification_free(l->s->v);
	l->s->v = NULL;
	callerid_context_free(l->s->ctx);
	assert_int_equal(callerid_context_new(&(struct callerid_limits){.replay_entries = 1024},
					      &l->s->ctx, NULL),
			 CALLERID_OK);
	assert_int_equal(callerid_context_add_anchors(l->s->ctx, "test-list", l->s->world.anchors,
						      strlen(l->s->world.anchors), NULL),
			 CALLERID_OK);
}

static void refused(struct scene *s, struct kit_bounds bounds, struct load what)
{
	what.s = s;
	kit_bounded(bounds, load, renew, &what);
	assert_string_not_equal(what.err.text, "");
	/* It has left nothing behind. */
	scene_add_good(s);
	scene_expect_passed(s);
}

static char *big_crl(const struct kit_cert *issuer, const struct kit_cert *revoked)
{
	struct kit_revoked list = {revoked, false};
	char *text = kit_crl_of(&(struct kit_crl_spec){
		.issuer = issuer,
		.revoked = &list,
		.n_revoked = revoked != NULL,
		.n_more = MANY,
	});

	assert_in_range(strlen(text), 10 * MEGABYTE, CALLERID_CRL_MAX);
	return text;
}

TEST(crl_of_10_megabytes_is_loaded_within_its_bounds_and_revokes)
{
	struct scene *s = *state;
	char *text = big_crl(&s->world.inter, &s->world.leaf);
	struct load what = {.s = s, .text = text, .len = strlen(text), .expected = CALLERID_OK};
	size_t before;

	kit_bounded(loading(what.len), load, renew, &what);
	renew(&what);
	before = kit_heap_used();
	load(&what);
	print_message("  %zu bytes of text, %zu bytes kept\n", what.len, kit_heap_used() - before);
	assert_in_range(kit_heap_used() - before, 0, 8 * what.len);
	scene_add_good(s);
	/* The first look at it: its signature has not been tried before. */
	scene_expect(s, CALLERID_REASON_CERT_REVOKED, CALLERID_CHECK_CHAIN);
	bounded_verify(s);
	free(text);
}

static void load_and_add(void *data)
{
	renew(data);
	load(data);
}

static void look(void *data)
{
	struct load *l = data;

	l->s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	scene_expect_passed(l->s);
}

/* Each time with a CRL that was loaded anew: nothing of it was remembered. */
TEST(first_verification_after_a_crl_of_10_megabytes_is_within_10_ms)
{
	struct scene *s = *state;
	char *text = big_crl(&s->world.inter, NULL);
	struct load what = {.s = s, .text = text, .len = strlen(text), .expected = CALLERID_OK};

	scene_add_good(s);
	kit_bounded((struct kit_bounds){KIT_CPU_US_MAX, KIT_HEAP_MAX}, look, load_and_add, &what);
	free(text);
}

/* Somebody's CRL in the name of the issuer: it is tried with its key, and has no effect. */
TEST(forged_crl_of_10_megabytes_revokes_nothing_within_10_ms)
{
	struct scene *s = *state;
	struct kit_cert forger = kit_cert(&(struct kit_spec){.cn = "Test CA"});
	char *text = big_crl(&forger, &s->world.leaf);
	struct load what = {.s = s, .text = text, .len = strlen(text), .expected = CALLERID_OK};

	scene_add_good(s);
	kit_bounded((struct kit_bounds){KIT_CPU_US_MAX, KIT_HEAP_MAX}, look, load_and_add, &what);
	free(text);
	kit_cert_free(&forger);
}

/* The last part of the text is not there: PEM without an end, and DER of which bytes are missing.
 */
TEST(crl_of_10_megabytes_that_is_cut_adds_nothing)
{
	struct scene *s = *state;
	char *text = big_crl(&s->world.inter, &s->world.leaf);
	size_t len = strlen(text);

	refused(s, loading(len),
		(struct load){.text = text, .len = len - 40, .expected = CALLERID_ESYNTAX});
	free(text);
}

static size_t der_of(const char *text, unsigned char **der_out)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509_CRL *crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
	int n;

	assert_non_null(crl);
	n = i2d_X509_CRL(crl, der_out);
	assert_true(n > 0);
	X509_CRL_free(crl);
	BIO_free(bio);
	return (size_t)n;
}

TEST(der_crl_of_7_megabytes_that_is_cut_adds_nothing)
{
	struct scene *s = *state;
	char *text = big_crl(&s->world.inter, &s->world.leaf);
	unsigned char *der = NULL;
	size_t n = der_of(text, &der);

	refused(s, loading(n),
		(struct load){.text = (char *)der, .len = n - 1, .expected = CALLERID_ESYNTAX});
	OPENSSL_free(der);
	free(text);
}

/* A CRL of a few bytes, cut after each of them. */
TEST(der_crl_cut_at_every_byte_adds_nothing)
{
	struct scene *s = *state;
	char *text = kit_crl(&s->world.inter, 1, KIT_NOW + KIT_DAY);
	unsigned char *der = NULL;
	size_t n = der_of(text, &der);

	for (size_t i = 0; i < n; i++) {
		char *part = malloc(i + 1);

		memcpy(part, der, i);
		assert_int_equal(callerid_context_add_crl(s->ctx, part, i, NULL), CALLERID_ESYNTAX);
		free(part);
	}
	assert_int_equal(callerid_context_add_crl(s->ctx, (char *)der, n, NULL), CALLERID_OK);
	OPENSSL_free(der);
	free(text);
}

TEST(junk_of_10_megabytes_adds_nothing)
{
	struct scene *s = *state;
	static const char line[] =
		"TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBpc2Np\n";
	const size_t n = sizeof(line) - 1, len = 10 * MEGABYTE / n * n;
	char *text = malloc(len);

	for (size_t at = 0; at < len; at += n)
		memcpy(text + at, line, n);
	refused(s, loading(len),
		(struct load){.text = text, .len = len, .expected = CALLERID_ESYNTAX});
	free(text);
}

/* Lengths that nest and never end, which is no DER. */
TEST(junk_der_of_10_megabytes_adds_nothing)
{
	struct scene *s = *state;
	char *text = malloc(10 * MEGABYTE);

	for (size_t i = 0; i < 10 * MEGABYTE; i += 2)
		memcpy(text + i, "0\x80", 2);
	refused(s, loading(10 * MEGABYTE),
		(struct load){.text = text, .len = 10 * MEGABYTE, .expected = CALLERID_ESYNTAX});
	free(text);
}

TEST(crl_over_16_megabytes_is_refused_at_once)
{
	struct scene *s = *state;
	char *text = malloc(CALLERID_CRL_MAX + 1);

	memset(text, '0', CALLERID_CRL_MAX + 1);
	refused(s, at_once,
		(struct load){
			.text = text, .len = CALLERID_CRL_MAX + 1, .expected = CALLERID_ELIMIT});
	free(text);
}

/* The same small CRL over and over. */
TEST(crls_over_256_in_one_text_are_refused)
{
	struct scene *s = *state;
	char *one = kit_crl(&s->world.inter, 1, KIT_NOW + KIT_DAY);
	size_t n = strlen(one);
	char *text = malloc(300 * n);

	for (size_t i = 0; i < 300; i++)
		memcpy(text + i * n, one, n);
	refused(s, loading(300 * n),
		(struct load){.text = text, .len = 300 * n, .expected = CALLERID_ELIMIT});
	free(text);
	free(one);
}

/* RFC 5280 §6.3.3 (f), for what issuers may have: RSA and P-384, and SHA-384. */
TEST(crl_signed_with_rsa_or_p384_revokes_too)
{
	static const char *const kinds[] = {"RSA:2048", "P-384"};
	struct scene *s = *state;

	for (size_t i = 0; i < BAD_N_OF(kinds); i++) {
		struct kit_cert ca = kit_cert(&(struct kit_spec){
			.cn = kinds[i], .key = kinds[i], .issuer = &s->world.root});
		struct kit_cert leaf = kit_cert(&(struct kit_spec){
			.cn = "SHAKEN 1234", .issuer = &ca, .tnauth = kit_numbers, .n_tnauth = 2});
		struct kit_revoked list = {&leaf, false};
		char *text = kit_crl_of(
			&(struct kit_crl_spec){.issuer = &ca, .revoked = &list, .n_revoked = 1});

		scene_signed_by(s, &leaf, &ca, NULL, SCENE_PAYLOAD);
		scene_expect_passed(s);
		assert_int_equal(callerid_context_add_crl(s->ctx, text, strlen(text), NULL),
				 CALLERID_OK);
		scene_signed_by(s, &leaf, &ca, NULL, SCENE_PAYLOAD);
		scene_expect(s, CALLERID_REASON_CERT_REVOKED, CALLERID_CHECK_CHAIN);
		free(text);
		kit_cert_free(&leaf);
		kit_cert_free(&ca);
	}
}

static const struct CMUnitTest single[] = {
	SCENE_TEST(crl_of_10_megabytes_is_loaded_within_its_bounds_and_revokes),
	SCENE_TEST(first_verification_after_a_crl_of_10_megabytes_is_within_10_ms),
	SCENE_TEST(forged_crl_of_10_megabytes_revokes_nothing_within_10_ms),
	SCENE_TEST(crl_of_10_megabytes_that_is_cut_adds_nothing),
	SCENE_TEST(der_crl_of_7_megabytes_that_is_cut_adds_nothing),
	SCENE_TEST(der_crl_cut_at_every_byte_adds_nothing),
	SCENE_TEST(junk_of_10_megabytes_adds_nothing),
	SCENE_TEST(junk_der_of_10_megabytes_adds_nothing),
	SCENE_TEST(crl_over_16_megabytes_is_refused_at_once),
	SCENE_TEST(crls_over_256_in_one_text_are_refused),
	SCENE_TEST(crl_signed_with_rsa_or_p384_revokes_too),
};

int main(void)
{
	return bad_run(NULL, 0, single, BAD_N_OF(single));
}
