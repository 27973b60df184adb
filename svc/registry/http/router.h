/* SPDX-License-Identifier: Apache-2.0 */
/* Routes as a table, and finding the row of a request. */
#ifndef REGISTRY_ROUTER_H
#define REGISTRY_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "svc/registry/store/db.h"

/* Bits: what anybody may read is served by both doors. */
enum http_door { DOOR_API = 1, DOOR_PUBLIC = 2 };
/* A bit beside them: pages of other origins may ask, since an app in a browser needs it (cors.h).
 */
#define ROUTE_PAGES 4U

/* Who may ask, as one bit of domain/role.h, or one of these. */
#define ROUTE_OPEN UINT64_C(0)	  /* nobody is asked who they are */
#define ROUTE_ANY  (~UINT64_C(0)) /* whoever has a key */

/* The transaction that the frame puts around the handler. */
enum http_tx {
	TX_LATE,  /* no transaction; a connection once the handler asks for it */
	TX_NONE,  /* the handler has a connection and no transaction */
	TX_READ,  /* one state of the database */
	TX_WRITE, /* committed when the answer is 2xx, rolled back otherwise; may be run again */
};

/* What a request counts against; each has a bucket of its own, so that none starves another. */
enum http_rate { RATE_RING, RATE_WRITE, RATE_READ, RATE_BULK, RATE_PUBLIC, HTTP_RATES };

struct http_call;
typedef void http_handler(struct http_call *call);

struct route {
	unsigned doors; /* enum http_door, ROUTE_PAGES */
	const char *method;
	const char *path;     /* one "{name}" at most stands for a part without "/" */
	uint64_t permissions; /* one of them is needed; ROUTE_OPEN, ROUTE_ANY */
	enum http_tx tx;
	enum http_rate rate;
	enum db_view view;	  /* whose rows row-level security lets it see */
	const char *content_type; /* of the request's body; NULL: it has none */
	size_t body_max;	  /* bytes */
	size_t keys_max;	  /* names in its JSON, in all objects together */
	const char *const *query; /* NULL-terminated names that the query may have; NULL: none */
	const char *operation;	  /* operationId of docs/api/openapi.yaml */
	http_handler *handler;
};

struct route_table {
	const struct route *routes;
	size_t n;
	const struct http_style *style; /* call.h; of some of them. NULL: none has one */
};

#define ROUTE_PARAM_MAX 64
#define ROUTE_ALLOW_MAX 64

struct route_match {
	const struct route *route;	 /* NULL: none */
	char param[ROUTE_PARAM_MAX + 1]; /* "" when the path has none */
	char allow[ROUTE_ALLOW_MAX];	 /* methods of the path when only the method is wrong */
	char pages[ROUTE_ALLOW_MAX];	 /* those of them that have ROUTE_PAGES */
};

/* HEAD is answered by the row of GET. */
void router_find(const struct route_table *table, enum http_door door, const char *method,
		 const char *path, struct route_match *match_out);

#endif
