/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of keys on both engines. */
#include "svc/registry/store/keys.h"

#include "svc/registry/store/users.h"
#include "tests/unit/svc/registry/store/numbers_rows.h"

static struct key_row key(const char *id, const char *tenant, enum role role)
{
	struct key_row row = {
		.role = role, .permissions = role_permissions(role), .created_ms = NOW};

	snprintf(row.id, sizeof row.id, "%s", id);
	snprintf(row.tenant, sizeof row.tenant, "%s", tenant);
	memcpy(row.hash, id, strlen(id));
	return row;
}

static struct db *begin(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	struct key_row row = key("key_1", MINE, ROLE_OWNER);

	rows_begin(db);
	store_must(db, db_begin(db, &across_write));
	store_must(db, store_keys_add(db, &row));
	return db;
}

static void a_key_is_found_by_the_hash_of_its_secret_and_by_nothing_near_it(void **state)
{
	struct db *db = begin(state);
	struct key_row found, row = key("key_1", MINE, ROLE_OWNER);

	store_must(db, store_keys_by_hash(db, row.hash, &found));
	assert_string_equal(found.id, "key_1");
	assert_true(found.vouched);
	assert_int_equal(found.permissions, role_permissions(ROLE_OWNER));
	row.hash[KEY_HASH - 1] ^= 1;
	assert_int_equal(store_keys_by_hash(db, row.hash, &found), STORE_NONE);
	store_must(db, db_end(db, STORE_OK));
}

static void a_hash_belongs_to_one_key(void **state)
{
	struct db *db = begin(state);
	struct key_row row = key("key_1", HERS, ROLE_CALLER);

	snprintf(row.id, sizeof row.id, "key_2");
	assert_int_equal(store_keys_add(db, &row), STORE_CONFLICT);
	(void)db_end(db, STORE_NONE);
}

static void a_key_may_never_do_more_than_its_role(void **state)
{
	struct db *db = begin(state);
	struct key_row row = key("key_2", HERS, ROLE_CALLER), found;

	row.permissions = UINT64_MAX >> 1;
	store_must(db, store_keys_add(db, &row));
	store_must(db, store_keys_get(db, "key_2", &found));
	assert_int_equal(found.permissions, role_permissions(ROLE_CALLER));
	store_must(db, db_exec(db, "UPDATE keys SET role = 'emperor' WHERE id = 'key_2'"));
	store_must(db, store_keys_get(db, "key_2", &found));
	assert_int_equal(found.permissions, 0);
	store_must(db, db_end(db, STORE_OK));
}

/* The owner's user of MINE, with a key of each role. */
static struct user_row make_user(struct db *db, const char *const keys[], size_t n)
{
	struct user_row user = {.role = ROLE_OWNER, .version = 1, .created_ms = NOW};

	snprintf(user.id, sizeof user.id, "usr_1");
	snprintf(user.tenant, sizeof user.tenant, MINE);
	snprintf(user.name, sizeof user.name, "Ada");
	store_must(db, store_users_add(db, &user));
	for (size_t i = 0; i < n; i++) {
		enum role role;
		assert_true(role_find(keys[i], &role));
		struct key_row row = key(keys[i], MINE, role);
		snprintf(row.user, sizeof row.user, "usr_1");
		store_must(db, store_keys_add(db, &row));
	}
	return user;
}

static void a_key_may_never_do_more_than_its_user(void **state)
{
	static const char *const keys[] = {"owner"};
	struct db *db = begin(state);
	struct key_row found;

	(void)make_user(db, keys, 1);
	store_must(db, store_keys_get(db, "owner", &found));
	assert_int_equal(found.permissions, role_permissions(ROLE_OWNER));
	store_must(db, db_exec(db, "UPDATE users SET role = 'analyst'"));
	store_must(db, store_keys_get(db, "owner", &found));
	assert_int_equal(found.role, ROLE_ANALYST);
	assert_int_equal(found.permissions, role_permissions(ROLE_ANALYST));
	assert_int_equal(found.revoked_ms, 0);
	store_must(db, db_exec(db, "UPDATE users SET role = 'emperor'"));
	store_must(db, store_keys_get(db, "owner", &found));
	assert_int_equal(found.permissions, 0);
	store_must(db, db_exec(db, "UPDATE users SET role = 'owner', state = 'disabled'"));
	store_must(db, store_keys_get(db, "owner", &found));
	assert_int_not_equal(found.revoked_ms, 0);
	store_must(db, store_keys_get(db, "key_1", &found));
	assert_int_equal(found.revoked_ms, 0);
	store_must(db, db_end(db, STORE_OK));
}

