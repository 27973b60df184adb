/* SPDX-License-Identifier: Apache-2.0 */
/* Import: the way back. What a line says is checked against the table that it is for. */
#include "svc/registry/store/transfer.h"

#include "svc/registry/store/driver.h"
#include "svc/registry/store/migrations.h"
#include "svc/registry/store/parameters.h"
#include "svc/registry/store/transfer_tables.h"

#include <stdlib.h>
#include <string.h>

#define LINE_BYTES_MAX (4U << 20) /* a text of 256 KiB, all of it escaped, and room */
#define BYTES_MAX      (LINE_BYTES_MAX / 2)
#define COLUMNS_MAX    PARAMETERS_MAX

struct insert {
	char *sql; /* db_query() keeps its address: freed after the connection */
	int columns;
	char *names[COLUMNS_MAX]; /* with the colon */
};

struct import {
	struct db *db;
	FILE *in;
	char *line;
	size_t len;
	uint8_t *bytes; /* of the row's columns, used of them taken */
	size_t used;
	uint64_t number; /* of the line */
	uint64_t lines;	 /* of rows and serials */
	bool ended;	 /* the last line was read */
	struct insert inserts[TRANSFER_TABLES];
};

/* Into import->line, without its end. STORE_NONE: there is no line. */
static enum store_status read_line(struct import *import)
{
	int c;

	import->len = 0;
	while ((c = getc_unlocked(import->in)) != EOF && c != '\n') {
		if (import->len == LINE_BYTES_MAX)
			return db_fail(import->db, STORE_FAILED, "it is too long");
		import->line[import->len++] = (char)c;
	}
	if (ferror(import->in) != 0)
		return db_fail(import->db, STORE_FAILED, "it could not be read: %m");
	import->number++;
	return c == EOF && import->len == 0 ? STORE_NONE : STORE_OK;
}

static json_t *parse(struct import *import)
{
	json_t *line = json_loadb(import->line, import->len, JSON_REJECT_DUPLICATES, NULL);

	if (line == NULL)
		db_fail(import->db, STORE_FAILED, "it is no JSON object");
	return line;
}

