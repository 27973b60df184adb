/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate as its bytes say, with every deviation from DER kept for the lint to name. */
#ifndef CID_CERTLINT_DER_H
#define CID_CERTLINT_DER_H

#include <callerid/tnauthlist.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CID_LINT_EXTS_MAX  64
#define CID_LINT_ATTRS_MAX 32

#define CID_TAG_BOOLEAN	   0x01
#define CID_TAG_INTEGER	   0x02
#define CID_TAG_BITS	   0x03
#define CID_TAG_OCTETS	   0x04
#define CID_TAG_OID	   0x06
#define CID_TAG_UTF8	   0x0c
#define CID_TAG_PRINTABLE  0x13
#define CID_TAG_IA5	   0x16
#define CID_TAG_UTCTIME	   0x17
#define CID_TAG_TIME	   0x18
#define CID_TAG_SEQUENCE   0x30
#define CID_TAG_SET	   0x31
#define CID_TAG_CONTEXT(n) (0x80 | (n))
#define CID_TAG_NESTED(n)  (0xa0 | (n))

/* Bytes under a reader; borrowed. */
struct cid_der {
	const uint8_t *p;
	size_t n;
};

/* One element: its tag, its content, and all of it. */
struct cid_tlv {
	uint8_t tag;
	struct cid_der content, whole;
};

/* The next element of in, which moves on. Definite lengths of any form are taken; false: not one.
 */
bool cid_der_next(struct cid_der *in, struct cid_tlv *tlv_out);
/* The same when its tag is as wanted; otherwise in stays where it is. */
bool cid_der_take(struct cid_der *in, uint8_t tag, struct cid_der *content_out);
/* in is this one element and nothing behind it. */
bool cid_der_only(struct cid_der in, uint8_t tag, struct cid_der *content_out);

bool cid_der_same(struct cid_der a, struct cid_der b);

/* What the first deviation from DER is, in der and what is nested in it; NULL: none. The INTEGER
 * whose content begins at skip is not looked at: the rules of serial numbers say it better. */
const char *cid_der_deviation(struct cid_der der, const uint8_t *skip);

struct cid_lint_attr {
	struct cid_der oid, value;
	uint8_t tag;
};

struct cid_lint_name {
	struct cid_der der; /* content of the SEQUENCE */
	size_t n;
	struct cid_lint_attr attr[CID_LINT_ATTRS_MAX];
};

struct cid_lint_ext {
	struct cid_der oid, value;
	bool critical;
};

/* Borrowed from the bytes given, but for the TNAuthList. */
struct cid_lint_cert {
	struct cid_der whole;
	int version;	      /* 1 for v1; 0: over 9, or not a number */
	bool version_default; /* v1 spelled out */
	struct cid_der serial;
	struct cid_tlv not_before, not_after;
	struct cid_der signed_as, signature; /* AlgorithmIdentifier inside and outside, content */
	struct cid_lint_name issuer, subject;
	struct cid_der spki, key_algorithm, key_bits; /* whole element; contents */
	bool unique_ids;
	bool critical_default; /* a critical FALSE is spelled out */
	size_t n_ext;
	struct cid_lint_ext ext[CID_LINT_EXTS_MAX];
	struct callerid_tnauthlist *tnauth; /* owned; NULL: none, or tnauth_error says why */
	struct callerid_error tnauth_error;
};

/* CALLERID_ESYNTAX, with what cannot be followed; CALLERID_ELIMIT: over the limits above. */
enum callerid_status cid_lint_parse(struct cid_der der, struct cid_lint_cert *cert_out,
				    struct callerid_error *err);

#endif
