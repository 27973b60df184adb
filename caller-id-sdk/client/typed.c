/* SPDX-License-Identifier: Apache-2.0 */
/* What the typed functions share: a JSON body out, a JSON object or a problem in. */
#include "exchange.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct callerid_problem *callerid_client_problem(const struct callerid_client *client)
{
	return &client->problem;
}

const char *client_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

json_t *client_object(const struct client_pair *pairs, size_t n)
{
	json_t *object = json_object();

	for (size_t i = 0; i < n; i++) {
		if (pairs[i].value &&
		    json_object_set_new(object, pairs[i].name, json_string(pairs[i].value)) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

bool client_path(char path_out[CLIENT_PATH_MAX], const char *prefix, const char *id)
{
	size_t n = id ? strnlen(id, CLIENT_PATH_MAX) : 0;

	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)id[i]) && id[i] != '_')
			return false;
	return n > 0 && snprintf(path_out, CLIENT_PATH_MAX, "%s%s", prefix, id) < CLIENT_PATH_MAX;
}

static void copy(char *to, size_t size, const char *text)
{
	snprintf(to, size, "%s", text ? text : "");
}

enum callerid_status client_refused(struct callerid_client *client,
				    const struct callerid_answer *answer,
				    struct callerid_error *err)
{
	json_t *json = json_loadb(answer->body, answer->body_len, 0, NULL);
	const json_t *first = json_array_get(json_object_get(json, "errors"), 0);
	struct callerid_problem *problem = &client->problem;

	*problem = (struct callerid_problem){.http_status = answer->http_status,
					     .retry_after_s = answer->retry_after_s};
	copy(problem->code, sizeof(problem->code), client_text(json, "code"));
	copy(problem->detail, sizeof(problem->detail), client_text(json, "detail"));
	copy(problem->field, sizeof(problem->field), client_text(first, "pointer"));
	copy(problem->request_id, sizeof(problem->request_id), client_text(json, "request_id"));
	json_decref(json);
	return client_fail(err, CALLERID_EREFUSED, "the registry answered %d %s",
			   problem->http_status, problem->code);
}

static enum callerid_status take_answer(struct callerid_client *client,
					const struct callerid_answer *answer, json_t **json_out,
					struct callerid_error *err)
{
	if (answer->http_status < 200 || answer->http_status > 299)
		return client_refused(client, answer, err);
	if (!json_out)
		return CALLERID_OK;
	*json_out = json_loadb(answer->body, answer->body_len, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(*json_out))
		return CALLERID_OK;
	json_decref(*json_out);
	return client_fail(err, CALLERID_ESYNTAX, "the answer of %.100s is not a JSON object",
			   client->authority);
}

enum callerid_status client_call(struct callerid_client *client, const char *method,
				 const char *path, json_t *take_body, json_t **json_out,
				 struct callerid_error *err)
{
	char *text = take_body ? json_dumps(take_body, JSON_COMPACT) : NULL;
	struct callerid_answer answer = {.http_status = 0};
	enum callerid_status status;

	client->problem = (struct callerid_problem){.http_status = 0};
	if (take_body && !text)
		status = client_fail(err, CALLERID_ENOMEM, "no memory");
	else
		status = callerid_client_request(client, method, path, text, &answer, err);
	if (status == CALLERID_OK)
		status = take_answer(client, &answer, json_out, err);
	callerid_answer_clear(&answer);
	json_decref(take_body);
	free(text);
	return status;
}
