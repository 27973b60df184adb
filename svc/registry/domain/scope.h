/* SPDX-License-Identifier: Apache-2.0 */
/* What an API key may do. */
#ifndef REGISTRY_SCOPE_H
#define REGISTRY_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits, in the order of scope_names; they are stored, so a new one goes to the end. */
enum scope {
	SCOPE_OPERATOR = 1 << 0,
	SCOPE_MANAGE = 1 << 1,
	SCOPE_INTENTS = 1 << 2,
	SCOPE_LOOKUP = 1 << 3,
	SCOPE_ATTEST = 1 << 4,
	SCOPE_PUBLISH = 1 << 5,
	SCOPE_ALL = (1 << 6) - 1,
};

extern const char *const scope_names[]; /* NULL-terminated; name i stands for bit i */

/* "manage,intents" as bits; 0 when a name is unknown or the list is empty. */
uint32_t scope_parse(const char *list);

#endif
