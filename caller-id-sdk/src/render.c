/* SPDX-License-Identifier: Apache-2.0 */
/* A verdict as JSON for programs, and as a few lines for the engineer at the terminal. */
#include <callerid/verdict.h>

#include "fail.h"
#include "json.h"
#include "render_rcd.h"
#include "utf8.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPLAIN_MAX 32768 /* bytes; more than all lines can take at their longest */

/* The PASSporT that decided; without a usable one, slot 0 still holds the checks. */
static const struct callerid_passport_verdict *decided(const struct callerid_verdict *verdict)
{
	return &verdict->passport[verdict->n_passports == 0 ? 0 : verdict->decided_by];
}

static bool is_proven(const struct callerid_verdict *verdict)
{
	return verdict->verstat == CALLERID_VERSTAT_PASSED;
}

/* A string or, where there is nothing to say, null. Text that is not UTF-8 cannot be in JSON. NULL:
 * no memory. */
static json_t *text_or_null(const char *text)
{
	size_t n = text == NULL ? 0 : strlen(text), i = 0;

	while (i < n) {
		size_t step = cid_utf8_length((const uint8_t *)text + i, n - i);

		if (step == 0)
			return json_null();
		i += step;
	}
	return n == 0 ? json_null() : json_stringn_nocheck(text, n);
}

static json_t *attest_json(enum callerid_attest attest)
{
	const char text[2] = {(char)attest, '\0'};

	return text_or_null(text);
}

static const char *party_key(const struct callerid_party *party)
{
	return party->kind == CALLERID_PARTY_TN ? "tn" : "uri";
}

static int add_dest(json_t *dest, const struct callerid_party *party)
{
	json_t *list = json_object_get(dest, party_key(party));

	if (list == NULL) {
		list = json_array();
		if (json_object_set_new(dest, party_key(party), list) != 0)
			return -1;
	}
	return json_array_append_new(list, text_or_null(party->text));
}

