/* SPDX-License-Identifier: Apache-2.0 */
/* Rich Call Data against its digests (RFC 9795 §6, §8.2): each part stands or falls on its own. */
#include "rcd.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "canon.h"
#include "digest.h"
#include "fail.h"
#include "pointer.h"

#define HASHED_MAX (2 * 1024 * 1024) /* bytes hashed per call: some 5 ms */
#define CHAIN_OF   "/jcl"

struct work {
	const struct cid_rcd_job *job;
	enum callerid_rcd_state *part;
	json_t *rcd, *rcdi;
	json_t *fetched; /* the jCard behind jcl; NULL until it is there and right */
	struct cid_jcard card;
	bool no_memory;
	char *why;
	size_t why_size;
	enum callerid_rcd_state worst; /* what why is about */
};

/* One digest and what it is of. */
struct target {
	enum callerid_rcd_part part;
	const char *pointer;
	const char *uri;     /* to be fetched, or data:; NULL: value stands inline */
	const json_t *value; /* inline */
};

/* The worst of what is found in a part is its state, and the worst of all is what why says. */
static void found(struct work *w, enum callerid_rcd_part part, enum callerid_rcd_state state,
		  const char *pointer, const char *text)
{
	if (state > w->part[part])
		w->part[part] = state;
	if (state <= w->worst || state < CALLERID_RCD_NOT_FETCHED)
		return;
	w->worst = state;
	cid_say(w->why, w->why_size, "%s %s", pointer, text);
}

/* RFC 9795 §6 names the algorithms that have to be supported: another one makes what it covers "not
 * verified" here, and says nothing against the PASSporT. */
static bool cannot_compare(struct work *w, const struct target *t)
{
	const json_t *value = json_object_get(w->rcdi, t->pointer);

	if (!json_is_string(value) ||
	    cid_digest_kind(json_string_value(value), json_string_length(value)) !=
		    CID_DIGEST_UNKNOWN)
		return false;
	found(w, t->part, CALLERID_RCD_UNVERIFIABLE, t->pointer,
	      "has a digest by an algorithm that is not known here");
	return true;
}

static void compare(struct work *w, const struct target *t, const void *data, size_t len)
{
	const json_t *value = json_object_get(w->rcdi, t->pointer);
	struct cid_digest digest;

	*w->job->hashed += len;
	if (*w->job->hashed > HASHED_MAX) {
		found(w, t->part, CALLERID_RCD_NOT_FETCHED, t->pointer, "would cost too much");
		return;
	}
	if (!cid_digest_parse(json_string_value(value), json_string_length(value), &digest)) {
		w->no_memory = true; /* it was well formed when cid_rcdi_trouble() looked */
		return;
	}
	switch (cid_digest_compare(&digest, data, len)) {
	case CID_DIGEST_SAME:
		found(w, t->part, CALLERID_RCD_VERIFIED, t->pointer, "");
		break;
	case CID_DIGEST_OTHER:
		found(w, t->part, CALLERID_RCD_MISMATCH, t->pointer, "is not what rcdi says");
		break;
	case CID_DIGEST_NO_MEMORY:
		w->no_memory = true;
		break;
	}
}

/* RFC 9795 §6.1: of an inline value, its serialization, quotes included. */
static void compare_value(struct work *w, const struct target *t)
{
	char *text = NULL;
	size_t n = 0;

	if (cannot_compare(w, t))
		return;
	if (cid_canon_text(t->value, 2 * (size_t)CALLERID_TOKEN_MAX, &text, &n) != CALLERID_OK) {
		w->no_memory = true;
		return;
	}
	compare(w, t, text, n);
	free(text);
}

static const struct callerid_content *content_of(const struct work *w, const char *url)
{
	for (size_t i = 0; i < w->job->n_contents && i < CALLERID_CONTENTS_MAX; i++) {
		const struct callerid_content *content = &w->job->contents[i];

		if (content->url != NULL && strcmp(content->url, url) == 0)
			return content->len <= CALLERID_CONTENT_MAX ? content : NULL;
	}
	return NULL;
}

static void compare_data(struct work *w, const struct target *t)
{
	uint8_t *data = NULL;
	size_t n = 0;
	enum callerid_status status = cid_data_uri(t->uri, &data, &n);

	if (status == CALLERID_OK)
		compare(w, t, data, n);
	else if (status == CALLERID_ENOMEM)
		w->no_memory = true;
	else
		found(w, t->part, CALLERID_RCD_MISMATCH, t->pointer, "is a broken data: URI");
	free(data);
}

