/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema's first version, for both engines: @words@ stand for what they write differently
 * (migrations.c). Times are milliseconds since 1970, flags 0 or 1. Every row of a tenant carries
 * it. "number" is a number or a block of them in the form of domain/block.h: "1215555121x". The
 * serial of an event comes from counters, which is locked until COMMIT.
 */
#include "svc/registry/store/migrations.h"

/* clang-format off */
const char schema_first[] =
	"CREATE TABLE schema_version (version @int@ NOT NULL)@strict@;"

	/* who is who */
	"CREATE TABLE tenants ("
	" serial @serial@, id @text@ NOT NULL UNIQUE, parent @text@ REFERENCES tenants(id),"
	" name @text@ NOT NULL UNIQUE, level @int@ NOT NULL CHECK (level BETWEEN 1 AND 3),"
	" vouched @int@ NOT NULL, state @text@ NOT NULL, version @int@ NOT NULL,"
	" created_at @int@ NOT NULL)@strict@;"
	"CREATE TABLE users ("
	" serial @serial@, id @text@ NOT NULL UNIQUE, tenant @text@ NOT NULL REFERENCES tenants(id),"
	" name @text@ NOT NULL, role @text@ NOT NULL, state @text@ NOT NULL, version @int@ NOT NULL,"
	" created_at @int@ NOT NULL, UNIQUE (tenant, name))@strict@;"
	/* hash: SHA-256 of an API key, or of a client certificate's public key */
	"CREATE TABLE keys ("
	" serial @serial@, id @text@ NOT NULL UNIQUE, tenant @text@ NOT NULL REFERENCES tenants(id),"
	" user_id @text@ REFERENCES users(id), kind @text@ NOT NULL, hash @blob@ NOT NULL UNIQUE"
	" CHECK (length(hash) = 32), role @text@ NOT NULL, permissions @int@ NOT NULL, label @text@,"
	" callee @blob@, created_at @int@ NOT NULL, expires_at @int@, revoked_at @int@,"
	" successor @text@)@strict@;"
	"CREATE INDEX keys_of_tenant ON keys (tenant, serial);"
	"CREATE INDEX keys_by_end ON keys (revoked_at) WHERE revoked_at IS NOT NULL;"
	"CREATE INDEX keys_by_expiry ON keys (expires_at) WHERE expires_at IS NOT NULL;"

	/* businesses, brands, reasons */
	"CREATE TABLE businesses ("
	" serial @serial@, id @text@ NOT NULL UNIQUE, tenant @text@ NOT NULL REFERENCES tenants(id),"
	" name @text@ NOT NULL, country @text@ NOT NULL, website @text@, state @text@ NOT NULL,"
	" findings @text@, version @int@ NOT NULL, created_at @int@ NOT NULL,"
	" updated_at @int@ NOT NULL, expires_at @int@)@strict@;"
	"CREATE INDEX businesses_of_tenant ON businesses (tenant, serial);"
	"CREATE INDEX businesses_by_end ON businesses (expires_at) WHERE state = 'approved';"
	"CREATE TABLE logos ("
	" sha256 @text@ PRIMARY KEY, body @blob@ NOT NULL, created_at @int@ NOT NULL)@strict@;"
	"CREATE TABLE logo_owners ("
	" tenant @text@ NOT NULL REFERENCES tenants(id),"
	" sha256 @text@ NOT NULL REFERENCES logos(sha256), PRIMARY KEY (tenant, sha256))@strict@;"
	/* live: the version that look-ups show; NULL: none yet */
	"CREATE TABLE brands ("
	" serial @serial@, id @text@ NOT NULL UNIQUE, tenant @text@ NOT NULL REFERENCES tenants(id),"
	" business @text@ NOT NULL REFERENCES businesses(id), live @int@, latest @int@ NOT NULL,"
	" state @text@ NOT NULL, version @int@ NOT NULL, created_at @int@ NOT NULL,"
	" updated_at @int@ NOT NULL)@strict@;"
	"CREATE INDEX brands_of_tenant ON brands (tenant, serial);"
	"CREATE INDEX brands_of_business ON brands (business, serial);"
	/* never changed but in state, approver, findings and decided_at */
	"CREATE TABLE brand_versions ("
	" brand @text@ NOT NULL REFERENCES brands(id), number @int@ NOT NULL,"
	" tenant @text@ NOT NULL REFERENCES tenants(id), name @text@ NOT NULL,"
	" logo @text@ REFERENCES logos(sha256), state @text@ NOT NULL, editor @text@ NOT NULL,"
	" approver @text@, findings @text@, created_at @int@ NOT NULL, decided_at @int@,"
	" PRIMARY KEY (brand, number))@strict@;"
	"CREATE TABLE reasons ("
	" serial @serial@, id @text@ NOT NULL UNIQUE, tenant @text@ NOT NULL REFERENCES tenants(id),"
	" brand @text@ NOT NULL REFERENCES brands(id), code @text@ NOT NULL, text @text@ NOT NULL,"
	" lang @text@ NOT NULL, state @text@ NOT NULL, version @int@ NOT NULL,"
	" created_at @int@ NOT NULL)@strict@;"
	"CREATE INDEX reasons_of_tenant ON reasons (tenant, serial);"

	/* numbers */
	"CREATE TABLE claims ("
	" serial @serial@, id @text@ NOT NULL UNIQUE, tenant @text@ NOT NULL REFERENCES tenants(id),"
	" number @text@ NOT NULL, state @text@ NOT NULL, proof @text@, version @int@ NOT NULL,"
	" created_at @int@ NOT NULL, updated_at @int@ NOT NULL, verified_at @int@,"
	" reprove_at @int@)@strict@;"
	"CREATE INDEX claims_of_tenant ON claims (tenant, serial);"
	"CREATE UNIQUE INDEX claims_verified ON claims (number) WHERE state = 'verified';"
	"CREATE INDEX claims_by_end ON claims (reprove_at) WHERE state = 'verified';"
	"CREATE TABLE bindings ("
	" serial @serial@, id @text@ NOT NULL UNIQUE, tenant @text@ NOT NULL REFERENCES tenants(id),"
	" claim @text@ NOT NULL REFERENCES claims(id), number @text@ NOT NULL UNIQUE,"
	" brand @text@ NOT NULL REFERENCES brands(id), strict @int@ NOT NULL, state @text@ NOT NULL,"
	" version @int@ NOT NULL, created_at @int@ NOT NULL, updated_at @int@ NOT NULL)@strict@;"
	"CREATE INDEX bindings_of_tenant ON bindings (tenant, serial);"
	"CREATE INDEX bindings_of_brand ON bindings (brand, serial);"
	"CREATE INDEX bindings_of_claim ON bindings (claim);"

	/* callee, callee_only and call are keyed tags: a copy of the database does not tell who
	 * called whom */
	"CREATE TABLE intents ("
	" serial @serial@, id @text@ NOT NULL UNIQUE, tenant @text@ NOT NULL REFERENCES tenants(id),"
	" brand @text@ NOT NULL REFERENCES brands(id), key @text@ NOT NULL, caller @text@ NOT NULL,"
	" callee @blob@ NOT NULL CHECK (length(callee) = 32), callee_only @blob@ NOT NULL,"
	" code @text@ NOT NULL, text @text@ NOT NULL, lang @text@ NOT NULL, state @text@ NOT NULL,"
	" mismatches @int@ NOT NULL, created_at @int@ NOT NULL, not_before @int@ NOT NULL,"
	" expires_at @int@ NOT NULL, matched_at @int@, outcome_at @int@, call @blob@)@strict@;"
	"CREATE INDEX intents_of_callee ON intents (callee, state);"
	/* one call matches one intent, however often its INVITE comes */
	"CREATE UNIQUE INDEX intents_of_call ON intents (callee, call) WHERE call IS NOT NULL;"
	"CREATE INDEX intents_of_tenant ON intents (tenant, serial);"
	"CREATE INDEX intents_by_age ON intents (created_at);"

	/* what happened */
	"CREATE TABLE receipts_used ("
	" id @blob@ PRIMARY KEY, tenant @text@ NOT NULL REFERENCES tenants(id),"
	" used_at @int@ NOT NULL)@strict@;"
	"CREATE INDEX receipts_by_age ON receipts_used (used_at);"
	"CREATE TABLE reports ("
	" serial @serial@, id @text@ NOT NULL UNIQUE, tenant @text@ NOT NULL REFERENCES tenants(id),"
	" key @text@ NOT NULL, receipt @blob@ NOT NULL UNIQUE, number @text@ NOT NULL,"
	" label @text@ NOT NULL, provenance @text@ NOT NULL, reporter @int@ NOT NULL,"
	" standing @text@ NOT NULL, state @text@ NOT NULL, created_at @int@ NOT NULL,"
	" undone_at @int@)@strict@;"
	"CREATE INDEX reports_of_number ON reports (number, standing, state, created_at);"
	"CREATE INDEX reports_of_reporter ON reports (reporter, created_at);"
	"CREATE INDEX reports_by_age ON reports (created_at);"
	"CREATE TABLE decisions ("
	" serial @serial@, id @text@ NOT NULL UNIQUE, tenant @text@ NOT NULL REFERENCES tenants(id),"
	" number @text@ NOT NULL, action @text@ NOT NULL, rule @text@ NOT NULL, evidence @text@ NOT NULL,"
	" created_at @int@ NOT NULL)@strict@;"
	"CREATE INDEX decisions_by_age ON decisions (created_at);"
	"CREATE TABLE scores ("
	" number @text@ PRIMARY KEY, label @text@ NOT NULL, score_ppm @int@ NOT NULL,"
	" low_ppm @int@ NOT NULL, high_ppm @int@ NOT NULL, worst @text@ NOT NULL,"
	" unwanted_ppm @int@ NOT NULL, wanted_ppm @int@ NOT NULL, unproven_ppm @int@ NOT NULL,"
	" evidence @text@ NOT NULL, computed_at @int@ NOT NULL, fades_at @int@)@strict@;"
	"CREATE INDEX scores_by_end ON scores (fades_at);"
	"CREATE TABLE audit ("
	" tenant @text@ NOT NULL REFERENCES tenants(id), serial @int@ NOT NULL, at @int@ NOT NULL,"
	" actor @text@ NOT NULL, action @text@ NOT NULL, object @text@ NOT NULL, detail @text@ NOT NULL,"
	" hash @blob@ NOT NULL CHECK (length(hash) = 32), PRIMARY KEY (tenant, serial))@strict@;"
	"CREATE TABLE audit_heads ("
	" tenant @text@ PRIMARY KEY REFERENCES tenants(id), serial @int@ NOT NULL,"
	" hash @blob@ NOT NULL)@strict@;"

	/* changes, for those who follow */
	"CREATE TABLE counters (name @text@ PRIMARY KEY, value @int@ NOT NULL)@strict@;"
	"INSERT INTO counters (name, value) VALUES ('events', 0), ('claims', 0);"
	"CREATE TABLE events ("
	" serial @int@ PRIMARY KEY, tenant @text@ NOT NULL REFERENCES tenants(id), callee @blob@,"
	" kind @text@ NOT NULL, object @text@ NOT NULL, body @text@ NOT NULL, at @int@ NOT NULL)"
	"@strict@;"
	"CREATE INDEX events_of_tenant ON events (tenant, serial);"
	"CREATE INDEX events_of_callee ON events (callee, serial) WHERE callee IS NOT NULL;"
	/* a number or block whose public entry changed, or a brand of which all did; the entries
	 * themselves are read when they are sent */
	"CREATE TABLE directory_log ("
	" serial @int@ PRIMARY KEY, number @text@ NOT NULL, at @int@ NOT NULL)@strict@;"

	/* requests that were answered */
	"CREATE TABLE idempotency ("
	" tenant @text@ NOT NULL REFERENCES tenants(id), key @blob@ NOT NULL CHECK (length(key) = 32),"
	" request @blob@ NOT NULL CHECK (length(request) = 32), status @int@ NOT NULL,"
	" etag @text@, body @text@ NOT NULL, created_at @int@ NOT NULL, PRIMARY KEY (tenant, key))"
	"@strict@;"
	"CREATE INDEX idempotency_by_age ON idempotency (created_at);"

	"CREATE TABLE certificates ("
	" serial @serial@, id @text@ NOT NULL UNIQUE, tenant @text@ NOT NULL REFERENCES tenants(id),"
	" sha256 @text@ NOT NULL, pem @blob@ NOT NULL, not_after @int@ NOT NULL,"
	" created_at @int@ NOT NULL, UNIQUE (tenant, sha256))@strict@;"
	"CREATE INDEX certificates_by_content ON certificates (sha256);";
/* clang-format on */
