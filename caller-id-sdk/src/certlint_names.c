/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the certificate lint: what stands in the names. */
#include "certlint.h"

#include <string.h>

#define CN_MAX	    64 /* RFC 5280 Appendix A.1: ub-common-name and ub-organization-name */
#define SHAKEN	    "SHAKEN"
#define SHAKEN_CODE "SHAKEN "

static enum callerid_certlint_result has_one(const struct cid_lint_name *name,
					     enum cid_lint_oid which, char *why)
{
	char text[CID_LINT_SHORT];
	size_t n;
	const struct cid_lint_attr *attr = cid_lint_attr(name, which, &n);

	if (n != 1)
		return cid_lint_say(CID_LINT_FAIL, why,
				    n == 0 ? "%zu, one is needed" : "%zu of them", n);
	cid_lint_text(attr->value, text, sizeof(text));
	return cid_lint_say(cid_lint_if(attr->value.n > 0), why, "\"%s\"", text);
}

static bool is_upper(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

/* ISO 3166: two letters; RFC 5280 Appendix A.1: a PrintableString. */
static enum callerid_certlint_result has_country(const struct cid_lint_name *name, char *why)
{
	size_t n;
	const struct cid_lint_attr *attr = cid_lint_attr(name, CID_OID_C, &n);
	enum callerid_certlint_result result = has_one(name, CID_OID_C, why);

	if (result != CID_LINT_PASS)
		return result;
	return cid_lint_if(attr->value.n == 2 && is_upper(attr->value.p[0]) &&
			   is_upper(attr->value.p[1]) && attr->tag == CID_TAG_PRINTABLE);
}

enum callerid_certlint_result cid_lint_issuer_c(const struct cid_lint_case *c, char *why)
{
	return has_country(&c->cert->issuer, why);
}

enum callerid_certlint_result cid_lint_issuer_o(const struct cid_lint_case *c, char *why)
{
	return has_one(&c->cert->issuer, CID_OID_O, why);
}

enum callerid_certlint_result cid_lint_issuer_cn(const struct cid_lint_case *c, char *why)
{
	return has_one(&c->cert->issuer, CID_OID_CN, why);
}

enum callerid_certlint_result cid_lint_subject_c(const struct cid_lint_case *c, char *why)
{
	return has_country(&c->cert->subject, why);
}

enum callerid_certlint_result cid_lint_subject_o(const struct cid_lint_case *c, char *why)
{
	return has_one(&c->cert->subject, CID_OID_O, why);
}

enum callerid_certlint_result cid_lint_subject_cn(const struct cid_lint_case *c, char *why)
{
	return has_one(&c->cert->subject, CID_OID_CN, why);
}

/* RFC 5280 §4.1.2.4: PrintableString or UTF8String; serialNumber and C are PrintableStrings, an
 * e-mail address is an IA5String. */
static bool is_well_typed(const struct cid_lint_attr *attr)
{
	if (cid_lint_is(attr->oid, CID_OID_EMAIL))
		return attr->tag == CID_TAG_IA5;
	if (cid_lint_is(attr->oid, CID_OID_C) || cid_lint_is(attr->oid, CID_OID_SERIAL))
		return attr->tag == CID_TAG_PRINTABLE;
	return attr->tag == CID_TAG_PRINTABLE || attr->tag == CID_TAG_UTF8;
}

/* X.680 §41.4. */
static bool is_printable(struct cid_der value)
{
	static const char others[] = " '()+,-./:=?";

	for (size_t i = 0; i < value.n; i++) {
		uint8_t b = value.p[i];
		bool plain = is_upper(b) || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9');

		if (!plain && (b == 0 || strchr(others, b) == NULL))
			return false;
	}
	return true;
}

static const struct cid_lint_attr *ill_encoded(const struct cid_lint_name *name)
{
	for (size_t i = 0; i < name->n; i++) {
		const struct cid_lint_attr *attr = &name->attr[i];

		if (!is_well_typed(attr) ||
		    (attr->tag == CID_TAG_PRINTABLE && !is_printable(attr->value)))
			return attr;
	}
	return NULL;
}

enum callerid_certlint_result cid_lint_name_encoding(const struct cid_lint_case *c, char *why)
{
	const struct cid_lint_attr *found = ill_encoded(&c->cert->subject);
	char oid[CID_LINT_OID_TEXT], text[CID_LINT_SHORT];

	if (found == NULL)
		found = ill_encoded(&c->cert->issuer);
	if (found == NULL)
		return cid_lint_say(CID_LINT_PASS, why, "%zu attributes",
				    c->cert->subject.n + c->cert->issuer.n);
	cid_lint_oid(found->oid, oid, sizeof(oid));
	cid_lint_text(found->value, text, sizeof(text));
	return cid_lint_say(CID_LINT_FAIL, why, "%s \"%s\" has string type %02X", oid, text,
			    found->tag);
}

enum callerid_certlint_result cid_lint_name_length(const struct cid_lint_case *c, char *why)
{
	const struct cid_lint_name *names[] = {&c->cert->subject, &c->cert->issuer};
	size_t longest = 0;

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < names[k]->n; i++) {
			const struct cid_lint_attr *attr = &names[k]->attr[i];

			if ((cid_lint_is(attr->oid, CID_OID_CN) ||
			     cid_lint_is(attr->oid, CID_OID_O) ||
			     cid_lint_is(attr->oid, CID_OID_SERIAL)) &&
			    attr->value.n > longest)
				longest = attr->value.n;
		}
	return cid_lint_say(cid_lint_if(longest <= CN_MAX), why, "the longest has %zu bytes",
			    longest);
}

