/* SPDX-License-Identifier: Apache-2.0 */
/* The pool of connections, and bringing the schema up to date. */
#include "svc/registry/store/store.h"

#include "svc/registry/store/driver.h"
#include "svc/registry/store/migrations.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONNECTIONS_MAX 256
#define SILENCES	3    /* in a row: the server does not answer anybody */
#define SILENCE_MS	1000 /* for which nobody asks it then */

struct store {
	pthread_mutex_t mutex; /* guards all that changes */
	pthread_cond_t given;
	struct turn writer;
	char *database;
	int64_t silent_ms; /* until when nobody asks; 0: no silence */
	int silences;
	size_t connections, n_idle;
	struct db *idle[CONNECTIONS_MAX];
};

static const struct db_scope reading = {DB_READ, DB_ACROSS, ""};
static const struct db_scope writing = {DB_WRITE, DB_ACROSS, ""};

static enum store_status version_fits(struct db *db)
{
	int version = migrations_version(db), newest = migrations_newest();

	if (version < 0)
		return STORE_FAILED;
	if (version < newest)
		return db_fail(db, STORE_FAILED,
			       "the schema is version %d, this program needs %d: run it with "
			       "--migrate",
			       version, newest);
	if (version > newest)
		return db_fail(db, STORE_FAILED,
			       "the schema is version %d, newer than the %d that this program "
			       "knows: install a newer program",
			       version, newest);
	return STORE_OK;
}

/* A registry's database of our version, and a role that may serve it. */
static bool may_serve(struct db *db, const char *database, char *err, size_t size)
{
	enum store_status status = db->driver->check(db);

	if (status == STORE_OK)
		status = db_begin(db, &reading);
	if (status == STORE_OK)
		status = db_end(db, version_fits(db));
	if (status != STORE_OK)
		snprintf(err, size, "%s: %s", database, db_error(db));
	return status == STORE_OK;
}

static struct store *store_new(size_t connections)
{
	struct store *store = calloc(1, sizeof *store);
	pthread_condattr_t attributes;

	if (store == NULL)
		return NULL;
	pthread_mutex_init(&store->mutex, NULL);
	turn_init(&store->writer);
	/* a clock that is set must not stretch a wait */
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&store->given, &attributes);
	pthread_condattr_destroy(&attributes);
	store->connections = connections < CONNECTIONS_MAX ? connections : CONNECTIONS_MAX;
	store->connections += store->connections == 0;
	return store;
}

struct store *store_open(const struct store_params *params, char *err, size_t size)
{
	struct store *store = store_new(params->connections);

	if (store == NULL || (store->database = strdup(params->database)) == NULL) {
		snprintf(err, size, "no memory");
		store_close(store);
		return NULL;
	}
	while (store->n_idle < store->connections) {
		struct db *db = store_join(store, err, size);
		if (db == NULL)
			break;
		store->idle[store->n_idle++] = db;
	}
	if (store->n_idle == store->connections &&
	    may_serve(store->idle[0], params->database, err, size))
		return store;
	store_close(store);
	return NULL;
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < store->n_idle; i++)
		db_close(store->idle[i]);
	pthread_cond_destroy(&store->given);
	turn_clear(&store->writer);
	pthread_mutex_destroy(&store->mutex);
	free(store->database);
	free(store);
}

struct db *store_join(struct store *store, char *err, size_t size)
{
	const struct db_target target = {store->database, false, &store->writer};

	return db_open(&target, err, size);
}

void store_leave(struct db *db)
{
	db_close(db);
}

struct db *store_take(struct store *store, int wait_ms)
{
	int64_t until_ms = db_clock_ms() + wait_ms;
	const struct timespec until = {until_ms / 1000, until_ms % 1000 * 1000000};
	struct db *db = NULL;
	int late = 0;

	pthread_mutex_lock(&store->mutex);
	/* else a thread that has many requests would wait for each of them anew */
	if (store->silent_ms > db_clock_ms())
		late = ETIMEDOUT;
	while (store->n_idle == 0 && late == 0)
		late = pthread_cond_timedwait(&store->given, &store->mutex, &until);
	if (store->n_idle > 0 && store->silent_ms <= db_clock_ms())
		db = store->idle[--store->n_idle];
	pthread_mutex_unlock(&store->mutex);
	return db;
}

void store_give(struct store *store, struct db *db)
{
	pthread_mutex_lock(&store->mutex);
	store->silences = db->silent ? store->silences + 1 : 0;
	if (store->silences >= SILENCES)
		store->silent_ms = db_clock_ms() + SILENCE_MS;
	db->silent = false;
	db->until_ms = 0;
	store->idle[store->n_idle++] = db;
	pthread_cond_signal(&store->given);
	pthread_mutex_unlock(&store->mutex);
}

bool store_ready(struct store *store, char *why, size_t size)
{
	struct db *db = store_take(store, STORE_WAIT_MS);

	if (db == NULL) {
		snprintf(why, size, "database: no connection came free");
		return false;
	}
	enum store_status status = db_begin(db, &reading);
	if (status == STORE_OK) {
		struct db_query *query = db_query(db, "SELECT count(*) FROM tenants");
		status = db_step(query);
		db_done(query);
		status = db_end(db, status);
	}
	if (status != STORE_OK)
		snprintf(why, size, "database: %s", db_error(db));
	store_give(store, db);
	return status == STORE_OK;
}

static enum store_status migrate(struct db *db, const char *role, int *from_out)
{
	enum store_status status = db->driver->check(db);

	if (status == STORE_OK)
		status = db_begin(db, &writing);
	if (status != STORE_OK)
		return status;
	status = migrations_apply(db, from_out);
	if (status == STORE_OK)
		status = version_fits(db);
	if (status == STORE_OK)
		status = db->driver->grant(db, role != NULL ? role : "");
	return db_end(db, status);
}

bool store_migrate(const struct store_owner *owner, int *from_out, char *err, size_t size)
{
	const struct db_target target = {owner->database, true, NULL};
	struct db *db = db_open(&target, err, size);

	if (db == NULL)
		return false;
	enum store_status status = migrate(db, owner->role, from_out);
	if (status != STORE_OK)
		snprintf(err, size, "%s: %s", owner->database, db_error(db));
	db_close(db);
	return status == STORE_OK;
}
