/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: lists of anchors and CRL issuers. Loading them is maintenance, as that of CRLs. */
#include "tests/kit/bounds.h"

#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END   "-----END CERTIFICATE-----\n"
#define LINE  "TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBpc2Np\n"

struct load {
	struct scene *s;
	const char *text;
	enum callerid_status expected;
	bool issuers; /* of CRLs */
};

static void load(void *data)
{
	const struct load *what = data;
	struct callerid_error err = {.text = ""};
	size_t n = strlen(what->text);

	assert_int_equal(
		what->issuers ? callerid_context_add_crl_issuers(what->s->ctx, what->text, n, &err)
			      : callerid_context_set_anchors(what->s->ctx, "other", "1", what->text,
							     n, &err),
		what->expected);
	assert_true(what->expected == CALLERID_OK || err.text[0] != '\0');
}

/* Refused within 20 ns and 2 bytes of heap for each of the text; what was there stays. */
static void refused(struct scene *s, char *text, enum callerid_status expected)
{
	size_t n = strlen(text);
	struct kit_bounds bounds = {KIT_CPU_US_MAX + (int64_t)(n / 50), KIT_HEAP_MAX + 2 * n};

	for (int issuers = 0; issuers < 2; issuers++) {
		struct load what = {s, text, expected, issuers != 0};

		kit_bounded(bounds, load, NULL, &what);
	}
	free(text);
	scene_add_good(s);
	scene_expect_passed(s);
}

TEST(anchors_of_16_kilobytes_of_junk_blocks)
{
	refused(*state, bad_repeat("", BEGIN LINE END, 137, ""), CALLERID_ESYNTAX);
}

TEST(anchors_of_10_megabytes_of_lines)
{
	refused(*state, bad_repeat("", LINE, 153846, ""), CALLERID_ESYNTAX);
}

TEST(anchors_of_10_megabytes_in_one_block)
{
	refused(*state, bad_repeat(BEGIN, LINE, 153846, END), CALLERID_ESYNTAX);
}

TEST(anchors_of_nested_der)
{
	refused(*state, bad_repeat("", "0\x80", 500000, ""), CALLERID_ESYNTAX);
}

/* One that is good, and one that is not behind it: neither is taken. */
TEST(anchors_of_which_the_second_is_junk)
{
	struct scene *s = *state;

	refused(s, bad_repeat(s->world.anchors, BEGIN LINE END, 1, ""), CALLERID_ESYNTAX);
}

TEST(anchors_that_are_a_key)
{
	struct scene *s = *state;

	refused(s, kit_key_pem(s->world.leaf.key), CALLERID_ESYNTAX);
}

TEST(crl_issuers_over_256_are_refused)
{
	struct scene *s = *state;
	char *text = bad_repeat("", s->world.anchors, 257, "");
	struct load what = {s, text, CALLERID_ELIMIT, true};

	kit_bounded((struct kit_bounds){100000, 4 * KIT_HEAP_MAX}, load, NULL, &what);
	free(text);
}

/* PEM of n certificates that differ in their serial number; the caller's. */
static char *many_anchors(const struct kit_cert *like, size_t n)
{
	BIO *bio = BIO_new(BIO_s_mem());
	X509 *x = X509_dup(like->x);
	char *data = NULL, *text;
	long len;

	for (size_t i = 0; i < n; i++) {
		unsigned char *der = NULL;

		assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), (long)i + 1), 1);
		/* Encoded anew, or the old bytes would be written. */
		assert_true(i2d_re_X509_tbs(x, &der) > 0);
		OPENSSL_free(der);
		assert_int_equal(PEM_write_bio_X509(bio, x), 1);
	}
	len = BIO_get_mem_data(bio, &data);
	text = strndup(data, (size_t)len);
	X509_free(x);
	BIO_free(bio);
	return text;
}

/* All of the name that the path ends at, so that each might be the one. */
TEST(anchors_of_1000_certificates_of_one_name_leave_a_verification_its_bounds)
{
	struct scene *s = *state;
	char *text = many_anchors(&s->world.root, CALLERID_ANCHORS_MAX);
	struct load what = {s, text, CALLERID_OK, false};

	kit_bounded((struct kit_bounds){2000000, 10 * KIT_HEAP_MAX}, load, NULL, &what);
	free(text);
	scene_add_good(s);
	scene_expect_passed(s);
	bounded_verify(s);
}

TEST(anchors_over_1000_are_refused)
{
	struct scene *s = *state;
	char *text = bad_repeat("", s->world.anchors, CALLERID_ANCHORS_MAX + 1, "");
	struct load what = {s, text, CALLERID_ELIMIT, false};

	kit_bounded((struct kit_bounds){2000000, 10 * KIT_HEAP_MAX}, load, NULL, &what);
	free(text);
	scene_add_good(s);
	scene_expect_passed(s);
}

static const struct CMUnitTest single[] = {
	SCENE_TEST(anchors_of_16_kilobytes_of_junk_blocks),
	SCENE_TEST(anchors_of_10_megabytes_of_lines),
	SCENE_TEST(anchors_of_10_megabytes_in_one_block),
	SCENE_TEST(anchors_of_nested_der),
	SCENE_TEST(anchors_of_which_the_second_is_junk),
	SCENE_TEST(anchors_that_are_a_key),
	SCENE_TEST(crl_issuers_over_256_are_refused),
	SCENE_TEST(anchors_of_1000_certificates_of_one_name_leave_a_verification_its_bounds),
	SCENE_TEST(anchors_over_1000_are_refused),
};

int main(void)
{
	return bad_run(NULL, 0, single, BAD_N_OF(single));
}
