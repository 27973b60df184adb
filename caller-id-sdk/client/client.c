/* SPDX-License-Identifier: Apache-2.0 */
/* One kept-alive connection to the registry: a request, an answer, a hard limit on both. */
#include <callerid/client.h>

#include <stdbool.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>

#define ANSWER_MAX  (1024 * 1024) /* bytes of a body */
#define HEADERS_MAX (64 * 1024)	  /* bytes of all response headers */
#define URL_MAX	    2048
#define KEY_MAX	    512
#define TYPE_MAX    100 /* bytes of a media type */
#define TIMEOUT_MS  2000

struct callerid_client {
	CURL *easy;
	struct curl_slist *headers; /* the API key stands here and nowhere else */
	char *base_url;
	char *ca_file;
	const char *authority; /* in base_url: host and port, for errors */
	long timeout_ms;
};

/* The answer while it comes in. */
struct incoming {
	char *body;
	size_t len;
	size_t size;
	size_t headers;
	bool too_large;
	bool no_memory;
};

__attribute__((format(printf, 3, 4))) static enum callerid_status
fail(struct callerid_error *err, enum callerid_status status, const char *format, ...)
{
	va_list arguments;

	if (!err)
		return status;
	err->status = status;
	err->where = "client";
	va_start(arguments, format);
	vsnprintf(err->text, sizeof(err->text), format, arguments);
	va_end(arguments);
	/* curl may quote the other side; an error is one line. */
	for (char *c = err->text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	return status;
}

enum callerid_status callerid_client_global_init(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? CALLERID_OK : CALLERID_ENOMEM;
}

/* Visible ASCII only: neither a key nor a path may begin another header or request. */
static bool is_visible(const char *text, size_t max)
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

	if (!url || !is_visible(url, URL_MAX / 2))
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
	char line[KEY_MAX + 32];
	bool added = true;

	if (api_key) {
		snprintf(line, sizeof(line), "Authorization: Bearer %s", api_key);
		added = add_header(client, line);
		explicit_bzero(line, sizeof(line));
	}
	/* Without "Expect:" a long body would wait for a 100 that may not come. */
	return added && add_header(client, "Accept: application/json") &&
	       add_header(client, "Expect:");
}

