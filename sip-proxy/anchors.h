/* SPDX-License-Identifier: Apache-2.0 */
/* The files of [certs]: read and judged before anything of them is used. */
#ifndef PROXY_ANCHORS_H
#define PROXY_ANCHORS_H

#include "sip-proxy/options.h"

#include <callerid/context.h>

#define ANCHORS_LIST "configured" /* as verdicts name the anchors */

struct anchors_text {
	char *text;
	size_t len;
};

/* All anchors in one text, so that they change in one step; CRLs and their issuers by file. */
struct anchors {
	struct anchors_text anchors;
	struct anchors_text *crls, *issuers;
	size_t n_crls, n_issuers;
};

/* Reads every file and tries it. false fills err and names the file; anchors_clear() either way. */
bool anchors_load(struct anchors *anchors, const struct certs_options *options,
		  struct conf_error *err);
void anchors_clear(struct anchors *anchors);

/* Puts them into ctx in place of the anchors it had; an older CRL of an issuer goes, others stay.
 * What ctx remembers of replays stays too. false fills err: ctx may have a part of them. */
bool anchors_apply(const struct anchors *anchors, struct callerid_context *ctx,
		   struct callerid_error *err);

#endif
