/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of the development PKI, shaped by a table of profiles. */
#include "pki.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

/* RFC 8226 §9: id-pe-TNAuthList. */
#define TNAUTHLIST_OID "1.3.6.1.5.5.7.1.26"
#define SERIAL_BITS    128

#define CA_USAGE   "critical,keyCertSign,cRLSign"
#define LEAF_USAGE "critical,digitalSignature"
/* The arc of SHAKEN certificate policies. */
#define SHAKEN_POLICY "2.16.840.1.114569.1.1.3"
#define YEARS(n)      ((n)*365 + (n) / 4)

const struct pki_profile pki_profiles[PKI_TYPE_COUNT] = {
	[PKI_ROOT] = {"root", NULL, "critical,CA:TRUE", CA_USAGE, .default_days = YEARS(20)},
	[PKI_CRL_ISSUER] = {"crl-issuer", "root", "critical,CA:FALSE", "critical,cRLSign",
			    .default_days = YEARS(15)},
	[PKI_INTERMEDIATE] = {"intermediate", "root", "critical,CA:TRUE,pathlen:1", CA_USAGE,
			      .policy = SHAKEN_POLICY, .sti = true, .default_days = YEARS(15)},
	[PKI_TLS_ROOT] = {"tls-root", NULL, "critical,CA:TRUE,pathlen:0", CA_USAGE,
			  .default_days = YEARS(20)},
	[PKI_SHAKEN] = {"shaken", "intermediate", "critical,CA:FALSE", LEAF_USAGE,
			.policy = SHAKEN_POLICY, .sti = true, .numbered = true, .spc = PKI_MUST,
			.default_days = 90},
	[PKI_DELEGATE_CA] = {"delegate-ca", "intermediate", "critical,CA:TRUE,pathlen:0", CA_USAGE,
			     .policy = SHAKEN_POLICY, .sti = true, .spc = PKI_MAY,
			     .numbers = PKI_MAY, .default_days = 365},
	[PKI_DELEGATE] = {"delegate", "delegate-ca", "critical,CA:FALSE", LEAF_USAGE,
			  .policy = SHAKEN_POLICY, .sti = true, .numbers = PKI_MUST,
			  .default_days = 90},
	[PKI_TLS_SERVER] = {"tls-server", "tls-root", "critical,CA:FALSE", LEAF_USAGE,
			    .extended_usage = "serverAuth", .hosts = PKI_MUST, .default_days = 90},
};

void pki_x509_free(X509 **cert)
{
	X509_free(*cert);
}

void pki_pkey_free(EVP_PKEY **pkey)
{
	EVP_PKEY_free(*pkey);
}

enum cli_exit pki_say_openssl(enum cli_exit status, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	cli_say(status, "%s: %s", what, reason != NULL ? reason : "refused by OpenSSL");
	ERR_clear_error();
	return status;
}

EVP_PKEY *pki_key_new(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	if (key == NULL)
		pki_say_openssl(CLI_FAILED, "making a P-256 key");
	return key;
}

/* Positive, 128 bits of which 127 are random. */
static bool set_serial(X509 *cert)
{
	BIGNUM *number = BN_new();
	bool ok;

	ok = number != NULL && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
	     BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
	BN_free(number);
	return ok;
}

static bool add_name(X509_NAME *name, int nid, const char *text)
{
	return X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, (const unsigned char *)text, -1,
					  -1, 0) == 1;
}

/* The US certificate policy wants a serialNumber attribute that no other subject has: that of the
 * certificate is one. */
static bool add_number(X509_NAME *name, X509 *cert)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *text = number != NULL ? BN_bn2hex(number) : NULL;
	bool ok = text != NULL && add_name(name, NID_serialNumber, text);

	OPENSSL_free(text);
	BN_free(number);
	return ok;
}

static bool set_names(X509 *cert, const struct pki_request *request, X509 *issuer)
{
	X509_NAME *name = X509_get_subject_name(cert);

	return add_name(name, NID_countryName, request->country) &&
	       add_name(name, NID_organizationName, request->organization) &&
	       add_name(name, NID_commonName, request->common_name) &&
	       (!pki_profiles[request->type].numbered || add_number(name, cert)) &&
	       X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1;
}

static bool set_validity(X509 *cert, const struct pki_request *request)
{
	return ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)request->not_before) != NULL &&
	       ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)request->not_after) != NULL;
}

