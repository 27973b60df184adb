/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two roles: the owner of the schema "attestel", who migrates, and the application's, which may
 * touch rows and nothing else. Row-level security is forced, so that it binds the owner as well.
 */
#include "svc/registry/store/postgres_schema.h"

#include "svc/registry/store/driver.h"

static const struct db_scope reading = {DB_READ, DB_ACROSS, ""};

/* What a role that serves must not be; row-level security binds none of these. */
static const struct {
	const char *sql; /* true: it is */
	const char *what;
} refused[] = {
	{"SELECT count(*) FROM pg_roles"
	 " WHERE rolname IN (current_user, session_user) AND rolsuper",
	 "a superuser"},
	{"SELECT count(*) FROM pg_roles"
	 " WHERE rolname IN (current_user, session_user) AND rolbypassrls",
	 "a role with BYPASSRLS"},
	{"SELECT count(*) FROM pg_namespace"
	 " WHERE nspname = 'attestel' AND pg_has_role(session_user, nspowner, 'MEMBER')",
	 "the owner of the schema attestel"},
	{"SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
	 " WHERE n.nspname = 'attestel' AND pg_has_role(session_user, c.relowner, 'MEMBER')",
	 "the owner of a table of the schema attestel"},
	{"SELECT count(*) FROM pg_namespace"
	 " WHERE nspname = 'attestel' AND has_schema_privilege(session_user, oid, 'CREATE')",
	 "a role that may create tables in the schema attestel"},
};

static enum store_status is_refused(struct db *db, size_t i)
{
	struct db_query *query = db_query(db, refused[i].sql);
	enum store_status status = db_step(query);
	int64_t count = db_int(query, 0);

	db_done(query);
	if (status != STORE_OK || count == 0)
		return status;
	return db_fail(db, STORE_FAILED,
		       "PostgreSQL: the role is %s; serve as one that owns nothing",
		       refused[i].what);
}

enum store_status postgres_check(struct db *db)
{
	enum store_status status = db->owner ? STORE_OK : db_begin(db, &reading);

	if (db->owner || status != STORE_OK)
		return status;
	for (size_t i = 0; status == STORE_OK && i < sizeof refused / sizeof refused[0]; i++)
		status = is_refused(db, i);
	return db_end(db, status);
}

enum store_status postgres_found(struct db *db)
{
	return db_exec(db, "CREATE SCHEMA IF NOT EXISTS attestel;"
			   "REVOKE ALL ON SCHEMA attestel FROM PUBLIC");
}

/*
 * A row is visible to its tenant, or to a transaction that works across tenants. The settings are
 * read once a statement, by subqueries. Tables that have their policy are left alone: making it
 * needs a lock that waits for every reader.
 */
static const char secure_rows[] =
	"DO $do$ DECLARE t record; rule text; BEGIN"
	" FOR t IN SELECT c.oid::regclass AS name, a.attname AS owner"
	"  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
	"  WHERE c.relnamespace = 'attestel'::regnamespace AND c.relkind = 'r'"
	"  AND a.attname = CASE c.relname WHEN 'tenants' THEN 'id' ELSE 'tenant' END"
	"  AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS"
	"   (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'of_tenant'))"
	" LOOP"
	"  rule := format('%I = (SELECT current_setting(''attestel.tenant'', true))"
	"   OR (SELECT current_setting(''attestel.across'', true)) = ''on''', t.owner);"
	"  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.name);"
	"  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t.name);"
	"  EXECUTE format('CREATE POLICY of_tenant ON %s USING (%s) WITH CHECK (%s)',"
	"   t.name, rule, rule);"
	" END LOOP; END $do$";

/* The audit rows can be added and read, by the application not changed: its chain of hashes would
 * tell, but too late. */
static const char grant_rows[] =
	"DO $do$ DECLARE app text := current_setting('attestel.role'); BEGIN"
	" IF app = current_user THEN"
	"  RAISE EXCEPTION 'the application''s role is the owner''s';"
	" END IF;"
	" EXECUTE format('REVOKE ALL ON SCHEMA attestel FROM %I', app);"
	" EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA attestel FROM %I', app);"
	" EXECUTE format('GRANT USAGE ON SCHEMA attestel TO %I', app);"
	" EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA attestel"
	"  TO %I', app);"
	" EXECUTE format('REVOKE UPDATE, DELETE ON attestel.audit FROM %I', app);"
	" EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON attestel.schema_version FROM %I', app);"
	" END $do$";

enum store_status postgres_grant(struct db *db, const char *role)
{
	struct db_query *query;
	enum store_status status;

	if (role[0] == '\0')
		return db_fail(db, STORE_FAILED,
			       "PostgreSQL: which role does the application have?");
	query = db_query(db, "SELECT set_config('attestel.role', :role, true)");
	db_bind_text(query, ":role", role);
	status = db_step(query);
	db_done(query);
	if (status == STORE_OK)
		status = db_exec(db, secure_rows);
	return status == STORE_OK ? db_exec(db, grant_rows) : status;
}
