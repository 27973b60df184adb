/* SPDX-License-Identifier: Apache-2.0 */
/* What PostgreSQL's codes mean to the store, and how it is reached; as tables, apart from the
 * connection. */
#include "svc/registry/store/postgres_codes.h"

#include <string.h>

/* search_path ends with pg_temp, so that nobody's temporary table stands for one of ours. */
#define PINNED                                                                                     \
	"-c search_path=attestel,pg_catalog,pg_temp -c row_security=on -c synchronous_commit=on "  \
	"-c standard_conforming_strings=on -c TimeZone=UTC "

/* Pages come in the order of an index. The planner takes row-level security for a filter that lets
 * one row of a hundred pass, and would rather read all rows that are left and sort them. */
#define BY_INDEX "-c enable_sort=off -c enable_bitmapscan=off "

/* Types of pg_type.h, whose numbers are fixed. */
enum {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_CHAR = 18,
	OID_NAME = 19,
	OID_INT8 = 20,
	OID_INT2 = 21,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_UNKNOWN = 705,
	OID_VARCHAR = 1043,
	OID_VOID = 2278
};

static const struct {
	uint32_t oid;
	enum db_kind kind;
} kinds[] = {
	{OID_INT8, DB_INT},  {OID_TEXT, DB_TEXT},    {OID_BYTEA, DB_BLOB},   {OID_INT4, DB_INT},
	{OID_INT2, DB_INT},  {OID_BOOL, DB_INT},     {OID_VARCHAR, DB_TEXT}, {OID_NAME, DB_TEXT},
	{OID_CHAR, DB_TEXT}, {OID_UNKNOWN, DB_TEXT}, {OID_VOID, DB_NULL},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

/* By SQLSTATE, the first that it begins with. */
static const struct {
	const char *state;
	enum store_status status;
	bool lost;
} states[] = {
	{"40001", STORE_BUSY, false}, /* serialisation */
	{"40P01", STORE_BUSY, false}, /* deadlock */
	{"55P03", STORE_BUSY, false}, /* lock_timeout */
	{"57014", STORE_BUSY, false}, /* statement_timeout: nothing was done, another time it may */
	{"53", STORE_BUSY, false},    /* out of connections, memory, disk */
	{"08", STORE_BUSY, true},     /* connection */
	{"57P", STORE_BUSY, true},    /* the server goes down, or ended us */
	{"25P03", STORE_BUSY, true},  /* idle in a transaction for too long */
	{"23", STORE_CONFLICT, false},
};

enum store_status postgres_status(const char *sqlstate, bool *lost_out)
{
	*lost_out = false;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		if (strncmp(sqlstate, states[i].state, strlen(states[i].state)) != 0)
			continue;
		*lost_out = states[i].lost;
		return states[i].status;
	}
	return STORE_FAILED;
}

uint32_t postgres_type(enum db_kind kind)
{
	for (size_t i = 0; kind != DB_NULL && i < KINDS; i++)
		if (kinds[i].kind == kind)
			return kinds[i].oid;
	return 0;
}

bool postgres_kind(uint32_t type, enum db_kind *kind_out)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (kinds[i].oid != type)
			continue;
		*kind_out = kinds[i].kind;
		return true;
	}
	return false;
}

int64_t postgres_integer(const unsigned char *bytes, size_t len)
{
	uint64_t value = len > 1 && (bytes[0] & 0x80) != 0 ? UINT64_MAX : 0;

	for (size_t i = 0; i < len; i++)
		value = value << 8 | bytes[i];
	return (int64_t)value;
}

const char *const postgres_option_names[POSTGRES_OPTIONS] = {"keepalives_idle",
							     "keepalives_interval",
							     "keepalives_count",
							     "tcp_user_timeout",
							     "application_name",
							     "dbname",
							     "client_encoding",
							     "options",
							     NULL};

void postgres_options(const char *database, bool owner, const char *values_out[POSTGRES_OPTIONS])
{
	const char *const values[POSTGRES_OPTIONS] = {
		"10",
		"5",
		"3",
		"10000",
		"attestel-registry",
		database,
		"UTF8",
		owner ? PINNED "-c statement_timeout=0 -c lock_timeout=10000"
		      : PINNED BY_INDEX "-c statement_timeout=2000 -c lock_timeout=1500 "
					"-c idle_in_transaction_session_timeout=30000",
		NULL};

	memcpy(values_out, values, sizeof values);
}
