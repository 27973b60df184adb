/* SPDX-License-Identifier: Apache-2.0 */
/* Routes as a table, and finding the row of a request. */
#ifndef REGISTRY_ROUTER_H
#define REGISTRY_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum http_door { DOOR_API, DOOR_PUBLIC };

struct http_call;
typedef void http_handler(struct http_call *call);

struct route {
	enum http_door door;
	const char *method;
	const char *path;	  /* one "{name}" at most stands for a part without "/" */
	uint32_t scopes;	  /* one of them is needed; 0: no key; SCOPE_ALL: any key */
	const char *content_type; /* of the request's body; NULL: it has none */
	size_t body_max;	  /* bytes */
	const char *const *query; /* NULL-terminated names that the query may have; NULL: none */
	http_handler *handler;
};

struct route_table {
	const struct route *routes;
	size_t n;
};

#define ROUTE_PARAM_MAX 64
#define ROUTE_ALLOW_MAX 64

struct route_match {
	const struct route *route;	 /* NULL: none */
	char param[ROUTE_PARAM_MAX + 1]; /* "" when the path has none */
	char allow[ROUTE_ALLOW_MAX];	 /* methods of the path when only the method is wrong */
};

/* HEAD is answered by the row of GET. */
void router_find(const struct route_table *table, enum http_door door, const char *method,
		 const char *path, struct route_match *match_out);

#endif
