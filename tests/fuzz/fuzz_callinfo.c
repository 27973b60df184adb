/* SPDX-License-Identifier: Apache-2.0 */
/* Call-Info: spans lie inside the text, and what is read is written as a value that reads the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/callinfo.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

static void inside(struct callerid_span part, const char *text, size_t len)
{
	must(part.n == 0 ||
	     (part.p >= text && part.n <= len && (size_t)(part.p - text) <= len - part.n));
}

static bool same(struct callerid_span a, struct callerid_span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static void round_trip(const struct callerid_callinfo *info)
{
	static char line[4 * CALLERID_CALLINFO_MAX];
	struct callerid_callinfo again;

	if (callerid_callinfo_build(info, line, sizeof(line), NULL) != CALLERID_OK)
		return; /* what a writer may not write, a stranger can have sent */
	must(callerid_callinfo_parse(line, strlen(line), &again, NULL) == CALLERID_OK);
	must(same(again.uri, info->uri) && same(again.integrity, info->integrity));
	/* The null URI always goes with purpose jcard (RFC 9796 §6). */
	must(again.purpose == info->purpose ||
	     (info->uri.n == 0 && again.purpose == CALLERID_CALLINFO_JCARD));
	must(again.verified == info->verified);
	must(strcmp(again.reason, info->reason) == 0);
}

static void one(const char *text, size_t len)
{
	struct callerid_error err = {.text = ""};
	struct callerid_callinfo info;

	if (callerid_callinfo_parse(text, len, &info, &err) != CALLERID_OK) {
		must(err.text[0] != '\0');
		return;
	}
	inside(info.uri, text, len);
	inside(info.integrity, text, len);
	must(strnlen(info.reason, sizeof(info.reason)) <= CALLERID_CALLINFO_REASON_MAX);
	round_trip(&info);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct callerid_span rest = {text, size}, value;

	one(text, size);
	while (callerid_identity_next(&rest, &value))
		one(value.p, value.n);
	return 0;
}
