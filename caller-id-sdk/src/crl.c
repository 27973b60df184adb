/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists, complete and indirect (RFC 5280 §5): kept, borne out, and looked into. */
#include "crl.h"

#include "certfile.h"
#include "fail.h"
#include "jws.h"

#include <callerid/context.h>
#include <callerid/identity.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define UNUSED_BITS 7 /* of a BIT STRING's flags: how many bits of its last byte do not count */

struct crl {
	X509_CRL *crl;
	EVP_PKEY *proven;	   /* the key that its signature was borne out by; NULL: none yet */
	EVP_PKEY *refuted;	   /* the key that it was last tried with in vain; NULL: none */
	ISSUING_DIST_POINT *scope; /* RFC 5280 §5.2.5; NULL: everything of its issuer */
	int64_t from, until;	   /* thisUpdate, nextUpdate */
	const EVP_MD *md;	   /* of its signature, over digest */
	int key_type;		   /* that such a signature is made with */
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned digest_len;
};

struct cid_crls {
	struct crl *row[CALLERID_CRLS_MAX];
	size_t n;
};

enum callerid_status cid_crls_new(struct cid_crls **crls_out, struct callerid_error *err)
{
	*crls_out = calloc(1, sizeof(**crls_out));
	return *crls_out != NULL ? CALLERID_OK : cid_fail(err, CALLERID_ENOMEM, "crl", "no memory");
}

static void row_free(struct crl *row)
{
	if (row == NULL)
		return;
	X509_CRL_free(row->crl);
	EVP_PKEY_free(row->proven);
	EVP_PKEY_free(row->refuted);
	ISSUING_DIST_POINT_free(row->scope);
	free(row);
}

void cid_crls_free(struct cid_crls *crls)
{
	if (crls == NULL)
		return;
	for (size_t i = 0; i < crls->n; i++)
		row_free(crls->row[i]);
	free(crls);
}

size_t cid_crls_count(const struct cid_crls *crls)
{
	return crls->n;
}

static bool epoch_of(const ASN1_TIME *time, int64_t *epoch_out)
{
	struct tm tm;

	if (time == NULL || ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	*epoch_out = (int64_t)timegm(&tm);
	return true;
}

/* RFC 5280 §5.2: a CRL with a critical extension that is not understood must not be used to
 * determine the status of certificates. A delta CRL has one. */
static bool is_understood(const X509_CRL *crl)
{
	for (int i = 0; i < X509_CRL_get_ext_count(crl); i++) {
		X509_EXTENSION *ext = X509_CRL_get_ext(crl, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(ext));

		if (X509_EXTENSION_get_critical(ext) && nid != NID_issuing_distribution_point)
			return false;
	}
	return true;
}

/* SHA-1 and older say nothing any more. */
static bool find_algorithm(struct crl *row)
{
	int digest = NID_undef;

	if (OBJ_find_sigid_algs(X509_CRL_get_signature_nid(row->crl), &digest, &row->key_type) != 1)
		return false;
	row->md = EVP_get_digestbynid(digest);
	return row->md != NULL &&
	       (digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512);
}

/* tbsCertList, the first part of a CRL in DER. false: it is not DER, which has definite lengths. */
static bool signed_part(const uint8_t *der, size_t len, struct callerid_span *part_out)
{
	const unsigned char *p = der, *from;
	int tag, class;
	long n = 0;

	if (ASN1_get_object(&p, &n, &tag, &class, (long)len) != V_ASN1_CONSTRUCTED)
		return false;
	from = p;
	if (ASN1_get_object(&p, &n, &tag, &class, n) != V_ASN1_CONSTRUCTED)
		return false;
	*part_out = (struct callerid_span){(const char *)from, (size_t)(p - from) + (size_t)n};
	return true;
}

static enum callerid_status bad(struct callerid_error *err, const char *what)
{
	return cid_fail(err, CALLERID_ESYNTAX, "crl", "%s", what);
}

/* What the signature is over is hashed when the CRL comes: 10 MB take longer than a call may. */
static enum callerid_status hash_row(struct crl *row, struct callerid_error *err)
{
	struct callerid_span part = {NULL, 0};
	unsigned char *der = NULL;
	int n = i2d_X509_CRL(row->crl, &der); /* the signed part as it was received */
	bool is_der = n > 0 && signed_part(der, (size_t)n, &part);
	bool good = is_der &&
		    EVP_Digest(part.p, part.n, row->digest, &row->digest_len, row->md, NULL) == 1;

	OPENSSL_free(der);
	if (n > 0 && !is_der)
		return bad(err, "it is not DER");
	return good ? CALLERID_OK : cid_fail(err, CALLERID_ENOMEM, "crl", "no memory");
}

/* The first look-up sorts: now, and not while a call waits. */
static enum callerid_status sort_row(struct crl *row, struct callerid_error *err)
{
	ASN1_INTEGER *zero = ASN1_INTEGER_new();
	X509_REVOKED *unused = NULL;

	if (zero == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "crl", "no memory");
	(void)X509_CRL_get0_by_serial(row->crl, &unused, zero);
	ASN1_INTEGER_free(zero);
	return CALLERID_OK;
}

static enum callerid_status read_row(struct crl *row, struct callerid_error *err)
{
	X509_CRL *crl = row->crl;
	enum callerid_status status;
	int critical = -1;

	if (!is_understood(crl))
		return bad(err, "a critical extension of it is not understood (a delta CRL?)");
	if (!find_algorithm(row))
		return bad(err, "its signature is not made with SHA-256, SHA-384 or SHA-512");
	if (!epoch_of(X509_CRL_get0_lastUpdate(crl), &row->from))
		return bad(err, "its thisUpdate cannot be read");
	/* Without nextUpdate, which RFC 5280 §5.1.2.5 requires, it is never current. */
	if (!epoch_of(X509_CRL_get0_nextUpdate(crl), &row->until))
		row->until = row->from - 1;
	row->scope = X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &critical, NULL);
	if (row->scope == NULL && critical != -1)
		return bad(err, "its issuingDistributionPoint cannot be read");
	status = hash_row(row, err);
	return status == CALLERID_OK ? sort_row(row, err) : status;
}