enum callerid_certlint_result cid_lint_ca_cn(const struct cid_lint_case *c, char *why)
{
	size_t n;
	char text[CID_LINT_SHORT];
	const struct cid_lint_attr *cn = cid_lint_attr(&c->cert->subject, CID_OID_CN, &n);

	if (cn == NULL)
		return cid_lint_say(CID_LINT_NA, why, "there is no common name");
	cid_lint_text(cn->value, text, sizeof(text));
	return cid_lint_say(
		cid_lint_if(memmem(cn->value.p, cn->value.n, SHAKEN, strlen(SHAKEN)) != NULL), why,
		"\"%s\"", text);
}

/* The code of "SHAKEN <SPC>"; false: cn is not that. */
static bool code_of(const struct cid_lint_attr *cn, struct cid_der *code_out)
{
	const size_t skip = strlen(SHAKEN_CODE);

	if (cn->value.n <= skip || memcmp(cn->value.p, SHAKEN_CODE, skip) != 0)
		return false;
	*code_out = (struct cid_der){cn->value.p + skip, cn->value.n - skip};
	for (size_t i = 0; i < code_out->n; i++)
		if (!is_upper(code_out->p[i]) && !(code_out->p[i] >= '0' && code_out->p[i] <= '9'))
			return false;
	return true;
}

enum callerid_certlint_result cid_lint_ee_cn(const struct cid_lint_case *c, char *why)
{
	size_t n;
	char text[CID_LINT_SHORT];
	struct cid_der code;
	const struct cid_lint_attr *cn = cid_lint_attr(&c->cert->subject, CID_OID_CN, &n);

	if (cn == NULL)
		return cid_lint_say(CID_LINT_NA, why, "there is no common name");
	cid_lint_text(cn->value, text, sizeof(text));
	return cid_lint_say(cid_lint_if(code_of(cn, &code)), why, "\"%s\"", text);
}

enum callerid_certlint_result cid_lint_ee_cn_spc(const struct cid_lint_case *c, char *why)
{
	size_t n;
	char spc[CID_LINT_SHORT], text[CID_LINT_SHORT];
	struct cid_der code;
	const struct cid_lint_attr *cn = cid_lint_attr(&c->cert->subject, CID_OID_CN, &n);

	if (cn == NULL || !code_of(cn, &code) || !cid_lint_spc(c->cert, spc, sizeof(spc)))
		return cid_lint_say(CID_LINT_NA, why,
				    "the common name or the TNAuthList has no code");
	cid_lint_text(code, text, sizeof(text));
	return cid_lint_say(cid_lint_if(strcmp(spc, text) == 0), why,
			    "common name %s, TNAuthList %s", text, spc);
}

enum callerid_certlint_result cid_lint_subject_serial(const struct cid_lint_case *c, char *why)
{
	return has_one(&c->cert->subject, CID_OID_SERIAL, why);
}

enum callerid_certlint_result cid_lint_subject_other(const struct cid_lint_case *c, char *why)
{
	static const enum cid_lint_oid known[] = {CID_OID_CN, CID_OID_O, CID_OID_C, CID_OID_SERIAL};

	for (size_t i = 0; i < c->cert->subject.n; i++) {
		char oid[CID_LINT_OID_TEXT];
		bool found = false;

		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			found = found || cid_lint_is(c->cert->subject.attr[i].oid, known[k]);
		if (found)
			continue;
		cid_lint_oid(c->cert->subject.attr[i].oid, oid, sizeof(oid));
		return cid_lint_say(CID_LINT_FAIL, why, "%s", oid);
	}
	return cid_lint_say(CID_LINT_PASS, why, "%zu attributes", c->cert->subject.n);
}
