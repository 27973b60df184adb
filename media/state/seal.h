/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state file: sealed with AES-256-GCM, written whole or not at all, read once. It holds keys of
 * calls and the counters under which they were used last: a second reading would use a counter
 * twice, so the file is gone from the disk before its contents are given out.
 */
#ifndef MEDIA_STATE_SEAL_H
#define MEDIA_STATE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEAL_KEY_LEN   32
#define SEAL_BYTES_MAX (256 << 20)
#define SEAL_FRESH_S   120 /* a file that is older is of calls that have ended */

struct seal_key {
	uint8_t bytes[SEAL_KEY_LEN];
};

/*
 * 32 bytes of a file that nobody else may read: of a systemd credential, or in a folder that lives
 * in memory (/run). make: where there is no file, one is made with a fresh key. false: err says
 * why.
 */
bool seal_key_load(const char *path, bool make, struct seal_key *out, char *err, size_t size);

/* Replaces the file atomically, mode 0600, synced. */
bool seal_write(const char *path, const struct seal_key *key, const uint8_t *data, size_t len,
		char *err, size_t size);

/* malloc'ed contents; the file is removed whatever it holds. NULL with err[0] 0: there is none.
 * NULL with a reason: another key, changed, too old or too long. */
uint8_t *seal_take(const char *path, const struct seal_key *key, size_t *len_out, char *err,
		   size_t size);

#endif
