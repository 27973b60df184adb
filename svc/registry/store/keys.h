/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: what a program shows to prove whom it acts for. */
#ifndef REGISTRY_STORE_KEYS_H
#define REGISTRY_STORE_KEYS_H

#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/pairtag.h"
#include "svc/registry/domain/role.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/db.h"

#define KEY_HASH 32 /* SHA-256 of the secret, or of a certificate's public key (its DER) */

enum key_kind { KEY_SECRET, KEY_CERTIFICATE, KEY_KINDS };
extern const char *const key_kind_names[KEY_KINDS + 1];

struct key_row {
	int64_t serial;
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char user[ID_MAX + 1]; /* "": nobody's in particular */
	enum key_kind kind;
	uint8_t hash[KEY_HASH];
	enum role role;
	uint64_t permissions; /* when read: at most those of the user */
	char label[TEXT_BYTES_MAX + 1];
	bool has_callee; /* a device's */
	uint8_t callee[PAIRTAG_SIZE];
	int64_t created_ms;
	int64_t expires_ms, revoked_ms; /* 0: never */
	char successor[ID_MAX + 1];
	bool vouched; /* of its tenant; only when read */
};

/* STORE_CONFLICT: no such tenant or user, or the hash is known. */
enum store_status store_keys_add(struct db *db, const struct key_row *row);
/* Those that were revoked or have expired too: the caller looks. */
enum store_status store_keys_by_hash(struct db *db, const uint8_t hash[KEY_HASH],
				     struct key_row *row_out);
/* Of any tenant: the caller compares row_out->tenant with what it may see. */
enum store_status store_keys_get(struct db *db, const char *id, struct key_row *row_out);
enum store_status store_keys_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				  struct key_row *rows_out, size_t *n_out);
/* STORE_NONE: no such key, or revoked before. */
enum store_status store_keys_revoke(struct db *db, const char *tenant, const char *id,
				    int64_t now_ms);
/* It ends at expires_ms, when successor has taken over. STORE_NONE: revoked, expired or rotated. */
enum store_status store_keys_rotate(struct db *db, const struct key_row *row);

#endif
