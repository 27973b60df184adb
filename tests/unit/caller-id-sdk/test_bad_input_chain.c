/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: what stands at x5u, from junk to chains that are too long or too dear. */
#include "tests/kit/bounds.h"

#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

#define UNREADABLE CALLERID_REASON_CERT_UNREADABLE, CALLERID_CHECK_CERT
#define TOO_MUCH   CALLERID_REASON_LIMIT, CALLERID_CHECK_CERT

/* row->payload so many times that 16 KB are full, or row->header times. */
static void put_text(struct scene *s, const struct bad_row *row)
{
	size_t count = row->header != NULL ? strtoul(row->header, NULL, 10)
					   : CALLERID_CERT_PEM_MAX / strlen(row->payload);

	bad_serve(s, bad_repeat("", row->payload, count, ""));
}

#define BEGIN	 "-----BEGIN CERTIFICATE-----\n"
#define END	 "-----END CERTIFICATE-----\n"
#define LINE	 "TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBpc2Np\n"
#define NO_CERT	 UNREADABLE, "no readable certificate in it"
#define OVER_16K TOO_MUCH, "more than 16384 bytes"

static const struct bad_row texts[] = {
	{"16_kilobytes_of_junk_in_one_block", "1", BEGIN LINE LINE LINE LINE END, NO_CERT},
	{"16_kilobytes_of_junk_blocks", NULL, BEGIN LINE END, NO_CERT},
	{"16_kilobytes_of_empty_blocks", NULL, BEGIN END, NO_CERT},
	{"16_kilobytes_of_beginnings", NULL, BEGIN, NO_CERT},
	{"16_kilobytes_of_ends", NULL, END, NO_CERT},
	{"16_kilobytes_of_lines", NULL, LINE, NO_CERT},
	{"16_kilobytes_of_dashes", NULL, "-", NO_CERT},
	{"16_kilobytes_of_line_ends", NULL, "\n", NO_CERT},
	{"16_kilobytes_of_keys", NULL,
	 "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", NO_CERT},
	{"16_kilobytes_of_headers", NULL,
	 BEGIN "Proc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00\n\n" LINE END, NO_CERT},
	{"16_kilobytes_of_der_headers", NULL, "0\x80", NO_CERT},
	{"16_kilobytes_of_nested_der", NULL, "0\x84\x7f\xff\xff\xff", NO_CERT},
	{"64_kilobytes_of_lines", "1008", LINE, OVER_16K},
	{"one_megabyte_of_junk_blocks", "8738", BEGIN LINE END, OVER_16K},
	{"an_empty_body", "0", "", UNREADABLE, "it is empty"},
};

/* PEM of n certificates, each issued by the one behind it, the last by the root; the caller's.
 * key: of the issuers. The first is a signer's. */
