/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes, for those who follow them. Rows are added in the transaction that makes the change;
 * serials become visible in their order, since the counter stays locked until COMMIT: add them
 * last.
 */
#ifndef REGISTRY_STORE_EVENTS_H
#define REGISTRY_STORE_EVENTS_H

#include "svc/registry/domain/block.h"
#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/pairtag.h"
#include "svc/registry/store/db.h"

#define EVENT_KIND_MAX	  32
#define EVENT_KEEP_MS	  (INT64_C(24) * 3600 * 1000)	   /* of events: they speak of calls */
#define DIRECTORY_KEEP_MS (INT64_C(30) * 24 * 3600 * 1000) /* of the directory's changes */

struct event_row {
	int64_t serial;
	char tenant[ID_MAX + 1]; /* whose business it is */
	bool has_callee;
	uint8_t callee[PAIRTAG_SIZE];  /* whose phone it concerns: the tag of the callee alone */
	char kind[EVENT_KIND_MAX + 1]; /* "intent.matched" */
	char object[ID_MAX + 1];
	const char *body; /* JSON; borrowed when adding; of a row that was read: until the next */
	int64_t at_ms;
};

/* Sets row->serial. Wakes followers in all processes when the transaction commits. */
enum store_status store_events_add(struct db *db, struct event_row *row);
/* The public entry of this number or block (domain/block.h) changed. */
enum store_status store_directory_changed(struct db *db, const char *number, int64_t now_ms);
/* Those of many, by taking the counter once: a row that one transaction changes again and again
 * becomes slow to find, and the others wait for it. */
enum store_status store_directory_changed_all(struct db *db, const struct block *numbers, size_t n,
					      int64_t now_ms);
/* The serial of the newest change; 0: none yet. */
enum store_status store_events_serial(struct db *db, int64_t *serial_out);

#endif
