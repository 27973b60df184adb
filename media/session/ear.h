/* SPDX-License-Identifier: Apache-2.0 */
/* Listens to one stream: keys pressed (RFC 4733), silence, and input that does not come. */
#ifndef MEDIA_SESSION_EAR_H
#define MEDIA_SESSION_EAR_H

#include "media/session/call.h"

#define EAR_KEYS_MAX 32 /* the last, for query */

struct ear_key {
	char key;
	unsigned ms, volume;
	int64_t at; /* wall, s */
};

struct ear_wish {	      /* 0: not wanted */
	uint64_t silence_ms;  /* quiet for so long is told, once until sound comes again */
	uint64_t no_input_ms; /* neither a key nor sound for so long from now on is told, once */
};

struct ear;

/* Keys are always told. An ear that listens already gets the new wish, from now on. false: no
 * memory, or no room. */
bool ear_open(struct stream *stream, const struct ear_wish *wish);
void ear_close(struct stream *stream);
/* The i-th key that was heard, the oldest first; NULL: no more. */
const struct ear_key *ear_key(const struct ear *ear, size_t i);
/* Every stream of audio that has none gets one, where the call was asked to listen. */
void ear_wire(struct call *call);

#endif
