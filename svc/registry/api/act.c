/* SPDX-License-Identifier: Apache-2.0 */
/* Audit rows and events of handlers. */
#include "svc/registry/api/act.h"

#include "svc/registry/store/events.h"
#include "svc/registry/store/tenants.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct audit_row act_audit_row(const struct http_call *call, const char *tenant, const char *action,
			       const char *object, const char *detail)
{
	struct audit_row row = {.at_ms = http_now_ms(call)};

	snprintf(row.tenant, sizeof row.tenant, "%s", tenant);
	snprintf(row.actor, sizeof row.actor, "%s", call->caller.key);
	snprintf(row.action, sizeof row.action, "%s", action);
	snprintf(row.object, sizeof row.object, "%s", object);
	snprintf(row.detail, sizeof row.detail, "%s", detail);
	return row;
}

enum store_status act_audit(struct http_call *call, const char *tenant, const char *action,
			    const char *object, const char *detail)
{
	struct audit_row row = act_audit_row(call, tenant, action, object, detail);

	return store_audit_add(call->db, &row);
}

enum store_status act_event(struct http_call *call, const struct act_event *event)
{
	char *body = event->take != NULL ? json_dumps(event->take, JSON_COMPACT) : NULL;
	struct event_row row = {.body = body, .at_ms = http_now_ms(call)};

	json_decref(event->take);
	if (body == NULL)
		return STORE_FAILED;
	snprintf(row.tenant, sizeof row.tenant, "%s", event->tenant);
	snprintf(row.kind, sizeof row.kind, "%s", event->kind);
	snprintf(row.object, sizeof row.object, "%s", event->object);
	row.has_callee = event->callee != NULL;
	if (row.has_callee)
		memcpy(row.callee, event->callee, PAIRTAG_SIZE);
	enum store_status status = store_events_add(call->db, &row);
	free(body);
	call->after |= AFTER_EVENTS;
	return status;
}

enum store_status act_directory(struct http_call *call, const char *number)
{
	call->after |= AFTER_EVENTS;
	return store_directory_changed(call->db, number, http_now_ms(call));
}

enum store_status act_may_reach(struct http_call *call, const char *tenant)
{
	struct tenant_row row;

	if (strcmp(tenant, call->caller.tenant) == 0)
		return STORE_OK;
	if (call->caller.role == ROLE_OPERATOR)
		return store_tenants_get(call->db, tenant, &row);
	return store_tenants_is_below(call->db, tenant, call->caller.tenant);
}

#define SHOWN  4 /* digits at either end, at most */
#define HIDDEN 3 /* digits, at least */

void act_mask(const char *number, char masked_out[ACT_MASKED_MAX])
{
	size_t len = strlen(number), tail = len > SHOWN + HIDDEN ? len - SHOWN - HIDDEN : 0;

	if (len < SHOWN + HIDDEN) {
		snprintf(masked_out, ACT_MASKED_MAX, "***");
		return;
	}
	if (tail > SHOWN)
		tail = SHOWN;
	snprintf(masked_out, ACT_MASKED_MAX, "+%.*s***%s", SHOWN, number, number + len - tail);
}
