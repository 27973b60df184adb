/* SPDX-License-Identifier: Apache-2.0 */
/* --migrate and --add-key. */
#include "svc/registry/setup.h"

#include "svc/registry/domain/text.h"
#include "svc/registry/http/auth.h"
#include "svc/registry/secretfile.h"
#include "svc/registry/store/keys.h"
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

static bool create_signing_key(const char *path, char *err, size_t size)
{
	char pem[SIGNATURE_PEM_MAX + 1];

	if (access(path, F_OK) == 0)
		return true;
	if (!signature_make_key(pem)) {
		snprintf(err, size, "no new key could be made");
		return false;
	}
	bool created = secretfile_create(path, pem, err, size);
	OPENSSL_cleanse(pem, sizeof pem);
	return created;
}

const char *setup_owner(const struct registry_section *section)
{
	return section->database_owner != NULL ? section->database_owner : section->database;
}

bool setup_migrate(const struct registry_section *section, int *from_out, char *err, size_t size)
{
	const char *role = section->database_owner != NULL ? section->database_role : NULL;
	const struct store_owner owner = {setup_owner(section), role};

	return store_migrate(&owner, from_out, err, size) &&
	       create_pair_key(section->pair_key_file, err, size) &&
	       create_signing_key(section->signing_key_file, err, size);
}

struct signature *setup_read_signature(const char *path, char *err, size_t size)
{
	char pem[SIGNATURE_PEM_MAX + 2], what[200];
	struct conf_error why;

	if (!conf_read_secret(path, pem, sizeof pem, &why)) {
		snprintf(err, size, "%s (--migrate creates it)", why.text);
		return NULL;
	}
	struct signature *signature = signature_new(pem, what, sizeof what);
	OPENSSL_cleanse(pem, sizeof pem);
	if (signature == NULL)
		snprintf(err, size, "%s: %s", path, what);
	return signature;
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
		row = (struct tenant_row){
			.level = 1, .vouched = true, .version = 1, .created_ms = now_ms()};
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
	struct key_row row = {.role = key->role,
			      .permissions = role_permissions(key->role),
			      .created_ms = now_ms()};

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

struct adding {
	const struct setup_key *key;
	bool handed;
	char *err;
	size_t size;
};

/* The key is handed over before it is committed: a key that nobody got must not exist. */
static enum store_status add_in(struct db *db, void *magic)
{
	struct adding *adding = magic;
	char secret[ID_MAX + 1];
	enum store_status status = STORE_FAILED;

	if (auth_random_id(ID_SECRET, secret))
		status = add_key(db, adding->key, secret);
	if (status == STORE_OK) {
		adding->handed = hand_over(adding->key, secret, adding->err, adding->size);
		if (!adding->handed)
			status = STORE_NONE;
	}
	OPENSSL_cleanse(secret, sizeof secret);
	return status;
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
	const struct db_scope scope = {DB_WRITE, DB_ACROSS, ""};
	struct adding adding = {key, false, err, size};
	struct db *db = store_take(store, STORE_WAIT_MS);
	enum store_status status = db_transact(db, &scope, add_in, &adding);
	if (status != STORE_OK && status != STORE_NONE)
		snprintf(err, size, "the database failed: %s", db_error(db));
	store_give(store, db);
	store_close(store);
	return status == STORE_OK;
}
