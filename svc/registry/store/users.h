/* SPDX-License-Identifier: Apache-2.0 */
/* Users: people of a tenant, each with a role. They act through keys of their own. */
#ifndef REGISTRY_STORE_USERS_H
#define REGISTRY_STORE_USERS_H

#include "svc/registry/domain/ids.h"
#include "svc/registry/domain/role.h"
#include "svc/registry/domain/text.h"
#include "svc/registry/store/db.h"

struct user_row {
	int64_t serial;
	char id[ID_MAX + 1];
	char tenant[ID_MAX + 1];
	char name[TEXT_BYTES_MAX + 1];
	enum role role;
	bool disabled;
	int64_t version, created_ms;
};

/* STORE_CONFLICT: the tenant has one of that name. */
enum store_status store_users_add(struct db *db, const struct user_row *row);
/* Of any tenant: the caller compares row_out->tenant with what it may see. */
enum store_status store_users_get(struct db *db, const char *id, struct user_row *row_out);
enum store_status store_users_list(struct db *db, const char *tenant, int64_t after, size_t limit,
				   struct user_row *rows_out, size_t *n_out);
/* Name and role, as row->version + 1; keys of a role that is more than the new one end. STORE_NONE:
 * it is another version by now, or disabled. STORE_CONFLICT: the tenant has one of that name. */
enum store_status store_users_put(struct db *db, struct user_row *row, int64_t now_ms);
/* Its keys end too. STORE_NONE: no such user, or disabled before. */
enum store_status store_users_disable(struct db *db, const char *tenant, const char *id,
				      int64_t now_ms);

#endif
