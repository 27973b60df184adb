/* SPDX-License-Identifier: Apache-2.0 */
/* Connections, TCP and Unix: messages one behind the other, replies in the order of their ends. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "media/ng/control_private.h"
#include "svc/runtime/wipe.h"

#define READ_MIN 4096

static void gauge(struct control *control)
{
	metrics_set(control->metrics, MEDIA_CONNECTIONS, &(struct metric_labels){{"tcp"}},
		    (double)control->n_tcp);
	metrics_set(control->metrics, MEDIA_CONNECTIONS, &(struct metric_labels){{"unix"}},
		    (double)control->n_unix);
}

static void stream_free(struct control *control, struct stream *stream)
{
	for (size_t i = 0; i < STREAMS_MAX; i++)
		if (control->streams[i] == stream)
			control->streams[i] = NULL;
	*(stream->is_unix ? &control->n_unix : &control->n_tcp) -= 1;
	gauge(control);
	close(stream->fd);
	wipe_free(stream->in);
	wipe_free(stream->out);
	free(stream);
}

void stream_open(struct control *control, int fd, bool is_unix)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	size_t slot = 0;

	while (slot < STREAMS_MAX && control->streams[slot] != NULL)
		slot++;
	if (stream == NULL || slot == STREAMS_MAX) {
		control_refuse(control, "memory", NULL);
		free(stream);
		close(fd);
		return;
	}
	*stream = (struct stream){.watch = {WATCH_STREAM},
				  .id = ++control->stream_ids,
				  .fd = fd,
				  .is_unix = is_unix,
				  .last_ms = control->clock_ms(),
				  .events = EPOLLIN};
	control->streams[slot] = stream;
	*(is_unix ? &control->n_unix : &control->n_tcp) += 1;
	gauge(control);
	if (!control_watch(control, fd, &stream->watch))
		stream_free(control, stream);
}

struct stream *stream_of(const struct control *control, const struct origin *origin)
{
	for (size_t i = 0; i < STREAMS_MAX; i++)
		if (control->streams[i] != NULL && control->streams[i]->id == origin->stream_id)
			return control->streams[i];
	return NULL;
}

static void end(struct control *control, struct stream *stream, const char *reason)
{
	struct origin origin = {.is_stream = true};

	if (reason != NULL && !stream->ended)
		control_refuse(control, reason, &origin);
	stream->ended = true;
}

/* Watches for what can go on: reading while few commands run, writing while something waits. */
static void watch_again(struct control *control, struct stream *stream)
{
	bool full = stream->running >= STREAM_RUNNING_MAX || atomic_load(&control->stopping);
	uint32_t events = (full || stream->eof ? 0u : (uint32_t)EPOLLIN) |
			  (stream->out_len > stream->out_sent ? (uint32_t)EPOLLOUT : 0u);
	struct epoll_event event = {.events = events, .data.ptr = &stream->watch};

	if (events == stream->events)
		return;
	stream->events = events;
	if (epoll_ctl(control->epoll, EPOLL_CTL_MOD, stream->fd, &event) != 0)
		end(control, stream, "system");
}

static void flush(struct control *control, struct stream *stream)
{
	while (!stream->ended && stream->out_sent < stream->out_len) {
		ssize_t n = send(stream->fd, stream->out + stream->out_sent,
				 stream->out_len - stream->out_sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n < 0)
			end(control, stream, NULL);
		else
			stream->out_sent += (size_t)n;
	}
	if (stream->out_sent < stream->out_len)
		return;
	if (stream->out_len > 0)
		explicit_bzero(stream->out, stream->out_len);
	stream->out_sent = stream->out_len = 0;
}

static bool grow(char **text, size_t *room, size_t wanted)
{
	size_t bigger = *room;
	char *grown;

	if (wanted <= *room)
		return true;
	while (bigger < wanted)
		bigger = bigger > 0 ? 2 * bigger : READ_MIN;
	grown = wipe_realloc(*text, bigger);
	if (grown == NULL)
		return false;
	*text = grown;
	*room = bigger;
	return true;
}

static void add(struct stream *stream, const char *text, size_t len)
{
	memcpy(stream->out + stream->out_len, text, len);
	stream->out_len += len;
}

