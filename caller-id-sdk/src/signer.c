/* SPDX-License-Identifier: Apache-2.0 */
/* Signing PASSporTs (RFC 8224 §6.1): claims in, the value of an Identity header out. */
#include <callerid/signer_set.h>

#include "b64url.h"
#include "chain.h"
#include "claims.h"
#include "compact.h"
#include "fail.h"
#include "ppt.h"
#include "priority.h"
#include "signer_jws.h"
#include "signing_key.h"
#include "x5u.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define TAIL_MAX 64 /* ".", ";info=<", ">;alg=ES256", ";ppt=" and the NUL */
#define TEXT_MAX                                                                                   \
	(CALLERID_TOKEN_MAX + CID_ES256_B64_LEN + CALLERID_X5U_MAX + CALLERID_PPT_MAX + TAIL_MAX)

#define NAMESPACES_MAX 254

struct callerid_signer {
	struct cid_signing_key *key; /* NULL: sign_elsewhere has it */
	callerid_sign_digest *sign_elsewhere;
	void *magic; /* of sign_elsewhere */
	struct cid_cert *cert;
	bool any_number;
	char namespaces[NAMESPACES_MAX + 2]; /* each with a space behind it; "": none */
	char x5u[CALLERID_X5U_MAX + 1];
};

static enum callerid_status no_memory(struct callerid_error *err)
{
	return cid_fail(err, CALLERID_ENOMEM, "signer", "no memory");
}

/* An encrypted key must fail, not ask for a password on the terminal. */
static int no_password(char *buf, int size, int rwflag, void *magic)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)magic;
	return -1;
}

static enum callerid_status read_key_once(struct callerid_signer *signer,
					  const struct callerid_signer_params *params,
					  struct callerid_error *err)
{
	BIO *bio;
	EVP_PKEY *key;

	if (params->key_len == 0 || params->key_len > INT_MAX)
		return cid_fail(err, CALLERID_ESYNTAX, "signer", "the key is empty or too long");
	bio = BIO_new_mem_buf(params->key_pem, (int)params->key_len);
	if (bio == NULL)
		return no_memory(err);
	ERR_clear_error();
	key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (key == NULL)
		return cid_openssl_lacked_memory()
			       ? no_memory(err)
			       : cid_fail(err, CALLERID_ESYNTAX, "signer",
					  "the key is not an unencrypted PEM private key");
	signer->key = cid_signing_key_new(key);
	EVP_PKEY_free(key);
	if (signer->key == NULL)
		return cid_fail(err, CALLERID_ECRYPTO, "signer", "the key is not a P-256 key");
	return CALLERID_OK;
}

/* What speaks against a key is believed when it is found twice: OpenSSL does not always say that it
 * lacked memory (cid_certfile_read()). */
static enum callerid_status read_key(struct callerid_signer *signer,
				     const struct callerid_signer_params *params,
				     struct callerid_error *err)
{
	enum callerid_status status = read_key_once(signer, params, err);

	if (status == CALLERID_OK || status == CALLERID_ENOMEM ||
	    read_key_once(signer, params, err) == status)
		return status;
	return no_memory(err);
}

/* A certificate that no verifier would take must not be signed with. */
static enum callerid_status read_cert(struct callerid_signer *signer,
				      const struct callerid_signer_params *params,
				      struct callerid_error *err)
{
	const struct cid_cert *cert;

	signer->cert = cid_chain_check(NULL, params->cert_pem, params->cert_len, 0);
	if (signer->cert == NULL)
		return no_memory(err);
	cert = signer->cert;
	if (cert->file.reason == CALLERID_REASON_CERT_UNREADABLE)
		return cid_fail(err, CALLERID_ESYNTAX, "signer", "certificate: %s", cert->file.why);
	if (cert->file.reason != CALLERID_REASON_OK)
		return cid_fail(err, CALLERID_ELIMIT, "signer", "certificate: %s", cert->file.why);
	if (cert->path.reason != CALLERID_REASON_OK)
		return cid_fail(err, CALLERID_EPERM, "signer", "%s", cert->path.why);
	/* RFC 9060 §5: nor one whose numbers its issuer did not have. */
	if (cert->scope.reason != CALLERID_REASON_OK)
		return cid_fail(err, CALLERID_EPERM, "signer", "%s", cert->scope.why);
	if (cert->rules.reason != CALLERID_REASON_OK)
		return cid_fail(err, CALLERID_EPERM, "signer", "%s", cert->rules.why);
	return CALLERID_OK;
}

