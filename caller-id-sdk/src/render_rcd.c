/* SPDX-License-Identifier: Apache-2.0 */
/* Rich Call Data of a verdict as JSON and as lines: each part with its state and its text. */
#include "render_rcd.h"

#include <callerid/rcd.h>

#include "rcd.h"

#include <stdio.h>
#include <string.h>

/* A text of ours that holds JSON. */
static int add_json(json_t *object, const char *name, const char *text)
{
	return text == NULL ? 0 : json_object_set_new(object, name, cid_rcd_reload(text));
}

static int add_text(json_t *object, const char *name, const char *text)
{
	return text == NULL ? 0 : json_object_set_new(object, name, json_string(text));
}

int cid_json_rcd_claims(json_t *object, const struct callerid_claims *claims)
{
	return add_text(object, "crn", claims->crn) | add_text(object, "iss", claims->iss) |
	       add_json(object, "rcd", claims->rcd) | add_json(object, "rcdi", claims->rcdi);
}

static bool has_rcd(const struct callerid_passport_verdict *p)
{
	return p->claims.rcd != NULL || p->claims.crn != NULL;
}

/* The one that may be shown; where none may, the first that would like to be. */
static const struct callerid_passport_verdict *find(const struct callerid_verdict *verdict)
{
	const struct callerid_passport_verdict *found = callerid_verdict_rcd(verdict);

	for (size_t i = 0; found == NULL && i < verdict->n_passports; i++) {
		if (has_rcd(&verdict->passport[i]))
			found = &verdict->passport[i];
	}
	return found;
}

bool cid_has_rcd(const struct callerid_verdict *verdict)
{
	return find(verdict) != NULL;
}

/* What of rcd goes with a part; "" where its text is not ours to show. */
static const char *text_of(const struct callerid_rcd *rcd, unsigned part)
{
	switch ((enum callerid_rcd_part)part) {
	case CALLERID_RCD_NAME:
		return rcd->name;
	case CALLERID_RCD_NUMBER:
		return rcd->number;
	case CALLERID_RCD_ICON:
		return rcd->icon;
	case CALLERID_RCD_JCARD:
		return rcd->jcard;
	case CALLERID_RCD_REASON:
		return rcd->reason;
	case CALLERID_RCD_MEDIA:
	case CALLERID_RCD_PARTS:
		break;
	}
	return "";
}

static int add_part(json_t *object, const struct callerid_passport_verdict *p,
		    const struct callerid_rcd *rcd, unsigned part)
{
	const char *text = text_of(rcd, part);
	json_t *row = json_pack("{s:s, s:o}", "state", callerid_rcd_state_name(p->rcd.part[part]),
				"text", text[0] == '\0' ? json_null() : json_string(text));

	return json_object_set_new(object, callerid_rcd_part_name(part), row);
}

json_t *cid_json_rcd(const struct callerid_verdict *verdict)
{
	const struct callerid_passport_verdict *p = find(verdict);
	struct callerid_rcd rcd;
	json_t *object;
	int bad = 0;

	if (p == NULL)
		return NULL;
	object = json_pack("{s:b, s:b, s:b}", "usable", p->rcd.usable, "third_party",
			   p->rcd.third_party, "name_differs", p->rcd.name_differs);
	if (callerid_rcd_show(p, &rcd) != CALLERID_OK ||
	    json_object_set_new(object, "mixed_scripts",
				json_boolean((rcd.found & CALLERID_TEXT_MIXED) != 0)) != 0)
		bad = 1;
	for (unsigned i = 0; i < CALLERID_RCD_PARTS && !bad; i++)
		bad = add_part(object, p, &rcd, i);
	if (!bad)
		return object;
	json_decref(object);
	return NULL;
}

struct lines {
	char *p;
	size_t len;
};

static void line(struct lines *lines, const char *name, const char *state, const char *text)
{
	int n = snprintf(lines->p + lines->len, CID_EXPLAIN_RCD_MAX - lines->len,
			 "  %-9s  %s%s%s\n", name, state, text[0] == '\0' ? "" : "  ", text);

	if (n > 0 && (size_t)n < CID_EXPLAIN_RCD_MAX - lines->len)
		lines->len += (size_t)n;
}

static void heading(struct lines *lines, const struct callerid_passport_verdict *p)
{
	int n = snprintf(lines->p, CID_EXPLAIN_RCD_MAX, "Rich Call Data (%s%s)\n",
			 p->rcd.usable ? "may be shown" : "not to be shown",
			 p->rcd.third_party ? ", a third party's" : "");

	lines->len = n > 0 ? (size_t)n : 0;
}

enum callerid_status cid_explain_rcd(const struct callerid_verdict *verdict,
				     char text_out[CID_EXPLAIN_RCD_MAX], size_t *len_out)
{
	const struct callerid_passport_verdict *p = find(verdict);
	struct lines lines = {.p = text_out, .len = 0};
	struct callerid_rcd rcd;

	*len_out = 0;
	if (p == NULL)
		return CALLERID_OK;
	if (callerid_rcd_show(p, &rcd) != CALLERID_OK)
		return CALLERID_ENOMEM;
	heading(&lines, p);
	for (unsigned i = 0; i < CALLERID_RCD_PARTS; i++) {
		if (p->rcd.part[i] != CALLERID_RCD_ABSENT)
			line(&lines, callerid_rcd_part_name(i),
			     callerid_rcd_state_name(p->rcd.part[i]), text_of(&rcd, i));
	}
	if (p->rcd.name_differs)
		line(&lines, "note", "the display name of the call is another", "");
	if ((rcd.found & CALLERID_TEXT_MIXED) != 0)
		line(&lines, "note", "a word of it mixes scripts whose letters look alike", "");
	*len_out = lines.len;
	return CALLERID_OK;
}
