/* SPDX-License-Identifier: Apache-2.0 */
/* A PKI made at run time for tests: keys, certificates, CRLs and PASSporTs, good and bad. */
#include "tests/kit/pki.h"

#include "b64url.h"
#include "jws.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct callerid_tnauth_entry kit_numbers[2] = {
	{.kind = CALLERID_TNAUTH_ONE, .text = KIT_FROM},
	{.kind = CALLERID_TNAUTH_RANGE, .text = "12155559000", .count = 10},
};

#define MUST(condition) must((condition), #condition, __LINE__)

static void must(bool good, const char *what, int line)
{
	if (good)
		return;
	fprintf(stderr, "tests/kit/pki.c:%d: %s\n", line, what);
	abort();
}

static EVP_PKEY *explicit_key(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	EVP_PKEY *key = NULL;

	MUST(EVP_PKEY_keygen_init(ctx) == 1);
	MUST(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, NID_X9_62_prime256v1) == 1);
	MUST(EVP_PKEY_CTX_set_ec_param_enc(ctx, OPENSSL_EC_EXPLICIT_CURVE) == 1);
	MUST(EVP_PKEY_keygen(ctx, &key) == 1);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

EVP_PKEY *kit_key(const char *kind)
{
	EVP_PKEY *key;

	if (strcmp(kind, "explicit") == 0)
		return explicit_key();
	if (strncmp(kind, "RSA:", 4) == 0)
		key = EVP_RSA_gen((size_t)strtoul(kind + 4, NULL, 10));
	else
		key = EVP_EC_gen(kind);
	MUST(key != NULL);
	return key;
}

static void add_ext(X509 *x, const X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	if (value[0] == '\0')
		return;
	X509V3_set_ctx(&ctx, (X509 *)(uintptr_t)issuer, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	MUST(ext != NULL && X509_add_ext(x, ext, -1) == 1);
	X509_EXTENSION_free(ext);
}

static void add_raw_ext(X509 *x, const char *oid, bool critical, const uint8_t *der, size_t len)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext;

	MUST(ASN1_OCTET_STRING_set(data, der, (int)len) == 1);
	ext = X509_EXTENSION_create_by_OBJ(NULL, object, critical, data);
	MUST(ext != NULL && X509_add_ext(x, ext, -1) == 1);
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(data);
	ASN1_OBJECT_free(object);
}

static void add_tnauth(X509 *x, const struct kit_spec *spec)
{
	uint8_t *der = NULL;
	size_t len = 0;

	MUST(callerid_tnauthlist_encode(spec->tnauth, spec->n_tnauth, &der, &len, NULL) ==
	     CALLERID_OK);
	add_raw_ext(x, "1.3.6.1.5.5.7.1.26", false, der, len);
	free(der);
}

static GENERAL_NAMES *names_of(const char *url, const X509_NAME *directory)
{
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	GENERAL_NAME *name = GENERAL_NAME_new();

	if (url != NULL) {
		ASN1_IA5STRING *uri = ASN1_IA5STRING_new();

		MUST(ASN1_STRING_set(uri, url, -1) == 1);
		GENERAL_NAME_set0_value(name, GEN_URI, uri);
	} else {
		GENERAL_NAME_set0_value(name, GEN_DIRNAME, X509_NAME_dup(directory));
	}
	MUST(sk_GENERAL_NAME_push(names, name) == 1);
	return names;
}

static void add_crl_point(X509 *x, const struct kit_spec *spec)
{
	CRL_DIST_POINTS *points = sk_DIST_POINT_new_null();
	DIST_POINT *point = DIST_POINT_new();

	point->distpoint = DIST_POINT_NAME_new();
	point->distpoint->type = 0;
	point->distpoint->name.fullname = names_of(spec->crl_url, NULL);
	if (spec->crl_issuer != NULL)
		point->CRLissuer = names_of(NULL, X509_get_subject_name(spec->crl_issuer->x));
	MUST(sk_DIST_POINT_push(points, point) == 1);
	MUST(X509_add1_ext_i2d(x, NID_crl_distribution_points, points, 0, 0) == 1);
	CRL_DIST_POINTS_free(points);
}

