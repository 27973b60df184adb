/* SPDX-License-Identifier: Apache-2.0 */
/* Identity header fields: every span lies inside the text, and splitting ends. */
#include <stdint.h>
#include <stdlib.h>

#include <callerid/identity.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct callerid_span part, const char *text, size_t len)
{
	if (part.n == 0)
		return;
	if (part.p < text || part.n > len || (size_t)(part.p - text) > len - part.n)
		abort();
}

static void split(const char *text, size_t len)
{
	struct callerid_identity id;

	if (callerid_identity_parse(text, len, &id, NULL) != CALLERID_OK)
		return;
	inside(id.token, text, len);
	inside(id.info, text, len);
	inside(id.alg, text, len);
	inside(id.ppt, text, len);
	if (id.token.n == 0 || id.info.n == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct callerid_span rest = {text, size}, value;
	struct callerid_error err;
	struct callerid_identity id;

	if (callerid_identity_parse(text, size, &id, &err) != CALLERID_OK && err.text[0] == '\0')
		abort();
	split(text, size);
	while (callerid_identity_next(&rest, &value)) {
		inside(value, text, size);
		if (value.n == 0)
			abort();
		split(value.p, value.n);
	}
	if (rest.n != 0)
		abort();
	return 0;
}
