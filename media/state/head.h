/* SPDX-License-Identifier: Apache-2.0 */
/* The first line of the state: what is of no single call. */
#ifndef MEDIA_STATE_HEAD_H
#define MEDIA_STATE_HEAD_H

#include <jansson.h>

#include "media/session/desk.h"
#include "media/state/call_state.h"

/* Raised with each change of tables.c, or of what a member means: the relay of before would read a
 * call without what it does not know. */
#define HEAD_VERSION   4
#define HEAD_MALFORMED "what was saved cannot be read"
#define HEAD_NO_MEMORY "out of memory"
#define HEAD_HASH_LEN  16 /* hex digits before each call: desk_hash() of its id */

/* NULL: no memory. */
json_t *head_save(const struct sessions *sessions, const struct call_certificates *certificates);
/* Gives the sessions what is theirs, and fills certificates, to be freed by the caller. NULL: done;
 * else why not. */
const char *head_restore(const json_t *json, struct sessions *sessions,
			 struct call_certificates *certificates);
void head_free(struct call_certificates *certificates);

uint64_t head_ms(void); /* monotonic */

#endif
