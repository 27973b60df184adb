/* SPDX-License-Identifier: Apache-2.0 */
/* Migrations. Once released a row is never edited: a change is a new row. */
#include "svc/registry/store/migrations.h"

#include "svc/registry/store/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct migration {
	int version; /* the schema's version after it */
	const char *what;
	const char *sql; /* with @words@ */
} migrations[] = {
	{1, "the first schema", schema_first},
	{2, "the queue of reviews", schema_reviews},
};
#define COUNT (sizeof migrations / sizeof migrations[0])

int migrations_newest(void)
{
	return migrations[COUNT - 1].version;
}

static int number_of(struct db *db, const char *sql)
{
	struct db_query *query = db_query(db, sql);
	int number = db_step(query) == STORE_OK ? (int)db_int(query, 0) : -1;

	db_done(query);
	return number;
}

int migrations_version(struct db *db)
{
	static const char *const exists[] = {
		[DB_SQLITE] = "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'",
		[DB_POSTGRES] = "SELECT count(*) FROM pg_tables WHERE schemaname = 'attestel' AND"
				" tablename = 'schema_version'",
	};
	int tables = number_of(db, exists[db_engine(db)]);

	return tables <= 0 ? tables : number_of(db, "SELECT max(version) FROM schema_version");
}

static const char *text_of(const struct db_word *words, const char *word, size_t len)
{
	for (; words->word != NULL; words++)
		if (strlen(words->word) == len && memcmp(words->word, word, len) == 0)
			return words->text;
	return NULL;
}

/* sql with each @word@ replaced; malloc'ed. NULL: no memory, or a word that the engine lacks. */
static char *translate(const struct db_word *words, const char *sql)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool known = out != NULL;

	while (known && *sql != '\0') {
		size_t plain = strcspn(sql, "@");
		fwrite(sql, 1, plain, out);
		sql += plain;
		if (*sql == '\0')
			break;
		size_t len = strcspn(sql + 1, "@") + 2;
		const char *word = text_of(words, sql, len);
		known = word != NULL && fputs(word, out) >= 0;
		sql += known ? len : 0;
	}
	if (out == NULL || (fclose(out) == 0 && known))
		return text;
	free(text);
	return NULL;
}

static enum store_status apply(struct db *db, const struct migration *step)
{
	char version[64];
	char *sql = translate(db->driver->words, step->sql);

	if (sql == NULL)
		return db_fail(db, STORE_FAILED, "migration %d: no memory, or an unknown word",
			       step->version);
	enum store_status status = db_exec(db, sql);
	free(sql);
	if (status != STORE_OK) {
		char why[DB_ERROR_MAX];
		snprintf(why, sizeof why, "%s", db_error(db));
		return db_fail(db, status, "migration %d (%s): %.100s", step->version, step->what,
			       why);
	}
	snprintf(version, sizeof version, "INSERT INTO schema_version (version) VALUES (%d)",
		 step->version);
	return db_exec(db, version);
}

enum store_status migrations_apply(struct db *db, int *from_out)
{
	/* another process may do the same now */
	enum store_status status = db_lock(db, "schema");
	int from = status == STORE_OK ? migrations_version(db) : -1;

	if (from < 0)
		return status == STORE_OK ? STORE_FAILED : status;
	status = db->driver->found(db);
	for (size_t i = 0; status == STORE_OK && i < COUNT; i++)
		if (migrations[i].version > from)
			status = apply(db, &migrations[i]);
	if (status == STORE_OK)
		*from_out = from;
	return status;
}