static void set_names(X509 *x, const struct kit_spec *spec)
{
	X509_NAME *name = X509_get_subject_name(x);

	MUST(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)spec->cn, -1,
					-1, 0) == 1);
	MUST(X509_set_issuer_name(x, spec->issuer != NULL ? X509_get_subject_name(spec->issuer->x)
							  : name) == 1);
}

static void set_extensions(X509 *x, const struct kit_spec *spec)
{
	static const uint8_t null[] = {0x05, 0x00};
	const X509 *issuer = spec->issuer != NULL ? spec->issuer->x : x;
	const char *basic = spec->n_tnauth > 0 ? "critical,CA:FALSE" : "critical,CA:TRUE";
	const char *usage =
		spec->n_tnauth > 0 ? "critical,digitalSignature" : "critical,keyCertSign,cRLSign";

	add_ext(x, issuer, NID_basic_constraints, spec->basic != NULL ? spec->basic : basic);
	add_ext(x, issuer, NID_key_usage, spec->usage != NULL ? spec->usage : usage);
	if (spec->extended != NULL)
		add_ext(x, issuer, NID_ext_key_usage, spec->extended);
	if (!spec->no_key_ids) {
		add_ext(x, issuer, NID_subject_key_identifier, "hash");
		add_ext(x, issuer, NID_authority_key_identifier, "keyid:always");
	}
	if (spec->access != NULL)
		add_ext(x, issuer, NID_info_access, spec->access);
	if (spec->crl_url != NULL)
		add_crl_point(x, spec);
	if (spec->n_tnauth > 0)
		add_tnauth(x, spec);
	if (spec->extra_oid != NULL)
		add_raw_ext(x, spec->extra_oid, spec->extra_critical,
			    spec->extra_der != NULL ? spec->extra_der : null,
			    spec->extra_der != NULL ? spec->extra_len : sizeof(null));
}

struct kit_cert kit_cert(const struct kit_spec *spec)
{
	struct kit_cert cert = {X509_new(), kit_key(spec->key != NULL ? spec->key : "P-256")};
	EVP_PKEY *signing = spec->issuer != NULL ? spec->issuer->key : cert.key;
	int64_t from = spec->not_before != 0 ? spec->not_before : KIT_NOW - 180 * KIT_DAY;
	int64_t until = spec->not_after != 0 ? spec->not_after : KIT_NOW + 180 * KIT_DAY;
	static long serial = 1000;

	MUST(X509_set_version(cert.x, X509_VERSION_3) == 1);
	MUST(ASN1_INTEGER_set(X509_get_serialNumber(cert.x),
			      spec->serial != 0 ? spec->serial : ++serial) == 1);
	set_names(cert.x, spec);
	MUST(ASN1_TIME_set(X509_getm_notBefore(cert.x), from) != NULL);
	MUST(ASN1_TIME_set(X509_getm_notAfter(cert.x), until) != NULL);
	MUST(X509_set_pubkey(cert.x, spec->shown != NULL ? spec->shown : cert.key) == 1);
	set_extensions(cert.x, spec);
	MUST(X509_sign(cert.x, signing, spec->sha1 ? EVP_sha1() : EVP_sha256()) > 0);
	return cert;
}

void kit_cert_free(struct kit_cert *cert)
{
	X509_free(cert->x);
	EVP_PKEY_free(cert->key);
	*cert = (struct kit_cert){NULL, NULL};
}

/* What a memory BIO holds, as a C string; frees the BIO. */
static char *text_of(BIO *bio)
{
	char *data = NULL;
	long n = BIO_get_mem_data(bio, &data);
	char *text = strndup(data, (size_t)n);

	MUST(text != NULL);
	BIO_free(bio);
	return text;
}

