/* SPDX-License-Identifier: Apache-2.0 */
/* The pool of connections, and bringing the schema up to date. */
#include "svc/registry/store/store.h"

#include "svc/registry/store/migrations.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define APPLICATION_ID	0x41545254
#define CONNECTIONS_MAX 256

struct store {
	pthread_mutex_t mutex; /* guards idle and n_idle */
	pthread_cond_t given;
	struct db_writer *writer;
	size_t connections, n_idle;
	struct db *idle[CONNECTIONS_MAX];
};

static int pragma(struct db *db, const char *sql)
{
	struct db_query *query = db_query(db, sql);
	int value = db_step(query) == STORE_OK ? (int)db_int(query, 0) : -1;

	db_done(query);
	return value;
}

static int schema_version(struct db *db)
{
	return pragma(db, "PRAGMA user_version");
}

/* A file that is new and empty, or a registry's. */
static bool is_ours(struct db *db, const char *path, char *err, size_t size)
{
	int application = pragma(db, "PRAGMA application_id");
	int tables = pragma(db, "SELECT count(*) FROM sqlite_schema");

	if (application == APPLICATION_ID || (application == 0 && tables == 0))
		return true;
	snprintf(err, size, "%s: this is not a registry's database", path);
	return false;
}

static bool version_fits(struct db *db, const char *path, char *err, size_t size)
{
	int version = schema_version(db);

	if (version == STORE_SCHEMA_VERSION)
		return true;
	if (version < STORE_SCHEMA_VERSION)
		snprintf(err, size,
			 "%s: the schema is version %d, this program needs %d: run it with "
			 "--migrate",
			 path, version, STORE_SCHEMA_VERSION);
	else
		snprintf(err, size,
			 "%s: the schema is version %d, newer than the %d that this program knows: "
			 "install a newer program",
			 path, version, STORE_SCHEMA_VERSION);
	return false;
}

/* A missing file is what everybody meets first. */
static bool is_there(const char *path, char *err, size_t size)
{
	if (access(path, F_OK) == 0)
		return true;
	snprintf(err, size, "%s: %m (--migrate creates it)", path);
	return false;
}

struct store *store_open(const struct store_params *params, char *err, size_t size)
{
	struct store *store = NULL;

	if (!is_there(params->path, err, size))
		return NULL;
	store = calloc(1, sizeof *store);
	if (store == NULL || (store->writer = db_writer_new()) == NULL) {
		snprintf(err, size, "no memory");
		free(store);
		return NULL;
	}
	pthread_mutex_init(&store->mutex, NULL);
	pthread_cond_init(&store->given, NULL);
	store->connections =
		params->connections < CONNECTIONS_MAX ? params->connections : CONNECTIONS_MAX;
	while (store->n_idle < store->connections) {
		struct db *db = db_open(params->path, false, store->writer, err, size);
		if (db == NULL)
			break;
		store->idle[store->n_idle++] = db;
	}
	bool fits = store->n_idle == store->connections && store->n_idle > 0 &&
		    is_ours(store->idle[0], params->path, err, size) &&
		    version_fits(store->idle[0], params->path, err, size);
	if (fits)
		return store;
	store->connections = store->n_idle;
	store_close(store);
	return NULL;
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < store->n_idle; i++)
		db_close(store->idle[i]);
	db_writer_free(store->writer);
	pthread_cond_destroy(&store->given);
	pthread_mutex_destroy(&store->mutex);
	free(store);
}

struct db *store_take(struct store *store)
{
	pthread_mutex_lock(&store->mutex);
	while (store->n_idle == 0)
		pthread_cond_wait(&store->given, &store->mutex);
	struct db *db = store->idle[--store->n_idle];
	pthread_mutex_unlock(&store->mutex);
	return db;
}

void store_give(struct store *store, struct db *db)
{
	pthread_mutex_lock(&store->mutex);
	store->idle[store->n_idle++] = db;
	pthread_cond_signal(&store->given);
	pthread_mutex_unlock(&store->mutex);
}

bool store_ready(struct store *store, char *why, size_t size)
{
	struct db *db = store_take(store);
	bool ready = pragma(db, "SELECT count(*) FROM tenants") >= 0;

	if (!ready)
		snprintf(why, size, "database: %s", db_error(db));
	store_give(store, db);
	return ready;
}

static bool migrate_one(struct db *db, const struct migration *step, char *err, size_t size)
{
	enum store_status status = db_begin(db);

	if (status == STORE_OK) {
		/* another process may have done it while we waited */
		if (schema_version(db) < step->version)
			status = db_exec(db, step->sql);
		status = db_end(db, status);
	}
	if (status != STORE_OK)
		snprintf(err, size, "migration %d (%s): %s", step->version, step->what,
			 db_error(db));
	return status == STORE_OK;
}

static bool migrate_all(struct db *db, const char *path, char *err, size_t size)
{
	for (size_t i = 0; i < migrations_count; i++) {
		if (schema_version(db) >= migrations[i].version)
			continue;
		if (!migrate_one(db, &migrations[i], err, size))
			return false;
	}
	return version_fits(db, path, err, size);
}

/* Readers never wait for the writer. The file keeps this setting. */
static bool use_wal(struct db *db, const char *path, char *err, size_t size)
{
	if (db_exec(db, "PRAGMA journal_mode=WAL") == STORE_OK)
		return true;
	snprintf(err, size, "%s: %s", path, db_error(db));
	return false;
}

/* The file is made here and not by SQLite, which would let others read it. */
static bool create_file(const char *path, char *err, size_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		snprintf(err, size, "%s: %m", path);
		return false;
	}
	close(fd);
	return true;
}

bool store_migrate(const char *path, int *from_out, char *err, size_t size)
{
	if (!create_file(path, err, size))
		return false;
	struct db *db = db_open(path, true, NULL, err, size);
	if (db == NULL)
		return false;
	int from = schema_version(db);
	bool done = is_ours(db, path, err, size) && use_wal(db, path, err, size) &&
		    migrate_all(db, path, err, size);
	db_close(db);
	if (done)
		*from_out = from;
	return done;
}