static enum callerid_status check_params(const struct callerid_client_params *params,
					 struct callerid_error *err)
{
	if (!check_base_url(params->base_url))
		return fail(err, CALLERID_EINVAL,
			    "base_url must be http://host:port or https://host:port without a "
			    "trailing slash");
	if (params->api_key && !is_visible(params->api_key, KEY_MAX))
		return fail(err, CALLERID_EINVAL,
			    "the API key must be 1 to %d visible ASCII characters", KEY_MAX);
	if (params->timeout_ms < 0)
		return fail(err, CALLERID_EINVAL, "timeout_ms must not be negative");
	if (params->ca_file && access(params->ca_file, R_OK) != 0)
		return fail(err, CALLERID_EIO, "%s: cannot be read", params->ca_file);
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
		return fail(err, CALLERID_ENOMEM, "no memory");
	client->timeout_ms = params->timeout_ms ? params->timeout_ms : TIMEOUT_MS;
	client->base_url = strdup(params->base_url);
	client->ca_file = params->ca_file ? strdup(params->ca_file) : NULL;
	client->easy = curl_easy_init();
	if (!client->base_url || (params->ca_file && !client->ca_file) || !client->easy ||
	    !add_headers(client, params->api_key)) {
		callerid_client_free(client);
		return fail(err, CALLERID_ENOMEM, "no memory");
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

static size_t take_header(char *data, size_t size, size_t n, void *magic)
{
	struct incoming *in = magic;

	(void)data;
	in->headers += size * n;
	in->too_large = in->headers > HEADERS_MAX;
	return in->too_large ? 0 : size * n;
}

static size_t take_body(char *data, size_t size, size_t n, void *magic)
{
	struct incoming *in = magic;
	size_t len = size * n;

	if (len > ANSWER_MAX - in->len) {
		in->too_large = true;
		return 0;
	}
	if (in->len + len + 1 > in->size) {
		size_t wanted = 2 * (in->len + len) + 1;
		char *more = realloc(in->body, wanted);

		in->no_memory = !more;
		if (!more)
			return 0;
		in->body = more;
		in->size = wanted;
	}
	memcpy(in->body + in->len, data, len);
	in->len += len;
	in->body[in->len] = 0;
	return len;
}

/* What is the same for all requests. The connection survives curl_easy_reset(). */
static void set_common(struct callerid_client *client, struct incoming *in)
{
	CURL *easy = client->easy;

	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, client->timeout_ms);
	/* Else the end of a look-up is waited for, whatever the timeout: 9 s on a dead server. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (client->ca_file) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, client->ca_file);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "libcallerid-client/" ATTESTEL_VERSION);
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)ANSWER_MAX);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, in);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, in);
}

static void set_method(CURL *easy, const char *method, const struct callerid_upload *body)
{
	bool get = strcmp(method, "GET") == 0;

	if (get && !body->data) {
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
		return;
	}
	if (body->data || strcmp(method, "DELETE") != 0) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body->data ? body->data : "");
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

static enum callerid_status check_request(const char *method, const char *path,
					  struct callerid_error *err)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
	bool known = false;

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		known = known || strcmp(method, methods[i]) == 0;
	if (!known)
		return fail(err, CALLERID_EINVAL,
			    "the method must be GET, POST, PUT, PATCH or DELETE");
	if (path[0] != '/' || !is_visible(path, URL_MAX / 2 - 1))
		return fail(err, CALLERID_EINVAL,
			    "the path must begin with / and be visible ASCII, at most %d bytes",
			    URL_MAX / 2 - 1);
	return CALLERID_OK;
}

static enum callerid_status explain(const struct callerid_client *client, CURLcode code,
				    const char *detail, struct callerid_error *err)
{
	if (code == CURLE_OUT_OF_MEMORY)
		return fail(err, CALLERID_ENOMEM, "no memory");
	if (code == CURLE_FILESIZE_EXCEEDED)
		return fail(err, CALLERID_ELIMIT, "the answer of %.100s is over 1 MiB",
			    client->authority);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return fail(err, CALLERID_EIO, "no answer from %.100s in %ld ms", client->authority,
			    client->timeout_ms);
	return fail(err, CALLERID_EIO, "no answer from %.100s: %s", client->authority,
		    detail[0] ? detail : curl_easy_strerror(code));
}

static enum callerid_status perform(struct callerid_client *client, struct incoming *in,
				    struct callerid_error *err)
{
	char detail[CURL_ERROR_SIZE] = "";
	CURLcode code;

	curl_easy_setopt(client->easy, CURLOPT_ERRORBUFFER, detail);
	code = curl_easy_perform(client->easy);
	curl_easy_setopt(client->easy, CURLOPT_ERRORBUFFER, NULL);
	if (in->no_memory)
		code = CURLE_OUT_OF_MEMORY;
	else if (in->too_large)
		code = CURLE_FILESIZE_EXCEEDED;
	return code == CURLE_OK ? CALLERID_OK : explain(client, code, detail, err);
}

/* One request. */
struct outgoing {
	const char *method;
	const char *path;
	struct callerid_upload body; /* data NULL: none */
};

static enum callerid_status exchange(struct callerid_client *client, const struct outgoing *out,
				     struct callerid_answer *answer_out, struct callerid_error *err)
{
	char url[URL_MAX];
	char type[TYPE_MAX + 32];
	struct curl_slist headers = {.data = type, .next = client->headers};
	struct incoming in = {.len = 0};
	enum callerid_status status;
	long http_status = 0;

	snprintf(url, sizeof(url), "%s%s", client->base_url, out->path);
	snprintf(type, sizeof(type), "Content-Type: %s", out->body.type);
	set_common(client, &in);
	curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, &headers);
	curl_easy_setopt(client->easy, CURLOPT_URL, url);
	set_method(client->easy, out->method, &out->body);
	status = perform(client, &in, err);
	if (status == CALLERID_OK && !in.body) {
		in.body = calloc(1, 1);
		if (!in.body)
			status = fail(err, CALLERID_ENOMEM, "no memory");
	}
	curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &http_status);
	/* The handle outlives the headers of this request. */
	curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, NULL);
	if (status != CALLERID_OK) {
		free(in.body);
		return status;
	}
	*answer_out = (struct callerid_answer){
		.http_status = (int)http_status, .body = in.body, .body_len = in.len};
	return CALLERID_OK;
}

enum callerid_status callerid_client_request(struct callerid_client *client, const char *method,
					     const char *path, const char *json,
					     struct callerid_answer *answer_out,
					     struct callerid_error *err)
{
	const struct outgoing out = {
		method, path, {"application/json", json, json ? strlen(json) : 0}};
	enum callerid_status status = check_request(method, path, err);

	return status != CALLERID_OK ? status : exchange(client, &out, answer_out, err);
}

enum callerid_status callerid_client_upload(struct callerid_client *client, const char *path,
					    const struct callerid_upload *upload,
					    struct callerid_answer *answer_out,
					    struct callerid_error *err)
{
	const struct outgoing out = {"POST", path, *upload};
	enum callerid_status status = check_request("POST", path, err);

	if (status != CALLERID_OK)
		return status;
	if (!upload->type || !upload->data || !is_visible(upload->type, TYPE_MAX) ||
	    !strchr(upload->type, '/'))
		return fail(err, CALLERID_EINVAL, "an upload has data and a media type");
	return exchange(client, &out, answer_out, err);
}