char *kit_pem(const struct kit_cert *a, const struct kit_cert *b, const struct kit_cert *c)
{
	const struct kit_cert *all[] = {a, b, c};
	BIO *bio = BIO_new(BIO_s_mem());

	for (size_t i = 0; i < 3 && all[i] != NULL; i++)
		MUST(PEM_write_bio_X509(bio, all[i]->x) == 1);
	return text_of(bio);
}

char *kit_key_pem(const EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	MUST(PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
	return text_of(bio);
}

static void add_revoked(X509_CRL *crl, const ASN1_INTEGER *serial, const X509_NAME *issuer)
{
	X509_REVOKED *revoked = X509_REVOKED_new();
	ASN1_TIME *since = ASN1_TIME_set(NULL, KIT_NOW - 40 * KIT_DAY);

	MUST(X509_REVOKED_set_serialNumber(revoked, (ASN1_INTEGER *)(uintptr_t)serial) == 1);
	MUST(X509_REVOKED_set_revocationDate(revoked, since) == 1);
	if (issuer != NULL) {
		GENERAL_NAMES *names = names_of(NULL, issuer);

		MUST(X509_REVOKED_add1_ext_i2d(revoked, NID_certificate_issuer, names, 1, 0) == 1);
		GENERAL_NAMES_free(names);
	}
	MUST(X509_CRL_add0_revoked(crl, revoked) == 1);
	ASN1_TIME_free(since);
}

static void add_crl_ext(X509_CRL *crl, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	MUST(ext != NULL && X509_CRL_add_ext(crl, ext, -1) == 1);
	X509_EXTENSION_free(ext);
}

/* Serials that no certificate of the kit has. */
static void add_strangers(X509_CRL *crl, size_t n)
{
	ASN1_INTEGER *serial = ASN1_INTEGER_new();

	for (size_t i = 0; i < n; i++) {
		MUST(ASN1_INTEGER_set_uint64(serial, UINT64_C(0x1000000000) + i * 2654435761u) ==
		     1);
		add_revoked(crl, serial, NULL);
	}
	ASN1_INTEGER_free(serial);
}

static void add_delta_indicator(X509_CRL *crl)
{
	ASN1_INTEGER *base = ASN1_INTEGER_new();

	MUST(ASN1_INTEGER_set(base, 1) == 1);
	MUST(X509_CRL_add1_ext_i2d(crl, NID_delta_crl, base, 1, 0) == 1);
	ASN1_INTEGER_free(base);
}

static void set_times(X509_CRL *crl, int64_t from, int64_t until)
{
	ASN1_TIME *last = ASN1_TIME_set(NULL, from), *next = ASN1_TIME_set(NULL, until);

	MUST(X509_CRL_set1_lastUpdate(crl, last) == 1 && X509_CRL_set1_nextUpdate(crl, next) == 1);
	ASN1_TIME_free(last);
	ASN1_TIME_free(next);
}

static char *finish_crl(X509_CRL *crl, const struct kit_crl_spec *spec)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int64_t month = 30 * KIT_DAY;

	MUST(X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1);
	MUST(X509_CRL_set_issuer_name(crl, X509_get_subject_name(spec->issuer->x)) == 1);
	set_times(crl, spec->this_update != 0 ? spec->this_update : KIT_NOW - month,
		  spec->next_update != 0 ? spec->next_update : KIT_NOW + month);
	if (spec->idp != NULL)
		add_crl_ext(crl, NID_issuing_distribution_point, spec->idp);
	if (spec->delta)
		add_delta_indicator(crl);
	MUST(X509_CRL_sign(crl, spec->issuer->key, spec->sha1 ? EVP_sha1() : EVP_sha256()) > 0);
	MUST(PEM_write_bio_X509_CRL(bio, crl) == 1);
	X509_CRL_free(crl);
	return text_of(bio);
}

