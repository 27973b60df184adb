/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping and waking of connections whose answer goes on. */
#include "svc/registry/http/stream.h"

#include <pthread.h>
#include <stdlib.h>

#define BLOCK 4096 /* bytes that libmicrohttpd asks for at once */

struct stream {
	struct MHD_Connection *connection;
	struct http_source source;
	void (*progress)(void *magic, struct MHD_Connection *connection);
	void *magic;
	pthread_mutex_t mutex; /* guards the rest */
	bool asleep;	       /* suspended */
	bool woken;	       /* since the source was last asked */
};

struct stream *stream_new(struct MHD_Connection *connection, const struct http_source *source,
			  void (*progress)(void *magic, struct MHD_Connection *connection),
			  void *magic)
{
	struct stream *stream = calloc(1, sizeof *stream);

	if (stream == NULL) {
		source->free(source->magic);
		return NULL;
	}
	stream->connection = connection;
	stream->source = *source;
	stream->progress = progress;
	stream->magic = magic;
	pthread_mutex_init(&stream->mutex, NULL);
	return stream;
}

void stream_wake(struct stream *stream)
{
	pthread_mutex_lock(&stream->mutex);
	stream->woken = true;
	if (stream->asleep) {
		stream->asleep = false;
		MHD_resume_connection(stream->connection);
	}
	pthread_mutex_unlock(&stream->mutex);
}

/* A wake-up between the source's "nothing" and the sleep is not lost: then there is no sleep. */
static void sleep_unless_woken(struct stream *stream)
{
	pthread_mutex_lock(&stream->mutex);
	if (!stream->woken) {
		stream->asleep = true;
		MHD_suspend_connection(stream->connection);
	}
	stream->woken = false;
	pthread_mutex_unlock(&stream->mutex);
}

static ssize_t read_some(void *magic, uint64_t at, char *buffer, size_t size)
{
	struct stream *stream = magic;

	(void)at;
	stream->progress(stream->magic, stream->connection);
	ssize_t n = stream->source.read(stream->source.magic, buffer, size);
	if (n < 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n == 0)
		sleep_unless_woken(stream);
	return n;
}

/* The source is freed first: once its free() has returned nobody wakes this stream any more. */
static void free_stream(void *magic)
{
	struct stream *stream = magic;

	stream->source.free(stream->source.magic);
	pthread_mutex_destroy(&stream->mutex);
	free(stream);
}

struct MHD_Response *stream_response(struct stream *stream)
{
	struct MHD_Response *response = MHD_create_response_from_callback(
		MHD_SIZE_UNKNOWN, BLOCK, read_some, stream, free_stream);

	if (response == NULL)
		free_stream(stream);
	return response;
}
