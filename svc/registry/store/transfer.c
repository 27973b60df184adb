/* SPDX-License-Identifier: Apache-2.0 */
/* Export and import: what both need to know of the tables, and the way out. */
#include "svc/registry/store/transfer.h"

#include "svc/registry/domain/ids.h"
#include "svc/registry/store/driver.h"
#include "svc/registry/store/migrations.h"
#include "svc/registry/store/transfer_tables.h"

#include <stdlib.h>

#define TABLE(name, key, has_serial)                                                               \
	{                                                                                          \
		name, has_serial, "SELECT * FROM " name " LIMIT 1",                                \
			"SELECT * FROM " name " ORDER BY " key,                                    \
			"DECLARE all_" name " NO SCROLL CURSOR FOR SELECT * FROM " name            \
			" ORDER BY " key,                                                          \
			"FETCH 500 FROM all_" name                                                 \
	}

const struct transfer_table transfer_tables[TRANSFER_TABLES + 1] = {
	TABLE("tenants", "serial", true),	 TABLE("users", "serial", true),
	TABLE("keys", "serial", true),		 TABLE("businesses", "serial", true),
	TABLE("logos", "sha256", false),	 TABLE("logo_owners", "tenant, sha256", false),
	TABLE("brands", "serial", true),	 TABLE("brand_versions", "brand, number", false),
	TABLE("reasons", "serial", true),	 TABLE("claims", "serial", true),
	TABLE("bindings", "serial", true),	 TABLE("intents", "serial", true),
	TABLE("receipts_used", "id", false),	 TABLE("reports", "serial", true),
	TABLE("decisions", "serial", true),	 TABLE("scores", "number", false),
	TABLE("audit", "tenant, serial", false), TABLE("audit_heads", "tenant", false),
	TABLE("counters", "name", false),	 TABLE("events", "serial", false),
	TABLE("directory_log", "serial", false), TABLE("idempotency", "tenant, key", false),
	TABLE("certificates", "serial", true),
};

struct exporter {
	struct db *db;
	FILE *out;
	uint64_t lines; /* of rows and serials */
};

const char *transfer_table(size_t i)
{
	return transfer_tables[i].name;
}

/* Takes line, which may be NULL for want of memory. */
static enum store_status write_line(struct exporter *exporter, json_t *line)
{
	bool written = line != NULL && json_dumpf(line, exporter->out, JSON_COMPACT) == 0 &&
		       fputc('\n', exporter->out) != EOF;

	json_decref(line);
	if (written)
		return STORE_OK;
	return db_fail(exporter->db, STORE_FAILED, "the export could not be written");
}

static json_t *hex_of(const uint8_t *bytes, size_t len)
{
	char *text = malloc(2 * len + 1);

	if (text == NULL)
		return NULL;
	id_hex(bytes, len, text);
	json_t *value = json_pack("{s:s%}", "hex", text, 2 * len);
	free(text);
	return value;
}

static json_t *json_of(const struct db_value *value)
{
	switch (value->kind) {
	case DB_NULL:
		return json_null();
	case DB_INT:
		return json_integer(value->integer);
	case DB_TEXT:
		return json_stringn(value->bytes, value->len);
	case DB_BLOB:
		return hex_of(value->bytes, value->len);
	}
	return NULL;
}

static enum store_status write_row(struct exporter *exporter, const char *table,
				   struct db_query *query)
{
	const struct db_driver *driver = exporter->db->driver;
	json_t *row = json_object();

	for (int i = 0; i < driver->columns(query); i++) {
		struct db_value value = {DB_NULL, 0, NULL, 0};
		driver->column(query, i, &value);
		if (json_object_set_new(row, driver->column_name(query, i), json_of(&value)) == 0)
			continue;
		json_decref(row);
		return db_fail(exporter->db, STORE_FAILED, "table %s, column %s: it is no text",
			       table, driver->column_name(query, i));
	}
	exporter->lines++;
	return write_line(exporter, json_pack("{s:s, s:o}", "table", table, "row", row));
}

