/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that were asked for a moment ago, so that a look-up does not wait for the database to learn
 * who asks. A row is believed for KEYCACHE_MS: that is how long a revoked key may still work in
 * another process. Any thread.
 */
#ifndef REGISTRY_KEYCACHE_H
#define REGISTRY_KEYCACHE_H

#include "svc/registry/store/keys.h"

#define KEYCACHE_MS    3000
#define KEYCACHE_ROWS  4096   /* a power of two; a row that collides takes the other's place */
#define KEYCACHE_KNOWN 262144 /* a power of two: sets of four names that were good once */

struct keycache;

struct keycache *keycache_new(void);	    /* NULL: no memory */
void keycache_free(struct keycache *cache); /* NULL is fine */

/* name is KEY_HASH bytes: the key's hash, or that of a token's subject. */
bool keycache_get(struct keycache *cache, const uint8_t name[KEY_HASH], int64_t now_ms,
		  struct key_row *row_out);
/* Whether the name was ever put here, as far as that is remembered (KEYCACHE_KNOWN): of names that
 * never were, one in 2^29 is taken for one that was. Without a lock. */
bool keycache_knew(const struct keycache *cache, const uint8_t name[KEY_HASH]);
void keycache_put(struct keycache *cache, const uint8_t name[KEY_HASH], int64_t now_ms,
		  const struct key_row *row);
/* After a change of any key in this process. */
void keycache_clear(struct keycache *cache);

#endif
