/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's router: a method, a space, a path. A row is found only for the path that it
 * spells, whose variable part is what stands there. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "svc/registry/http/router.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void handle(struct http_call *call)
{
	(void)call;
}

#define ROW(at, what, where)                                                                       \
	{                                                                                          \
		.doors = at, .method = what, .path = where, .handler = handle                      \
	}

static const struct route rows[] = {
	ROW(DOOR_API, "GET", "/v1/numbers"),
	ROW(DOOR_API, "POST", "/v1/numbers"),
	ROW(DOOR_API, "GET", "/v1/numbers/{number}"),
	ROW(DOOR_API, "PUT", "/v1/numbers/{number}"),
	ROW(DOOR_API, "DELETE", "/v1/numbers/{number}"),
	ROW(DOOR_API, "POST", "/v1/numbers/{number}/verify"),
	ROW(DOOR_PUBLIC, "GET", "/certs/{name}.pem"),
	ROW(DOOR_PUBLIC, "GET", "/"),
};

static const struct route_table table = {rows, sizeof(rows) / sizeof(rows[0]), NULL};

static void must(int good)
{
	if (!good)
		abort();
}

/* The row's path with the part put in is the path that was asked for. */
static void spells(const struct route *row, const char *param, const char *path)
{
	const char *open = strchr(row->path, '{');
	size_t head = open == NULL ? strlen(row->path) : (size_t)(open - row->path);
	size_t n = strlen(param);

	must((open == NULL) == (n == 0) && n <= ROUTE_PARAM_MAX);
	must(strncmp(path, row->path, head) == 0);
	must(strncmp(path + head, param, n) == 0);
	must(strcmp(path + head + n, open == NULL ? "" : strchr(open, '}') + 1) == 0);
	must(strchr(param, '/') == NULL && strchr(param, '%') == NULL);
}

static void find(enum http_door door, const char *method, const char *path)
{
	struct route_match match, other;

	router_find(&table, door, method, path, &match);
	must(memchr(match.allow, '\0', sizeof match.allow) != NULL);
	if (match.route == NULL)
		return;
	must((match.route->doors & door) != 0);
	must(strcmp(match.route->method, strcmp(method, "HEAD") == 0 ? "GET" : method) == 0);
	spells(match.route, match.param, path);
	/* A method that nobody has is told which there are. */
	router_find(&table, door, "BREW", path, &other);
	must(other.route == NULL && strstr(other.allow, match.route->method) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *method = strndup((const char *)data, size), *path;

	must(method != NULL);
	path = strchr(method, ' ');
	if (path != NULL) {
		*path++ = '\0';
		find(DOOR_API, method, path);
		find(DOOR_PUBLIC, method, path);
	}
	free(method);
	return 0;
}
