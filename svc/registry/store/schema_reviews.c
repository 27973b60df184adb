/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema's second version: what waits for a vetter has a place in one queue over all tenants
 * (column review, NULL: it does not wait), from a counter that is locked until COMMIT. What waits
 * already is numbered by when it began to.
 */
#include "svc/registry/store/migrations.h"

/* clang-format off */
const char schema_reviews[] =
	"ALTER TABLE businesses ADD COLUMN review @int@;"
	"ALTER TABLE brand_versions ADD COLUMN review @int@;"
	"ALTER TABLE claims ADD COLUMN review @int@;"
	"CREATE TABLE waiting AS SELECT id, number,"
	" row_number() OVER (ORDER BY since, id, number) AS place FROM ("
	"SELECT id, 0 AS number, updated_at AS since FROM businesses WHERE state = 'submitted'"
	" UNION ALL SELECT brand, number, created_at FROM brand_versions"
	" WHERE state IN ('in_review', 'approved')"
	" UNION ALL SELECT id, 0, updated_at FROM claims"
	" WHERE state IN ('pending', 'challenged', 'conflict')) AS all_of_them;"
	"UPDATE businesses SET review = (SELECT place FROM waiting w WHERE w.id = businesses.id);"
	"UPDATE brand_versions SET review = (SELECT place FROM waiting w"
	" WHERE w.id = brand_versions.brand AND w.number = brand_versions.number);"
	"UPDATE claims SET review = (SELECT place FROM waiting w WHERE w.id = claims.id);"
	"INSERT INTO counters (name, value) SELECT 'reviews', count(*) FROM waiting;"
	"DROP TABLE waiting;"
	"CREATE INDEX businesses_waiting ON businesses (review) WHERE review IS NOT NULL;"
	"CREATE INDEX versions_waiting ON brand_versions (review) WHERE review IS NOT NULL;"
	"CREATE INDEX claims_waiting ON claims (review) WHERE review IS NOT NULL;";
/* clang-format on */
