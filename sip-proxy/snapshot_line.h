/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of GET /v1/snapshot, and the data of directory.changed, which are such lines. */
#ifndef PROXY_SNAPSHOT_LINE_H
#define PROXY_SNAPSHOT_LINE_H

#include "sip-proxy/snapshot.h"

#include <jansson.h>

enum snapshot_line_kind {
	SNAPSHOT_LINE_SERIAL, /* the first: number is the last change that is in it */
	SNAPSHOT_LINE_ENTRY,
	SNAPSHOT_LINE_GONE,   /* of entry only number is set */
	SNAPSHOT_LINE_HIDDEN, /* likewise; it is bound and shows nothing */
	SNAPSHOT_LINE_END,    /* the last: number is how many entries there were */
};

struct snapshot_line {
	enum snapshot_line_kind kind;
	int64_t number;
	struct snapshot_entry entry; /* its texts belong to json */
	json_t *json;
};

/* false: it is none of these. Else snapshot_line_clear() afterwards. */
bool snapshot_line_read(const char *text, size_t len, struct snapshot_line *line_out);
void snapshot_line_clear(struct snapshot_line *line);

/* What the line changes. Other lines change nothing. */
enum snapshot_status snapshot_line_apply(const struct snapshot_line *line,
					 struct snapshot *snapshot);

#endif
