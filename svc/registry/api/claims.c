/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/claims: whose a number is. */
#include "svc/registry/api/act.h"
#include "svc/registry/api/api.h"
#include "svc/registry/api/list.h"
#include "svc/registry/api/numbers.h"
#include "svc/registry/api/render.h"
#include "svc/registry/store/tell.h"

#include <stdio.h>
#include <string.h>

static const struct spec_field fields[] = {
	{.name = "number",
	 .type = SPEC_NUMBER,
	 .offset = offsetof(struct number_fields, number),
	 .required = true},
	{.name = "block",
	 .type = SPEC_INT,
	 .offset = offsetof(struct number_fields, block),
	 .min = 1,
	 .max = 1000},
};
static const struct spec spec = SPEC(fields);

static const char *const decision_names[] = {"verify", "fail", NULL};
enum { DECIDE_VERIFY, DECIDE_FAIL };

struct decision {
	int decision, proof;
};
static const struct spec_field decide_fields[] = {
	{.name = "decision",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct decision, decision),
	 .required = true,
	 .choices = decision_names},
	{.name = "proof",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct decision, proof),
	 .choices = claim_proof_names},
};
static const struct spec decide_spec = SPEC(decide_fields);

bool numbers_block(struct http_call *call, const struct number_fields *request, const char *base,
		   struct block *block_out)
{
	char pointer[SPEC_POINTER_MAX + 1];
	const char *field = "number", *code = "number_invalid", *hint = NULL;

	if (tn_is_e164(&request->number)) {
		field = "block";
		code = request->block == 1 || request->block == 10 || request->block == 100 ||
				       request->block == 1000
			       ? "block_misaligned"
			       : "not_allowed";
		hint = "one of 1, 10, 100, 1000, and the number ends in as many zeros";
		if (block_make(request->number.text, request->block, block_out))
			return true;
	}
	snprintf(pointer, sizeof pointer, "%s/%s", base, field);
	http_reply_hint(call, PROBLEM_INVALID_FIELDS, pointer, code, hint);
	return false;
}

void numbers_render(json_t *json, const char *block)
{
	char first[CALLERID_TN_MAX + 1];

	block_first(block, first);
	json_object_set_new(json, "number", json_string(first));
	json_object_set_new(json, "block", json_integer(block_size(block)));
}

json_t *claims_render(const struct http_call *call, const struct claim_row *row)
{
	enum claim_state state = claim_state_at(row->state, row->reprove_ms, http_now_ms(call));
	json_t *json = json_pack(
		"{s:s, s:s, s:o, s:I, s:o, s:o, s:o}", "id", row->id, "state",
		claim_state_names[state], "proof",
		row->has_proof ? json_string(claim_proof_names[row->proof]) : json_null(),
		"version", (json_int_t)row->version, "created_at", render_time(row->created_ms),
		"verified_at", row->verified_ms != 0 ? render_time(row->verified_ms) : json_null(),
		"reprove_at", row->reprove_ms != 0 ? render_time(row->reprove_ms) : json_null());

	numbers_render(json, row->number);
	return json;
}

static void verify(struct claim_row *row, enum claim_proof proof, int64_t now_ms)
{
	row->state = CLAIM_VERIFIED;
	row->has_proof = true;
	row->proof = proof;
	row->verified_ms = now_ms;
	/* whom the operator vouches for, it looks after itself */
	row->reprove_ms = proof == PROOF_VOUCHED ? 0 : now_ms + CLAIM_REPROVE_MS;
}

/* The audit row, and the event of the same name. */
static enum store_status tell(struct http_call *call, const struct claim_row *row,
			      const char *action)
{
	char masked[ACT_MASKED_MAX];

	act_mask(row->number, masked);
	enum store_status status = act_audit(call, row->tenant, action, row->id, masked);
	call->after |= AFTER_EVENTS;
	return status == STORE_OK ? store_tell_claim(call->db, row, action, http_now_ms(call))
				  : status;
}

/* Nobody decides about numbers at the same time. */
static enum store_status is_free(struct http_call *call, const char *tenant, const char *number)
{
	enum store_status status = store_claims_lock(call->db);

	if (status == STORE_OK)
		status = store_claims_taken(call->db, tenant, number);
	if (status == STORE_OK)
		return STORE_CONFLICT;
	return status == STORE_NONE ? STORE_OK : status;
}

