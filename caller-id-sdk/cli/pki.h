/* SPDX-License-Identifier: Apache-2.0 */
/* The development PKI: what each type of certificate holds, and the folder they are kept in. */
#ifndef CLI_PKI_H
#define CLI_PKI_H

#include "cli.h"

#include <limits.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <callerid/tnauthlist.h>

#define PKI_NAME_MAX	64 /* of a file without its suffix; also of a common name (RFC 5280) */
#define PKI_HOSTS_MAX	16
#define PKI_URL_MAX	255
#define PKI_ENTRIES_MAX (2 * OPT_VALUES_MAX + 1)
#define PKI_BACKDATE_S	300 /* clocks of verifiers run a little behind */

enum pki_type {
	PKI_ROOT,
	PKI_CRL_ISSUER,
	PKI_INTERMEDIATE,
	PKI_TLS_ROOT,
	PKI_SHAKEN,
	PKI_DELEGATE_CA,
	PKI_DELEGATE,
	PKI_TLS_SERVER,
	PKI_TYPE_COUNT
};

/* What a type may, must or must not be asked with. */
enum pki_need { PKI_NONE, PKI_MAY, PKI_MUST };

struct pki_profile {
	const char *name;	 /* of the type, and of the file for those that init makes */
	const char *issuer;	 /* NULL: signs itself */
	const char *constraints; /* basicConstraints, keyUsage ... as OpenSSL writes them */
	const char *usage;
	const char *extended_usage; /* NULL: none */
	const char *policy;	    /* NULL: none */
	bool sti;		    /* revoked by the CRL of the CRL issuer, which it names */
	bool numbered;		    /* its subject has a serialNumber attribute */
	enum pki_need spc, numbers, hosts;
	int default_days;
};
extern const struct pki_profile pki_profiles[PKI_TYPE_COUNT];

/* A certificate that signs others. chain: PEM of it and what stands above it, without the root. */
struct pki_issuer {
	X509 *cert;
	EVP_PKEY *key;
	char *chain;
};
void pki_issuer_clear(struct pki_issuer *issuer);

struct pki_request {
	enum pki_type type;
	const char *country;	  /* two capital letters */
	const char *organization; /* at most 64 characters of UTF-8 */
	const char *common_name;
	struct callerid_tnauth_entry scope[PKI_ENTRIES_MAX]; /* TNAuthList */
	size_t n_scope;
	const char *host[PKI_HOSTS_MAX]; /* names and addresses */
	size_t n_hosts;
	const char *crl_url;	/* NULL: no distribution point */
	X509 *crl_issuer;	/* signs the CRL there; NULL: the issuer of the certificate does */
	const char *public_key; /* file of the key to certify; NULL: a new one */
	int64_t not_before, not_after;
};

/* A new P-256 key; NULL when OpenSSL refuses (said on stderr). */
EVP_PKEY *pki_key_new(void);

/* A certificate for key. issuer NULL: signed by key itself. NULL after a message on stderr. */
X509 *pki_certificate_new(const struct pki_request *request, const struct pki_issuer *issuer,
			  EVP_PKEY *key);

/* Adds the one distribution point of request, which has a crl_url. */
bool pki_add_crl_point(X509 *cert, const struct pki_request *request);

/* name as the one of a GeneralNames; NULL without memory. */
GENERAL_NAMES *pki_directory_name(const X509_NAME *name);

/* Where the CRL about cert stands, as it says; false when it says no URL that fits. */
bool pki_crl_url_of(X509 *cert, char url_out[PKI_URL_MAX + 1]);

/* Says on stderr what OpenSSL last refused. Returns status. */
enum cli_exit pki_say_openssl(enum cli_exit status, const char *what);

/* host is meant as an IP address: it has a colon, or nothing but digits and dots. */
bool pki_is_address(const char *host);

/* name may stand for a file of the folder: letters, digits, "-", "_", ".", not first a dot. */
bool pki_name_is_safe(const char *name);

/* DIR/NAMEsuffix; false after a message when that is too long. */
bool pki_path(char path[PATH_MAX], const char *dir, const char *name, const char *suffix);

/* The first certificate of DIR/NAME.pem, or NULL after a message. */
X509 *pki_load_certificate(const char *dir, const char *name);
/* The same with its key; of an issuer it is a CA's. */
bool pki_load_signer(const char *dir, const char *name, struct pki_issuer *signer_out);
bool pki_load_issuer(const char *dir, const char *name, struct pki_issuer *issuer_out);

/* The P-256 key of a PEM file, its public half; NULL after a message. */
EVP_PKEY *pki_load_public_key(const char *path);

/* Writes NAME.key (0600; not when key is NULL) and NAME.pem: cert, then chain (may be NULL).
 * Overwrites nothing. */
bool pki_store(const char *dir, const char *name, EVP_PKEY *key, X509 *cert, const char *chain);

/* PEM of a certificate, malloc'ed; NULL without memory. */
char *pki_certificate_pem(X509 *cert);

/* The entries that --spc, --tn and --range spell; false after a message. */
struct pki_scope_words {
	const struct opt_given *spc, *tn, *range;
};
bool pki_scope_parse(const struct pki_scope_words *words, struct pki_request *request);

/*
 * RFC 9060 §5: the scope of a certificate lies within its issuer's. An issuer without a TNAuthList
 * limits nothing; one with an SPC may hold any number (which cannot be proven offline).
 */
bool pki_scope_fits(const struct pki_request *request, X509 *issuer);

void pki_x509_free(X509 **cert);     /* for CLI_CLEANUP */
void pki_pkey_free(EVP_PKEY **pkey); /* for CLI_CLEANUP */

#endif
