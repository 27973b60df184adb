/* SPDX-License-Identifier: Apache-2.0 */
/* One try of one request over the kept-alive connection, with hard limits on its answer. */
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define ANSWER_MAX  (1024 * 1024) /* bytes of a body that is kept */
#define HEADERS_MAX (64 * 1024)	  /* bytes of all response headers */
#define TYPE_MAX    100		  /* bytes of a media type */
#define LINES_MAX   4		  /* headers of one request besides those of the client */

/* The answer while it comes in. */
struct incoming {
	const struct callerid_request *request;
	CURL *easy;
	struct callerid_answer *answer;
	size_t taken;
	size_t size; /* of answer->body */
	size_t headers;
	bool too_large;
	bool no_memory;
	bool refused; /* by take() */
};

enum callerid_status client_fail(struct callerid_error *err, enum callerid_status status,
				 const char *format, ...)
{
	va_list arguments;

	if (!err)
		return status;
	err->status = status;
	err->where = "client";
	va_start(arguments, format);
	vsnprintf(err->text, sizeof(err->text), format, arguments);
	va_end(arguments);
	/* The other side may be quoted; an error is one line. */
	for (char *c = err->text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	return status;
}

int64_t client_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The value of a header line when it has that name; NULL otherwise. len_out: without line end. */
static const char *header_value(const char *line, size_t len, const char *name, size_t *len_out)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return NULL;
	line += n + 1;
	len -= n + 1;
	while (len > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		len--;
	}
	while (len > 0 && (unsigned char)line[len - 1] <= ' ')
		len--;
	*len_out = len;
	return line;
}

static long seconds_of(const char *text, size_t len)
{
	long seconds = 0;

	for (size_t i = 0; i < len && i < 6; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		seconds = seconds * 10 + (text[i] - '0');
	}
	return seconds;
}

static size_t take_header(char *data, size_t size, size_t n, void *magic)
{
	struct incoming *in = magic;
	size_t len = size * n, value_len;
	const char *value;

	in->headers += len;
	in->too_large = in->headers > HEADERS_MAX;
	if ((value = header_value(data, len, "ETag", &value_len)) && value_len <= CALLERID_ETAG_MAX)
		memcpy(in->answer->etag, value, value_len); /* what is behind it is 0 already */
	if ((value = header_value(data, len, "Retry-After", &value_len)))
		in->answer->retry_after_s = seconds_of(value, value_len);
	return in->too_large ? 0 : len;
}

static bool keep(struct incoming *in, const char *data, size_t len)
{
	struct callerid_answer *answer = in->answer;

	if (len > ANSWER_MAX - answer->body_len) {
		in->too_large = true;
		return false;
	}
	if (answer->body_len + len + 1 > in->size) {
		size_t wanted = 2 * (answer->body_len + len) + 1;
		char *more = realloc(answer->body, wanted);

		in->no_memory = !more;
		if (!more)
			return false;
		answer->body = more;
		in->size = wanted;
	}
	memcpy(answer->body + answer->body_len, data, len);
	answer->body_len += len;
	answer->body[answer->body_len] = 0;
	return true;
}

static size_t take_body(char *data, size_t size, size_t n, void *magic)
{
	struct incoming *in = magic;
	size_t len = size * n;
	long status = 0;

	curl_easy_getinfo(in->easy, CURLINFO_RESPONSE_CODE, &status);
	if (!in->request->take || status < 200 || status > 299)
		return keep(in, data, len) ? len : 0;
	in->taken += len;
	in->refused = !in->request->take(in->request->magic, data, len);
	return in->refused ? 0 : len;
}

void client_set_common(struct callerid_client *client)
{
	CURL *easy = client->easy;

	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Else the end of a look-up is waited for, whatever the timeout: 9 s on a dead server. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (client->ca_file) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_file);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "libcallerid-client/" ATTESTEL_VERSION);
}

static void set_body(CURL *easy, const struct callerid_request *request)
{
	const struct callerid_upload *body = &request->body;

	if (strcmp(request->method, "GET") == 0 && !body->data) {
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
		return;
	}
	if (body->data || strcmp(request->method, "DELETE") != 0) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body->data ? body->data : "");
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_answer(CURL *easy, const struct callerid_request *request, struct incoming *in)
{
	if (!request->take)
		curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)ANSWER_MAX);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, in);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, in);
}

