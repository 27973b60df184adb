/* SPDX-License-Identifier: Apache-2.0 */
/* Reading server-sent events (the WHATWG's HTML, "Server-sent events") as they come in pieces. */
#ifndef CLIENT_SSE_H
#define CLIENT_SSE_H

#include <callerid/client_follow.h>

struct sse {
	char line[CALLERID_EVENT_DATA_MAX + 16]; /* as far as it has come */
	size_t line_len;
	char data[CALLERID_EVENT_DATA_MAX + 1];
	size_t data_len;
	bool has_data;
	bool after_cr; /* the next byte may be the rest of a line's end */
	size_t marked; /* bytes of a byte order mark that the stream began with */
	char kind[64];
	char id[CALLERID_EVENT_ID_MAX + 1];	 /* of the last event that is complete */
	char next_id[CALLERID_EVENT_ID_MAX + 1]; /* of the one that is being read */
	long retry_ms;				 /* what the server asked for; 0: nothing */
};

/* A new connection: forgets what was half read, and its id. */
void sse_begin(struct sse *sse);
/* An id to go on from; "": none, or a text that fits. */
void sse_set_id(struct sse *sse, const char *id);

enum sse_status {
	SSE_MORE,   /* all bytes were taken */
	SSE_ENOUGH, /* event() returned false */
	SSE_BROKEN, /* a line or an event is too long */
};

typedef bool sse_event(void *magic, const struct callerid_event *event);
enum sse_status sse_take(struct sse *sse, const char *bytes, size_t len, sse_event *event,
			 void *magic);

#endif
