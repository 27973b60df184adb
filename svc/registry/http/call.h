/* SPDX-License-Identifier: Apache-2.0 */
/* One request as its handler sees it, and the ways to answer it. */
#ifndef REGISTRY_CALL_H
#define REGISTRY_CALL_H

#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/pairtag.h"
#include "svc/registry/domain/role.h"
#include "svc/registry/http/jsonspec.h"
#include "svc/registry/http/problem.h"
#include "svc/registry/http/router.h"
#include "svc/registry/store/db.h"
#include "svc/runtime/log.h"
#include "svc/runtime/metrics.h"

#include <stdint.h>

#include <jansson.h>

struct feed;	  /* push/feed.h: who waits for changes */
struct lists;	  /* push/lists.h */
struct table;	  /* push/table.h */
struct recall;	  /* push/recall.h */
struct mirror;	  /* push/mirror.h */
struct store;	  /* store/store.h */
struct token_key; /* http/token.h */
struct signature; /* domain/signature.h: the registry's own ES256 key */
struct stir_door; /* stir/door.h: signing and verification; NULL: not configured */

/* What all requests share; it does not change while the server runs. */
struct http_env {
	struct store *store;		      /* for answers that go on after their handler */
	const char *public_url;		      /* "https://127.0.0.1:18443"; no trailing slash */
	const struct pairtag_key *pair_key;   /* tags of numbers and Call-IDs */
	const struct pairtag_key *cursor_key; /* cursors and receipts */
	const struct token_key *token_key;    /* http/token.h */
	const struct signature *signature;
	struct feed *feed;
	struct table *table;   /* what everybody may know of numbers */
	struct recall *recall; /* what look-ups are answered from */
	struct mirror *mirror; /* keeps both */
	struct lists *lists;
	struct stir_door *stir;
	int64_t (*now_ms)(void *magic); /* since 1970 */
	void *magic;
	struct log *log;	 /* NULL: no log */
	struct metrics *metrics; /* metrics.h of this room; NULL: none */
};

/* Who asks, however they proved it. */
struct http_caller {
	char tenant[ID_MAX + 1];
	char key[ID_MAX + 1];  /* the key's identifier; a token's is that of the key it came from */
	char user[ID_MAX + 1]; /* "" when the key belongs to nobody in particular */
	enum role role;
	uint64_t permissions;
	bool vouched;	    /* the tenant is trusted to vouch for its own */
	int64_t expires_ms; /* of the key or the token, whichever ends first; 0: never */
	bool device;	    /* callee is set: only calls to that number are this caller's */
	uint8_t callee[PAIRTAG_SIZE];
};

/* An answer that goes on after the handler has returned (http/server.c drives it). */
struct stream;
struct http_source {
	/* The stream to wake when there is something after read() has said 0; before the first
	 * read(). */
	void (*attach)(void *magic, struct stream *stream);
	/* Writes at most size bytes. Returns how many, 0: nothing yet, -1: the end. */
	ssize_t (*read)(void *magic, char *buffer_out, size_t size);
	void (*free)(void *magic); /* wakes nobody once it has returned */
	void *magic;
};

struct http_answer {
	unsigned status; /* 0: none yet */
	const char *type;
	char *body; /* malloc'ed */
	size_t len;
	struct http_source source; /* instead of a body when read is not NULL */
	const char *cache;	   /* Cache-Control; NULL: no-store */
	char etag[SHA256_HEX + 3]; /* with its quotes; "": none */
	char signature[512];	   /* detached JWS of the body, "": none */
	char *kept;    /* malloc'ed: what a replay shows instead of body, which has a secret */
	bool replayed; /* of an earlier request with this Idempotency-Key */
	enum problem problem;
	enum store_status
		store; /* why the database refused; a soft reason runs the handler again */
};

#define HTTP_CHANCE 16 /* bytes */

struct http_call;
/* Set by a handler for after COMMIT. */
enum http_after {
	AFTER_EVENTS = 1,    /* followers have something to read */
	AFTER_KEYS = 2,	     /* a key changed */
	AFTER_DIRECTORY = 4, /* set by the frame: what is public of a number may have changed */
};

/* How problems look, and which headers come along, where clients of another standard expect theirs:
 * for every request below prefix, those without a route and without a key too. */
