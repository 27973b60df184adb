/* SPDX-License-Identifier: Apache-2.0 */
/* The hash that ties an audit row to the one before it. */
#ifndef REGISTRY_CHAINHASH_H
#define REGISTRY_CHAINHASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAINHASH_SIZE 32

/* SHA-256 over the hash before, the serial, the time and each text with its NUL, so that no two
 * rows have the same bytes. before is all zeros for the first row. false: OpenSSL refused. */
bool chainhash_make(const uint8_t before[CHAINHASH_SIZE], int64_t serial, int64_t at_ms,
		    const char *const texts[], size_t n, uint8_t hash_out[CHAINHASH_SIZE]);

#endif
