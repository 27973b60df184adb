/* SPDX-License-Identifier: Apache-2.0 */
/* What a certificate may speak for: its TNAuthList, those of its issuers, its claim constraints. */
#include "scope.h"

#include "certext.h"
#include "fail.h"

#include <callerid/verification.h>

#include <openssl/x509v3.h>

#include <string.h>

/* The TNAuthList of certificate number at of the path; *list_out stays NULL where there is none. */
static bool read_list(struct cid_finding *scope, const X509 *x, int at,
		      struct callerid_tnauthlist **list_out)
{
	const ASN1_OCTET_STRING *data = NULL;
	struct callerid_error err;
	int n = cid_ext_find(x, CID_OID_TNAUTHLIST, &data);

	if (n == 0)
		return true;
	scope->reason = CALLERID_REASON_NOT_AUTHORIZED;
	if (n > 1) {
		cid_say(scope->why, sizeof(scope->why),
			"certificate %d of the path has more than one TNAuthList", at + 1);
		return false;
	}
	if (callerid_tnauthlist_parse(ASN1_STRING_get0_data(data), (size_t)ASN1_STRING_length(data),
				      list_out, &err) == CALLERID_OK) {
		scope->reason = CALLERID_REASON_OK;
		return true;
	}
	if (err.status == CALLERID_ENOMEM)
		scope->reason = CALLERID_REASON_NO_MEMORY;
	cid_say(scope->why, sizeof(scope->why), "TNAuthList of certificate %d of the path: %s",
		at + 1, err.text);
	return false;
}

/* RFC 8226 §8, RFC 9118 §3: what the holder may claim. Both are "applicable only to end-entity
 * certificates", so what an issuer's certificate has of them constrains nothing. */
static void read_constraints(struct cid_cert *cert, const X509 *leaf)
{
	const ASN1_OCTET_STRING *data = NULL;
	struct cid_finding *rules = &cert->rules;
	struct callerid_error err;
	int plain = cid_ext_find(leaf, CID_OID_CLAIM_CONSTRAINTS, &data);
	int enhanced = cid_ext_find(leaf, CID_OID_ENHANCED_CONSTRAINTS, &data);

	if (plain + enhanced == 0)
		return;
	/* RFC 9118 §3: a certificate has one of the two, or neither. */
	if (plain + enhanced > 1) {
		rules->reason = CALLERID_REASON_NOT_PERMITTED;
		cid_say(rules->why, sizeof(rules->why),
			"the certificate has more than one extension of claim constraints");
		return;
	}
	if (cid_constraints_parse(ASN1_STRING_get0_data(data), (size_t)ASN1_STRING_length(data),
				  enhanced == 1, &cert->constraints, &err) == CALLERID_OK)
		return;
	rules->reason = err.status == CALLERID_ENOMEM ? CALLERID_REASON_NO_MEMORY
						      : CALLERID_REASON_NOT_PERMITTED;
	cid_say(rules->why, sizeof(rules->why), "the certificate's claim constraints: %s",
		err.text);
}

/* RFC 8226 §10.1: the list stands at a URL, as the extension would hold it. */
static void take_list(struct cid_cert *cert, const struct callerid_span *list)
{
	struct cid_finding *scope = &cert->scope;
	struct callerid_error err;

	cert->from_list_url = true;
	if (callerid_tnauthlist_parse((const uint8_t *)list->p, list->n, &cert->tnauth, &err) ==
	    CALLERID_OK)
		return;
	scope->reason = err.status == CALLERID_ENOMEM ? CALLERID_REASON_NO_MEMORY
						      : CALLERID_REASON_NOT_AUTHORIZED;
	cid_say(scope->why, sizeof(scope->why), "the TNAuthList at the certificate's URL: %s",
		err.text);
}