enum callerid_status client_explain(const struct callerid_client *client, CURLcode code,
				    const char *detail, struct callerid_error *err)
{
	if (code == CURLE_OUT_OF_MEMORY)
		return client_fail(err, CALLERID_ENOMEM, "no memory");
	if (code == CURLE_FILESIZE_EXCEEDED)
		return client_fail(err, CALLERID_ELIMIT, "the answer of %.100s is over 1 MiB",
				   client->authority);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return client_fail(err, CALLERID_EIO, "no answer from %.100s in %ld ms",
				   client->authority, client->timeout_ms);
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return client_fail(err, CALLERID_EIO, "the answer of %.100s was not wanted further",
				   client->authority);
	return client_fail(err, CALLERID_EIO, "no answer from %.100s: %s", client->authority,
			   detail[0] ? detail : curl_easy_strerror(code));
}

static CURLcode perform(struct callerid_client *client, struct incoming *in, char *detail)
{
	CURLcode code;

	curl_easy_setopt(client->easy, CURLOPT_ERRORBUFFER, detail);
	code = curl_easy_perform(client->easy);
	curl_easy_setopt(client->easy, CURLOPT_ERRORBUFFER, NULL);
	if (in->no_memory)
		return CURLE_OUT_OF_MEMORY;
	if (in->too_large)
		return CURLE_FILESIZE_EXCEEDED;
	return in->refused ? CURLE_ABORTED_BY_CALLBACK : code;
}

/* The headers of this request, on the stack, before those that all have. */
struct lines {
	char text[LINES_MAX][TYPE_MAX + 64];
	struct curl_slist item[LINES_MAX];
	size_t n;
};

static void add_line(struct lines *lines, const char *name, const char *value)
{
	if (!value)
		return;
	snprintf(lines->text[lines->n], sizeof(lines->text[0]), "%s: %s", name, value);
	lines->item[lines->n].data = lines->text[lines->n];
	lines->n++;
}

/* Without a line of ours libcurl would call a body that is not there a form. */
static void add_type(struct lines *lines, const struct callerid_request *request)
{
	static char none[] = "Content-Type:";

	if (request->body.data)
		add_line(lines, "Content-Type", request->body.type);
	else
		lines->item[lines->n++].data = none;
}

static struct curl_slist *link_lines(struct lines *lines, struct curl_slist *rest)
{
	for (size_t i = lines->n; i > 0; i--) {
		lines->item[i - 1].next = rest;
		rest = &lines->item[i - 1];
	}
	return rest;
}

enum callerid_status client_exchange(struct callerid_client *client,
				     const struct callerid_request *request,
				     struct client_try *attempt, struct callerid_answer *answer_out,
				     struct callerid_error *err)
{
	struct incoming in = {.request = request, .easy = client->easy, .answer = answer_out};
	char url[CLIENT_URL_MAX];
	char detail[CURL_ERROR_SIZE] = "";
	struct lines lines = {.n = 0};
	long http_status = 0;

	*answer_out = (struct callerid_answer){.http_status = 0};
	snprintf(url, sizeof(url), "%s%s", client->base_url, request->path);
	add_type(&lines, request);
	add_line(&lines, "If-Match", request->if_match);
	add_line(&lines, "If-None-Match", request->if_none_match);
	add_line(&lines, "Idempotency-Key", request->idempotency_key);
	client_set_common(client);
	curl_easy_setopt(client->easy, CURLOPT_TIMEOUT_MS, attempt->timeout_ms);
	curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, link_lines(&lines, client->headers));
	curl_easy_setopt(client->easy, CURLOPT_URL, url);
	set_body(client->easy, request);
	set_answer(client->easy, request, &in);
	attempt->code = perform(client, &in, detail);
	attempt->taken = in.taken;
	curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &http_status);
	/* The handle outlives the headers of this request. */
	curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, NULL);
	if (attempt->code == CURLE_OK && !answer_out->body) {
		answer_out->body = calloc(1, 1);
		if (!answer_out->body)
			attempt->code = CURLE_OUT_OF_MEMORY;
	}
	answer_out->http_status = (int)http_status;
	if (attempt->code == CURLE_OK)
		return CALLERID_OK;
	callerid_answer_clear(answer_out);
	return client_explain(client, attempt->code, detail, err);
}