/* The same issuer and the same part of its certificates. */
static bool is_same_scope(const struct crl *a, const struct crl *b)
{
	const int nid = NID_issuing_distribution_point;
	int at_a = X509_CRL_get_ext_by_NID(a->crl, nid, -1);
	int at_b = X509_CRL_get_ext_by_NID(b->crl, nid, -1);

	if (X509_NAME_cmp(X509_CRL_get_issuer(a->crl), X509_CRL_get_issuer(b->crl)) != 0)
		return false;
	if (at_a < 0 || at_b < 0)
		return at_a < 0 && at_b < 0;
	return ASN1_OCTET_STRING_cmp(X509_EXTENSION_get_data(X509_CRL_get_ext(a->crl, at_a)),
				     X509_EXTENSION_get_data(X509_CRL_get_ext(b->crl, at_b))) == 0;
}

/* As X509_CRL_verify(), which would hash all of it again. */
static enum cid_verified verify(const struct crl *row, EVP_PKEY *key)
{
	const ASN1_BIT_STRING *signature = NULL;
	EVP_PKEY_CTX *ctx;
	bool ready, good;

	X509_CRL_get0_signature(row->crl, &signature, NULL);
	if (EVP_PKEY_get_base_id(key) != row->key_type || (signature->flags & UNUSED_BITS) != 0)
		return CID_NOT_VERIFIED;
	ERR_clear_error();
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	ready = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
		EVP_PKEY_CTX_set_signature_md(ctx, row->md) == 1;
	good = ready && EVP_PKEY_verify(ctx, signature->data, (size_t)signature->length,
					row->digest, row->digest_len) == 1;
	EVP_PKEY_CTX_free(ctx);
	if (good)
		return CID_VERIFIED;
	/* A signature that is not one, of DER or in length, is an error to OpenSSL as well. */
	return !ready || cid_openssl_lacked_memory() ? CID_VERIFY_NO_MEMORY : CID_NOT_VERIFIED;
}

/* Whether key made the CRL. Each answer is remembered, but for the lack of one. */
static enum cid_verified is_made_by(struct crl *row, EVP_PKEY *key)
{
	enum cid_verified good;

	if (row->proven != NULL && EVP_PKEY_eq(row->proven, key) == 1)
		return CID_VERIFIED;
	if (row->refuted != NULL && EVP_PKEY_eq(row->refuted, key) == 1)
		return CID_NOT_VERIFIED;
	good = verify(row, key);
	if (good == CID_VERIFY_NO_MEMORY || EVP_PKEY_up_ref(key) != 1)
		return good;
	EVP_PKEY_free(good == CID_VERIFIED ? row->proven : row->refuted);
	*(good == CID_VERIFIED ? &row->proven : &row->refuted) = key;
	return good;
}

/* Whether row may take the place of old: what is proven gives way only to what is proven too. */
static enum cid_verified replaces(struct crl *row, const struct crl *old)
{
	if (!is_same_scope(row, old) || row->from < old->from)
		return CID_NOT_VERIFIED;
	return old->proven == NULL ? CID_VERIFIED : is_made_by(row, old->proven);
}

