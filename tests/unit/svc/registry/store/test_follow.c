/* SPDX-License-Identifier: Apache-2.0 */
/* Reading changes, what is no longer kept, keys that have ended, entries of the directory. */
#include "svc/registry/store/directory.h"
#include "svc/registry/store/follow.h"
#include "svc/registry/store/public.h"
#include "tests/unit/svc/registry/store/store_rows.h"

static const struct follow_scope directory = {.kind = FOLLOW_DIRECTORY};

static void add_tenant(struct db *db, const char *id)
{
	struct db_query *query =
		db_query(db, "INSERT INTO tenants (id, name, level, vouched, state, version,"
			     " created_at) VALUES (:id, :id, 1, 1, 'active', 1, 1)");

	db_bind_text(query, ":id", id);
	store_must(db, db_run(query));
}

static int64_t add_event(struct db *db, const char *tenant, uint8_t callee, int64_t at_ms)
{
	struct event_row row = {.kind = "test", .object = "x", .body = "{}", .at_ms = at_ms};

	snprintf(row.tenant, sizeof row.tenant, "%s", tenant);
	row.has_callee = callee != 0;
	memset(row.callee, callee, sizeof row.callee);
	store_must(db, store_events_add(db, &row));
	return row.serial;
}

static void begin(struct store_world *world)
{
	store_must(world->db, db_begin(world->db, &across_write));
	add_tenant(world->db, "ten_a");
	add_tenant(world->db, "ten_b");
}

static size_t read_serials(struct db *db, const struct follow_scope *scope, int64_t after,
			   size_t limit, int64_t serials_out[8])
{
	struct change changes[8];
	size_t n = 0;

	store_must(db, store_follow_read(db, scope, after, limit, changes, &n));
	for (size_t i = 0; i < n; i++) {
		serials_out[i] = changes[i].serial;
		if (scope == NULL || scope->kind != FOLLOW_DIRECTORY)
			assert_string_equal(changes[i].data, "{}");
		change_clear(&changes[i]);
	}
	return n;
}

static void each_scope_reads_its_own_changes_in_their_order(void **state)
{
	struct store_world *world = *state;
	const struct follow_scope a = {.kind = FOLLOW_TENANT, .tenant = "ten_a"};
	struct follow_scope callee = {.kind = FOLLOW_CALLEE};
	int64_t serials[8];

	memset(callee.callee, 7, sizeof callee.callee);
	begin(world);
	add_event(world->db, "ten_a", 0, 1);
	add_event(world->db, "ten_b", 7, 1);
	store_must(world->db, store_directory_changed(world->db, "12155551212", 1));
	add_event(world->db, "ten_a", 7, 1);
	add_event(world->db, "ten_a", 8, 1);
	assert_int_equal(read_serials(world->db, &a, 0, 8, serials), 3);
	assert_true(serials[0] == 1 && serials[1] == 4 && serials[2] == 5);
	assert_int_equal(read_serials(world->db, &callee, 0, 8, serials), 2);
	assert_true(serials[0] == 2 && serials[1] == 4);
	assert_int_equal(read_serials(world->db, &directory, 0, 8, serials), 1);
	assert_int_equal(serials[0], 3);
	assert_int_equal(read_serials(world->db, NULL, 0, 8, serials), 4);
	assert_int_equal(read_serials(world->db, &a, 1, 1, serials), 1);
	assert_int_equal(serials[0], 4);
	store_must(world->db, db_end(world->db, STORE_OK));
}

static void a_change_is_for_its_tenant_its_callee_or_those_of_the_directory(void **state)
{
	struct change event = {.kind = FOLLOW_TENANT, .tenant = "ten_a", .has_callee = true};
	const struct change entry = {.kind = FOLLOW_DIRECTORY, .object = "12155551212"};
	const struct change brand = {.kind = FOLLOW_DIRECTORY, .object = "brd_x"};
	const struct follow_scope a = {.kind = FOLLOW_TENANT, .tenant = "ten_a"};
	const struct follow_scope b = {.kind = FOLLOW_TENANT, .tenant = "ten_b"};
	struct follow_scope callee = {.kind = FOLLOW_CALLEE, .tenant = "ten_a"};

	(void)state;
	assert_true(change_is_for(&event, &a) && !change_is_for(&event, &b));
	assert_true(change_is_for(&event, &callee));
	callee.callee[31] = 1;
	assert_false(change_is_for(&event, &callee));
	assert_false(change_is_for(&event, &directory));
	event.has_callee = false;
	callee.callee[31] = 0;
	assert_false(change_is_for(&event, &callee));
	assert_true(change_is_for(&entry, &directory) && !change_is_for(&entry, &a));
	assert_true(change_is_brand(&brand) && !change_is_brand(&entry) &&
		    !change_is_brand(&event));
}