/* STORE_OK: there may be more rows. */
static enum store_status write_some(struct exporter *exporter, const char *table, const char *sql)
{
	struct db_query *query = db_query(exporter->db, sql);
	enum store_status status, written = STORE_OK;
	bool any = false;

	while (written == STORE_OK && (status = db_step(query)) == STORE_OK) {
		any = true;
		written = write_row(exporter, table, query);
	}
	db_done(query);
	if (written != STORE_OK)
		return written;
	return status == STORE_NONE && any ? STORE_OK : status;
}

/* PostgreSQL would send all rows at once but for a cursor; SQLite makes one at a time. */
static enum store_status write_table(struct exporter *exporter, const struct transfer_table *table)
{
	enum store_status status;

	if (db_engine(exporter->db) == DB_SQLITE) {
		status = write_some(exporter, table->name, table->select);
	} else {
		status = db_exec(exporter->db, table->declare);
		while (status == STORE_OK)
			status = write_some(exporter, table->name, table->fetch);
	}
	return status == STORE_NONE ? STORE_OK : status;
}

/* The last serial that was given, also when its row is gone: none is given twice. */
static enum store_status write_serial(struct exporter *exporter, const struct transfer_table *table)
{
	static const char *const last[] = {
		[DB_SQLITE] = "SELECT seq FROM sqlite_sequence WHERE name = :table",
		[DB_POSTGRES] = "SELECT coalesce(last_value, 0) FROM pg_sequences"
				" WHERE schemaname = 'attestel'"
				" AND sequencename = :table || '_serial_seq'",
	};
	struct db_query *query = db_query(exporter->db, last[db_engine(exporter->db)]);

	db_bind_text(query, ":table", table->name);
	enum store_status status = db_step(query);
	json_int_t serial = db_int(query, 0);
	db_done(query);
	if (status != STORE_OK && status != STORE_NONE)
		return status;
	exporter->lines++;
	return write_line(exporter, json_pack("{s:s, s:I}", "serial_of", table->name, "last",
					      status == STORE_OK ? serial : 0));
}

static enum store_status write_all(struct exporter *exporter)
{
	enum store_status status =
		write_line(exporter, json_pack("{s:i, s:i}", TRANSFER_FORMAT, TRANSFER_VERSION,
					       "schema", migrations_newest()));

	for (const struct transfer_table *table = transfer_tables;
	     status == STORE_OK && table->name != NULL; table++) {
		status = write_table(exporter, table);
		if (status == STORE_OK && table->has_serial)
			status = write_serial(exporter, table);
	}
	if (status == STORE_OK)
		status = write_line(exporter,
				    json_pack("{s:I}", "lines", (json_int_t)exporter->lines));
	if (status == STORE_OK && fflush(exporter->out) != 0)
		status = db_fail(exporter->db, STORE_FAILED, "the export could not be written: %m");
	return status;
}

struct db *transfer_open(const char *database, enum db_mode mode, char *err, size_t size)
{
	const struct db_target target = {database, true, NULL};
	const struct db_scope scope = {mode, DB_ACROSS, ""};
	struct db *db = db_open(&target, err, size);

	if (db == NULL)
		return NULL;
	enum store_status status = db->driver->check(db);
	if (status == STORE_OK)
		status = db_begin(db, &scope);
	if (status == STORE_OK && migrations_version(db) == migrations_newest())
		return db;
	if (status == STORE_OK)
		status = db_end(db, db_fail(db, STORE_FAILED,
					    "the schema is not this program's: run it with "
					    "--migrate first"));
	snprintf(err, size, "%s", db_error(db));
	db_close(db);
	return NULL;
}

bool store_export(const char *database, FILE *out, char *err, size_t size)
{
	struct exporter exporter = {transfer_open(database, DB_READ, err, size), out, 0};

	if (exporter.db == NULL)
		return false;
	enum store_status status = db_end(exporter.db, write_all(&exporter));
	if (status != STORE_OK)
		snprintf(err, size, "%s", db_error(exporter.db));
	db_close(exporter.db);
	return status == STORE_OK;
}
