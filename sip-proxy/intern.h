/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte strings that many things share, each kept once and counted. Every array has its full size
 * from the beginning, so that nothing is ever moved; the kernel gives memory for what is used.
 */
#ifndef PROXY_INTERN_H
#define PROXY_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "svc/runtime/siphash.h"

#define INTERN_NONE UINT32_MAX

struct intern;

/* Room for max strings, at most 2^31. NULL: no memory. */
struct intern *intern_new(uint32_t max);
void intern_free(struct intern *intern); /* NULL is fine */

/* What is looked for: bytes and a number that belongs to them. */
struct intern_key {
	const char *text;
	size_t len; /* at most 65,535 */
	uint32_t link;
};

/* Where it is looked for first. */
uint32_t intern_hash(const struct siphash_key *secret, const struct intern_key *key);

/* The index of the string, which is counted once more. INTERN_NONE: it is new, and there is no
 * memory, no room, or over bytes_max bytes would be used. */
uint32_t intern_take(struct intern *intern, const struct intern_key *key, size_t bytes_max);
void intern_give(struct intern *intern, uint32_t index); /* one count less; gone with the last */
/* The same without counting; INTERN_NONE: there is none. */
uint32_t intern_find(const struct intern *intern, const struct intern_key *key);

/* Borrowed until the index is given back. */
void intern_get(const struct intern *intern, uint32_t index, struct intern_key *key_out);

/* Strings, and what they take: texts, allocator and bookkeeping. */
uint32_t intern_count(const struct intern *intern);
size_t intern_bytes(const struct intern *intern);
/* Indices are below it. */
uint32_t intern_end(const struct intern *intern);

#endif
