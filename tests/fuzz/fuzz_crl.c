/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRLs: the certificates of an issuer and of somebody else, each from a length of two bytes on,
 * then the CRL's text. What a CRL says counts only where OpenSSL finds the issuer's signature on it
 * too, and reading it twice changes nothing.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "certfile.h"
#include "crl.h"

#define NOW INT64_C(1800000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

static X509 *take_cert(const uint8_t **data, size_t *size)
{
	const uint8_t *p = *data + 2;
	size_t n;

	if (*size < 2)
		return NULL;
	n = (size_t)(*data)[0] << 8 | (*data)[1];
	if (n > *size - 2)
		n = *size - 2;
	*data += 2 + n;
	*size -= 2 + n;
	return d2i_X509(NULL, &p, (long)n);
}

static bool is_signed(const char *text, size_t n, X509 *issuer)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer);
	STACK_OF(X509_CRL) *all = NULL;
	bool found = false;

	must(cid_crlfile_read(text, n, &all, NULL) == CALLERID_OK);
	for (int i = 0; key != NULL && i < sk_X509_CRL_num(all); i++)
		found = found || X509_CRL_verify(sk_X509_CRL_value(all, i), key) == 1;
	cid_crlfile_free(all);
	return found;
}

static void look(const char *text, size_t n, X509 *issuer, X509 *cert)
{
	struct cid_crl_query query = {.cert = cert, .issuer = issuer, .anchor = issuer, .now = NOW};
	struct callerid_error err = {.text = ""};
	struct cid_crl_answer answer, again;
	struct cid_crls *crls = NULL;
	size_t count;

	must(cid_crls_new(&crls, NULL) == CALLERID_OK);
	if (cid_crls_add(crls, text, n, &err) == CALLERID_OK) {
		count = cid_crls_count(crls);
		cid_crls_look_up(crls, &query, &answer);
		must(count > 0 && answer.changes > NOW);
		must(!(answer.is_revoked || answer.is_covered || answer.is_stale) ||
		     is_signed(text, n, issuer));
		must(cid_crls_add(crls, text, n, NULL) == CALLERID_OK);
		cid_crls_look_up(crls, &query, &again);
		must(cid_crls_count(crls) == count && again.is_revoked == answer.is_revoked &&
		     again.is_covered == answer.is_covered && again.is_stale == answer.is_stale);
	} else {
		must(err.text[0] != '\0' && cid_crls_count(crls) == 0);
	}
	cid_crls_free(crls);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	X509 *issuer = take_cert(&data, &size), *cert = take_cert(&data, &size);

	if (issuer != NULL && cert != NULL)
		look((const char *)data, size, issuer, cert);
	X509_free(issuer);
	X509_free(cert);
	ERR_clear_error();
	return 0;
}