static enum callerid_status keep_row(struct cid_crls *crls, struct crl *row,
				     struct callerid_error *err)
{
	for (size_t i = 0; i < crls->n; i++) {
		enum cid_verified replaced = replaces(row, crls->row[i]);

		if (replaced == CID_VERIFY_NO_MEMORY)
			return cid_fail(err, CALLERID_ENOMEM, "crl", "no memory");
		if (replaced == CID_NOT_VERIFIED)
			continue;
		row_free(crls->row[i]);
		crls->row[i] = row;
		return CALLERID_OK;
	}
	if (crls->n == CALLERID_CRLS_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "crl", "over %d CRLs", CALLERID_CRLS_MAX);
	crls->row[crls->n++] = row;
	return CALLERID_OK;
}

/* *row_out takes crl. */
static enum callerid_status make_row(X509_CRL *crl, struct crl **row_out,
				     struct callerid_error *err)
{
	struct crl *row = calloc(1, sizeof(*row));
	enum callerid_status status;

	if (row == NULL || X509_CRL_up_ref(crl) != 1) {
		free(row);
		return cid_fail(err, CALLERID_ENOMEM, "crl", "no memory");
	}
	row->crl = crl;
	status = read_row(row, err);
	if (status != CALLERID_OK) {
		row_free(row);
		return status;
	}
	*row_out = row;
	return CALLERID_OK;
}

/* A flaw is believed when it is found twice: OpenSSL does not always say that it lacked memory. */
static enum callerid_status make_row_well(X509_CRL *crl, struct crl **row_out,
					  struct callerid_error *err)
{
	enum callerid_status status = make_row(crl, row_out, err);
	struct crl *again = NULL;

	if (status == CALLERID_OK || status == CALLERID_ENOMEM ||
	    make_row(crl, &again, err) == status)
		return status;
	if (again != NULL)
		row_free(again);
	return cid_fail(err, CALLERID_ENOMEM, "crl", "no memory");
}

enum callerid_status cid_crls_add(struct cid_crls *crls, const char *text, size_t len,
				  struct callerid_error *err)
{
	struct crl *rows[CALLERID_CRLS_MAX];
	STACK_OF(X509_CRL) *all = NULL;
	enum callerid_status status;
	int n = 0, kept = 0;

	if (len > CALLERID_CRL_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "crl", "over %d bytes", CALLERID_CRL_MAX);
	status = cid_crlfile_read(text, len, &all, err);
	if (status == CALLERID_OK && sk_X509_CRL_num(all) > CALLERID_CRLS_MAX)
		status = cid_fail(err, CALLERID_ELIMIT, "crl", "over %d CRLs", CALLERID_CRLS_MAX);
	for (; status == CALLERID_OK && n < sk_X509_CRL_num(all); n++) {
		status = make_row_well(sk_X509_CRL_value(all, n), &rows[n], err);
		if (status != CALLERID_OK)
			break;
	}
	for (; status == CALLERID_OK && kept < n; kept++) {
		status = keep_row(crls, rows[kept], err);
		if (status != CALLERID_OK)
			break;
	}
	for (; kept < n; kept++)
		row_free(rows[kept]);
	cid_crlfile_free(all);
	return status;
}

/* One of the general names of a stands in b too. */
static bool names_meet(const GENERAL_NAMES *a, const GENERAL_NAMES *b)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(a); i++) {
		for (int k = 0; k < sk_GENERAL_NAME_num(b); k++) {
			if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(a, i),
					     sk_GENERAL_NAME_value(b, k)) == 0)
				return true;
		}
	}
	return false;
}

static bool has_name(const GENERAL_NAMES *names, const X509_NAME *wanted)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_DIRNAME && X509_NAME_cmp(name->d.directoryName, wanted) == 0)
			return true;
	}
	return false;
}

/* RFC 5280 §6.3.3 (b): the place that the CRL says it is for is the one that the certificate names.
 * A CRL that says no place is for all. */
static bool is_same_place(const DIST_POINT_NAME *of_crl, const DIST_POINT_NAME *of_cert)
{
	if (of_crl == NULL)
		return true;
	if (of_cert == NULL || of_crl->type != 0 || of_cert->type != 0)
		return false;
	return names_meet(of_crl->name.fullname, of_cert->name.fullname);
}

