/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons as templates, and intents: announced calls. */
#ifndef REGISTRY_STORE_INTENTS_H
#define REGISTRY_STORE_INTENTS_H

#include "svc/registry/domain/e164.h"
#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/intent.h"
#include "svc/registry/domain/pairtag.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/db.h"

#define REASON_CODE_MAX 24 /* characters of a code of the taxonomy */

struct reason_row {
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char brand[ID_MAX + 1];
	char code[REASON_CODE_MAX + 1];
	char text[TEXT_BYTES_MAX + 1];
	int64_t created_ms;
};

/* STORE_NONE: the tenant has no such brand. */
enum store_status store_reasons_add(struct db *db, const struct reason_row *row);
enum store_status store_reasons_get(struct db *db, const char *tenant, const char *id,
				    struct reason_row *row_out);

struct intent_row {
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char brand[ID_MAX + 1];
	char caller[CALLERID_TN_MAX + 1];
	uint8_t callee[PAIRTAG_SIZE]; /* keyed tag of caller and callee */
	char code[REASON_CODE_MAX + 1];
	char text[TEXT_BYTES_MAX + 1];
	enum intent_state state; /* as stored: never EXPIRED */
	int64_t created_ms, expires_ms;
};

/* Adds it, and deletes some of those that are older than INTENT_KEEP_MS. */
enum store_status store_intents_add(struct db *db, const struct intent_row *row);
enum store_status store_intents_get(struct db *db, const char *tenant, const char *id,
				    struct intent_row *row_out);
/* STORE_NONE: the tenant has none announced under that id. */
enum store_status store_intents_cancel(struct db *db, const char *tenant, const char *id);

/* Across tenants: for lookups. */
struct intent_key {
	const char *brand;     /* that the caller's number is bound to now */
	const uint8_t *callee; /* PAIRTAG_SIZE bytes */
	const uint8_t *call;   /* PAIRTAG_SIZE bytes, or NULL: the call has no id */
	int64_t now_ms;
};
/* The one that was matched by this call before. STORE_NONE too when call is NULL. */
enum store_status store_intents_of_call(struct db *db, const struct intent_key *key,
					struct intent_row *row_out);
/* The newest that is announced and not expired. */
enum store_status store_intents_announced(struct db *db, const struct intent_key *key,
					  struct intent_row *row_out);
/* Compare and set: STORE_NONE when id is no longer announced, or has expired. */
enum store_status store_intents_match(struct db *db, const char *id, const struct intent_key *key);

#endif
