/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes and bytes of buckets. */
#include "svc/registry/domain/bucket.h"

#include "svc/registry/domain/taxonomy.h"

#include <string.h>

#include <openssl/evp.h>

#define SHARED_DIGITS 3 /* the last digits, which the bucket does not depend on */
#define HASH_SIZE     32
#define SPOOFED	      255

/* SHA-256 of a word, a zero byte and the text. */
static bool hash(const char *word, const char *text, size_t len, uint8_t hash_out[HASH_SIZE])
{
	uint8_t bytes[64];
	size_t at = strlen(word) + 1;

	if (at + len > sizeof bytes)
		return false;
	memcpy(bytes, word, at);
	memcpy(bytes + at, text, len);
	return EVP_Digest(bytes, at + len, hash_out, NULL, EVP_sha256(), NULL) == 1;
}

bool bucket_of(const char *text, uint16_t *bucket_out)
{
	uint8_t digest[HASH_SIZE];
	size_t len = strnlen(text, BLOCK_MAX);

	if (!hash("attestel-bucket-1", text, len > SHARED_DIGITS ? len - SHARED_DIGITS : 0, digest))
		return false;
	*bucket_out = (uint16_t)(digest[0] << 8 | digest[1]);
	return true;
}

bool bucket_tag(const char *text, uint8_t tag_out[BUCKET_TAG])
{
	uint8_t digest[HASH_SIZE];

	if (!hash("attestel-entry-1", text, strnlen(text, BLOCK_MAX), digest))
		return false;
	memcpy(tag_out, digest, BUCKET_TAG);
	return true;
}

bool bucket_parse(const char *prefix, uint16_t *bucket_out)
{
	static const char digits[] = "0123456789abcdef";
	unsigned bucket = 0;

	if (strnlen(prefix, BUCKET_PREFIX + 1) != BUCKET_PREFIX)
		return false;
	for (size_t i = 0; i < BUCKET_PREFIX; i++) {
		const char *digit = strchr(digits, prefix[i]);
		if (digit == NULL)
			return false;
		bucket = bucket << 4 | (unsigned)(digit - digits);
	}
	*bucket_out = (uint16_t)bucket;
	return true;
}

uint8_t bucket_label(const char *label)
{
	for (uint8_t i = 0; i < LABEL_CODES; i++) {
		if (strcmp(label_code_names[i], label) == 0)
			return (uint8_t)(i + 1);
	}
	return strcmp(label, "spoofed") == 0 ? SPOOFED : 0;
}

const char *bucket_label_name(uint8_t label)
{
	if (label == SPOOFED)
		return "spoofed";
	return label >= 1 && label <= LABEL_CODES ? label_code_names[label - 1] : "none";
}

void bucket_write(const struct bucket_entry *entry, uint8_t bytes_out[BUCKET_ENTRY])
{
	uint8_t *logo = bytes_out + 16, *name = logo + BUCKET_LOGO;

	memset(bytes_out, 0, BUCKET_ENTRY);
	memcpy(bytes_out, entry->tag, BUCKET_TAG);
	bytes_out[8] = entry->flags;
	bytes_out[9] = entry->label;
	if ((entry->flags & BUCKET_HAS_LOGO) != 0)
		memcpy(logo, entry->logo, BUCKET_LOGO);
	if ((entry->flags & BUCKET_BRAND) != 0) {
		size_t len = strnlen(entry->name, BUCKET_NAME);
		bytes_out[10] = (uint8_t)len;
		memcpy(name, entry->name, len);
	}
}

size_t bucket_padded(size_t fullest)
{
	size_t entries = BUCKET_ENTRIES_MIN;

	while (entries < fullest)
		entries *= 2;
	return entries;
}
