/* SPDX-License-Identifier: Apache-2.0 */
/* uthash with a hash function of ours: its own one falls through labels, which clang warns of. */
#ifndef CERTS_HASH_H
#define CERTS_HASH_H

#include <stddef.h>

/* FNV-1a. Strangers may make keys collide; every table here is small, so a search is short. */
static inline unsigned certs_hash(const void *data, size_t len)
{
	const unsigned char *p = data;
	unsigned value = 2166136261u;

	for (size_t i = 0; i < len; i++)
		value = (value ^ p[i]) * 16777619u;
	return value;
}

#define HASH_FUNCTION(key, len, value_out) ((value_out) = certs_hash((key), (len)))
#include <uthash.h>

#endif
