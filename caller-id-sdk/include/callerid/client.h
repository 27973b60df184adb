/* SPDX-License-Identifier: Apache-2.0 */
/* libcallerid-client: the registry's API for C programs. Blocking; call it from a worker thread. */
#ifndef CALLERID_CLIENT_H
#define CALLERID_CLIENT_H

#include <callerid/error.h>

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A connection (kept alive) to one registry. One thread at a time: give each thread its own. */
struct callerid_client;

struct callerid_client_params {
	const char *base_url; /* "http://127.0.0.1:8080" or https; no trailing slash */
	const char *api_key;  /* sent as Authorization: Bearer; may be NULL */
	const char *ca_file;  /* PEM of the TLS anchors; NULL: the system's */
	long timeout_ms;      /* of a whole request, name look-up and retries included; 0: 2000 */
	int retries;	      /* 0 to 10: how often a request is sent again, see below */
};

/* Once in a program, before the first client and before any other thread. CALLERID_ENOMEM only. */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status callerid_client_global_init(void);

/*
 * Makes a client; connects to nobody yet. params are copied, *client_out is the caller's.
 * CALLERID_EINVAL: base_url is not http://host or https://host (or has a slash at its end, a user,
 * a query), the key is not visible ASCII, timeout_ms or retries is out of range. CALLERID_EIO:
 * ca_file cannot be read. callerid_client_free() closes the connection and wipes the key.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_client_new(const struct callerid_client_params *params,
		    struct callerid_client **client_out, struct callerid_error *err);
CALLERID_API void callerid_client_free(struct callerid_client *client); /* NULL is fine */

#define CALLERID_ETAG_MAX 100

/* One answer. body is the caller's: callerid_answer_clear(). */
struct callerid_answer {
	int http_status; /* 200, 404 ... */
	char *body;	 /* NUL-terminated JSON; "" when there is none; at most 1 MiB */
	size_t body_len;
	char etag[CALLERID_ETAG_MAX + 1]; /* as it came, with its quotes; "" when there is none */
	long retry_after_s;		  /* of 429 and 503; 0: not said */
};

/* Frees body and empties the answer, which may be used again; an empty one is fine. */
CALLERID_API void callerid_answer_clear(struct callerid_answer *answer);

/* A body that is not JSON, for callerid_client_upload(). */
struct callerid_upload {
	const char *type; /* "image/png" */
	const void *data;
	size_t len;
};

/*
 * method and path as in docs/api ("POST", "/v1/lookups"); json is the body or NULL. CALLERID_OK
 * whenever the registry answered, whatever its status. CALLERID_EIO: it did not answer in time or
 * not at all (err->text says). CALLERID_ELIMIT: the answer is over 1 MiB. CALLERID_EINVAL: another
 * method than GET, POST, PUT, PATCH, DELETE; a path that does not begin with "/" or is not visible
 * ASCII. Blocks for timeout_ms at the most. Redirects are not followed.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_client_request(struct callerid_client *client, const char *method, const char *path,
			const char *json, struct callerid_answer *answer_out,
			struct callerid_error *err);

/*
 * The same for a body that is not JSON: data of len bytes as the media type says ("image/png",
 * "application/x-pem-file"), with POST. CALLERID_EINVAL: type is not a media type, or there is no
 * data. data is borrowed for the call.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_client_upload(struct callerid_client *client, const char *path,
		       const struct callerid_upload *upload, struct callerid_answer *answer_out,
		       struct callerid_error *err);

/* What a request may have besides. Everything is borrowed for the call. */
struct callerid_request {
	const char *method;	     /* GET, POST, PUT, PATCH, DELETE */
	const char *path;	     /* "/v1/brands/brd_..." */
	struct callerid_upload body; /* data NULL: none; then type is not looked at */
	const char *if_match;	     /* an ETag for PUT and PATCH; NULL: none */
	const char *if_none_match;   /* an ETag for GET, which may be answered 304; NULL: none */
	const char *idempotency_key; /* NULL: a POST gets a new one; else 1 to 64 visible ASCII */
	/* Where the body of an answer of 2xx goes as it comes, however long; false ends the request
	 * with CALLERID_EIO. NULL: into the answer, which is then at most 1 MiB. */
	bool (*take)(void *magic, const void *data, size_t len);
	void *magic;
};

/*
 * The same in full. With retries the request is sent again, within timeout_ms as a whole, after
 * 100, 200, 400 ms ... or what Retry-After says: when nobody could be connected to; and a GET or
 * POST also when the answer did not come, or is 429, 503, or 409 in_progress. All tries of a POST
 * have one Idempotency-Key, so that it is done once. What take() was given is never sent for again.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_client_send(struct callerid_client *client, const struct callerid_request *request,
		     struct callerid_answer *answer_out, struct callerid_error *err);

/* Why the registry refused (RFC 9457); texts are cut to fit. */
struct callerid_problem {
	int http_status; /* 0: nothing was refused */
	long retry_after_s;
	char code[64];	     /* "number_taken": docs/api/problems has a page on each */
	char detail[200];    /* one line for a person */
	char field[120];     /* the first field that was wrong, "/items/3/number"; "" for none */
	char request_id[48]; /* what the registry's operator finds it by */
};

/* The last refusal that a function of this client ended with as CALLERID_EREFUSED. Never NULL;
 * lives as long as the client and until the next call. */
CALLERID_API const struct callerid_problem *
callerid_client_problem(const struct callerid_client *client);

#ifdef __cplusplus
}
#endif

#endif
