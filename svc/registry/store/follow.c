/* SPDX-License-Identifier: Apache-2.0 */
/* Queries that read changes and delete old ones. */
#include "svc/registry/store/follow.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

void change_clear(struct change *change)
{
	free(change->data);
	change->data = NULL;
}

static bool is_about(const struct change *change, const char *head)
{
	return strncmp(change->name, head, strlen(head)) == 0;
}

/* A stream tells nobody what it may not read. */
static bool may_hear(const struct change *change, const struct follow_scope *scope)
{
	if (is_about(change, "business.") || is_about(change, "brand."))
		return scope->businesses;
	return scope->claims || !is_about(change, "claim.");
}

bool change_is_for(const struct change *change, const struct follow_scope *scope)
{
	switch (scope->kind) {
	case FOLLOW_TENANT:
		return change->kind == FOLLOW_TENANT &&
		       strcmp(change->tenant, scope->tenant) == 0 && may_hear(change, scope);
	case FOLLOW_CALLEE:
		return change->kind == FOLLOW_TENANT && change->has_callee &&
		       CRYPTO_memcmp(change->callee, scope->callee, PAIRTAG_SIZE) == 0;
	case FOLLOW_DIRECTORY:
		return change->kind == FOLLOW_DIRECTORY;
	}
	return false;
}

bool change_is_brand(const struct change *change)
{
	return change->kind == FOLLOW_DIRECTORY &&
	       strncmp(change->object, ID_BRAND, strlen(ID_BRAND)) == 0;
}

#define EVENT "SELECT serial, kind, object, at, tenant, callee, body FROM events WHERE "
#define PAGE  " ORDER BY serial LIMIT :limit"

/* may_hear() in SQL */
#define OF_TENANT                                                                                  \
	"tenant = :tenant AND (:businesses = 1 OR (kind NOT LIKE 'business.%'"                     \
	" AND kind NOT LIKE 'brand.%')) AND (:claims = 1 OR kind NOT LIKE 'claim.%') AND "

static void bind_tenant(struct db_query *query, const struct follow_scope *scope)
{
	db_bind_text(query, ":tenant", scope->tenant);
	db_bind_int(query, ":businesses", scope->businesses);
	db_bind_int(query, ":claims", scope->claims);
}

static struct db_query *query_of(struct db *db, const struct follow_scope *scope)
{
	struct db_query *query;

	if (scope == NULL)
		return db_query(db, EVENT "serial > :after" PAGE);
	if (scope->kind == FOLLOW_DIRECTORY)
		return db_query(db, "SELECT serial, 'directory.changed', number, at"
				    " FROM directory_log WHERE serial > :after" PAGE);
	if (scope->kind == FOLLOW_TENANT) {
		query = db_query(db, EVENT OF_TENANT "serial > :after" PAGE);
		bind_tenant(query, scope);
		return query;
	}
	query = db_query(db, EVENT "callee = :callee AND serial > :after" PAGE);
	db_bind_blob(query, ":callee", scope->callee, PAIRTAG_SIZE);
	return query;
}

static enum store_status read_event(struct db_query *query, struct change *change)
{
	size_t len;
	const void *callee = db_blob(query, 5, &len);

	change->kind = FOLLOW_TENANT;
	db_text(query, 4, change->tenant, sizeof change->tenant);
	change->has_callee = callee != NULL && len == PAIRTAG_SIZE;
	if (change->has_callee)
		memcpy(change->callee, callee, PAIRTAG_SIZE);
	change->data = strdup(db_text_borrow(query, 6));
	return change->data != NULL ? STORE_OK : STORE_FAILED;
}

enum store_status store_follow_read(struct db *db, const struct follow_scope *scope, int64_t after,
				    size_t limit, struct change *changes_out, size_t *n_out)
{
	struct db_query *query = query_of(db, scope);
	enum store_status status;
	size_t n = 0;

	db_bind_int(query, ":after", after);
	db_bind_int(query, ":limit", (int64_t)limit);
	while ((status = db_step(query)) == STORE_OK && n < limit) {
		struct change *change = &changes_out[n++];
		*change = (struct change){.serial = db_int(query, 0),
					  .kind = FOLLOW_DIRECTORY,
					  .at_ms = db_int(query, 3)};
		db_text(query, 1, change->name, sizeof change->name);
		db_text(query, 2, change->object, sizeof change->object);
		if (scope != NULL && scope->kind == FOLLOW_DIRECTORY)
			continue;
		status = read_event(query, change);
		if (status != STORE_OK)
			break;
	}
	db_done(query);
	*n_out = n;
	if (status == STORE_OK || status == STORE_NONE)
		return STORE_OK;
	while (n > 0)
		change_clear(&changes_out[--n]);
	*n_out = 0;
	return status;
}

