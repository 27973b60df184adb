/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Migrations. Once released a row is never edited: a change is a new row. Times are milliseconds
 * since 1970. Rows that belong to a tenant carry it.
 */
#include "svc/registry/store/migrations.h"

/* 0x41545254 is "ATRT": the file is a registry's. */
static const char first[] =
	"CREATE TABLE tenants ("
	" id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL) STRICT;"

	"CREATE TABLE keys ("
	" id TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenants(id),"
	" hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32), scopes INTEGER NOT NULL,"
	" label TEXT, created_at INTEGER NOT NULL, revoked_at INTEGER) STRICT;"

	"CREATE TABLE businesses ("
	" number INTEGER PRIMARY KEY AUTOINCREMENT,"
	" id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL REFERENCES tenants(id),"
	" name TEXT NOT NULL, country TEXT NOT NULL, website TEXT, created_at INTEGER NOT NULL)"
	" STRICT;"
	"CREATE INDEX businesses_of_tenant ON businesses (tenant, number);"

	"CREATE TABLE logos ("
	" sha256 TEXT PRIMARY KEY, body BLOB NOT NULL, created_at INTEGER NOT NULL) STRICT;"
	"CREATE TABLE logo_owners ("
	" tenant TEXT NOT NULL REFERENCES tenants(id),"
	" sha256 TEXT NOT NULL REFERENCES logos(sha256), PRIMARY KEY (tenant, sha256)) STRICT;"

	"CREATE TABLE brands ("
	" id TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenants(id),"
	" business TEXT NOT NULL REFERENCES businesses(id), name TEXT NOT NULL,"
	" version INTEGER NOT NULL, logo TEXT REFERENCES logos(sha256),"
	" created_at INTEGER NOT NULL) STRICT;"

	"CREATE TABLE numbers ("
	" id TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenants(id),"
	" number TEXT NOT NULL UNIQUE, brand TEXT NOT NULL REFERENCES brands(id),"
	" created_at INTEGER NOT NULL) STRICT;"

	"CREATE TABLE reasons ("
	" id TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenants(id),"
	" brand TEXT NOT NULL REFERENCES brands(id), code TEXT NOT NULL, text TEXT NOT NULL,"
	" created_at INTEGER NOT NULL) STRICT;"

	/* callee and call are keyed tags: a copy of the file does not tell who called whom */
	"CREATE TABLE intents ("
	" serial INTEGER PRIMARY KEY AUTOINCREMENT,"
	" id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL REFERENCES tenants(id),"
	" brand TEXT NOT NULL REFERENCES brands(id), caller TEXT NOT NULL,"
	" callee BLOB NOT NULL CHECK (length(callee) = 32), code TEXT NOT NULL,"
	" text TEXT NOT NULL, state INTEGER NOT NULL, created_at INTEGER NOT NULL,"
	" expires_at INTEGER NOT NULL, matched_at INTEGER, call BLOB) STRICT;"
	"CREATE INDEX intents_of_callee ON intents (callee, state);"
	"CREATE INDEX intents_by_age ON intents (created_at);"

	"CREATE TABLE certificates ("
	" id TEXT PRIMARY KEY, tenant TEXT NOT NULL REFERENCES tenants(id),"
	" sha256 TEXT NOT NULL, pem BLOB NOT NULL, not_after INTEGER NOT NULL,"
	" created_at INTEGER NOT NULL, UNIQUE (tenant, sha256)) STRICT;"
	"CREATE INDEX certificates_by_content ON certificates (sha256);"

	"PRAGMA application_id = 0x41545254;"
	"PRAGMA user_version = 1;";

const struct migration migrations[] = {
	{1, "tenants, keys, businesses, brands, logos, numbers, reasons, intents, certificates",
	 first},
};
const size_t migrations_count = sizeof migrations / sizeof migrations[0];
