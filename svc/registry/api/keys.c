/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/keys: what programs show to prove whom they act for. */
#include "svc/registry/api/act.h"
#include "svc/registry/api/api.h"
#include "svc/registry/api/keys.h"
#include "svc/registry/api/list.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/pemchain.h"
#include "svc/registry/domain/spki.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/http/auth.h"
#include "svc/registry/store/users.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/pem.h>

#define EXPIRES_S_MAX (INT64_C(10) * 366 * 86400)
#define OVERLAP_S_MAX 604800

struct request {
	const char *tenant, *user, *label, *certificate;
	int role;
	uint64_t permissions; /* 0: all of the role */
	int64_t expires_in_s; /* 0: never */
	int64_t overlap_s;
};

static const struct spec_field fields[] = {
	{.name = "role",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct request, role),
	 .required = true,
	 .choices = role_names},
	{.name = "tenant",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, tenant),
	 .max = ID_MAX},
	{.name = "user",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, user),
	 .max = ID_MAX},
	{.name = "permissions",
	 .type = SPEC_SET,
	 .offset = offsetof(struct request, permissions),
	 .choices = permission_names},
	{.name = "label",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, label),
	 .check = text_label_check},
	{.name = "expires_in_s",
	 .type = SPEC_INT,
	 .offset = offsetof(struct request, expires_in_s),
	 .min = 60,
	 .max = EXPIRES_S_MAX},
	{.name = "certificate",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, certificate),
	 .max = PEMCHAIN_BYTES_MAX},
};
static const struct spec spec = SPEC(fields);

static const struct spec_field rotate_fields[] = {
	{.name = "overlap_s",
	 .type = SPEC_INT,
	 .offset = offsetof(struct request, overlap_s),
	 .required = true,
	 .min = 0,
	 .max = OVERLAP_S_MAX},
};
static const struct spec rotate_spec = SPEC(rotate_fields);

json_t *keys_render_permissions(uint64_t permissions)
{
	json_t *list = json_array();

	for (size_t i = 0; i < PERMISSIONS; i++) {
		if ((permissions >> i & 1) != 0)
			json_array_append_new(list, json_string(permission_names[i]));
	}
	return list;
}

static const char *state_of(const struct key_row *row, int64_t now_ms)
{
	if (row->revoked_ms != 0)
		return "revoked";
	return row->expires_ms != 0 && row->expires_ms <= now_ms ? "expired" : "active";
}

json_t *keys_render(const struct http_call *call, const struct key_row *row)
{
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:o}", "id", row->id,
			 "tenant", row->tenant, "user", render_text(row->user), "kind",
			 key_kind_names[row->kind], "role", role_names[row->role], "permissions",
			 keys_render_permissions(row->permissions), "label",
			 render_text(row->label), "state", state_of(row, http_now_ms(call)),
			 "created_at", render_time(row->created_ms), "expires_at",
			 row->expires_ms != 0 ? render_time(row->expires_ms) : json_null(),
			 "successor", render_text(row->successor));
}

bool keys_make_secret(struct http_call *call, struct key_row *row, char secret_out[ID_MAX + 1])
{
	if (render_new_id(call, ID_SECRET, secret_out) && auth_hash(secret_out, row->hash))
		return true;
	http_reply_problem(call, PROBLEM_INTERNAL, NULL);
	return false;
}

/* replaces: the key that was rotated, "" when none was. */
static void reply_new(struct http_call *call, const struct key_row *row, const char *secret,
		      const char *replaces)
{
	json_t *shown = keys_render(call, row);

	json_object_set_new(shown, "replaces", render_text(replaces));
	json_object_set_new(shown, "key", json_null());
	json_t *kept = json_copy(shown);
	json_object_set_new(shown, "key", render_text(secret));
	http_reply_secret(call, 201, shown, kept);
}

void keys_reply(struct http_call *call, const struct key_row *row, const char *secret)
{
	reply_new(call, row, secret, "");
}

/* Whose key: a tenant within reach, and a user of it, whose role bounds it. */
static bool read_owner(struct http_call *call, const struct request *request, struct key_row *row,
		       enum role *bound_out)
{
	struct user_row user;

	snprintf(row->tenant, sizeof row->tenant, "%s",
		 request->tenant != NULL ? request->tenant : call->caller.tenant);
	enum store_status status = act_may_reach(call, row->tenant);
	if (status == STORE_NONE)
		http_reply_field(call, PROBLEM_NOT_FOUND, "/tenant", "not_found");
	if (status == STORE_OK && request->user != NULL) {
		status = store_users_get(call->db, request->user, &user);
		if (status == STORE_OK && (strcmp(user.tenant, row->tenant) != 0 || user.disabled))
			status = STORE_NONE;
		if (status == STORE_NONE)
			http_reply_field(call, PROBLEM_NOT_FOUND, "/user", "not_found");
		snprintf(row->user, sizeof row->user, "%s", request->user);
		*bound_out = user.role;
	}
	if (status != STORE_OK && status != STORE_NONE)
		http_reply_store(call, status);
	return status == STORE_OK;
}

/* Whoever hands a key over could use it: it may do no more than the key that makes it, which may
 * itself be narrower than its role. */
static bool may_give(const struct http_call *call, const struct key_row *row)
{
	return role_may_grant(call->caller.role, row->role) &&
	       (row->permissions & ~call->caller.permissions) == 0;
}

/* What it may do: its role, narrowed, and no more than its user. */
static bool read_powers(struct http_call *call, const struct request *request, enum role bound,
			struct key_row *row)
{
	uint64_t all = role_permissions((enum role)request->role);

