/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate as its bytes say, with every deviation from DER kept for the lint to name. */
#include "certlint_der.h"

#include <string.h>

#include "fail.h"

#define DEPTH_MAX	24 /* of nesting that is looked at */
#define LEN_BYTES_MAX	4
#define TAG_HIGH	0x1f
#define TAG_CONSTRUCTED 0x20

bool cid_der_same(struct cid_der a, struct cid_der b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* X.690 §8.1.3. *minimal_out: §10.1, the shortest form. */
static bool read_length(struct cid_der *in, size_t *len_out, bool *minimal_out)
{
	size_t n_bytes, len = 0;

	if (in->n == 0 || in->p[0] == 0x80)
		return false;
	len = in->p[0];
	n_bytes = len < 0x80 ? 0 : len & 0x7f;
	in->p++;
	in->n--;
	if (n_bytes > LEN_BYTES_MAX || n_bytes > in->n)
		return false;
	if (n_bytes > 0)
		len = 0;
	for (size_t i = 0; i < n_bytes; i++)
		len = len << 8 | in->p[i];
	*minimal_out = n_bytes == 0 || (len >= 0x80 && len >> (8 * (n_bytes - 1)) != 0);
	in->p += n_bytes;
	in->n -= n_bytes;
	*len_out = len;
	return len <= in->n;
}

static bool read_element(struct cid_der *in, struct cid_tlv *tlv_out, bool *minimal_out)
{
	struct cid_der rest = *in;
	size_t len = 0;

	if (rest.n < 2 || (rest.p[0] & TAG_HIGH) == TAG_HIGH)
		return false;
	tlv_out->tag = rest.p[0];
	rest.p++;
	rest.n--;
	if (!read_length(&rest, &len, minimal_out))
		return false;
	tlv_out->content = (struct cid_der){rest.p, len};
	tlv_out->whole = (struct cid_der){in->p, (size_t)(rest.p - in->p) + len};
	*in = (struct cid_der){rest.p + len, rest.n - len};
	return true;
}

bool cid_der_next(struct cid_der *in, struct cid_tlv *tlv_out)
{
	bool minimal;

	return read_element(in, tlv_out, &minimal);
}

bool cid_der_take(struct cid_der *in, uint8_t tag, struct cid_der *content_out)
{
	struct cid_der rest = *in;
	struct cid_tlv tlv;

	if (!cid_der_next(&rest, &tlv) || tlv.tag != tag)
		return false;
	*in = rest;
	*content_out = tlv.content;
	return true;
}

bool cid_der_only(struct cid_der in, uint8_t tag, struct cid_der *content_out)
{
	struct cid_der content;

	if (!cid_der_take(&in, tag, &content) || in.n != 0)
		return false;
	*content_out = content;
	return true;
}

/* X.690 §8.3.2. */
static const char *integer_deviation(struct cid_der v)
{
	if (v.n == 0)
		return "an INTEGER is empty";
	if (v.n > 1 && (v.p[0] == 0 || v.p[0] == 0xff) && (v.p[0] >> 7) == (v.p[1] >> 7))
		return "an INTEGER is padded";
	return NULL;
}

/* X.690 §8.6.2, §11.2.1. */
static const char *bits_deviation(struct cid_der v)
{
	if (v.n == 0 || v.p[0] > 7 || (v.n == 1 && v.p[0] != 0))
		return "a BIT STRING has a wrong count of unused bits";
	if (v.n > 1 && (v.p[v.n - 1] & ((1U << v.p[0]) - 1)) != 0)
		return "unused bits of a BIT STRING are set";
	return NULL;
}

/* X.690 §11.1. */
static const char *boolean_deviation(struct cid_der v)
{
	return v.n == 1 && (v.p[0] == 0 || v.p[0] == 0xff) ? NULL : "a BOOLEAN is not 00 or FF";
}

static const char *primitive_deviation(const struct cid_tlv *tlv)
{
	switch (tlv->tag) {
	case CID_TAG_BOOLEAN:
		return boolean_deviation(tlv->content);
	case CID_TAG_INTEGER:
		return integer_deviation(tlv->content);
	case CID_TAG_BITS:
		return bits_deviation(tlv->content);
	default:
		return NULL;
	}
}

/* One level of the walk: the elements still to see. */
struct walk {
	struct cid_der at[DEPTH_MAX];
	size_t depth;
};

static const char *step(struct walk *walk, const uint8_t *skip)
{
	struct cid_tlv tlv;
	bool minimal;

	if (!read_element(&walk->at[walk->depth], &tlv, &minimal))
		return "an element cannot be read";
	if (!minimal)
		return "a length is not in its shortest form";
	if ((tlv.tag & TAG_CONSTRUCTED) == 0)
		return tlv.content.p == skip ? NULL : primitive_deviation(&tlv);
	if (walk->depth + 1 == DEPTH_MAX)
		return "it is nested too deeply";
	walk->at[++walk->depth] = tlv.content;
	return NULL;
}

const char *cid_der_deviation(struct cid_der der, const uint8_t *skip)
{
	struct walk walk = {.at = {der}};
	const char *found = NULL;

	/* Each step uses up at least two bytes or one level. */
	while (found == NULL) {
		if (walk.at[walk.depth].n > 0)
			found = step(&walk, skip);
		else if (walk.depth-- == 0)
			break;
	}
	return found;
}

static enum callerid_status bad(struct callerid_error *err, const char *what)
{
	return cid_fail(err, CALLERID_ESYNTAX, "certificate", "%s cannot be read", what);
}

/* One RelativeDistinguishedName: RFC 5280 §4.1.2.4. */
static enum callerid_status parse_rdn(struct cid_der set, struct cid_lint_name *name,
				      struct callerid_error *err)
{
	while (set.n > 0) {
		struct cid_der pair, oid;
		struct cid_tlv value;

		if (!cid_der_take(&set, CID_TAG_SEQUENCE, &pair) ||
		    !cid_der_take(&pair, CID_TAG_OID, &oid) || !cid_der_next(&pair, &value) ||
		    pair.n != 0)
			return bad(err, "a name");
		if (name->n == CID_LINT_ATTRS_MAX)
			return cid_fail(err, CALLERID_ELIMIT, "certificate",
					"a name has more than %d attributes", CID_LINT_ATTRS_MAX);
		name->attr[name->n++] = (struct cid_lint_attr){
			.oid = oid, .value = value.content, .tag = value.tag};
	}
	return CALLERID_OK;
}

static enum callerid_status parse_name(struct cid_der *in, struct cid_lint_name *name,
				       struct callerid_error *err)
{
	struct cid_der rest, set;

	if (!cid_der_take(in, CID_TAG_SEQUENCE, &name->der))
		return bad(err, "a name");
	rest = name->der;
	while (rest.n > 0) {
		enum callerid_status status;

		if (!cid_der_take(&rest, CID_TAG_SET, &set) || set.n == 0)
			return bad(err, "a name");
		status = parse_rdn(set, name, err);
		if (status != CALLERID_OK)
			return status;
	}
	return CALLERID_OK;
}

static enum callerid_status parse_ext(struct cid_der ext, struct cid_lint_cert *cert,
				      struct callerid_error *err)
{
	struct cid_lint_ext *to = &cert->ext[cert->n_ext];
	struct cid_der flag;

	if (cert->n_ext == CID_LINT_EXTS_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "certificate", "more than %d extensions",
				CID_LINT_EXTS_MAX);
	if (!cid_der_take(&ext, CID_TAG_OID, &to->oid))
		return bad(err, "an extension");
	if (cid_der_take(&ext, CID_TAG_BOOLEAN, &flag)) {
		if (flag.n != 1)
			return bad(err, "an extension");
		to->critical = flag.p[0] != 0;
		/* X.690 §11.5: a value that is the default is left out. */
		cert->critical_default = cert->critical_default || !to->critical;
	}
	if (!cid_der_only(ext, CID_TAG_OCTETS, &to->value))
		return bad(err, "an extension");
	cert->n_ext++;
	return CALLERID_OK;
}

static enum callerid_status parse_exts(struct cid_der rest, struct cid_lint_cert *cert,
				       struct callerid_error *err)
{
	struct cid_der wrapped, list, one, skipped;

	while (cid_der_take(&rest, CID_TAG_CONTEXT(1), &skipped) ||
	       cid_der_take(&rest, CID_TAG_CONTEXT(2), &skipped))
		cert->unique_ids = true;
	if (rest.n == 0)
		return CALLERID_OK;
	if (!cid_der_only(rest, CID_TAG_NESTED(3), &wrapped) ||
	    !cid_der_only(wrapped, CID_TAG_SEQUENCE, &list))
		return bad(err, "the extensions");
	while (list.n > 0) {
		enum callerid_status status;

		if (!cid_der_take(&list, CID_TAG_SEQUENCE, &one))
			return bad(err, "an extension");
		status = parse_ext(one, cert, err);
		if (status != CALLERID_OK)
			return status;
	}
	return CALLERID_OK;
}

/* RFC 5280 §4.1.2.1: v1 is 0 and the default. */
static bool parse_version(struct cid_der *in, struct cid_lint_cert *cert)
{
	struct cid_der wrapped, number;

	cert->version = 1;
	if (!cid_der_take(in, CID_TAG_NESTED(0), &wrapped))
		return true;
	if (!cid_der_only(wrapped, CID_TAG_INTEGER, &number) || number.n == 0)
		return false;
	cert->version = number.n == 1 && number.p[0] < 9 ? number.p[0] + 1 : 0;
	cert->version_default = cert->version == 1;
	return true;
}

static bool is_time(const struct cid_tlv *tlv)
{
	return tlv->tag == CID_TAG_UTCTIME || tlv->tag == CID_TAG_TIME;
}

static bool parse_validity(struct cid_der *in, struct cid_lint_cert *cert)
{
	struct cid_der dates;

	return cid_der_take(in, CID_TAG_SEQUENCE, &dates) &&
	       cid_der_next(&dates, &cert->not_before) && cid_der_next(&dates, &cert->not_after) &&
	       dates.n == 0 && is_time(&cert->not_before) && is_time(&cert->not_after);
}

static bool parse_key(struct cid_der *in, struct cid_lint_cert *cert)
{
	struct cid_tlv key;
	struct cid_der rest;

	if (!cid_der_next(in, &key) || key.tag != CID_TAG_SEQUENCE)
		return false;
	cert->spki = key.whole;
	rest = key.content;
	return cid_der_take(&rest, CID_TAG_SEQUENCE, &cert->key_algorithm) &&
	       cid_der_only(rest, CID_TAG_BITS, &cert->key_bits) && cert->key_bits.n > 0;
}

static enum callerid_status parse_tbs(struct cid_der tbs, struct cid_lint_cert *cert,
				      struct callerid_error *err)
{
	enum callerid_status status;

	if (!parse_version(&tbs, cert) || !cid_der_take(&tbs, CID_TAG_INTEGER, &cert->serial))
		return bad(err, "version or serial number");
	if (!cid_der_take(&tbs, CID_TAG_SEQUENCE, &cert->signed_as))
		return bad(err, "the signature algorithm");
	status = parse_name(&tbs, &cert->issuer, err);
	if (status != CALLERID_OK)
		return status;
	if (!parse_validity(&tbs, cert))
		return bad(err, "the validity");
	status = parse_name(&tbs, &cert->subject, err);
	if (status != CALLERID_OK)
		return status;
	if (!parse_key(&tbs, cert))
		return bad(err, "the public key");
	return parse_exts(tbs, cert, err);
}

enum callerid_status cid_lint_parse(struct cid_der der, struct cid_lint_cert *cert_out,
				    struct callerid_error *err)
{
	struct cid_der all, tbs, bits;

	*cert_out = (struct cid_lint_cert){.whole = der};
	if (!cid_der_only(der, CID_TAG_SEQUENCE, &all) ||
	    !cid_der_take(&all, CID_TAG_SEQUENCE, &tbs) ||
	    !cid_der_take(&all, CID_TAG_SEQUENCE, &cert_out->signature) ||
	    !cid_der_only(all, CID_TAG_BITS, &bits))
		return bad(err, "the certificate");
	return parse_tbs(tbs, cert_out, err);
}
