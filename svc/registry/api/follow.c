/* SPDX-License-Identifier: Apache-2.0 */
/* Beginning to follow. */
#include "svc/registry/api/follow.h"

#include "svc/registry/metrics.h"

#include <stdlib.h>
#include <string.h>

static const struct db_scope reading = {DB_READ, DB_ACROSS, ""};

struct start {
	struct reader_params *params;
	bool now;
	bool lost;
};

/* A position in front of all there is was made by another registry, or by one that has lost some
 * since: what follows it is not what came after it. */
static enum store_status find_start(struct db *db, void *magic)
{
	struct start *start = magic;
	struct reader_position *from = &start->params->from;
	int64_t newest = 0, gone = 0;
	enum store_status status = store_events_serial(db, &newest);

	if (status == STORE_OK)
		status = store_follow_gone(db, start->params->scope.kind, &gone);
	if (start->now)
		*from = (struct reader_position){newest, 0};
	start->lost = from->serial > newest || from->serial - (from->part > 0) < gone;
	return status;
}

static void set_scope(const struct http_caller *caller, struct follow_scope *scope)
{
	memcpy(scope->tenant, caller->tenant, sizeof scope->tenant);
	memcpy(scope->callee, caller->callee, sizeof scope->callee);
	scope->businesses = (caller->permissions & PERMIT(BUSINESS_READ)) != 0;
	scope->claims = (caller->permissions & PERMIT(NUMBER_READ)) != 0;
	if (caller->device)
		scope->kind = FOLLOW_CALLEE;
	else if (caller->role == ROLE_CARRIER || caller->role == ROLE_OPERATOR)
		scope->kind = FOLLOW_DIRECTORY;
	else
		scope->kind = FOLLOW_TENANT;
}

struct reader *follow_reader(struct http_call *call, bool *lost_out)
{
	const char *text = call->header(call, "Last-Event-ID");
	struct reader *reader = calloc(1, sizeof *reader);

	if (text == NULL)
		text = call->query(call, "since");
	if (reader == NULL || feed_is_full(call->env->feed)) {
		free(reader);
		http_reply_problem(call, PROBLEM_BUSY, NULL);
		return NULL;
	}
	struct reader_params *params = &reader->params;
	params->env = call->env;
	params->expires_ms = call->caller.expires_ms;
	memcpy(params->key, call->caller.key, sizeof params->key);
	set_scope(&call->caller, &params->scope);
	struct start start = {.params = params, .now = text == NULL};
	enum store_status status = STORE_OK;
	if (text != NULL && !reader_position_parse(text, &params->from))
		http_reply_problem(call, PROBLEM_QUERY_NOT_ALLOWED,
				   "since is the id of an event, or the serial of a snapshot.");
	else if ((status = db_transact(call->db, &reading, find_start, &start)) != STORE_OK)
		http_reply_store(call, status);
	else {
		*lost_out = start.lost;
		return reader;
	}
	free(reader);
	return NULL;
}

void follow_count(const struct http_env *env, const struct change *change, const char *by)
{
	const struct metric_labels none = {{NULL}};

	if (env->metrics == NULL)
		return;
	METRIC_COUNT(env->metrics, METRIC_EVENTS_SENT, by);
	metrics_observe(env->metrics, METRIC_EVENT_LAG, &none,
			(double)(env->now_ms(env->magic) - change->at_ms) / 1000);
}

bool follow_read_since(struct http_call *call, int64_t *since_out)
{
	const char *text = call->query(call, "since");
	struct reader_position position = {-1, 0};

	if (text == NULL || (reader_position_parse(text, &position) && position.part == 0)) {
		*since_out = position.serial;
		return true;
	}
	http_reply_problem(call, PROBLEM_QUERY_NOT_ALLOWED, "since is a serial.");
	return false;
}
