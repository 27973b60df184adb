/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A copy of the registry's directory: which brand a number or a block of 10, 100 or 1,000 numbers
 * is bound to. A number takes 12 bytes in a hash table that is at most three quarters full and has
 * its full size from the beginning; what a brand shows is kept once for all its numbers. No I/O, no
 * clock, no locks: one writer, or readers.
 */
#ifndef PROXY_SNAPSHOT_H
#define PROXY_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNAPSHOT_NUMBER_MAX  15	 /* digits, x included */
#define SNAPSHOT_FIELD_MAX   512 /* bytes of each text */
#define SNAPSHOT_ENTRIES_MAX 50000000

struct snapshot;

struct snapshot_limits {
	size_t entries; /* at most SNAPSHOT_ENTRIES_MAX */
	size_t bytes;	/* of everything */
};

/* Empty. NULL: no memory, or limits that do not even hold the table. */
struct snapshot *snapshot_new(const struct snapshot_limits *limits);
void snapshot_free(struct snapshot *snapshot); /* NULL is fine */

struct snapshot_entry {
	/* The digits and an "x" for each that differs inside a block: "1215555121x". */
	char number[SNAPSHOT_NUMBER_MAX + 1];
	const char *customer, *brand, *name;
	const char *logo_url, *logo_sha256; /* "" where there is none */
	bool strict;			    /* shown for announced calls only */
	uint32_t group; /* of what is found: entries of one group have the same texts */
};

enum snapshot_status { SNAPSHOT_OK, SNAPSHOT_BAD, SNAPSHOT_FULL };

/* Puts the entry in the place of one with the same number. BAD: it is no number, or a text is too
 * long or has control characters. FULL: a limit, or no memory; nothing was changed. */
enum snapshot_status snapshot_put(struct snapshot *snapshot, const struct snapshot_entry *entry);
/* The same for a number that is bound and shows nothing: no wider block is found for it either. */
enum snapshot_status snapshot_hide(struct snapshot *snapshot, const char *number);
/* false: there was none. */
bool snapshot_remove(struct snapshot *snapshot, const char *number);

/* The narrowest entry that covers a number (digits only); false when that one is hidden, too. Its
 * texts are borrowed until the snapshot is changed. */
bool snapshot_find(const struct snapshot *snapshot, const char *number,
		   struct snapshot_entry *entry_out);
/* Whether some number is bound to a brand of this business. */
bool snapshot_knows(const struct snapshot *snapshot, const char *customer);

size_t snapshot_count(const struct snapshot *snapshot);
size_t snapshot_bytes(const struct snapshot *snapshot);

/* Every entry, in no order: *at is 0 before the first. false: that was all. */
bool snapshot_next(const struct snapshot *snapshot, size_t *at, struct snapshot_entry *entry_out);

/* Groups are below it; and the same for any content. */
uint32_t snapshot_groups(const struct snapshot *snapshot);
uint32_t snapshot_groups_max(const struct snapshot *snapshot);

/* "12155551210" and 10 are "1215555121x". false: there is no such block. */
bool snapshot_text(const char *number, int64_t size, char text_out[SNAPSHOT_NUMBER_MAX + 1]);

#endif