static char *long_chain(struct scene *s, size_t n, const char *key, const char *cn)
{
	struct kit_cert *all = calloc(n, sizeof(*all));
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL, *text;
	long len;

	for (size_t i = n; i-- > 0;) {
		char name[64];
		struct kit_spec spec = {.cn = name, .key = key, .no_key_ids = key == NULL};

		snprintf(name, sizeof(name), "%s %zu", cn, i);
		spec.issuer = i == n - 1 ? &s->world.root : &all[i + 1];
		if (i == 0) {
			spec = bad_leaf(spec.issuer);
			spec.no_key_ids = key == NULL;
		}
		all[i] = kit_cert(&spec);
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(PEM_write_bio_X509(bio, all[i].x), 1);
	len = BIO_get_mem_data(bio, &data);
	text = strndup(data, (size_t)len);
	/* The scene's signer is the leaf from now on. */
	kit_cert_free(&s->world.leaf);
	s->world.leaf = all[0];
	for (size_t i = 1; i < n; i++)
		kit_cert_free(&all[i]);
	free(all);
	BIO_free(bio);
	return text;
}

TEST(chain_of_20_certificates)
{
	struct scene *s = *state;
	char *chain = long_chain(s, 20, NULL, "C");

	assert_in_range(strlen(chain), 8000, CALLERID_CERT_PEM_MAX);
	bad_serve(s, chain);
	bounded_expect(s, TOO_MUCH, "more than 4 certificates");
}

TEST(chain_of_24_certificates_over_16_kilobytes)
{
	struct scene *s = *state;

	bad_serve(s, long_chain(s, 24, "P-384",
				"A name of nearly the sixty-four characters that X.520 allows"));
	assert_true(strlen(s->chain) > CALLERID_CERT_PEM_MAX);
	bounded_expect(s, OVER_16K);
}

TEST(chain_of_one_certificate_20_times)
{
	struct scene *s = *state;
	char *pem = kit_pem(&s->world.leaf, NULL, NULL);

	bad_serve(s, bad_repeat("", pem, 20, ""));
	free(pem);
	bounded_expect(s, TOO_MUCH, "more than 4 certificates");
}

/* As a P-384 root with a P-384 CA: the dearest that is taken. */
TEST(chain_of_3_certificates_of_p384_passes)
{
	struct scene *s = *state;

	bad_serve(s, long_chain(s, 3, "P-384", "CA"));
	scene_expect_passed(s);
	bounded_verify(s);
}

TEST(chain_of_4_certificates_of_p384)
{
	struct scene *s = *state;

	bad_serve(s, long_chain(s, 4, "P-384", "CA"));
	bounded_expect(s, CALLERID_REASON_LIMIT, CALLERID_CHECK_CHAIN,
		       "the path has over 2 issuers whose keys are P-384 or large RSA");
}

/* One byte more of it each time; none of them is a certificate. */
TEST(der_certificate_cut_at_every_byte)
{
	struct scene *s = *state;
	unsigned char *der = NULL;
	int n = i2d_X509(s->world.leaf.x, &der);

	scene_add_token(s, SCENE_HEADER, SCENE_PAYLOAD);
	for (int i = 0; i < n; i++) {
		struct callerid_verification *v = NULL;
		const struct callerid_verdict *verdict;
		uint8_t *part = malloc((size_t)i + 1);

		memcpy(part, der, (size_t)i);
		assert_int_equal(callerid_context_add_anchors(s->ctx, "test-list", s->world.anchors,
							      strlen(s->world.anchors), NULL),
				 CALLERID_OK);
		assert_int_equal(callerid_verification_new(s->ctx, &s->call, &v, NULL), 0);
		callerid_verification_supply(v, KIT_URL, part, (size_t)i);
		verdict = callerid_verification_verdict(v);
		assert_int_equal(verdict->reason, CALLERID_REASON_CERT_UNREADABLE);
		callerid_verification_free(v);
		free(part);
	}
	OPENSSL_free(der);
}

/* As many signers as one call may have, each with a path of its own that costs what it can. */
TEST(four_signers_with_paths_of_p384_pass)
{
	struct scene *s = *state;
	bad_serve(s, long_chain(s, 3, "P-384", "CA"));
	for (unsigned i = 0; i < 16; i++) {
		char header[256], parameters[256];

		snprintf(header, sizeof(header),
			 "{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\","
			 "\"x5u\":\"https://cert.example.org/%u.pem\"}",
			 i);
		snprintf(parameters, sizeof(parameters),
			 ";info=<https://cert.example.org/%u.pem>;alg=ES256;ppt=shaken", i);
		scene_add(s, scene_join(kit_token(s->world.leaf.key, header, SCENE_PAYLOAD),
					parameters));
	}
	s->call.identity++; /* without the one that bad_serve() added */
	s->call.n_identity--;
	scene_expect_passed(s);
	assert_int_equal(s->asked, 4);
	bounded_verify(s);
	s->call.identity--;
}

static const struct CMUnitTest single[] = {
	SCENE_TEST(chain_of_20_certificates),
	SCENE_TEST(chain_of_24_certificates_over_16_kilobytes),
	SCENE_TEST(chain_of_one_certificate_20_times),
	SCENE_TEST(chain_of_3_certificates_of_p384_passes),
	SCENE_TEST(chain_of_4_certificates_of_p384),
	SCENE_TEST(der_certificate_cut_at_every_byte),
	SCENE_TEST(four_signers_with_paths_of_p384_pass),
};

int main(void)
{
	const struct bad_table tables[] = {BAD_TABLE(texts, put_text)};

	return bad_run(tables, BAD_N_OF(tables), single, BAD_N_OF(single));
}
