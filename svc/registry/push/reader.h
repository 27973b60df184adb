/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One follower's changes, one after the other: from the feed while it keeps up, from the database
 * in pages when it begins further back, and a brand's change as one change for each of its numbers.
 */
#ifndef REGISTRY_PUSH_READER_H
#define REGISTRY_PUSH_READER_H

#include "svc/registry/http/call.h"
#include "svc/registry/push/feed.h"
#include "svc/registry/store/directory.h"

#define READER_BEHIND_MAX 1000 /* unread changes, then the follower must read anew */

/* "17", or "17-203": of change 17, which is a brand's, the numbers up to binding 203 were seen. */
struct reader_position {
	int64_t serial, part;
};
#define READER_POSITION_MAX 42
bool reader_position_parse(const char *text, struct reader_position *position_out);
void reader_position_write(const struct reader_position *position,
			   char text_out[READER_POSITION_MAX]);

struct reader_params {
	const struct http_env *env;
	struct follow_scope scope;
	char key[ID_MAX + 1];
	int64_t expires_ms;
	struct reader_position from;
	bool patient; /* however far it is behind, it reads */
};

/* One thread at a time. */
struct reader {
	struct reader_params params;
	struct follower *follower;
	struct reader_position at;
	char brand[ID_MAX + 1]; /* whose numbers are being read; "": none */
	struct change pending;	/* the change of that brand */
	struct change *page;	/* FOLLOW_PAGE changes; NULL: none are read ahead */
	size_t n, next;
	char why[DB_ERROR_MAX]; /* the database's last failure */
	int64_t page_end;	/* what is seen once the page is */
};

enum reader_status {
	READER_CHANGE,
	READER_NOTHING, /* yet; the stream will be woken */
	READER_RESET,	/* it is too far behind, or in front of all there is */
	READER_BUSY,	/* the database did not answer: later */
	READER_ENDED,
};

/* From when stream is there; params were set before. */
void reader_begin(struct reader *reader, struct stream *stream);
/* change_out's data become the caller's. */
enum reader_status reader_next(struct reader *reader, struct change *change_out);
/* After it there is nothing yet that it has not given. */
struct reader_position reader_position(const struct reader *reader);
void reader_wake_in(struct reader *reader, int64_t ms);
void reader_end(struct reader *reader);

#endif
