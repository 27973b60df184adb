/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/businesses */
#include "svc/registry/api/businesses.h"
#include "svc/registry/api/act.h"
#include "svc/registry/api/api.h"
#include "svc/registry/api/brands.h"
#include "svc/registry/api/list.h"
#include "svc/registry/api/render.h"
#include "svc/registry/store/tell.h"
#include "svc/registry/store/tenants.h"

#include <stdio.h>
#include <string.h>

struct request {
	const char *name, *country, *website;
};

#define FIELDS(needed)                                                                             \
	{                                                                                          \
		{.name = "name",                                                                   \
		 .type = SPEC_STRING,                                                              \
		 .offset = offsetof(struct request, name),                                         \
		 .required = needed,                                                               \
		 .check = text_name_check},                                                        \
			{.name = "country",                                                        \
			 .type = SPEC_STRING,                                                      \
			 .offset = offsetof(struct request, country),                              \
			 .required = needed,                                                       \
			 .check = text_country_check,                                              \
			 .hint = TEXT_COUNTRY_HINT},                                               \
			{.name = "website",                                                        \
			 .type = SPEC_STRING,                                                      \
			 .offset = offsetof(struct request, website),                              \
			 .check = text_website_check,                                              \
			 .hint = TEXT_WEBSITE_HINT},                                               \
	}

static const struct spec_field create_fields[] = FIELDS(true);
static const struct spec_field update_fields[] = FIELDS(false);
static const struct spec create_spec = SPEC(create_fields);
static const struct spec update_spec = SPEC(update_fields);

json_t *businesses_render(const struct http_call *call, const void *magic)
{
	const struct business_row *row = magic;
	enum business_state state =
		review_business_at(row->state, row->expires_ms, http_now_ms(call));

	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:I, s:o, s:o}", "id", row->id, "name",
			 row->name, "country", row->country, "website", render_text(row->website),
			 "state", business_state_names[state], "findings",
			 decision_render(row->findings), "version", (json_int_t)row->version,
			 "created_at", render_time(row->created_ms), "expires_at",
			 row->expires_ms != 0 ? render_time(row->expires_ms) : json_null());
}

static void take_fields(const struct request *request, struct business_row *row)
{
	if (request->name != NULL)
		snprintf(row->name, sizeof row->name, "%s", request->name);
	if (request->country != NULL)
		snprintf(row->country, sizeof row->country, "%s", request->country);
	if (request->website != NULL)
		snprintf(row->website, sizeof row->website, "%s", request->website);
}

void api_businesses_create(struct http_call *call)
{
	struct request request = {.name = NULL};
	struct business_row row = {.version = 1, .created_ms = http_now_ms(call)};

	if (!http_read(call, &create_spec, &request) || !render_new_id(call, ID_BUSINESS, row.id))
		return;
	row.updated_ms = row.created_ms;
	memcpy(row.tenant, call->caller.tenant, sizeof row.tenant);
	take_fields(&request, &row);
	enum store_status status = store_businesses_add(call->db, &row);
	if (status == STORE_OK)
		status = act_audit(call, row.tenant, "business.created", row.id, "");
	if (status == STORE_OK)
		status = store_tell_business(call->db, &row, "business.created", row.created_ms);
	call->after |= AFTER_EVENTS;
	if (status == STORE_OK)
		http_reply_version(call, 201, row.version, businesses_render(call, &row));
	else
		http_reply_store(call, status);
}

void api_businesses_get(struct http_call *call)
{
	struct business_row row;
	enum store_status status =
		store_businesses_get(call->db, call->caller.tenant, call->param, &row);

	if (status == STORE_OK)
		http_reply_version(call, 200, row.version, businesses_render(call, &row));
	else
		http_reply_store(call, status);
}

static enum store_status load(struct http_call *call, const struct http_page *page, void *rows_out,
			      size_t *n_out)
{
	return store_businesses_list(call->db, call->caller.tenant, page->after, page->limit,
				     rows_out, n_out);
}

void api_businesses_list(struct http_call *call)
{
	static const struct api_list list = {sizeof(struct business_row), load, businesses_render};

	api_list_reply(call, &list);
}

/* What a tenant that is vouched for submitted is approved at once, its brands as well: those too
 * that were made before their business was approved. */
