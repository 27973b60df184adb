/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and CRLs out of PEM or DER text, within bounds. */
#include "certfile.h"

#include "fail.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <limits.h>

struct flaws {
	bool no_key, no_curve;
	uint32_t flags; /* EXFLAG_ */
};

/* A block that says it is encrypted must fail, not ask for a password on the terminal. */
static int no_password(char *buf, int size, int rwflag, void *magic)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)magic;
	return -1;
}

void cid_certs_free(STACK_OF(X509) * certs)
{
	sk_X509_pop_free(certs, X509_free);
}

void cid_crlfile_free(STACK_OF(X509_CRL) * crls)
{
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
}

/* The reason that a PEM reader stopped: at the end of the text, without memory, or at rubbish. */
static enum callerid_status why_stopped(int n, const char *what, struct callerid_error *err)
{
	unsigned long code = ERR_peek_last_error();
	int reason = ERR_GET_REASON(code);

	if (cid_openssl_lacked_memory())
		return cid_fail(err, CALLERID_ENOMEM, "certificate", "no memory");
	if (ERR_GET_LIB(code) == ERR_LIB_PEM && reason == PEM_R_NO_START_LINE && n > 0)
		return CALLERID_OK;
	if (n == 0)
		return cid_fail(err, CALLERID_ESYNTAX, "certificate", "no readable %s in it", what);
	return cid_fail(err, CALLERID_ESYNTAX, "certificate", "%s %d cannot be read", what, n + 1);
}

static enum callerid_status read_pem_certs(BIO *bio, int max, STACK_OF(X509) * certs,
					   struct callerid_error *err)
{
	int n = 0;
	X509 *cert;

	while ((cert = PEM_read_bio_X509(bio, NULL, no_password, NULL)) != NULL) {
		if (n++ == max) {
			X509_free(cert);
			return cid_fail(err, CALLERID_ELIMIT, "certificate",
					"more than %d certificates", max);
		}
		if (sk_X509_push(certs, cert) <= 0) {
			X509_free(cert);
			return cid_fail(err, CALLERID_ENOMEM, "certificate", "no memory");
		}
	}
	return why_stopped(n, "certificate", err);
}

static enum callerid_status read_der_cert(const void *body, size_t len, STACK_OF(X509) * certs,
					  struct callerid_error *err)
{
	const unsigned char *p = body;
	X509 *cert = d2i_X509(NULL, &p, (long)len);

	if (cert == NULL)
		return why_stopped(0, "certificate", err);
	if (p != (const unsigned char *)body + len) {
		X509_free(cert);
		return cid_fail(err, CALLERID_ESYNTAX, "certificate",
				"bytes behind the DER certificate");
	}
	if (sk_X509_push(certs, cert) <= 0) {
		X509_free(cert);
		return cid_fail(err, CALLERID_ENOMEM, "certificate", "no memory");
	}
	return CALLERID_OK;
}

static enum callerid_status read_certs(const void *body, size_t len, int max,
				       STACK_OF(X509) * *certs_out, struct callerid_error *err)
{
	STACK_OF(X509) *certs = sk_X509_new_null();
	BIO *bio = BIO_new_mem_buf(body, (int)len);
	enum callerid_status status;

	if (certs == NULL || bio == NULL)
		status = cid_fail(err, CALLERID_ENOMEM, "certificate", "no memory");
	else if (*(const unsigned char *)body == 0x30) /* DER of a SEQUENCE; no PEM begins so */
		status = read_der_cert(body, len, certs, err);
	else
		status = read_pem_certs(bio, max, certs, err);
	BIO_free(bio);
	if (status == CALLERID_OK) {
		*certs_out = certs;
		return status;
	}
	cid_certs_free(certs);
	return status;
}

/* What OpenSSL reads of a certificate only when it has the memory: its key, the size and
 * the name of the curve of that, and its extensions. It keeps them, or the lack of them, so that
 * they are read here rather than in a store of anchors. */
static struct flaws flaws_of(X509 *cert)
{
	const EVP_PKEY *key = X509_get0_pubkey(cert);
	struct flaws flaws = {.no_key = key == NULL || EVP_PKEY_get_bits(key) <= 0};
	int explicit = 0;

	flaws.flags = X509_get_extension_flags(cert);
	/* Fails for other keys than EC ones, which have no curve. */
	if (key != NULL)
		(void)EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
					     &explicit);
	flaws.no_curve = explicit != 0;
	return flaws;
}

/* One that has issued itself, and has not signed itself, has a key that is unlike its signature. */
static bool is_flawed(struct flaws flaws)
{
	return flaws.no_key || flaws.no_curve ||
	       (flaws.flags & (EXFLAG_INVALID | EXFLAG_NO_FINGERPRINT)) != 0 ||
	       (flaws.flags & (EXFLAG_SI | EXFLAG_SS)) == EXFLAG_SI;
}

static bool is_flawless(STACK_OF(X509) * certs)
{
	for (int i = 0; i < sk_X509_num(certs); i++) {
		if (is_flawed(flaws_of(sk_X509_value(certs, i))))
			return false;
	}
	return true;
}

