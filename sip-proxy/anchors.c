/* SPDX-License-Identifier: Apache-2.0 */
/* Trust anchors, CRLs and CRL issuers from files into a context. */
#include "sip-proxy/anchors.h"

#include "sip-proxy/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANCHOR_MAX (4 * 1024 * 1024) /* bytes of one file of anchors or CRL issuers */

typedef enum callerid_status add_text(struct callerid_context *ctx, const char *text, size_t len,
				      struct callerid_error *err);

static enum callerid_status add_anchors(struct callerid_context *ctx, const char *text, size_t len,
					struct callerid_error *err)
{
	return callerid_context_add_anchors(ctx, ANCHORS_LIST, text, len, err);
}

static void append(struct anchors_text *all, const struct anchors_text *one)
{
	char *text = realloc(all->text, all->len + one->len + 2);

	if (text == NULL)
		abort();
	memcpy(text + all->len, one->text, one->len);
	all->text = text;
	all->len += one->len;
	text[all->len++] = '\n';
	text[all->len] = 0;
}

/* One kind of file, and what tries it. */
struct kind {
	const struct conf_list *files;
	add_text *add;
	size_t max;
	const char *option;
};

static bool load_file(const struct kind *kind, const char *path, struct callerid_context *trial,
		      struct anchors_text *text_out, struct conf_error *err)
{
	struct callerid_error why = {0};
	char *text = settings_read_file(path, kind->max, &text_out->len, err);

	if (text == NULL)
		return false;
	text_out->text = text;
	if (kind->add(trial, text, text_out->len, &why) == CALLERID_OK)
		return true;
	snprintf(err->text, sizeof(err->text), "[certs] %s: %s: %s", kind->option, path, why.text);
	return false;
}

/* false leaves in texts what was read. */
static bool load_kind(const struct kind *kind, struct callerid_context *trial,
		      struct anchors_text **texts_out, size_t *n_out, struct conf_error *err)
{
	struct anchors_text *texts = calloc(kind->files->n + 1, sizeof(texts[0]));

	if (texts == NULL)
		abort();
	*texts_out = texts;
	for (size_t i = 0; i < kind->files->n; i++) {
		*n_out = i + 1;
		if (!load_file(kind, kind->files->items[i], trial, &texts[i], err))
			return false;
	}
	return true;
}

static void free_texts(struct anchors_text *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(texts[i].text);
	free(texts);
}

static bool load_all(struct anchors *anchors, const struct certs_options *options,
		     struct callerid_context *trial, struct conf_error *err)
{
	const struct kind kinds[] = {
		{&options->anchors, add_anchors, ANCHOR_MAX, "anchors"},
		{&options->crls, callerid_context_add_crl, CALLERID_CRL_MAX, "crls"},
		{&options->crl_issuers, callerid_context_add_crl_issuers, ANCHOR_MAX,
		 "crl_issuers"},
	};
	struct anchors_text *files = NULL;
	size_t n = 0;
	bool ok = load_kind(&kinds[0], trial, &files, &n, err);

	for (size_t i = 0; ok && i < n; i++)
		append(&anchors->anchors, &files[i]);
	free_texts(files, n);
	return ok && load_kind(&kinds[1], trial, &anchors->crls, &anchors->n_crls, err) &&
	       load_kind(&kinds[2], trial, &anchors->issuers, &anchors->n_issuers, err);
}

bool anchors_load(struct anchors *anchors, const struct certs_options *options,
		  struct conf_error *err)
{
	/* The trial is for nothing but the files: it remembers no calls. */
	const struct callerid_limits small = {
		.cached_keys = 1, .replay_entries = 1, .key_tables = 1};
	struct callerid_context *trial = NULL;
	bool ok;

	*anchors = (struct anchors){0};
	err->line = 0;
	if (callerid_context_new(&small, &trial, NULL) != CALLERID_OK)
		abort(); /* only without memory */
	ok = load_all(anchors, options, trial, err);
	callerid_context_free(trial);
	return ok;
}

void anchors_clear(struct anchors *anchors)
{
	free(anchors->anchors.text);
	free_texts(anchors->crls, anchors->n_crls);
	free_texts(anchors->issuers, anchors->n_issuers);
	*anchors = (struct anchors){0};
}

static bool add_each(struct callerid_context *ctx, const struct anchors_text *texts, size_t n,
		     add_text *add, struct callerid_error *err)
{
	for (size_t i = 0; i < n; i++)
		if (add(ctx, texts[i].text, texts[i].len, err) != CALLERID_OK)
			return false;
	return true;
}

bool anchors_apply(const struct anchors *anchors, struct callerid_context *ctx,
		   struct callerid_error *err)
{
	const char *text = anchors->anchors.text != NULL ? anchors->anchors.text : "";

	/* CRLs first: an anchor never counts without what revokes below it. */
	return add_each(ctx, anchors->issuers, anchors->n_issuers, callerid_context_add_crl_issuers,
			err) &&
	       add_each(ctx, anchors->crls, anchors->n_crls, callerid_context_add_crl, err) &&
	       callerid_context_set_anchors(ctx, ANCHORS_LIST, NULL, text, anchors->anchors.len,
					    err) == CALLERID_OK;
}
