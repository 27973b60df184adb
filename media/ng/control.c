/* SPDX-License-Identifier: Apache-2.0 */
/* The control thread: a message's way to its handler, and the reply's way back. */
#include "media/ng/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "media/ng/control_private.h"
#include "media/ng/request.h"
#include "svc/runtime/wipe.h"

#define TICK_MS	   1000
#define FLUSH_MS   2000 /* for the last replies, when everything ends */
#define EVENTS_MAX 64
#define REPLY_MAX  400 /* of an error's text */

static const struct cookie_limits cookie_limits = {.count_max = 65536, .bytes_max = 67108864};

/* Written by hand, for when there is no memory to write anything. */
static const char no_memory[2][64] = {
	[NG_BENCODE] = "d12:error-reason13:Out of memory6:result5:errore",
	[NG_JSON] = "{\"result\":\"error\",\"error-reason\":\"Out of memory\"}",
};

static int64_t monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t monotonic_ms(void)
{
	return monotonic_us() / 1000;
}

void control_refuse(struct control *control, const char *reason, const struct origin *origin)
{
	char from[ADDRESS_TEXT_MAX] = "";
	struct address address;

	METRIC_COUNT(control->metrics, MEDIA_FRAMES_REFUSED, reason);
	if (origin != NULL && !origin->is_stream) {
		address_from_sockaddr(&origin->peer, &address);
		address_text(&address, from);
	}
	log_event(control->log, LOG_WARNING, "ng.refused", F_STR("reason", reason),
		  F_STR("from", from[0] != '\0' ? from : NULL));
}

