/* SPDX-License-Identifier: Apache-2.0 */
/* --migrate and --add-key. */
#include "svc/registry/setup.h"

#include "svc/registry/domain/text.h"
#include "svc/registry/http/auth.h"
#include "svc/registry/secretfile.h"
#include "svc/registry/store/store.h"
#include "svc/registry/store/tenants.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

static bool create_pair_key(const char *path, char *err, size_t size)
{
	uint8_t bytes[PAIRTAG_KEY];
	char hex[2 * PAIRTAG_KEY + 1];

	if (access(path, F_OK) == 0)
		return true;
	if (RAND_bytes(bytes, sizeof bytes) != 1) {
		snprintf(err, size, "no randomness");
		return false;
	}
	id_hex(bytes, sizeof bytes, hex);
	bool created = secretfile_create(path, hex, err, size);
	OPENSSL_cleanse(bytes, sizeof bytes);
	OPENSSL_cleanse(hex, sizeof hex);
	return created;
}

bool setup_migrate(const struct registry_section *section, int *from_out, char *err, size_t size)
{
	return store_migrate(section->database, from_out, err, size) &&
	       create_pair_key(section->pair_key_file, err, size);
}

bool setup_read_pair_key(const char *path, struct pairtag_key *key_out, char *err, size_t size)
{
	char hex[2 * PAIRTAG_KEY + 2];
	struct conf_error why;

	if (!conf_read_secret(path, hex, sizeof hex, &why)) {
		snprintf(err, size, "%s (--migrate creates it)", why.text);
		return false;
	}
	bool read = pairtag_key_parse(hex, key_out);
	OPENSSL_cleanse(hex, sizeof hex);
	if (!read)
		snprintf(err, size, "%s: 64 hexadecimal digits are required", path);
	return read;
}

static int64_t now_ms(void)
{
	return (int64_t)time(NULL) * 1000;
}

static enum store_status find_or_add_tenant(struct db *db, const char *name,
					    char id_out[ID_MAX + 1])
{
	struct tenant_row row;
	enum store_status status = store_tenants_by_name(db, name, &row);

	if (status == STORE_NONE) {
		row.created_ms = now_ms();
		snprintf(row.name, sizeof row.name, "%s", name);
		if (!auth_random_id(ID_TENANT, row.id))
			return STORE_FAILED;
		status = store_tenants_add(db, &row);
	}
	if (status == STORE_OK)
		memcpy(id_out, row.id, sizeof row.id);
	return status;
}

static enum store_status add_key(struct db *db, const struct setup_key *key, const char *secret)
{
	struct key_row row = {.scopes = key->scopes, .created_ms = now_ms()};

	if (!auth_random_id(ID_KEY, row.id) || !auth_hash(secret, row.hash))
		return STORE_FAILED;
	enum store_status status = find_or_add_tenant(db, key->tenant, row.tenant);
	return status == STORE_OK ? store_keys_add(db, &row) : status;
}

static bool hand_over(const struct setup_key *key, const char *secret, char *err, size_t size)
{
	if (strcmp(key->path, "-") != 0)
		return secretfile_create(key->path, secret, err, size);
	if (puts(secret) >= 0 && fflush(stdout) == 0)
		return true;
	snprintf(err, size, "standard output: %m");
	return false;
}

/* The key is handed over before it is committed: a key that nobody got must not exist. */
static bool add_in(struct store *store, const struct setup_key *key, char *err, size_t size)
{
	char secret[ID_MAX + 1];
	struct db *db = store_take(store);
	enum store_status status = db_begin(db);
	bool handed = false;

	if (status == STORE_OK) {
		status =
			auth_random_id(ID_SECRET, secret) ? add_key(db, key, secret) : STORE_FAILED;
		handed = status == STORE_OK && hand_over(key, secret, err, size);
		status = db_end(db, status == STORE_OK && !handed ? STORE_NONE : status);
	}
	if (status != STORE_OK && status != STORE_NONE)
		snprintf(err, size, "the database failed: %s", db_error(db));
	OPENSSL_cleanse(secret, sizeof secret);
	store_give(store, db);
	return status == STORE_OK;
}

bool setup_add_key(const struct registry_section *section, const struct setup_key *key, char *err,
		   size_t size)
{
	const struct store_params params = {section->database, 1};
	const char *code = text_label_check(key->tenant, strlen(key->tenant));

	if (code != NULL) {
		snprintf(err, size, "the tenant's name is not accepted: %s", code);
		return false;
	}
	struct store *store = store_open(&params, err, size);
	if (store == NULL)
		return false;
	bool added = add_in(store, key, err, size);
	store_close(store);
	return added;
}
