/* SPDX-License-Identifier: Apache-2.0 */
/* Between the engine of the certificate lint and its rules. */
#ifndef CID_CERTLINT_H
#define CID_CERTLINT_H

#include <callerid/certlint.h>

#include "certlint_der.h"

/* What a rule looks at. Checks are pure: they read this, and write why. */
struct cid_lint_case {
	const struct cid_lint_cert *cert;
	const struct cid_lint_cert *next; /* the one behind it in the file; NULL: none */
	enum callerid_certlint_kind kind;
	size_t below; /* certificates of authorities in front of it that are not self-issued */
};

/* why has room for CALLERID_CERTLINT_WHY_MAX characters and the NUL. */
typedef enum callerid_certlint_result cid_lint_check(const struct cid_lint_case *c, char *why);

struct cid_lint_rule {
	struct callerid_certlint_rule rule;
	cid_lint_check *check;
};

/* All rules, and how many. */
extern const struct cid_lint_rule cid_lint_rules[];
extern const size_t cid_lint_n_rules;

#define CID_LINT_PASS CALLERID_CERTLINT_PASS
#define CID_LINT_FAIL CALLERID_CERTLINT_FAIL
#define CID_LINT_NA   CALLERID_CERTLINT_NOT_APPLICABLE

/* Writes why, in printable ASCII, and returns result. */
enum callerid_certlint_result cid_lint_say(enum callerid_certlint_result result, char *why,
					   const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* PASS when good, otherwise FAIL. */
enum callerid_certlint_result cid_lint_if(bool good);

/* value as printable ASCII, anything else as '?', cut to size. */
void cid_lint_text(struct cid_der value, char *out, size_t size);
/* An OBJECT IDENTIFIER in digits and dots. */
void cid_lint_oid(struct cid_der oid, char *out, size_t size);
/* "CN=..., O=..., C=..." */
void cid_lint_name_text(const struct cid_lint_name *name, char *out, size_t size);

#define CID_LINT_OID_TEXT 80
#define CID_LINT_SHORT	  48

/* The contents of OBJECT IDENTIFIERs. */
enum cid_lint_oid {
	CID_OID_BASIC,	  /* 2.5.29.19 */
	CID_OID_USAGE,	  /* 2.5.29.15 */
	CID_OID_SKI,	  /* 2.5.29.14 */
	CID_OID_AKI,	  /* 2.5.29.35 */
	CID_OID_POLICIES, /* 2.5.29.32 */
	CID_OID_CRLDP,	  /* 2.5.29.31 */
	CID_OID_TNAUTH,	  /* 1.3.6.1.5.5.7.1.26 */
	CID_OID_CN,	  /* 2.5.4.3 */
	CID_OID_SERIAL,	  /* 2.5.4.5 */
	CID_OID_C,	  /* 2.5.4.6 */
	CID_OID_O,	  /* 2.5.4.10 */
	CID_OID_EMAIL,	  /* 1.2.840.113549.1.9.1 */
	CID_OID_EC_KEY,	  /* 1.2.840.10045.2.1 */
	CID_OID_P256,	  /* 1.2.840.10045.3.1.7 */
	CID_OID_ECDSA_SHA256,
	CID_OID_ECDSA, /* what all ecdsa-with-... of SHA-2 begin with */
	CID_OID_POLICY_ARC,
	CID_OID_COUNT
};
bool cid_lint_is(struct cid_der oid, enum cid_lint_oid which);
bool cid_lint_begins(struct cid_der oid, enum cid_lint_oid which);

/* The first extension of that name; NULL: none. */
const struct cid_lint_ext *cid_lint_ext(const struct cid_lint_cert *cert, enum cid_lint_oid which);
/* The first attribute of that name and how many there are; NULL: none. */
const struct cid_lint_attr *cid_lint_attr(const struct cid_lint_name *name, enum cid_lint_oid which,
					  size_t *n_out);

/* Extensions' values; a value that is not what it should be is "bad". */
enum cid_lint_state { CID_LINT_ABSENT, CID_LINT_BAD, CID_LINT_GOOD };

struct cid_lint_basic {
	bool ca, ca_default; /* ca_default: a cA FALSE is spelled out */
	bool has_path_len;
	unsigned path_len; /* 255: that or more */
};
enum cid_lint_state cid_lint_basic(const struct cid_lint_cert *cert, struct cid_lint_basic *out);

/* Bit 0 of RFC 5280 §4.2.1.3 is bit 0 here. */
#define CID_USE_SIGN	  (1U << 0)
#define CID_USE_CERT_SIGN (1U << 5)
#define CID_USE_CRL_SIGN  (1U << 6)
enum cid_lint_state cid_lint_usage(const struct cid_lint_cert *cert, unsigned *bits_out);

/* The key identifier of SKI, of AKI. */
enum cid_lint_state cid_lint_ski(const struct cid_lint_cert *cert, struct cid_der *id_out);
enum cid_lint_state cid_lint_aki(const struct cid_lint_cert *cert, struct cid_der *id_out);

/* Did OpenSSL lack memory? Empties its queue of errors. */
bool cid_lint_no_memory(void);

/* Does the key of by verify the signature of cert? -1: OpenSSL cannot tell. */
int cid_lint_verifies(const struct cid_lint_cert *cert, const struct cid_lint_cert *by);

/* The checks, by the file that holds them. */
cid_lint_check cid_lint_der_encoding, cid_lint_version, cid_lint_serial_positive,
	cid_lint_serial_minimal, cid_lint_serial_length, cid_lint_serial_entropy,
	cid_lint_signature_algorithm, cid_lint_signature_same, cid_lint_signature_parameters,
	cid_lint_key_p256, cid_lint_key_point, cid_lint_validity_order, cid_lint_validity_encoding,
	cid_lint_unique_ids;
cid_lint_check cid_lint_issuer_c, cid_lint_issuer_o, cid_lint_issuer_cn, cid_lint_subject_c,
	cid_lint_subject_o, cid_lint_subject_cn, cid_lint_name_encoding, cid_lint_name_length,
	cid_lint_ca_cn, cid_lint_ee_cn, cid_lint_ee_cn_spc, cid_lint_subject_serial,
	cid_lint_subject_other;
cid_lint_check cid_lint_ext_once, cid_lint_ext_critical, cid_lint_ext_only, cid_lint_basic_present,
	cid_lint_basic_critical, cid_lint_basic_is_ca, cid_lint_basic_is_ee, cid_lint_basic_pathlen,
	cid_lint_usage_present, cid_lint_usage_critical, cid_lint_usage_ee,
	cid_lint_usage_cert_sign, cid_lint_usage_ca_only, cid_lint_usage_crl_sign,
	cid_lint_ski_present, cid_lint_ski_size, cid_lint_ski_sha1, cid_lint_aki_present,
	cid_lint_root_aki;
cid_lint_check cid_lint_policy_present, cid_lint_policy_one, cid_lint_policy_arc,
	cid_lint_policy_none, cid_lint_crl_present, cid_lint_crl_one, cid_lint_crl_scheme,
	cid_lint_crl_sti_pa, cid_lint_crl_issuer, cid_lint_tnauth_present, cid_lint_tnauth_syntax,
	cid_lint_tnauth_one_spc, cid_lint_tnauth_alphabet, cid_lint_tnauth_none;
cid_lint_check cid_lint_root_signature, cid_lint_chain_name, cid_lint_chain_ca,
	cid_lint_chain_key_id, cid_lint_chain_signature, cid_lint_chain_path_length;

/* The one SPC of a TNAuthList that has nothing else, as text. */
bool cid_lint_spc(const struct cid_lint_cert *cert, char *out, size_t size);

#endif
