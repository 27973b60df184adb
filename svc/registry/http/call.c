/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to a request. */
#include "svc/registry/http/call.h"

#include "svc/registry/http/jsonquick.h"
#include "svc/registry/http/jsontext.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t http_now_ms(const struct http_call *call)
{
	return call->env->now_ms(call->env->magic);
}

void http_answer_clear(struct http_answer *answer)
{
	if (answer->source.free != NULL)
		answer->source.free(answer->source.magic);
	free(answer->body);
	free(answer->kept);
	memset(answer, 0, sizeof *answer);
}

static void give(struct http_call *call, const struct http_answer *answer)
{
	http_answer_clear(&call->answer);
	call->answer = *answer;
}

static void reply(struct http_call *call, enum problem problem, const char *detail,
		  const struct spec_errors *errors)
{
	const struct http_style *style = call->style;
	unsigned status = problem_info(problem)->status;
	char *text = style != NULL ? style->render(call, problem, detail, errors, &status)
				   : problem_render(problem, detail, errors, call->id);
	const struct http_answer answer = {
		.status = status,
		.type = style != NULL ? "application/json" : "application/problem+json",
		.body = text,
		.len = text != NULL ? strlen(text) : 0,
		.problem = problem,
	};

	give(call, &answer);
}

bool http_connect(struct http_call *call)
{
	if (call->db != NULL || call->connect(call))
		return true;
	http_reply_problem(call, PROBLEM_BUSY, NULL);
	return false;
}

enum problem http_load_json(struct http_call *call)
{
	static const enum problem problems[] = {
		[JSONTEXT_OK] = PROBLEM_NONE,
		[JSONTEXT_INVALID] = PROBLEM_JSON_INVALID,
		[JSONTEXT_TOO_DEEP] = PROBLEM_JSON_TOO_DEEP,
		[JSONTEXT_TOO_MANY_KEYS] = PROBLEM_JSON_TOO_MANY_KEYS,
	};

	if (call->json != NULL)
		return PROBLEM_NONE;
	return problems[jsontext_load_keys(call->body, call->body_len, call->keys_max,
					   &call->json)];
}

bool http_read(struct http_call *call, const struct spec *spec, void *target)
{
	struct spec_errors errors;

	if (call->json == NULL && jsonquick_fill(spec, (char *)call->body, call->body_len, target))
		return true;
	enum problem problem = http_load_json(call);
	if (problem != PROBLEM_NONE) {
		http_reply_problem(call, problem, NULL);
		return false;
	}
	if (spec_fill(spec, call->json, target, &errors))
		return true;
	reply(call, PROBLEM_INVALID_FIELDS, NULL, &errors);
	return false;
}

static char *dump(json_t *take)
{
	char *text = take != NULL ? json_dumps(take, JSON_COMPACT) : NULL;

	json_decref(take);
	return text;
}

void http_reply_text(struct http_call *call, unsigned status, char *take, size_t len)
{
	const struct http_answer answer = {
		.status = status,
		.type = "application/json",
		.body = take,
		.len = len,
	};

	if (take == NULL)
		http_reply_problem(call, PROBLEM_INTERNAL, NULL);
	else
		give(call, &answer);
}

void http_reply_json(struct http_call *call, unsigned status, json_t *take)
{
	char *text = dump(take);

	http_reply_text(call, status, text, text != NULL ? strlen(text) : 0);
}

void http_reply_version(struct http_call *call, unsigned status, int64_t version, json_t *take)
{
	http_reply_json(call, status, take);
	if (call->answer.problem == PROBLEM_NONE)
		snprintf(call->answer.etag, sizeof call->answer.etag, "\"%" PRId64 "\"", version);
}

void http_reply_secret(struct http_call *call, unsigned status, json_t *take, json_t *kept)
{
	char *text = dump(kept);

	http_reply_json(call, status, take);
	if (call->answer.problem == PROBLEM_NONE && text != NULL) {
		call->answer.kept = text;
		return;
	}
	free(text);
	http_reply_problem(call, PROBLEM_INTERNAL, NULL);
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

void http_reply_source(struct http_call *call, const char *type, const struct http_source *source)
{
	const struct http_answer answer = {.status = 200, .type = type, .source = *source};

	give(call, &answer);
}

void http_reply_problem(struct http_call *call, enum problem problem, const char *detail)
{
	reply(call, problem, detail, NULL);
}

void http_reply_hint(struct http_call *call, enum problem problem, const char *pointer,
		     const char *code, const char *hint)
{
	struct spec_errors errors = {.n = 0};

	spec_error_add(&errors, pointer, code, hint);
	reply(call, problem, NULL, &errors);
}

void http_reply_field(struct http_call *call, enum problem problem, const char *pointer,
		      const char *code)
{
	http_reply_hint(call, problem, pointer, code, NULL);
}

void http_reply_store(struct http_call *call, enum store_status status)
{
	static const struct {
		enum store_status status;
		enum problem problem;
	} problems[] = {{STORE_NONE, PROBLEM_NOT_FOUND},
			{STORE_CONFLICT, PROBLEM_STATE_CONFLICT},
			{STORE_BUSY, PROBLEM_BUSY},
			{STORE_UNSURE, PROBLEM_UNSURE}};
	enum problem problem = PROBLEM_INTERNAL;

	for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
		if (problems[i].status == status)
			problem = problems[i].problem;
	}
	if (problem == PROBLEM_INTERNAL && call->env->log != NULL)
		log_event(call->env->log, LOG_ERROR, "store.failed", F_STR("request", call->id),
			  F_STR("why", call->db != NULL ? db_error(call->db) : "no connection"));
	http_reply_problem(call, problem, NULL);
	call->answer.store = status;
}
