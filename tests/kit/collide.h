/* SPDX-License-Identifier: Apache-2.0 */
/* What a stranger sends to a table that is hashed by FNV-1a of 32 bits, as uthash's is: words that
 * all have one hash, so that they stand in one chain. */
#ifndef KIT_COLLIDE_H
#define KIT_COLLIDE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COLLIDE_ROUNDS 14 /* of the attacker: two to the power of it are the words */
#define COLLIDE_BLOCK  8  /* hex digits that each of them adds */
#define COLLIDE_LEN    (COLLIDE_ROUNDS * COLLIDE_BLOCK)
#define COLLIDE_TABLE  (1 << 20)
#define COLLIDE_BASE   2166136261u

typedef char collide_word[COLLIDE_LEN + 1];

static inline uint32_t collide_fnv(uint32_t state, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		state = (state ^ (uint8_t)text[i]) * 16777619u;
	return state;
}

/* Two blocks that take a state of FNV to the same next one, found by birthday; two such a round
 * make 2^ROUNDS words with one hash (Joux, Crypto 2004). */
struct collide_pair {
	char block[2][COLLIDE_BLOCK + 1];
};

static inline uint32_t collide_once(uint32_t state, uint32_t *seen, struct collide_pair *out)
{
	char text[COLLIDE_BLOCK + 1];

	memset(seen, 0, COLLIDE_TABLE * sizeof(*seen));
	for (uint32_t i = 1;; i++) {
		uint32_t next, other;

		snprintf(text, sizeof(text), "%08x", i);
		next = collide_fnv(state, text, COLLIDE_BLOCK);
		other = seen[next % COLLIDE_TABLE];
		snprintf(out->block[0], sizeof(out->block[0]), "%08x", other);
		if (other != 0 && collide_fnv(state, out->block[0], COLLIDE_BLOCK) == next) {
			memcpy(out->block[1], text, sizeof(text));
			return next;
		}
		seen[next % COLLIDE_TABLE] = i;
	}
}

/* n words, all different, at most 2^COLLIDE_ROUNDS; zero-terminated, to be freed. */
static inline collide_word *collide_words(size_t n)
{
	uint32_t *seen = calloc(COLLIDE_TABLE, sizeof(*seen)), state = COLLIDE_BASE;
	collide_word *words = calloc(n, sizeof(*words));
	struct collide_pair pairs[COLLIDE_ROUNDS];

	assert_non_null(seen);
	assert_non_null(words);
	for (int round = 0; round < COLLIDE_ROUNDS; round++)
		state = collide_once(state, seen, &pairs[round]);
	free(seen);
	for (size_t i = 0; i < n; i++) {
		for (int round = 0; round < COLLIDE_ROUNDS; round++)
			memcpy(words[i] + COLLIDE_BLOCK * round, pairs[round].block[i >> round & 1],
			       COLLIDE_BLOCK);
		assert_int_equal(collide_fnv(COLLIDE_BASE, words[i], COLLIDE_LEN), state);
	}
	return words;
}

#endif
