/* SPDX-License-Identifier: Apache-2.0 */
/* One request over libcurl and its answer; what the parts of the client share. */
#ifndef CLIENT_EXCHANGE_H
#define CLIENT_EXCHANGE_H

#include <callerid/client.h>

#include <stdarg.h>
#include <stdint.h>

#include <curl/curl.h>

#define CLIENT_URL_MAX 2048
#define CLIENT_KEY_MAX 1024

struct callerid_client {
	CURL *easy;
	struct curl_slist *headers; /* the API key stands here and nowhere else */
	char *base_url;
	char *ca_file;
	const char *authority; /* in base_url: host and port, for errors */
	long timeout_ms;
	int retries;
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

int64_t client_now_ms(void); /* CLOCK_MONOTONIC */

#endif