	row->role = (enum role)request->role;
	row->permissions = request->permissions != 0 ? request->permissions & all : all;
	if (request->permissions != 0 && row->permissions != request->permissions) {
		http_reply_field(call, PROBLEM_ROLE_NOT_GRANTABLE, "/permissions", "not_allowed");
		return false;
	}
	if (!may_give(call, row) || !role_is_within(row->role, bound)) {
		http_reply_field(call, PROBLEM_ROLE_NOT_GRANTABLE, "/role", "not_allowed");
		return false;
	}
	return true;
}

static bool read_certificate(struct http_call *call, const char *pem, struct key_row *row)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *x509 = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	bool read = x509 != NULL && spki_hash(x509, row->hash);

	row->kind = KEY_CERTIFICATE;
	X509_free(x509);
	BIO_free(bio);
	if (!read)
		http_reply_field(call, PROBLEM_CERTIFICATE_INVALID, "/certificate", "not_pem");
	return read;
}

static enum store_status add(struct http_call *call, const struct key_row *row, const char *action)
{
	enum store_status status = store_keys_add(call->db, row);

	if (status == STORE_OK)
		status = act_audit(call, row->tenant, action, row->id, role_names[row->role]);
	call->after |= AFTER_KEYS;
	return status;
}

void api_keys_create(struct http_call *call)
{
	struct request request = {.tenant = NULL};
	struct key_row row = {.created_ms = http_now_ms(call)};
	char secret[ID_MAX + 1] = "";
	enum role bound = ROLE_OPERATOR; /* nobody's in particular: none */

	if (!http_read(call, &spec, &request) || !render_new_id(call, ID_KEY, row.id) ||
	    !read_owner(call, &request, &row, &bound) || !read_powers(call, &request, bound, &row))
		return;
	bool made = request.certificate != NULL ? read_certificate(call, request.certificate, &row)
						: keys_make_secret(call, &row, secret);
	if (!made)
		return;
	snprintf(row.label, sizeof row.label, "%s", request.label != NULL ? request.label : "");
	if (request.expires_in_s > 0)
		row.expires_ms = row.created_ms + request.expires_in_s * 1000;
	enum store_status status = add(call, &row, "key.created");
	if (status == STORE_CONFLICT)
		http_reply_problem(call, PROBLEM_KEY_EXISTS, NULL);
	else if (status != STORE_OK)
		http_reply_store(call, status);
	else
		keys_reply(call, &row, secret[0] != 0 ? secret : NULL);
	OPENSSL_cleanse(secret, sizeof secret);
}

/* The key, if the caller may know of it. */
static enum store_status find(struct http_call *call, struct key_row *row_out)
{
	enum store_status status = store_keys_get(call->db, call->param, row_out);

	return status == STORE_OK ? act_may_reach(call, row_out->tenant) : status;
}

void api_keys_get(struct http_call *call)
{
	struct key_row row;
	enum store_status status = find(call, &row);

	if (status == STORE_OK)
		http_reply_json(call, 200, keys_render(call, &row));
	else
		http_reply_store(call, status);
}

/* A new key like the old one, which ends when the overlap is over. */
static void rotate(struct http_call *call, struct key_row *old, int64_t overlap_s)
{
	struct key_row row = *old;
	char secret[ID_MAX + 1];

	row.created_ms = http_now_ms(call);
	if (!render_new_id(call, ID_KEY, row.id) || !keys_make_secret(call, &row, secret))
		return;
	old->expires_ms = row.created_ms + overlap_s * 1000;
	memcpy(old->successor, row.id, sizeof old->successor);
	enum store_status status = add(call, &row, "key.rotated");
	if (status == STORE_OK)
		status = store_keys_rotate(call->db, old);
	if (status == STORE_NONE)
		http_reply_problem(call, PROBLEM_KEY_ENDED, NULL);
	else if (status != STORE_OK)
		http_reply_store(call, status);
	else
		reply_new(call, &row, secret, old->id);
	OPENSSL_cleanse(secret, sizeof secret);
}

void api_keys_rotate(struct http_call *call)
{
	struct request request = {.tenant = NULL};
	struct key_row row;

	if (!http_read(call, &rotate_spec, &request))
		return;
	enum store_status status = find(call, &row);
	if (status != STORE_OK)
		http_reply_store(call, status);
	else if (!may_give(call, &row))
		http_reply_problem(call, PROBLEM_ROLE_NOT_GRANTABLE, NULL);
	else if (row.kind != KEY_SECRET || state_of(&row, http_now_ms(call))[0] != 'a')
		http_reply_problem(call, PROBLEM_KEY_ENDED, NULL);
	else
		rotate(call, &row, request.overlap_s);
}

void api_keys_delete(struct http_call *call)
{
	struct key_row row;
	enum store_status status = find(call, &row);

	if (status == STORE_OK)
		status = store_keys_revoke(call->db, row.tenant, row.id, http_now_ms(call));
	if (status == STORE_OK)
		status = act_audit(call, row.tenant, "key.revoked", row.id, role_names[row.role]);
	call->after |= AFTER_KEYS;
	if (status == STORE_OK)
		http_reply_none(call);
	else
		http_reply_store(call, status);
}

static enum store_status load(struct http_call *call, const struct http_page *page, void *rows_out,
			      size_t *n_out)
{
	return store_keys_list(call->db, call->caller.tenant, page->after, page->limit, rows_out,
			       n_out);
}

static json_t *render_row(const struct http_call *call, const void *row)
{
	return keys_render(call, row);
}

void api_keys_list(struct http_call *call)
{
	static const struct api_list list = {sizeof(struct key_row), load, render_row};

	api_list_reply(call, &list);
}
