/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate behind x5u: read, judged, and its path followed to our anchors (RFC 5280 §6). */
#include "chain.h"

#include "certext.h"
#include "certfile.h"
#include "fail.h"
#include "jws.h"
#include "scope.h"
#include "trust.h"

#include <callerid/verification.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define PATH_DEPTH_MAX 4    /* issuers between the signer's certificate and the anchor */
#define RSA_BITS_MIN   2048 /* RFC 8226 §4 names RSA; NIST SP 800-131A sets the floor */
#define RSA_BITS_MAX   8192 /* verifying with more costs more than a call may */
#define RSA_E_BITS_MAX 64   /* a huge public exponent is a way to burn our time */
#define RSA_BITS_CHEAP 4096 /* and the usual exponent, 65537 */
#define RSA_E_CHEAP    17
#define DEAR_MAX       2 /* issuers of a path whose signatures cost ten of P-256 each */
#define AUTH_LEVEL     2 /* 112 bits: no MD5, no SHA-1 */

struct cid_cert *cid_cert_hold(struct cid_cert *cert)
{
	cert->refs++;
	return cert;
}

void cid_cert_release(struct cid_cert *cert)
{
	if (cert == NULL || --cert->refs > 0)
		return;
	EVP_PKEY_CTX_free(cert->key);
	callerid_tnauthlist_free(cert->tnauth);
	for (size_t i = 0; i < cert->n_parents; i++)
		callerid_tnauthlist_free(cert->parent[i].list);
	cid_constraints_free(cert->constraints);
	free(cert);
}

static void find(struct cid_finding *finding, enum callerid_reason reason, const char *why)
{
	finding->reason = reason;
	cid_say(finding->why, sizeof(finding->why), "%s", why);
}

static bool epoch_of(const ASN1_TIME *time, int64_t *epoch_out)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	*epoch_out = (int64_t)timegm(&tm);
	return true;
}

/* The NID of the curve an EC key names; 0 for other keys and for explicit parameters. */
static int named_curve(const X509 *cert)
{
	X509_ALGOR *algorithm = NULL;
	const ASN1_OBJECT *object = NULL;
	const void *parameters = NULL;
	int type = V_ASN1_UNDEF;

	if (X509_PUBKEY_get0_param(NULL, NULL, NULL, &algorithm, X509_get_X509_PUBKEY(cert)) != 1)
		return 0;
	X509_ALGOR_get0(&object, &type, &parameters, algorithm);
	if (OBJ_obj2nid(object) != NID_X9_62_id_ecPublicKey || type != V_ASN1_OBJECT)
		return 0;
	return OBJ_obj2nid(parameters);
}

/* INT_MAX when it cannot be had. */
static int exponent_bits(const EVP_PKEY *key)
{
	BIGNUM *e = NULL;
	int bits = INT_MAX;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1)
		bits = BN_num_bits(e);
	BN_free(e);
	return bits;
}

static bool is_sane_rsa(const EVP_PKEY *key)
{
	int bits = EVP_PKEY_get_bits(key);

	return exponent_bits(key) <= RSA_E_BITS_MAX && bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX;
}

