/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/devices: a key for one callee, made by the app that knows whose phone it is. */
#include "svc/registry/api/act.h"
#include "svc/registry/api/api.h"
#include "svc/registry/api/keys.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/e164.h"
#include "svc/registry/domain/text.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

struct request {
	struct tn number;
	const char *label;
};

static const struct spec_field fields[] = {
	{.name = "number",
	 .type = SPEC_NUMBER,
	 .offset = offsetof(struct request, number),
	 .required = true},
	{.name = "label",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, label),
	 .check = text_label_check},
};
static const struct spec spec = SPEC(fields);

/* The number itself is not kept: its tag recognises it. */
void api_devices_create(struct http_call *call)
{
	struct request request = {.label = NULL};
	struct key_row row = {.role = ROLE_DEVICE,
			      .permissions = role_permissions(ROLE_DEVICE),
			      .has_callee = true,
			      .created_ms = http_now_ms(call)};
	char secret[ID_MAX + 1];

	if (!http_read(call, &spec, &request) || !render_new_id(call, ID_KEY, row.id) ||
	    !keys_make_secret(call, &row, secret))
		return;
	memcpy(row.tenant, call->caller.tenant, sizeof row.tenant);
	snprintf(row.label, sizeof row.label, "%s", request.label != NULL ? request.label : "");
	enum store_status status = STORE_FAILED;
	if (pairtag_make(call->env->pair_key, "callee-only", request.number.text, "", row.callee))
		status = store_keys_add(call->db, &row);
	if (status == STORE_OK)
		status = act_audit(call, row.tenant, "device.created", row.id, "");
	if (status == STORE_OK)
		keys_reply(call, &row, secret);
	else
		http_reply_store(call, status);
	OPENSSL_cleanse(secret, sizeof secret);
}

/* Keys of other roles are not an app's to end. */
void api_devices_delete(struct http_call *call)
{
	struct key_row row;
	enum store_status status = store_keys_get(call->db, call->param, &row);

	if (status == STORE_OK && (!row.has_callee || strcmp(row.tenant, call->caller.tenant) != 0))
		status = STORE_NONE;
	if (status == STORE_OK)
		status = store_keys_revoke(call->db, row.tenant, row.id, http_now_ms(call));
	if (status == STORE_OK)
		status = act_audit(call, row.tenant, "device.ended", row.id, "");
	call->after |= AFTER_KEYS;
	if (status == STORE_OK)
		http_reply_none(call);
	else
		http_reply_store(call, status);
}
