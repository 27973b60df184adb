/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules of the certificate lint share: names, extensions' values, readable texts. */
#include "certlint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define OID(...)                                                                                   \
	{                                                                                          \
		(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})             \
	}

static const struct cid_der oids[CID_OID_COUNT] = {
	[CID_OID_BASIC] = OID(0x55, 0x1d, 0x13),
	[CID_OID_USAGE] = OID(0x55, 0x1d, 0x0f),
	[CID_OID_SKI] = OID(0x55, 0x1d, 0x0e),
	[CID_OID_AKI] = OID(0x55, 0x1d, 0x23),
	[CID_OID_POLICIES] = OID(0x55, 0x1d, 0x20),
	[CID_OID_CRLDP] = OID(0x55, 0x1d, 0x1f),
	[CID_OID_TNAUTH] = OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x1a),
	[CID_OID_CN] = OID(0x55, 0x04, 0x03),
	[CID_OID_SERIAL] = OID(0x55, 0x04, 0x05),
	[CID_OID_C] = OID(0x55, 0x04, 0x06),
	[CID_OID_O] = OID(0x55, 0x04, 0x0a),
	[CID_OID_EMAIL] = OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01),
	[CID_OID_EC_KEY] = OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01),
	[CID_OID_P256] = OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07),
	[CID_OID_ECDSA_SHA256] = OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02),
	[CID_OID_ECDSA] = OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04),
	/* 2.16.840.1.114569.1.1 */
	[CID_OID_POLICY_ARC] = OID(0x60, 0x86, 0x48, 0x01, 0x86, 0xff, 0x09, 0x01, 0x01),
};

bool cid_lint_is(struct cid_der oid, enum cid_lint_oid which)
{
	return cid_der_same(oid, oids[which]);
}

bool cid_lint_begins(struct cid_der oid, enum cid_lint_oid which)
{
	const struct cid_der *start = &oids[which];

	return oid.n > start->n && memcmp(oid.p, start->p, start->n) == 0;
}

static void make_plain(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
			*text = '?';
}

enum callerid_certlint_result cid_lint_say(enum callerid_certlint_result result, char *why,
					   const char *fmt, ...)
{
	va_list list;

	va_start(list, fmt);
	vsnprintf(why, CALLERID_CERTLINT_WHY_MAX + 1, fmt, list);
	va_end(list);
	make_plain(why);
	return result;
}

enum callerid_certlint_result cid_lint_if(bool good)
{
	return good ? CID_LINT_PASS : CID_LINT_FAIL;
}

void cid_lint_text(struct cid_der value, char *out, size_t size)
{
	size_t n = value.n < size ? value.n : size - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = (char)(value.p[i] != 0 ? value.p[i] : '?');
	out[n] = '\0';
	make_plain(out);
}

/* X.690 §8.19. A part over 63 bits is shown as "?". */
void cid_lint_oid(struct cid_der oid, char *out, size_t size)
{
	uint64_t part = 0;
	size_t at = 0;
	bool first = true;

	out[0] = '\0';
	for (size_t i = 0; i < oid.n && at + 24 < size; i++) {
		part = part >> 56 != 0 ? UINT64_MAX : part << 7 | (oid.p[i] & 0x7f);
		if ((oid.p[i] & 0x80) != 0)
			continue;
		if (first) {
			unsigned top = part < 40 ? 0 : part < 80 ? 1 : 2;

			at += (size_t)snprintf(out, size, "%u.%llu", top,
					       (unsigned long long)(part - 40 * top));
		} else if (part == UINT64_MAX) {
			at += (size_t)snprintf(out + at, size - at, ".?");
		} else {
			at += (size_t)snprintf(out + at, size - at, ".%llu",
					       (unsigned long long)part);
		}
		first = false;
		part = 0;
	}
	/* Empty, or it ends within a part. */
	if (first || part != 0)
		snprintf(out, size, "?");
}

