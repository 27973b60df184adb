/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/outcomes: what became of an announced call at the callee's side. */
#include "svc/registry/api/api.h"
#include "svc/registry/api/intents.h"
#include "svc/registry/domain/receipt.h"

#include <stdio.h>
#include <string.h>

struct request {
	const char *receipt;
	int outcome;
};

static const struct spec_field fields[] = {
	{.name = "receipt",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, receipt),
	 .required = true,
	 .max = RECEIPT_MAX},
	{.name = "outcome",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct request, outcome),
	 .required = true,
	 .choices = intent_outcome_names},
};
static const struct spec spec = SPEC(fields);

/* Told twice is told once; told too late, or backwards, changes nothing and is no error. */
static enum store_status become(struct http_call *call, struct intent_row *row,
				enum intent_state state)
{
	char kind[32];

	if (!intent_may_become(row->life.stored, state))
		return STORE_OK;
	enum store_status status = store_intents_become(call->db, row, state, http_now_ms(call));
	if (status != STORE_OK)
		return status == STORE_NONE ? STORE_BUSY : status;
	row->life.stored = state;
	snprintf(kind, sizeof kind, "intent.%s", intent_state_names[state]);
	return intents_tell(call, row, kind);
}

void api_outcomes_create(struct http_call *call)
{
	struct request request = {.receipt = NULL};
	struct receipt receipt;
	struct intent_row row;

	if (!http_read(call, &spec, &request))
		return;
	/* only who was shown the intent knows what came of it */
	if (!receipt_read(call->env->cursor_key, request.receipt, http_now_ms(call) / 1000,
			  &receipt) ||
	    strcmp(receipt.key, call->caller.key) != 0 || receipt.intent[0] == 0) {
		http_reply_field(call, PROBLEM_RECEIPT_INVALID, "/receipt", "not_allowed");
		return;
	}
	enum store_status status = store_intents_get(call->db, NULL, receipt.intent, &row);
	if (status == STORE_OK)
		status = become(call, &row, intent_outcome_state(request.outcome));
	if (status == STORE_OK)
		http_reply_none(call);
	else
		http_reply_store(call, status);
}