void stream_send(struct control *control, struct stream *stream, const struct frame *reply,
		 const char *mac)
{
	size_t len =
		reply->cookie_len + 1 + (mac != NULL ? FRAME_MAC_LEN + 1 : 0) + reply->body_len;

	if (stream->ended)
		return;
	if (stream->out_len + len > STREAM_OUT_MAX ||
	    !grow(&stream->out, &stream->out_room, stream->out_len + len)) {
		end(control, stream, "unread");
		return;
	}
	add(stream, reply->cookie, reply->cookie_len);
	add(stream, " ", 1);
	if (mac != NULL) {
		add(stream, mac, FRAME_MAC_LEN);
		add(stream, " ", 1);
	}
	add(stream, reply->body, reply->body_len);
	stream->last_ms = control->clock_ms();
	flush(control, stream);
}

/* Line ends between two messages belong to neither: people type them. */
static size_t blank(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && (text[n] == '\r' || text[n] == '\n'))
		n++;
	return n;
}

/* Takes the whole messages that have come, as many as may run. */
static void take(struct control *control, struct stream *stream)
{
	struct origin origin = {.is_stream = true,
				.stream_id = stream->id,
				.is_signed = control->key.bytes != NULL && !stream->is_unix};
	size_t at = 0;

	while (!stream->ended && stream->running < STREAM_RUNNING_MAX &&
	       !atomic_load(&control->stopping)) {
		long size;

		if (stream->scan.body == 0)
			at += blank(stream->in + at, stream->in_len - at);
		size = frame_size(&stream->scan, stream->in + at, stream->in_len - at);
		if (size == 0)
			break;
		stream->scan = (struct frame_scan){0};
		if (size < 0 || !control_message(control, &origin, stream->in + at, (size_t)size)) {
			bool long_ = stream->in_len - at >= NG_MESSAGE_MAX;

			end(control, stream, size > 0 ? NULL : long_ ? "too_long" : "framing");
			break;
		}
		at += (size_t)size;
		stream->partial_ms = 0;
	}
	stream->in_len -= at;
	if (at > 0) {
		memmove(stream->in, stream->in + at, stream->in_len);
		explicit_bzero(stream->in + stream->in_len, at);
	}
	if (stream->in_len == 0 || stream->running >= STREAM_RUNNING_MAX)
		stream->partial_ms = 0;
	else if (stream->partial_ms == 0)
		stream->partial_ms = control->clock_ms();
}

static void read_in(struct control *control, struct stream *stream)
{
	ssize_t n;

	if (!grow(&stream->in, &stream->in_room, stream->in_len + READ_MIN)) {
		end(control, stream, "memory");
		return;
	}
	n = recv(stream->fd, stream->in + stream->in_len, stream->in_room - stream->in_len, 0);
	if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
		return;
	if (n < 0) {
		end(control, stream, NULL);
		return;
	}
	stream->eof = n == 0;
	stream->last_ms = control->clock_ms();
	stream->in_len += (size_t)n;
	take(control, stream);
}

/* A peer that sends no more gets what it still waits for. */
static bool is_over(const struct stream *stream)
{
	return stream->ended ||
	       (stream->eof && stream->running == 0 && stream->out_len == stream->out_sent);
}

void stream_ready(struct control *control, struct stream *stream, uint32_t events)
{
	if (events & EPOLLOUT)
		flush(control, stream);
	if (!stream->ended && !stream->eof && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		read_in(control, stream);
	else if (events & (EPOLLHUP | EPOLLERR))
		end(control, stream, NULL);
	if (!stream->ended)
		watch_again(control, stream);
	if (is_over(stream))
		stream_free(control, stream);
}

void stream_go_on(struct control *control, struct stream *stream)
{
	if (!stream->ended && stream->in_len > 0)
		take(control, stream);
	if (!stream->ended)
		watch_again(control, stream);
	if (is_over(stream))
		stream_free(control, stream);
}

void streams_tick(struct control *control, int64_t now_ms)
{
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		struct stream *stream = control->streams[i];

		if (stream == NULL)
			continue;
		if (stream->partial_ms != 0 && now_ms - stream->partial_ms > CONTROL_PARTIAL_MS)
			end(control, stream, "partial");
		else if (stream->running == 0 && now_ms - stream->last_ms > CONTROL_IDLE_MS)
			end(control, stream, "idle");
		if (stream->ended)
			stream_free(control, stream);
	}
}

bool streams_flushed(const struct control *control)
{
	for (size_t i = 0; i < STREAMS_MAX; i++)
		if (control->streams[i] != NULL &&
		    control->streams[i]->out_len > control->streams[i]->out_sent)
			return false;
	return true;
}

void streams_close(struct control *control)
{
	for (size_t i = 0; i < STREAMS_MAX; i++)
		if (control->streams[i] != NULL)
			stream_free(control, control->streams[i]);
}
