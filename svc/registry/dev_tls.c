/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the certificate of the public door of --dev with OpenSSL. */
#include "svc/registry/dev_tls.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#define DAY_S	 (24L * 3600)
#define VALID_S	 (3650 * DAY_S) /* nobody renews a folder for trying out */
#define SERIAL	 127		/* bits: positive in 16 octets (RFC 5280 section 4.1.2.2) */
#define BACKDATE DAY_S

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	bool added = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return added;
}

static bool set_serial(X509 *cert)
{
	BIGNUM *number = BN_new();
	bool set = number != NULL &&
		   BN_rand(number, SERIAL, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
		   BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;

	BN_free(number);
	return set;
}

/* Version, serial, names, times and key: what every certificate has. issuer NULL: itself. */
static X509 *make_bare(const char *name, X509 *issuer, EVP_PKEY *key)
{
	X509 *cert = X509_new();
	X509_NAME *subject = cert != NULL ? X509_get_subject_name(cert) : NULL;

	if (subject != NULL && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
	    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const uint8_t *)name, -1, -1,
				       0) == 1 &&
	    X509_set_issuer_name(cert, X509_get_subject_name(issuer != NULL ? issuer : cert)) ==
		    1 &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), -BACKDATE) != NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(cert), VALID_S) != NULL &&
	    X509_set_pubkey(cert, key) == 1)
		return cert;
	X509_free(cert);
	return NULL;
}

static X509 *make_ca(EVP_PKEY *key)
{
	X509 *ca = make_bare("Attestel development", NULL, key);

	if (ca != NULL &&
	    add_extension(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
	    add_extension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") &&
	    add_extension(ca, ca, NID_subject_key_identifier, "hash") &&
	    X509_sign(ca, key, EVP_sha256()) > 0)
		return ca;
	X509_free(ca);
	return NULL;
}

static X509 *make_server(EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key)
{
	X509 *cert = make_bare("localhost", ca, key);

	if (cert != NULL && add_extension(cert, ca, NID_basic_constraints, "critical,CA:FALSE") &&
	    add_extension(cert, ca, NID_key_usage, "critical,digitalSignature") &&
	    add_extension(cert, ca, NID_ext_key_usage, "serverAuth") &&
	    add_extension(cert, ca, NID_subject_key_identifier, "hash") &&
	    add_extension(cert, ca, NID_authority_key_identifier, "keyid:always") &&
	    add_extension(cert, ca, NID_subject_alt_name, "IP:127.0.0.1,IP:::1,DNS:localhost") &&
	    X509_sign(cert, ca_key, EVP_sha256()) > 0)
		return cert;
	X509_free(cert);
	return NULL;
}

/* What a memory BIO holds as a text, malloc'ed. */
static char *take_text(BIO *bio)
{
	char *bytes = NULL;
	long n = BIO_get_mem_data(bio, &bytes);

	return n > 0 ? strndup(bytes, (size_t)n) : NULL;
}

static char *certificate_pem(X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = bio != NULL && PEM_write_bio_X509(bio, cert) == 1 ? take_text(bio) : NULL;

	BIO_free(bio);
	return text;
}

static char *key_pem(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text = NULL;

	if (bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
		text = take_text(bio);
	BIO_free(bio);
	return text;
}

bool dev_tls_make(struct dev_tls *tls_out)
{
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca = ca_key != NULL ? make_ca(ca_key) : NULL;
	X509 *cert = ca != NULL && key != NULL ? make_server(key, ca, ca_key) : NULL;

	*tls_out = (struct dev_tls){.ca = NULL};
	if (cert != NULL)
		*tls_out =
			(struct dev_tls){certificate_pem(ca), certificate_pem(cert), key_pem(key)};
	X509_free(cert);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
	if (tls_out->ca != NULL && tls_out->certificate != NULL && tls_out->key != NULL)
		return true;
	dev_tls_clear(tls_out);
	return false;
}

void dev_tls_clear(struct dev_tls *tls)
{
	if (tls->key != NULL)
		OPENSSL_cleanse(tls->key, strlen(tls->key));
	free(tls->ca);
	free(tls->certificate);
	free(tls->key);
	*tls = (struct dev_tls){.ca = NULL};
}