/* RFC 9795 §5.1.5: what a URI inside a jCard leads to has no URIs for us to follow. */
static bool is_jcard(const struct callerid_content *content)
{
	json_t *root = NULL;
	struct cid_jcard card;

	if (content->len == 0 || *(const char *)content->body != '[' ||
	    cid_jcard_load(content->body, content->len, &root, &card, NULL) != CALLERID_OK)
		return false;
	json_decref(root);
	return true;
}

/* Of a URI, the bytes that it leads to. */
static void compare_uri(struct work *w, const struct target *t)
{
	const struct callerid_content *content = content_of(w, t->uri);

	if (cannot_compare(w, t))
		return;
	if (strncasecmp(t->uri, "data:", 5) == 0)
		compare_data(w, t);
	else if (content == NULL)
		found(w, t->part, CALLERID_RCD_NOT_FETCHED, t->pointer, "was not fetched");
	else if (t->part == CALLERID_RCD_MEDIA && is_jcard(content))
		found(w, t->part, CALLERID_RCD_MISMATCH, t->pointer, "leads to another jCard");
	else
		compare(w, t, content->body, content->len);
}

/* The URI at that place of the jCard; NULL: a plain value, or a tel: and the like. */
static const char *card_uri(const struct work *w, const char *pointer)
{
	for (size_t i = 0; i < w->card.n_uris; i++) {
		const struct cid_jcard_uri *uri = &w->card.uri[i];

		if (strcmp(uri->pointer, pointer) == 0)
			return uri->fetched || strncasecmp(uri->text, "data:", 5) == 0 ? uri->text
										       : NULL;
	}
	return NULL;
}

/* rest is a pointer into card, the jCard that jcd is or jcl leads to. */
static void look_into_card(struct work *w, const char *pointer, const char *rest,
			   const json_t *card)
{
	struct target t = {.part = CALLERID_RCD_JCARD, .pointer = pointer};

	if (card == NULL) {
		/* Of a jCard that is not there nothing more can be said. */
		found(w, CALLERID_RCD_MEDIA, w->part[CALLERID_RCD_JCARD], pointer,
		      "lies in a jCard that was not verified");
		return;
	}
	t.uri = card_uri(w, rest);
	t.value = cid_pointer_get(card, rest);
	if (t.uri != NULL) {
		t.part = CALLERID_RCD_MEDIA;
		compare_uri(w, &t);
	} else if (t.value != NULL) {
		compare_value(w, &t);
	} else {
		found(w, CALLERID_RCD_JCARD, CALLERID_RCD_MISMATCH, pointer, "leads nowhere");
	}
}

static void look_at_digest(struct work *w, const char *pointer)
{
	static const struct {
		const char *pointer;
		enum callerid_rcd_part part;
	} inlined[] = {{"/nam", CALLERID_RCD_NAME}, {"/apn", CALLERID_RCD_NUMBER}};
	struct target t = {.pointer = pointer, .value = cid_pointer_get(w->rcd, pointer)};
	const char *rest;

	for (size_t i = 0; i < sizeof(inlined) / sizeof(inlined[0]); i++) {
		if (strcmp(pointer, inlined[i].pointer) == 0) {
			t.part = inlined[i].part;
			compare_value(w, &t);
		}
	}
	if (strcmp(pointer, "/icn") == 0) {
		t.part = CALLERID_RCD_ICON;
		t.uri = json_string_value(t.value);
		compare_uri(w, &t);
	}
	if (cid_pointer_under(pointer, "jcd", &rest))
		look_into_card(w, pointer, rest, json_object_get(w->rcd, "jcd"));
	if (cid_pointer_under(pointer, "jcl", &rest) && rest[0] != '\0')
		look_into_card(w, pointer, rest, w->fetched);
}

/* RFC 9795 §6.1.4: every URI of the jCard behind jcl has its digest too. */
static void look_for_gaps(struct work *w)
{
	char pointer[sizeof(CHAIN_OF) + CID_JCARD_POINTER_MAX] = CHAIN_OF;

	for (size_t i = 0; i < w->card.n_uris; i++) {
		memcpy(pointer + strlen(CHAIN_OF), w->card.uri[i].pointer,
		       sizeof(w->card.uri[i].pointer));
		if (w->card.uri[i].fetched && json_object_get(w->rcdi, pointer) == NULL)
			found(w, CALLERID_RCD_MEDIA, CALLERID_RCD_MISMATCH, pointer,
			      "is a URI without a digest");
	}
}

