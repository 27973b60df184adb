/* SPDX-License-Identifier: Apache-2.0 */
/* What goes into the database comes out of it, byte for byte. */
#include "tests/unit/svc/registry/store/store_rows.h"

/* Each as it is and in three disguises: 100 texts. */
static const char *const attacks[] = {
	"'",
	"''",
	"' OR '1'='1",
	"'; DROP TABLE tenants; --",
	"\"; DROP TABLE tenants; --",
	"1; UPDATE tenants SET vouched = 1",
	"' UNION SELECT hash FROM keys --",
	"\\' OR 1=1 --",
	"$1",
	":tenant",
	"::text",
	"$$ $tag$ $$",
	"E'\\x00'",
	"\\x41",
	"X'41'",
	"%s%n%d",
	"%' OR id LIKE '%",
	"NULL",
	"/* */ -- ",
	"`id`",
	"\t\r\n",
	"\x01\x02\x7f",
	"\xe2\x80\xae\xe2\x80\x8b\xef\xbb\xbf", /* right to left, zero width, byte order mark */
	"\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf",	/* an emoji, the last character there is */
	"'); SELECT set_config('attestel.across', 'on', true); --",
};
#define ATTACKS (sizeof attacks / sizeof attacks[0])

static void disguise(size_t i, char *text_out, size_t size)
{
	static const char *const formats[][2] = {{"", ""}, {"x'", "'"}, {"\\", "\\"}, {"(", ";--"}};

	snprintf(text_out, size, "%s%s%s", formats[i / ATTACKS][0], attacks[i % ATTACKS],
		 formats[i / ATTACKS][1]);
}

/* Others refer to these columns, or they refer to others. */
static bool is_reference(const char *column)
{
	static const char *const names[] = {"id",     "tenant", "parent", "business", "brand",
					    "sha256", "logo",	"claim",  "user_id",  NULL};

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], column) == 0)
			return true;
	return false;
}

struct field {
	char update[128], select[128]; /* each its own text, at an address that stays */
};

#define FIELDS_MAX 100

/* All text columns of all tables. */
static size_t find_fields(struct db *db, struct field *fields)
{
	static char selects[32][64];
	size_t n = 0;

	for (size_t i = 0; transfer_table(i) != NULL; i++) {
		const char *table = transfer_table(i);
		snprintf(selects[i], sizeof selects[i], "SELECT * FROM %s LIMIT 1", table);
		struct db_query *query = db_query(db, selects[i]);
		store_must(db, db_step(query));
		for (int c = 0; c < db->driver->columns(query); c++) {
			struct db_value value = {DB_NULL, 0, NULL, 0};
			const char *name = db->driver->column_name(query, c);
			db->driver->column(query, c, &value);
			if (value.kind != DB_TEXT || is_reference(name))
				continue;
			assert_true(n < FIELDS_MAX);
			/* one row: some of them are unique */
			snprintf(fields[n].update, sizeof fields[n].update,
				 "UPDATE %s SET %s = :text WHERE %s = (SELECT min(%s) FROM %s)",
				 table, name, name, name, table);
			snprintf(fields[n].select, sizeof fields[n].select,
				 "SELECT %s FROM %s WHERE %s = :text", name, table, name);
			n++;
		}
		db_done(query);
	}
	return n;
}

static void a_hundred_sql_texts_come_back_unchanged_from_every_field(void **state)
{
	struct store_world *world = *state;
	struct db *db = world->as_owner;
	static struct field fields[FIELDS_MAX];
	char text[256];

	store_fill(db);
	store_must(db, db_begin(db, &across_write));
	size_t n = find_fields(db, fields);
	assert_in_range(n, 40, FIELDS_MAX);
	for (size_t i = 0; i < n * 4 * ATTACKS; i++) {
		struct field *field = &fields[i % n];
		disguise(i / n, text, sizeof text);
		struct db_query *query = db_query(db, field->update);
		db_bind_text(query, ":text", text);
		store_must(db, db_run(query));
		query = db_query(db, field->select);
		db_bind_text(query, ":text", text);
		store_must(db, db_step(query));
		assert_string_equal(db_text_borrow(query, 0), text);
		db_done(query);
	}
	store_must(db, db_end(db, STORE_OK));
}

static void put_logo(struct db *db, const void *bytes, size_t len)
{
	struct db_query *query = db_query(db, "INSERT INTO logos (sha256, body, created_at)"
					      " VALUES ('a', :body, 1) ON CONFLICT (sha256)"
					      " DO UPDATE SET body = excluded.body");

	db_bind_blob(query, ":body", bytes, len);
	store_must(db, db_run(query));
}

