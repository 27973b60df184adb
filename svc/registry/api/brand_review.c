/* SPDX-License-Identifier: Apache-2.0 */
/* The review of brands: who approves a version, and what a vetter decides. */
#include "svc/registry/api/act.h"
#include "svc/registry/api/api.h"
#include "svc/registry/api/brands.h"
#include "svc/registry/api/businesses.h"
#include "svc/registry/store/keys.h"

#include <stdio.h>
#include <string.h>

#define ROTATIONS_MAX 64 /* of a key, that are followed */

struct approval {
	int64_t number;
};
static const struct spec_field approve_fields[] = {
	{.name = "number",
	 .type = SPEC_INT,
	 .offset = offsetof(struct approval, number),
	 .required = true,
	 .min = 1,
	 .max = INT32_MAX},
};
static const struct spec approve_spec = SPEC(approve_fields);

/* Whether the key called new has come of the one called old by rotation. */
static enum store_status came_of(struct http_call *call, const char *new, const char *old)
{
	struct key_row row;
	enum store_status status = STORE_OK;

	snprintf(row.successor, sizeof row.successor, "%s", old);
	for (size_t i = 0; i < ROTATIONS_MAX && row.successor[0] != 0; i++) {
		if (strcmp(row.successor, new) == 0)
			return STORE_OK;
		status = store_keys_get(call->db, row.successor, &row);
		if (status != STORE_OK)
			return status;
	}
	return row.successor[0] != 0 ? STORE_OK
				     : STORE_NONE; /* too long to be known is not allowed */
}

/* STORE_OK: who asks has edited it, STORE_NONE: somebody else. */
static enum store_status is_editor(struct http_call *call, const char *editor)
{
	const char *me = brands_actor(call);

	if (strcmp(editor, me) == 0)
		return STORE_OK;
	if (call->caller.user[0] != 0)
		return STORE_NONE;
	enum store_status status = came_of(call, me, editor);
	return status == STORE_NONE ? came_of(call, editor, me) : status;
}

/* One step of a version by the table of states. false: the call is answered. */
static bool step(struct http_call *call, struct brand_row *brand, struct version_row *row,
		 enum review_act act, bool vouched)
{
	struct business_row business;
	enum version_state to;

	/* what a later version has overtaken does not come back */
	if (!review_version(row->state, act, vouched, &to) ||
	    (to != VERSION_REJECTED && row->number < brand->live)) {
		http_reply_problem(call, PROBLEM_STATE_CONFLICT, NULL);
		return false;
	}
	enum store_status status =
		to == VERSION_REJECTED ? STORE_NONE : is_editor(call, row->editor);
	if (status == STORE_OK) {
		http_reply_problem(call, PROBLEM_APPROVER_IS_EDITOR, NULL);
		return false;
	}
	if (status == STORE_NONE)
		status = store_businesses_get(call->db, brand->tenant, brand->business, &business);
	if (status == STORE_OK && to == VERSION_LIVE &&
	    review_business_at(business.state, business.expires_ms, http_now_ms(call)) !=
		    BUSINESS_APPROVED) {
		http_reply_problem(call, PROBLEM_BUSINESS_NOT_APPROVED, NULL);
		return false;
	}
	row->state = to;
	row->decided_ms = http_now_ms(call);
	snprintf(row->approver, sizeof row->approver, "%s", brands_actor(call));
	if (status == STORE_OK && to == VERSION_LIVE)
		status = brands_make_live(call, brand, row);
	if (status == STORE_OK)
		status = store_versions_decide(call->db, row);
	if (status != STORE_OK)
		http_reply_store(call, status);
	return status == STORE_OK;
}

/* version NULL: the brand as a whole was decided on. */
static void write_back(struct http_call *call, struct brand_row *brand,
		       const struct version_row *version, const char *action)
{
	brand->updated_ms = http_now_ms(call);
	enum store_status status = store_brands_put(call->db, brand);
	if (status == STORE_OK)
		status = brands_tell(call, brand, version, &(struct brand_news){action, ""});
	brands_reply(call, status == STORE_NONE ? STORE_BUSY : status, 200, brand);
}

