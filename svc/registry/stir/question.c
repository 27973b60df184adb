/* SPDX-License-Identifier: Apache-2.0 */
/* From a question to a verification, and from its verdict to an answer. */
#include "svc/registry/stir/question.h"

#include <callerid/date.h>

#include <stdio.h>
#include <string.h>

enum callerid_status stir_question_begin(struct callerid_context *ctx,
					 const struct stir_question *question, size_t i,
					 const struct callerid_policy *policy,
					 struct callerid_verification **v_out)
{
	const struct callerid_span identity = {question->identity, strlen(question->identity)};
	char date[CALLERID_DATE_LEN + 1];
	struct callerid_call call = {
		.identity = &identity,
		.n_identity = 1,
		.orig = {question->from},
		.n_orig = 1,
		.dest = question->to[i],
		.now = question->now_s,
		.policy = policy,
	};

	if (callerid_date_format(question->time_s, date) != CALLERID_OK)
		return CALLERID_EINVAL;
	call.date = (struct callerid_span){date, strlen(date)};
	return callerid_verification_new(ctx, &call, v_out, NULL);
}

bool stir_question_goes_on(const struct stir_question *question, size_t i,
			   const struct callerid_verdict *verdict)
{
	return verdict->reason == CALLERID_REASON_DEST_MISMATCH && i + 1 < question->n_to;
}

/* What exactly was wrong, of the check that decided; "": nothing more is known. */
static const char *why(const struct callerid_verdict *verdict)
{
	size_t at = verdict->n_passports > 0 ? verdict->decided_by : 0;
	const struct callerid_passport_verdict *passport = &verdict->passport[at];

	for (size_t i = 0; i < CALLERID_CHECK_COUNT; i++) {
		if (passport->check[i].result == CALLERID_RESULT_FAILED &&
		    passport->check[i].reason == verdict->reason)
			return passport->check[i].why;
	}
	return "";
}

json_t *stir_question_answer(const struct callerid_verdict *verdict)
{
	const struct callerid_reason_info *info = callerid_reason_info(verdict->reason);
	json_t *answer = json_pack("{s:s}", "verstat", callerid_verstat_name(verdict->verstat));
	const char *detail;

	if (verdict->reason != CALLERID_REASON_OK) {
		detail = why(verdict);
		json_object_set_new(answer, "reasonCode", json_sprintf("%d", verdict->code));
		json_object_set_new(answer, "reasonText", json_string(info->phrase));
		json_object_set_new(answer, "reasonDesc",
				    json_sprintf("%s%s%s%s", info->text, detail[0] != 0 ? " (" : "",
						 detail, detail[0] != 0 ? ")" : ""));
	}
	return json_pack("{s:o}", "verificationResponse", answer);
}