static void bytes_of_any_value_and_length_come_back_unchanged(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	static const size_t lengths[] = {0, 1, 2, 255, 256, 257, 65536, 262144};
	uint8_t *bytes = malloc(262144);

	for (size_t i = 0; i < 262144; i++)
		bytes[i] = (uint8_t)i;
	store_must(db, db_begin(db, &across_write));
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		void *copy = NULL;
		size_t len = 1;
		put_logo(db, bytes, lengths[i]);
		struct db_query *query = db_query(db, "SELECT body FROM logos WHERE body = :body");
		db_bind_blob(query, ":body", bytes, lengths[i]);
		store_must(db, db_step(query));
		store_must(db, db_blob_copy(query, 0, &copy, &len));
		assert_false(db_is_null(query, 0));
		db_done(query);
		assert_int_equal(len, lengths[i]);
		assert_memory_equal(copy, bytes, len);
		free(copy);
	}
	store_must(db, db_end(db, STORE_OK));
	free(bytes);
}

static void null_is_told_apart_from_empty_and_from_zero(void **state)
{
	struct db *db = ((struct store_world *)*state)->as_owner;
	struct db_query *query;
	size_t len = 9;

	store_fill(db);
	store_must(db, db_begin(db, &across_write));
	query = db_query(db, "UPDATE businesses SET website = :website, findings = :findings,"
			     " expires_at = :expires");
	db_bind_text(query, ":website", NULL);
	db_bind_text(query, ":findings", "");
	db_bind_null(query, ":expires");
	store_must(db, db_run(query));
	query = db_query(db, "SELECT website, findings, expires_at FROM businesses");
	store_must(db, db_step(query));
	assert_true(db_is_null(query, 0));
	assert_string_equal(db_text_borrow(query, 0), "");
	assert_false(db_is_null(query, 1));
	assert_true(db_is_null(query, 2));
	assert_int_equal(db_int(query, 2), 0);
	assert_null(db_blob(query, 2, &len));
	assert_int_equal(len, 0);
	db_done(query);
	/* NULL first and a number after it: the type is learned */
	query = db_query(db, "UPDATE businesses SET website = :website, findings = :findings,"
			     " expires_at = :expires");
	db_bind_text(query, ":website", "x");
	db_bind_int(query, ":expires", INT64_MAX);
	store_must(db, db_run(query));
	query = db_query(db, "SELECT website, findings, expires_at FROM businesses");
	store_must(db, db_step(query));
	assert_true(db_is_null(query, 1)); /* not bound */
	db_done(query);
	store_must(db, db_end(db, STORE_OK));
}

static void a_null_that_is_compared_needs_its_type(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;

	store_must(db, db_begin(db, &across_read));
	for (int i = 0; i < 2; i++) {
		struct db_query *query =
			db_query(db, "SELECT count(*) FROM counters WHERE name = 'events' AND "
				     "(:name IS NULL OR name = :name)"
				     " AND (CAST(:least AS BIGINT) IS NULL OR value >= :least)");
		db_bind_text(query, ":name", i == 0 ? NULL : "nobody");
		if (i == 0)
			db_bind_null(query, ":least");
		else
			db_bind_int(query, ":least", 0);
		store_must(db, db_step(query));
		assert_int_equal(db_int(query, 0), 1 - i);
		db_done(query);
	}
	store_must(db, db_end(db, STORE_OK));
}

static void a_text_is_cut_between_two_characters(void **state)
{
	struct db *db = ((struct store_world *)*state)->db;
	char text[6];

	store_must(db, db_begin(db, &across_read));
	struct db_query *query = db_query(db, "SELECT CAST(:text AS TEXT)");
	db_bind_text(query, ":text", "aé日😀");
	store_must(db, db_step(query));
	db_text(query, 0, text, sizeof text);
	assert_string_equal(text, "aé"); /* 3 bytes; three more do not fit into 5 */
	db_text(query, 0, text, 1);
	assert_string_equal(text, "");
	db_done(query);
	store_must(db, db_end(db, STORE_OK));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		store_test(a_hundred_sql_texts_come_back_unchanged_from_every_field),
		store_test(bytes_of_any_value_and_length_come_back_unchanged),
		store_test(null_is_told_apart_from_empty_and_from_zero),
		store_test(a_null_that_is_compared_needs_its_type),
		store_test(a_text_is_cut_between_two_characters),
	};

	return store_run(tests);
}
