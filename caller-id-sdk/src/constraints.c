/* SPDX-License-Identifier: Apache-2.0 */
/* What a certificate lets its PASSporTs claim: JWTClaimConstraints of RFC 8226 §8 and RFC 9118. */
#include "constraints.h"

#include "asn1.h"
#include "b64url.h"
#include "canon.h"
#include "fail.h"
#include "json.h"

#include <openssl/asn1.h>

#include <stdlib.h>
#include <string.h>

/* The tags are the kinds: mustInclude [0], permittedValues [1], mustExclude [2]. */
enum kind { MUST_INCLUDE, PERMITTED, MUST_EXCLUDE, N_KINDS };

/* One name, or one name and one of the values that it may have. */
struct rule {
	enum kind kind;
	unsigned group; /* of PERMITTED: the rules of one group are alternatives */
	const char *claim;
	const char *value; /* NULL unless PERMITTED */
	size_t value_len;
};

struct cid_constraints {
	size_t n, max;
	unsigned n_groups;
	char *next_text; /* behind the rules: the texts */
	struct rule rule[];
};

static enum callerid_status bad(struct callerid_error *err, const char *what)
{
	return cid_fail(err, CALLERID_ESYNTAX, "constraints", "%s", what);
}

static bool is_name(struct cid_asn1 text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] <= ' ' || text.p[i] > '~')
			return false;
	}
	return text.n > 0 && text.n <= CID_CLAIM_NAME_MAX;
}

/* A copy that ends in NUL. There is room: every text is shorter than the element it comes from. */
static const char *keep(struct cid_constraints *c, struct cid_asn1 text)
{
	char *copy = c->next_text;

	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	c->next_text += text.n + 1;
	return copy;
}

static enum callerid_status add_rule(struct cid_constraints *c, const struct rule *rule,
				     struct callerid_error *err)
{
	if (c->n == c->max)
		return cid_fail(err, CALLERID_ELIMIT, "constraints", "over %d names and values",
				CID_CONSTRAINTS_MAX);
	c->rule[c->n++] = *rule;
	return CALLERID_OK;
}

/* JWTClaimName ::= IA5String */
static const char *take_name(struct cid_constraints *c, struct cid_asn1 *in)
{
	struct cid_asn1 name;

	if (!cid_asn1_take_tagged(in, CID_ASN1_IA5STRING, &name) || !is_name(name))
		return NULL;
	return keep(c, name);
}

/* JWTClaimNames ::= SEQUENCE SIZE (1..MAX) OF JWTClaimName */
static enum callerid_status take_names(struct cid_constraints *c, enum kind kind,
				       struct cid_asn1 names, struct callerid_error *err)
{
	enum callerid_status status = CALLERID_OK;

	while (status == CALLERID_OK && names.n > 0) {
		struct rule rule = {.kind = kind, .claim = take_name(c, &names)};

		if (rule.claim == NULL)
			return bad(err, "a claim's name is not an IA5String of 1 to 63 characters");
		status = add_rule(c, &rule, err);
	}
	return status;
}

static bool is_value(struct cid_asn1 text)
{
	while (text.n > 0) {
		unsigned long code = 0;
		int n = UTF8_getc(text.p, (int)text.n, &code);

		if (n <= 0 || code == 0)
			return false;
		text.p += n;
		text.n -= (size_t)n;
	}
	return true;
}

/* JWTClaimValues ::= SEQUENCE { claim JWTClaimName, values SEQUENCE SIZE (1..MAX) OF UTF8String }
 */
static enum callerid_status take_values(struct cid_constraints *c, struct cid_asn1 in,
					struct callerid_error *err)
{
	struct rule rule = {.kind = PERMITTED, .group = c->n_groups++};
	enum callerid_status status = CALLERID_OK;
	struct cid_asn1 values, value;

