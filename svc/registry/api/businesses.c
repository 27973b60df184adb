/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/businesses, GET /v1/businesses, GET /v1/businesses/{id} */
#include "svc/registry/api/api.h"
#include "svc/registry/api/render.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/businesses.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE_MAX     250
#define PAGE_DEFAULT 50

struct request {
	const char *name, *country, *website;
};

static const struct spec_field fields[] = {
	{.name = "name",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, name),
	 .required = true,
	 .check = text_name_check},
	{.name = "country",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, country),
	 .required = true,
	 .check = text_country_check},
	{.name = "website",
	 .type = SPEC_STRING,
	 .offset = offsetof(struct request, website),
	 .check = text_website_check},
};
static const struct spec spec = SPEC(fields);

static json_t *render(const struct business_row *row)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:o}", "id", row->id, "name", row->name,
			 "country", row->country, "website", render_text(row->website), "state",
			 RENDER_STATE, "created_at", render_time(row->created_ms));
}

void api_businesses_create(struct http_call *call)
{
	struct request request = {.name = NULL};
	struct business_row row = {.created_ms = http_now_ms(call)};

	if (!http_read(call, &spec, &request) || !render_new_id(call, ID_BUSINESS, row.id))
		return;
	snprintf(row.tenant, sizeof row.tenant, "%s", call->caller.tenant);
	snprintf(row.name, sizeof row.name, "%s", request.name);
	snprintf(row.country, sizeof row.country, "%s", request.country);
	snprintf(row.website, sizeof row.website, "%s",
		 request.website != NULL ? request.website : "");
	enum store_status status = db_begin(call->db);
	if (status == STORE_OK)
		status = db_end(call->db, store_businesses_add(call->db, &row));
	if (status == STORE_OK)
		http_reply_json(call, 201, render(&row));
	else
		http_reply_store(call, status);
}

void api_businesses_get(struct http_call *call)
{
	struct business_row row;
	enum store_status status =
		store_businesses_get(call->db, call->caller.tenant, call->param, &row);

	if (status == STORE_OK)
		http_reply_json(call, 200, render(&row));
	else
		http_reply_store(call, status);
}

/* 0 when it is no number of 1 to PAGE_MAX. */
static size_t page_limit(const char *text)
{
	char *end;

	if (text == NULL)
		return PAGE_DEFAULT;
	unsigned long limit = strtoul(text, &end, 10);
	bool digits = text[0] >= '0' && text[0] <= '9' && *end == 0;
	return digits && limit <= PAGE_MAX ? limit : 0;
}

static void reply_page(struct http_call *call, const struct business_row *rows, size_t n, bool more)
{
	json_t *items = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(items, render(&rows[i]));
	http_reply_json(call, 200,
			json_pack("{s:o, s:o}", "items", items, "next",
				  render_text(more ? rows[n - 1].id : NULL)));
}

void api_businesses_list(struct http_call *call)
{
	const char *after = call->query(call, "after");
	size_t limit = page_limit(call->query(call, "limit")), n = 0;

	if (limit == 0) {
		http_reply_problem(call, PROBLEM_QUERY_NOT_ALLOWED,
				   "limit is a number from 1 to 250.");
		return;
	}
	/* one more than wanted tells whether there is a next page */
	const struct business_page page = {call->caller.tenant, after != NULL ? after : "",
					   limit + 1};
	struct business_row *rows = calloc(limit + 1, sizeof *rows);
	enum store_status status =
		rows != NULL ? store_businesses_list(call->db, &page, rows, &n) : STORE_FAILED;
	if (status == STORE_OK)
		reply_page(call, rows, n > limit ? limit : n, n > limit);
	else
		http_reply_store(call, status);
	free(rows);
}