static void add_kind(struct db *db, const char *kind)
{
	struct event_row row = {.body = "{}", .at_ms = 1};

	snprintf(row.tenant, sizeof row.tenant, "ten_a");
	snprintf(row.kind, sizeof row.kind, "%s", kind);
	snprintf(row.object, sizeof row.object, "x");
	store_must(db, store_events_add(db, &row));
}

static void nobody_hears_of_what_it_may_not_read(void **state)
{
	static const char *const kinds[] = {"intent.announced", "business.approved", "brand.edited",
					    "claim.verified", "number.flagged"};
	static const struct {
		bool businesses, claims;
		const char *heard; /* a digit each: which of the kinds */
	} cases[] = {{false, false, "04"},
		     {true, false, "0124"},
		     {false, true, "034"},
		     {true, true, "01234"}};
	struct store_world *world = *state;
	int64_t serials[8];

	begin(world);
	for (size_t i = 0; i < 5; i++)
		add_kind(world->db, kinds[i]);
	for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
		const struct follow_scope scope = {.kind = FOLLOW_TENANT,
						   .tenant = "ten_a",
						   .businesses = cases[c].businesses,
						   .claims = cases[c].claims};
		size_t heard = strlen(cases[c].heard), n;
		assert_int_equal(read_serials(world->db, &scope, 0, 8, serials), heard);
		for (size_t i = 0; i < heard; i++)
			assert_int_equal(serials[i], cases[c].heard[i] - '0' + 1);
		store_must(world->db, store_follow_count(world->db, &scope, 0, 8, &n));
		assert_int_equal(n, heard);
		for (size_t i = 0; i < 5; i++) {
			struct change change = {.kind = FOLLOW_TENANT, .tenant = "ten_a"};
			snprintf(change.name, sizeof change.name, "%s", kinds[i]);
			assert_int_equal(change_is_for(&change, &scope),
					 strchr(cases[c].heard, (int)('0' + i)) != NULL);
		}
	}
	store_must(world->db, db_end(world->db, STORE_OK));
}

static void counting_the_unread_stops_at_its_limit(void **state)
{
	struct store_world *world = *state;
	const struct follow_scope a = {.kind = FOLLOW_TENANT, .tenant = "ten_a"};
	size_t n = 0;

	begin(world);
	for (int i = 0; i < 5; i++)
		add_event(world->db, i == 2 ? "ten_b" : "ten_a", 0, 1);
	store_must(world->db, store_follow_count(world->db, &a, 0, 100, &n));
	assert_int_equal(n, 4);
	store_must(world->db, store_follow_count(world->db, &a, 3, 100, &n));
	assert_int_equal(n, 2);
	store_must(world->db, store_follow_count(world->db, &a, 0, 3, &n));
	assert_int_equal(n, 3);
	store_must(world->db, store_follow_count(world->db, &directory, 0, 3, &n));
	assert_int_equal(n, 0);
	store_must(world->db, db_end(world->db, STORE_OK));
}

static void old_changes_go_in_pieces_and_leave_their_serial_behind(void **state)
{
	struct store_world *world = *state;
	int64_t gone = -1, serials[8];
	size_t n = 0;

	begin(world);
	for (int64_t i = 1; i <= 5; i++)
		add_event(world->db, "ten_a", 0, i * 100);
	store_must(world->db, store_follow_gone(world->db, FOLLOW_TENANT, &gone));
	assert_int_equal(gone, 0);
	store_must(world->db, store_follow_prune(world->db, FOLLOW_TENANT, 350, 2, &n));
	assert_int_equal(n, 2);
	store_must(world->db, store_follow_prune(world->db, FOLLOW_TENANT, 350, 2, &n));
	assert_int_equal(n, 1);
	store_must(world->db, store_follow_prune(world->db, FOLLOW_TENANT, 350, 2, &n));
	assert_int_equal(n, 0);
	store_must(world->db, store_follow_gone(world->db, FOLLOW_TENANT, &gone));
	assert_int_equal(gone, 3);
	assert_int_equal(read_serials(world->db, NULL, 0, 8, serials), 2);
	assert_int_equal(serials[0], 4);
	/* the directory's are kept by themselves */
	store_must(world->db, store_follow_gone(world->db, FOLLOW_DIRECTORY, &gone));
	assert_int_equal(gone, 0);
	store_must(world->db, db_end(world->db, STORE_OK));
}

