/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): for tables whose keys strangers choose. Without the
 * secret nobody finds keys that fall together; with FNV, keyed or not, they are made in a moment.
 */
#ifndef RUNTIME_SIPHASH_H
#define RUNTIME_SIPHASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct siphash_key {
	uint64_t words[2];
};

/* A secret of the system's randomness, for a table of this process. false: there is none. */
bool siphash_key_make(struct siphash_key *key_out);

uint64_t siphash(const struct siphash_key *key, const void *data, size_t len);

#endif
