/* SPDX-License-Identifier: Apache-2.0 */
/* A registry moves between the engines and back without losing or changing anything. */
#include "svc/registry/store/transfer.h"

#include "tests/unit/svc/registry/store/store_rows.h"

struct text {
	char *bytes;
	size_t len;
};

static struct text exported(const char *database)
{
	struct text text = {NULL, 0};
	char err[256] = "";
	FILE *out = open_memstream(&text.bytes, &text.len);

	assert_non_null(out);
	if (!store_export(database, out, err, sizeof err))
		fail_msg("store_export: %s", err);
	fclose(out);
	return text;
}

static bool imported(const char *database, const char *bytes, size_t len, char *err, size_t size)
{
	FILE *in = fmemopen((void *)(uintptr_t)bytes, len, "r");

	assert_non_null(in);
	bool done = store_import(database, in, err, size);
	fclose(in);
	return done;
}

/* A new registry of the other kind, in the world's directory. */
static void make_sqlite(const struct store_world *world, const char *name, char *out, size_t size)
{
	char err[256] = "";
	int from;

	snprintf(out, size, "%s/%s", world->dir, name);
	const struct store_owner owner = {out, NULL};
	if (!store_migrate(&owner, &from, err, sizeof err))
		fail_msg("store_migrate: %s", err);
}

static void an_export_imported_elsewhere_and_back_gives_the_same_lines(void **state)
{
	struct store_world *world = *state;
	char other[160], err[256] = "";

	store_fill(world->as_owner);
	struct text first = exported(world->owner);
	make_sqlite(world, "other.db", other, sizeof other);
	if (!imported(other, first.bytes, first.len, err, sizeof err))
		fail_msg("into SQLite: %s", err);
	struct text second = exported(other);
	assert_string_equal(second.bytes, first.bytes);
	store_empty(world);
	if (!imported(world->owner, second.bytes, second.len, err, sizeof err))
		fail_msg("back: %s", err);
	struct text third = exported(world->owner);
	assert_string_equal(third.bytes, first.bytes);
	for (size_t i = 0; transfer_table(i) != NULL; i++) {
		char line[64];
		snprintf(line, sizeof line, "{\"table\":\"%s\"", transfer_table(i));
		assert_non_null(strstr(first.bytes, line));
	}
	free(first.bytes);
	free(second.bytes);
	free(third.bytes);
	unlink(other);
}

static int64_t next_serial(struct db *db)
{
	struct db_query *query;
	int64_t serial = -1;

	store_must(db, db_begin(db, &across_write));
	query = db_query(db, "INSERT INTO tenants (id, name, level, vouched, state, version,"
			     " created_at) VALUES ('ten_9', 'new', 1, 1, 'active', 1, 1)"
			     " RETURNING serial");
	store_must(db, db_step(query));
	serial = db_int(query, 0);
	db_done(query);
	store_must(db, db_end(db, STORE_NONE) == STORE_NONE ? STORE_OK : STORE_FAILED);
	return serial;
}

static void after_an_import_no_serial_is_given_that_the_old_registry_gave(void **state)
{
	struct store_world *world = *state;
	char err[256] = "";

	store_fill(world->as_owner);
	struct text text = exported(world->owner);
	const char *at = strstr(text.bytes, "{\"serial_of\":\"tenants\",\"last\":");
	assert_non_null(at);
	int64_t last = strtoll(at + strlen("{\"serial_of\":\"tenants\",\"last\":"), NULL, 10);
	store_empty(world);
	assert_true(imported(world->owner, text.bytes, text.len, err, sizeof err));
	assert_true(next_serial(world->db) > last);
	free(text.bytes);
}

