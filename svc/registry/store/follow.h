/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading changes: pages of them by serial, what of them is no longer kept, and which keys may no
 * longer follow. Everything here works across tenants: scope says whose changes are read.
 */
#ifndef REGISTRY_STORE_FOLLOW_H
#define REGISTRY_STORE_FOLLOW_H

#include "svc/registry/domain/block.h"
#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/pairtag.h"
#include "svc/registry/store/db.h"
#include "svc/registry/store/events.h"

/* Who hears what. */
enum follow_kind {
	FOLLOW_TENANT,	  /* the events of a tenant */
	FOLLOW_CALLEE,	  /* the events that concern one callee */
	FOLLOW_DIRECTORY, /* what changed of the public entries of numbers */
};

struct follow_scope {
	enum follow_kind kind;
	char tenant[ID_MAX + 1];
	bool businesses, claims; /* FOLLOW_TENANT: may hear of businesses and brands; of claims */
	uint8_t callee[PAIRTAG_SIZE];
};

#define CHANGE_OBJECT_MAX BLOCK_MAX /* an identifier is shorter */

/* An event, or a change of the directory: then object is a number, a block or a brand. */
struct change {
	int64_t serial;
	int64_t part; /* a binding's serial: one of the many that a brand's change stands for */
	enum follow_kind kind; /* FOLLOW_DIRECTORY or FOLLOW_TENANT */
	char tenant[ID_MAX + 1];
	bool has_callee;
	uint8_t callee[PAIRTAG_SIZE];
	char name[EVENT_KIND_MAX + 1]; /* "intent.matched" */
	char object[CHANGE_OBJECT_MAX + 1];
	char *data; /* JSON, malloc'ed; of the directory's: NULL */
	int64_t at_ms;
};

void change_clear(struct change *change); /* frees data */
bool change_is_for(const struct change *change, const struct follow_scope *scope);
bool change_is_brand(const struct change *change);

#define FOLLOW_PAGE 100

/* At most limit changes after the serial, in their order; scope NULL: all events. */
enum store_status store_follow_read(struct db *db, const struct follow_scope *scope, int64_t after,
				    size_t limit, struct change *changes_out, size_t *n_out);
/* How many there are after the serial; it counts to most. */
enum store_status store_follow_count(struct db *db, const struct follow_scope *scope, int64_t after,
				     size_t most, size_t *n_out);
/* The newest serial that was deleted: whoever has seen less has missed something. 0: none was. */
enum store_status store_follow_gone(struct db *db, enum follow_kind kind, int64_t *serial_out);
/* Deletes the oldest, at most limit, of those that are older. FOLLOW_CALLEE is FOLLOW_TENANT. */
enum store_status store_follow_prune(struct db *db, enum follow_kind kind, int64_t before_ms,
				     size_t limit, size_t *n_out);

/* Keys that were revoked since then, or have expired between then and now; in pages by serial. */
struct follow_ended {
	int64_t since_ms, now_ms;
	int64_t after; /* the last key's serial of the page before; set */
};
#define FOLLOW_KEYS 64
enum store_status store_follow_ended(struct db *db, struct follow_ended *ended,
				     char keys_out[FOLLOW_KEYS][ID_MAX + 1], size_t *n_out);

#endif