typedef void http_add_header(void *magic, const char *name, const char *value);
struct http_style {
	const char *prefix;
	/* The text is malloc'ed JSON; *status_out is that of the catalogue until it is changed. */
	char *(*render)(const struct http_call *call, enum problem problem, const char *detail,
			const struct spec_errors *errors, unsigned *status_out);
	void (*headers)(const struct http_call *call, http_add_header *add, void *magic);
};

/* One thread works on it. Pointers are borrowed until the handler returns, answer.body excepted. */
struct http_call {
	const struct http_env *env;
	struct db *db;
	struct http_caller caller;
	char id[ID_MAX + 1];		/* the request's */
	uint8_t chance[HTTP_CHANCE];	/* random, for whoever needs some; to be used once */
	const char *operation;		/* of its route */
	const struct http_style *style; /* NULL: problem+json */
	const char *param;		/* of the path; "" */
	json_t *json;  /* NULL unless the route takes JSON; without a transaction not before
			  http_read() */
	uint8_t *body; /* http_read() may end its strings in place */
	size_t body_len, keys_max; /* keys_max: names that its JSON may have */
	const char *(*query)(const struct http_call *call, const char *name);  /* NULL: absent */
	const char *(*header)(const struct http_call *call, const char *name); /* NULL: absent */
	void *connection;			 /* for query and header */
	bool (*connect)(struct http_call *call); /* for http_connect() */
	struct http_answer answer;
	unsigned after; /* enum http_after */
};

int64_t http_now_ms(const struct http_call *call);

void http_answer_clear(struct http_answer *answer); /* frees what it holds */

/* On a route that is TX_LATE: db is there from now on, or the call is answered and false. */
bool http_connect(struct http_call *call);

/* Parses the JSON body, once. */
enum problem http_load_json(struct http_call *call);
/* Fills target from the JSON body, or answers 400 or 422 and returns false. */
bool http_read(struct http_call *call, const struct spec *spec, void *target);

void http_reply_json(struct http_call *call, unsigned status, json_t *take);
/* text is malloc'ed and becomes the answer's; NULL: no memory. */
void http_reply_text(struct http_call *call, unsigned status, char *take, size_t len);
/* The same with ETag "<version>" (quotes included); PUT and PATCH compare it by http_matches(). */
void http_reply_version(struct http_call *call, unsigned status, int64_t version, json_t *take);
/* A secret that is shown this once: take is answered, kept is what a replay shows. */
void http_reply_secret(struct http_call *call, unsigned status, json_t *take, json_t *kept);
void http_reply_none(struct http_call *call); /* 204 */
/* bytes are malloc'ed and become the answer's. */
void http_reply_bytes(struct http_call *call, const char *type, const char *cache, char *take,
		      size_t len);
void http_reply_source(struct http_call *call, const char *type, const struct http_source *source);
void http_reply_problem(struct http_call *call, enum problem problem, const char *detail);
/* The problem with one field named. */
void http_reply_field(struct http_call *call, enum problem problem, const char *pointer,
		      const char *code);
/* The same with a static text of what is allowed. */
void http_reply_hint(struct http_call *call, enum problem problem, const char *pointer,
		     const char *code, const char *hint);
/* STORE_NONE: 404, STORE_CONFLICT: 409 state_conflict, STORE_BUSY and STORE_UNSURE: 503, else 500,
 * which is logged with the database's words. */
void http_reply_store(struct http_call *call, enum store_status status);

/*
 * RFC 9110 §13.1.1: If-Match against the version of what is there. Without If-Match: 428
 * precondition_required; another version: 412 version_mismatch. false: the call is answered.
 */
bool http_matches(struct http_call *call, int64_t version);
/* RFC 9110 §13.1.2: the client has this etag already; then the call is answered with 304. */
bool http_is_unchanged(struct http_call *call, const char *etag);

/* A page of a list: ?limit=1-250 (default 50) and ?after=, a cursor made by http_reply_page(). */
struct http_page {
	size_t limit;
	int64_t after; /* the serial of the last row seen; 0: from the beginning */
};
/* false: the call is answered (query_not_allowed, cursor_invalid). */
bool http_read_page(struct http_call *call, struct http_page *page_out);
/* {"items": take, "next": cursor or null}. next is the last row's serial, 0: the list ends here.
 * The cursor is bound to route and tenant by HMAC. */
void http_reply_page(struct http_call *call, json_t *take, int64_t next);

#endif
