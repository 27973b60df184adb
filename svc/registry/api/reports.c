/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/reports: what a call turned out to be, said by who had it, and taken back. */
#include "svc/registry/api/api.h"
#include "svc/registry/api/render.h"
#include "svc/registry/api/reputation.h"
#include "svc/registry/domain/receipt.h"
#include "svc/registry/domain/taxonomy.h"
#include "svc/registry/store/receipts.h"

#include <stdio.h>
#include <string.h>

struct request {
	const char *receipt;
	int label;
};

static const struct spec_field fields[] = {
	{.name = "receipt",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, receipt),
	 .required = true,
	 .max = RECEIPT_MAX},
	{.name = "label",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct request, label),
	 .required = true,
	 .choices = label_code_names},
};
static const struct spec spec = SPEC(fields);

/* Without what it counts for: a crowd would learn when it is large and old enough. */
static json_t *render(const struct report_row *row)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:o}", "id", row->id, "label", row->label,
			 "provenance", provenance_names[row->provenance], "state",
			 row->undone ? "undone" : "active", "created_at",
			 render_time(row->created_ms));
}

/* What the receipt says of the call is all that is known of it. */
static bool read_receipt(struct http_call *call, const char *text, struct report_row *row)
{
	struct receipt receipt;

	if (!receipt_read(call->env->cursor_key, text, http_now_ms(call) / 1000, &receipt) ||
	    strcmp(receipt.key, call->caller.key) != 0) {
		http_reply_field(call, PROBLEM_RECEIPT_INVALID, "/receipt", "not_allowed");
		return false;
	}
	snprintf(row->number, sizeof row->number, "%s", receipt.number);
	row->provenance = receipt.provenance;
	if (receipt_id(call->env->cursor_key, &receipt, row->receipt))
		return true;
	http_reply_problem(call, PROBLEM_INTERNAL, NULL);
	return false;
}

static enum store_status add(struct http_call *call, struct report_row *row)
{
	enum store_status status = reputation_admit(call, row);

	if (status == STORE_OK)
		status = store_reports_add(call->db, row);
	return status == STORE_OK ? reputation_weigh(call, row->number) : status;
}

void api_reports_create(struct http_call *call)
{
	struct request request = {.receipt = NULL};
	struct report_row row = {.created_ms = http_now_ms(call)};

	if (!http_read(call, &spec, &request) || !read_receipt(call, request.receipt, &row) ||
	    !render_new_id(call, ID_REPORT, row.id))
		return;
	snprintf(row.label, sizeof row.label, "%s", label_code_names[request.label]);
	memcpy(row.tenant, call->caller.tenant, sizeof row.tenant);
	memcpy(row.key, call->caller.key, sizeof row.key);
	enum store_status status = reputation_lock(call);
	if (status == STORE_OK)
		status = store_receipts_use(call->db, row.tenant, row.receipt, row.created_ms);
	if (status == STORE_CONFLICT) {
		http_reply_problem(call, PROBLEM_RECEIPT_USED, NULL);
		return;
	}
	if (status == STORE_OK)
		status = add(call, &row);
	if (status == STORE_OK)
		http_reply_json(call, 201, render(&row));
	else
		http_reply_store(call, status);
}

void api_reports_get(struct http_call *call)
{
	struct report_row row;
	enum store_status status = store_reports_get(call->db, call->caller.key, call->param, &row);

	if (status == STORE_OK)
		http_reply_json(call, 200, render(&row));
	else
		http_reply_store(call, status);
}

/* Undoing twice is no error. */
void api_reports_undo(struct http_call *call)
{
	struct report_row row;
	enum store_status status = reputation_lock(call);

	if (status == STORE_OK)
		status = store_reports_get(call->db, call->caller.key, call->param, &row);
	if (status == STORE_OK && !row.undone) {
		status = store_reports_undo(call->db, &row, http_now_ms(call));
		if (status == STORE_OK)
			status = reputation_weigh(call, row.number);
	}
	if (status == STORE_OK)
		http_reply_none(call);
	else
		http_reply_store(call, status);
}