char *kit_crl_of(const struct kit_crl_spec *spec)
{
	X509_CRL *crl = X509_CRL_new();

	for (size_t i = 0; i < spec->n_revoked; i++) {
		const X509 *x = spec->revoked[i].cert->x;

		add_revoked(crl, X509_get0_serialNumber(x),
			    spec->revoked[i].names_issuer ? X509_get_issuer_name(x) : NULL);
	}
	add_strangers(crl, spec->n_more);
	return finish_crl(crl, spec);
}

char *kit_crl(const struct kit_cert *issuer, long revoked_serial, int64_t next_update)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_INTEGER *serial = ASN1_INTEGER_new();

	MUST(ASN1_INTEGER_set(serial, revoked_serial) == 1);
	add_revoked(crl, serial, NULL);
	ASN1_INTEGER_free(serial);
	return finish_crl(crl,
			  &(struct kit_crl_spec){.issuer = issuer, .next_update = next_update});
}

char *kit_token(EVP_PKEY *key, const char *header, const char *payload)
{
	size_t size = CID_B64URL_LEN(strlen(header)) + CID_B64URL_LEN(strlen(payload)) + 128;
	char *text = calloc(1, size);
	uint8_t raw[CID_ES256_LEN];
	size_t n;

	MUST(text != NULL);
	n = cid_b64url_encode(header, strlen(header), text);
	text[n++] = '.';
	n += cid_b64url_encode(payload, strlen(payload), text + n);
	MUST(cid_es256_sign(key, text, n, raw, NULL) == CALLERID_OK);
	text[n++] = '.';
	(void)cid_b64url_encode(raw, sizeof(raw), text + n);
	return text;
}

struct kit_world kit_world(void)
{
	struct kit_world w;

	w.root = kit_cert(&(struct kit_spec){.cn = "Test Root"});
	w.inter = kit_cert(&(struct kit_spec){.cn = "Test CA", .issuer = &w.root});
	w.leaf = kit_cert(&(struct kit_spec){
		.cn = "SHAKEN 1234", .issuer = &w.inter, .tnauth = kit_numbers, .n_tnauth = 2});
	w.anchors = kit_pem(&w.root, NULL, NULL);
	w.chain = kit_pem(&w.leaf, &w.inter, NULL);
	return w;
}

void kit_world_free(struct kit_world *world)
{
	kit_cert_free(&world->root);
	kit_cert_free(&world->inter);
	kit_cert_free(&world->leaf);
	free(world->anchors);
	free(world->chain);
}

struct callerid_signer *kit_signer(const struct kit_cert *cert, bool any_number)
{
	char *key = kit_key_pem(cert->key);
	char *pem = kit_pem(cert, NULL, NULL);
	struct callerid_signer *signer = NULL;
	struct callerid_error err;

	if (callerid_signer_new(
		    &(struct callerid_signer_params){
			    .key_pem = key,
			    .key_len = strlen(key),
			    .cert_pem = pem,
			    .cert_len = strlen(pem),
			    .x5u = KIT_URL,
			    .any_number = any_number,
		    },
		    &signer, &err) != CALLERID_OK)
		must(false, err.text, __LINE__);
	free(key);
	free(pem);
	return signer;
}

struct callerid_party kit_party(const char *uri)
{
	struct callerid_party party;

	MUST(callerid_party_parse(uri, strlen(uri), NULL, &party, NULL) == CALLERID_OK);
	return party;
}

struct callerid_claims kit_claims(void)
{
	struct callerid_claims claims = {
		.ppt = "shaken",
		.iat = KIT_NOW,
		.n_dest = 1,
		.attest = CALLERID_ATTEST_A,
		.origid = "123e4567-e89b-42d3-a456-426614174000",
	};

	claims.orig = kit_party("+" KIT_FROM);
	claims.dest[0] = kit_party("+" KIT_TO);
	return claims;
}

char *kit_identity(const struct kit_cert *cert)
{
	struct callerid_signer *signer = kit_signer(cert, true);
	struct callerid_claims claims = kit_claims();
	char *identity = NULL;

	MUST(callerid_signer_sign(signer, &claims, &identity, NULL) == CALLERID_OK);
	callerid_signer_free(signer);
	return identity;
}
