/* SPDX-License-Identifier: Apache-2.0 */
/* The closed lists of why a call is made, and of what a call turned out to be. */
#ifndef REGISTRY_TAXONOMY_H
#define REGISTRY_TAXONOMY_H

#define REASON_CODES 16
#define LABEL_CODES  10

struct reason_code {
	const char *code, *text;
};

extern const struct reason_code reason_codes[REASON_CODES];
extern const char *const reason_code_names[REASON_CODES + 1]; /* NULL-terminated, same order */

/* What a callee reports. */
extern const struct reason_code label_codes[LABEL_CODES];
extern const char *const label_code_names[LABEL_CODES + 1];

#endif
