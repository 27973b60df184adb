/* SPDX-License-Identifier: Apache-2.0 */
/* How a certificate is fetched: https only, no redirect, checked address, bounded in all ways. */
#include "svc/certs/fetch.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/x509.h>

#include "svc/certs/body.h"
#include "svc/certs/url.h"

#define HEADERS_MAX 16384 /* bytes of all response headers */

struct certs_transfer {
	const struct certs_fetcher *fetcher;
	CURL *easy;
	uint64_t id;
	struct certs_url url;
	size_t headers;
	size_t len;
	bool too_large;
	bool connected;		  /* an allowed address was tried */
	const char *refused;	  /* block of an address that was not */
	char refused_address[64]; /* that address */
	char body[CERTS_BODY_MAX];
};

/*
 * The check that counts, on the very address that would be connected to: a name that resolves
 * differently the second time gains nothing.
 */
static curl_socket_t open_socket(void *magic, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct certs_transfer *transfer = magic;
	const char *block;

	if (purpose != CURLSOCKTYPE_IPCXN)
		return CURL_SOCKET_BAD;
	block = certs_address_check(&address->addr, &transfer->fetcher->setup.rules);
	if (block) {
		transfer->refused = block;
		if (getnameinfo(&address->addr, address->addrlen, transfer->refused_address,
				sizeof(transfer->refused_address), NULL, 0, NI_NUMERICHOST) != 0)
			transfer->refused_address[0] = 0;
		return CURL_SOCKET_BAD;
	}
	transfer->connected = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take_header(char *data, size_t size, size_t n, void *magic)
{
	struct certs_transfer *transfer = magic;

	(void)data;
	transfer->headers += size * n;
	if (transfer->headers <= HEADERS_MAX)
		return size * n;
	transfer->too_large = true;
	return 0;
}

static size_t take_body(char *data, size_t size, size_t n, void *magic)
{
	struct certs_transfer *transfer = magic;
	size_t len = size * n;

	if (len > sizeof(transfer->body) - transfer->len) {
		transfer->too_large = true;
		return 0;
	}
	memcpy(transfer->body + transfer->len, data, len);
	transfer->len += len;
	return len;
}

/* curl reads a URL made from the parts that we checked, so it cannot read it in another way. */
static void set_url(const struct certs_transfer *transfer)
{
	const struct certs_url *url = &transfer->url;
	bool literal = strchr(url->host, ':') != NULL;
	char text[CERTS_URL_MAX + 300];

	snprintf(text, sizeof(text), "https://%s%s%s:%u%s", literal ? "[" : "", url->host,
		 literal ? "]" : "", url->port, url->path);
	curl_easy_setopt(transfer->easy, CURLOPT_URL, text);
	curl_easy_setopt(transfer->easy, CURLOPT_PATH_AS_IS, 1L);
}

static void set_limits(struct certs_transfer *transfer)
{
	CURL *easy = transfer->easy;
	long timeout_ms = (long)transfer->fetcher->setup.timeout_ms;

	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Else one call of curl waits for the resolver's thread, up to 9 s on a dead DNS server. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)CERTS_BODY_MAX);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 4096L);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
}

static void set_protocol(struct certs_transfer *transfer)
{
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
}

static void set_tls(const struct certs_transfer *transfer)
{
	const struct certs_fetcher *fetcher = transfer->fetcher;
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	if (!fetcher->ca)
		return;
	struct curl_blob blob = {
		.data = fetcher->ca, .len = fetcher->setup.ca_len, .flags = CURL_BLOB_NOCOPY};
	curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
	/* Otherwise the system's directory of anchors would count as well. */
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
}

static void transfer_free(struct certs_transfer *transfer)
{
	if (transfer->easy)
		curl_easy_cleanup(transfer->easy);
	free(transfer);
}

static struct certs_transfer *refuse(struct certs_message_result *answer, enum certs_status status,
				     const char *why)
{
	answer->status = status;
	snprintf(answer->why, sizeof(answer->why), "%s", why);
	return NULL;
}

static void answer_init(struct certs_message_result *answer, uint64_t id)
{
	*answer = (struct certs_message_result){.type = CERTS_MESSAGE_RESULT, .id = id};
}

struct certs_transfer *certs_transfer_start(const struct certs_fetcher *fetcher, CURLM *multi,
					    const struct certs_message_fetch *wanted,
					    struct certs_message_result *answer)
{
	struct certs_transfer *transfer;
	struct certs_url url;
	size_t len = strnlen(wanted->url, sizeof(wanted->url));
	const char *why = certs_url_check(wanted->url, len, &fetcher->setup.rules, &url);

	answer_init(answer, wanted->id);
	if (why)
		return refuse(answer, CERTS_REFUSED, why);
	transfer = calloc(1, sizeof(*transfer));
	if (!transfer)
		return refuse(answer, CERTS_UNREACHED, "no memory");
	transfer->fetcher = fetcher;
	transfer->id = wanted->id;
	transfer->url = url;
	transfer->easy = curl_easy_init();
	if (!transfer->easy) {
		transfer_free(transfer);
		return refuse(answer, CERTS_UNREACHED, "no memory");
	}
	set_url(transfer);
	set_limits(transfer);
	set_protocol(transfer);
	set_tls(transfer);
	if (curl_multi_add_handle(multi, transfer->easy) != CURLM_OK) {
		transfer_free(transfer);
		return refuse(answer, CERTS_UNREACHED, "no memory");
	}
	return transfer;
}

/* Only our own words: what the other side sent has no place in a log line. */
static const struct reason {
	CURLcode code;
	enum certs_status status;
	const char *why;
} reasons[] = {
	{CURLE_COULDNT_RESOLVE_HOST, CERTS_UNREACHED, "the name has no address"},
	{CURLE_COULDNT_CONNECT, CERTS_UNREACHED, "no connection"},
	{CURLE_SSL_CONNECT_ERROR, CERTS_UNREACHED, "the TLS handshake failed"},
	{CURLE_GOT_NOTHING, CERTS_UNREACHED, "the connection was closed without an answer"},
	{CURLE_RECV_ERROR, CERTS_UNREACHED, "the connection broke"},
	{CURLE_SEND_ERROR, CERTS_UNREACHED, "the connection broke"},
	{CURLE_PARTIAL_FILE, CERTS_UNREACHED, "the connection was closed before the end"},
	{CURLE_UNSUPPORTED_PROTOCOL, CERTS_HTTP, "the answer is not HTTP/1"},
	{CURLE_WEIRD_SERVER_REPLY, CERTS_HTTP, "the answer is not HTTP/1"},
	{CURLE_FILESIZE_EXCEEDED, CERTS_TOO_LARGE, "the body is over 16 KB"},
	{CURLE_SSL_CACERT_BADFILE, CERTS_UNREACHED, "the TLS anchors cannot be read"},
};

static void explain_tls(const struct certs_transfer *transfer, struct certs_message_result *answer)
{
	const char *why = "the server's certificate is for another name";
	long result = X509_V_OK;

	/* When only the name is wrong, curl has not asked OpenSSL for its result yet. */
	curl_easy_getinfo(transfer->easy, CURLINFO_SSL_VERIFYRESULT, &result);
	if (result != X509_V_OK && result != X509_V_ERR_UNSPECIFIED)
		why = X509_verify_cert_error_string(result);
	snprintf(answer->why, sizeof(answer->why), "TLS: %s", why);
	answer->status = CERTS_UNREACHED;
}

static void explain(const struct certs_transfer *transfer, CURLcode code,
		    struct certs_message_result *answer)
{
	answer->status = CERTS_UNREACHED;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].code != code)
			continue;
		answer->status = reasons[i].status;
		snprintf(answer->why, sizeof(answer->why), "%s", reasons[i].why);
		return;
	}
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		explain_tls(transfer, answer);
	else
		snprintf(answer->why, sizeof(answer->why), "%s", curl_easy_strerror(code));
}