void cid_scope_judge(struct cid_cert *cert, const X509 *leaf, const struct callerid_span *list)
{
	struct cid_finding *scope = &cert->scope;

	cid_ext_tn_list_url(leaf, cert->tn_list_url, sizeof(cert->tn_list_url));
	read_constraints(cert, leaf);
	if (!read_list(scope, leaf, 0, &cert->tnauth) || cert->tnauth != NULL)
		return;
	if (list != NULL && cert->tn_list_url[0] != '\0') {
		take_list(cert, list);
		return;
	}
	cert->lacks_list = cert->tn_list_url[0] != '\0';
	scope->reason = CALLERID_REASON_NOT_AUTHORIZED;
	cid_say(scope->why, sizeof(scope->why), "%s",
		cert->lacks_list ? CID_LIST_NOT_FETCHED : "the certificate has no TNAuthList");
}

/* RFC 5280 §4.2.1.1 and §4.2.1.2, which RFC 9060 §6 builds on: both there, and the same. */
static bool is_linked(const X509 *child, const X509 *parent)
{
	/* OpenSSL computes what it caches of a certificate only when asked through X509 *. */
	X509 *below = (X509 *)(uintptr_t)child, *above = (X509 *)(uintptr_t)parent;
	const ASN1_OCTET_STRING *authority = X509_get0_authority_key_id(below);
	const ASN1_OCTET_STRING *subject = X509_get0_subject_key_id(above);

	return authority != NULL && subject != NULL &&
	       ASN1_OCTET_STRING_cmp(authority, subject) == 0;
}

/* The certificates of a delegation stand in order and name each other, up to the one at last. */
static bool is_in_order(struct cid_finding *scope, STACK_OF(X509) * path, STACK_OF(X509) * body,
			int last)
{
	for (int i = 0; i < last; i++) {
		if (is_linked(sk_X509_value(path, i), sk_X509_value(path, i + 1)))
			continue;
		scope->reason = CALLERID_REASON_NOT_AUTHORIZED;
		cid_say(scope->why, sizeof(scope->why),
			"certificate %d of the path does not name certificate %d by its key "
			"identifier",
			i + 1, i + 2);
		return false;
	}
	for (int i = 0; body != NULL && i <= last && i < sk_X509_num(body); i++) {
		if (X509_cmp(sk_X509_value(path, i), sk_X509_value(body, i)) == 0)
			continue;
		scope->reason = CALLERID_REASON_NOT_AUTHORIZED;
		cid_say(scope->why, sizeof(scope->why),
			"certificate %d of a delegation does not stand in the order of its path",
			i + 1);
		return false;
	}
	return true;
}

/* Whether the list of certificate at lies inside that of an issuer, which cert keeps. */
static bool fits(struct cid_cert *cert, const struct callerid_tnauthlist *child,
		 struct cid_parent *parent, int child_at)
{
	enum callerid_tnauth_match match = callerid_tnauthlist_encompasses(parent->list, child);

	if (match != CALLERID_TNAUTH_NOT_COVERED)
		return true;
	cert->scope.reason = CALLERID_REASON_NOT_AUTHORIZED;
	cid_say(cert->scope.why, sizeof(cert->scope.why),
		"certificate %d of the path lists what certificate %d above it does not have",
		child_at + 1, parent->at);
	return false;
}

/* RFC 8226 §10.1: an issuer's list may stand at a URL, and that one nobody asks for. It has bounds,
 * only they are not known here: to skip it like a CA without any would give its delegates all. */
static bool has_list_elsewhere(struct cid_finding *scope, const X509 *x, int at)
{
	if (!cid_ext_names_tn_list(x))
		return false;
	scope->reason = CALLERID_REASON_NOT_AUTHORIZED;
	cid_say(scope->why, sizeof(scope->why),
		"certificate %d of the path has its TNAuthList at a URL, which is not fetched for "
		"an issuer",
		at + 1);
	return true;
}

static bool is_self_issued(const X509 *x)
{
	return X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
}