static void the_directorys_version_is_that_of_its_last_change_kept_or_not(void **state)
{
	struct store_world *world = *state;
	int64_t version = -1;
	size_t n;

	begin(world);
	store_must(world->db, store_public_version(world->db, &version));
	assert_int_equal(version, 0);
	store_must(world->db, store_directory_changed(world->db, "12155551212", 100));
	add_event(world->db, "ten_a", 0, 1);
	store_must(world->db, store_public_version(world->db, &version));
	assert_int_equal(version, 1);
	store_must(world->db, store_follow_prune(world->db, FOLLOW_DIRECTORY, 200, 10, &n));
	assert_int_equal(n, 1);
	store_must(world->db, store_public_version(world->db, &version));
	assert_int_equal(version, 1);
	store_must(world->db, db_end(world->db, STORE_OK));
}

static void add_key(struct db *db, int i, int64_t revoked_ms, int64_t expires_ms)
{
	struct db_query *query = db_query(
		db, "INSERT INTO keys (id, tenant, kind, hash, role, permissions, created_at,"
		    " revoked_at, expires_at) VALUES (:id, 'ten_a', 'secret', :hash, 'owner', 0, 0,"
		    " :revoked, :expires)");
	char id[ID_MAX + 1];
	uint8_t hash[32] = {(uint8_t)i, (uint8_t)(i >> 8)};

	snprintf(id, sizeof id, "key_%d", i);
	db_bind_text(query, ":id", id);
	db_bind_blob(query, ":hash", hash, sizeof hash);
	if (revoked_ms != 0)
		db_bind_int(query, ":revoked", revoked_ms);
	else
		db_bind_null(query, ":revoked");
	if (expires_ms != 0)
		db_bind_int(query, ":expires", expires_ms);
	else
		db_bind_null(query, ":expires");
	store_must(db, db_run(query));
}

static void keys_that_have_ended_since_then_are_found_in_pages(void **state)
{
	struct store_world *world = *state;
	struct follow_ended ended = {.since_ms = 1000, .now_ms = 2000};
	static char keys[FOLLOW_KEYS][ID_MAX + 1];
	size_t n = 0;

	begin(world);
	add_key(world->db, 1, 999, 0);	/* long ago */
	add_key(world->db, 2, 1500, 0); /* revoked */
	add_key(world->db, 3, 0, 1500); /* has expired */
	add_key(world->db, 4, 0, 2500); /* will expire */
	add_key(world->db, 5, 0, 0);	/* lives */
	add_key(world->db, 6, 0, 500);	/* has expired long ago */
	add_key(world->db, 7, 2200, 0); /* by a clock that is ahead */
	store_must(world->db, store_follow_ended(world->db, &ended, keys, &n));
	assert_int_equal(n, 3);
	assert_string_equal(keys[0], "key_2");
	assert_string_equal(keys[1], "key_3");
	assert_string_equal(keys[2], "key_7");
	for (int i = 100; i < 100 + FOLLOW_KEYS; i++)
		add_key(world->db, i, 1500, 0);
	ended.after = 0;
	store_must(world->db, store_follow_ended(world->db, &ended, keys, &n));
	assert_int_equal(n, FOLLOW_KEYS);
	store_must(world->db, store_follow_ended(world->db, &ended, keys, &n));
	assert_int_equal(n, 3);
	store_must(world->db, db_end(world->db, STORE_OK));
}

