/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of numbers and blocks. */
#include "svc/registry/domain/block.h"

#include <stdio.h>
#include <string.h>

#define DIFFERING_MAX (BLOCK_KEYS - 1)

static const int64_t sizes[BLOCK_KEYS] = {1, 10, 100, 1000};

/* How many digits differ inside a block of that size; BLOCK_KEYS: there is no such block. */
static size_t differing_of(int64_t size)
{
	size_t n = 0;

	while (n < BLOCK_KEYS && sizes[n] != size)
		n++;
	return n;
}

bool block_make(const char *number, int64_t size, struct block *block_out)
{
	size_t len = strlen(number), differing = differing_of(size);
	struct tn tn;

	if (differing == BLOCK_KEYS || len > CALLERID_TN_MAX)
		return false;
	memcpy(tn.text, number, len + 1);
	if (!tn_is_e164(&tn) || strspn(number + len - differing, "0") != differing)
		return false;
	memcpy(block_out->text, number, len + 1);
	memset(block_out->text + len - differing, 'x', differing);
	return true;
}

static size_t differing_in(const char *text)
{
	size_t len = strlen(text), n = 0;

	while (n < len && text[len - 1 - n] == 'x')
		n++;
	return n;
}

int64_t block_size(const char *text)
{
	size_t len = strlen(text), differing = differing_in(text);
	bool digits = strspn(text, "0123456789") == len - differing;

	return len > 0 && len <= BLOCK_MAX && digits && differing <= DIFFERING_MAX
		       ? sizes[differing]
		       : 0;
}

void block_first(const char *text, char number_out[CALLERID_TN_MAX + 1])
{
	size_t n = 0;

	for (; text[n] != 0 && n < CALLERID_TN_MAX; n++)
		number_out[n] = text[n] == 'x' ? '0' : text[n];
	number_out[n] = 0;
}

void block_keys(const char *number, struct block keys_out[BLOCK_KEYS])
{
	size_t len = strnlen(number, BLOCK_MAX);

	for (size_t i = 0; i < BLOCK_KEYS; i++) {
		size_t differing = i < len ? i : len;
		memcpy(keys_out[i].text, number, len);
		memset(keys_out[i].text + len - differing, 'x', differing);
		keys_out[i].text[len] = 0;
	}
}

bool block_overlaps(const char *a, const char *b)
{
	size_t len = strlen(a);

	if (len != strlen(b))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (a[i] != b[i] && a[i] != 'x' && b[i] != 'x')
			return false;
	}
	return true;
}
