/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that talk to the registry, as tables: options, and the JSON fields they fill. */
#ifndef CLI_REGISTRY_H
#define CLI_REGISTRY_H

#include "cli.h"

#define REGISTRY_URL "http://127.0.0.1:8080"

/* The rows that all these commands have, from a base on; never the key itself. */
enum { AT_REGISTRY, AT_KEY_FILE, AT_CA, AT_TIMEOUT, AT_COUNT };

/* The rows that the commands for resources have behind those. */
enum { AT_JSON = AT_COUNT, AT_FIELD };

/* Rows of cli_api_options. */
enum { API_JSON, API_DATA, API_TYPE, API_COMMON };

/* Where the value of an option goes: "verification.verstat" is a member of a member. */
struct registry_field {
	size_t row;
	const char *json;
};
#define REGISTRY_FIELDS_MAX 8

/* One command: its options say which it is. */
struct registry_resource {
	const struct opt *options;
	size_t common; /* base of the rows that all have */
	const char *path;
	struct registry_field fields[REGISTRY_FIELDS_MAX]; /* ends with a NULL json */
};

/* The row of a command of the table of commands. */
const struct registry_resource *registry_find(const struct opt *options);

#endif
