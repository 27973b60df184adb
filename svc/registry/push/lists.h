/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed lists for phones that decide offline. A region's full list is made once, kept and given to
 * all who ask; it is made anew when the directory has changed, at most each LISTS_MS.
 */
#ifndef REGISTRY_PUSH_LISTS_H
#define REGISTRY_PUSH_LISTS_H

#include "svc/registry/domain/signature.h"
#include "svc/registry/push/regions.h"
#include "svc/registry/push/table.h"

#include <stdint.h>

#define LISTS_KEPT 32 /* regions whose list is kept; the one that nobody asked for longest goes */
#define LISTS_MS   10000

struct lists;

/* Both are borrowed. NULL: no memory. */
struct lists *lists_new(struct table *table, const struct signature *signature);
void lists_free(struct lists *lists); /* NULL is fine */

/* A document that several answers may send at once. */
struct list_text {
	char *text;
	size_t len;
	int64_t version;
	char jws[SIGNATURE_JWS_MAX + 1];
};

enum lists_status {
	LISTS_OK,
	LISTS_NONE, /* no such region */
	LISTS_BUSY, /* not known yet, or somebody is making it for the first time */
	LISTS_FAILED,
};
/* clock_ms is monotonic. */
enum lists_status lists_full(struct lists *lists, const char *region, int64_t clock_ms,
			     struct list_text **text_out);
void lists_give(struct lists *lists, struct list_text *text); /* back */
enum lists_status lists_regions(struct lists *lists, int64_t clock_ms, struct regions *regions_out);

/* Adds an entry to the array of what there is, or, when there is nothing to show, to what went. */
void lists_add(const struct table_view *view, json_t *add, json_t *remove);
/* The document; takes both arrays. since -1: a full list. NULL: no memory. */
char *lists_render(const char *region, int64_t version, int64_t since, json_t *take_add,
		   json_t *take_remove);

#endif