/* jcl before all that reaches through it. */
static void fetch_card(struct work *w, const char *url)
{
	const struct target t = {.part = CALLERID_RCD_JCARD, .pointer = CHAIN_OF, .uri = url};
	const struct callerid_content *content = content_of(w, url);
	struct callerid_error err;
	enum callerid_status status;

	compare_uri(w, &t);
	if (content == NULL || w->part[CALLERID_RCD_JCARD] != CALLERID_RCD_VERIFIED)
		return;
	status = cid_jcard_load(content->body, content->len, &w->fetched, &w->card, &err);
	if (status == CALLERID_ENOMEM)
		w->no_memory = true;
	else if (status != CALLERID_OK)
		found(w, CALLERID_RCD_JCARD, CALLERID_RCD_MISMATCH, CHAIN_OF, err.text);
	else if (w->card.n_uris > 0)
		found(w, CALLERID_RCD_MEDIA, CALLERID_RCD_CLAIMED, CHAIN_OF, "");
	if (w->fetched != NULL)
		look_for_gaps(w);
}

static void look_at_digests(struct work *w)
{
	const char *jcl = json_string_value(json_object_get(w->rcd, "jcl"));

	if (jcl != NULL)
		fetch_card(w, jcl);
	for (void *i = json_object_iter(w->rcdi); i != NULL; i = json_object_iter_next(w->rcdi, i))
		look_at_digest(w, json_object_iter_key(i));
}

/* Everything that is there is claimed, until a digest says more. */
static void look_at_claims(struct work *w)
{
	const json_t *jcd = json_object_get(w->rcd, "jcd");
	bool has[CALLERID_RCD_PARTS] = {
		[CALLERID_RCD_NAME] = json_string_length(json_object_get(w->rcd, "nam")) > 0,
		[CALLERID_RCD_NUMBER] = json_object_get(w->rcd, "apn") != NULL,
		[CALLERID_RCD_ICON] = json_object_get(w->rcd, "icn") != NULL,
		[CALLERID_RCD_JCARD] = jcd != NULL || json_object_get(w->rcd, "jcl") != NULL,
		[CALLERID_RCD_REASON] = w->job->claims->crn != NULL,
	};

	if (jcd != NULL)
		(void)cid_jcard_read(jcd, &w->card);
	has[CALLERID_RCD_MEDIA] = w->card.n_uris > 0;
	for (unsigned i = 0; i < CALLERID_RCD_PARTS; i++)
		w->part[i] = has[i] ? CALLERID_RCD_CLAIMED : CALLERID_RCD_ABSENT;
}

/* RFC 9795 §12.2: the name that From shows and the name that was signed. */
static bool name_differs(const struct work *w)
{
	char signed_name[4 * CALLERID_NAME_CHARS_MAX + 8], shown[sizeof(signed_name)];
	const json_t *nam = json_object_get(w->rcd, "nam");
	struct callerid_span display = w->job->display_name;

	if (display.p == NULL || json_string_length(nam) == 0)
		return false;
	(void)callerid_text_clean(json_string_value(nam), json_string_length(nam),
				  CALLERID_NAME_CHARS_MAX, signed_name, sizeof(signed_name));
	(void)callerid_text_clean(display.p, display.n, CALLERID_NAME_CHARS_MAX, shown,
				  sizeof(shown));
	return strcmp(signed_name, shown) != 0;
}

json_t *cid_rcd_reload(const char *text)
{
	return cid_json_load_value(text, strlen(text), 2 * (size_t)CID_JSON_MAX, NULL);
}

static json_t *load(const char *text, bool *no_memory)
{
	json_t *root = text == NULL ? NULL : cid_rcd_reload(text);

	*no_memory = *no_memory || (text != NULL && root == NULL);
	return root;
}

bool cid_rcd_check(const struct cid_rcd_job *job, struct callerid_rcd_verdict *out, char *why,
		   size_t why_size)
{
	struct work w = {.job = job, .part = out->part, .why = why, .why_size = why_size};

	w.rcd = load(job->claims->rcd, &w.no_memory);
	w.rcdi = load(job->claims->rcdi, &w.no_memory);
	if (!w.no_memory) {
		look_at_claims(&w);
		if (!job->no_digests)
			look_at_digests(&w);
		out->name_differs = name_differs(&w);
	}
	json_decref(w.rcd);
	json_decref(w.rcdi);
	json_decref(w.fetched);
	return !w.no_memory;
}