static const struct transfer_table *table_of(struct import *import, const char *name)
{
	for (const struct transfer_table *table = transfer_tables; table->name != NULL; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	db_fail(import->db, STORE_FAILED, "no table is named so");
	return NULL;
}

static char *insert_sql(const char *table, const struct insert *insert)
{
	char *sql = NULL;
	size_t size;
	FILE *out = open_memstream(&sql, &size);

	if (out == NULL)
		return NULL;
	fprintf(out, "INSERT INTO %s (", table);
	for (int i = 0; i < insert->columns; i++)
		fprintf(out, "%s%s", i > 0 ? ", " : "", insert->names[i] + 1);
	fputs(") VALUES (", out);
	for (int i = 0; i < insert->columns; i++)
		fprintf(out, "%s%s", i > 0 ? ", " : "", insert->names[i]);
	fputc(')', out);
	if (fclose(out) == 0)
		return sql;
	free(sql);
	return NULL;
}

/* The table must be empty: its columns are asked for by the same statement. */
static enum store_status prepare_insert(struct db *db, const struct transfer_table *table,
					struct insert *insert)
{
	struct db_query *query = db_query(db, table->any);
	enum store_status status = db_step(query);
	int columns = status == STORE_NONE ? db->driver->columns(query) : 0;

	if (status == STORE_OK)
		status = db_fail(db, STORE_FAILED, "the registry is not empty");
	if (columns > COLUMNS_MAX)
		status = db_fail(db, STORE_FAILED, "table %s has too many columns", table->name);
	for (int i = 0; status == STORE_NONE && i < columns; i++) {
		if (asprintf(&insert->names[i], ":%s", db->driver->column_name(query, i)) < 0) {
			insert->names[i] = NULL;
			status = db_fail(db, STORE_FAILED, "no memory");
		}
	}
	db_done(query);
	if (status != STORE_NONE)
		return status;
	insert->columns = columns;
	insert->sql = insert_sql(table->name, insert);
	return insert->sql != NULL ? STORE_OK : db_fail(db, STORE_FAILED, "no memory");
}

/* The migration counts from 0; the import brings its own count. */
static enum store_status prepare_inserts(struct import *import)
{
	enum store_status status = db_exec(import->db, "DELETE FROM counters WHERE value = 0");

	for (size_t i = 0; status == STORE_OK && i < TRANSFER_TABLES; i++)
		status = prepare_insert(import->db, &transfer_tables[i], &import->inserts[i]);
	return status;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Into import->bytes, behind those of the row's other columns. */
static const uint8_t *unhex(struct import *import, const char *text, size_t len)
{
	uint8_t *bytes = import->bytes + import->used;

	/* a line has room for twice as many digits as there are bytes */
	if (len % 2 != 0 || import->used + len / 2 > BYTES_MAX)
		return NULL;
	for (size_t i = 0; i < len; i += 2) {
		int high = nibble(text[i]), low = nibble(text[i + 1]);
		if (high < 0 || low < 0)
			return NULL;
		bytes[i / 2] = (uint8_t)(high << 4 | low);
	}
	import->used += len / 2;
	return bytes;
}

static bool bind_bytes(struct import *import, struct db_query *query, const char *name,
		       const json_t *value)
{
	const json_t *hex = json_object_get(value, "hex");
	const uint8_t *bytes = NULL;

	if (json_is_string(hex) && json_object_size(value) == 1)
		bytes = unhex(import, json_string_value(hex), json_string_length(hex));
	if (bytes != NULL)
		db_bind_blob(query, name, bytes, json_string_length(hex) / 2);
	return bytes != NULL;
}

/* What is bound lives as long as value and import->bytes do. */
static bool bind_value(struct import *import, struct db_query *query, const char *name,
		       const json_t *value)
{
	if (json_is_null(value))
		db_bind_null(query, name);
	else if (json_is_integer(value))
		db_bind_int(query, name, json_integer_value(value));
	else if (json_is_string(value))
		db_bind_text(query, name, json_string_value(value));
	else
		return bind_bytes(import, query, name, value);
	return true;
}

static enum store_status import_row(struct import *import, const struct transfer_table *table,
				    json_t *row)
{
	const struct insert *insert = &import->inserts[table - transfer_tables];
	struct db_query *query = db_query(import->db, insert->sql);

	if (json_object_size(row) != (size_t)insert->columns)
		return db_fail(import->db, STORE_FAILED, "it has not the columns of its table");
	import->used = 0;
	for (int i = 0; i < insert->columns; i++) {
		const char *name = insert->names[i];
		if (!bind_value(import, query, name, json_object_get(row, name + 1)))
			return db_fail(import->db, STORE_FAILED,
				       "%s is missing or of no known type", name + 1);
	}
	import->lines++;
	return db_run(query);
}

static enum store_status import_serial(struct import *import, const struct transfer_table *table,
				       json_int_t last)
{
	static const char *const clear = "DELETE FROM sqlite_sequence WHERE name = :table";
	static const char *const set[] = {
		[DB_SQLITE] = "INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)",
		[DB_POSTGRES] = "SELECT setval(('attestel.' || :table || '_serial_seq')::regclass,"
				" :last)",
	};
	enum store_status status = STORE_NONE;
	struct db_query *query;

	import->lines++;
	if (last == 0)
		return STORE_OK;
	if (db_engine(import->db) == DB_SQLITE) {
		query = db_query(import->db, clear);
		db_bind_text(query, ":table", table->name);
		status = db_run(query);
	}
	if (status != STORE_OK && status != STORE_NONE)
		return status;
	query = db_query(import->db, set[db_engine(import->db)]);
	db_bind_text(query, ":table", table->name);
	db_bind_int(query, ":last", last);
	status = db_run(query);
	return status == STORE_NONE ? STORE_OK : status;
}

/* One line after the first. */
static enum store_status import_line(struct import *import, json_t *line)
{
	const char *name = NULL;
	json_t *row = NULL;
	json_int_t number = 0;
	const struct transfer_table *table;

	if (json_unpack(line, "{s:s, s:o !}", "table", &name, "row", &row) == 0) {
		table = table_of(import, name);
		return table != NULL ? import_row(import, table, row) : STORE_FAILED;
	}
	if (json_unpack(line, "{s:s, s:I !}", "serial_of", &name, "last", &number) == 0) {
		table = table_of(import, name);
		return table != NULL ? import_serial(import, table, number) : STORE_FAILED;
	}
	if (json_unpack(line, "{s:I !}", "lines", &number) != 0)
		return db_fail(import->db, STORE_FAILED, "it is no row, no serial and no end");
	import->ended = number >= 0 && (uint64_t)number == import->lines;
	return import->ended ? STORE_OK
			     : db_fail(import->db, STORE_FAILED, "lines are missing before it");
}

static enum store_status import_head(struct import *import)
{
	int version = 0, schema = 0;
	enum store_status status = read_line(import);
	json_t *line = status == STORE_OK ? parse(import) : NULL;
	bool ours = line != NULL && json_unpack(line, "{s:i, s:i !}", TRANSFER_FORMAT, &version,
						"schema", &schema) == 0;

	json_decref(line);
	if (!ours || version != TRANSFER_VERSION)
		return db_fail(import->db, STORE_FAILED, "this is no export of a registry");
	if (schema != migrations_newest())
		return db_fail(import->db, STORE_FAILED,
			       "the export is of schema %d, this program has %d", schema,
			       migrations_newest());
	return STORE_OK;
}

static enum store_status import_all(struct import *import)
{
	enum store_status status = db_lock(import->db, "schema");

	if (status == STORE_OK)
		status = prepare_inserts(import);
	if (status == STORE_OK)
		status = import_head(import);
	while (status == STORE_OK && (status = read_line(import)) == STORE_OK) {
		json_t *line = import->ended ? NULL : parse(import);
		if (import->ended)
			status = db_fail(import->db, STORE_FAILED, "there is more after the end");
		else
			status = line != NULL ? import_line(import, line) : STORE_FAILED;
		json_decref(line);
	}
	if (status == STORE_NONE && !import->ended)
		return db_fail(import->db, STORE_FAILED, "the end of the export is missing");
	return status == STORE_NONE ? STORE_OK : status;
}

static void free_inserts(struct import *import)
{
	for (size_t i = 0; i < TRANSFER_TABLES; i++) {
		free(import->inserts[i].sql);
		for (int j = 0; j < COLUMNS_MAX; j++)
			free(import->inserts[i].names[j]);
	}
}

bool store_import(const char *database, FILE *in, char *err, size_t size)
{
	struct import *import = calloc(1, sizeof *import);
	enum store_status status = STORE_FAILED;

	if (import == NULL) {
		snprintf(err, size, "no memory");
		return false;
	}
	import->in = in;
	import->line = malloc(LINE_BYTES_MAX);
	import->bytes = malloc(BYTES_MAX);
	if (import->line == NULL || import->bytes == NULL)
		snprintf(err, size, "no memory");
	else
		import->db = transfer_open(database, DB_WRITE, err, size);
	if (import->db != NULL) {
		status = db_end(import->db, import_all(import));
		if (status != STORE_OK && import->number == 0) /* it is not about a line */
			snprintf(err, size, "%s", db_error(import->db));
		else if (status != STORE_OK)
			snprintf(err, size, "line %llu: %s", (unsigned long long)import->number,
				 db_error(import->db));
	}
	db_close(import->db);
	free_inserts(import);
	free(import->line);
	free(import->bytes);
	free(import);
	return status == STORE_OK;
}