	rule.claim = take_name(c, &in);
	if (rule.claim == NULL)
		return bad(err, "a claim's name is not an IA5String of 1 to 63 characters");
	if (!cid_asn1_take_tagged(&in, CID_ASN1_SEQUENCE, &values) || values.n == 0 || in.n > 0)
		return bad(err, "the values of a claim are not a SEQUENCE of at least one");
	while (status == CALLERID_OK && values.n > 0) {
		if (!cid_asn1_take_tagged(&values, CID_ASN1_UTF8STRING, &value) || !is_value(value))
			return bad(err, "a permitted value is not a UTF8String");
		rule.value = keep(c, value);
		rule.value_len = value.n;
		status = add_rule(c, &rule, err);
	}
	return status;
}

static enum callerid_status take_permitted(struct cid_constraints *c, struct cid_asn1 list,
					   struct callerid_error *err)
{
	enum callerid_status status = CALLERID_OK;
	struct cid_asn1 one;

	while (status == CALLERID_OK && list.n > 0) {
		if (!cid_asn1_take_tagged(&list, CID_ASN1_SEQUENCE, &one))
			return bad(err, "permittedValues holds something that is no SEQUENCE");
		status = take_values(c, one, err);
	}
	return status;
}

/* The members, each at most once and in the order of their tags. The module has explicit tags. */
static enum callerid_status take_members(struct cid_constraints *c, struct cid_asn1 in,
					 bool enhanced, struct callerid_error *err)
{
	enum callerid_status status = CALLERID_OK;
	unsigned next = MUST_INCLUDE, n_kinds = enhanced ? N_KINDS : MUST_EXCLUDE;

	if (in.n == 0)
		return bad(err, "it constrains nothing");
	while (status == CALLERID_OK && in.n > 0) {
		struct cid_asn1 member, list;
		uint8_t tag = 0;

		if (!cid_asn1_take(&in, &tag, &member) || tag < CID_ASN1_CONTEXT + next ||
		    tag >= CID_ASN1_CONTEXT + n_kinds)
			return bad(err, "a member is unknown, doubled or out of order");
		if (!cid_asn1_take_tagged(&member, CID_ASN1_SEQUENCE, &list) || list.n == 0 ||
		    member.n > 0)
			return bad(err, "a member is not a SEQUENCE of at least one");
		next = (unsigned)tag - CID_ASN1_CONTEXT + 1;
		if (next - 1 == PERMITTED)
			status = take_permitted(c, list, err);
		else
			status = take_names(c, (enum kind)(next - 1), list, err);
	}
	return status;
}

static bool is_baseline(const char *claim)
{
	return strcmp(claim, "iat") == 0 || strcmp(claim, "orig") == 0 ||
	       strcmp(claim, "dest") == 0;
}

/* RFC 9118 §3: a baseline claim in mustExclude, and the certificate "MUST be treated as if the
 * extension was not present". */
static bool excludes_baseline(const struct cid_constraints *c)
{
	for (size_t i = 0; i < c->n; i++) {
		if (c->rule[i].kind == MUST_EXCLUDE && is_baseline(c->rule[i].claim))
			return true;
	}
	return false;
}

enum callerid_status cid_constraints_parse(const uint8_t *der, size_t len, bool enhanced,
					   struct cid_constraints **constraints_out,
					   struct callerid_error *err)
{
	struct cid_asn1 in = {der, len}, members;
	/* The shortest text takes two bytes of DER. */
	size_t max = len / 2 < CID_CONSTRAINTS_MAX ? len / 2 : CID_CONSTRAINTS_MAX;
	struct cid_constraints *c;
	enum callerid_status status;

	if (len > CID_CONSTRAINTS_DER_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "constraints", "over %d bytes",
				CID_CONSTRAINTS_DER_MAX);
	if (!cid_asn1_take_tagged(&in, CID_ASN1_SEQUENCE, &members) || in.n > 0)
		return bad(err, "not exactly one SEQUENCE in DER");
	c = calloc(1, sizeof(*c) + max * sizeof(c->rule[0]) + len);
	if (c == NULL)
		return cid_fail(err, CALLERID_ENOMEM, "constraints", "no memory");
	c->max = max;
	c->next_text = (char *)(c->rule + max);
	status = take_members(c, members, enhanced, err);
	if (status != CALLERID_OK || excludes_baseline(c)) {
		free(c);
		c = NULL;
	}
	if (status == CALLERID_OK)
		*constraints_out = c;
	return status;
}