static ssize_t send_datagram(const struct origin *origin, const struct iovec *parts, size_t n)
{
	_Alignas(struct cmsghdr) char space[CMSG_SPACE(sizeof(struct in6_pktinfo))] = {0};
	bool v6 = origin->peer.ss_family == AF_INET6;
	size_t size = v6 ? sizeof(struct in6_pktinfo) : sizeof(struct in_pktinfo);
	struct msghdr msg = {.msg_name = (void *)(uintptr_t)&origin->peer,
			     .msg_namelen = origin->peer_len,
			     .msg_iov = (struct iovec *)(uintptr_t)parts,
			     .msg_iovlen = n,
			     .msg_control = space,
			     .msg_controllen = CMSG_SPACE(size)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	struct in_pktinfo v4 = {.ipi_spec_dst = origin->local.v4.ipi_spec_dst};

	c->cmsg_level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
	c->cmsg_type = v6 ? IPV6_PKTINFO : IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(c), v6 ? (const void *)&origin->local.v6 : (const void *)&v4, size);
	return sendmsg(origin->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void send_error(struct control *control, const struct origin *origin, const struct frame *to,
		       const char *reason);

/* Exactly these bytes: what a duplicate gets is what the first one got. */
static void send_reply(struct control *control, const struct origin *origin,
		       const struct frame *reply)
{
	char mac[FRAME_MAC_LEN + 1];
	struct iovec parts[5] = {{(void *)(uintptr_t)reply->cookie, reply->cookie_len},
				 {(void *)(uintptr_t) " ", 1}};
	size_t n = 2;
	struct stream *stream;

	if (origin->is_signed && !frame_sign(reply, &control->key, mac)) {
		control_refuse(control, "memory", origin);
		return;
	}
	if (origin->is_stream) {
		stream = stream_of(control, origin);
		if (stream != NULL)
			stream_send(control, stream, reply, origin->is_signed ? mac : NULL);
		return;
	}
	if (origin->is_signed) {
		parts[n++] = (struct iovec){mac, FRAME_MAC_LEN};
		parts[n++] = parts[1];
	}
	parts[n++] = (struct iovec){(void *)(uintptr_t)reply->body, reply->body_len};
	if (send_datagram(origin, parts, n) < 0 && errno == EMSGSIZE && reply->body_len > REPLY_MAX)
		send_error(control, origin, reply, "Reply too long for a datagram");
}

/* In the format of what it answers. The reasons are ours: nothing in them needs an escape. */
static void send_error(struct control *control, const struct origin *origin, const struct frame *to,
		       const char *reason)
{
	bool json = to->body_len > 0 && to->body[0] == '{';
	struct frame reply = *to;
	char text[REPLY_MAX];
	int len;

	if (json)
		len = snprintf(text, sizeof(text), "{\"result\":\"error\",\"error-reason\":\"%s\"}",
			       reason);
	else
		len = snprintf(text, sizeof(text), "d12:error-reason%zu:%s6:result5:errore",
			       strlen(reason), reason);
	reply.body = text;
	reply.body_len = (size_t)len;
	send_reply(control, origin, &reply);
}

static void request_free(struct control_request *request)
{
	struct waiter *next;

	for (struct waiter *waiter = request->first.next; waiter != NULL; waiter = next) {
		next = waiter->next;
		free(waiter);
	}
	ng_tree_free(request->tree);
	wipe_free(request->reply);
	wipe_free(request);
}

/* The message, read; NULL: it cannot be, and why_out says it in the protocol's words. */
static struct control_request *request_new(struct control *control, const struct origin *origin,
					   const struct frame *frame, const char **why_out)
{
	struct control_request *request = calloc(1, sizeof(*request) + frame->body_len + 1);
	const char *why = NULL;

	*why_out = "Out of memory";
	if (request == NULL || (request->tree = ng_tree_new()) == NULL) {
		free(request);
		return NULL;
	}
	request->control = control;
	request->first.origin = *origin;
	request->n_waiters = 1;
	request->started_us = monotonic_us();
	request->format = frame->body[0] == '{' ? NG_JSON : NG_BENCODE;
	memcpy(request->message, frame->body, frame->body_len);
	request->dict = (request->format == NG_JSON ? ng_read_json : ng_read_bencode)(
		request->tree, request->message, frame->body_len, &why);
	request->label = ng_command_label(request->dict);
	*why_out = NULL;
	if (request->dict == NULL || ng_type(request->dict) != NG_DICT)
		*why_out = request->format == NG_JSON ? "Failed to parse JSON document"
						      : "Could not decode bencode dictionary";
	if (*why_out == NULL)
		return request;
	request_free(request);
	return NULL;
}

static bool wait_too(struct control *control, struct control_request *request,
		     const struct origin *origin)
{
	struct waiter *waiter =
		request->n_waiters < WAITERS_MAX ? calloc(1, sizeof(*waiter)) : NULL;

	if (waiter == NULL) {
		control_refuse(control, "busy", origin);
		return false;
	}
	waiter->origin = *origin;
	waiter->next = request->first.next;
	request->first.next = waiter;
	request->n_waiters++;
	return true;
}

static void count_running(struct control *control, const struct origin *origin, int by)
{
	struct stream *stream = origin->is_stream ? stream_of(control, origin) : NULL;

	if (stream != NULL)
		stream->running += (unsigned)by;
}

/* The cookie came before: the same reply, now or when it is there. */
static void repeat(struct control *control, const struct origin *origin, const struct frame *frame,
		   const struct cookie *cookie)
{
	struct frame reply = *frame;

	METRIC_COUNT(control->metrics, MEDIA_COOKIE_HITS,
		     cookie->reply != NULL ? "done" : "running");
	if (cookie->reply == NULL) {
		if (wait_too(control, cookie->magic, origin))
			count_running(control, origin, 1);
		return;
	}
	reply.body = cookie->reply;
	reply.body_len = cookie->reply_len;
	send_reply(control, origin, &reply);
}

static void start(struct control *control, const struct origin *origin, const struct frame *frame,
		  struct cookie *cookie)
{
	const char *why = "Out of memory";
	struct control_request *request = NULL;

	if (control->running >= RUNNING_MAX) {
		control_refuse(control, "busy", origin);
		cookies_drop(control->cookies, cookie);
		return;
	}
	request = request_new(control, origin, frame, &why);
	if (request == NULL) {
		control_refuse(control, "decode", origin);
		send_error(control, origin, frame, why);
		cookies_drop(control->cookies, cookie);
		return;
	}
	request->cookie = cookie;
	cookie->magic = request;
	control->running++;
	count_running(control, origin, 1);
	control->handler(control->magic, request);
}

bool control_message(struct control *control, const struct origin *origin, const char *text,
		     size_t len)
{
	struct frame frame;
	struct cookie *cookie;
	const char *why;
	bool is_new;

	if (!frame_split(text, len, &frame)) {
		control_refuse(control, "no_cookie", origin);
		return false;
	}
	/* time() on both sides: it is some milliseconds behind clock_gettime(), and a client that
	 * begins with us would be from before our start. */
	why = origin->is_signed ? frame_check(&frame, &control->key, time(NULL)) : NULL;
	if (why != NULL) {
		control_refuse(control, why, origin);
		return false;
	}
	if (frame.body_len == 0 || (frame.body[0] != 'd' && frame.body[0] != '{')) {
		control_refuse(control, "format", origin);
		send_error(control, origin, &frame, "Invalid NG data format");
		return false;
	}
	cookie = cookies_look(control->cookies, frame.cookie, frame.cookie_len, control->clock_ms(),
			      &is_new);
	if (cookie == NULL)
		control_refuse(control, "memory", origin);
	else if (is_new)
		start(control, origin, &frame, cookie);
	else
		repeat(control, origin, &frame, cookie);
	return true;
}

const struct ng_value *control_dict(const struct control_request *request)
{
	return request->dict;
}

static const char *result_of(const struct ng_value *reply)
{
	static const char *const names[] = {"ok", "pong", "error", "load limit"};
	size_t len;
	const char *result = ng_string(ng_get(reply, "result"), &len);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (len == strlen(names[i]) && memcmp(result, names[i], len) == 0)
			return names[i];
	return "other";
}

static void wake(struct control *control)
{
	uint64_t one = 1;
	ssize_t n = write(control->wake, &one, sizeof(one));

	(void)n; /* it is non-zero already: the thread wakes all the same */
}

void control_reply(struct control_request *request, struct ng_tree *tree,
		   const struct ng_value *reply)
{
	struct control *control = request->control;

	request->reply = ng_write(reply, request->format, &request->reply_len);
	request->result = request->reply != NULL ? result_of(reply) : "memory";
	ng_tree_free(tree);
	request->next = NULL;
	pthread_mutex_lock(&control->lock);
	*control->finished_end = request;
	control->finished_end = &request->next;
	/* With the lock held: once it is given back, control may be gone at any moment. */
	wake(control);
	pthread_mutex_unlock(&control->lock);
}

void control_error(struct control_request *request, const char *reason)
{
	struct ng_tree *tree = ng_tree_new();
	struct ng_value *reply = tree != NULL ? ng_dict(tree) : NULL;

	if (reply != NULL) {
		ng_put_string(reply, "result", "error");
		ng_put_string(reply, "error-reason", reason);
	}
	control_reply(request, tree, reply);
}

/* Sends a reply to all who wait for it, and keeps it. */
static void finish(struct control *control, struct control_request *request)
{
	struct cookie *cookie = request->cookie;
	struct frame reply = {.cookie = cookie->key, .cookie_len = cookie->key_len};
	struct stream *stream;

	METRIC_COUNT(control->metrics, MEDIA_COMMANDS, request->label, request->result);
	metrics_observe(control->metrics, MEDIA_COMMAND_SECONDS,
			&(struct metric_labels){{request->label}},
			(double)(monotonic_us() - request->started_us) / 1e6);
	reply.body = request->reply != NULL ? request->reply : no_memory[request->format];
	reply.body_len =
		request->reply != NULL ? request->reply_len : strlen(no_memory[request->format]);
	control->running--;
	for (const struct waiter *waiter = &request->first; waiter != NULL; waiter = waiter->next) {
		send_reply(control, &waiter->origin, &reply);
		count_running(control, &waiter->origin, -1);
	}
	if (request->reply != NULL)
		cookies_done(control->cookies, cookie, request->reply, request->reply_len);
	else
		cookies_drop(control->cookies, cookie); /* the next copy may have more luck */
	request->reply = NULL;
	for (const struct waiter *waiter = &request->first; waiter != NULL; waiter = waiter->next) {
		stream = waiter->origin.is_stream ? stream_of(control, &waiter->origin) : NULL;
		if (stream != NULL)
			stream_go_on(control, stream);
	}
	request_free(request);
}

static void finish_all(struct control *control)
{
	struct control_request *request, *next;

	/* What is finished here may run more: those are for the next round. */
	pthread_mutex_lock(&control->lock);
	request = control->finished;
	control->finished = NULL;
	control->finished_end = &control->finished;
	pthread_mutex_unlock(&control->lock);
	for (; request != NULL; request = next) {
		next = request->next;
		finish(control, request);
	}
}

static void handle(struct control *control, const struct epoll_event *event)
{
	struct watch *watch = event->data.ptr;
	uint64_t drained;
	ssize_t n;

	switch (watch->kind) {
	case WATCH_WAKE:
		n = read(control->wake, &drained, sizeof(drained));
		(void)n;
		break;
	case WATCH_LISTENER:
		if (!atomic_load(&control->stopping))
			listener_ready(control, (struct listener *)watch);
		break;
	case WATCH_STREAM:
		stream_ready(control, (struct stream *)watch, event->events);
		break;
	}
}

/* Nothing new is read; what runs is answered, and what is answered is sent. */
static bool is_done(struct control *control, int64_t *until_ms)
{
	if (!atomic_load(&control->stopping))
		return false;
	listeners_close(control);
	if (control->running > 0)
		return false;
	if (*until_ms == 0)
		*until_ms = monotonic_ms() + FLUSH_MS;
	return streams_flushed(control) || monotonic_ms() >= *until_ms;
}

static void *loop(void *magic)
{
	struct control *control = magic;
	struct epoll_event events[EVENTS_MAX];
	int64_t ticked_ms = monotonic_ms(), until_ms = 0;

	while (!is_done(control, &until_ms)) {
		int n = epoll_wait(control->epoll, events, EVENTS_MAX,
				   atomic_load(&control->stopping) ? 50 : TICK_MS);

		for (int i = 0; i < n; i++)
			handle(control, &events[i]);
		finish_all(control);
		if (monotonic_ms() - ticked_ms >= TICK_MS) {
			ticked_ms = monotonic_ms();
			streams_tick(control, control->clock_ms());
			cookies_tick(control->cookies, control->clock_ms());
		}
	}
	return NULL;
}

static void control_free(struct control *control)
{
	listeners_close(control);
	streams_close(control);
	if (control->epoll >= 0)
		close(control->epoll);
	if (control->wake >= 0)
		close(control->wake);
	cookies_free(control->cookies);
	pthread_mutex_destroy(&control->lock);
	if (control->key_bytes != NULL)
		OPENSSL_cleanse(control->key_bytes, control->key.len);
	free(control->key_bytes);
	wipe_free(control->datagram);
	free(control);
}

static bool set_key(struct control *control, const struct control_params *params)
{
	if (params->key == NULL)
		return true;
	control->key_bytes = malloc(params->key_len);
	if (control->key_bytes == NULL)
		return false;
	memcpy(control->key_bytes, params->key, params->key_len);
	control->key = (struct frame_key){
		.bytes = control->key_bytes, .len = params->key_len, .started = time(NULL)};
	return true;
}

static struct control *control_new(const struct control_params *params)
{
	struct control *control = calloc(1, sizeof(*control));

	if (control == NULL || pthread_mutex_init(&control->lock, NULL) != 0) {
		free(control);
		return NULL;
	}
	control->handler = params->handler;
	control->magic = params->magic;
	control->log = params->log;
	control->metrics = params->metrics;
	control->clock_ms = params->clock_ms != NULL ? params->clock_ms : monotonic_ms;
	control->finished_end = &control->finished;
	control->wake_watch.kind = WATCH_WAKE;
	control->epoll = epoll_create1(EPOLL_CLOEXEC);
	control->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	control->cookies = cookies_new(&cookie_limits, control->clock_ms());
	control->datagram = malloc(DATAGRAM_MAX + 1);
	if (control->epoll < 0 || control->wake < 0 || control->cookies == NULL ||
	    control->datagram == NULL || !set_key(control, params) ||
	    !control_watch(control, control->wake, &control->wake_watch)) {
		control_free(control);
		return NULL;
	}
	return control;
}

struct control *control_start(const struct control_params *params, char *err, size_t size)
{
	struct control *control = control_new(params);
	int why;

	if (control == NULL) {
		snprintf(err, size, "no memory for the control thread");
		return NULL;
	}
	if (!listeners_open(control, params, err, size)) {
		control_free(control);
		return NULL;
	}
	why = pthread_create(&control->thread, NULL, loop, control);
	if (why != 0) {
		snprintf(err, size, "no thread: %s", strerror(why));
		control_free(control);
		return NULL;
	}
	return control;
}

void control_stop(struct control *control)
{
	if (control == NULL)
		return;
	atomic_store(&control->stopping, true);
	wake(control);
	pthread_join(control->thread, NULL);
	control_free(control);
}

struct address control_address(const struct control *control, size_t i)
{
	return i < control->n_listeners ? control->listeners[i].listen.address
					: (struct address){.family = 0};
}
