/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers: encoding random bits, and recognising what was encoded. */
#include "svc/registry/domain/ids.h"

#include <string.h>

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

void id_encode(const char *prefix, const uint8_t random[ID_RANDOM], char id_out[ID_MAX + 1])
{
	size_t at = 0;

	for (; at < ID_MAX - ID_BODY && prefix[at] != 0; at++)
		id_out[at] = prefix[at];
	for (size_t i = 0; i < ID_BODY; i++) {
		size_t bit = i * 5;
		unsigned pair = (unsigned)random[bit / 8] << 8;
		if (bit / 8 + 1 < ID_RANDOM)
			pair |= random[bit / 8 + 1];
		id_out[at++] = alphabet[pair >> (11 - bit % 8) & 31];
	}
	id_out[at] = 0;
}

bool id_is(const char *prefix, const char *text, size_t len)
{
	size_t head = strlen(prefix);

	if (len != head + ID_BODY || strncmp(text, prefix, head) != 0)
		return false;
	for (size_t i = head; i < len; i++) {
		bool letter = text[i] >= 'a' && text[i] <= 'z';
		bool digit = text[i] >= '2' && text[i] <= '7';
		if (!letter && !digit)
			return false;
	}
	return true;
}

bool id_is_sha256(const char *text, size_t len)
{
	if (len != SHA256_HEX)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool letter = text[i] >= 'a' && text[i] <= 'f';
		bool digit = text[i] >= '0' && text[i] <= '9';
		if (!letter && !digit)
			return false;
	}
	return true;
}

void id_hex(const uint8_t *bytes, size_t len, char *hex_out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		hex_out[2 * i] = digits[bytes[i] >> 4];
		hex_out[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex_out[2 * len] = 0;
}
