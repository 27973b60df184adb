/* SPDX-License-Identifier: Apache-2.0 */
/* The replay window: which PASSporTs have been seen while they are fresh (RFC 8224 §12.1). */
#ifndef CID_REPLAY_H
#define CID_REPLAY_H

#include <callerid/error.h>
#include <callerid/identity.h>

#include "jws.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Fixed memory, made at start. Only PASSporTs whose signature has passed are remembered, so that
 * invalid ones cannot push them out. One thread at a time.
 */
struct cid_replay;

struct cid_replay_key {
	uint8_t bytes[24]; /* 16 bytes of tag, 8 bytes that choose the two places it may stand */
};

enum callerid_status cid_replay_new(size_t entries, struct cid_replay **replay_out,
				    struct callerid_error *err);
void cid_replay_free(struct cid_replay *replay); /* NULL is fine */

/*
 * The key of one PASSporT: a hash, under a random key of this window, of what was signed (caller,
 * destinations, iat and all) and of the R half of the signature. Not S: whoever has (R, S) can
 * also write (R, n - S), which verifies too and must not count as new. false: OpenSSL failed.
 */
bool cid_replay_key(struct cid_replay *replay, struct callerid_span signing_input,
		    const uint8_t raw[CID_ES256_LEN], struct cid_replay_key *key_out);

/* Seen, and still remembered at now? *age_s_out (seconds since then) is set only when true. */
bool cid_replay_seen(const struct cid_replay *replay, const struct cid_replay_key *key, int64_t now,
		     int64_t *age_s_out);

/* Remembers key until expires. When both places are full, what expires first gives way. */
void cid_replay_remember(struct cid_replay *replay, const struct cid_replay_key *key, int64_t now,
			 int64_t expires);

#endif