/* What verifying with it costs about 1 ms, where P-256 takes a tenth of that. */
static bool is_dear(const X509 *issuer)
{
	const EVP_PKEY *key = X509_get0_pubkey(issuer);

	if (key == NULL || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
		return named_curve(issuer) != NID_X9_62_prime256v1;
	return EVP_PKEY_get_bits(key) > RSA_BITS_CHEAP || exponent_bits(key) > RSA_E_CHEAP;
}

/* RFC 8226 §4 wants P-256 and RSA issuers; a root of the US trust list is P-384. */
static bool is_issuer_key(const X509 *cert)
{
	const EVP_PKEY *key = X509_get0_pubkey(cert);
	int curve = named_curve(cert);

	if (key == NULL)
		return false;
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		return is_sane_rsa(key);
	/* SEC 1 §3.2.2.1: the point at infinity, one octet long, is no key. OpenSSL reads it, and
	 * then takes signatures that anybody can make. */
	if (X509_get0_pubkey_bitstr(cert)->length <= 1)
		return false;
	return curve == NID_X9_62_prime256v1 || curve == NID_secp384r1;
}

/* Moves the ends of the time in which the findings hold to b, when it lies between now and them. */
static void note_date(struct cid_cert *cert, int64_t b, int64_t now)
{
	if (b <= now && b > cert->same_from)
		cert->same_from = b;
	if (b > now && b < cert->same_until)
		cert->same_until = b;
}

static void note_dates(struct cid_cert *cert, STACK_OF(X509) * certs, int64_t now)
{
	for (int i = 0; i < sk_X509_num(certs); i++) {
		const X509 *x = sk_X509_value(certs, i);
		int64_t epoch;

		if (epoch_of(X509_get0_notBefore(x), &epoch))
			note_date(cert, epoch, now);
		/* The last second is a valid one. */
		if (epoch_of(X509_get0_notAfter(x), &epoch))
			note_date(cert, epoch + 1, now);
	}
}

static void take_subject(struct cid_cert *cert, const X509 *leaf)
{
	const X509_NAME *subject = X509_get_subject_name(leaf);

	/* A name that does not fit is cut, and then equals no iss that is longer. */
	(void)X509_NAME_get_text_by_NID(subject, NID_commonName, cert->subject[0],
					sizeof(cert->subject[0]));
	(void)X509_NAME_get_text_by_NID(subject, NID_organizationName, cert->subject[1],
					sizeof(cert->subject[1]));
}

bool cid_cert_is_subject(const struct cid_cert *cert, const char *iss)
{
	return iss[0] != '\0' &&
	       (strcasecmp(cert->subject[0], iss) == 0 || strcasecmp(cert->subject[1], iss) == 0);
}

/* Check "cert": the signer's certificate has a key that can make ES256 and readable dates. */
static void judge_file(struct cid_cert *cert, X509 *leaf)
{
	if (!epoch_of(X509_get0_notBefore(leaf), &cert->not_before) ||
	    !epoch_of(X509_get0_notAfter(leaf), &cert->not_after))
		find(&cert->file, CALLERID_REASON_CERT_UNREADABLE, "its dates cannot be read");
	else if (named_curve(leaf) != NID_X9_62_prime256v1)
		find(&cert->file, CALLERID_REASON_CERT_UNREADABLE,
		     "its key is not on the named curve P-256, which ES256 needs");
	else if (!cid_p256_point(X509_get0_pubkey(leaf), cert->point) ||
		 (cert->key = cid_es256_verifier(X509_get0_pubkey(leaf))) == NULL)
		find(&cert->file, CALLERID_REASON_CERT_UNREADABLE, "its key cannot be read");
}

/* What makes the first certificate one that may sign PASSporTs; NULL when nothing is wrong. */
static const char *usage_trouble(X509 *leaf)
{
	uint32_t usage = X509_get_key_usage(leaf); /* all ones when absent */
	uint32_t extended = X509_get_extended_key_usage(leaf);

	if (usage == UINT32_MAX)
		return "the signer's certificate has no keyUsage";
	if ((usage & KU_DIGITAL_SIGNATURE) == 0)
		return "keyUsage of the signer's certificate lacks digitalSignature";
	/* RFC 5280 §4.2.1.12: the key is for the purposes named only, and none of them is STIR. */
	if (extended != UINT32_MAX && (extended & XKU_ANYEKU) == 0)
		return "extendedKeyUsage of the signer's certificate is for something else";
	return NULL;
}

/* RFC 5280 §4.1.2.5: the validity includes notAfter; OpenSSL ends it there. */
static bool is_last_second(X509_STORE_CTX *ctx)
{
	time_t now = X509_VERIFY_PARAM_get_time(X509_STORE_CTX_get0_param(ctx));
	X509 *x = X509_STORE_CTX_get_current_cert(ctx);

	return x != NULL && ASN1_TIME_cmp_time_t(X509_get0_notAfter(x), now) == 0;
}

static int on_path_error(int ok, X509_STORE_CTX *ctx)
{
	int error = X509_STORE_CTX_get_error(ctx);

	if (ok)
		return 1;
	if (!(error == X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION &&
	      cid_ext_knows_critical(X509_STORE_CTX_get_current_cert(ctx),
				     X509_STORE_CTX_get_error_depth(ctx) == 0)) &&
	    !(error == X509_V_ERR_CERT_HAS_EXPIRED && is_last_second(ctx)))
		return 0;
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

static enum callerid_reason reason_of(int error)
{
	switch (error) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return CALLERID_REASON_CERT_EXPIRED;
	case X509_V_ERR_CERT_REVOKED:
		return CALLERID_REASON_CERT_REVOKED;
	case X509_V_ERR_OUT_OF_MEM:
		return CALLERID_REASON_NO_MEMORY;
	default:
		return CALLERID_REASON_CERT_UNTRUSTED;
	}
}

/* What OpenSSL lets pass in an issuer and we do not; NULL when nothing is wrong. */
static const char *issuer_trouble(X509 *issuer, bool is_anchor)
{
	/* X509_check_ca() has other answers than 1 for what looks like a CA without
	 * basicConstraints; RFC 5280 §6.1.4 (k) takes none of them. An anchor is what the operator
	 * says it is. */
	bool is_self_issued =
		X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(issuer)) == 0;

	if (!is_issuer_key(issuer))
		return "its key is neither P-256, P-384 nor RSA of 2048 to 8192 bits";
	if (X509_check_ca(issuer) != 1 && !(is_anchor && is_self_issued))
		return "it is an issuer without basicConstraints that say CA";
	return NULL;
}