/* brd_1 of a row of every table is no live one; it becomes that here. */
static void make_live(struct store_world *world)
{
	store_fill(world->as_owner);
	store_must(world->db, db_begin(world->db, &across_write));
	store_must(world->db, db_exec(world->db, "UPDATE brands SET state = 'live', live = 1"));
	store_must(world->db,
		   db_exec(world->db,
			   "INSERT INTO bindings (id, tenant, claim, number, brand, strict, state,"
			   " version, created_at, updated_at) VALUES ('bnd_2', 'ten_1', 'clm_1',"
			   " '1215555130x', 'brd_1', 1, 'active', 1, 1, 1), ('bnd_3', 'ten_1',"
			   " 'clm_1', '12155551399', 'brd_1', 0, 'suspended', 1, 1, 1)"));
}

static void an_entry_is_read_by_its_text_and_says_when_it_is_gone(void **state)
{
	struct store_world *world = *state;
	struct directory_row row;

	make_live(world);
	store_must(world->db, store_directory_get(world->db, "1215555130x", &row));
	assert_true(!row.gone && row.strict);
	assert_string_equal(row.brand, "brd_1");
	assert_string_equal(row.business, "biz_1");
	store_must(world->db, store_directory_get(world->db, "12155551399", &row));
	assert_true(row.gone);
	assert_string_equal(row.number, "12155551399");
	store_must(world->db, store_directory_get(world->db, "12155551301", &row));
	assert_true(row.gone);
	assert_string_equal(row.number, "12155551301");
	store_must(world->db, db_end(world->db, STORE_OK));
}

static void pages_of_the_directory_and_of_a_brand_have_all_bindings_in_their_order(void **state)
{
	struct store_world *world = *state;
	static struct directory_row rows[DIRECTORY_PAGE];
	size_t n = 0;

	make_live(world);
	store_must(world->db, store_directory_page(world->db, 0, rows, &n));
	assert_int_equal(n, 3);
	assert_string_equal(rows[0].number, "12155551212");
	assert_true(!rows[0].gone && !rows[1].gone && rows[2].gone);
	store_must(world->db, store_directory_page(world->db, rows[0].serial, rows, &n));
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].number, "1215555130x");
	store_must(world->db, store_directory_of_brand(world->db, "brd_1", 0, rows, &n));
	assert_int_equal(n, 3);
	store_must(world->db, db_exec(world->db, "UPDATE businesses SET state = 'suspended'"));
	store_must(world->db, store_directory_of_brand(world->db, "brd_1", 0, rows, &n));
	assert_true(n == 3 && rows[0].gone && rows[1].gone && rows[2].gone);
	store_must(world->db, store_directory_of_brand(world->db, "brd_2", 0, rows, &n));
	assert_int_equal(n, 0);
	store_must(world->db, db_end(world->db, STORE_OK));
}

static void labels_are_read_by_number_without_those_that_say_nothing(void **state)
{
	struct store_world *world = *state;
	struct public_label rows[4];
	size_t n = 0;

	make_live(world);
	store_must(world->db, store_public_labels(world->db, "", 4, rows, &n));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].number, "12155551212");
	assert_string_equal(rows[0].label, "fraud");
	store_must(world->db, store_public_labels(world->db, "12155551212", 4, rows, &n));
	assert_int_equal(n, 0);
	store_must(world->db, store_public_label(world->db, "12155551212", &rows[0]));
	assert_string_equal(rows[0].label, "fraud");
	store_must(world->db, store_public_label(world->db, "12155551213", &rows[0]));
	assert_string_equal(rows[0].label, "");
	store_must(world->db, db_exec(world->db, "UPDATE scores SET label = 'none'"));
	store_must(world->db, store_public_labels(world->db, "", 4, rows, &n));
	assert_int_equal(n, 0);
	store_must(world->db, db_end(world->db, STORE_OK));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(each_scope_reads_its_own_changes_in_their_order),
		store_test(a_change_is_for_its_tenant_its_callee_or_those_of_the_directory),
		store_test(nobody_hears_of_what_it_may_not_read),
		store_test(counting_the_unread_stops_at_its_limit),
		store_test(old_changes_go_in_pieces_and_leave_their_serial_behind),
		store_test(the_directorys_version_is_that_of_its_last_change_kept_or_not),
		store_test(keys_that_have_ended_since_then_are_found_in_pages),
		store_test(an_entry_is_read_by_its_text_and_says_when_it_is_gone),
		store_test(pages_of_the_directory_and_of_a_brand_have_all_bindings_in_their_order),
		store_test(labels_are_read_by_number_without_those_that_say_nothing),
	};

	return store_run(tests);
}
