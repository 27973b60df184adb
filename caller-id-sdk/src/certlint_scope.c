/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the certificate lint: policies, CRL distribution points, the TNAuthList. */
#include "certlint.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define STI_PA_CRL  "https://authenticate-api.iconectiv.com/download/v1/crl"
#define GENERAL_URI CID_TAG_CONTEXT(6) /* GeneralName: uniformResourceIdentifier */
#define URL_TEXT    100

/* CertificatePolicies ::= SEQUENCE SIZE (1..MAX) OF PolicyInformation; the first OID. */
static enum cid_lint_state policies(const struct cid_lint_cert *cert, struct cid_der *first_out,
				    size_t *n_out)
{
	const struct cid_lint_ext *ext = cid_lint_ext(cert, CID_OID_POLICIES);
	struct cid_der list, one, oid;

	*n_out = 0;
	if (ext == NULL)
		return CID_LINT_ABSENT;
	if (!cid_der_only(ext->value, CID_TAG_SEQUENCE, &list) || list.n == 0)
		return CID_LINT_BAD;
	while (list.n > 0) {
		if (!cid_der_take(&list, CID_TAG_SEQUENCE, &one) ||
		    !cid_der_take(&one, CID_TAG_OID, &oid))
			return CID_LINT_BAD;
		if ((*n_out)++ == 0)
			*first_out = oid;
	}
	return CID_LINT_GOOD;
}

enum callerid_certlint_result cid_lint_policy_present(const struct cid_lint_case *c, char *why)
{
	struct cid_der oid;
	size_t n;
	enum cid_lint_state state = policies(c->cert, &oid, &n);

	return cid_lint_say(cid_lint_if(state == CID_LINT_GOOD), why, "%s",
			    state == CID_LINT_ABSENT ? "absent"
			    : state == CID_LINT_BAD  ? "its value cannot be read"
						     : "present");
}

enum callerid_certlint_result cid_lint_policy_one(const struct cid_lint_case *c, char *why)
{
	struct cid_der oid;
	size_t n;

	if (policies(c->cert, &oid, &n) != CID_LINT_GOOD)
		return cid_lint_say(CID_LINT_NA, why, "there are no readable policies");
	return cid_lint_say(cid_lint_if(n == 1), why, "%zu", n);
}

enum callerid_certlint_result cid_lint_policy_arc(const struct cid_lint_case *c, char *why)
{
	char text[CID_LINT_OID_TEXT];
	struct cid_der oid;
	size_t n;

	if (policies(c->cert, &oid, &n) != CID_LINT_GOOD)
		return cid_lint_say(CID_LINT_NA, why, "there are no readable policies");
	cid_lint_oid(oid, text, sizeof(text));
	return cid_lint_say(cid_lint_if(cid_lint_begins(oid, CID_OID_POLICY_ARC)), why, "%s", text);
}

enum callerid_certlint_result cid_lint_policy_none(const struct cid_lint_case *c, char *why)
{
	bool none = cid_lint_ext(c->cert, CID_OID_POLICIES) == NULL;

	return cid_lint_say(cid_lint_if(none), why, "%s", none ? "none" : "present");
}

/* What the distribution points hold. */
struct points {
	size_t n, n_urls;
	struct cid_der url;  /* the first */
	size_t n_issuers;    /* points with a cRLIssuer */
	size_t n_unreadable; /* names that are no URI */
};

/* DistributionPointName: fullName [0] GeneralNames, or a name relative to the issuer's. */
static bool read_point_name(struct cid_der in, struct points *points)
{
	struct cid_der names;
	struct cid_tlv name;

	if (!cid_der_only(in, CID_TAG_NESTED(0), &names)) {
		points->n_unreadable++;
		return cid_der_only(in, CID_TAG_NESTED(1), &names);
	}
	while (names.n > 0) {
		if (!cid_der_next(&names, &name))
			return false;
		if (name.tag != GENERAL_URI)
			points->n_unreadable++;
		else if (points->n_urls++ == 0)
			points->url = name.content;
	}
	return true;
}

/* RFC 5280 §4.2.1.13. */
static enum cid_lint_state read_points(const struct cid_lint_cert *cert, struct points *points)
{
	const struct cid_lint_ext *ext = cid_lint_ext(cert, CID_OID_CRLDP);
	struct cid_der list, one, part;

	*points = (struct points){0};
	if (ext == NULL)
		return CID_LINT_ABSENT;
	if (!cid_der_only(ext->value, CID_TAG_SEQUENCE, &list) || list.n == 0)
		return CID_LINT_BAD;
	for (; list.n > 0; points->n++) {
		if (!cid_der_take(&list, CID_TAG_SEQUENCE, &one))
			return CID_LINT_BAD;
		if (cid_der_take(&one, CID_TAG_NESTED(0), &part) && !read_point_name(part, points))
			return CID_LINT_BAD;
		(void)cid_der_take(&one, CID_TAG_CONTEXT(1), &part); /* reasons */
		if (cid_der_take(&one, CID_TAG_NESTED(2), &part) && part.n > 0)
			points->n_issuers++;
		if (one.n != 0)
			return CID_LINT_BAD;
	}
	return CID_LINT_GOOD;
}

static enum callerid_certlint_result no_points(char *why)
{
	return cid_lint_say(CID_LINT_NA, why, "there are no readable distribution points");
}

