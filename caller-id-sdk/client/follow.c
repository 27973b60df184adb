/* SPDX-License-Identifier: Apache-2.0 */
/* Following the stream: connection after connection, until it is enough. */
#include <callerid/client_follow.h>

#include "exchange.h"
#include "sse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEARTBEAT_MS 45000
#define PAUSE_MAX_MS 30000
#define ANSWER_MAX   65536 /* of a refusal */
#define WHY_MAX	     200
#define STREAM_TYPE  "text/event-stream"

/* One following, over many connections. */
struct following {
	struct callerid_client *client;
	const struct callerid_follow *follow;
	struct sse sse;
	enum sse_status status;
	bool connected;
	bool is_other;		       /* what came is no stream of events */
	int64_t heard_ms;	       /* when something last came */
	struct callerid_answer answer; /* of a refusal */
	char why[WHY_MAX];
};

static bool take_event(void *magic, const struct callerid_event *event)
{
	struct following *f = magic;
	bool reset = strcmp(event->kind, "reset") == 0;
	struct callerid_event shown = *event;

	/* What is before a reset is gone: its id would only bring another one. */
	if (reset) {
		sse_set_id(&f->sse, "");
		shown.id = "";
	}
	return f->follow->event(f->follow->magic, &shown);
}

static void keep_refusal(struct following *f, const char *data, size_t len)
{
	struct callerid_answer *answer = &f->answer;
	char *more;

	if (answer->body_len + len > ANSWER_MAX)
		return;
	more = realloc(answer->body, answer->body_len + len + 1);
	if (!more)
		return;
	answer->body = more;
	memcpy(more + answer->body_len, data, len);
	answer->body_len += len;
	more[answer->body_len] = 0;
}

/* Else it is the page of a proxy between us and the registry. */
static bool is_stream(CURL *easy)
{
	const char *type = NULL;
	size_t n = strlen(STREAM_TYPE);

	curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
	return type && strncasecmp(type, STREAM_TYPE, n) == 0 &&
	       (!type[n] || strchr("; \t", type[n]));
}

static size_t take_bytes(char *data, size_t size, size_t n, void *magic)
{
	struct following *f = magic;
	size_t len = size * n;
	long status = 0;

	f->heard_ms = client_now_ms();
	curl_easy_getinfo(f->client->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200) {
		keep_refusal(f, data, len);
		return len;
	}
	if (!f->connected && !is_stream(f->client->easy)) {
		f->is_other = true;
		return 0;
	}
	if (!f->connected && f->follow->state)
		f->follow->state(f->follow->magic, true, "");
	f->connected = true;
	f->status = sse_take(&f->sse, data, len, take_event, f);
	return f->status == SSE_MORE ? len : 0;
}

static void set_up(struct following *f, const char *url, struct curl_slist *headers, char *detail)
{
	CURL *easy = f->client->easy;

	client_set_common(f->client);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, f->client->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail);
}

/* The connection's end, however it comes; what libcurl says of it goes into why. */
static void pump(struct following *f, const char *detail)
{
	CURLM *multi = f->client->multi;
	int64_t silence = f->follow->heartbeat_ms ? f->follow->heartbeat_ms : HEARTBEAT_MS;
	int running = 1, left;

	while (running > 0 && !f->client->stopped) {
		int64_t limit = f->connected ? silence : f->client->timeout_ms;
		int64_t rest = f->heard_ms + limit - client_now_ms();

		if (rest <= 0) {
			snprintf(f->why, sizeof(f->why), "silent for %lld ms", (long long)limit);
			return;
		}
		if (curl_multi_perform(multi, &running) != CURLM_OK ||
		    (running > 0 &&
		     curl_multi_poll(multi, NULL, 0, (int)(rest < 1000 ? rest : 1000), NULL) !=
			     CURLM_OK))
			break;
	}
	const CURLMsg *message = curl_multi_info_read(multi, &left);
	if (f->status == SSE_BROKEN)
		snprintf(f->why, sizeof(f->why), "an event is too long");
	else if (f->is_other)
		snprintf(f->why, sizeof(f->why), "the answer is no stream of events");
	else if (message && message->data.result != CURLE_OK)
		snprintf(f->why, sizeof(f->why), "%s",
			 detail[0] ? detail : curl_easy_strerror(message->data.result));
	else
		snprintf(f->why, sizeof(f->why), "ended by the registry");
}