/* value NULL: nothing to add. */
static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	bool ok;

	if (value == NULL)
		return true;
	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	X509V3_set_nconf(&context, NULL);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	ok = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return ok;
}

static bool add_profile(X509 *cert, X509 *issuer, const struct pki_profile *profile)
{
	const struct {
		int nid;
		const char *value;
	} rows[] = {
		{NID_basic_constraints, profile->constraints},
		{NID_key_usage, profile->usage},
		{NID_ext_key_usage, profile->extended_usage},
		{NID_subject_key_identifier, "hash"},
		{NID_authority_key_identifier, "keyid:always"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!add_extension(cert, issuer, rows[i].nid, rows[i].value))
			return false;
	return true;
}

/* One policy without qualifiers, not critical; none when oid is NULL. */
static bool add_policy(X509 *cert, const char *oid)
{
	CERTIFICATEPOLICIES *policies;
	POLICYINFO *policy;
	bool ok;

	if (oid == NULL)
		return true;
	policies = sk_POLICYINFO_new_null();
	policy = POLICYINFO_new();
	ok = policies != NULL && policy != NULL && sk_POLICYINFO_push(policies, policy) > 0;
	if (!ok) {
		POLICYINFO_free(policy);
	} else {
		policy->policyid = OBJ_txt2obj(oid, 1);
		ok = policy->policyid != NULL &&
		     X509_add1_ext_i2d(cert, NID_certificate_policies, policies, 0,
				       X509V3_ADD_DEFAULT) == 1;
	}
	CERTIFICATEPOLICIES_free(policies);
	return ok;
}

static bool add_scope(X509 *cert, const struct pki_request *request)
{
	struct callerid_error err = {0};
	ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *oid = OBJ_txt2obj(TNAUTHLIST_OID, 1);
	X509_EXTENSION *extension = NULL;
	uint8_t *der = NULL;
	size_t n = 0;
	bool ok = false;

	if (callerid_tnauthlist_encode(request->scope, request->n_scope, &der, &n, &err) !=
	    CALLERID_OK)
		cli_say_error(CLI_USAGE, "TNAuthList", &err);
	else if (octets != NULL && oid != NULL && ASN1_OCTET_STRING_set(octets, der, (int)n))
		extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, octets);
	if (extension != NULL)
		ok = X509_add_ext(cert, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	ASN1_OBJECT_free(oid);
	ASN1_OCTET_STRING_free(octets);
	free(der);
	return ok;
}

bool pki_is_address(const char *host)
{
	return strchr(host, ':') != NULL || strspn(host, "0123456789.") == strlen(host);
}

static bool add_hosts(X509 *cert, const struct pki_request *request)
{
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	bool ok = names != NULL;

	for (size_t i = 0; ok && i < request->n_hosts; i++) {
		const char *host = request->host[i];
		int type = pki_is_address(host) ? GEN_IPADD : GEN_DNS;
		GENERAL_NAME *name = a2i_GENERAL_NAME(NULL, NULL, NULL, type, host, 0);

		ok = name != NULL && sk_GENERAL_NAME_push(names, name) > 0;
		if (!ok)
			GENERAL_NAME_free(name);
	}
	ok = ok && X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
	GENERAL_NAMES_free(names);
	return ok;
}

static bool fill(X509 *cert, const struct pki_request *request, X509 *issuer, EVP_PKEY *key)
{
	return X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
	       set_names(cert, request, issuer) && set_validity(cert, request) &&
	       X509_set_pubkey(cert, key) == 1 &&
	       add_profile(cert, issuer, &pki_profiles[request->type]) &&
	       add_policy(cert, pki_profiles[request->type].policy) &&
	       (request->n_scope == 0 || add_scope(cert, request)) &&
	       (request->n_hosts == 0 || add_hosts(cert, request)) &&
	       (request->crl_url == NULL || pki_add_crl_point(cert, request));
}

X509 *pki_certificate_new(const struct pki_request *request, const struct pki_issuer *issuer,
			  EVP_PKEY *key)
{
	X509 *cert = X509_new();
	X509 *signer_cert = issuer != NULL ? issuer->cert : cert;
	EVP_PKEY *signer_key = issuer != NULL ? issuer->key : key;

	if (cert != NULL && fill(cert, request, signer_cert, key) &&
	    X509_sign(cert, signer_key, EVP_sha256()) > 0)
		return cert;
	pki_say_openssl(CLI_FAILED, "making the certificate");
	X509_free(cert);
	return NULL;
}