/* One of the certificate's distribution points is served by this CRL. */
static bool is_pointed_at(const struct crl *row, X509 *cert, bool is_direct, bool *no_memory)
{
	const X509_NAME *issuer = X509_CRL_get_issuer(row->crl);
	const DIST_POINT_NAME *place = row->scope != NULL ? row->scope->distpoint : NULL;
	int critical = -1; /* stays so where there are none */
	CRL_DIST_POINTS *points =
		X509_get_ext_d2i(cert, NID_crl_distribution_points, &critical, NULL);
	bool found = false;

	/* Points that cannot be read are an invalid extension, with which no path is valid. */
	*no_memory |= points == NULL && critical >= 0;

	for (int i = 0; !found && i < sk_DIST_POINT_num(points); i++) {
		const DIST_POINT *point = sk_DIST_POINT_value(points, i);
		bool is_named =
			point->CRLissuer != NULL ? has_name(point->CRLissuer, issuer) : is_direct;

		found = is_named && point->reasons == NULL &&
			is_same_place(place, point->distpoint);
	}
	CRL_DIST_POINTS_free(points);
	return found || (is_direct && place == NULL);
}

/* Whether a current row that does not list cert says that it is not revoked. */
static bool speaks_for(const struct crl *row, X509 *cert, bool is_direct, bool *no_memory)
{
	const ISSUING_DIST_POINT *scope = row->scope;
	bool is_ca = X509_check_ca(cert) == 1;

	if (scope != NULL && (scope->onlyattr > 0 || scope->onlysomereasons != NULL ||
			      (scope->onlyuser > 0 && is_ca) || (scope->onlyCA > 0 && !is_ca)))
		return false;
	return is_pointed_at(row, cert, is_direct, no_memory);
}

/* RFC 5280 §6.3.3 (f): the issuer of the CRL may sign CRLs, and has signed this one. */
static enum cid_verified is_signed_by(struct crl *row, X509 *signer, int64_t now)
{
	EVP_PKEY *key = X509_get0_pubkey(signer);

	if (X509_NAME_cmp(X509_CRL_get_issuer(row->crl), X509_get_subject_name(signer)) != 0)
		return CID_NOT_VERIFIED;
	/* All ones when there is no keyUsage. */
	if ((X509_get_key_usage(signer) & KU_CRL_SIGN) == 0 || key == NULL)
		return CID_NOT_VERIFIED;
	if (ASN1_TIME_cmp_time_t(X509_get0_notBefore(signer), (time_t)now) > 0 ||
	    ASN1_TIME_cmp_time_t(X509_get0_notAfter(signer), (time_t)now) < 0)
		return CID_NOT_VERIFIED;
	return is_made_by(row, key);
}

/* Whether somebody whom the query names has made the CRL. */
static bool is_borne_out(struct crl *row, const struct cid_crl_query *query, bool is_direct,
			 struct cid_crl_answer *answer)
{
	enum cid_verified good = CID_NOT_VERIFIED;

	if (is_direct)
		good = is_signed_by(row, query->issuer, query->now);
	if (good == CID_NOT_VERIFIED)
		good = is_signed_by(row, query->anchor, query->now);
	for (int i = 0; good == CID_NOT_VERIFIED && i < sk_X509_num(query->signers); i++)
		good = is_signed_by(row, sk_X509_value(query->signers, i), query->now);
	answer->no_memory |= good == CID_VERIFY_NO_MEMORY;
	return good == CID_VERIFIED;
}

static void note_change(struct cid_crl_answer *answer, int64_t at, int64_t now)
{
	if (at > now && at < answer->changes)
		answer->changes = at;
}

static void look_into(struct crl *row, const struct cid_crl_query *query,
		      struct cid_crl_answer *answer)
{
	bool is_direct = X509_NAME_cmp(X509_CRL_get_issuer(row->crl),
				       X509_get_issuer_name(query->cert)) == 0;
	bool is_indirect = row->scope != NULL && row->scope->indirectCRL > 0;
	bool is_current = row->from <= query->now && query->now <= row->until;
	X509_REVOKED *entry = NULL;

	if ((!is_direct && !is_indirect) || !is_borne_out(row, query, is_direct, answer))
		return;
	note_change(answer, row->from, query->now);
	if (row->until < INT64_MAX)
		note_change(answer, row->until + 1, query->now);
	/* 2 is removeFromCRL, which lifts a hold. */
	if (X509_CRL_get0_by_cert(row->crl, &entry, query->cert) == 1)
		answer->is_revoked = true;
	else if (!speaks_for(row, query->cert, is_direct, &answer->no_memory))
		return;
	else if (is_current)
		answer->is_covered = true;
	else
		answer->is_stale = true;
}

void cid_crls_look_up(struct cid_crls *crls, const struct cid_crl_query *query,
		      struct cid_crl_answer *answer_out)
{
	*answer_out = (struct cid_crl_answer){.changes = INT64_MAX};
	for (size_t i = 0; i < crls->n; i++)
		look_into(crls->row[i], query, answer_out);
}
