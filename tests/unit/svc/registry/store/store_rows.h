/* SPDX-License-Identifier: Apache-2.0 */
/* A row in every table. */
#ifndef TEST_STORE_ROWS_H
#define TEST_STORE_ROWS_H

#include "tests/unit/svc/registry/store/store_fixture.h"

#define STORE_BLOB 70000 /* bytes */

/* A row of every table, and what is hard to carry: quotes, lines, characters of four bytes, NULs.
 */
static const char *const store_rows[] = {
	"INSERT INTO tenants (id, name, level, vouched, state, version, created_at)"
	" VALUES ('ten_1', 'Alice''s \"shop\" \\ ; -- :x', 1, 1, 'active', 1, 1800000000000)",
	"INSERT INTO tenants (id, parent, name, level, vouched, state, version, created_at)"
	" VALUES ('ten_2', 'ten_1', 'naïve 日本 😀', 2, 0, 'active', 9223372036854775807, -1)",
	"INSERT INTO users (id, tenant, name, role, state, version, created_at)"
	" VALUES ('usr_1', 'ten_1', 'Bob', 'owner', 'active', 1, 2)",
	"INSERT INTO keys (id, tenant, user_id, kind, hash, role, permissions, created_at)"
	" VALUES ('key_1', 'ten_1', 'usr_1', 'api', :tag, 'owner', 3, 4)",
	"INSERT INTO businesses (id, tenant, name, country, state, version, created_at, updated_at)"
	" VALUES ('biz_1', 'ten_1', '', 'US', 'approved', 1, 1, 1)",
	"INSERT INTO logos (sha256, body, created_at) VALUES ('aa', :body, 5)",
	"INSERT INTO logos (sha256, body, created_at) VALUES ('Zz', :none, 5)",
	"INSERT INTO logo_owners (tenant, sha256) VALUES ('ten_1', 'aa')",
	"INSERT INTO brands (id, tenant, business, latest, state, version, created_at, updated_at)"
	" VALUES ('brd_1', 'ten_1', 'biz_1', 1, 'active', 1, 1, 1)",
	"INSERT INTO brand_versions (brand, number, tenant, name, logo, state, editor, created_at)"
	" VALUES ('brd_1', 1, 'ten_1', 'line 1' || :text, 'aa', 'live', 'usr_1', 1)",
	"INSERT INTO reasons (id, tenant, brand, code, text, lang, state, version, created_at)"
	" VALUES ('rsn_1', 'ten_1', 'brd_1', 'delivery', :text, 'en', 'active', 1, 1)",
	"INSERT INTO claims (id, tenant, number, state, version, created_at, updated_at)"
	" VALUES ('clm_1', 'ten_1', '1215555121x', 'verified', 1, 1, 1)",
	"INSERT INTO bindings (id, tenant, claim, number, brand, strict, state, version, "
	"created_at,"
	" updated_at)"
	" VALUES ('bnd_1', 'ten_1', 'clm_1', '12155551212', 'brd_1', 0, 'active', 1, 1, 1)",
	"INSERT INTO intents (id, tenant, brand, key, caller, callee, callee_only, code, text, "
	"lang,"
	" state, mismatches, created_at, not_before, expires_at)"
	" VALUES ('int_1', 'ten_1', 'brd_1', 'key_1', '12155551212', :tag, :tag, 'delivery', '',"
	" 'en', 'announced', 0, 1, 1, 2)",
	"INSERT INTO receipts_used (id, tenant, used_at) VALUES (:tag, 'ten_1', 1)",
	"INSERT INTO reports (id, tenant, key, receipt, number, label, provenance, reporter,"
	" standing, state, created_at) VALUES ('rep_1', 'ten_1', 'key_1', :tag, '12155551212',"
	" 'fraud', 'verified', -9223372036854775807, 'counts', 'active', 1)",
	"INSERT INTO decisions (id, tenant, number, action, rule, evidence, created_at)"
	" VALUES ('dec_1', 'ten_1', '12155551212', 'block', 'score', '{}', 1)",
	"INSERT INTO scores (number, label, score_ppm, low_ppm, high_ppm, worst, unwanted_ppm,"
	" wanted_ppm, unproven_ppm, evidence, computed_at, fades_at)"
	" VALUES ('12155551212', 'fraud', 1, 2, 3, 'fraud', 4, 5, 6, '[]', 7, NULL)",
	"INSERT INTO audit (tenant, serial, at, actor, action, object, detail, hash)"
	" VALUES ('ten_1', 1, 1, 'key_1', 'claim.verified', 'clm_1', '', :tag)",
	"INSERT INTO audit_heads (tenant, serial, hash) VALUES ('ten_1', 1, :tag)",
	"UPDATE counters SET value = 12 WHERE name = 'events'",
	"INSERT INTO events (serial, tenant, callee, kind, object, body, at)"
	" VALUES (12, 'ten_1', :tag, 'intent.matched', 'int_1', '{\"a\":1}', 1)",
	"INSERT INTO directory_log (serial, number, at) VALUES (11, '12155551212', 1)",
	"INSERT INTO idempotency (tenant, key, request, status, body, created_at)"
	" VALUES ('ten_1', :tag, :tag, 201, '{}', 1)",
	"INSERT INTO certificates (id, tenant, sha256, pem, not_after, created_at)"
	" VALUES ('crt_1', 'ten_1', 'ab', :body, 1, 1)",
	/* its serial must not be given again */
	"INSERT INTO tenants (id, name, level, vouched, state, version, created_at)"
	" VALUES ('ten_3', 'gone', 1, 1, 'active', 1, 1)",
	"DELETE FROM tenants WHERE id = 'ten_3'",
};

static void store_fill(struct db *db)
{
	static const char text[] =
		"\n\t'; DROP TABLE tenants; --\x01\x7f\xe2\x80\xae\xf0\x9f\x98\x80";
	static uint8_t body[STORE_BLOB];
	uint8_t tag[32];

	for (size_t i = 0; i < sizeof body; i++)
		body[i] = (uint8_t)(i * 7);
	memcpy(tag, body, sizeof tag);
	store_must(db, db_begin(db, &across_write));
	for (size_t i = 0; i < sizeof store_rows / sizeof store_rows[0]; i++) {
		struct db_query *query = db_query(db, store_rows[i]);
		if (strstr(store_rows[i], ":tag") != NULL)
			db_bind_blob(query, ":tag", tag, sizeof tag);
		if (strstr(store_rows[i], ":body") != NULL)
			db_bind_blob(query, ":body", body, sizeof body);
		if (strstr(store_rows[i], ":none") != NULL)
			db_bind_blob(query, ":none", "", 0);
		if (strstr(store_rows[i], ":text") != NULL)
			db_bind_text(query, ":text", text);
		store_must(db, db_run(query));
	}
	store_must(db, db_end(db, STORE_OK));
}

#endif
