/* SPDX-License-Identifier: Apache-2.0 */
/* What the stream and the long poll have in common: where a follower begins, and what it hears. */
#ifndef REGISTRY_API_FOLLOW_H
#define REGISTRY_API_FOLLOW_H

#include "svc/registry/http/call.h"
#include "svc/registry/push/reader.h"

/*
 * A reader of the caller's changes from Last-Event-ID, else ?since=, else now; malloc'ed, not
 * begun. *lost_out: that position cannot be continued. NULL: the call is answered.
 */
struct reader *follow_reader(struct http_call *call, bool *lost_out);

/* Counts a change that was given. by: "stream" or "poll". */
void follow_count(const struct http_env *env, const struct change *change, const char *by);

/* ?since= as a serial; -1: absent. false: the call is answered. */
bool follow_read_since(struct http_call *call, int64_t *since_out);

#endif
