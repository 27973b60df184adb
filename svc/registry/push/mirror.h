/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the table of what everybody may know, and what look-ups recall: a thread with a connection
 * of its own loads both, then looks for what changed whenever it is told, and each MIRROR_MS.
 */
#ifndef REGISTRY_PUSH_MIRROR_H
#define REGISTRY_PUSH_MIRROR_H

#include "svc/registry/push/recall.h"
#include "svc/registry/push/table.h"
#include "svc/registry/store/store.h"
#include "svc/runtime/log.h"

#define MIRROR_MS      500
#define MIRROR_REST_MS 5 /* between two looks, however often it is told */

struct mirror;

/* Everything is borrowed until mirror_stop(). */
struct mirror_params {
	struct store *store;
	struct log *log;		/* NULL: none */
	int64_t (*now_ms)(void *magic); /* since 1970 */
	void *magic;
};

/* NULL and one line in err. */
struct mirror *mirror_start(const struct mirror_params *params, char *err, size_t size);
void mirror_stop(struct mirror *mirror); /* NULL is fine */

/* Something was committed, here or in another process. Any thread, both. */
void mirror_told(struct mirror *mirror);
/* This process has changed the directory: no look-up recalls what was before. */
void mirror_changed(struct mirror *mirror);

struct table *mirror_table(struct mirror *mirror); /* the mirror's, both */
struct recall *mirror_recall(struct mirror *mirror);

#endif