/* Each is an export that somebody cut, changed or made for another version. */
static void what_is_no_whole_export_is_refused_and_nothing_of_it_stays(void **state)
{
	struct store_world *world = *state;
	struct text empty = exported(world->owner), text;
	static const struct {
		const char *old, *new, *why;
	} cases[] = {
		{"{\"attestel_registry\":1,", "{\"attestel_registry\":2,", "no export"},
		{"{\"attestel_registry\":1,", "{\"other\":1,", "no export"},
		{"\"schema\":2}", "\"schema\":3}", "schema 3"},
		{"{\"table\":\"users\"", "{\"table\":\"pg_authid\"", "no table"},
		{"{\"table\":\"users\"", "{\"table\":\"schema_version\"", "no table"},
		{"\"role\":\"owner\",", "", "columns"},
		{"\"role\":\"owner\",", "\"rolle\":\"owner\",", "missing"},
		{"\"role\":\"owner\",", "\"role\":[],", "no known type"},
		{"\"hash\":{\"hex\":\"00", "\"hash\":{\"hex\":\"0", "no known type"},
		{"\"hash\":{\"hex\":\"00", "\"hash\":{\"hex\":\"XX", "no known type"},
		{"\"parent\":\"ten_1\"", "\"parent\":\"ten_8\"", ""},
		{"{\"lines\":", "{\"lines\":1", "missing before"},
		{"{\"lines\":", "{\"linse\":", "no row"},
		{"\"tenant\":\"ten_1\"", "\"tenant\"", "no JSON"},
	};

	store_fill(world->as_owner);
	text = exported(world->owner);
	store_empty(world);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char err[256] = "";
		const char *at = strstr(text.bytes, cases[i].old);
		char *changed = NULL;
		assert_non_null(at);
		assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text.bytes), text.bytes,
				     cases[i].new, at + strlen(cases[i].old)) > 0);
		assert_false(imported(world->owner, changed, strlen(changed), err, sizeof err));
		if (strstr(err, cases[i].why) == NULL || strncmp(err, "line ", 5) != 0)
			fail_msg("case %zu: %s", i, err);
		free(changed);
	}
	char err[256] = "";
	const char *end = strstr(text.bytes, "{\"lines\":");
	assert_false(
		imported(world->owner, text.bytes, (size_t)(end - text.bytes), err, sizeof err));
	assert_non_null(strstr(err, "the end of the export is missing"));
	struct text after = exported(world->owner);
	/* but for the serials that were used up, which PostgreSQL does not take back */
	assert_null(strstr(after.bytes, "ten_1"));
	free(after.bytes);
	free(empty.bytes);
	free(text.bytes);
}

static void a_registry_that_holds_anything_takes_no_import(void **state)
{
	struct store_world *world = *state;
	char err[256] = "";

	store_fill(world->as_owner);
	struct text text = exported(world->owner);
	assert_false(imported(world->owner, text.bytes, text.len, err, sizeof err));
	assert_non_null(strstr(err, "not empty"));
	struct text after = exported(world->owner);
	assert_string_equal(after.bytes, text.bytes);
	free(after.bytes);
	free(text.bytes);
}

/* More rows than one FETCH brings. */
static void thousands_of_rows_are_exported(void **state)
{
	struct store_world *world = *state;
	struct db *db = world->as_owner;
	size_t lines = 0;

	store_must(db, db_begin(db, &across_write));
	for (int64_t i = 1; i <= 1201; i++) {
		struct db_query *query =
			db_query(db, "INSERT INTO directory_log (serial, number, at)"
				     " VALUES (:serial, '12155551212', 1)");
		db_bind_int(query, ":serial", i);
		store_must(db, db_run(query));
	}
	store_must(db, db_end(db, STORE_OK));
	struct text text = exported(world->owner);
	for (const char *p = text.bytes; (p = strstr(p, "{\"table\":\"directory_log\"")) != NULL;
	     p++)
		lines++;
	assert_int_equal(lines, 1201);
	free(text.bytes);
}

/* Who adds a table adds it to the export. */
static void every_table_of_the_schema_is_exported(void **state)
{
	static const char *const tables[] = {
		[DB_SQLITE] = "SELECT name FROM sqlite_schema WHERE type = 'table'"
			      " AND name NOT LIKE 'sqlite_%' AND name <> 'schema_version'",
		[DB_POSTGRES] = "SELECT tablename FROM pg_tables WHERE schemaname = 'attestel'"
				" AND tablename <> 'schema_version'",
	};
	struct store_world *world = *state;
	size_t n = 0, exported_tables = 0;

	store_must(world->db, db_begin(world->db, &across_read));
	struct db_query *query = db_query(world->db, tables[world->engine]);
	while (db_step(query) == STORE_OK) {
		const char *name = db_text_borrow(query, 0);
		size_t i = 0;
		while (transfer_table(i) != NULL && strcmp(transfer_table(i), name) != 0)
			i++;
		if (transfer_table(i) == NULL)
			fail_msg("table %s", name);
		n++;
	}
	db_done(query);
	store_must(world->db, db_end(world->db, STORE_OK));
	while (transfer_table(exported_tables) != NULL)
		exported_tables++;
	assert_int_equal(n, exported_tables);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(an_export_imported_elsewhere_and_back_gives_the_same_lines),
		store_test(after_an_import_no_serial_is_given_that_the_old_registry_gave),
		store_test(what_is_no_whole_export_is_refused_and_nothing_of_it_stays),
		store_test(a_registry_that_holds_anything_takes_no_import),
		store_test(every_table_of_the_schema_is_exported),
		store_test(thousands_of_rows_are_exported),
	};

	return store_run(tests);
}
