/* SPDX-License-Identifier: Apache-2.0 */
/* Why a business calls: one closed list, so that a callee's device can act on it. */
#ifndef REGISTRY_TAXONOMY_H
#define REGISTRY_TAXONOMY_H

#include <stddef.h>

struct reason_code {
	const char *code;
	const char *text; /* one line for a person */
};

#define REASON_CODES 16

extern const struct reason_code reason_codes[REASON_CODES];
extern const char *const reason_code_names[REASON_CODES + 1]; /* NULL-terminated */

#endif
