/* SPDX-License-Identifier: Apache-2.0 */
/* Writes JSON as it comes, for answers that must be quick. */
#ifndef REGISTRY_JSONOUT_H
#define REGISTRY_JSONOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct jsonout {
	char *text; /* malloc'ed, ends with a NUL; NULL: no memory */
	size_t len, size;
};

void jsonout_begin(struct jsonout *out, size_t size);		    /* room for so much; it grows */
void jsonout_add(struct jsonout *out, const char *bytes, size_t n); /* as it is */
/* The same of a text; of a literal the compiler knows the length. */
static inline void jsonout_raw(struct jsonout *out, const char *text)
{
	jsonout_add(out, text, strlen(text));
}
/* In quotes, with escapes where RFC 8259 §7 wants them; text is UTF-8. */
void jsonout_string(struct jsonout *out, const char *text);
/* The same, or null for "". */
void jsonout_text(struct jsonout *out, const char *text);
void jsonout_uint(struct jsonout *out, uint64_t number);
void jsonout_bool(struct jsonout *out, bool value);

#endif
