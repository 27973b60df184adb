/* SPDX-License-Identifier: Apache-2.0 */
/* One request as its handler sees it, and the ways to answer it. */
#ifndef REGISTRY_CALL_H
#define REGISTRY_CALL_H

#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/pairtag.h"
#include "svc/registry/http/jsonspec.h"
#include "svc/registry/http/problem.h"
#include "svc/registry/http/router.h"
#include "svc/registry/store/sqlite.h"
#include "svc/runtime/log.h"
#include "svc/runtime/metrics.h"

#include <stdint.h>

#include <jansson.h>

/* What all requests share; it does not change while the server runs. */
struct http_env {
	const char *public_url; /* "https://127.0.0.1:18443"; no trailing slash */
	const struct pairtag_key *pair_key;
	int64_t (*now_ms)(void *magic); /* since 1970 */
	void *magic;
	struct log *log;	 /* NULL: no log */
	struct metrics *metrics; /* metrics.h of this room; NULL: none */
};

/* Who asks, as the API key says. */
struct http_caller {
	char tenant[ID_MAX + 1];
	char key[ID_MAX + 1];
	uint32_t scopes;
};

struct http_answer {
	unsigned status; /* 0: none yet */
	const char *type;
	char *body; /* malloc'ed */
	size_t len;
	const char *cache; /* Cache-Control; NULL: no-store */
	enum problem problem;
};

/* One thread works on it. Pointers are borrowed until the handler returns, answer.body excepted. */
struct http_call {
	const struct http_env *env;
	struct db *db;
	struct http_caller caller;
	char id[ID_MAX + 1]; /* the request's */
	const char *param;   /* of the path; "" */
	json_t *json;	     /* NULL unless the route takes JSON */
	const uint8_t *body;
	size_t body_len;
	const char *(*query)(const struct http_call *call, const char *name); /* NULL: absent */
	void *connection;						      /* for query */
	struct http_answer answer;
};

int64_t http_now_ms(const struct http_call *call);

/* Fills target from the JSON body, or answers 422 and returns false. */
bool http_read(struct http_call *call, const struct spec *spec, void *target);

void http_reply_json(struct http_call *call, unsigned status, json_t *take);
void http_reply_none(struct http_call *call); /* 204 */
/* bytes are malloc'ed and become the answer's. */
void http_reply_bytes(struct http_call *call, const char *type, const char *cache, char *take,
		      size_t len);
void http_reply_problem(struct http_call *call, enum problem problem, const char *detail);
/* The problem with one field named. */
void http_reply_field(struct http_call *call, enum problem problem, const char *pointer,
		      const char *code);
/* STORE_NONE: 404, STORE_BUSY: 503, else 500, which is logged with the database's words. */
void http_reply_store(struct http_call *call, enum store_status status);

#endif
