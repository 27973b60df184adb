/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bindings of numbers and blocks by their text, which is packed into 64 bits, and which of them
 * is the narrowest around a number: that one decides what is shown. No locks of its own.
 */
#ifndef REGISTRY_PUSH_BOUND_H
#define REGISTRY_PUSH_BOUND_H

#include "svc/registry/domain/block.h"
#include "svc/registry/push/map.h"

/* A text's characters in four bits each from the left: 1 to 10 are digits, 11 is "x", 0 ends. So
 * packed texts compare as the texts do. */
#define BOUND_CHARS 16

/* false: longer than any E.164 number, or other characters. */
bool bound_pack(const char *text, uint64_t *packed_out);
void bound_unpack(uint64_t packed, char text_out[BOUND_CHARS]);

/* A binding is a brand's index and, in the lowest bit, strict; or one of these. */
#define BOUND_HIDDEN UINT64_MAX /* it is not public, and no wider one shows */
#define BOUND_NONE   (UINT64_MAX - 1)

struct bound {
	struct map map;
	size_t of_size[BLOCK_KEYS]; /* how many are numbers, blocks of 10, 100, 1,000 */
};

void bound_init(struct bound *bound, const struct siphash_key *secret);
void bound_clear(struct bound *bound); /* empty; its memory is free */

/* BOUND_NONE takes it out. false: no memory, and it is out. */
bool bound_put(struct bound *bound, uint64_t packed, uint64_t binding);
/* The narrowest binding of the number or block or around it; BOUND_NONE: there is none. */
uint64_t bound_over(const struct bound *bound, uint64_t packed);
/* Of those around it alone. */
uint64_t bound_around(const struct bound *bound, uint64_t packed);
/* Whether a number or block is a part of the block, and not all of it. */
bool bound_is_part(uint64_t packed, uint64_t block);

#endif