void cid_constraints_free(struct cid_constraints *constraints)
{
	free(constraints);
}

enum equality { EQUAL, DIFFERENT, NO_MEMORY };

/* Whether text is one of the values of the group that begins at rule i. */
static enum equality find_value(const struct cid_constraints *c, size_t i, const char *text,
				size_t len)
{
	unsigned group = c->rule[i].group;

	for (; i < c->n && c->rule[i].kind == PERMITTED && c->rule[i].group == group; i++) {
		if (c->rule[i].value_len == len && memcmp(c->rule[i].value, text, len) == 0)
			return EQUAL;
	}
	return DIFFERENT;
}

/* RFC 8226 §8: strings as they are; everything else by its deterministic form (RFC 8225 §9). */
static enum equality compare_group(const struct cid_constraints *c, size_t i, const json_t *claim)
{
	enum callerid_status status;
	enum equality found;
	char *text = NULL;
	size_t len = 0;

	if (json_is_string(claim))
		return find_value(c, i, json_string_value(claim), json_string_length(claim));
	status = cid_canon_text(claim, CID_JSON_MAX, &text, &len);
	if (status == CALLERID_ENOMEM)
		return NO_MEMORY;
	if (status != CALLERID_OK)
		return DIFFERENT; /* too long or too deep to be any value of ours */
	found = find_value(c, i, text, len);
	free(text);
	return found;
}

static enum callerid_reason refuse(const char *how, const char *claim, char *why, size_t why_size)
{
	cid_say(why, why_size, "%s: %s", how, claim);
	return CALLERID_REASON_NOT_PERMITTED;
}

enum callerid_reason cid_constraints_check(const struct cid_constraints *constraints,
					   const json_t *payload, char *why, size_t why_size)
{
	unsigned groups_done = 0;

	for (size_t i = 0; i < constraints->n; i++) {
		const struct rule *rule = &constraints->rule[i];
		const json_t *claim = json_object_get(payload, rule->claim);
		enum equality found;

		if (rule->kind == MUST_INCLUDE && claim == NULL)
			return refuse("the certificate wants a claim that is missing", rule->claim,
				      why, why_size);
		if (rule->kind == MUST_EXCLUDE && claim != NULL)
			return refuse("the certificate forbids a claim that is there", rule->claim,
				      why, why_size);
		if (rule->kind != PERMITTED || claim == NULL || rule->group < groups_done)
			continue;
		groups_done = rule->group + 1;
		found = compare_group(constraints, i, claim);
		if (found == DIFFERENT)
			return refuse("the certificate does not permit the value of a claim",
				      rule->claim, why, why_size);
		if (found == NO_MEMORY) {
			cid_say(why, why_size, "no memory");
			return CALLERID_REASON_NO_MEMORY;
		}
	}
	return CALLERID_REASON_OK;
}

enum callerid_reason cid_constraints_check_token(const struct cid_constraints *constraints,
						 const struct cid_jws *jws, char *why,
						 size_t why_size)
{
	uint8_t text[CID_B64URL_DECODED(CALLERID_TOKEN_MAX)];
	struct callerid_error err = {.status = CALLERID_ESYNTAX};
	json_t *payload = NULL;
	enum callerid_reason reason;
	size_t n = 0;

	if (cid_b64url_decode(jws->payload.p, jws->payload.n, text, sizeof(text), &n))
		payload = cid_json_load((const char *)text, n, &err);
	if (payload == NULL) {
		cid_say(why, why_size, "the claims cannot be read");
		return err.status == CALLERID_ENOMEM ? CALLERID_REASON_NO_MEMORY
						     : CALLERID_REASON_NOT_PERMITTED;
	}
	reason = cid_constraints_check(constraints, payload, why, why_size);
	json_decref(payload);
	return reason;
}
