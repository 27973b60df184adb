/* SPDX-License-Identifier: Apache-2.0 */
/* Intents: announced calls. */
#ifndef REGISTRY_STORE_INTENTS_H
#define REGISTRY_STORE_INTENTS_H

#include "svc/registry/domain/e164.h"
#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/intent.h"
#include "svc/registry/domain/pairtag.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/db.h"

#define REASON_CODE_MAX 24 /* characters of a code of the taxonomy */
#define LANG_MAX	35 /* of a language tag (RFC 5646) */

struct intent_row {
	int64_t serial;
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char brand[ID_MAX + 1];
	char key[ID_MAX + 1]; /* who announced it */
	char caller[CALLERID_TN_MAX + 1];
	uint8_t callee[PAIRTAG_SIZE];	   /* keyed tag of caller and callee */
	uint8_t callee_only[PAIRTAG_SIZE]; /* of the callee */
	char code[REASON_CODE_MAX + 1];
	char text[TEXT_BYTES_MAX + 1];
	char lang[LANG_MAX + 1];
	struct intent_life life;
	int64_t created_ms, not_before_ms;
	int64_t matched_ms, outcome_ms; /* 0: not yet */
};

/* Adds it, and deletes some of those that are older than INTENT_KEEP_MS. */
enum store_status store_intents_add(struct db *db, const struct intent_row *row);
/* tenant NULL: of any. */
enum store_status store_intents_get(struct db *db, const char *tenant, const char *id,
				    struct intent_row *row_out);
enum store_status store_intents_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				     struct intent_row *rows_out, size_t *n_out);
/* Compare and set. STORE_NONE: it is in another state by now. */
enum store_status store_intents_become(struct db *db, const struct intent_row *row,
				       enum intent_state state, int64_t now_ms);

/* Across tenants: for calls. */
struct intent_key {
	const char *brand;     /* that the caller's number is bound to now */
	const uint8_t *callee; /* PAIRTAG_SIZE bytes: of caller and callee */
	const uint8_t *call;   /* PAIRTAG_SIZE bytes, or NULL: the call has no id */
	int64_t now_ms;
};
/* The one that was matched by this call before. STORE_NONE too when call is NULL. */
enum store_status store_intents_of_call(struct db *db, const struct intent_key *key,
					struct intent_row *row_out);
/* The newest that is announced, has begun and has not expired. */
enum store_status store_intents_announced(struct db *db, const struct intent_key *key,
					  struct intent_row *row_out);
/* Either of the two, in one question: the one that this call has matched, else the newest live. */
enum store_status store_intents_seek(struct db *db, const struct intent_key *key,
				     struct intent_row *row_out);
/* Compare and set: STORE_NONE when id is no longer announced, or has expired; STORE_CONFLICT when
 * the same call has matched another meanwhile. */
enum store_status store_intents_match(struct db *db, const char *id, const struct intent_key *key);
/* Live ones of another brand for the same pair, at most limit. */
enum store_status store_intents_rivals(struct db *db, const struct intent_key *key, size_t limit,
				       struct intent_row *rows_out, size_t *n_out);
/* Counts a call that could not prove its number. STORE_NONE: no live intent, or counted enough. */
enum store_status store_intents_mismatch(struct db *db, const struct intent_key *key,
					 struct intent_row *row_out);

#endif
