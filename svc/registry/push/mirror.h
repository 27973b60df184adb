/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the table of what everybody may know: a thread with a connection of its own loads it, then
 * looks each MIRROR_MS for what changed.
 */
#ifndef REGISTRY_PUSH_MIRROR_H
#define REGISTRY_PUSH_MIRROR_H

#include "svc/registry/push/table.h"
#include "svc/registry/store/store.h"
#include "svc/runtime/log.h"

#define MIRROR_MS 500

struct mirror;

/* Both are borrowed; log may be NULL. NULL and one line in err. */
struct mirror *mirror_start(struct store *store, struct log *log, char *err, size_t size);
void mirror_stop(struct mirror *mirror); /* NULL is fine */

struct table *mirror_table(struct mirror *mirror); /* the mirror's */

#endif