static bool judge_issuers(struct cid_cert *cert, STACK_OF(X509) * path)
{
	int n = sk_X509_num(path);

	for (int i = 1; i < n; i++) {
		const char *trouble = issuer_trouble(sk_X509_value(path, i), i == n - 1);

		if (trouble == NULL)
			continue;
		cert->path.reason = CALLERID_REASON_CERT_UNTRUSTED;
		cid_say(cert->path.why, sizeof(cert->path.why), "certificate %d of the path: %s",
			i + 1, trouble);
		return false;
	}
	return true;
}

/* Every certificate but the anchor in the CRLs. false: one is revoked. */
static bool judge_revocation(struct cid_cert *cert, const struct cid_trust *trust,
			     STACK_OF(X509) * path, int64_t now)
{
	int n = sk_X509_num(path);

	for (int i = 0; i < n - 1; i++) {
		struct cid_crl_query query = {.cert = sk_X509_value(path, i),
					      .issuer = sk_X509_value(path, i + 1),
					      .anchor = sk_X509_value(path, n - 1),
					      .signers = cid_trust_crl_issuers(trust),
					      .now = now};
		struct cid_crl_answer answer;

		cid_crls_look_up(cid_trust_crls(trust), &query, &answer);
		if (answer.no_memory) {
			find(&cert->path, CALLERID_REASON_NO_MEMORY, "no memory");
			return false;
		}
		note_date(cert, answer.changes, now);
		if (answer.is_revoked) {
			cert->path.reason = CALLERID_REASON_CERT_REVOKED;
			cid_say(cert->path.why, sizeof(cert->path.why),
				"certificate %d of the path: certificate revoked", i + 1);
			return false;
		}
		if (answer.is_covered || cert->revocation.reason != CALLERID_REASON_OK)
			continue;
		cert->revocation.reason = CALLERID_REASON_CRL_MISSING;
		cid_say(cert->revocation.why, sizeof(cert->revocation.why),
			"certificate %d of the path: %s", i + 1,
			answer.is_stale ? "its CRL is out of date" : "no CRL speaks for it");
		cert->has_stale_crl = answer.is_stale;
	}
	return true;
}

static void judge_found_path(struct cid_cert *cert, const struct cid_trust *trust,
			     STACK_OF(X509) * path, int64_t now)
{
	X509 *anchor = sk_X509_value(path, sk_X509_num(path) - 1);
	const char *list = "", *version = "";
	char name[64] = "";

	if (!judge_issuers(cert, path) || !judge_revocation(cert, trust, path, now))
		return;
	(void)X509_NAME_get_text_by_NID(X509_get_subject_name(anchor), NID_commonName, name,
					sizeof(name));
	(void)cid_trust_find(trust, anchor, &list, &version);
	cid_say(cert->anchor_list, sizeof(cert->anchor_list), "%s", list);
	cid_say(cert->anchor_version, sizeof(cert->anchor_version), "%s", version);
	cid_say(cert->path.why, sizeof(cert->path.why), "ends at %s (%s%s%s)%s", name, list,
		version[0] != '\0' ? " " : "", version,
		cert->has_stale_crl ? "; a CRL is out of date" : "");
}

struct path_cost {
	X509_STORE_CTX_verify_fn usual;
	bool is_dear, is_over;
};

/* Between the path that was built and the first of its signatures: a call may cost 10 ms, with
 * four signers. A P-384 root with a P-384 CA below it stays within that. */
