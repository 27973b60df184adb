/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer that goes on: libmicrohttpd reads it from a source; while the source has nothing the
 * connection sleeps, and stream_wake() wakes it from any thread.
 */
#ifndef REGISTRY_STREAM_H
#define REGISTRY_STREAM_H

#include "svc/registry/http/call.h"

#include <microhttpd.h>

struct stream;

/* Takes over the source. progress is called in the connection's thread whenever it is read. NULL:
 * no memory; the source is freed. */
struct stream *stream_new(struct MHD_Connection *connection, const struct http_source *source,
			  void (*progress)(void *magic, struct MHD_Connection *connection),
			  void *magic);
void stream_wake(struct stream *stream);
/* The response frees the stream, and so the source, when it ends. NULL: no memory. */
struct MHD_Response *stream_response(struct stream *stream);

#endif