/* The signature is by the key of the certificate; why says what it means when it is not. */
static enum callerid_status check_own(const struct callerid_signer *signer,
				      struct callerid_span text, const uint8_t raw[CID_ES256_LEN],
				      const char *why, struct callerid_error *err)
{
	enum cid_verified result = cid_es256_verify_with(signer->cert->key, text.p, text.n, raw);

	if (result == CID_VERIFIED)
		return CALLERID_OK;
	return result == CID_VERIFY_NO_MEMORY
		       ? no_memory(err)
		       : cid_fail(err, CALLERID_ECRYPTO, "signer", "%s", why);
}

/* ES256 over len bytes at text. */
static enum callerid_status sign_text(const struct callerid_signer *signer, const char *text,
				      size_t len, uint8_t raw[CID_ES256_LEN],
				      struct callerid_error *err)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	enum callerid_status status;

	if (SHA256((const uint8_t *)text, len, digest) == NULL)
		return no_memory(err);
	if (signer->key != NULL)
		return cid_signing_key_sign(signer->key, digest, raw) ? CALLERID_OK
								      : no_memory(err);
	status = signer->sign_elsewhere(signer->magic, digest, raw, err);
	if (status != CALLERID_OK)
		return status;
	/* What a token or a network brought back is looked at before it goes out in our name. */
	return check_own(signer, (struct callerid_span){text, len}, raw,
			 "the signature is not by the certificate's key", err);
}

/* Comparing public halves is not enough: a key file can hold halves that do not belong together. */
static enum callerid_status check_pair(const struct callerid_signer *signer,
				       struct callerid_error *err)
{
	static const char probe[] = "callerid";
	uint8_t raw[CID_ES256_LEN];
	enum callerid_status status = sign_text(signer, probe, sizeof(probe), raw, err);

	if (status != CALLERID_OK)
		return status;
	return check_own(signer, (struct callerid_span){probe, sizeof(probe)}, raw,
			 "the key is not that of the certificate", err);
}

static enum callerid_status take_params(struct callerid_signer *signer,
					const struct callerid_signer_params *params,
					struct callerid_error *err)
{
	size_t n = strlen(params->x5u);
	const char *trouble = cid_x5u_trouble((struct callerid_span){params->x5u, n});
	enum callerid_status status;

	if (trouble != NULL)
		return cid_fail(err, CALLERID_EINVAL, "signer", "%s", trouble);
	memcpy(signer->x5u, params->x5u, n + 1);
	if (params->namespaces != NULL) {
		if (strlen(params->namespaces) > NAMESPACES_MAX)
			return cid_fail(err, CALLERID_EINVAL, "signer", "namespaces are too long");
		memcpy(signer->namespaces, params->namespaces, strlen(params->namespaces));
		signer->namespaces[strlen(params->namespaces)] = ' ';
	}
	signer->any_number = params->any_number;
	signer->sign_elsewhere = params->sign;
	signer->magic = params->magic;
	status = params->sign == NULL ? read_key(signer, params, err) : CALLERID_OK;
	if (status == CALLERID_OK)
		status = read_cert(signer, params, err);
	if (status == CALLERID_OK)
		status = check_pair(signer, err);
	return status;
}

enum callerid_status callerid_signer_new(const struct callerid_signer_params *params,
					 struct callerid_signer **signer_out,
					 struct callerid_error *err)
{
	struct callerid_signer *signer;
	enum callerid_status status;