static int verify_signatures(X509_STORE_CTX *ctx)
{
	struct path_cost *cost = X509_STORE_CTX_get_app_data(ctx);
	STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(ctx);
	int dear = 0;

	for (int i = 1; i < sk_X509_num(path); i++)
		dear += is_dear(sk_X509_value(path, i));
	cost->is_dear = dear > 0;
	cost->is_over = dear > DEAR_MAX;
	if (!cost->is_over)
		return cost->usual(ctx);
	X509_STORE_CTX_set_error(ctx, X509_V_ERR_APPLICATION_VERIFICATION);
	return 0;
}

/* An issuer is missing: more certificates might make a path. */
static bool is_gap(int error)
{
	return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
	       error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	       error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}

static void follow_path(struct cid_cert *cert, const struct cid_trust *trust, X509_STORE_CTX *ctx,
			int64_t now)
{
	struct path_cost cost = {.usual = X509_STORE_CTX_get_verify(ctx)};
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);

	X509_VERIFY_PARAM_set_time(param, (time_t)now);
	X509_VERIFY_PARAM_set_depth(param, PATH_DEPTH_MAX);
	X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
	X509_STORE_CTX_set_verify_cb(ctx, on_path_error);
	X509_STORE_CTX_set_verify(ctx, verify_signatures);
	if (X509_STORE_CTX_set_app_data(ctx, &cost) != 1) {
		find(&cert->path, CALLERID_REASON_NO_MEMORY, "no memory");
	} else if (X509_verify_cert(ctx) == 1) {
		judge_found_path(cert, trust, X509_STORE_CTX_get0_chain(ctx), now);
		cid_scope_judge_path(cert, X509_STORE_CTX_get0_chain(ctx),
				     X509_STORE_CTX_get0_untrusted(ctx));
	} else if (cost.is_over) {
		find(&cert->path, CALLERID_REASON_LIMIT,
		     "the path has over 2 issuers whose keys are P-384 or large RSA");
	} else {
		int error = X509_STORE_CTX_get_error(ctx);

		cert->path.reason = reason_of(error);
		cert->is_incomplete = is_gap(error);
		cid_say(cert->path.why, sizeof(cert->path.why), "certificate %d of the path: %s",
			X509_STORE_CTX_get_error_depth(ctx) + 1,
			X509_verify_cert_error_string(error));
	}
	cert->was_dear = cost.is_dear && !cost.is_over;
	note_dates(cert, X509_STORE_CTX_get0_chain(ctx), now);
}

/* Check "chain". The supplied keys are looked at before any of them is used to verify. */
static void judge_path(struct cid_cert *cert, const struct cid_trust *trust, STACK_OF(X509) * certs,
		       int64_t now)
{
	X509 *leaf = sk_X509_value(certs, 0);
	const char *trouble = usage_trouble(leaf);
	X509_STORE_CTX *ctx;

	for (int i = 1; trouble == NULL && i < sk_X509_num(certs); i++) {
		if (!is_issuer_key(sk_X509_value(certs, i)))
			trouble = "an issuer's key is neither P-256, P-384 nor RSA of 2048 to 8192 "
				  "bits";
	}
	if (trouble != NULL) {
		find(&cert->path, CALLERID_REASON_CERT_UNTRUSTED, trouble);
		return;
	}
	if (trust == NULL) {
		/* Our own certificate: whether others trust it is theirs to see. */
		cid_scope_judge_path(cert, certs, NULL);
		return;
	}
	ctx = X509_STORE_CTX_new();
	if (ctx == NULL || X509_STORE_CTX_init(ctx, cid_trust_store(trust), leaf, certs) != 1)
		find(&cert->path, CALLERID_REASON_NO_MEMORY, "no memory");
	else
		follow_path(cert, trust, ctx, now);
	X509_STORE_CTX_free(ctx);
}

static void judge(struct cid_cert *cert, const struct cid_trust *trust, STACK_OF(X509) * certs,
		  const struct callerid_span *list, int64_t now)
{
	X509 *leaf = sk_X509_value(certs, 0);

	note_dates(cert, certs, now);
	take_subject(cert, leaf);
	judge_file(cert, leaf);
	if (cert->file.reason != CALLERID_REASON_OK)
		return;
	cid_scope_judge(cert, leaf, list);
	judge_path(cert, trust, certs, now);
}

static struct cid_cert *new_cert(void)
{
	struct cid_cert *cert = calloc(1, sizeof(*cert));

	if (cert == NULL)
		return NULL;
	cert->refs = 1;
	cert->same_from = INT64_MIN;
	cert->same_until = INT64_MAX;
	return cert;
}

