/* SPDX-License-Identifier: Apache-2.0 */
/* Matching a path against the rows. */
#include "svc/registry/http/router.h"

#include <stdio.h>
#include <string.h>

static bool is_param(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* A path is compared as it was sent: nothing is unescaped, so nothing has two spellings. */
static bool path_matches(const char *pattern, const char *path, char param_out[ROUTE_PARAM_MAX + 1])
{
	size_t head = 0, n = 0;

	param_out[0] = 0;
	while (pattern[head] != 0 && pattern[head] != '{' && pattern[head] == path[head])
		head++;
	if (pattern[head] != '{')
		return pattern[head] == path[head];
	const char *open = pattern + head;
	while (n <= ROUTE_PARAM_MAX && is_param(path[head + n]))
		n++;
	if (n == 0 || n > ROUTE_PARAM_MAX || strcmp(path + head + n, strchr(open, '}') + 1) != 0)
		return false;
	memcpy(param_out, path + head, n);
	param_out[n] = 0;
	return true;
}

static void add_method(char list[ROUTE_ALLOW_MAX], const char *method)
{
	size_t len = strlen(list);

	snprintf(list + len, ROUTE_ALLOW_MAX - len, "%s%s", len > 0 ? ", " : "", method);
}

void router_find(const struct route_table *table, enum http_door door, const char *method,
		 const char *path, struct route_match *match_out)
{
	const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
	char param[ROUTE_PARAM_MAX + 1];

	*match_out = (struct route_match){.route = NULL};
	for (size_t i = 0; i < table->n; i++) {
		const struct route *route = &table->routes[i];
		if ((route->doors & door) == 0 || !path_matches(route->path, path, param))
			continue;
		if (strcmp(route->method, wanted) == 0) {
			match_out->route = route;
			memcpy(match_out->param, param, sizeof param);
			return;
		}
		add_method(match_out->allow, route->method);
		if ((route->doors & ROUTE_PAGES) != 0)
			add_method(match_out->pages, route->method);
	}
}
