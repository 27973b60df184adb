/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers that are kept in memory for a retry: those of POSTs that change nothing, where a row of
 * the database would cost more than the answer. The newest are kept, for REPLAY_KEEP_MS at most; a
 * restart forgets them, and no other process knows them. They hold receipts, tokens and signed
 * PASSporTs, so they are wiped when they go and written nowhere. Any thread.
 */
#ifndef REGISTRY_REPLAY_H
#define REGISTRY_REPLAY_H

#include "svc/registry/store/idempotency.h"

#include <stddef.h>
#include <stdint.h>

#define REPLAY_KEEP_MS	300000
#define REPLAY_ANSWERS	16384	 /* one more takes the oldest's place */
#define REPLAY_BYTES	33554432 /* of all bodies together */
#define REPLAY_BODY_MAX 32768	 /* a longer one is not kept; no route has one */

struct replays;

struct replays *replays_new(void); /* NULL: no memory */
void replays_free(struct replays *replays);

struct replay {
	uint8_t key[IDEMPOTENCY_HASH], request[IDEMPOTENCY_HASH];
	unsigned status;
	const char *body; /* borrowed when it is kept; malloc'ed, the caller's, when it was found */
	size_t len;
};

enum replay_found {
	REPLAY_NEW,   /* nothing is kept under the key */
	REPLAY_SAME,  /* status and body are filled */
	REPLAY_OTHER, /* the key came with another request */
	REPLAY_NO_MEMORY,
};

/* By replay->key and replay->request. */
enum replay_found replays_find(struct replays *replays, int64_t now_ms, struct replay *replay);
/* Without memory it is not kept. */
void replays_keep(struct replays *replays, int64_t now_ms, const struct replay *replay);

#endif
