/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/reviews: what waits for a vetter, of all tenants, and all that is to be known for deciding.
 */
#include "svc/registry/store/reviews.h"
#include "svc/registry/api/api.h"
#include "svc/registry/api/brands.h"
#include "svc/registry/api/businesses.h"
#include "svc/registry/api/list.h"
#include "svc/registry/api/numbers.h"
#include "svc/registry/api/render.h"
#include "svc/registry/store/tenants.h"

#include <stdlib.h>
#include <string.h>

#define VERSIONS_MAX 100 /* shown of one brand, the newest first */
#define RIVALS_MAX   10	 /* shown of one claim */

static const char *const heads[REVIEW_KINDS] = {
	[REVIEW_OF_BUSINESS] = ID_BUSINESS,
	[REVIEW_OF_BRAND] = ID_BRAND,
	[REVIEW_OF_CLAIM] = ID_CLAIM,
};

/* States in which something waits, of any kind. */
static const char *const waiting_names[] = {"submitted",  "in_review", "approved", "pending",
					    "challenged", "conflict",  NULL};

/* Of whom it is. */
static enum store_status add_tenant(const struct http_call *call, json_t *json, const char *tenant)
{
	struct tenant_row row;
	enum store_status status = store_tenants_get(call->db, tenant, &row);

	if (status == STORE_OK)
		json_object_set_new(json, "tenant",
				    json_pack("{s:s, s:s, s:o, s:b}", "id", row.id, "name",
					      row.name, "parent", render_text(row.parent),
					      "vouched", row.vouched));
	return status;
}

static void set_state(json_t *json, const char *state, bool waits, int64_t since_ms)
{
	json_object_set_new(json, "state", json_string(state));
	json_object_set_new(json, "waits_since", waits ? render_time(since_ms) : json_null());
}

static enum store_status add_business(const struct http_call *call, const struct review_row *of,
				      json_t *json)
{
	struct business_row row;
	enum store_status status = store_businesses_get(call->db, "", of->id, &row);

	if (status != STORE_OK)
		return status;
	enum business_state state =
		review_business_at(row.state, row.expires_ms, http_now_ms(call));
	set_state(json, business_state_names[state], review_business_waits(state), row.updated_ms);
	json_object_set_new(json, "business", businesses_render(call, &row));
	return add_tenant(call, json, row.tenant);
}

/* Its versions: the one that waits, or all. */
static enum store_status add_versions(const struct http_call *call, const struct review_row *of,
				      const struct brand_row *brand, json_t *json)
{
	struct version_row *rows = calloc(VERSIONS_MAX, sizeof *rows);
	size_t n = 0;
	enum store_status status = STORE_FAILED;

	if (rows != NULL && of->number != 0) {
		status = store_versions_get(call->db, brand, of->number, rows);
		n = status == STORE_OK;
	} else if (rows != NULL) {
		status = store_versions_list(call->db, brand, VERSIONS_MAX, rows, &n);
	}
	json_t *items = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(items, brands_render_version(call, &rows[i]));
	json_object_set_new(json, "versions", items);
	if (n > 0) /* a later version may be live by now */
		set_state(json, version_state_names[rows[0].state],
			  review_version_waits(rows[0].state) && rows[0].number > brand->live,
			  rows[0].created_ms);
	free(rows);
	return status;
}

static enum store_status add_brand(const struct http_call *call, const struct review_row *of,
				   json_t *json)
{
	struct brand_row brand;
	struct business_row business;
	enum store_status status = store_brands_get(call->db, "", of->id, &brand);

	if (status == STORE_OK)
		status = store_businesses_get(call->db, brand.tenant, brand.business, &business);
	if (status != STORE_OK)
		return status;
	json_object_set_new(json, "business", businesses_render(call, &business));
	json_object_set_new(json, "brand", brands_render(call, &brand));
	status = add_versions(call, of, &brand, json);
	return status == STORE_OK ? add_tenant(call, json, brand.tenant) : status;
}

