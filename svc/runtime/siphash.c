/* SPDX-License-Identifier: Apache-2.0 */
/* Two rounds a word, four at the end; words are little-endian. */
#include "svc/runtime/siphash.h"

#include <endian.h>
#include <string.h>
#include <sys/random.h>

bool siphash_key_make(struct siphash_key *key_out)
{
	return getrandom(key_out, sizeof(*key_out), 0) == (ssize_t)sizeof(*key_out);
}

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static void rounds(uint64_t v[4], int n)
{
	for (; n > 0; n--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void take(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	rounds(v, 2);
	v[0] ^= word;
}

uint64_t siphash(const struct siphash_key *key, const void *data, size_t len)
{
	const uint64_t a = key->words[0], b = key->words[1];
	uint64_t v[4] = {a ^ 0x736f6d6570736575, b ^ 0x646f72616e646f6d, a ^ 0x6c7967656e657261,
			 b ^ 0x7465646279746573};
	const unsigned char *p = data;
	size_t left = len;
	uint64_t word;

	for (; left >= sizeof(word); left -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		take(v, le64toh(word));
	}
	word = (uint64_t)len << 56;
	while (left > 0) {
		left--;
		word |= (uint64_t)p[left] << 8 * left;
	}
	take(v, word);
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
