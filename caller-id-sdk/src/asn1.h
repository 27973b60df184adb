/* SPDX-License-Identifier: Apache-2.0 */
/* Strict DER of strangers, one element after the other: X.690 in the part that extensions need. */
#ifndef CID_ASN1_H
#define CID_ASN1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CID_ASN1_INTEGER    0x02
#define CID_ASN1_UTF8STRING 0x0c
#define CID_ASN1_IA5STRING  0x16
#define CID_ASN1_SEQUENCE   0x30
#define CID_ASN1_CONTEXT    0xa0 /* [0]; [1] is one more */

/* Bytes under the reader; borrowed. */
struct cid_asn1 {
	const uint8_t *p;
	size_t n;
};

/* The next element and its tag; its content is inside in, which moves on. false: not DER, or longer
 * than what is there. Definite lengths in their shortest form, of at most three bytes. */
bool cid_asn1_take(struct cid_asn1 *in, uint8_t *tag_out, struct cid_asn1 *content_out);

/* The same for an element that must have this tag. */
bool cid_asn1_take_tagged(struct cid_asn1 *in, uint8_t tag, struct cid_asn1 *content_out);

#endif
