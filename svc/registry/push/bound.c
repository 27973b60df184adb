/* SPDX-License-Identifier: Apache-2.0 */
/* Packed texts and the map of them. */
#include "svc/registry/push/bound.h"

#include <string.h>

#define CHAR_BITS 4
#define LAST	  60 /* where the first character stands */
#define CODE_X	  11

bool bound_pack(const char *text, uint64_t *packed_out)
{
	uint64_t packed = 0;
	size_t n = 0;

	for (; text[n] != '\0'; n++) {
		bool digit = text[n] >= '0' && text[n] <= '9';
		if (n + 1 == BOUND_CHARS || (!digit && text[n] != 'x'))
			return false;
		uint64_t code = digit ? (uint64_t)(text[n] - '0' + 1) : CODE_X;
		packed |= code << (LAST - CHAR_BITS * n);
	}
	*packed_out = packed;
	return true;
}

void bound_unpack(uint64_t packed, char text_out[BOUND_CHARS])
{
	size_t n = 0;

	for (; n + 1 < BOUND_CHARS; n++) {
		unsigned code = packed >> (LAST - CHAR_BITS * n) & 15;
		if (code == 0)
			break;
		text_out[n] = "?0123456789x????"[code];
	}
	text_out[n] = '\0';
}

/* Where the last character of what is packed stands. */
static unsigned last_of(uint64_t packed)
{
	return packed != 0 ? (unsigned)__builtin_ctzll(packed) / CHAR_BITS * CHAR_BITS : LAST;
}

/* How many digits differ in what is packed: 0 to 3. */
static size_t differing_in(uint64_t packed)
{
	unsigned low = last_of(packed);
	size_t n = 0;

	while (n + 1 < BLOCK_KEYS && low < LAST && (packed >> low & 15) == CODE_X) {
		low += CHAR_BITS;
		n++;
	}
	return n;
}

/* Of the packed number's block with so many digits that differ. */
static uint64_t block_of(uint64_t packed, size_t differing)
{
	unsigned low = last_of(packed);

	for (size_t i = 0; i < differing && low <= LAST; i++, low += CHAR_BITS)
		packed = (packed & ~(UINT64_C(15) << low)) | (uint64_t)CODE_X << low;
	return packed;
}

void bound_init(struct bound *bound, const struct siphash_key *secret)
{
	*bound = (struct bound){.of_size = {0}};
	map_init(&bound->map, secret);
}

void bound_clear(struct bound *bound)
{
	map_clear(&bound->map);
	memset(bound->of_size, 0, sizeof bound->of_size);
}

bool bound_put(struct bound *bound, uint64_t packed, uint64_t binding)
{
	uint64_t before;

	if (packed == 0)
		return binding == BOUND_NONE;
	size_t *of_size = &bound->of_size[differing_in(packed)];
	*of_size -= map_get(&bound->map, packed, &before);
	bool kept = binding != BOUND_NONE && map_put(&bound->map, packed, binding);
	if (!kept)
		map_remove(&bound->map, packed);
	*of_size += kept;
	return kept || binding == BOUND_NONE;
}

static uint64_t find(const struct bound *bound, uint64_t packed, size_t differing)
{
	uint64_t binding;

	for (; differing < BLOCK_KEYS; differing++) {
		if (bound->of_size[differing] > 0 &&
		    map_get(&bound->map, block_of(packed, differing), &binding))
			return binding;
	}
	return BOUND_NONE;
}

uint64_t bound_over(const struct bound *bound, uint64_t packed)
{
	return find(bound, packed, differing_in(packed));
}

uint64_t bound_around(const struct bound *bound, uint64_t packed)
{
	return find(bound, packed, differing_in(packed) + 1);
}

bool bound_is_part(uint64_t packed, uint64_t block)
{
	return packed != block && block_of(packed, differing_in(block)) == block;
}
