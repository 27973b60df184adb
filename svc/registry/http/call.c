/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to a request. */
#include "svc/registry/http/call.h"

#include <stdlib.h>
#include <string.h>

int64_t http_now_ms(const struct http_call *call)
{
	return call->env->now_ms(call->env->magic);
}

static void give(struct http_call *call, const struct http_answer *answer)
{
	free(call->answer.body);
	call->answer = *answer;
}

static void reply(struct http_call *call, enum problem problem, const char *detail,
		  const struct spec_errors *errors)
{
	char *text = problem_render(problem, detail, errors, call->id);
	const struct http_answer answer = {
		.status = problem_info(problem)->status,
		.type = "application/problem+json",
		.body = text,
		.len = text != NULL ? strlen(text) : 0,
		.problem = problem,
	};

	give(call, &answer);
}

bool http_read(struct http_call *call, const struct spec *spec, void *target)
{
	struct spec_errors errors;

	if (spec_fill(spec, call->json, target, &errors))
		return true;
	reply(call, PROBLEM_INVALID_FIELDS, NULL, &errors);
	return false;
}

void http_reply_json(struct http_call *call, unsigned status, json_t *take)
{
	char *text = take != NULL ? json_dumps(take, JSON_COMPACT) : NULL;
	const struct http_answer answer = {
		.status = status,
		.type = "application/json",
		.body = text,
		.len = text != NULL ? strlen(text) : 0,
	};

	json_decref(take);
	if (text == NULL)
		http_reply_problem(call, PROBLEM_INTERNAL, NULL);
	else
		give(call, &answer);
}

void http_reply_none(struct http_call *call)
{
	const struct http_answer answer = {.status = 204};

	give(call, &answer);
}

void http_reply_bytes(struct http_call *call, const char *type, const char *cache, char *take,
		      size_t len)
{
	const struct http_answer answer = {
		.status = 200, .type = type, .body = take, .len = len, .cache = cache};

	give(call, &answer);
}

void http_reply_problem(struct http_call *call, enum problem problem, const char *detail)
{
	reply(call, problem, detail, NULL);
}

void http_reply_field(struct http_call *call, enum problem problem, const char *pointer,
		      const char *code)
{
	struct spec_errors errors = {.n = 0};

	spec_error_add(&errors, pointer, code);
	reply(call, problem, NULL, &errors);
}

void http_reply_store(struct http_call *call, enum store_status status)
{
	static const struct {
		enum store_status status;
		enum problem problem;
	} problems[] = {{STORE_NONE, PROBLEM_NOT_FOUND}, {STORE_BUSY, PROBLEM_BUSY}};

	for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
		if (problems[i].status == status) {
			http_reply_problem(call, problems[i].problem, NULL);
			return;
		}
	}
	if (call->env->log != NULL)
		log_event(call->env->log, LOG_ERROR, "store.failed", F_STR("request", call->id),
			  F_STR("why", db_error(call->db)));
	http_reply_problem(call, PROBLEM_INTERNAL, NULL);
}
