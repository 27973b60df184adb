/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a PEM chain with OpenSSL, from memory. */
#include "svc/registry/domain/pemchain.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

static int64_t not_after(const X509 *x509)
{
	struct tm tm;

	/* 9999 and a broken date alike: no use as an end */
	if (ASN1_TIME_to_tm(X509_get0_notAfter(x509), &tm) != 1)
		return 0;
	return timegm(&tm);
}

/* PEM of the next certificate goes from in to out. Anything else that is PEM is refused. */
static const char *copy_certificate(BIO *in, BIO *out, int64_t *not_after_out)
{
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long len = 0;
	const char *code = NULL;
	X509 *x509 = NULL;

	if (PEM_read_bio(in, &name, &header, &der, &len) != 1)
		return "end";
	const unsigned char *p = der;
	if (strcmp(name, PEM_STRING_X509) == 0 && header[0] == 0)
		x509 = d2i_X509(NULL, &p, len);
	if (x509 == NULL || p != der + len)
		code = "not_pem";
	else if (PEM_write_bio_X509(out, x509) != 1)
		code = "no_memory";
	else
		*not_after_out = not_after(x509);
	X509_free(x509);
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	return code;
}

static const char *copy_chain(BIO *in, BIO *out, int64_t *not_after_out)
{
	for (size_t n = 0; n <= PEMCHAIN_CERTIFICATES_MAX; n++) {
		int64_t end = 0;
		const char *code = copy_certificate(in, out, &end);
		if (code != NULL && strcmp(code, "end") == 0)
			return n == 0 ? "not_pem" : NULL;
		if (code != NULL)
			return code;
		if (n == 0)
			*not_after_out = end;
	}
	return "too_many_certificates";
}

static const char *take_chain(BIO *out, struct pemchain *chain)
{
	char *p;
	long len = BIO_get_mem_data(out, &p);

	/* Encoded anew it can be longer than it was: lines of PEM may have 254 characters. */
	if (len > PEMCHAIN_BYTES_MAX)
		return "too_long";
	chain->pem = len > 0 ? malloc((size_t)len) : NULL;
	if (chain->pem == NULL)
		return "no_memory";
	memcpy(chain->pem, p, (size_t)len);
	chain->len = (size_t)len;
	return NULL;
}

const char *pemchain_read(const char *text, size_t len, int64_t now, struct pemchain *chain_out)
{
	static const char secret[] = "PRIVATE KEY";
	struct pemchain chain = {.pem = NULL};

	if (len > 0 && memmem(text, len, secret, sizeof secret - 1) != NULL)
		return "private_key";
	if (len > PEMCHAIN_BYTES_MAX)
		return "too_long";
	if (len == 0) /* of which OpenSSL makes no BIO */
		return "not_pem";
	BIO *in = BIO_new_mem_buf(text, (int)len), *out = BIO_new(BIO_s_mem());
	const char *code = in == NULL || out == NULL ? "no_memory" : NULL;
	if (code == NULL)
		code = copy_chain(in, out, &chain.not_after);
	if (code == NULL && chain.not_after <= now)
		code = "expired";
	if (code == NULL)
		code = take_chain(out, &chain);
	BIO_free(in);
	BIO_free(out);
	ERR_clear_error(); /* what OpenSSL says about strangers' input is nobody's error */
	if (code == NULL)
		*chain_out = chain;
	return code;
}

void pemchain_clear(struct pemchain *chain)
{
	free(chain->pem);
	*chain = (struct pemchain){.pem = NULL};
}
