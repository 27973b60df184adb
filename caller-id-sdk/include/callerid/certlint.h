/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of the SHAKEN profile judged rule by rule, before others judge them. */
#ifndef CALLERID_CERTLINT_H
#define CALLERID_CERTLINT_H

#include <callerid/error.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The rules are those of ATIS-1000080 §6.4.1 as far as it is publicly known: its text is not freely
 * available, so they follow what public linters encode, together with RFC 5280, RFC 8226 and others
 * that each rule names. No conformance to the wording of an ATIS document is claimed. A lint looks
 * at what the certificates hold; it asks no clock, no network and no trust list: whether a path
 * leads to an anchor is a verification's business (verification.h).
 */
#define CALLERID_CERTLINT_BYTES_MAX 65536 /* of one file */
#define CALLERID_CERTLINT_CERTS_MAX 8	  /* certificates in it */
#define CALLERID_CERTLINT_WHY_MAX   160	  /* characters of an answer's text */

/* What a certificate is; the numbers are bits of callerid_certlint_rule.applies. */
enum callerid_certlint_kind {
	CALLERID_CERTLINT_AUTO = 0, /* by its basicConstraints and names */
	CALLERID_CERTLINT_ROOT = 1,
	CALLERID_CERTLINT_CA = 2,
	CALLERID_CERTLINT_END_ENTITY = 4,
};

enum callerid_certlint_severity {
	CALLERID_CERTLINT_NOTICE,  /* worth knowing */
	CALLERID_CERTLINT_WARNING, /* a recommendation, or the policy of one country */
	CALLERID_CERTLINT_ERROR,   /* others may refuse the certificate */
};

enum callerid_certlint_result {
	CALLERID_CERTLINT_PASS,
	CALLERID_CERTLINT_FAIL,
	CALLERID_CERTLINT_NOT_APPLICABLE,
};

/* One rule; static, never changes. */
struct callerid_certlint_rule {
	const char *id;	  /* "serial_entropy"; kept from version to version */
	unsigned applies; /* kinds */
	enum callerid_certlint_severity severity;
	const char *source; /* "RFC 5280 §4.1.2.2" */
	const char *text;   /* one sentence: what is wanted */
};

/* What one rule says of one certificate. */
struct callerid_certlint_answer {
	const struct callerid_certlint_rule *rule;
	enum callerid_certlint_result result;
	char why[CALLERID_CERTLINT_WHY_MAX + 1]; /* printable ASCII; names the value found */
};

/* The answers for one file. Opaque; immutable once made; any number of threads may read it. */
struct callerid_certlint;

/* How many rules there are: i of callerid_certlint_rule_at() and r of callerid_certlint_answer()
 * are below it. The same for every certificate. Any thread. */
CALLERID_API size_t callerid_certlint_rule_count(void);

/* Rule number i, from 0. Static; NULL when i is out of range. Any thread. */
CALLERID_API const struct callerid_certlint_rule *callerid_certlint_rule_at(size_t i);

/* "root", "ca", "end-entity", "auto"; "error", "warning", "notice"; "pass", "fail",
 * "not_applicable". Static; "?" for a value that is none of the enum's. */
CALLERID_API const char *callerid_certlint_kind_name(enum callerid_certlint_kind kind);
CALLERID_API const char *callerid_certlint_severity_name(enum callerid_certlint_severity severity);
CALLERID_API const char *callerid_certlint_result_name(enum callerid_certlint_result result);

/*
 * Judges the certificates of body: PEM, where text and blocks of other names are ignored, or one
 * DER certificate. Several in one PEM are a chain, signer first, as x5u serves it (RFC 9060 §7):
 * each is also judged against the one behind it. kind is that of the first; the others' is found
 * out. CALLERID_ESYNTAX: no certificate, or one whose structure cannot be followed;
 * CALLERID_ELIMIT: over the limits above, or over 64 extensions or 32 name attributes;
 * CALLERID_EINVAL: kind is none of the enum's. *lint_out is the caller's: callerid_certlint_free().
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_certlint_run(const void *body, size_t len, enum callerid_certlint_kind kind,
		      struct callerid_certlint **lint_out, struct callerid_error *err);

CALLERID_API void callerid_certlint_free(struct callerid_certlint *lint); /* NULL is fine */

/* How many certificates there were: 1 to CALLERID_CERTLINT_CERTS_MAX. */
CALLERID_API size_t callerid_certlint_count(const struct callerid_certlint *lint);

/* What certificate i (from 0) was judged as; AUTO when i is out of range. */
CALLERID_API enum callerid_certlint_kind
callerid_certlint_kind_of(const struct callerid_certlint *lint, size_t i);

/* Its subject, "CN=SHAKEN 1234, O=Carrier, C=US", printable ASCII, cut at 160 characters. Borrowed;
 * "" when i is out of range. */
CALLERID_API const char *callerid_certlint_subject(const struct callerid_certlint *lint, size_t i);

/* The answer of rule number r for certificate i. Borrowed; NULL when either is out of range. */
CALLERID_API const struct callerid_certlint_answer *
callerid_certlint_answer(const struct callerid_certlint *lint, size_t i, size_t r);

/* How many rules of that severity certificate i fails; 0 when i is out of range. */
CALLERID_API size_t callerid_certlint_failures(const struct callerid_certlint *lint, size_t i,
					       enum callerid_certlint_severity severity);

#ifdef __cplusplus
}
#endif

#endif