enum callerid_certlint_result cid_lint_crl_present(const struct cid_lint_case *c, char *why)
{
	struct points points;
	enum cid_lint_state state = read_points(c->cert, &points);

	return cid_lint_say(cid_lint_if(state == CID_LINT_GOOD), why, "%s",
			    state == CID_LINT_ABSENT ? "absent"
			    : state == CID_LINT_BAD  ? "its value cannot be read"
						     : "present");
}

enum callerid_certlint_result cid_lint_crl_one(const struct cid_lint_case *c, char *why)
{
	struct points points;

	if (read_points(c->cert, &points) != CID_LINT_GOOD)
		return no_points(why);
	return cid_lint_say(
		cid_lint_if(points.n == 1 && points.n_urls == 1 && points.n_unreadable == 0), why,
		"%zu points, %zu URIs, %zu other names", points.n, points.n_urls,
		points.n_unreadable);
}

static bool begins(struct cid_der url, const char *with)
{
	size_t n = strlen(with);

	return url.n > n && strncasecmp((const char *)url.p, with, n) == 0;
}

enum callerid_certlint_result cid_lint_crl_scheme(const struct cid_lint_case *c, char *why)
{
	struct points points;
	char text[URL_TEXT];

	if (read_points(c->cert, &points) != CID_LINT_GOOD || points.n_urls == 0)
		return no_points(why);
	cid_lint_text(points.url, text, sizeof(text));
	return cid_lint_say(
		cid_lint_if(begins(points.url, "http://") || begins(points.url, "https://")), why,
		"%s", text);
}

enum callerid_certlint_result cid_lint_crl_sti_pa(const struct cid_lint_case *c, char *why)
{
	struct points points;
	char text[URL_TEXT];

	if (read_points(c->cert, &points) != CID_LINT_GOOD || points.n_urls == 0)
		return no_points(why);
	cid_lint_text(points.url, text, sizeof(text));
	return cid_lint_say(cid_lint_if(strcmp(text, STI_PA_CRL) == 0), why, "%s", text);
}

enum callerid_certlint_result cid_lint_crl_issuer(const struct cid_lint_case *c, char *why)
{
	struct points points;

	if (read_points(c->cert, &points) != CID_LINT_GOOD)
		return no_points(why);
	return cid_lint_say(cid_lint_if(points.n_issuers == points.n), why,
			    "%zu of %zu points name a cRLIssuer", points.n_issuers, points.n);
}

enum callerid_certlint_result cid_lint_tnauth_present(const struct cid_lint_case *c, char *why)
{
	bool there = cid_lint_ext(c->cert, CID_OID_TNAUTH) != NULL;

	return cid_lint_say(cid_lint_if(there), why, "%s", there ? "present" : "absent");
}

enum callerid_certlint_result cid_lint_tnauth_none(const struct cid_lint_case *c, char *why)
{
	bool none = cid_lint_ext(c->cert, CID_OID_TNAUTH) == NULL;

	return cid_lint_say(cid_lint_if(none), why, "%s", none ? "none" : "present");
}

enum callerid_certlint_result cid_lint_tnauth_syntax(const struct cid_lint_case *c, char *why)
{
	if (c->cert->tnauth != NULL)
		return cid_lint_say(CID_LINT_PASS, why, "%zu entries",
				    callerid_tnauthlist_count(c->cert->tnauth));
	if (cid_lint_ext(c->cert, CID_OID_TNAUTH) == NULL)
		return cid_lint_say(CID_LINT_NA, why, "absent");
	return cid_lint_say(CID_LINT_FAIL, why, "%s", c->cert->tnauth_error.text);
}

enum callerid_certlint_result cid_lint_tnauth_one_spc(const struct cid_lint_case *c, char *why)
{
	static const char *const kinds[] = {"an SPC", "a range", "a number"};
	enum callerid_tnauth_kind first;
	size_t n;

	if (c->cert->tnauth == NULL)
		return cid_lint_say(CID_LINT_NA, why, "there is no readable TNAuthList");
	n = callerid_tnauthlist_count(c->cert->tnauth);
	first = callerid_tnauthlist_at(c->cert->tnauth, 0)->kind;
	return cid_lint_say(cid_lint_if(n == 1 && first == CALLERID_TNAUTH_SPC), why,
			    "%zu entries, the first is %s", n, kinds[first]);
}

bool cid_lint_spc(const struct cid_lint_cert *cert, char *out, size_t size)
{
	const struct callerid_tnauth_entry *entry;

	if (cert->tnauth == NULL || callerid_tnauthlist_count(cert->tnauth) != 1)
		return false;
	entry = callerid_tnauthlist_at(cert->tnauth, 0);
	if (entry->kind != CALLERID_TNAUTH_SPC)
		return false;
	snprintf(out, size, "%s", entry->text);
	return true;
}

enum callerid_certlint_result cid_lint_tnauth_alphabet(const struct cid_lint_case *c, char *why)
{
	static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	char spc[CID_LINT_SHORT];

	if (!cid_lint_spc(c->cert, spc, sizeof(spc)))
		return cid_lint_say(CID_LINT_NA, why, "there is no single SPC");
	return cid_lint_say(cid_lint_if(spc[strspn(spc, alphabet)] == '\0'), why, "\"%s\"", spc);
}
