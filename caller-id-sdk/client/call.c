/* SPDX-License-Identifier: Apache-2.0 */
/* Announcing calls, their outcomes, and reports. */
#include <callerid/client_call.h>

#include "exchange.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Copies a text of an answer; false: it is not there or does not fit. */
static bool take(const json_t *json, const char *name, char *to, size_t size)
{
	const char *text = client_text(json, name);

	return text && (size_t)snprintf(to, size, "%s", text) < size;
}

static enum callerid_status bad_answer(struct callerid_error *err)
{
	return client_fail(err, CALLERID_ESYNTAX, "the answer lacks what the registry promises");
}

static enum callerid_status bad_id(struct callerid_error *err)
{
	return client_fail(err, CALLERID_EINVAL, "an identifier has letters, digits and _");
}

/* Takes json. */
static enum callerid_status read_state(json_t *json, struct callerid_intent_state *state_out,
				       struct callerid_error *err)
{
	bool read = take(json, "id", state_out->id, sizeof(state_out->id)) &&
		    take(json, "state", state_out->state, sizeof(state_out->state));

	state_out->mismatches = (int)json_integer_value(json_object_get(json, "mismatches"));
	json_decref(json);
	return read ? CALLERID_OK : bad_answer(err);
}

enum callerid_status callerid_client_announce(struct callerid_client *client,
					      const struct callerid_intent *intent,
					      struct callerid_intent_state *state_out,
					      struct callerid_error *err)
{
	const struct client_pair pairs[] = {{"from", intent->from},	{"to", intent->to},
					    {"reason", intent->reason}, {"code", intent->code},
					    {"text", intent->text},	{"lang", intent->lang}};
	json_t *answer = NULL;
	json_t *body = intent->from && intent->to ? client_object(pairs, COUNT(pairs)) : NULL;
	enum callerid_status status;

	if (!body)
		return client_fail(err, CALLERID_EINVAL,
				   "an announced call has from and to, in UTF-8");
	if (intent->ttl_s)
		json_object_set_new(body, "ttl_s", json_integer(intent->ttl_s));
	if (intent->not_before_s)
		json_object_set_new(body, "not_before_s", json_integer(intent->not_before_s));
	status = client_call(client, "POST", "/v1/intents", body, &answer, err);
	return status == CALLERID_OK ? read_state(answer, state_out, err) : status;
}

enum callerid_status callerid_client_intent(struct callerid_client *client, const char *id,
					    struct callerid_intent_state *state_out,
					    struct callerid_error *err)
{
	char path[CLIENT_PATH_MAX];
	json_t *answer = NULL;
	enum callerid_status status;

	if (!client_path(path, "/v1/intents/", id))
		return bad_id(err);
	status = client_call(client, "GET", path, NULL, &answer, err);
	return status == CALLERID_OK ? read_state(answer, state_out, err) : status;
}

enum callerid_status callerid_client_cancel(struct callerid_client *client, const char *id,
					    struct callerid_error *err)
{
	char path[CLIENT_PATH_MAX];

	if (!client_path(path, "/v1/intents/", id))
		return bad_id(err);
	return client_call(client, "DELETE", path, NULL, NULL, err);
}

enum callerid_status callerid_client_outcome(struct callerid_client *client, const char *receipt,
					     const char *outcome, struct callerid_error *err)
{
	const struct client_pair pairs[] = {{"receipt", receipt}, {"outcome", outcome}};
	json_t *body = receipt && outcome ? client_object(pairs, COUNT(pairs)) : NULL;

	if (!body)
		return client_fail(err, CALLERID_EINVAL, "an outcome has its receipt, in UTF-8");
	return client_call(client, "POST", "/v1/outcomes", body, NULL, err);
}

enum callerid_status callerid_client_report(struct callerid_client *client, const char *receipt,
					    const char *label, struct callerid_report *report_out,
					    struct callerid_error *err)
{
	const struct client_pair pairs[] = {{"receipt", receipt}, {"label", label}};
	json_t *body = receipt && label ? client_object(pairs, COUNT(pairs)) : NULL;
	json_t *answer = NULL;
	enum callerid_status status;

	if (!body)
		return client_fail(err, CALLERID_EINVAL,
				   "a report has a receipt and a label, in UTF-8");
	status = client_call(client, "POST", "/v1/reports", body, &answer, err);
	if (status != CALLERID_OK)
		return status;
	bool read =
		take(answer, "id", report_out->id, sizeof(report_out->id)) &&
		take(answer, "provenance", report_out->provenance, sizeof(report_out->provenance));
	json_decref(answer);
	return read ? CALLERID_OK : bad_answer(err);
}

enum callerid_status callerid_client_undo(struct callerid_client *client, const char *id,
					  struct callerid_error *err)
{
	char path[CLIENT_PATH_MAX];

	if (!client_path(path, "/v1/reports/", id))
		return bad_id(err);
	return client_call(client, "DELETE", path, NULL, NULL, err);
}
