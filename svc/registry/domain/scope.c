/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the scopes and lists of them. */
#include "svc/registry/domain/scope.h"

#include <string.h>

const char *const scope_names[] = {"operator", "manage",  "intents", "lookup",
				   "attest",   "publish", NULL};

static uint32_t scope_find(const char *name, size_t len)
{
	for (size_t i = 0; scope_names[i] != NULL; i++) {
		if (strlen(scope_names[i]) == len && strncmp(scope_names[i], name, len) == 0)
			return (uint32_t)1 << i;
	}
	return 0;
}

uint32_t scope_parse(const char *list)
{
	uint32_t scopes = 0;

	for (const char *at = list;; at++) {
		size_t len = strcspn(at, ",");
		uint32_t one = scope_find(at, len);
		if (one == 0)
			return 0;
		scopes |= one;
		at += len;
		if (*at == 0)
			return scopes;
	}
}
