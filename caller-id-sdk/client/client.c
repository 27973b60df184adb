/* SPDX-License-Identifier: Apache-2.0 */
/* A client of the registry: its parameters, and sending a request until it is answered. */
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_MS  2000
#define PAUSE_MS    1000
#define RETRIES_MAX 10
#define BACKOFF_MS  100 /* before the second try, doubled each time */
#define PATH_MAX_   (CLIENT_URL_MAX / 2 - 1)
#define TYPE_MAX    100 /* bytes of a media type */
#define HEADER_MAX  120 /* bytes of a header's value that our caller gives */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum callerid_status callerid_client_global_init(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? CALLERID_OK : CALLERID_ENOMEM;
}

bool client_is_visible(const char *text, size_t max)
{
	size_t len = strnlen(text, max + 1);

	for (size_t i = 0; i < len; i++)
		if (text[i] <= 0x20 || text[i] >= 0x7f)
			return false;
	return len > 0 && len <= max;
}

static const char *check_base_url(const char *url)
{
	const char *host = NULL;

	if (!url || !client_is_visible(url, CLIENT_URL_MAX / 2))
		return NULL;
	if (strncmp(url, "http://", 7) == 0)
		host = url + 7;
	else if (strncmp(url, "https://", 8) == 0)
		host = url + 8;
	/* Userinfo would put a secret where errors show it. */
	if (!host || *host == 0 || *host == '/' || strpbrk(host, "@?#"))
		return NULL;
	return url[strlen(url) - 1] == '/' ? NULL : host;
}

static bool add_header(struct callerid_client *client, const char *line)
{
	struct curl_slist *more = curl_slist_append(client->headers, line);

	if (more)
		client->headers = more;
	return more != NULL;
}

static bool add_headers(struct callerid_client *client, const char *api_key)
{
	char line[CLIENT_KEY_MAX + 32];
	bool added = true;

	if (api_key) {
		snprintf(line, sizeof(line), "Authorization: Bearer %s", api_key);
		added = add_header(client, line);
		explicit_bzero(line, sizeof(line));
	}
	/* Without "Expect:" a long body would wait for a 100 that may not come. */
	added = added && add_header(client, "Accept: application/json, */*") &&
		add_header(client, "Expect:");
	client->bare = added && api_key ? client->headers->next : client->headers;
	return added;
}

static enum callerid_status check_params(const struct callerid_client_params *params,
					 struct callerid_error *err)
{
	if (!check_base_url(params->base_url))
		return client_fail(err, CALLERID_EINVAL,
				   "base_url must be http://host:port or https://host:port "
				   "without a trailing slash");
	if (params->api_key && !client_is_visible(params->api_key, CLIENT_KEY_MAX))
		return client_fail(err, CALLERID_EINVAL,
				   "the API key must be 1 to %d visible ASCII characters",
				   CLIENT_KEY_MAX);
	if (params->timeout_ms < 0)
		return client_fail(err, CALLERID_EINVAL, "timeout_ms must not be negative");
	if (params->retries < 0 || params->retries > RETRIES_MAX)
		return client_fail(err, CALLERID_EINVAL, "retries must be 0 to %d", RETRIES_MAX);
	if (params->ca_file && access(params->ca_file, R_OK) != 0)
		return client_fail(err, CALLERID_EIO, "%s: cannot be read", params->ca_file);
	return CALLERID_OK;
}

enum callerid_status callerid_client_new(const struct callerid_client_params *params,
					 struct callerid_client **client_out,
					 struct callerid_error *err)
{
	enum callerid_status status = check_params(params, err);
	struct callerid_client *client;

	if (status != CALLERID_OK)
		return status;
	client = calloc(1, sizeof(*client));
	if (!client)
		return client_fail(err, CALLERID_ENOMEM, "no memory");
	client->timeout_ms = params->timeout_ms ? params->timeout_ms : TIMEOUT_MS;
	client->pause_ms = PAUSE_MS;
	client->retries = params->retries;
	client->base_url = strdup(params->base_url);
	client->ca_file = params->ca_file ? strdup(params->ca_file) : NULL;
	client->easy = curl_easy_init();
	client->multi = curl_multi_init();
	if (!client->base_url || !client->multi || (params->ca_file && !client->ca_file) ||
	    !client->easy || !add_headers(client, params->api_key)) {
		callerid_client_free(client);
		return client_fail(err, CALLERID_ENOMEM, "no memory");
	}
	client->authority = check_base_url(client->base_url);
	*client_out = client;
	return CALLERID_OK;
}

void callerid_client_free(struct callerid_client *client)
{
	if (!client)
		return;
	if (client->easy)
		curl_easy_cleanup(client->easy);
	if (client->multi)
		curl_multi_cleanup(client->multi);
	client_bucket_free(client->bucket);
	for (struct curl_slist *header = client->headers; header; header = header->next)
		explicit_bzero(header->data, strlen(header->data));
	curl_slist_free_all(client->headers);
	free(client->base_url);
	free(client->ca_file);
	free(client);
}

void callerid_answer_clear(struct callerid_answer *answer)
{
	free(answer->body);
	*answer = (struct callerid_answer){.http_status = 0};
}

static enum callerid_status check_headers(const struct callerid_request *request,
					  struct callerid_error *err)
{
	const char *const values[] = {request->if_match, request->if_none_match,
				      request->idempotency_key};

