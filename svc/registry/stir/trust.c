/* SPDX-License-Identifier: Apache-2.0 */
/* Trust anchors, CRLs and CRL issuers from files into a context. */
#include "svc/registry/stir/trust.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum callerid_status add_text(struct callerid_context *ctx, const char *text, size_t len,
				      struct callerid_error *err);

char *trust_read_file(const char *path, size_t max, size_t *len_out, char *err, size_t size)
{
	FILE *file = fopen(path, "re");
	char *text = file != NULL ? calloc(1, max + 2) : NULL;
	size_t n = text != NULL ? fread(text, 1, max + 1, file) : 0;

	if (text == NULL || ferror(file) != 0 || n > max) {
		snprintf(err, size, "%s: %s", path, n > max ? "too large" : strerror(errno));
		free(text);
		text = NULL;
	}
	if (file != NULL)
		fclose(file);
	*len_out = n;
	return text;
}

static enum callerid_status add_anchors(struct callerid_context *ctx, const char *text, size_t len,
					struct callerid_error *err)
{
	return callerid_context_add_anchors(ctx, TRUST_LIST, text, len, err);
}

bool trust_load(const struct trust_files *files, struct callerid_context *ctx, char *err,
		size_t size)
{
	/* CRLs first: an anchor never counts without what revokes below it */
	const struct {
		const struct conf_list *list;
		add_text *add;
		size_t max;
	} kinds[] = {
		{&files->crl_issuers, callerid_context_add_crl_issuers, TRUST_FILE_MAX},
		{&files->crls, callerid_context_add_crl, CALLERID_CRL_MAX},
		{&files->anchors, add_anchors, TRUST_FILE_MAX},
	};

	for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
		for (size_t i = 0; i < kinds[k].list->n; i++) {
			const char *path = kinds[k].list->items[i];
			struct callerid_error why = {.status = CALLERID_OK};
			size_t len = 0;
			char *text = trust_read_file(path, kinds[k].max, &len, err, size);
			if (text == NULL)
				return false;
			enum callerid_status status = kinds[k].add(ctx, text, len, &why);
			free(text);
			if (status == CALLERID_OK)
				continue;
			snprintf(err, size, "%s: %s", path, why.text);
			return false;
		}
	}
	return true;
}
