/* SPDX-License-Identifier: Apache-2.0 */
/* Warnings about a configuration that loads. */
#include "sip-proxy/warn.h"

#include <callerid/tnauthlist.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <stdlib.h>

#define TNAUTHLIST_OID "1.3.6.1.5.5.7.1.26" /* RFC 8226 §9 */

static bool only_codes(const struct callerid_tnauthlist *list)
{
	for (size_t i = 0; i < callerid_tnauthlist_count(list); i++)
		if (callerid_tnauthlist_at(list, i)->kind != CALLERID_TNAUTH_SPC)
			return false;
	return true;
}

static bool has_only_codes(const X509 *cert)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(TNAUTHLIST_OID, 1);
	int at = oid != NULL ? X509_get_ext_by_OBJ(cert, oid, -1) : -1;
	struct callerid_tnauthlist *list = NULL;
	const ASN1_OCTET_STRING *der;
	bool only = false;

	ASN1_OBJECT_free(oid);
	if (at < 0)
		return false;
	der = X509_EXTENSION_get_data(X509_get_ext(cert, at));
	if (callerid_tnauthlist_parse(ASN1_STRING_get0_data(der), (size_t)ASN1_STRING_length(der),
				      &list, NULL) == CALLERID_OK)
		only = only_codes(list);
	callerid_tnauthlist_free(list);
	return only;
}

static bool signs_nothing(const struct settings *settings)
{
	BIO *file;
	X509 *cert;
	bool only;

	if (settings->signer == NULL || settings->signing->any_number)
		return false;
	file = BIO_new_file(settings->signing->certificate_file, "r");
	cert = file != NULL ? PEM_read_bio_X509(file, NULL, NULL, NULL) : NULL;
	only = cert != NULL && has_only_codes(cert);
	X509_free(cert);
	BIO_free(file);
	ERR_clear_error();
	return only;
}

static bool verifies(const struct settings *settings)
{
	for (size_t i = 0; i < settings->n_trunks; i++)
		if (settings->trunks[i].options->role != TRUNK_CUSTOMER)
			return true;
	return false;
}

void warn_about(const struct settings *settings, warn_tell *tell, void *magic)
{
	if (signs_nothing(settings))
		tell(magic, "[signing] the certificate has service provider codes and no numbers: "
			    "without any_number = yes nothing is signed");
	if (settings->registry->snapshot && settings->registry->url == NULL)
		tell(magic, "[registry] snapshot without url: there is nothing to keep");
	if (settings->certs->anchors.n == 0 && verifies(settings))
		tell(magic, "[certs] no anchors: no call of a peer can be verified");
}