	if (params == NULL || params->cert_pem == NULL || params->x5u == NULL)
		return cid_fail(err, CALLERID_EINVAL, "signer", "certificate or x5u missing");
	if ((params->key_pem == NULL) == (params->sign == NULL))
		return cid_fail(err, CALLERID_EINVAL, "signer",
				"one of a key and a function that signs is needed");
	signer = calloc(1, sizeof(*signer));
	if (signer == NULL)
		return no_memory(err);
	status = take_params(signer, params, err);
	if (status != CALLERID_OK) {
		callerid_signer_free(signer);
		return status;
	}
	*signer_out = signer;
	return CALLERID_OK;
}

void callerid_signer_free(struct callerid_signer *signer)
{
	if (signer == NULL)
		return;
	cid_signing_key_free(signer->key);
	cid_cert_release(signer->cert);
	free(signer);
}

const char *callerid_signer_x5u(const struct callerid_signer *signer)
{
	return signer->x5u;
}

void callerid_signer_validity(const struct callerid_signer *signer, int64_t *not_before_out,
			      int64_t *not_after_out)
{
	*not_before_out = signer->cert->not_before;
	*not_after_out = signer->cert->not_after;
}

static bool may_sign_for(const struct callerid_signer *signer, const char *value)
{
	const char *from = signer->namespaces, *end;

	for (; (end = strchr(from, ' ')) != NULL; from = end + 1) {
		char name[NAMESPACES_MAX + 1] = "";

		memcpy(name, from, (size_t)(end - from));
		if (end > from && cid_priority_is_of(value, name))
			return true;
	}
	return false;
}

/* RFC 8443 §7.1: a signer signs for the namespaces that it is authorised for, and no others. */
static enum callerid_status check_namespaces(const struct callerid_signer *signer,
					     const struct callerid_claims *claims,
					     struct callerid_error *err)
{
	for (size_t i = 0; i < claims->n_rph; i++) {
		if (!may_sign_for(signer, claims->rph[i]))
			return cid_fail(err, CALLERID_EPERM, "signer",
					"rph holds a namespace that is none of the signer's");
	}
	return CALLERID_OK;
}

/* RFC 8224 §6.1 step 1: "authoritative for the identity"; of a diversion that is div (RFC 8946
 * §4.1), whoever called. */
static enum callerid_status check_authority(const struct callerid_signer *signer,
					    const struct callerid_claims *claims,
					    struct callerid_error *err)
{
	const struct callerid_party *party = cid_ppt_authority(claims);
	enum callerid_tnauth_match match;

	if (cid_ppt_find(claims->ppt, strlen(claims->ppt))->grants_priority)
		return check_namespaces(signer, claims, err);
	/* RFC 9795 §10: a third party speaks in its own name, of any number. */
	if (claims->iss != NULL)
		return cid_cert_is_subject(signer->cert, claims->iss)
			       ? CALLERID_OK
			       : cid_fail(err, CALLERID_EPERM, "signer",
					  "iss is not the subject of the certificate");
	if (party->kind != CALLERID_PARTY_TN)
		return cid_fail(err, CALLERID_EPERM, "signer",
				"a TNAuthList gives no authority over URIs");
	match = callerid_tnauthlist_match(signer->cert->tnauth, party->text);
	if (match == CALLERID_TNAUTH_COVERED ||
	    (match == CALLERID_TNAUTH_SPC_ONLY && signer->any_number))
		return CALLERID_OK;
	return cid_fail(err, CALLERID_EPERM, "signer",
			"the certificate's TNAuthList does not cover %s",
			party == &claims->div ? "div" : "orig");
}

/* RFC 8224 §6.1 step 3: the time must fall "within the validity of its certificate". */
static enum callerid_status check_time(const struct callerid_signer *signer, int64_t iat,
				       struct callerid_error *err)
{
	if (iat >= signer->cert->not_before && iat <= signer->cert->not_after)
		return CALLERID_OK;
	return cid_fail(err, CALLERID_EPERM, "signer", "the certificate is not valid at iat");
}

/* RFC 8226 §8, RFC 9118 §3: what verifiers would refuse under this certificate is not signed. */
static enum callerid_status check_constraints(const struct callerid_signer *signer,
					      const struct cid_writer *w,
					      struct callerid_error *err)
{
	const char *dot = memchr(w->p, '.', w->len);
	char why[CALLERID_WHY_MAX + 1] = "";
	struct cid_jws jws = {.payload = {NULL, 0}};
	enum callerid_reason reason;

