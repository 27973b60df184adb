/* SPDX-License-Identifier: Apache-2.0 */
/* The schema as numbered steps forward. */
#ifndef REGISTRY_MIGRATIONS_H
#define REGISTRY_MIGRATIONS_H

#include "svc/registry/store/sqlite.h"

struct migration {
	int version; /* the schema's version after it */
	const char *what;
	const char *sql; /* ends by setting user_version, inside the same transaction */
};

extern const struct migration migrations[];
extern const size_t migrations_count;

#endif
