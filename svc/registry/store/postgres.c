/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of PostgreSQL. A connection that was lost is made again by the next BEGIN; what it had
 * prepared is prepared again. No wait is longer than its bound: the server ends a statement after
 * two seconds, and one that says nothing for ANSWER_MS counts as lost.
 */
#include "svc/registry/store/driver.h"
#include "svc/registry/store/parameters.h"
#include "svc/registry/store/postgres_codes.h"
#include "svc/registry/store/postgres_schema.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#define CONNECT_MS   2000
#define ANSWER_MS    4000
#define OWNER_MS     600000 /* a migration may move every row */
#define SERVER_LEAST 150000

struct link {
	char *database;
	PGconn *conn;	    /* NULL: lost, or not made yet */
	uint64_t era;	    /* counts the connections */
	uint64_t listening; /* the connection that does; 0: none */
	bool missed;	    /* what was notified while none did */
	bool ending;	    /* the end of a transaction that read was not answered yet */
	uint64_t prepared;  /* counts the statements, whose names it makes */
};

struct statement {
	char *sql; /* with $n */
	struct parameters parameters;
	char name[24];
	uint64_t era;		   /* of the connection that has it prepared; 0: none */
	Oid types[PARAMETERS_MAX]; /* 0: not known yet, it was only NULL */
	const char *values[PARAMETERS_MAX];
	int lengths[PARAMETERS_MAX], formats[PARAMETERS_MAX];
	uint64_t integers[PARAMETERS_MAX];
	PGresult *result;
	int row;
};

static void disconnect(struct link *link)
{
	link->ending = false;
	PQfinish(link->conn);
	link->conn = NULL;
}

/* The connection is of no more use: closes it. */
static enum store_status lost(struct db *db, const char *why)
{
	struct link *link = db->link;

	db_fail(db, STORE_BUSY, "PostgreSQL: the connection was lost: %s", why);
	disconnect(link);
	return STORE_BUSY;
}

/* Why result is no success. The primary message alone: DETAIL would quote a row. */
static enum store_status failed(struct db *db, const PGresult *result)
{
	struct link *link = db->link;
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	enum store_status status;
	bool ended;

	if (state == NULL || PQstatus(link->conn) == CONNECTION_BAD)
		return lost(db, text != NULL ? text : PQerrorMessage(link->conn));
	status = postgres_status(state, &ended);
	if (ended)
		return lost(db, text != NULL ? text : state);
	return db_fail(db, status, "PostgreSQL %s: %s", state, text != NULL ? text : "");
}