void cid_scope_judge_path(struct cid_cert *cert, STACK_OF(X509) * path, STACK_OF(X509) * body)
{
	const struct callerid_tnauthlist *child = cert->tnauth;
	int child_at = 0;

	if (cert->scope.reason != CALLERID_REASON_OK)
		return;
	for (int i = 1; i < sk_X509_num(path) && cert->n_parents < CID_PARENTS_MAX; i++) {
		struct cid_parent *parent = &cert->parent[cert->n_parents];

		if (!read_list(&cert->scope, sk_X509_value(path, i), i, &parent->list))
			return;
		if (parent->list == NULL) {
			if (has_list_elsewhere(&cert->scope, sk_X509_value(path, i), i))
				return;
			continue;
		}
		cert->n_parents++;
		parent->at = i + 1;
		if (!fits(cert, child, parent, child_at))
			return;
		child = parent->list;
		child_at = i;
	}
	if (child_at > 0 && !is_in_order(&cert->scope, path, body, child_at))
		return;
	/* RFC 9060 §5: "x5u" leads to the whole path, so that it does not stop at a delegate. */
	if (body == NULL && child_at > 0 && child_at == sk_X509_num(path) - 1 &&
	    !is_self_issued(sk_X509_value(path, child_at))) {
		cert->scope.reason = CALLERID_REASON_NOT_AUTHORIZED;
		cid_say(cert->scope.why, sizeof(cert->scope.why),
			"the path stops at certificate %d, a delegate; its issuer is missing",
			child_at + 1);
	}
}

static enum callerid_reason refuse(struct callerid_check_result *r, const char *why)
{
	r->reason = CALLERID_REASON_NOT_AUTHORIZED;
	cid_say(r->why, sizeof(r->why), "%s", why);
	return r->reason;
}

/* A list that has tn by a service provider code only: certificate number at of the path. */
static enum callerid_reason covers_by_code(const struct callerid_tnauthlist *list, int at,
					   const struct callerid_policy *policy, const char *tn,
					   struct callerid_check_result *r)
{
	char spc[CALLERID_SPC_MAX + 1] = "";

	if (policy->spc_of != NULL && policy->spc_of(policy->spc_data, tn, spc)) {
		spc[CALLERID_SPC_MAX] = '\0';
		if (callerid_tnauthlist_has_spc(list, spc)) {
			cid_say(r->why, sizeof(r->why),
				"by service provider code %s, whose number it is", spc);
			return CALLERID_REASON_OK;
		}
		r->reason = CALLERID_REASON_NOT_AUTHORIZED;
		cid_say(r->why, sizeof(r->why),
			"the number belongs to service provider code %s, which certificate %d of "
			"the path does not have",
			spc, at);
		return r->reason;
	}
	if (policy->accept_spc) {
		cid_say(r->why, sizeof(r->why), "by service provider code");
		return CALLERID_REASON_OK;
	}
	if (at == 1)
		return refuse(r,
			      "the TNAuthList has a service provider code, which the policy does "
			      "not take for the number");
	r->reason = CALLERID_REASON_NOT_AUTHORIZED;
	cid_say(r->why, sizeof(r->why),
		"certificate %d of the path has only a service provider code for the number, which "
		"the policy does not take",
		at);
	return r->reason;
}

enum callerid_reason cid_scope_covers(const struct cid_cert *cert,
				      const struct callerid_policy *policy, const char *tn,
				      struct callerid_check_result *r)
{
	enum callerid_tnauth_match match;
	enum callerid_reason reason = CALLERID_REASON_OK;

	if (!cert->good && cert->scope.reason != CALLERID_REASON_OK) {
		r->reason = cert->scope.reason;
		cid_say(r->why, sizeof(r->why), "%s", cert->scope.why);
		return r->reason;
	}
	match = callerid_tnauthlist_match(cert->tnauth, tn);
	if (match == CALLERID_TNAUTH_NOT_COVERED)
		return refuse(r, "the TNAuthList does not cover the number");
	if (match == CALLERID_TNAUTH_SPC_ONLY)
		reason = covers_by_code(cert->tnauth, 1, policy, tn, r);
	/* RFC 9060 §4: what an issuer did not have it could not give. */
	for (size_t i = 0; reason == CALLERID_REASON_OK && i < cert->n_parents; i++) {
		const struct cid_parent *parent = &cert->parent[i];

		if (callerid_tnauthlist_match(parent->list, tn) != CALLERID_TNAUTH_COVERED)
			reason = covers_by_code(parent->list, parent->at, policy, tn, r);
	}
	return reason;
}
