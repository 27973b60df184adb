/* SPDX-License-Identifier: Apache-2.0 */
/* Reason, Call-Info and Feature-Caps: spans lie inside the text; what is written reads back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/reason.h>

#include "sipparam.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct callerid_span part, const char *text, size_t len)
{
	if (part.n == 0)
		return;
	if (part.p < text || part.n > len || (size_t)(part.p - text) > len - part.n)
		abort();
}

static void same(struct callerid_span a, struct callerid_span b)
{
	if (a.n != b.n || (a.n > 0 && memcmp(a.p, b.p, a.n) != 0))
		abort();
}

/* The text as it reads, written and read again, reads the same. */
static void round_trip(const struct callerid_reason_value *value)
{
	static char text[CALLERID_REASON_VALUE_MAX + 1], line[2 * CALLERID_REASON_VALUE_MAX + 256],
		back[CALLERID_REASON_VALUE_MAX + 1];
	struct callerid_reason_value ours = *value, read;
	size_t n = callerid_reason_text(value->text, text, sizeof(text));
	size_t len;

	ours.text = (struct callerid_span){value->text.p == NULL ? NULL : text, n};
	len = callerid_reason_write(&ours, line, sizeof(line));
	if (len == 0 || callerid_reason_parse(line, len, &read, NULL) != CALLERID_OK)
		return; /* location or ppi of other characters than a writer may use */
	same(read.protocol, value->protocol);
	same(read.location, value->location);
	if (read.cause != value->cause)
		abort();
	if (callerid_reason_text(read.text, back, sizeof(back)) != n || strcmp(text, back) != 0)
		abort();
}

static void one(const char *text, size_t len)
{
	struct callerid_reason_value value;
	struct callerid_span url;
	struct callerid_error err = {.text = ""};

	if (callerid_reason_parse(text, len, &value, &err) != CALLERID_OK) {
		if (err.text[0] == '\0')
			abort();
		return;
	}
	inside(value.protocol, text, len);
	inside(value.text, text, len);
	inside(value.ppi, text, len);
	inside(value.location, text, len);
	if (callerid_analytics_parse(603, &value, &url))
		inside(url, text, len);
	(void)callerid_reason_is_about(&value, (struct callerid_span){text, len});
	round_trip(&value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct callerid_span rest = {text, size}, value, uri;

	one(text, size);
	while (callerid_reason_next(&rest, &value)) {
		inside(value, text, size);
		if (value.n == 0)
			abort();
		one(value.p, value.n);
	}
	if (rest.n != 0)
		abort();
	if (callerid_jwscard_uri(text, size, &uri))
		inside(uri, text, size);
	(void)callerid_feature_caps_has_608(text, size);
	return 0;
}
