/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate extensions that are STIR's own (RFC 8226, RFC 9118): found, and told apart. */
#include "certext.h"

#include "x5u.h"

#include <openssl/x509v3.h>

#include <string.h>

#define OID_TEXT_MAX 64

static bool is_oid(const ASN1_OBJECT *object, const char *oid)
{
	char text[OID_TEXT_MAX];
	int n = OBJ_obj2txt(text, sizeof(text), object, 1);

	return n > 0 && n < OID_TEXT_MAX && strcmp(text, oid) == 0;
}

static bool is_ext(X509_EXTENSION *ext, const char *oid)
{
	return is_oid(X509_EXTENSION_get_object(ext), oid);
}

int cid_ext_find(const X509 *cert, const char *oid, const ASN1_OCTET_STRING **data_out)
{
	int found = 0;

	for (int i = 0; i < X509_get_ext_count(cert); i++) {
		X509_EXTENSION *ext = X509_get_ext(cert, i);

		if (!is_ext(ext, oid))
			continue;
		*data_out = X509_EXTENSION_get_data(ext);
		found++;
	}
	return found;
}

/* RFC 8226 §8 and RFC 9118 §3 make claim constraints "applicable only to end-entity certificates":
 * of an issuer we know nothing to do with them. */
static bool is_stir_ext(X509_EXTENSION *ext, bool is_signer)
{
	if (is_ext(ext, CID_OID_TNAUTHLIST))
		return true;
	return is_signer && (is_ext(ext, CID_OID_CLAIM_CONSTRAINTS) ||
			     is_ext(ext, CID_OID_ENHANCED_CONSTRAINTS));
}

bool cid_ext_knows_critical(const X509 *cert, bool is_signer)
{
	for (int i = 0; i < X509_get_ext_count(cert); i++) {
		X509_EXTENSION *ext = X509_get_ext(cert, i);

		if (X509_EXTENSION_get_critical(ext) && !X509_supported_extension(ext) &&
		    !is_stir_ext(ext, is_signer))
			return false;
	}
	return true;
}

/* Whether one access description names such a URL; copied when it does. */
static bool take_url(const ACCESS_DESCRIPTION *access, char *url_out, size_t size)
{
	const ASN1_IA5STRING *uri;
	struct callerid_span url;

	if (!is_oid(access->method, CID_OID_STIR_TN_LIST) || access->location->type != GEN_URI)
		return false;
	uri = access->location->d.uniformResourceIdentifier;
	url.p = (const char *)ASN1_STRING_get0_data(uri);
	url.n = (size_t)ASN1_STRING_length(uri);
	if (url.n >= size || !cid_x5u_is_https(url))
		return false;
	memcpy(url_out, url.p, url.n);
	url_out[url.n] = '\0';
	return true;
}

void cid_ext_tn_list_url(const X509 *cert, char *url_out, size_t size)
{
	AUTHORITY_INFO_ACCESS *all = X509_get_ext_d2i(cert, NID_info_access, NULL, NULL);
	bool found = false;

	url_out[0] = '\0';
	for (int i = 0; !found && i < sk_ACCESS_DESCRIPTION_num(all); i++)
		found = take_url(sk_ACCESS_DESCRIPTION_value(all, i), url_out, size);
	AUTHORITY_INFO_ACCESS_free(all);
}

bool cid_ext_names_tn_list(const X509 *cert)
{
	AUTHORITY_INFO_ACCESS *all = X509_get_ext_d2i(cert, NID_info_access, NULL, NULL);
	bool found = false;

	for (int i = 0; !found && i < sk_ACCESS_DESCRIPTION_num(all); i++)
		found = is_oid(sk_ACCESS_DESCRIPTION_value(all, i)->method, CID_OID_STIR_TN_LIST);
	AUTHORITY_INFO_ACCESS_free(all);
	return found;
}