/* Values of Resource-Priority; NULL without memory. */
static json_t *values_json(const char (*values)[CALLERID_RPH_LEN + 1], size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n && i < CALLERID_RPH_MAX; i++) {
		if (json_array_append_new(list, text_or_null(values[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* mky (RFC 8225 §5.2.2), rph (RFC 8443 §4.1) and sph (RFC 9027 §4), as far as they are there. */
static int add_media_and_priority(json_t *object, const struct callerid_claims *claims)
{
	int bad = 0;

	if (claims->mky != NULL)
		bad |= json_object_set_new(
			object, "mky",
			cid_json_load_value(claims->mky, strlen(claims->mky), CID_JSON_MAX, NULL));
	if (claims->n_rph > 0)
		bad |= json_object_set_new(
			object, "rph",
			json_pack("{s:o}", "auth", values_json(claims->rph, claims->n_rph)));
	if (claims->psap_callback)
		bad |= json_object_set_new(object, "sph", json_string("psap-callback"));
	return bad;
}

/* "div":{"tn":"..."}; opt is not told: what it holds is a PASSporT of its own. */
static int add_div(json_t *object, const struct callerid_claims *claims)
{
	json_t *div;

	if (claims->div.kind == CALLERID_PARTY_NONE)
		return 0;
	div = json_pack("{s:o}", party_key(&claims->div), text_or_null(claims->div.text));
	if (json_object_set_new(object, "div", div) != 0)
		return -1;
	return claims->hi[0] == '\0' ? 0 : json_object_set_new(div, "hi", text_or_null(claims->hi));
}

static json_t *claims_json(const struct callerid_claims *claims)
{
	json_t *dest = json_object();
	json_t *object;
	int bad = 0;

	for (size_t i = 0; i < claims->n_dest && i < CALLERID_DEST_MAX; i++)
		bad |= add_dest(dest, &claims->dest[i]);
	object = json_pack("{s:o, s:I, s:{s:o}}", "dest", dest, "iat", (json_int_t)claims->iat,
			   "orig", party_key(&claims->orig), text_or_null(claims->orig.text));
	if (claims->attest != CALLERID_ATTEST_NONE)
		bad |= json_object_set_new(object, "attest", attest_json(claims->attest));
	if (claims->origid[0] != '\0')
		bad |= json_object_set_new(object, "origid", text_or_null(claims->origid));
	bad |= add_media_and_priority(object, claims);
	bad |= add_div(object, claims);
	bad |= cid_json_rcd_claims(object, claims);
	if (!bad)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *checks_json(const struct callerid_passport_verdict *passport)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < CALLERID_CHECK_COUNT; i++) {
		const struct callerid_check_result *check = &passport->check[i];
		json_t *row = json_pack("{s:s, s:s, s:s}", "name", callerid_check_name(i), "result",
					callerid_result_name(check->result), "why", check->why);

		if (json_array_append_new(list, row) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* Which anchors vouch for the signer. */
static json_t *trust_json(const struct callerid_passport_verdict *passport)
{
	if (passport->anchor_list[0] == '\0')
		return json_null();
	return json_pack("{s:o, s:o}", "list", text_or_null(passport->anchor_list), "version",
			 text_or_null(passport->anchor_version));
}

static json_t *links_json(uint32_t follows)
{
	json_t *list = json_array();

	for (int i = 0; follows != 0; i++, follows >>= 1) {
		if ((follows & 1) != 0 && json_array_append_new(list, json_integer(i)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *passport_json(const struct callerid_passport_verdict *passport)
{
	const struct callerid_reason_info *info = callerid_reason_info(passport->reason);

	return json_pack("{s:o, s:s, s:i, s:o, s:b, s:o, s:b, s:o, s:o, s:o}", "ppt",
			 passport->has_claims ? json_string(passport->claims.ppt) : json_null(),
			 "reason", info->name, "code", info->code, "x5u",
			 text_or_null(passport->x5u), "inner", passport->inner, "links",
			 links_json(passport->follows), "compact", passport->compact, "trust",
			 trust_json(passport), "checks", checks_json(passport), "claims",
			 passport->has_claims ? claims_json(&passport->claims) : json_null());
}

static json_t *passports_json(const struct callerid_verdict *verdict)
{
	json_t *list = json_array();

	for (size_t i = 0; i < verdict->n_passports; i++) {
		if (json_array_append_new(list, passport_json(&verdict->passport[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *verdict_object(const struct callerid_verdict *verdict)
{
	const struct callerid_passport_verdict *passport = decided(verdict);
	bool proven = is_proven(verdict);

	/* RFC 8588 §6: attest and origid mean something only when every check has passed. */
	return json_pack("{s:s, s:o, s:o, s:i, s:s, s:o, s:o, s:o, s:o}", "verstat",
			 callerid_verstat_name(verdict->verstat), "attest",
			 attest_json(verdict->attest), "origid",
			 proven ? text_or_null(passport->claims.origid) : json_null(), "code",
			 verdict->code, "reason", callerid_reason_info(verdict->reason)->name,
			 "trust", trust_json(passport), "checks", checks_json(passport), "claims",
			 passport->has_claims ? claims_json(&passport->claims) : json_null(),
			 "passports", passports_json(verdict));
}

static bool has_rph(const struct callerid_verdict *verdict)
{
	for (size_t i = 0; i < verdict->n_passports; i++) {
		if (verdict->passport[i].claims.n_rph > 0)
			return true;
	}
	return false;
}

/* What is authorised of the priority that was asked for: perhaps nothing. */
static json_t *with_priority(json_t *object, const struct callerid_verdict *verdict)
{
	if (object == NULL || !has_rph(verdict))
		return object;
	if (json_object_set_new(object, "priority",
				json_pack("{s:o, s:b}", "authorized",
					  values_json(verdict->priority, verdict->n_priority),
					  "psap_callback", verdict->psap_callback)) == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* Calls without Rich Call Data say nothing of it. */
static json_t *with_rcd(json_t *object, const struct callerid_verdict *verdict)
{
	if (object == NULL || !cid_has_rcd(verdict) ||
	    json_object_set_new(object, "rcd", cid_json_rcd(verdict)) == 0)
		return object;
	json_decref(object);
	return NULL;
}

char *callerid_verdict_json(const struct callerid_verdict *verdict)
{
	json_t *object = with_rcd(with_priority(verdict_object(verdict), verdict), verdict);
	size_t size = object == NULL ? 0 : json_dumpb(object, NULL, 0, JSON_COMPACT);
	char *text = size == 0 ? NULL : malloc(size + 1);

	/* Not json_dumps(): its memory belongs to whatever allocator the program gave jansson. */
	if (text != NULL && json_dumpb(object, text, size, JSON_COMPACT) == size) {
		text[size] = '\0';
	} else {
		free(text);
		text = NULL;
	}
	json_decref(object);
	return text;
}

struct page {
	char *p;
	size_t len;
};

/* Appends one line, cut to the page; control bytes of a stranger never reach the terminal. */
static void line(struct page *page, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void line(struct page *page, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (page->len + sizeof(text) + 2 > EXPLAIN_MAX)
		return;
	cid_say(page->p + page->len, sizeof(text), "%s", text);
	page->len += strlen(page->p + page->len);
	page->p[page->len++] = '\n';
	page->p[page->len] = '\0';
}

static const char *attest_text(enum callerid_attest attest)
{
	switch (attest) {
	case CALLERID_ATTEST_A:
		return "A, full: the signer knows the customer and the right to the number";
	case CALLERID_ATTEST_B:
		return "B, partial: the signer knows the customer, not the right to the number";
	case CALLERID_ATTEST_C:
		return "C, gateway: the signer knows only where the call came in";
	case CALLERID_ATTEST_NONE:
		break;
	}
	return "none";
}

static void explain_answer(struct page *page, const struct callerid_verdict *verdict)
{
	const struct callerid_reason_info *info = callerid_reason_info(verdict->reason);

	if (is_proven(verdict))
		line(page, "PASSED  %s", info->text);
	else if (verdict->reason == CALLERID_REASON_OK)
		line(page, "NOT PROVEN  No enforced check failed, but the signature did not pass.");
	else
		line(page, "NOT PASSED  %s", info->text);
	line(page, "  verstat    %s", callerid_verstat_name(verdict->verstat));
	if (verdict->code == 0)
		line(page, "  reason     %s", info->name);
	else
		line(page, "  reason     %s (SIP %d %s)", info->name, verdict->code, info->phrase);
	if (is_proven(verdict))
		line(page, "  attest     %s", attest_text(verdict->attest));
}

/* RFC 8443 §4.2: said apart, for it says nothing of who calls. */
static void explain_priority(struct page *page, const struct callerid_verdict *verdict)
{
	if (!has_rph(verdict))
		return;
	if (verdict->n_priority == 0)
		line(page, "  priority   not authorized");
	for (size_t i = 0; i < verdict->n_priority && i < CALLERID_RPH_MAX; i++)
		line(page, "  priority   %s, authorized", verdict->priority[i]);
	if (verdict->psap_callback)
		line(page, "  priority   call back from an emergency centre, authorized");
}

static void explain_media_and_priority(struct page *page, const struct callerid_claims *claims)
{
	if (claims->mky != NULL)
		line(page, "  mky        %s", claims->mky);
	for (size_t i = 0; i < claims->n_rph && i < CALLERID_RPH_MAX; i++)
		line(page, "  rph        %s", claims->rph[i]);
	if (claims->psap_callback)
		line(page, "  sph        psap-callback");
}

static void explain_claims(struct page *page, const struct callerid_verdict *verdict)
{
	const struct callerid_passport_verdict *passport = decided(verdict);
	const struct callerid_claims *claims = &passport->claims;

	if (passport->x5u[0] != '\0')
		line(page, "  x5u        %s", passport->x5u);
	if (passport->anchor_list[0] != '\0')
		line(page, "  trust      %s%s%s", passport->anchor_list,
		     passport->anchor_version[0] != '\0' ? ", version " : "",
		     passport->anchor_version);
	if (passport->tn_list_url[0] != '\0')
		line(page, "  TN list    %s%s", passport->tn_list_url,
		     passport->tn_list_supplied ? "" : " (not fetched)");
	if (passport->compact)
		line(page, "  form       compact: the rest is what the signalling says");
	if (!passport->has_claims)
		return;
	line(page, "The PASSporT says%s", is_proven(verdict) ? "" : " (not proven)");
	line(page, "  ppt        %s",
	     claims->ppt[0] != '\0' ? claims->ppt : "none: a base PASSporT");
	line(page, "  orig       %s", claims->orig.text);
	for (size_t i = 0; i < claims->n_dest && i < CALLERID_DEST_MAX; i++)
		line(page, "  dest       %s", claims->dest[i].text);
	if (claims->div.kind != CALLERID_PARTY_NONE)
		line(page, "  div        %s", claims->div.text);
	line(page, "  iat        %" PRId64, claims->iat);
	if (claims->attest != CALLERID_ATTEST_NONE)
		line(page, "  attest     %c", (char)claims->attest);
	if (claims->origid[0] != '\0')
		line(page, "  origid     %s", claims->origid);
	explain_media_and_priority(page, claims);
}

/* One line of the tree: what it is, from whom to whom, and what became of it. */
static void explain_passport(struct page *page, const struct callerid_verdict *verdict, size_t i,
			     unsigned depth)
{
	const struct callerid_passport_verdict *passport = &verdict->passport[i];
	const struct callerid_claims *claims = &passport->claims;
	const char *from =
		claims->div.kind != CALLERID_PARTY_NONE ? claims->div.text : claims->orig.text;
	bool is_base = claims->ppt[0] == '\0';

	line(page, "%c %*s%s%s  %s%s%s%s  %s",
	     verdict->n_passports > 0 && i == verdict->decided_by ? '*' : ' ', (int)(3 * depth), "",
	     depth > 0 ? "`- " : "",
	     passport->has_claims ? (is_base ? "base" : claims->ppt) : "unread", from,
	     passport->has_claims ? " -> " : "", passport->has_claims ? claims->dest[0].text : "",
	     passport->inner ? "  (inside)" : "", callerid_reason_info(passport->reason)->name);
}

/* The forwards of call i, and theirs; each PASSporT once, even where a chain goes in circles. */
static void explain_after(struct page *page, const struct callerid_verdict *verdict, size_t i,
			  uint32_t *drawn)
{
	size_t path[CALLERID_PASSPORTS_MAX] = {i}, depth = 0, next[CALLERID_PASSPORTS_MAX] = {0};

	*drawn |= UINT32_C(1) << i;
	explain_passport(page, verdict, i, 0);
	for (;;) {
		size_t j = next[depth]++;

		if (j < verdict->n_passports) {
			if ((*drawn >> j & 1) != 0 ||
			    (verdict->passport[j].follows >> path[depth] & 1) == 0)
				continue;
			*drawn |= UINT32_C(1) << j;
			path[++depth] = j;
			next[depth] = 0;
			explain_passport(page, verdict, j, (unsigned)depth);
		} else if (depth-- == 0) {
			return;
		}
	}
}

/* The set as a tree: what continues nothing at the left, each forward below what it continues. */
static void explain_set(struct page *page, const struct callerid_verdict *verdict)
{
	uint32_t drawn = 0;

	if (verdict->n_passports < 2)
		return;
	line(page, "PASSporTs (* decided)");
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < verdict->n_passports; i++) {
			bool begins = verdict->passport[i].follows == 0 || round == 1;

			if (begins && (drawn >> i & 1) == 0)
				explain_after(page, verdict, i, &drawn);
		}
	}
}

static void explain_checks(struct page *page, const struct callerid_verdict *verdict)
{
	const struct callerid_passport_verdict *passport = decided(verdict);

	if (verdict->n_passports > 1)
		line(page, "Checks of PASSporT %zu of %zu", verdict->decided_by + 1,
		     verdict->n_passports);
	else
		line(page, "Checks");
	for (unsigned i = 0; i < CALLERID_CHECK_COUNT; i++) {
		const struct callerid_check_result *check = &passport->check[i];
		bool has_why = check->why[0] != '\0';

		line(page, "  %-7s  %-*s%s%s", callerid_result_name(check->result), has_why ? 9 : 0,
		     callerid_check_name(i), has_why ? "  " : "", check->why);
	}
}

/* Cleaned already, and in UTF-8: a name is not always ASCII. */
static enum callerid_status explain_rcd(struct page *page, const struct callerid_verdict *verdict)
{
	enum callerid_status status;
	size_t len;

	if (page->len + CID_EXPLAIN_RCD_MAX >= EXPLAIN_MAX)
		return CALLERID_OK;
	status = cid_explain_rcd(verdict, page->p + page->len, &len);
	page->len += len;
	return status;
}

char *callerid_verdict_explain(const struct callerid_verdict *verdict)
{
	struct page page = {.p = calloc(1, EXPLAIN_MAX), .len = 0};

	if (page.p == NULL)
		return NULL;
	explain_answer(&page, verdict);
	explain_priority(&page, verdict);
	if (explain_rcd(&page, verdict) != CALLERID_OK) {
		free(page.p);
		return NULL;
	}
	explain_claims(&page, verdict);
	explain_set(&page, verdict);
	explain_checks(&page, verdict);
	return page.p;
}
