/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, url-safe and not: one text for each byte string, and nothing written past what fits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "b64.h"
#include "b64url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct alphabet {
	bool (*decode)(const char *text, size_t len, uint8_t *out, size_t size, size_t *len_out);
	size_t (*encode)(const void *data, size_t len, char *out);
	bool may_be_padded;
};

static void must(bool good)
{
	if (!good)
		abort();
}

/* What is read is written as it was read; with one byte less of room nothing is read. */
static void read_text(const struct alphabet *a, const char *text, size_t len)
{
	size_t room = CID_B64URL_DECODED(len), n = SIZE_MAX, shorter = len;
	uint8_t *bytes = malloc(room + 1);
	char *again = malloc(len + 1);

	must(bytes != NULL && again != NULL);
	if (a->decode(text, len, bytes, room, &n)) {
		while (a->may_be_padded && shorter > 0 && text[shorter - 1] == '=')
			shorter--;
		must(n <= room && CID_B64URL_LEN(n) == shorter);
		must(a->encode(bytes, n, again) == shorter);
		must(memcmp(again, text, shorter) == 0);
		must(n == 0 || !a->decode(text, len, bytes, n - 1, &room));
	} else {
		must(n == SIZE_MAX);
	}
	free(bytes);
	free(again);
}

static void write_bytes(const struct alphabet *a, const uint8_t *data, size_t size)
{
	size_t len = CID_B64URL_LEN(size), n = 0;
	char *text = malloc(len + 1);
	uint8_t *back = malloc(size + 1);

	must(text != NULL && back != NULL);
	must(a->encode(data, size, text) == len);
	must(a->decode(text, len, back, size, &n));
	must(n == size && memcmp(back, data, size) == 0);
	free(text);
	free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct alphabet all[] = {
		{cid_b64url_decode, cid_b64url_encode, false},
		{cid_b64_decode, cid_b64_encode, true},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		read_text(&all[i], (const char *)data, size);
		write_bytes(&all[i], data, size);
	}
	return 0;
}
