/* SPDX-License-Identifier: Apache-2.0 */
/* /v1/brands: what a callee sees of a business, in versions that never change. */
#include "svc/registry/api/brands.h"
#include "svc/registry/api/act.h"
#include "svc/registry/api/api.h"
#include "svc/registry/api/businesses.h"
#include "svc/registry/api/list.h"
#include "svc/registry/api/render.h"
#include "svc/registry/store/logos.h"
#include "svc/registry/store/tell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOGO_PREFIX   "sha256-"
#define LOGO_TEXT_MAX (sizeof LOGO_PREFIX - 1 + SHA256_HEX)
#define VERSIONS_MAX  100 /* shown, the newest first */

struct request {
	const char *business, *name, *logo;
};

#define NAME_FIELD                                                                                 \
	{                                                                                          \
		.name = "name", .type = SPEC_STRING, .offset = offsetof(struct request, name),     \
		.required = true, .check = text_name_check                                         \
	}
#define LOGO_FIELD                                                                                 \
	{                                                                                          \
		.name = "logo", .type = SPEC_STRING, .offset = offsetof(struct request, logo),     \
		.max = LOGO_TEXT_MAX                                                               \
	}

static const struct spec_field create_fields[] = {
	{.name = "business",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, business),
	 .required = true,
	 .max = ID_MAX},
	NAME_FIELD,
	LOGO_FIELD,
};
static const struct spec_field update_fields[] = {NAME_FIELD, LOGO_FIELD};
static const struct spec create_spec = SPEC(create_fields);
static const struct spec update_spec = SPEC(update_fields);

json_t *brands_render_version(const struct http_call *call, const struct version_row *row)
{
	char logo[LOGO_TEXT_MAX + 1] = "";

	if (row->logo[0] != 0)
		snprintf(logo, sizeof logo, LOGO_PREFIX "%s", row->logo);
	return json_pack("{s:I, s:s, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o}", "number",
			 (json_int_t)row->number, "name", row->name, "logo", render_text(logo),
			 "logo_url", render_public_url(call, "logos", row->logo, "png"), "state",
			 version_state_names[row->state], "editor", row->editor, "approver",
			 render_text(row->approver), "findings", decision_render(row->findings),
			 "created_at", render_time(row->created_ms), "decided_at",
			 row->decided_ms != 0 ? render_time(row->decided_ms) : json_null());
}

/* A version by its number; null for 0. */
static json_t *load_version(const struct http_call *call, const struct brand_row *brand,
			    int64_t number)
{
	struct version_row row;

	if (number == 0 || store_versions_get(call->db, brand, number, &row) != STORE_OK)
		return json_null();
	return brands_render_version(call, &row);
}

json_t *brands_render(const struct http_call *call, const void *magic)
{
	const struct brand_row *row = magic;

	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:I, s:o}", "id", row->id, "business",
			 row->business, "state", brand_state_names[row->state], "live",
			 load_version(call, row, row->live), "latest",
			 load_version(call, row, row->latest), "version", (json_int_t)row->version,
			 "created_at", render_time(row->created_ms));
}

const char *brands_actor(const struct http_call *call)
{
	return call->caller.user[0] != 0 ? call->caller.user : call->caller.key;
}

/* A logo of the tenant's, as hexadecimal. */
static bool read_logo(struct http_call *call, const char *logo, char hex_out[SHA256_HEX + 1])
{
	size_t head = strlen(LOGO_PREFIX);
	enum store_status status = STORE_NONE;

	hex_out[0] = 0;
	if (logo == NULL)
		return true;
	if (strncmp(logo, LOGO_PREFIX, head) == 0 && id_is_sha256(logo + head, strlen(logo + head)))
		status = store_logos_owned(call->db, call->caller.tenant, logo + head);
	if (status == STORE_NONE)
		http_reply_field(call, PROBLEM_NOT_FOUND, "/logo", "not_found");
	else if (status != STORE_OK)
		http_reply_store(call, status);
	else
		snprintf(hex_out, SHA256_HEX + 1, "%s", logo + head);
	return status == STORE_OK;
}

/* The business is approved and the tenant vouched for: then a new version needs nobody else. */
static enum store_status goes_live(struct http_call *call, const char *business, bool *live_out)
{
	struct business_row row;
	enum store_status status =
		store_businesses_get(call->db, call->caller.tenant, business, &row);

	if (status == STORE_OK)
		*live_out = call->caller.vouched &&
			    review_business_at(row.state, row.expires_ms, http_now_ms(call)) ==
				    BUSINESS_APPROVED;
	return status;
}

static enum store_status tell(struct http_call *call, const struct brand_row *brand,
			      const struct version_row *row, const char *action)
{
	const bool live = row->state == VERSION_LIVE;

	return brands_tell(call, brand, row,
			   &(struct brand_news){
				   action, live ? "live at once: the tenant is vouched for" : ""});
}

static void fill_version(const struct http_call *call, const struct brand_row *brand,
			 const char *name, const char *logo, struct version_row *row)
{
	memset(row, 0, sizeof *row);
	memcpy(row->brand, brand->id, sizeof row->brand);
	memcpy(row->tenant, brand->tenant, sizeof row->tenant);
	row->number = brand->latest;
	snprintf(row->name, sizeof row->name, "%s", name);
	snprintf(row->logo, sizeof row->logo, "%s", logo);
	snprintf(row->editor, sizeof row->editor, "%s", brands_actor(call));
	row->created_ms = http_now_ms(call);
	row->state = VERSION_IN_REVIEW;
}

