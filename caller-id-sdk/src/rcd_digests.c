/* SPDX-License-Identifier: Apache-2.0 */
/* Making the rcdi claim of an rcd claim (RFC 9795 §6.1). */
#include <callerid/rcd.h>

#include "rcd.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "canon.h"
#include "digest.h"
#include "fail.h"

struct maker {
	const struct callerid_digest_params *params;
	json_t *rcdi;
	struct callerid_error *err;
};

static enum callerid_status no_memory(struct maker *m)
{
	return cid_fail(m->err, CALLERID_ENOMEM, "rcd", "no memory");
}

static enum callerid_status add(struct maker *m, const char *pointer, const void *data, size_t len)
{
	char text[CID_DIGEST_TEXT_MAX + 1];

	if (!cid_digest_text(m->params->alg, data, len, text) ||
	    json_object_set_new(m->rcdi, pointer, json_string(text)) != 0)
		return no_memory(m);
	return CALLERID_OK;
}

static enum callerid_status add_value(struct maker *m, const char *pointer, const json_t *value)
{
	enum callerid_status status;
	char *text = NULL;
	size_t n = 0;

	if (value == NULL)
		return CALLERID_OK;
	status = cid_canon_text(value, 2 * (size_t)CID_JSON_MAX, &text, &n);
	if (status != CALLERID_OK)
		return status == CALLERID_ENOMEM
			       ? no_memory(m)
			       : cid_fail(m->err, status, "rcd", "%s is too long", pointer);
	status = add(m, pointer, text, n);
	free(text);
	return status;
}

static const struct callerid_content *content_of(const struct maker *m, const char *url)
{
	for (size_t i = 0; i < m->params->n_contents; i++) {
		const struct callerid_content *content = &m->params->contents[i];

		if (content->url != NULL && strcmp(content->url, url) == 0)
			return content;
	}
	return NULL;
}

static enum callerid_status add_data(struct maker *m, const char *pointer, const char *uri)
{
	uint8_t *data = NULL;
	size_t n = 0;
	enum callerid_status status = cid_data_uri(uri, &data, &n);

	if (status == CALLERID_ENOMEM)
		return no_memory(m);
	if (status != CALLERID_OK)
		return cid_fail(m->err, CALLERID_EINVAL, "rcd", "%s is a broken data: URI",
				pointer);
	status = add(m, pointer, data, n);
	free(data);
	return status;
}

static enum callerid_status add_uri(struct maker *m, const char *pointer, const char *uri)
{
	const struct callerid_content *content;

	if (strncasecmp(uri, "data:", 5) == 0)
		return add_data(m, pointer, uri);
	content = content_of(m, uri);
	if (content == NULL)
		return cid_fail(m->err, CALLERID_EINVAL, "rcd", "the content of %s is missing",
				uri);
	if (content->len > CALLERID_CONTENT_MAX)
		return cid_fail(m->err, CALLERID_ELIMIT, "rcd", "%s holds over %d bytes", uri,
				CALLERID_CONTENT_MAX);
	return add(m, pointer, content->body, content->len);
}

/* The URIs inside a jCard that have to be fetched; before is "/jcd" or "/jcl". */
static enum callerid_status add_card(struct maker *m, const char *before,
				     const struct cid_jcard *card)
{
	enum callerid_status status = CALLERID_OK;
	char pointer[8 + CID_JCARD_POINTER_MAX];

	for (size_t i = 0; i < card->n_uris && status == CALLERID_OK; i++) {
		if (!card->uri[i].fetched)
			continue;
		memcpy(pointer, before, 4);
		memcpy(pointer + 4, card->uri[i].pointer, sizeof(card->uri[i].pointer));
		status = add_uri(m, pointer, card->uri[i].text);
	}
	return status;
}

static enum callerid_status add_link(struct maker *m, const char *url)
{
	const struct callerid_content *content = content_of(m, url);
	enum callerid_status status = add_uri(m, "/jcl", url);
	struct cid_jcard card;
	json_t *root = NULL;

	if (status == CALLERID_OK)
		status = cid_jcard_load(content->body, content->len, &root, &card, m->err);
	if (status == CALLERID_OK)
		status = add_card(m, "/jcl", &card);
	json_decref(root);
	return status;
}

static enum callerid_status add_all(struct maker *m, const json_t *rcd)
{
	const json_t *icn = json_object_get(rcd, "icn"), *jcd = json_object_get(rcd, "jcd");
	const json_t *jcl = json_object_get(rcd, "jcl");
	enum callerid_status status = CALLERID_OK;
	struct cid_jcard card = {.n_uris = 0};

	if (m->params->inline_also)
		status = add_value(m, "/nam", json_object_get(rcd, "nam"));
	if (status == CALLERID_OK && m->params->inline_also)
		status = add_value(m, "/jcd", jcd);
	if (status == CALLERID_OK && icn != NULL)
		status = add_uri(m, "/icn", json_string_value(icn));
	if (status == CALLERID_OK && jcd != NULL && cid_jcard_read(jcd, &card) == NULL)
		status = add_card(m, "/jcd", &card);
	if (status == CALLERID_OK && jcl != NULL)
		status = add_link(m, json_string_value(jcl));
	return status;
}

static bool is_known_alg(const char *alg)
{
	char text[CID_DIGEST_TEXT_MAX + 1];

	return alg == NULL || cid_digest_text(alg, "", 0, text);
}

static enum callerid_status make(struct maker *m, const json_t *rcd, char **rcdi_out)
{
	const char *trouble = cid_rcd_trouble(rcd);
	enum callerid_status status;
	size_t n;

	if (trouble != NULL)
		return cid_fail(m->err, CALLERID_EINVAL, "rcd", "%s", trouble);
	m->rcdi = json_object();
	if (m->rcdi == NULL)
		return no_memory(m);
	status = add_all(m, rcd);
	if (status == CALLERID_OK &&
	    cid_canon_text(m->rcdi, CID_JSON_MAX, rcdi_out, &n) != CALLERID_OK)
		status = no_memory(m);
	json_decref(m->rcdi);
	return status;
}

enum callerid_status callerid_rcd_digests(const struct callerid_digest_params *params,
					  char **rcdi_out, struct callerid_error *err)
{
	struct maker m = {.params = params, .err = err};
	struct callerid_error why;
	enum callerid_status status;
	json_t *rcd;

	if (params == NULL || params->rcd == NULL ||
	    (params->contents == NULL && params->n_contents > 0))
		return cid_fail(err, CALLERID_EINVAL, "rcd", "rcd or contents missing");
	if (!is_known_alg(params->alg))
		return cid_fail(err, CALLERID_EINVAL, "rcd", "alg is not sha256, sha384 or sha512");
	rcd = cid_json_load(params->rcd, strnlen(params->rcd, CID_JSON_MAX + 1), &why);
	if (rcd == NULL)
		return cid_fail(err, why.status, "rcd", "rcd: %s", why.text);
	status = make(&m, rcd, rcdi_out);
	json_decref(rcd);
	return status;
}
