/* SPDX-License-Identifier: Apache-2.0 */
/* Events of businesses, brands and claims. */
#include "svc/registry/store/tell.h"

#include "svc/registry/store/events.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

struct subject {
	const char *tenant, *object, *kind;
	int64_t now_ms;
};

static enum store_status add(struct db *db, const struct subject *subject, json_t *take)
{
	char *body = take != NULL ? json_dumps(take, JSON_COMPACT) : NULL;
	struct event_row row = {.body = body, .at_ms = subject->now_ms};

	json_decref(take);
	if (body == NULL)
		return STORE_FAILED;
	snprintf(row.tenant, sizeof row.tenant, "%s", subject->tenant);
	snprintf(row.kind, sizeof row.kind, "%s", subject->kind);
	snprintf(row.object, sizeof row.object, "%s", subject->object);
	enum store_status status = store_events_add(db, &row);
	free(body);
	return status;
}

/* Kept as text, which is a JSON array, or "". */
static json_t *findings_of(const char *findings)
{
	json_t *list = findings[0] != 0 ? json_loads(findings, 0, NULL) : NULL;

	return list != NULL ? list : json_array();
}

enum store_status store_tell_business(struct db *db, const struct business_row *row,
				      const char *kind, int64_t now_ms)
{
	const struct subject subject = {row->tenant, row->id, kind, now_ms};

	return add(db, &subject,
		   json_pack("{s:s, s:s, s:o}", "id", row->id, "state",
			     business_state_names[row->state], "findings",
			     findings_of(row->findings)));
}

enum store_status store_tell_brand(struct db *db, const struct tell_brand *what, const char *kind,
				   int64_t now_ms)
{
	const struct brand_row *brand = what->brand;
	const struct version_row *version = what->version;
	const struct subject subject = {brand->tenant, brand->id, kind, now_ms};
	json_t *data = json_pack("{s:s, s:s, s:s, s:o, s:n, s:n, s:o}", "id", brand->id, "state",
				 brand_state_names[brand->state], "business", brand->business,
				 "live", brand->live != 0 ? json_integer(brand->live) : json_null(),
				 "number", "version_state", "findings",
				 findings_of(version != NULL ? version->findings : ""));

	if (data != NULL && version != NULL) {
		json_object_set_new(data, "number", json_integer(version->number));
		json_object_set_new(data, "version_state",
				    json_string(version_state_names[version->state]));
	}
	return add(db, &subject, data);
}

enum store_status store_tell_claim(struct db *db, const struct claim_row *row, const char *kind,
				   int64_t now_ms)
{
	const struct subject subject = {row->tenant, row->id, kind, now_ms};
	char first[CALLERID_TN_MAX + 1];

	block_first(row->number, first);
	return add(db, &subject,
		   json_pack("{s:s, s:s, s:s, s:I, s:o}", "id", row->id, "state",
			     claim_state_names[row->state], "number", first, "block",
			     (json_int_t)block_size(row->number), "proof",
			     row->has_proof ? json_string(claim_proof_names[row->proof])
					    : json_null()));
}