void api_brands_approve(struct http_call *call)
{
	struct approval approval = {.number = 0};
	struct brand_row brand;
	struct version_row row;

	if (!http_read(call, &approve_spec, &approval))
		return;
	enum store_status status =
		store_brands_get(call->db, call->caller.tenant, call->param, &brand);
	if (status == STORE_OK)
		status = store_brands_lock(call->db, &brand);
	if (status == STORE_OK)
		status = store_versions_get(call->db, &brand, approval.number, &row);
	if (status != STORE_OK)
		http_reply_store(call, status);
	else if (step(call, &brand, &row, REVIEW_AGREE, call->caller.vouched))
		write_back(call, &brand, &row,
			   row.state == VERSION_LIVE ? "brand.version_live"
						     : "brand.version_approved");
}

/* The whole brand goes out of sight, or comes back. */
static void suspend(struct http_call *call, struct brand_row *brand, enum review_act act)
{
	enum brand_state from = act == REVIEW_SUSPEND ? BRAND_LIVE : BRAND_SUSPENDED;

	if (brand->state != from) {
		http_reply_problem(call, PROBLEM_STATE_CONFLICT, NULL);
		return;
	}
	brand->state = act == REVIEW_SUSPEND ? BRAND_SUSPENDED : BRAND_LIVE;
	write_back(call, brand, NULL, act == REVIEW_SUSPEND ? "brand.suspended" : "brand.resumed");
}

void api_brands_decide(struct http_call *call)
{
	struct decision decision = {.number = 0};
	struct brand_row brand;
	struct version_row row;

	if (!http_read(call, &decision_spec, &decision))
		return;
	enum review_act act = review_decision_act(decision.decision);
	enum store_status status = store_brands_get(call->db, "", call->param, &brand);
	if (status == STORE_OK)
		status = store_brands_lock(call->db, &brand);
	if (status == STORE_OK && (act == REVIEW_SUSPEND || act == REVIEW_RESUME)) {
		suspend(call, &brand, act);
		return;
	}
	/* the version that was looked at: a later one may have come since */
	if (status == STORE_OK && decision.number == 0) {
		http_reply_field(call, PROBLEM_INVALID_FIELDS, "/number", "required");
		return;
	}
	if (status == STORE_OK)
		status = store_versions_get(call->db, &brand, decision.number, &row);
	if (status != STORE_OK)
		http_reply_store(call, status);
	else if (decision_findings(call, &decision, row.findings) &&
		 step(call, &brand, &row, act, false))
		write_back(call, &brand, &row,
			   act == REVIEW_REJECT ? "brand.version_rejected" : "brand.version_live");
}

static enum store_status vouch(struct http_call *call, struct brand_row *brand,
			       struct version_row *row)
{
	static const struct brand_news news = {"brand.version_live",
					       "live with its business: the tenant is vouched for"};
	enum version_state to;

	if (!review_version(row->state, REVIEW_VOUCH, true, &to))
		return STORE_OK;
	enum store_status status = brands_make_live(call, brand, row);
	brand->updated_ms = http_now_ms(call);
	if (status == STORE_OK)
		status = store_brands_put(call->db, brand);
	if (status == STORE_NONE)
		return STORE_BUSY; /* somebody edits it at this moment */
	if (status == STORE_OK)
		status = store_versions_decide(call->db, row);
	return status == STORE_OK ? brands_tell(call, brand, row, &news) : status;
}

enum store_status brands_vouch(struct http_call *call, const struct business_row *business)
{
	struct brand_row brand = {.serial = 0};
	struct version_row row;
	enum store_status status;

	/* ends: the transaction sees so many brands and no more */
	while ((status = store_brands_next(call->db, business, brand.serial, &brand)) == STORE_OK) {
		status = store_versions_waiting(call->db, &brand, &row);
		if (status == STORE_OK)
			status = vouch(call, &brand, &row);
		if (status != STORE_OK && status != STORE_NONE)
			return status;
	}
	return status == STORE_NONE ? STORE_OK : status;
}