	if (signer->cert->constraints == NULL || dot == NULL)
		return CALLERID_OK;
	jws.payload.p = dot + 1;
	jws.payload.n = (size_t)(w->p + w->len - jws.payload.p);
	reason = cid_constraints_check_token(signer->cert->constraints, &jws, why, sizeof(why));
	if (reason == CALLERID_REASON_OK)
		return CALLERID_OK;
	return cid_fail(err, reason == CALLERID_REASON_NO_MEMORY ? CALLERID_ENOMEM : CALLERID_EPERM,
			"signer", "%s", why);
}

/* The rest of the value: the signature over what w holds, then the parameters (§6.1 step 4). */
static enum callerid_status finish(const struct callerid_signer *signer,
				   const struct callerid_claims *claims, struct cid_writer *w,
				   struct callerid_error *err)
{
	uint8_t raw[CID_ES256_LEN];
	enum callerid_status status = sign_text(signer, w->p, w->len, raw, err);

	if (status != CALLERID_OK)
		return status;
	/* RFC 8225 §7: header and payload are left out, their dots stay. */
	if (claims->compact) {
		w->len = 0;
		cid_write(w, ".", 1);
	}
	cid_write(w, ".", 1);
	cid_write_b64url(w, raw, sizeof(raw));
	cid_write_text(w, ";info=<");
	cid_write_text(w, signer->x5u);
	cid_write_text(w, ">;alg=ES256");
	if (claims->ppt[0] != '\0') {
		cid_write_text(w, ";ppt=");
		cid_write_text(w, claims->ppt);
	}
	cid_write(w, "", 1);
	return w->full ? cid_fail(err, CALLERID_ELIMIT, "signer", "the token is too long")
		       : CALLERID_OK;
}

const char *cid_signer_x5u(const struct callerid_signer *signer)
{
	return signer->x5u;
}

enum callerid_status cid_signer_seal(const struct callerid_signer *signer, struct cid_writer *w,
				     int64_t iat, struct callerid_error *err)
{
	uint8_t raw[CID_ES256_LEN];
	enum callerid_status status = check_time(signer, iat, err);

	if (status == CALLERID_OK)
		status = sign_text(signer, w->p, w->len, raw, err);
	if (status != CALLERID_OK)
		return status;
	cid_write(w, ".", 1);
	cid_write_b64url(w, raw, sizeof(raw));
	return CALLERID_OK;
}

enum callerid_status callerid_signer_sign(const struct callerid_signer *signer,
					  const struct callerid_claims *claims, char **identity_out,
					  struct callerid_error *err)
{
	char text[TEXT_MAX], *copy;
	struct cid_writer w;
	enum callerid_status status;

	cid_writer_init(&w, text, sizeof(text));
	status = cid_claims_signing_input(&w, claims, signer->x5u, err);
	if (status == CALLERID_OK && claims->compact)
		status = cid_compact_check(claims, err);
	if (status == CALLERID_OK)
		status = check_authority(signer, claims, err);
	if (status == CALLERID_OK)
		status = check_time(signer, claims->iat, err);
	if (status == CALLERID_OK)
		status = check_constraints(signer, &w, err);
	if (status == CALLERID_OK)
		status = finish(signer, claims, &w, err);
	if (status != CALLERID_OK)
		return status;
	copy = malloc(w.len);
	if (copy == NULL)
		return no_memory(err);
	memcpy(copy, text, w.len);
	*identity_out = copy;
	return CALLERID_OK;
}

enum callerid_status callerid_origid_random(char origid_out[CALLERID_ORIGID_MAX + 1])
{
	static const char hex[] = "0123456789abcdef";
	uint8_t bytes[16];
	char *out = origid_out;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return CALLERID_ECRYPTO;
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40); /* RFC 4122 §4.4: version 4 */
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80); /* its variant */
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = hex[bytes[i] >> 4];
		*out++ = hex[bytes[i] & 0x0f];
	}
	*out = '\0';
	return CALLERID_OK;
}
