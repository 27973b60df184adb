/* SPDX-License-Identifier: Apache-2.0 */
/* Reading lines over libcurl: its multi interface waits, so that another thread can end it. */
#include "sip-proxy/download.h"

#include "sip-proxy/proxy.h"

#include <curl/curl.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define URL_MAX	   2048
#define POLL_MS	   1000
#define HEADER_MAX 512

struct download {
	const struct callerid_client_params *params;
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers; /* the API key stands here and nowhere else */
	atomic_bool stopped;
};

/* An answer while it comes. */
struct incoming {
	struct download *download;
	const struct download_request *request;
	char line[DOWNLOAD_LINE_MAX + 1];
	size_t len;
	int64_t heard_ms;
	bool enough, too_long;
};

static bool add_header(struct download *download, const char *line)
{
	struct curl_slist *more = curl_slist_append(download->headers, line);

	if (more != NULL)
		download->headers = more;
	return more != NULL;
}

static bool add_key(struct download *download)
{
	char line[HEADER_MAX];
	bool ok;

	if (download->params->api_key == NULL)
		return true;
	snprintf(line, sizeof(line), "Authorization: Bearer %s", download->params->api_key);
	ok = add_header(download, line);
	explicit_bzero(line, sizeof(line));
	return ok;
}

struct download *download_new(const struct callerid_client_params *params)
{
	struct download *download = calloc(1, sizeof(*download));

	if (download == NULL)
		return NULL;
	download->params = params;
	download->multi = curl_multi_init();
	download->easy = curl_easy_init();
	if (download->multi != NULL && download->easy != NULL && add_key(download))
		return download;
	download_free(download);
	return NULL;
}

void download_free(struct download *download)
{
	if (download == NULL)
		return;
	if (download->easy != NULL)
		curl_easy_cleanup(download->easy);
	if (download->multi != NULL)
		curl_multi_cleanup(download->multi);
	for (struct curl_slist *at = download->headers; at != NULL; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl_slist_free_all(download->headers);
	free(download);
}

void download_stop(struct download *download)
{
	atomic_store(&download->stopped, true);
	curl_multi_wakeup(download->multi);
}

/* What stands before the line's end, and all after it as the next lines. */
static bool take(struct incoming *in, const char *data, size_t len)
{
	while (len > 0) {
		const char *end = memchr(data, '\n', len);
		size_t n = end != NULL ? (size_t)(end - data) : len;

		in->too_long = n > DOWNLOAD_LINE_MAX - in->len;
		if (in->too_long)
			return false;
		memcpy(in->line + in->len, data, n);
		in->len += n;
		if (end == NULL)
			return true;
		in->line[in->len] = 0;
		in->enough = !in->request->line(in->request->magic, in->line, in->len);
		if (in->enough)
			return false;
		in->len = 0;
		data += n + 1;
		len -= n + 1;
	}
	return true;
}

/* A body that belongs to another status than 200 is dropped. */
static size_t take_body(char *data, size_t size, size_t n, void *magic)
{
	struct incoming *in = magic;
	long status = 0;

	in->heard_ms = proxy_now_ms();
	curl_easy_getinfo(in->download->easy, CURLINFO_RESPONSE_CODE, &status);
	return status != 200 || take(in, data, size * n) ? size * n : 0;
}

static void prepare(struct download *download, struct incoming *in)
{
	const struct callerid_client_params *params = download->params;
	CURL *easy = download->easy;
	char url[URL_MAX];

	snprintf(url, sizeof(url), "%s%s", params->base_url, in->request->path);
	curl_easy_reset(easy);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, download->headers);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, params->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (params->ca_file != NULL) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, params->ca_file);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "attestel-proxy/" ATTESTEL_VERSION);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, in);
}

/* The transfer's end. false: it goes on. */
static bool is_over(struct download *download, CURLcode *code_out)
{
	int left = 0;
	const CURLMsg *message = curl_multi_info_read(download->multi, &left);

	if (message == NULL || message->msg != CURLMSG_DONE)
		return false;
	*code_out = message->data.result;
	return true;
}

static CURLcode perform(struct download *download, struct incoming *in)
{
	CURLcode code = CURLE_OK;
	int running = 0;

	for (;;) {
		if (curl_multi_perform(download->multi, &running) != CURLM_OK)
			return CURLE_FAILED_INIT;
		if (is_over(download, &code))
			return code;
		if (atomic_load(&download->stopped))
			return CURLE_ABORTED_BY_CALLBACK;
		if (proxy_now_ms() - in->heard_ms > in->request->silence_ms)
			return CURLE_OPERATION_TIMEDOUT;
		in->request->tick(in->request->magic);
		if (curl_multi_poll(download->multi, NULL, 0, POLL_MS, NULL) != CURLM_OK)
			return CURLE_FAILED_INIT;
	}
}

enum download_status download_run(struct download *download, const struct download_request *request,
				  int *http_status_out, char why[128])
{
	struct incoming in = {.download = download, .request = request, .heard_ms = proxy_now_ms()};
	CURLcode code = CURLE_FAILED_INIT;
	long status = 0;

	*http_status_out = 0;
	prepare(download, &in);
	if (curl_multi_add_handle(download->multi, download->easy) == CURLM_OK)
		code = perform(download, &in);
	curl_easy_getinfo(download->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_multi_remove_handle(download->multi, download->easy);
	*http_status_out = (int)status;
	if (atomic_load(&download->stopped))
		return DOWNLOAD_STOPPED;
	if (in.enough)
		return DOWNLOAD_ENOUGH;
	if (code == CURLE_OK)
		return DOWNLOAD_DONE;
	snprintf(why, 128, "%s", in.too_long ? "a line is too long" : curl_easy_strerror(code));
	return DOWNLOAD_FAILED;
}

bool download_wait(struct download *download, int64_t ms)
{
	int64_t until = proxy_now_ms() + ms;

	while (!atomic_load(&download->stopped) && proxy_now_ms() < until)
		if (curl_multi_poll(download->multi, NULL, 0, (int)(until - proxy_now_ms()),
				    NULL) != CURLM_OK)
			break;
	return !atomic_load(&download->stopped);
}
