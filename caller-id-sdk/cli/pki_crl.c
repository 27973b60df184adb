/* SPDX-License-Identifier: Apache-2.0 */
/* Where a certificate says that its CRL stands, and who signs that (RFC 5280 §4.2.1.13). */
#include "pki.h"

#include <string.h>

#include <openssl/x509v3.h>

/* One name, which takes value; NULL without memory. */
static GENERAL_NAMES *one_name(int type, void *value)
{
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	GENERAL_NAME *name = GENERAL_NAME_new();

	if (names != NULL && name != NULL && value != NULL &&
	    sk_GENERAL_NAME_push(names, name) > 0) {
		GENERAL_NAME_set0_value(name, type, value);
		return names;
	}
	GENERAL_NAME_free(name);
	GENERAL_NAMES_free(names);
	return NULL;
}

static GENERAL_NAMES *url_name(const char *url)
{
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();
	GENERAL_NAMES *names = NULL;

	if (text != NULL && ASN1_STRING_set(text, url, -1) == 1)
		names = one_name(GEN_URI, text);
	if (names == NULL)
		ASN1_IA5STRING_free(text);
	return names;
}

GENERAL_NAMES *pki_directory_name(const X509_NAME *name)
{
	X509_NAME *copy = X509_NAME_dup(name);
	GENERAL_NAMES *names = one_name(GEN_DIRNAME, copy);

	if (names == NULL)
		X509_NAME_free(copy);
	return names;
}

/* "If the certificate issuer is not the CRL issuer, then the cRLIssuer field MUST be present", and
 * if it is, it "MUST" be omitted. */
static bool fill(DIST_POINT *point, const struct pki_request *request)
{
	point->distpoint = DIST_POINT_NAME_new();
	if (point->distpoint == NULL)
		return false;
	point->distpoint->type = 0; /* fullName */
	point->distpoint->name.fullname = url_name(request->crl_url);
	if (request->crl_issuer != NULL)
		point->CRLissuer = pki_directory_name(X509_get_subject_name(request->crl_issuer));
	return point->distpoint->name.fullname != NULL &&
	       (request->crl_issuer == NULL || point->CRLissuer != NULL);
}

bool pki_add_crl_point(X509 *cert, const struct pki_request *request)
{
	CRL_DIST_POINTS *points = sk_DIST_POINT_new_null();
	DIST_POINT *point = DIST_POINT_new();
	bool ok = points != NULL && point != NULL && sk_DIST_POINT_push(points, point) > 0;

	if (!ok)
		DIST_POINT_free(point);
	ok = ok && fill(point, request) &&
	     X509_add1_ext_i2d(cert, NID_crl_distribution_points, points, 0, X509V3_ADD_DEFAULT) ==
		     1;
	CRL_DIST_POINTS_free(points);
	return ok;
}

/* The URL of a name that is one and fits. */
static bool take_url(const GENERAL_NAME *name, char url_out[PKI_URL_MAX + 1])
{
	const ASN1_IA5STRING *text;
	size_t n;

	if (name->type != GEN_URI)
		return false;
	text = name->d.uniformResourceIdentifier;
	n = (size_t)ASN1_STRING_length(text);
	if (n == 0 || n > PKI_URL_MAX || memchr(ASN1_STRING_get0_data(text), '\0', n) != NULL)
		return false;
	memcpy(url_out, ASN1_STRING_get0_data(text), n);
	url_out[n] = '\0';
	return true;
}

bool pki_crl_url_of(X509 *cert, char url_out[PKI_URL_MAX + 1])
{
	CRL_DIST_POINTS *points = X509_get_ext_d2i(cert, NID_crl_distribution_points, NULL, NULL);
	bool found = false;

	for (int i = 0; !found && i < sk_DIST_POINT_num(points); i++) {
		const DIST_POINT_NAME *place = sk_DIST_POINT_value(points, i)->distpoint;

		if (place == NULL || place->type != 0)
			continue;
		for (int k = 0; !found && k < sk_GENERAL_NAME_num(place->name.fullname); k++)
			found = take_url(sk_GENERAL_NAME_value(place->name.fullname, k), url_out);
	}
	CRL_DIST_POINTS_free(points);
	return found;
}
