/* SPDX-License-Identifier: Apache-2.0 */
/* What the resources that are reviewed share. */
#ifndef REGISTRY_API_BUSINESSES_H
#define REGISTRY_API_BUSINESSES_H

#include "svc/registry/http/call.h"
#include "svc/registry/store/businesses.h"

json_t *businesses_render(const struct http_call *call, const void *row); /* struct business_row */

/* A vetter's decision. */
struct decision {
	int decision;	/* index into review_decision_names */
	int64_t number; /* of a brand's version; 0: none */
	struct spec_texts findings;
};
extern const struct spec decision_spec;

/* The findings as a JSON array; "" when there are none. false: the call is answered. */
bool decision_findings(struct http_call *call, const struct decision *decision,
		       char findings_out[FINDINGS_MAX + 1]);
json_t *decision_render(const char *findings); /* [] when there are none */

#endif
