/* SPDX-License-Identifier: Apache-2.0 */
/* The public entry of a number or block, as JSON: for snapshots and directory.changed. */
#ifndef REGISTRY_PUSH_ENTRY_H
#define REGISTRY_PUSH_ENTRY_H

#include "svc/registry/store/directory.h"

#include <jansson.h>

/* public_url is where logos are served. One that is gone says so. NULL: no memory. */
json_t *entry_render(const struct directory_row *row, const char *public_url);
/* The same as a line of text, malloc'ed. */
char *entry_text(const struct directory_row *row, const char *public_url);

#endif