	for (size_t i = 0; i < COUNT(values); i++)
		if (values[i] && !client_is_visible(values[i], HEADER_MAX))
			return client_fail(err, CALLERID_EINVAL,
					   "a header must be 1 to %d visible ASCII characters",
					   HEADER_MAX);
	return CALLERID_OK;
}

static enum callerid_status check_request(const struct callerid_request *request,
					  struct callerid_error *err)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
	const struct callerid_upload *body = &request->body;
	bool known = false;

	for (size_t i = 0; i < COUNT(methods); i++)
		known = known || strcmp(request->method, methods[i]) == 0;
	if (!known)
		return client_fail(err, CALLERID_EINVAL,
				   "the method must be GET, POST, PUT, PATCH or DELETE");
	if (request->path[0] != '/' || !client_is_visible(request->path, PATH_MAX_))
		return client_fail(
			err, CALLERID_EINVAL,
			"the path must begin with / and be visible ASCII, at most %d bytes",
			PATH_MAX_);
	if (body->data &&
	    (!body->type || !client_is_visible(body->type, TYPE_MAX) || !strchr(body->type, '/')))
		return client_fail(err, CALLERID_EINVAL, "a body has a media type");
	return check_headers(request, err);
}

#define KEY_BYTES 16

static bool make_key(char key_out[2 * KEY_BYTES + 1])
{
	unsigned char bytes[KEY_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(key_out + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

static bool was_not_sent(CURLcode code)
{
	return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;
}

/* Whether trying again may help; doing it twice never harms: a POST has its key. */
static bool is_worth_it(const struct callerid_request *request, const struct client_try *attempt,
			const struct callerid_answer *answer)
{
	bool repeatable =
		strcmp(request->method, "GET") == 0 || strcmp(request->method, "POST") == 0;

	if (attempt->taken > 0 || !(repeatable || was_not_sent(attempt->code)))
		return false;
	if (attempt->code != CURLE_OK)
		return attempt->code != CURLE_OUT_OF_MEMORY &&
		       attempt->code != CURLE_FILESIZE_EXCEEDED &&
		       attempt->code != CURLE_PEER_FAILED_VERIFICATION;
	if (answer->http_status == 409)
		return strstr(answer->body, "\"in_progress\"") != NULL;
	return answer->http_status == 429 || answer->http_status == 503;
}

static void wait_ms(int64_t ms)
{
	struct timespec left = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&left, &left) != 0)
		;
}

/* Sends until it is answered, the tries are used up, or no time is left for another. */
static enum callerid_status persist(struct callerid_client *client,
				    const struct callerid_request *request,
				    struct callerid_answer *answer_out, struct callerid_error *err)
{
	int64_t deadline = client_now_ms() + client->timeout_ms;
	struct client_try attempt = {.timeout_ms = client->timeout_ms};
	enum callerid_status status;

	for (int i = 0;; i++) {
		status = client_exchange(client, request, &attempt, answer_out, err);
		if (i >= client->retries || !is_worth_it(request, &attempt, answer_out))
			return status;
		int64_t pause = (int64_t)BACKOFF_MS << i;
		if (status == CALLERID_OK && answer_out->retry_after_s * 1000 > pause)
			pause = answer_out->retry_after_s * 1000;
		int64_t left = deadline - client_now_ms() - pause;
		if (left <= 0)
			return status;
		callerid_answer_clear(answer_out);
		wait_ms(pause);
		attempt.timeout_ms = (long)left;
	}
}

enum callerid_status callerid_client_send(struct callerid_client *client,
					  const struct callerid_request *request,
					  struct callerid_answer *answer_out,
					  struct callerid_error *err)
{
	char key[2 * KEY_BYTES + 1];
	struct callerid_request keyed = *request;
	enum callerid_status status = check_request(request, err);

	if (status != CALLERID_OK)
		return status;
	if (strcmp(request->method, "POST") == 0 && !request->idempotency_key) {
		if (!make_key(key))
			return client_fail(err, CALLERID_ECRYPTO, "no randomness");
		keyed.idempotency_key = key;
	}
	return persist(client, &keyed, answer_out, err);
}

enum callerid_status client_send_bare(struct callerid_client *client,
				      const struct callerid_request *request,
				      struct callerid_answer *answer_out,
				      struct callerid_error *err)
{
	struct curl_slist *all = client->headers;
	enum callerid_status status;

	client->headers = client->bare;
	status = callerid_client_send(client, request, answer_out, err);
	client->headers = all;
	return status;
}

enum callerid_status callerid_client_request(struct callerid_client *client, const char *method,
					     const char *path, const char *json,
					     struct callerid_answer *answer_out,
					     struct callerid_error *err)
{
	const struct callerid_request request = {
		.method = method,
		.path = path,
		.body = {"application/json", json, json ? strlen(json) : 0}};

	return callerid_client_send(client, &request, answer_out, err);
}

enum callerid_status callerid_client_upload(struct callerid_client *client, const char *path,
					    const struct callerid_upload *upload,
					    struct callerid_answer *answer_out,
					    struct callerid_error *err)
{
	const struct callerid_request request = {.method = "POST", .path = path, .body = *upload};

	if (!upload->type || !upload->data)
		return client_fail(err, CALLERID_EINVAL, "an upload has data and a media type");
	return callerid_client_send(client, &request, answer_out, err);
}