enum store_status brands_make_live(struct http_call *call, struct brand_row *brand,
				   struct version_row *row)
{
	struct version_row before;
	enum store_status status = STORE_OK;

	if (brand->live != 0 && brand->live != row->number) {
		status = store_versions_get(call->db, brand, brand->live, &before);
		before.state = VERSION_REPLACED;
		if (status == STORE_OK)
			status = store_versions_decide(call->db, &before);
	}
	row->state = VERSION_LIVE;
	row->decided_ms = http_now_ms(call);
	brand->live = row->number;
	if (brand->state == BRAND_NEW)
		brand->state = BRAND_LIVE;
	return status;
}

enum store_status brands_tell(struct http_call *call, const struct brand_row *brand,
			      const struct version_row *version, const struct brand_news *news)
{
	const struct tell_brand what = {brand, version};
	enum store_status status =
		act_audit(call, brand->tenant, news->action, brand->id, news->detail);

	if (status == STORE_OK)
		status = store_tell_brand(call->db, &what, news->action, http_now_ms(call));
	return status == STORE_OK ? act_directory(call, brand->id) : status;
}

void brands_reply(struct http_call *call, enum store_status status, unsigned code,
		  const struct brand_row *brand)
{
	if (status == STORE_OK)
		http_reply_version(call, code, brand->version, brands_render(call, brand));
	else
		http_reply_store(call, status);
}

void api_brands_create(struct http_call *call)
{
	struct request request = {.name = NULL};
	struct brand_row brand = {.version = 1, .latest = 1, .created_ms = http_now_ms(call)};
	struct version_row row;
	char logo[SHA256_HEX + 1];
	bool live = false;

	if (!http_read(call, &create_spec, &request) || !render_new_id(call, ID_BRAND, brand.id) ||
	    !read_logo(call, request.logo, logo))
		return;
	brand.updated_ms = brand.created_ms;
	memcpy(brand.tenant, call->caller.tenant, sizeof brand.tenant);
	snprintf(brand.business, sizeof brand.business, "%s", request.business);
	enum store_status status = goes_live(call, request.business, &live);
	if (status == STORE_NONE) {
		http_reply_field(call, PROBLEM_NOT_FOUND, "/business", "not_found");
		return;
	}
	fill_version(call, &brand, request.name, logo, &row);
	if (status == STORE_OK && live)
		status = brands_make_live(call, &brand, &row);
	if (status == STORE_OK)
		status = store_brands_add(call->db, &brand);
	if (status == STORE_OK)
		status = store_versions_add(call->db, &row);
	if (status == STORE_OK)
		status = tell(call, &brand, &row, "brand.created");
	brands_reply(call, status, 201, &brand);
}

void api_brands_get(struct http_call *call)
{
	struct brand_row brand;
	enum store_status status =
		store_brands_get(call->db, call->caller.tenant, call->param, &brand);

	brands_reply(call, status, 200, &brand);
}

static enum store_status load(struct http_call *call, const struct http_page *page, void *rows_out,
			      size_t *n_out)
{
	return store_brands_list(call->db, call->caller.tenant, page->after, page->limit, rows_out,
				 n_out);
}

void api_brands_list(struct http_call *call)
{
	static const struct api_list list = {sizeof(struct brand_row), load, brands_render};

	api_list_reply(call, &list);
}

void api_brands_update(struct http_call *call)
{
	struct request request = {.name = NULL};
	struct brand_row brand;
	struct version_row row;
	char logo[SHA256_HEX + 1];
	bool live = false;

	if (!http_read(call, &update_spec, &request) || !read_logo(call, request.logo, logo))
		return;
	enum store_status status =
		store_brands_get(call->db, call->caller.tenant, call->param, &brand);
	if (status == STORE_OK && !http_matches(call, brand.version))
		return;
	if (status == STORE_OK)
		status = goes_live(call, brand.business, &live);
	if (status != STORE_OK) {
		http_reply_store(call, status);
		return;
	}
	brand.latest++;
	brand.updated_ms = http_now_ms(call);
	fill_version(call, &brand, request.name, logo, &row);
	if (live)
		status = store_brands_lock(call->db, &brand);
	if (live && status == STORE_OK)
		status = brands_make_live(call, &brand, &row);
	/* first, since it waits for whoever makes a version now */
	if (status == STORE_OK)
		status = store_brands_put(call->db, &brand);
	if (status == STORE_OK)
		status = store_versions_add(call->db, &row);
	if (status == STORE_OK)
		status = tell(call, &brand, &row, "brand.edited");
	brands_reply(call, status == STORE_NONE ? STORE_BUSY : status, 200, &brand);
}

void api_brands_versions(struct http_call *call)
{
	struct brand_row brand;
	struct version_row *rows = calloc(VERSIONS_MAX, sizeof *rows);
	size_t n = 0;
	enum store_status status =
		rows != NULL ? store_brands_get(call->db, call->caller.tenant, call->param, &brand)
			     : STORE_FAILED;

	if (status == STORE_OK)
		status = store_versions_list(call->db, &brand, VERSIONS_MAX, rows, &n);
	json_t *items = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(items, brands_render_version(call, &rows[i]));
	free(rows);
	if (status == STORE_OK) {
		http_reply_json(call, 200, json_pack("{s:o}", "items", items));
	} else {
		json_decref(items);
		http_reply_store(call, status);
	}
}
