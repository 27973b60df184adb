/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What everybody may know of numbers, in memory: look-ups are answered, buckets and lists made from
 * it. An entry takes 24 bytes, and 16 more when it has a binding (about 75 MB for a million numbers
 * with the room to grow), a brand about 350. One thread changes it, any number read.
 */
#ifndef REGISTRY_PUSH_TABLE_H
#define REGISTRY_PUSH_TABLE_H

#include "svc/registry/domain/bucket.h"
#include "svc/registry/store/directory.h"

struct table;

struct table *table_new(void); /* NULL: no memory */
void table_free(struct table *table);

/* Between the two nobody reads. version -1: it is not whole yet, and nobody reads either. */
void table_begin(struct table *table);
void table_clear(struct table *table);
void table_end(struct table *table, int64_t version);

/* Of a number or block; gone: it has no brand (any more). Then it shows nothing, nor does a block
 * around it, unless serial is 0: it is not bound. false: no memory. */
bool table_put_brand(struct table *table, const struct directory_row *row);
/* "", "none": it has no label (any more). */
bool table_put_label(struct table *table, const char *number, const char *label);

struct table_state {
	int64_t version; /* -1: not known yet */
	size_t entries;	 /* of each bucket */
	size_t numbers;	 /* numbers and blocks in all */
};
void table_state(struct table *table, struct table_state *state_out);

/* The bytes of one bucket, malloc'ed, of one version. NULL: no memory, or not known yet. */
uint8_t *table_bucket(struct table *table, uint16_t bucket, struct table_state *state_out);

/* One entry for a list, which is for phones that do not know what was announced: strict brands show
 * nothing. Strings are borrowed until the visitor returns. */
struct table_view {
	const char *number; /* or block */
	const char *name;   /* NULL: none to be shown */
	const char *label;  /* NULL: none */
	bool hides;	    /* it has no name, and no block around it gives it one */
};
/* Whether a list has it. */
bool table_view_shows(const struct table_view *view);
/* Returns false to stop. */
typedef bool table_visit(void *magic, const struct table_view *view);
/* The entries of a region (domain/region.h; "": all) by their text; the version they are of. -1:
 * not known yet, or no memory. */
int64_t table_each(struct table *table, const char *region, table_visit *visit, void *magic);
/* All entries of lists, in no order that means anything. -1: not known yet. */
int64_t table_walk(struct table *table, table_visit *visit, void *magic);
/* What store_directory_find() gives: of row_out gone, and when it is false brand, name, logo and
 * strict. -1 likewise, and when the number (canonical digits) is longer than any of E.164. */
int64_t table_cover(struct table *table, const char *number, struct directory_row *row_out);
/* The entry of exactly that text, or one that shows nothing. -1 likewise. */
int64_t table_find(struct table *table, const char *text, table_visit *visit, void *magic);
/* Numbers and blocks that are parts of a block and have no name: what their entries hide may change
 * with the block. -1 likewise. */
int64_t table_each_hidden(struct table *table, const char *block, table_visit *visit, void *magic);

#endif