bool claims_make(struct http_call *call, const struct block *block, struct claim_row *row)
{
	memset(row, 0, sizeof *row);
	row->version = 1;
	row->created_ms = row->updated_ms = http_now_ms(call);
	memcpy(row->tenant, call->caller.tenant, sizeof row->tenant);
	memcpy(row->number, block->text, sizeof row->number);
	if (!render_new_id(call, ID_CLAIM, row->id))
		return false;
	enum store_status status = is_free(call, row->tenant, row->number);
	if (status == STORE_CONFLICT) {
		/* whose it is is nobody else's business */
		http_reply_problem(call, PROBLEM_NUMBER_TAKEN, NULL);
		return false;
	}
	if (call->caller.vouched)
		verify(row, PROOF_VOUCHED, row->created_ms);
	if (status == STORE_OK)
		status = store_claims_add(call->db, row);
	if (status == STORE_OK)
		status = tell(call, row, call->caller.vouched ? "claim.verified" : "claim.created");
	if (status == STORE_CONFLICT)
		http_reply_problem(call, PROBLEM_STATE_CONFLICT,
				   "You hold a verified claim over this number already.");
	else if (status != STORE_OK)
		http_reply_store(call, status);
	return status == STORE_OK;
}

void api_claims_create(struct http_call *call)
{
	struct number_fields request = {.block = 1};
	struct block block;
	struct claim_row row;

	if (http_read(call, &spec, &request) && numbers_block(call, &request, "", &block) &&
	    claims_make(call, &block, &row))
		http_reply_version(call, 201, row.version, claims_render(call, &row));
}

void api_claims_get(struct http_call *call)
{
	struct claim_row row;
	enum store_status status =
		store_claims_get(call->db, call->caller.tenant, call->param, &row);

	if (status == STORE_OK)
		http_reply_version(call, 200, row.version, claims_render(call, &row));
	else
		http_reply_store(call, status);
}

static enum store_status load(struct http_call *call, const struct http_page *page, void *rows_out,
			      size_t *n_out)
{
	return store_claims_list(call->db, call->caller.tenant, page->after, page->limit, rows_out,
				 n_out);
}

static json_t *render_row(const struct http_call *call, const void *row)
{
	return claims_render(call, row);
}

void api_claims_list(struct http_call *call)
{
	static const struct api_list list = {sizeof(struct claim_row), load, render_row};

	api_list_reply(call, &list);
}

/* Writes a claim that holds its number no more. Its bindings go with it, those too that somebody
 * makes at this moment: they wait for the lock. */
static enum store_status end(struct http_call *call, struct claim_row *row, const char *action)
{
	enum store_status status = store_claims_lock(call->db);

	row->updated_ms = http_now_ms(call);
	if (status == STORE_OK)
		status = store_claims_put(call->db, row);
	if (status != STORE_OK)
		return status == STORE_NONE ? STORE_BUSY : status;
	status = tell(call, row, action);
	return status == STORE_OK
		       ? store_bindings_drop(call->db, row->tenant, row->id, row->updated_ms)
		       : status;
}

void api_claims_revoke(struct http_call *call)
{
	struct claim_row row;
	enum store_status status =
		store_claims_get(call->db, call->caller.tenant, call->param, &row);

	if (status == STORE_OK && row.state != CLAIM_REVOKED) {
		row.state = CLAIM_REVOKED;
		status = end(call, &row, "claim.revoked");
	}
	if (status == STORE_OK)
		http_reply_none(call);
	else
		http_reply_store(call, status);
}

/* A claim that lost against another may be verified when that one is gone. */
static enum store_status verify_or_conflict(struct http_call *call, enum claim_proof proof,
					    struct claim_row *row)
{
	enum store_status status = is_free(call, row->tenant, row->number);

	row->updated_ms = http_now_ms(call);
	if (status == STORE_OK)
		verify(row, proof, row->updated_ms);
	else if (status == STORE_CONFLICT)
		row->state = CLAIM_CONFLICT;
	else
		return status;
	status = store_claims_put(call->db, row);
	if (status != STORE_OK)
		return status == STORE_NONE ? STORE_BUSY : status;
	return tell(call, row, row->state == CLAIM_CONFLICT ? "claim.conflict" : "claim.verified");
}

void api_claims_decide(struct http_call *call)
{
	struct decision decision = {.proof = PROOF_LOA};
	struct claim_row row;

	if (!http_read(call, &decide_spec, &decision))
		return;
	enum store_status status = store_claims_get(call->db, "", call->param, &row);
	if (status == STORE_OK && !claim_is_open(row.state)) {
		http_reply_problem(call, PROBLEM_STATE_CONFLICT, NULL);
		return;
	}
	if (status == STORE_OK && decision.decision == DECIDE_FAIL) {
		row.state = CLAIM_FAILED;
		status = end(call, &row, "claim.failed");
	} else if (status == STORE_OK) {
		status = verify_or_conflict(call, (enum claim_proof)decision.proof, &row);
	}
	if (status == STORE_OK)
		http_reply_version(call, 200, row.version, claims_render(call, &row));
	else
		http_reply_store(call, status);
}
