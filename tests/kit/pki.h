/* SPDX-License-Identifier: Apache-2.0 */
/* A PKI made at run time for tests: keys, certificates, CRLs and PASSporTs, good and bad. */
#ifndef TESTS_KIT_PKI_H
#define TESTS_KIT_PKI_H

#include <callerid/callerid.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#define KIT_NOW	 INT64_C(1800000000) /* the time of every test, unless it says otherwise */
#define KIT_DAY	 INT64_C(86400)
#define KIT_URL	 "https://cert.example.org/signer.pem"
#define KIT_FROM "12155551212"
#define KIT_TO	 "12155551213"

/* A failure inside the kit ends the program: it is a bug of the test. */

/* "P-256", "P-384", "P-521", "explicit" (P-256 spelled out), "RSA:2048" ... */
EVP_PKEY *kit_key(const char *kind);

struct kit_cert {
	X509 *x;
	EVP_PKEY *key; /* owned */
};

/* Zero or NULL means the ordinary thing for what it is: a CA or, with tnauth, a signer. */
struct kit_spec {
	const char *cn;
	const char *key;	       /* as for kit_key(); NULL: P-256 */
	const struct kit_cert *issuer; /* NULL: signs itself */
	int64_t not_before, not_after; /* 0: a year around KIT_NOW */
	const char *basic;	       /* OpenSSL's words: "critical,CA:TRUE,pathlen:0"; "": none */
	const char *usage;	       /* "critical,keyCertSign,cRLSign"; "": none */
	const char *extended;	       /* "serverAuth"; NULL: none */
	const struct callerid_tnauth_entry *tnauth;
	size_t n_tnauth;
	const char *extra_oid; /* one more extension, holding extra_der, else ASN.1 NULL */
	const uint8_t *extra_der;
	size_t extra_len;
	bool extra_critical;
	const char *access;		   /* authorityInfoAccess in OpenSSL's words */
	const char *crl_url;		   /* cRLDistributionPoints, with crl_issuer when set */
	const struct kit_cert *crl_issuer; /* its cRLIssuer */
	bool no_key_ids;		   /* neither subject nor authority key identifier */
	EVP_PKEY *shown;		   /* stands in it in the place of its own key; borrowed */
	bool sha1;			   /* signed with SHA-1 */
	long serial;
};

struct kit_cert kit_cert(const struct kit_spec *spec);
void kit_cert_free(struct kit_cert *cert);

/* PEM of up to three certificates (NULL ends), of a key, of a CRL; the caller's, free(). */
char *kit_pem(const struct kit_cert *a, const struct kit_cert *b, const struct kit_cert *c);
char *kit_key_pem(const EVP_PKEY *key);
char *kit_crl(const struct kit_cert *issuer, long revoked_serial, int64_t next_update);

/* One line of a CRL. */
struct kit_revoked {
	const struct kit_cert *cert;
	bool names_issuer; /* has a certificateIssuer entry extension: that of cert */
};

struct kit_crl_spec {
	const struct kit_cert *issuer;
	const struct kit_revoked *revoked;
	size_t n_revoked;
	size_t n_more;	 /* and so many serials of nobody */
	const char *idp; /* critical issuingDistributionPoint in OpenSSL's words; NULL: none */
	bool delta;	 /* with a critical deltaCRLIndicator */
	bool sha1;
	int64_t this_update, next_update; /* 0: KIT_NOW - and + 30 days */
};
char *kit_crl_of(const struct kit_crl_spec *spec);

/* header.payload.signature of any two texts; the caller's, free(). */
char *kit_token(EVP_PKEY *key, const char *header, const char *payload);

/* root -> intermediate -> leaf, the leaf for one number, a range and no SPC. */
struct kit_world {
	struct kit_cert root, inter, leaf;
	char *anchors; /* PEM of root */
	char *chain;   /* PEM of leaf, inter */
};
struct kit_world kit_world(void);
void kit_world_free(struct kit_world *world);

/* KIT_FROM, a range of 10 from 12155559000. */
extern const struct callerid_tnauth_entry kit_numbers[2];

/* A signer of cert at KIT_URL; a shaken A PASSporT KIT_FROM -> KIT_TO at KIT_NOW. */
struct callerid_signer *kit_signer(const struct kit_cert *cert, bool any_number);
struct callerid_claims kit_claims(void);
char *kit_identity(const struct kit_cert *cert);

struct callerid_party kit_party(const char *uri);

#endif