static void judge(const struct certs_transfer *transfer, CURLcode code,
		  struct certs_message_result *answer)
{
	const char *why = "";
	long status = 0;

	if (transfer->too_large) {
		refuse(answer, CERTS_TOO_LARGE, "the answer is over 16 KB");
		return;
	}
	if (transfer->refused && !transfer->connected) {
		answer->status = CERTS_REFUSED;
		snprintf(answer->why, sizeof(answer->why), "the host leads to %s (%s)",
			 transfer->refused_address, transfer->refused);
		return;
	}
	if (code == CURLE_OPERATION_TIMEDOUT) {
		answer->status = CERTS_TIMEOUT;
		snprintf(answer->why, sizeof(answer->why), "no whole answer in %u ms",
			 transfer->fetcher->setup.timeout_ms);
		return;
	}
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status != 200) {
		answer->status = CERTS_HTTP;
		snprintf(answer->why, sizeof(answer->why), "HTTP status %ld", status);
		return;
	}
	if (code != CURLE_OK) {
		explain(transfer, code, answer);
		return;
	}
	answer->status = certs_body_check(transfer->body, transfer->len, &why);
	snprintf(answer->why, sizeof(answer->why), "%s", why);
}

void certs_transfer_finish(struct certs_transfer *transfer, CURLM *multi, CURLcode code,
			   struct certs_message_result *answer)
{
	answer_init(answer, transfer->id);
	judge(transfer, code, answer);
	if (answer->status == CERTS_OK) {
		answer->len = (uint32_t)transfer->len;
		memcpy(answer->body, transfer->body, transfer->len);
	}
	curl_multi_remove_handle(multi, transfer->easy);
	transfer_free(transfer);
}