/* Whom a verified claim would take the number from. */
static enum store_status add_rivals(const struct http_call *call, const struct claim_row *of,
				    json_t *json)
{
	struct claim_row rows[RIVALS_MAX];
	size_t n = 0;
	enum store_status status = store_claims_rivals(call->db, of, RIVALS_MAX, rows, &n);
	json_t *items = json_array();

	for (size_t i = 0; i < n && status == STORE_OK; i++) {
		json_t *item = json_object();
		json_object_set_new(item, "claim", claims_render(call, &rows[i]));
		status = add_tenant(call, item, rows[i].tenant);
		json_array_append_new(items, item);
	}
	json_object_set_new(json, "rivals", items);
	return status;
}

static enum store_status add_claim(const struct http_call *call, const struct review_row *of,
				   json_t *json)
{
	struct claim_row row;
	enum store_status status = store_claims_get(call->db, "", of->id, &row);

	if (status != STORE_OK)
		return status;
	enum claim_state state = claim_state_at(row.state, row.reprove_ms, http_now_ms(call));
	set_state(json, claim_state_names[state], claim_waits(state), row.updated_ms);
	json_object_set_new(json, "claim", claims_render(call, &row));
	status = add_rivals(call, &row, json);
	return status == STORE_OK ? add_tenant(call, json, row.tenant) : status;
}

/* NULL: *status_out says why. */
static json_t *render(const struct http_call *call, const struct review_row *of,
		      enum store_status *status_out)
{
	static enum store_status (*const adders[REVIEW_KINDS])(
		const struct http_call *, const struct review_row *, json_t *) = {
		[REVIEW_OF_BUSINESS] = add_business,
		[REVIEW_OF_BRAND] = add_brand,
		[REVIEW_OF_CLAIM] = add_claim,
	};
	json_t *json = json_pack("{s:s, s:s, s:n, s:n, s:[], s:n, s:[]}", "id", of->id, "kind",
				 review_kind_names[of->kind], "business", "brand", "versions",
				 "claim", "rivals");

	*status_out = json != NULL ? adders[of->kind](call, of, json) : STORE_FAILED;
	if (*status_out == STORE_OK)
		return json;
	json_decref(json);
	return NULL;
}

void api_reviews_get(struct http_call *call)
{
	struct review_row of = {.number = 0};
	enum store_status status = STORE_NONE;

	while (of.kind < REVIEW_KINDS && !id_is(heads[of.kind], call->param, strlen(call->param)))
		of.kind++;
	json_t *json = NULL;
	if (of.kind < REVIEW_KINDS) {
		memcpy(of.id, call->param, strlen(call->param) + 1);
		json = render(call, &of, &status);
	}
	if (json != NULL)
		http_reply_json(call, 200, json);
	else
		http_reply_store(call, status);
}

static enum store_status load(struct http_call *call, const struct http_page *page, void *rows_out,
			      size_t *n_out)
{
	const char *kind = call->query(call, "kind"), *state = call->query(call, "state");
	const struct review_filter filter = {kind != NULL ? kind : "", state != NULL ? state : "",
					     page->after, page->limit};

	return store_reviews_list(call->db, &filter, rows_out, n_out);
}

/* A row that cannot be read spoils the transaction, and with it the answer. */
static json_t *render_row(const struct http_call *call, const void *row)
{
	enum store_status status;
	json_t *json = render(call, row, &status);

	return json != NULL ? json : json_null();
}

static bool is_one_of(const struct http_call *call, const char *name, const char *const names[])
{
	const char *text = call->query(call, name);
	size_t i = 0;

	while (text != NULL && names[i] != NULL && strcmp(names[i], text) != 0)
		i++;
	return text == NULL || names[i] != NULL;
}

void api_reviews_list(struct http_call *call)
{
	static const struct api_list list = {sizeof(struct review_row), load, render_row};

	if (is_one_of(call, "kind", review_kind_names) && is_one_of(call, "state", waiting_names))
		api_list_reply(call, &list);
	else
		http_reply_problem(call, PROBLEM_QUERY_NOT_ALLOWED,
				   "kind or state is none in which something waits.");
}