/* Waits for the socket; false: not within the time. */
static bool socket_ready(PGconn *conn, short events, int64_t deadline_ms)
{
	struct pollfd fd = {PQsocket(conn), events, 0};
	int n;

	do {
		int64_t left = deadline_ms - db_clock_ms();
		n = left > 0 ? poll(&fd, 1, (int)left) : 0;
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

/* All that was asked is sent and the whole answer is here; false: the connection is broken. */
static bool have_answer(PGconn *conn, int64_t deadline_ms)
{
	for (;;) {
		int unsent = PQflush(conn);
		if (unsent < 0)
			return false;
		if (unsent == 0 && PQisBusy(conn) == 0)
			return true;
		short events = (short)(POLLIN | (unsent > 0 ? POLLOUT : 0));
		if (!socket_ready(conn, events, deadline_ms) || PQconsumeInput(conn) == 0)
			return false;
	}
}

static bool is_success(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
	       status == PGRES_EMPTY_QUERY;
}

/* The last result of what was sent, or the first that failed. sent: what PQsend...() gave. */
static enum store_status answer(struct db *db, int sent, PGresult **result_out)
{
	struct link *link = db->link;
	int64_t deadline_ms = db_deadline_ms(db, db->owner ? OWNER_MS : ANSWER_MS);
	PGresult *kept = NULL, *next;
	bool kept_failed = false;

	if (sent != 1)
		return lost(db, PQerrorMessage(link->conn));
	for (;;) {
		if (!have_answer(link->conn, deadline_ms)) {
			PQclear(kept);
			db->silent = db_clock_ms() >= deadline_ms;
			return lost(db, db->silent ? "no answer" : PQerrorMessage(link->conn));
		}
		next = PQgetResult(link->conn);
		if (next == NULL)
			break;
		PQclear(kept_failed ? next : kept);
		kept = kept_failed ? kept : next;
		kept_failed = !is_success(kept);
	}
	enum store_status status = kept == NULL || kept_failed ? failed(db, kept) : STORE_OK;
	if (status != STORE_OK || result_out == NULL)
		PQclear(kept);
	else
		*result_out = kept;
	return status;
}

/* Takes the answer to what nobody waited for; it has come by now. */
static enum store_status settle(struct db *db)
{
	struct link *link = db->link;

	if (!link->ending)
		return STORE_OK;
	link->ending = false;
	return answer(db, 1, NULL);
}

static enum store_status postgres_exec(struct db *db, const char *sql)
{
	struct link *link = db->link;

	if (link->conn == NULL)
		return db_fail(db, STORE_BUSY, "PostgreSQL: not connected");
	if (settle(db) != STORE_OK)
		return STORE_BUSY;
	return answer(db, PQsendQuery(link->conn, sql), NULL);
}

/* Connects by itself, since libpq's own connect_timeout counts for each address anew. */
static bool connected(struct db *db, PGconn *conn)
{
	int64_t deadline_ms = db_deadline_ms(db, CONNECT_MS);
	PostgresPollingStatusType next = PGRES_POLLING_WRITING;

	if (conn == NULL || PQstatus(conn) == CONNECTION_BAD)
		return false;
	while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
		short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
		db->silent = !socket_ready(conn, events, deadline_ms);
		if (db->silent)
			return false;
		next = PQconnectPoll(conn);
	}
	return next == PGRES_POLLING_OK && PQsetnonblocking(conn, 1) == 0;
}

/* libpq would write to standard error. */
static void ignore_notice(void *magic, const char *message)
{
	(void)magic;
	(void)message;
}

static enum store_status reconnect(struct db *db)
{
	struct link *link = db->link;
	const char *encoding, *options[POSTGRES_OPTIONS];

	disconnect(link);
	postgres_options(link->database, db->owner, options);
	link->conn = PQconnectStartParams(postgres_option_names, options, 1);
	if (!connected(db, link->conn)) {
		const char *why = PQerrorMessage(link->conn);
		db_fail(db, STORE_BUSY, "PostgreSQL: %s", why[0] != '\0' ? why : "no connection");
		disconnect(link);
		return STORE_BUSY;
	}
	PQsetNoticeProcessor(link->conn, ignore_notice, NULL);
	link->era++;
	encoding = PQparameterStatus(link->conn, "server_encoding");
	if (PQserverVersion(link->conn) >= SERVER_LEAST && encoding != NULL &&
	    strcmp(encoding, "UTF8") == 0)
		return STORE_OK;
	disconnect(link);
	return db_fail(db, STORE_FAILED,
		       "PostgreSQL 15 or newer, and a database in UTF8, are required");
}

/* A password beside the database's name would be shown with it. */
static enum store_status has_no_password(struct db *db, const char *database)
{
	char *why = NULL;
	PQconninfoOption *options = PQconninfoParse(database, &why);
	bool found = false;

	if (options == NULL) {
		PQfreemem(why); /* it may quote the password */
		return db_fail(db, STORE_FAILED, "PostgreSQL: this is no connection URL");
	}
	for (const PQconninfoOption *o = options; o->keyword != NULL; o++)
		found = found || (strcmp(o->keyword, "password") == 0 && o->val != NULL);
	PQconninfoFree(options);
	if (!found)
		return STORE_OK;
	return db_fail(db, STORE_FAILED,
		       "PostgreSQL: the URL holds a password: put it in a file and name that with "
		       "passfile=");
}

static enum store_status postgres_open(struct db *db, const struct db_target *target)
{
	struct link *link;
	enum store_status status = has_no_password(db, target->database);

	if (status != STORE_OK)
		return status;
	db->link = link = calloc(1, sizeof *link);
	if (link == NULL || (link->database = strdup(target->database)) == NULL)
		return db_fail(db, STORE_FAILED, "no memory");
	return reconnect(db);
}

static void postgres_close(struct db *db)
{
	struct link *link = db->link;

	if (link == NULL)
		return;
	disconnect(link);
	free(link->database);
	free(link);
}

/* BEGIN and whose rows it may see, in one round trip. */
static enum store_status send_begin(struct db *db, const struct db_scope *scope)
{
	struct link *link = db->link;
	char sql[512];
	char *tenant = PQescapeLiteral(link->conn, scope->tenant, strlen(scope->tenant));

	if (tenant == NULL)
		return db_fail(db, STORE_FAILED, "PostgreSQL: the tenant's name: %s",
			       PQerrorMessage(link->conn));
	int n = snprintf(sql, sizeof sql,
			 "BEGIN ISOLATION LEVEL %s; SELECT set_config('attestel.tenant', %s, true),"
			 " set_config('attestel.across', '%s', true),"
			 " set_config('attestel.review', '%s', true)",
			 scope->mode == DB_READ ? "REPEATABLE READ READ ONLY"
						: "READ COMMITTED READ WRITE",
			 tenant, scope->view == DB_ACROSS ? "on" : "off",
			 scope->view == DB_REVIEW ? "on" : "off");
	PQfreemem(tenant);
	if (n < 0 || (size_t)n >= sizeof sql)
		return db_fail(db, STORE_FAILED, "PostgreSQL: the tenant's name is too long");
	return postgres_exec(db, sql);
}

/* A connection that the server closed while it was idle is made again at once: nothing was asked
 * yet, so nothing can be done twice. */
static enum store_status postgres_begin(struct db *db, const struct db_scope *scope)
{
	struct link *link = db->link;
	(void)settle(db); /* a connection that was lost is seen next */
	bool fresh = link->conn == NULL || PQtransactionStatus(link->conn) != PQTRANS_IDLE;
	enum store_status status = fresh ? reconnect(db) : STORE_OK;

	if (status == STORE_OK)
		status = send_begin(db, scope);
	if (fresh || link->conn != NULL)
		return status;
	status = reconnect(db);
	return status == STORE_OK ? send_begin(db, scope) : status;
}

static void postgres_rollback(struct db *db)
{
	char why[DB_ERROR_MAX];
	struct link *link = db->link;

	if (link->conn == NULL)
		return;
	/* db_error() tells what failed first */
	memcpy(why, db->error, sizeof why);
	if (postgres_exec(db, "ROLLBACK") != STORE_OK)
		disconnect(link);
	memcpy(db->error, why, sizeof why);
}

/* What only read has its answers: its end is not waited for. */
static bool end_reading(struct link *link)
{
	link->ending = PQtransactionStatus(link->conn) == PQTRANS_INTRANS &&
		       PQsendQuery(link->conn, "COMMIT") == 1;
	return link->ending && PQflush(link->conn) == 0;
}

static enum store_status postgres_commit(struct db *db)
{
	struct link *link = db->link;

	if (db->mode == DB_READ && end_reading(link))
		return STORE_OK;
	enum store_status status = postgres_exec(db, "COMMIT");

	/* the answer was lost, not the transaction: it may stand */
	if (status != STORE_OK && link->conn == NULL && db->mode == DB_WRITE)
		return STORE_UNSURE;
	if (status != STORE_OK)
		postgres_rollback(db);
	return status;
}

static enum store_status postgres_lock(struct db *db, const char *what)
{
	struct db_query *query =
		db_query(db, "SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))");

	db_bind_text(query, ":what", what);
	enum store_status status = db_step(query);
	db_done(query);
	return status;
}

/* Takes one notification off the queue. */
static bool was_notified(PGconn *conn)
{
	PGnotify *notify = PQnotifies(conn);

	PQfreemem(notify);
	return notify != NULL;
}

static enum store_status listen_to(struct db *db, const char *channel)
{
	struct link *link = db->link;
	char sql[160];
	enum store_status status = link->conn == NULL ? reconnect(db) : STORE_OK;

	if (status != STORE_OK || link->listening == link->era)
		return status;
	char *name = PQescapeIdentifier(link->conn, channel, strlen(channel));
	if (name == NULL)
		return db_fail(db, STORE_FAILED, "PostgreSQL: the channel's name");
	int n = snprintf(sql, sizeof sql, "LISTEN %s", name);
	PQfreemem(name);
	status = n > 0 && (size_t)n < sizeof sql ? postgres_exec(db, sql) : STORE_FAILED;
	if (status != STORE_OK)
		return status;
	link->missed = link->listening != 0;
	link->listening = link->era;
	return STORE_OK;
}

static enum store_status postgres_await(struct db *db, const char *channel, int wait_ms)
{
	struct link *link = db->link;
	int64_t deadline_ms = db_clock_ms() + wait_ms;
	enum store_status status = settle(db);

	if (status == STORE_OK)
		status = listen_to(db, channel);
	if (status != STORE_OK)
		return status;
	if (link->missed) { /* between two connections */
		link->missed = false;
		return STORE_OK;
	}
	for (;;) {
		if (PQconsumeInput(link->conn) == 0)
			return lost(db, PQerrorMessage(link->conn));
		if (was_notified(link->conn))
			break;
		if (!socket_ready(link->conn, POLLIN, deadline_ms))
			return STORE_NONE;
	}
	while (was_notified(link->conn))
		;
	return STORE_OK;
}

static void statement_free(struct statement *statement)
{
	if (statement == NULL)
		return;
	PQclear(statement->result);
	free(statement->sql);
	free(statement);
}

/* The server prepares it when it runs for the first time, since then its types are known. */
static enum store_status postgres_prepare(struct db_query *query)
{
	struct statement *statement = calloc(1, sizeof *statement);

	if (statement != NULL)
		statement->sql = parameters_number(query->sql, &statement->parameters);
	if (statement == NULL || statement->sql == NULL) {
		statement_free(statement);
		return db_fail(query->db, STORE_FAILED, "no memory, or too many parameters");
	}
	query->statement = statement;
	return STORE_OK;
}

static void postgres_finalize(struct db_query *query)
{
	statement_free(query->statement);
}

static enum store_status postgres_bind(struct db_query *query, const char *name,
				       const struct db_value *value)
{
	struct statement *statement = query->statement;
	size_t i = parameters_find(&statement->parameters, name);
	Oid oid = postgres_type(value->kind);

	if (i-- == 0)
		return db_fail(query->db, STORE_FAILED, "no parameter %s", name);
	if (oid != 0 && statement->types[i] != oid) {
		if (statement->types[i] != 0)
			return db_fail(query->db, STORE_FAILED, "%s had another type before", name);
		statement->types[i] = oid;
		statement->era = 0; /* what is prepared has taken a guess */
	}
	if (value->len > INT32_MAX)
		return db_fail(query->db, STORE_FAILED, "%s is too long", name);
	statement->integers[i] = htobe64((uint64_t)value->integer);
	statement->formats[i] = 1;
	statement->values[i] = value->bytes;
	statement->lengths[i] = (int)value->len;
	if (value->kind == DB_INT) {
		statement->values[i] = (const char *)&statement->integers[i];
		statement->lengths[i] = sizeof statement->integers[i];
	}
	return STORE_OK;
}

/* Of a column that could not be read nobody must see a NULL. */
static enum store_status columns_known(struct db *db, const PGresult *result)
{
	enum db_kind kind;

	for (int i = 0; i < PQnfields(result); i++)
		if (!postgres_kind(PQftype(result, i), &kind))
			return db_fail(db, STORE_FAILED, "column %s has type %u, which is not read",
				       PQfname(result, i), PQftype(result, i));
	return STORE_OK;
}

static enum store_status execute(struct db *db, struct statement *statement)
{
	struct link *link = db->link;
	int count = (int)statement->parameters.count;
	enum store_status status = STORE_OK;

	if (link->conn == NULL)
		return db_fail(db, STORE_BUSY, "PostgreSQL: not connected");
	if (statement->era != link->era) {
		snprintf(statement->name, sizeof statement->name, "s%llu",
			 (unsigned long long)++link->prepared);
		status = answer(db,
				PQsendPrepare(link->conn, statement->name, statement->sql, count,
					      statement->types),
				NULL);
	}
	if (status != STORE_OK)
		return status;
	statement->era = link->era;
	status = answer(db,
			PQsendQueryPrepared(link->conn, statement->name, count, statement->values,
					    statement->lengths, statement->formats, 1),
			&statement->result);
	statement->row = -1;
	return status == STORE_OK ? columns_known(db, statement->result) : status;
}

static enum store_status postgres_step(struct db_query *query)
{
	struct statement *statement = query->statement;
	enum store_status status = STORE_OK;

	if (statement->result == NULL)
		status = execute(query->db, statement);
	if (status != STORE_OK)
		return status;
	if (statement->row + 1 >= PQntuples(statement->result))
		return STORE_NONE;
	statement->row++;
	return STORE_OK;
}

static bool postgres_changed(struct db_query *query)
{
	struct statement *statement = query->statement;

	if (statement->result == NULL || strncmp(PQcmdStatus(statement->result), "SELECT", 6) == 0)
		return false;
	return strtoull(PQcmdTuples(statement->result), NULL, 10) > 0;
}

static void postgres_done(struct db_query *query)
{
	struct statement *statement = query->statement;

	PQclear(statement->result);
	statement->result = NULL;
	memset(statement->values, 0, sizeof statement->values);
}

static void postgres_column(struct db_query *query, int column, struct db_value *value_out)
{
	const struct statement *statement = query->statement;
	const PGresult *result = statement->result;
	int row = statement->row;

	if (result == NULL || row < 0 || column < 0 || column >= PQnfields(result) ||
	    PQgetisnull(result, row, column) != 0)
		return;
	if (!postgres_kind(PQftype(result, column), &value_out->kind))
		return;
	value_out->bytes = PQgetvalue(result, row, column);
	value_out->len = (size_t)PQgetlength(result, row, column);
	if (value_out->kind == DB_INT)
		value_out->integer = postgres_integer(value_out->bytes, value_out->len);
}

static int postgres_columns(struct db_query *query)
{
	const struct statement *statement = query->statement;

	return PQnfields(statement->result);
}

static const char *postgres_column_name(struct db_query *query, int column)
{
	const struct statement *statement = query->statement;

	return PQfname(statement->result, column);
}

const struct db_driver db_postgres = {
	.engine = DB_POSTGRES,
	.words = postgres_words,
	.open = postgres_open,
	.close = postgres_close,
	.check = postgres_check,
	.exec = postgres_exec,
	.begin = postgres_begin,
	.commit = postgres_commit,
	.rollback = postgres_rollback,
	.found = postgres_found,
	.grant = postgres_grant,
	.lock = postgres_lock,
	.await = postgres_await,
	.prepare = postgres_prepare,
	.finalize = postgres_finalize,
	.bind = postgres_bind,
	.step = postgres_step,
	.changed = postgres_changed,
	.done = postgres_done,
	.column = postgres_column,
	.columns = postgres_columns,
	.column_name = postgres_column_name,
};