#define COUNT(table, where)                                                                        \
	"SELECT count(*) FROM (SELECT 1 FROM " table " WHERE " where                               \
	"serial > :after LIMIT :limit) AS unread"

enum store_status store_follow_count(struct db *db, const struct follow_scope *scope, int64_t after,
				     size_t most, size_t *n_out)
{
	struct db_query *query;

	if (scope->kind == FOLLOW_DIRECTORY) {
		query = db_query(db, COUNT("directory_log", ""));
	} else if (scope->kind == FOLLOW_TENANT) {
		query = db_query(db, COUNT("events", OF_TENANT));
		bind_tenant(query, scope);
	} else {
		query = db_query(db, COUNT("events", "callee = :callee AND "));
		db_bind_blob(query, ":callee", scope->callee, PAIRTAG_SIZE);
	}
	db_bind_int(query, ":after", after);
	db_bind_int(query, ":limit", (int64_t)most);
	enum store_status status = db_step(query);
	if (status == STORE_OK)
		*n_out = (size_t)db_int(query, 0);
	db_done(query);
	return status;
}

static const char *gone_name(enum follow_kind kind)
{
	return kind == FOLLOW_DIRECTORY ? "directory_gone" : "events_gone";
}

enum store_status store_follow_gone(struct db *db, enum follow_kind kind, int64_t *serial_out)
{
	struct db_query *query = db_query(db, "SELECT value FROM counters WHERE name = :name");

	db_bind_text(query, ":name", gone_name(kind));
	enum store_status status = db_step(query);
	*serial_out = status == STORE_OK ? db_int(query, 0) : 0;
	db_done(query);
	return status == STORE_NONE ? STORE_OK : status;
}

/* Only the oldest rows are looked at, however many there are. */
#define OLDEST(table)                                                                              \
	"SELECT count(*), max(serial) FROM (SELECT serial, at FROM " table                         \
	" ORDER BY serial LIMIT :limit) AS oldest WHERE at < :before"

static enum store_status find_old(struct db_query *query, int64_t before_ms, size_t limit,
				  size_t *n_out, int64_t *serial_out)
{
	db_bind_int(query, ":before", before_ms);
	db_bind_int(query, ":limit", (int64_t)limit);
	enum store_status status = db_step(query);
	if (status == STORE_OK) {
		*n_out = (size_t)db_int(query, 0);
		*serial_out = db_int(query, 1);
	}
	db_done(query);
	return status;
}

enum store_status store_follow_prune(struct db *db, enum follow_kind kind, int64_t before_ms,
				     size_t limit, size_t *n_out)
{
	bool directory = kind == FOLLOW_DIRECTORY;
	int64_t serial = 0;
	enum store_status status = find_old(directory ? db_query(db, OLDEST("directory_log"))
						      : db_query(db, OLDEST("events")),
					    before_ms, limit, n_out, &serial);

	if (status != STORE_OK || *n_out == 0)
		return status;
	struct db_query *query =
		directory ? db_query(db, "DELETE FROM directory_log WHERE serial <= :serial")
			  : db_query(db, "DELETE FROM events WHERE serial <= :serial");
	db_bind_int(query, ":serial", serial);
	status = db_run(query);
	if (status != STORE_OK)
		return status == STORE_NONE ? STORE_OK : status; /* another process was faster */
	query = db_query(db, "INSERT INTO counters (name, value) VALUES (:name, :serial)"
			     " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
			     " WHERE counters.value < excluded.value");
	db_bind_text(query, ":name", gone_name(kind));
	db_bind_int(query, ":serial", serial);
	status = db_run(query);
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status store_follow_ended(struct db *db, struct follow_ended *ended,
				     char keys_out[FOLLOW_KEYS][ID_MAX + 1], size_t *n_out)
{
	struct db_query *query =
		db_query(db, "SELECT serial, id FROM keys WHERE serial > :after AND serial IN"
			     " (SELECT serial FROM keys WHERE revoked_at >= :since UNION"
			     " SELECT serial FROM keys WHERE expires_at >= :since"
			     " AND expires_at <= :now) ORDER BY serial LIMIT :limit");
	enum store_status status;
	size_t n = 0;

	db_bind_int(query, ":after", ended->after);
	db_bind_int(query, ":since", ended->since_ms);
	db_bind_int(query, ":now", ended->now_ms);
	db_bind_int(query, ":limit", FOLLOW_KEYS);
	while ((status = db_step(query)) == STORE_OK && n < FOLLOW_KEYS) {
		ended->after = db_int(query, 0);
		db_text(query, 1, keys_out[n++], ID_MAX + 1);
	}
	db_done(query);
	*n_out = n;
	return status == STORE_NONE ? STORE_OK : status;
}