static bool has_same_flaws(STACK_OF(X509) * a, STACK_OF(X509) * b)
{
	if (sk_X509_num(a) != sk_X509_num(b))
		return false;
	for (int i = 0; i < sk_X509_num(a); i++) {
		struct flaws in_a = flaws_of(sk_X509_value(a, i));
		struct flaws in_b = flaws_of(sk_X509_value(b, i));

		if (in_a.no_key != in_b.no_key || in_a.no_curve != in_b.no_curve ||
		    in_a.flags != in_b.flags)
			return false;
	}
	return true;
}

/*
 * OpenSSL does not always say that it was memory that it lacked: some of its readers fail without a
 * word, others go on without a key. A flaw is believed when it is found twice: the second time all
 * that the first took is free again, and who has no memory still fails at his first allocation.
 */
enum callerid_status cid_certfile_read(const void *body, size_t len, int max,
				       STACK_OF(X509) * *certs_out, struct callerid_error *err)
{
	STACK_OF(X509) *certs = NULL, *again = NULL;
	enum callerid_status status, second;
	bool same;

	if (body == NULL || len == 0)
		return cid_fail(err, CALLERID_ESYNTAX, "certificate", "it is empty");
	if (len > INT_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "certificate", "too long");
	ERR_clear_error();
	status = read_certs(body, len, max, &certs, err);
	if (status == CALLERID_ENOMEM || (status == CALLERID_OK && is_flawless(certs))) {
		*certs_out = certs;
		return status;
	}
	second = read_certs(body, len, max, &again, err);
	same = second == status && has_same_flaws(certs, again);
	ERR_clear_error();
	cid_certs_free(again);
	if (!same) {
		cid_certs_free(certs);
		return cid_fail(err, CALLERID_ENOMEM, "certificate", "no memory");
	}
	*certs_out = certs;
	return status;
}

static enum callerid_status read_der_crl(const char *body, size_t len, STACK_OF(X509_CRL) * crls,
					 struct callerid_error *err)
{
	const unsigned char *p = (const unsigned char *)body;
	X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)len);

	if (crl == NULL)
		return why_stopped(0, "CRL", err);
	if (p != (const unsigned char *)body + len) {
		X509_CRL_free(crl);
		return cid_fail(err, CALLERID_ESYNTAX, "crl", "bytes behind the DER CRL");
	}
	if (sk_X509_CRL_push(crls, crl) <= 0) {
		X509_CRL_free(crl);
		return cid_fail(err, CALLERID_ENOMEM, "crl", "no memory");
	}
	return CALLERID_OK;
}

static enum callerid_status read_pem_crls(BIO *bio, STACK_OF(X509_CRL) * crls,
					  struct callerid_error *err)
{
	X509_CRL *crl;

	while ((crl = PEM_read_bio_X509_CRL(bio, NULL, no_password, NULL)) != NULL) {
		if (sk_X509_CRL_push(crls, crl) > 0)
			continue;
		X509_CRL_free(crl);
		return cid_fail(err, CALLERID_ENOMEM, "crl", "no memory");
	}
	return why_stopped(sk_X509_CRL_num(crls), "CRL", err);
}

static enum callerid_status read_crls(const char *body, size_t len, STACK_OF(X509_CRL) * *crls_out,
				      struct callerid_error *err)
{
	STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
	BIO *bio = BIO_new_mem_buf(body, (int)len);
	enum callerid_status status;

	if (crls == NULL || bio == NULL)
		status = cid_fail(err, CALLERID_ENOMEM, "crl", "no memory");
	else if (body[0] == 0x30)
		status = read_der_crl(body, len, crls, err);
	else
		status = read_pem_crls(bio, crls, err);
	BIO_free(bio);
	/* It may have been read without what there was no memory for: the issuers of its entries.
	 */
	if (status == CALLERID_OK && cid_openssl_lacked_memory())
		status = cid_fail(err, CALLERID_ENOMEM, "crl", "no memory");
	if (status != CALLERID_OK) {
		cid_crlfile_free(crls);
		return status;
	}
	*crls_out = crls;
	return CALLERID_OK;
}

/* A flaw is believed when it is found twice, as of a certificate. */
enum callerid_status cid_crlfile_read(const char *body, size_t len, STACK_OF(X509_CRL) * *crls_out,
				      struct callerid_error *err)
{
	STACK_OF(X509_CRL) *again = NULL;
	enum callerid_status status;

	if (body == NULL || len == 0 || len > INT_MAX)
		return cid_fail(err, CALLERID_ESYNTAX, "crl", "it is empty or too long");
	ERR_clear_error();
	status = read_crls(body, len, crls_out, err);
	if (status == CALLERID_OK || status == CALLERID_ENOMEM ||
	    read_crls(body, len, &again, err) == status)
		return status;
	cid_crlfile_free(again);
	return cid_fail(err, CALLERID_ENOMEM, "crl", "no memory");
}
