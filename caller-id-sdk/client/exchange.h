/* SPDX-License-Identifier: Apache-2.0 */
/* One request over libcurl and its answer; what the parts of the client share. */
#ifndef CLIENT_EXCHANGE_H
#define CLIENT_EXCHANGE_H

#include <callerid/client.h>

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>

#include <curl/curl.h>
#include <jansson.h>

#define CLIENT_URL_MAX	2048
#define CLIENT_PATH_MAX 128
#define CLIENT_KEY_MAX	1024

struct callerid_client {
	CURL *easy;
	struct curl_slist *headers; /* the API key stands here and nowhere else */
	struct curl_slist *bare;    /* those behind it: the same without the key */
	char *base_url;
	char *ca_file;
	const char *authority; /* in base_url: host and port, for errors */
	long timeout_ms;
	long pause_ms; /* before a lost stream is asked for again, at least */
	int retries;
	struct callerid_problem problem; /* the last refusal */
	struct client_bucket *bucket;	 /* of private look-ups; NULL: none was asked for */
	CURLM *multi;			 /* of callerid_client_follow(); made with the client */
	atomic_bool stopped;		 /* by callerid_client_stop() */
};

/* Fills err, which may be NULL, with one line; returns status. */
__attribute__((format(printf, 3, 4))) enum callerid_status
client_fail(struct callerid_error *err, enum callerid_status status, const char *format, ...);

/* Visible ASCII only, 1 to max bytes: it may stand in a header line. */
bool client_is_visible(const char *text, size_t max);

/* URL, anchors and what is the same for all requests; the connection survives. */
void client_set_common(struct callerid_client *client);

/* What a failed exchange is to our caller. */
enum callerid_status client_explain(const struct callerid_client *client, CURLcode code,
				    const char *detail, struct callerid_error *err);

/* One try in timeout_ms. *code_out: what libcurl says of it; *taken_out: bytes given to take(). */
struct client_try {
	long timeout_ms;
	CURLcode code;
	size_t taken;
};
enum callerid_status client_exchange(struct callerid_client *client,
				     const struct callerid_request *request,
				     struct client_try *attempt, struct callerid_answer *answer_out,
				     struct callerid_error *err);

/*
 * What the typed functions send: body (taken, may be NULL) as JSON; *json_out is the answer's
 * object, the caller's to json_decref(), and may be NULL when none is wanted. CALLERID_EREFUSED
 * fills client->problem; CALLERID_ESYNTAX: the answer is no object.
 */
enum callerid_status client_call(struct callerid_client *client, const char *method,
				 const char *path, json_t *take_body, json_t **json_out,
				 struct callerid_error *err);
enum callerid_status client_refused(struct callerid_client *client,
				    const struct callerid_answer *answer,
				    struct callerid_error *err);
/* "/v1/x/" and an identifier; false: it is none, which would be another path. */
bool client_path(char path_out[CLIENT_PATH_MAX], const char *prefix, const char *id);
/* The text of a member; NULL when there is none. Lives as long as object. */
const char *client_text(const json_t *object, const char *name);
/* An object of those pairs whose value is not NULL. NULL: a value is not UTF-8, or no memory. */
struct client_pair {
	const char *name, *value;
};
json_t *client_object(const struct client_pair *pairs, size_t n);

/* Sends without the API key. */
enum callerid_status client_send_bare(struct callerid_client *client,
				      const struct callerid_request *request,
				      struct callerid_answer *answer_out,
				      struct callerid_error *err);

void client_bucket_free(struct client_bucket *bucket); /* NULL is fine */

int64_t client_now_ms(void); /* CLOCK_MONOTONIC */

#endif