/* One connection from its beginning to its end. */
static void connect_once(struct following *f)
{
	char url[CLIENT_URL_MAX], last[CALLERID_EVENT_ID_MAX + 32], detail[CURL_ERROR_SIZE] = "";
	struct curl_slist header = {last, f->client->headers};
	struct callerid_client *client = f->client;

	snprintf(url, sizeof(url), "%s/v1/stream", client->base_url);
	snprintf(last, sizeof(last), "Last-Event-ID: %s", f->sse.id);
	sse_begin(&f->sse);
	f->status = SSE_MORE;
	f->connected = false;
	f->is_other = false;
	f->heard_ms = client_now_ms();
	callerid_answer_clear(&f->answer);
	set_up(f, url, f->sse.id[0] ? &header : client->headers, detail);
	curl_multi_add_handle(client->multi, client->easy);
	pump(f, detail);
	curl_multi_remove_handle(client->multi, client->easy);
	long status = 0;
	curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &status);
	f->answer.http_status = (int)status;
	curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(client->easy, CURLOPT_ERRORBUFFER, NULL);
	if (f->follow->state && !client->stopped && f->status != SSE_ENOUGH)
		f->follow->state(f->follow->magic, false, f->why);
}

/* 429 and 5xx pass; with the others asking again helps nobody. */
static bool is_refused(const struct callerid_answer *answer)
{
	return answer->http_status >= 400 && answer->http_status < 500 &&
	       answer->http_status != 429 && answer->http_status != 408;
}

/* Sleeps, unless it is stopped meanwhile. */
static void pause_for(struct callerid_client *client, int64_t ms)
{
	int64_t end = client_now_ms() + ms, left;

	while (!client->stopped && (left = end - client_now_ms()) > 0)
		if (curl_multi_poll(client->multi, NULL, 0, (int)left, NULL) != CURLM_OK)
			return;
}

static enum callerid_status run(struct following *f, struct callerid_error *err)
{
	int64_t pause = 0;

	for (;;) {
		connect_once(f);
		if (f->client->stopped || f->status == SSE_ENOUGH)
			return CALLERID_OK;
		if (is_refused(&f->answer)) {
			if (!f->answer.body)
				keep_refusal(f, "", 0);
			return f->answer.body ? client_refused(f->client, &f->answer, err)
					      : client_fail(err, CALLERID_ENOMEM, "no memory");
		}
		if (f->connected || pause == 0)
			pause = f->sse.retry_ms > f->client->pause_ms ? f->sse.retry_ms
								      : f->client->pause_ms;
		else
			pause *= 2;
		if (pause > PAUSE_MAX_MS)
			pause = PAUSE_MAX_MS;
		pause_for(f->client, pause);
		if (f->client->stopped)
			return CALLERID_OK;
	}
}

enum callerid_status callerid_client_follow(struct callerid_client *client,
					    const struct callerid_follow *follow,
					    struct callerid_error *err)
{
	struct following *f;
	enum callerid_status status;

	if (!follow->event || follow->heartbeat_ms < 0 ||
	    (follow->since && !client_is_visible(follow->since, CALLERID_EVENT_ID_MAX)))
		return client_fail(err, CALLERID_EINVAL, "following needs event(), and an id");
	f = calloc(1, sizeof(*f));
	if (!f)
		return client_fail(err, CALLERID_ENOMEM, "no memory");
	f->client = client;
	f->follow = follow;
	client->problem = (struct callerid_problem){.http_status = 0};
	if (follow->since)
		sse_set_id(&f->sse, follow->since);
	status = run(f, err);
	client->stopped = false;
	callerid_answer_clear(&f->answer);
	free(f);
	return status;
}

void callerid_client_stop(struct callerid_client *client)
{
	client->stopped = true;
	curl_multi_wakeup(client->multi);
}