void cid_lint_name_text(const struct cid_lint_name *name, char *out, size_t size)
{
	static const struct {
		enum cid_lint_oid oid;
		const char *text;
	} known[] = {
		{CID_OID_CN, "CN"},
		{CID_OID_O, "O"},
		{CID_OID_C, "C"},
		{CID_OID_SERIAL, "serialNumber"},
		{CID_OID_EMAIL, "emailAddress"},
	};
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < name->n && at + 1 < size; i++) {
		char value[CID_LINT_SHORT], oid[CID_LINT_OID_TEXT];
		int n;

		cid_lint_text(name->attr[i].value, value, sizeof(value));
		cid_lint_oid(name->attr[i].oid, oid, sizeof(oid));
		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			if (cid_lint_is(name->attr[i].oid, known[k].oid))
				snprintf(oid, sizeof(oid), "%s", known[k].text);
		n = snprintf(out + at, size - at, "%s%s=%s", i > 0 ? ", " : "", oid, value);
		at += (size_t)n;
	}
}

const struct cid_lint_ext *cid_lint_ext(const struct cid_lint_cert *cert, enum cid_lint_oid which)
{
	for (size_t i = 0; i < cert->n_ext; i++)
		if (cid_lint_is(cert->ext[i].oid, which))
			return &cert->ext[i];
	return NULL;
}

const struct cid_lint_attr *cid_lint_attr(const struct cid_lint_name *name, enum cid_lint_oid which,
					  size_t *n_out)
{
	const struct cid_lint_attr *found = NULL;

	*n_out = 0;
	for (size_t i = 0; i < name->n; i++) {
		if (!cid_lint_is(name->attr[i].oid, which))
			continue;
		if (found == NULL)
			found = &name->attr[i];
		++*n_out;
	}
	return found;
}

/* BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL } */
enum cid_lint_state cid_lint_basic(const struct cid_lint_cert *cert, struct cid_lint_basic *out)
{
	const struct cid_lint_ext *ext = cid_lint_ext(cert, CID_OID_BASIC);
	struct cid_der in, value;

	*out = (struct cid_lint_basic){0};
	if (ext == NULL)
		return CID_LINT_ABSENT;
	if (!cid_der_only(ext->value, CID_TAG_SEQUENCE, &in))
		return CID_LINT_BAD;
	if (cid_der_take(&in, CID_TAG_BOOLEAN, &value)) {
		if (value.n != 1)
			return CID_LINT_BAD;
		out->ca = value.p[0] != 0;
		out->ca_default = !out->ca;
	}
	if (in.n == 0)
		return CID_LINT_GOOD;
	if (!cid_der_only(in, CID_TAG_INTEGER, &value) || value.n == 0 || value.p[0] >= 0x80)
		return CID_LINT_BAD;
	out->has_path_len = true;
	out->path_len = value.n == 1 ? value.p[0] : 255;
	return CID_LINT_GOOD;
}

enum cid_lint_state cid_lint_usage(const struct cid_lint_cert *cert, unsigned *bits_out)
{
	const struct cid_lint_ext *ext = cid_lint_ext(cert, CID_OID_USAGE);
	struct cid_der bits;
	unsigned found = 0;

	*bits_out = 0;
	if (ext == NULL)
		return CID_LINT_ABSENT;
	if (!cid_der_only(ext->value, CID_TAG_BITS, &bits) || bits.n < 2 || bits.n > 3)
		return CID_LINT_BAD;
	/* The first octet counts the bits at the end that are none. */
	if (bits.p[0] > 7)
		return CID_LINT_BAD;
	for (unsigned i = 0; i < 8 * (bits.n - 1) - bits.p[0]; i++)
		if ((bits.p[1 + i / 8] & (0x80U >> i % 8)) != 0)
			found |= 1U << i;
	*bits_out = found;
	return CID_LINT_GOOD;
}

enum cid_lint_state cid_lint_ski(const struct cid_lint_cert *cert, struct cid_der *id_out)
{
	const struct cid_lint_ext *ext = cid_lint_ext(cert, CID_OID_SKI);

	if (ext == NULL)
		return CID_LINT_ABSENT;
	return cid_der_only(ext->value, CID_TAG_OCTETS, id_out) && id_out->n > 0 ? CID_LINT_GOOD
										 : CID_LINT_BAD;
}

enum cid_lint_state cid_lint_aki(const struct cid_lint_cert *cert, struct cid_der *id_out)
{
	const struct cid_lint_ext *ext = cid_lint_ext(cert, CID_OID_AKI);
	struct cid_der in;

	if (ext == NULL)
		return CID_LINT_ABSENT;
	if (!cid_der_only(ext->value, CID_TAG_SEQUENCE, &in) ||
	    !cid_der_take(&in, CID_TAG_CONTEXT(0), id_out) || id_out->n == 0)
		return CID_LINT_BAD;
	return CID_LINT_GOOD;
}
