/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA on P-256 with chosen numbers, and OpenSSL's answer beside that of the tables. */
#include "tests/kit/ecdsa.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

int kit_ecdsa_setup(void **state)
{
	static struct kit_ecdsa b;

	b.ctx = BN_CTX_new();
	b.group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	b.n = EC_GROUP_get0_order(b.group);
	b.p = BN_new();
	assert_int_equal(EC_GROUP_get_curve(b.group, b.p, NULL, NULL, b.ctx), 1);
	b.base = cid_p256_table_base();
	assert_non_null(b.base);
	*state = &b;
	return 0;
}

int kit_ecdsa_teardown(void **state)
{
	struct kit_ecdsa *b = *state;

	cid_p256_table_free(b->base);
	BN_free(b->p);
	EC_GROUP_free(b->group);
	BN_CTX_free(b->ctx);
	return 0;
}

struct kit_es256 kit_es256_take(EVP_PKEY *pkey)
{
	struct kit_es256 key = {.pkey = pkey};
	uint8_t point[CID_P256_POINT_LEN];

	assert_non_null(pkey);
	assert_true(cid_p256_point(pkey, point));
	key.table = cid_p256_table_new(point);
	assert_non_null(key.table);
	key.verifier = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	assert_int_equal(EVP_PKEY_verify_init(key.verifier), 1);
	return key;
}

void kit_es256_free(struct kit_es256 *key)
{
	cid_p256_table_free(key->table);
	EVP_PKEY_CTX_free(key->verifier);
	EVP_PKEY_CTX_free(key->signer);
	EVP_PKEY_free(key->pkey);
}

/* The public key of any point of the group, infinity included. */
EVP_PKEY *kit_es256_public(const struct kit_ecdsa *b, const EC_POINT *point)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM *params;
	uint8_t encoded[65];
	size_t n = EC_POINT_point2oct(b->group, point, POINT_CONVERSION_UNCOMPRESSED, encoded,
				      sizeof(encoded), b->ctx);

	assert_int_equal(n, EC_POINT_is_at_infinity(b->group, point) ? 1 : sizeof(encoded));
	OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, encoded, n);
	params = OSSL_PARAM_BLD_to_param(build);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

struct kit_es256 kit_es256_of_point(const struct kit_ecdsa *b, const EC_POINT *point)
{
	return kit_es256_take(kit_es256_public(b, point));
}

/* OpenSSL's answer, reached without any of our code: any two numbers as a DER signature. */
bool kit_es256_openssl(const struct kit_es256 *key, const uint8_t digest[32], const uint8_t raw[64])
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	uint8_t *der = NULL;
	bool good;
	int len;

	assert_int_equal(
		ECDSA_SIG_set0(sig, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL)), 1);
	len = i2d_ECDSA_SIG(sig, &der);
	assert_true(len > 0);
	good = EVP_PKEY_verify(key->verifier, der, (size_t)len, digest, 32) == 1;
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	return good;
}

static void print_hex(const char *name, const uint8_t *bytes, size_t n)
{
	fprintf(stderr, "%s ", name);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%02x", bytes[i]);
	fprintf(stderr, "\n");
}

/* Both answers, which must be one. */
bool kit_es256_verify(const struct kit_ecdsa *b, const struct kit_es256 *key,
		      const uint8_t digest[32], const uint8_t raw[64])
{
	bool theirs = kit_es256_openssl(key, digest, raw);
	uint8_t point[CID_P256_POINT_LEN];

	if (cid_p256_verify(b->base, key->table, digest, raw) == theirs)
		return theirs;
	assert_true(cid_p256_point(key->pkey, point));
	print_hex("point", point, sizeof(point));
	print_hex("digest", digest, 32);
	print_hex("signature", raw, 64);
	fail_msg("OpenSSL says %s", theirs ? "good" : "bad");
	return false;
}

/* r = x modulo n, s = r/u2, e = u1*s: a verifier then finds just these u1 and u2. */
void kit_es256_of_scalars(const struct kit_ecdsa *b, const BIGNUM *const u[2], const BIGNUM *x,
			  uint8_t digest_out[32], uint8_t raw_out[64])
{
	BIGNUM *r = BN_new(), *s = BN_mod_inverse(NULL, u[1], b->n, b->ctx), *e = BN_new();

	BN_nnmod(r, x, b->n, b->ctx);
	BN_mod_mul(s, s, r, b->n, b->ctx);
	BN_mod_mul(e, u[0], s, b->n, b->ctx);
	BN_bn2binpad(r, raw_out, 32);
	BN_bn2binpad(s, raw_out + 32, 32);
	BN_bn2binpad(e, digest_out, 32);
	BN_free(r);
	BN_free(s);
	BN_free(e);
}

/* One key Q = d*G and one pair u1, u2 of which u1*G + u2*Q is made. */
void kit_es256_try(const struct kit_ecdsa *b, const struct kit_es256 *key, const EC_POINT *q,
		   const BIGNUM *const u[2])
{
	EC_POINT *sum = EC_POINT_new(b->group);
	BIGNUM *x = BN_new();
	uint8_t digest[32], raw[64];
	bool at_infinity;

	EC_POINT_mul(b->group, sum, u[0], q, u[1], b->ctx);
	at_infinity = EC_POINT_is_at_infinity(b->group, sum) == 1;
	if (at_infinity)
		BN_set_word(x, 12345); /* any r: there is no x to be equal to */
	else
		EC_POINT_get_affine_coordinates(b->group, sum, x, NULL, b->ctx);
	kit_es256_of_scalars(b, u, x, digest, raw);
	assert_int_equal(kit_es256_verify(b, key, digest, raw), !at_infinity);
	raw[31] ^= 1;
	assert_false(kit_es256_verify(b, key, digest, raw));
	EC_POINT_free(sum);
	BN_free(x);
}
