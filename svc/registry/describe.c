/* SPDX-License-Identifier: Apache-2.0 */
/* Routes and problems as JSON lines. */
#include "svc/registry/describe.h"

#include "svc/registry/api/api.h"
#include "svc/registry/domain/role.h"
#include "svc/registry/http/problem.h"
#include "svc/registry/http/rate.h"

#include <stdlib.h>

#include <jansson.h>

static const char *const tx_names[] = {
	[TX_LATE] = "none", [TX_NONE] = "none", [TX_READ] = "read", [TX_WRITE] = "write"};

static const char *const view_names[] = {
	[DB_TENANT] = "tenant", [DB_ACROSS] = "across", [DB_REVIEW] = "review"};

/* Takes json. */
static bool put(json_t *json, FILE *file)
{
	char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
	bool written = text != NULL && fprintf(file, "%s\n", text) > 0;

	free(text);
	json_decref(json);
	return written;
}

static json_t *doors_of(const struct route *route)
{
	json_t *list = json_array();

	if ((route->doors & DOOR_API) != 0)
		json_array_append_new(list, json_string("api"));
	if ((route->doors & DOOR_PUBLIC) != 0)
		json_array_append_new(list, json_string("public"));
	return list;
}

/* "open", "any", or the permissions of which one is needed. */
static json_t *permissions_of(const struct route *route)
{
	json_t *list;

	if (route->permissions == ROUTE_OPEN)
		return json_string("open");
	if (route->permissions == ROUTE_ANY)
		return json_string("any");
	list = json_array();
	for (size_t i = 0; i < PERMISSIONS; i++) {
		if ((route->permissions >> i & 1) != 0)
			json_array_append_new(list, json_string(permission_names[i]));
	}
	return list;
}

static json_t *query_of(const struct route *route)
{
	json_t *list = json_array();

	for (size_t i = 0; route->query != NULL && route->query[i] != NULL; i++)
		json_array_append_new(list, json_string(route->query[i]));
	return list;
}

static json_t *body_of(const struct route *route)
{
	if (route->content_type == NULL)
		return json_null();
	return json_pack("{s:s, s:I, s:I}", "type", route->content_type, "max",
			 (json_int_t)route->body_max, "keys", (json_int_t)route->keys_max);
}

bool describe_routes(FILE *file)
{
	bool written = true;

	for (size_t i = 0; i < api_routes.n && written; i++) {
		const struct route *route = &api_routes.routes[i];
		written = put(json_pack("{s:s, s:s, s:s, s:o, s:b, s:o, s:s, s:s, s:s, s:o, s:o}",
					"operation", route->operation, "method", route->method,
					"path", route->path, "doors", doors_of(route), "pages",
					(route->doors & ROUTE_PAGES) != 0, "permissions",
					permissions_of(route), "tx", tx_names[route->tx], "rate",
					rate_names[route->rate], "view", view_names[route->view],
					"body", body_of(route), "query", query_of(route)),
			      file);
	}
	return written && fflush(file) == 0;
}

bool describe_problems(FILE *file)
{
	bool written = true;

	for (int i = PROBLEM_NONE + 1; i < PROBLEM_COUNT && written; i++) {
		const struct problem_info *info = problem_info((enum problem)i);
		written = put(json_pack("{s:s, s:i, s:s, s:s, s:s}", "code", info->code, "status",
					(int)info->status, "title", info->title, "detail",
					info->detail, "remedy", info->remedy),
			      file);
	}
	for (const struct problem_field *field = problem_fields; field->code != NULL && written;
	     field++)
		written =
			put(json_pack("{s:s, s:s}", "field", field->code, "detail", field->detail),
			    file);
	return written && fflush(file) == 0;
}