/* What OpenSSL finds without memory is no finding. It tells of that in its queue of errors, and may
 * have gone on: what it did not find there it has not looked at. */
static bool lacks_memory(const struct cid_cert *cert)
{
	const struct cid_finding *findings[] = {&cert->file, &cert->path, &cert->scope,
						&cert->rules, &cert->revocation};
	bool lacking = cid_openssl_lacked_memory();

	for (size_t i = 0; i < sizeof(findings) / sizeof(findings[0]); i++)
		lacking |= findings[i]->reason == CALLERID_REASON_NO_MEMORY;
	return lacking;
}

/* The one summary of all findings; what is known of them is immutable from here on. */
static struct cid_cert *finish(struct cid_cert *cert)
{
	if (lacks_memory(cert)) {
		cid_cert_release(cert);
		return NULL;
	}
	cert->good = cert->file.reason == CALLERID_REASON_OK &&
		     cert->path.reason == CALLERID_REASON_OK &&
		     cert->scope.reason == CALLERID_REASON_OK &&
		     cert->rules.reason == CALLERID_REASON_OK;
	return cert;
}

static struct cid_cert *look(struct cid_trust *trust, STACK_OF(X509) * certs,
			     const struct callerid_span *list, int64_t now)
{
	struct cid_cert *cert = new_cert();

	if (cert == NULL)
		return NULL;
	ERR_clear_error(); /* what the program left there is not about this */
	judge(cert, trust, certs, list, now);
	return finish(cert);
}

static bool is_same(const struct cid_cert *a, const struct cid_cert *b)
{
	return a->file.reason == b->file.reason && a->path.reason == b->path.reason &&
	       strcmp(a->path.why, b->path.why) == 0 && a->scope.reason == b->scope.reason &&
	       a->rules.reason == b->rules.reason;
}

/* What speaks against a certificate is believed when it is found twice: cid_certfile_read(). Where
 * signatures of 1 ms were verified on the way, twice would be over the 10 ms that a call may cost:
 * OpenSSL's queue, which has a word for most failures, is all there is then. */
static struct cid_cert *look_well(struct cid_trust *trust, STACK_OF(X509) * certs,
				  const struct callerid_span *list, int64_t now)
{
	struct cid_cert *cert = look(trust, certs, list, now), *again;
	bool same;

	if (cert == NULL || cert->good || cert->was_dear)
		return cert;
	again = look(trust, certs, list, now);
	same = again != NULL && is_same(cert, again);
	cid_cert_release(again);
	if (same)
		return cert;
	cid_cert_release(cert);
	return NULL;
}

struct cid_cert *cid_chain_check_certs(struct cid_trust *trust, STACK_OF(X509) * certs, int64_t now)
{
	return look_well(trust, certs, NULL, now);
}

/* Nothing to look at: only why. */
static struct cid_cert *unreadable(enum callerid_status status, const char *why)
{
	struct cid_cert *cert = status == CALLERID_ENOMEM ? NULL : new_cert();

	if (cert == NULL)
		return NULL;
	find(&cert->file,
	     status == CALLERID_ESYNTAX ? CALLERID_REASON_CERT_UNREADABLE : CALLERID_REASON_LIMIT,
	     why);
	return cert;
}

static struct cid_cert *check(struct cid_trust *trust, struct callerid_span body,
			      const struct callerid_span *list, int64_t now)
{
	STACK_OF(X509) *certs = NULL;
	struct callerid_error err;
	enum callerid_status status;
	struct cid_cert *cert;

	if (body.n > CALLERID_CERT_PEM_MAX)
		status = cid_fail(&err, CALLERID_ELIMIT, "certificate", "more than %d bytes",
				  CALLERID_CERT_PEM_MAX);
	else
		status = cid_certfile_read(body.p, body.n, CALLERID_CERT_CHAIN_MAX, &certs, &err);
	if (status != CALLERID_OK)
		return unreadable(status, err.text);
	cert = look_well(trust, certs, list, now);
	cid_certs_free(certs);
	return cert;
}

struct cid_cert *cid_chain_check(struct cid_trust *trust, const void *body, size_t len, int64_t now)
{
	return check(trust, (struct callerid_span){body, len}, NULL, now);
}

struct cid_cert *cid_chain_check_listed(struct cid_trust *trust, struct callerid_span body,
					struct callerid_span list, int64_t now)
{
	return check(trust, body, &list, now);
}
