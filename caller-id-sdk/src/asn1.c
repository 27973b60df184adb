/* SPDX-License-Identifier: Apache-2.0 */
/* Strict DER of strangers, one element after the other: X.690 in the part that extensions need. */
#include "asn1.h"

/* X.690 §8.1.3, §10.1: definite, the shortest form. */
static bool take_length(struct cid_asn1 *in, size_t *len_out)
{
	size_t n_bytes, len = 0;

	if (in->n == 0)
		return false;
	len = in->p[0];
	n_bytes = len < 0x80 ? 0 : len & 0x7f;
	in->p++;
	in->n--;
	if (n_bytes > 3 || n_bytes > in->n || len == 0x80)
		return false;
	if (n_bytes > 0)
		len = 0;
	for (size_t i = 0; i < n_bytes; i++)
		len = len << 8 | in->p[i];
	if (n_bytes > 0 && (len < 0x80 || len >> (8 * (n_bytes - 1)) == 0))
		return false;
	in->p += n_bytes;
	in->n -= n_bytes;
	*len_out = len;
	return len <= in->n;
}

bool cid_asn1_take(struct cid_asn1 *in, uint8_t *tag_out, struct cid_asn1 *content_out)
{
	size_t len = 0;

	if (in->n < 2)
		return false;
	*tag_out = in->p[0];
	in->p++;
	in->n--;
	if (!take_length(in, &len))
		return false;
	*content_out = (struct cid_asn1){in->p, len};
	in->p += len;
	in->n -= len;
	return true;
}

bool cid_asn1_take_tagged(struct cid_asn1 *in, uint8_t tag, struct cid_asn1 *content_out)
{
	uint8_t found = 0;

	return cid_asn1_take(in, &found, content_out) && found == tag;
}
