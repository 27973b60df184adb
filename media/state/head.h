/* SPDX-License-Identifier: Apache-2.0 */
/* The first line of the state: what is of no single call. */
#ifndef MEDIA_STATE_HEAD_H
#define MEDIA_STATE_HEAD_H

#include <jansson.h>

#include "media/session/desk.h"
#include "media/state/call_state.h"

#define HEAD_VERSION  2
#define HEAD_HASH_LEN 16 /* hex digits before each call: desk_hash() of its id */

/* NULL: no memory. */
json_t *head_save(const struct sessions *sessions, const struct call_certificates *certificates);
/* Gives the sessions what is theirs, and fills certificates, to be freed by the caller. false: it
 * cannot be read, or another version wrote it. */
bool head_restore(const json_t *json, struct sessions *sessions,
		  struct call_certificates *certificates);
void head_free(struct call_certificates *certificates);

uint64_t head_ms(void); /* monotonic */

#endif
