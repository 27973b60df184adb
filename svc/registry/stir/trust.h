/* SPDX-License-Identifier: Apache-2.0 */
/* What the verification door trusts, from files. */
#ifndef REGISTRY_STIR_TRUST_H
#define REGISTRY_STIR_TRUST_H

#include "svc/runtime/conf.h"

#include <callerid/context.h>

#define TRUST_LIST     "configured" /* as verdicts name the anchors */
#define TRUST_FILE_MAX (4 * 1024 * 1024)

struct trust_files {
	struct conf_list anchors, crls, crl_issuers;
};

/* A whole file with a NUL behind it; NULL: err says why. The caller frees it. */
char *trust_read_file(const char *path, size_t max, size_t *len_out, char *err, size_t size);

/* Into an empty context. false: err is one line. */
bool trust_load(const struct trust_files *files, struct callerid_context *ctx, char *err,
		size_t size);

#endif