static enum store_status vouches(struct http_call *call, const struct business_row *row,
				 bool *vouches_out)
{
	struct tenant_row tenant;

	*vouches_out = false;
	if (review_business_at(row->state, row->expires_ms, row->updated_ms) != BUSINESS_APPROVED)
		return STORE_OK;
	enum store_status status = store_tenants_get(call->db, row->tenant, &tenant);
	*vouches_out = status == STORE_OK && tenant.vouched;
	return *vouches_out ? store_brands_lock_all(call->db, row) : status;
}

/* Writes it and tells of it: what look-ups show of its brands may have changed. */
static void put(struct http_call *call, struct business_row *row, const char *action,
		const char *detail)
{
	row->updated_ms = http_now_ms(call);
	bool vouched = false;
	enum store_status status = store_businesses_put(call->db, row);
	if (status == STORE_OK)
		status = vouches(call, row, &vouched);
	if (status == STORE_OK)
		status = act_audit(call, row->tenant, action, row->id, detail);
	if (status == STORE_OK)
		status = store_tell_business(call->db, row, action, row->updated_ms);
	if (status == STORE_OK && vouched)
		status = brands_vouch(call, row);
	if (status == STORE_OK)
		status = store_brands_of_business_changed(call->db, row, row->updated_ms);
	call->after |= AFTER_EVENTS;
	if (status == STORE_OK)
		http_reply_version(call, 200, row->version, businesses_render(call, row));
	else
		http_reply_store(call, status == STORE_NONE ? STORE_BUSY : status);
}

/* What was approved is changed by a new review only. */
void api_businesses_update(struct http_call *call)
{
	struct request request = {.name = NULL};
	struct business_row row;

	if (!http_read(call, &update_spec, &request))
		return;
	enum store_status status =
		store_businesses_get(call->db, call->caller.tenant, call->param, &row);
	if (status != STORE_OK) {
		http_reply_store(call, status);
		return;
	}
	if (!http_matches(call, row.version))
		return;
	if (row.state != BUSINESS_DRAFT && row.state != BUSINESS_REJECTED) {
		http_reply_problem(call, PROBLEM_STATE_CONFLICT, NULL);
		return;
	}
	take_fields(&request, &row);
	put(call, &row, "business.changed", "");
}

/* Moves it by the table of states. */
static void review(struct http_call *call, const char *tenant, enum review_act act,
		   const char *findings)
{
	static const char *const actions[REVIEW_ACTS] = {
		[REVIEW_SUBMIT] = "business.submitted",	 [REVIEW_CLOSE] = "business.closed",
		[REVIEW_APPROVE] = "business.approved",	 [REVIEW_REJECT] = "business.rejected",
		[REVIEW_SUSPEND] = "business.suspended", [REVIEW_RESUME] = "business.resumed",
	};
	struct business_row row;
	int64_t now_ms = http_now_ms(call);
	enum store_status status = store_businesses_get(call->db, tenant, call->param, &row);

	if (status != STORE_OK) {
		http_reply_store(call, status);
		return;
	}
	bool vouched = call->caller.vouched && act == REVIEW_SUBMIT;
	enum business_state from = review_business_at(row.state, row.expires_ms, now_ms);
	if (!review_business(from, act, vouched, &row.state)) {
		http_reply_problem(call, PROBLEM_STATE_CONFLICT, NULL);
		return;
	}
	if (row.state == BUSINESS_APPROVED && act != REVIEW_RESUME)
		row.expires_ms = now_ms + REVIEW_BUSINESS_MS;
	snprintf(row.findings, sizeof row.findings, "%s", findings);
	put(call, &row, actions[act], vouched ? "approved at once: the tenant is vouched for" : "");
}

void api_businesses_submit(struct http_call *call)
{
	review(call, call->caller.tenant, REVIEW_SUBMIT, "");
}

void api_businesses_close(struct http_call *call)
{
	review(call, call->caller.tenant, REVIEW_CLOSE, "");
}

void api_businesses_decide(struct http_call *call)
{
	struct decision decision = {.number = 0};
	char findings[FINDINGS_MAX + 1];

	if (http_read(call, &decision_spec, &decision) &&
	    decision_findings(call, &decision, findings))
		review(call, "", review_decision_act(decision.decision), findings);
}