static void a_user_that_is_lowered_keeps_the_keys_that_are_no_more(void **state)
{
	static const char *const keys[] = {"owner", "admin", "analyst", "support", "caller"};
	static const bool revoked[] = {true, true, false, false, true};
	struct db *db = begin(state);
	struct user_row user = make_user(db, keys, 5), old = user;
	struct key_row found;

	user.role = ROLE_ANALYST;
	store_must(db, store_users_put(db, &user, NOW + 1));
	assert_int_equal(user.version, 2);
	assert_int_equal(store_users_put(db, &old, NOW + 2), STORE_NONE);
	for (size_t i = 0; i < 5; i++) {
		store_must(db, store_keys_get(db, keys[i], &found));
		assert_int_equal(found.revoked_ms, revoked[i] ? NOW + 1 : 0);
	}
	store_must(db, store_keys_get(db, "key_1", &found));
	assert_int_equal(found.revoked_ms, 0);
	store_must(db, db_end(db, STORE_OK));
}

static void a_key_is_revoked_and_rotated_by_its_tenant_and_once(void **state)
{
	struct db *db = begin(state);
	struct key_row row = key("key_1", HERS, ROLE_OWNER), found;

	row.expires_ms = NOW + 10;
	snprintf(row.successor, sizeof row.successor, "key_2");
	assert_int_equal(store_keys_rotate(db, &row), STORE_NONE);
	assert_int_equal(store_keys_revoke(db, HERS, "key_1", NOW), STORE_NONE);
	snprintf(row.tenant, sizeof row.tenant, MINE);
	store_must(db, store_keys_rotate(db, &row));
	assert_int_equal(store_keys_rotate(db, &row), STORE_NONE);
	store_must(db, store_keys_revoke(db, MINE, "key_1", NOW + 5));
	assert_int_equal(store_keys_revoke(db, MINE, "key_1", NOW + 6), STORE_NONE);
	store_must(db, store_keys_get(db, "key_1", &found));
	assert_int_equal(found.expires_ms, NOW + 10);
	assert_int_equal(found.revoked_ms, NOW + 5);
	assert_string_equal(found.successor, "key_2");
	store_must(db, db_end(db, STORE_OK));
}

static void a_rotation_never_lengthens_a_keys_life(void **state)
{
	struct db *db = begin(state);
	struct key_row row = key("key_2", MINE, ROLE_OWNER), found;

	row.expires_ms = NOW + 10;
	store_must(db, store_keys_add(db, &row));
	row.expires_ms = NOW + 11;
	snprintf(row.successor, sizeof row.successor, "key_3");
	assert_int_equal(store_keys_rotate(db, &row), STORE_NONE);
	store_must(db, store_keys_get(db, "key_2", &found));
	assert_int_equal(found.expires_ms, NOW + 10);
	store_must(db, db_end(db, STORE_OK));
}

static void a_list_has_ones_own_keys_page_by_page(void **state)
{
	struct db *db = begin(state);
	struct key_row rows[3], row;
	char id[ID_MAX + 1];
	size_t n;

	for (int i = 2; i < 6; i++) {
		snprintf(id, sizeof id, "key_%d", i);
		row = key(id, i == 4 ? HERS : MINE, ROLE_CALLER);
		store_must(db, store_keys_add(db, &row));
	}
	store_must(db, store_keys_list(db, MINE, 0, 3, rows, &n));
	assert_int_equal(n, 3);
	assert_string_equal(rows[2].id, "key_3");
	store_must(db, store_keys_list(db, MINE, rows[2].serial, 3, rows, &n));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].id, "key_5");
	store_must(db, db_end(db, STORE_OK));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(a_key_is_found_by_the_hash_of_its_secret_and_by_nothing_near_it),
		store_test(a_hash_belongs_to_one_key),
		store_test(a_key_may_never_do_more_than_its_role),
		store_test(a_key_may_never_do_more_than_its_user),
		store_test(a_user_that_is_lowered_keeps_the_keys_that_are_no_more),
		store_test(a_key_is_revoked_and_rotated_by_its_tenant_and_once),
		store_test(a_rotation_never_lengthens_a_keys_life),
		store_test(a_list_has_ones_own_keys_page_by_page),
	};

	return store_run(tests);
}
