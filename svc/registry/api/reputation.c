/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence from the database to the engine, and its score back. */
#include "svc/registry/api/reputation.h"

#include "svc/registry/domain/taxonomy.h"
#include "svc/registry/push/recall.h"
#include "svc/registry/store/events.h"
#include "svc/registry/store/keys.h"
#include "svc/registry/store/tenants.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define LOCK   "reputation"

/* Another engine stands here. */
static const struct reputation_engine *const engine = &reputation_baseline;

static const enum reputation_provenance provenances[PROVENANCES] = {
	[PROVENANCE_VERIFIED] = REPUTATION_VERIFIED,
	[PROVENANCE_CLAIMED] = REPUTATION_CLAIMED,
	[PROVENANCE_SPOOFED] = REPUTATION_UNPROVEN,
};

_Static_assert(LABEL_CODES <= REPUTATION_LABELS_MAX, "every label of the taxonomy is counted");

static unsigned label_index(const char *label)
{
	unsigned i = 0;

	while (i + 1 < LABEL_CODES && strcmp(label_code_names[i], label) != 0)
		i++;
	return i;
}

enum store_status reputation_lock(struct http_call *call)
{
	return db_lock(call->db, LOCK);
}

/* A device is its callee, so that a new key for the same phone is the same reporter; every other
 * key is its tenant. */
static bool name_reporter(const struct http_call *call, int64_t *reporter_out)
{
	const struct http_caller *caller = &call->caller;
	char callee[2 * PAIRTAG_SIZE + 1];
	uint8_t tag[PAIRTAG_SIZE];

	id_hex(caller->callee, PAIRTAG_SIZE, callee);
	if (!pairtag_make(call->env->cursor_key, "reporter", caller->device ? callee : "",
			  caller->device ? "" : caller->tenant, tag))
		return false;
	memcpy(reporter_out, tag, sizeof *reporter_out);
	return true;
}

/* Since when the reporter is known. */
static enum store_status known_since(struct http_call *call, int64_t *known_ms_out)
{
	struct tenant_row tenant;
	struct key_row key;
	enum store_status status;

	if (call->caller.device) {
		status = store_keys_get(call->db, call->caller.key, &key);
		*known_ms_out = status == STORE_OK ? key.created_ms : 0;
		return status;
	}
	status = store_tenants_get(call->db, call->caller.tenant, &tenant);
	*known_ms_out = status == STORE_OK ? tenant.created_ms : 0;
	return status;
}

/* The holder itself, a reseller above it, or a customer below it. */
static enum store_status is_holder(struct http_call *call, const char *number, bool *is_out)
{
	const char *tenant = call->caller.tenant;
	char holder[ID_MAX + 1];
	enum store_status status =
		store_reports_holder(call->db, number, http_now_ms(call), holder);

	*is_out = status == STORE_OK && strcmp(holder, tenant) == 0;
	if (status != STORE_OK || *is_out)
		return status == STORE_NONE ? STORE_OK : status;
	status = store_tenants_is_below(call->db, holder, tenant);
	if (status == STORE_NONE)
		status = store_tenants_is_below(call->db, tenant, holder);
	*is_out = status == STORE_OK;
	return status == STORE_NONE ? STORE_OK : status;
}

enum store_status reputation_admit(struct http_call *call, struct report_row *row)
{
	struct reputation_reporter reporter = {.verified = call->caller.vouched &&
							   !call->caller.device};
	int64_t now_ms = http_now_ms(call);

	if (!name_reporter(call, &row->reporter))
		return STORE_FAILED;
	enum store_status status = known_since(call, &reporter.known_ms);
	if (status == STORE_OK)
		status = is_holder(call, row->number, &reporter.holder);
	if (status == STORE_OK)
		status = store_reports_recent(call->db, row->reporter, now_ms - DAY_MS,
					      &reporter.recent);
	row->standing = reputation_standing_names[engine->standing(&reporter, now_ms)];
	return status;
}

static int64_t ppm(double value)
{
	return llround(value * 1e6);
}

static void to_row(const struct reputation_score *score, struct score_row *row)
{
	snprintf(row->label, sizeof row->label, "%s", score->label);
	snprintf(row->worst, sizeof row->worst, "%s", score->worst);
	row->score_ppm = ppm(score->score);
	row->low_ppm = ppm(score->low);
	row->high_ppm = ppm(score->high);
	row->unwanted_ppm = ppm(score->unwanted);
	row->wanted_ppm = ppm(score->wanted);
	row->unproven_ppm = ppm(score->unproven);
	row->fades_ms = score->fades_ms != 0 ? row->computed_ms + score->fades_ms : 0;
}

void reputation_fade(struct score_row *row, int64_t now_ms)
{
	struct reputation_score score = {
		.unwanted = (double)row->unwanted_ppm / 1e6,
		.wanted = (double)row->wanted_ppm / 1e6,
		.unproven = (double)row->unproven_ppm / 1e6,
	};

	snprintf(score.worst, sizeof score.worst, "%s", row->worst);
	engine->fade(&score, now_ms - row->computed_ms);
	row->computed_ms = now_ms;
	to_row(&score, row);
}

static void write_evidence(const struct reputation_score *score, struct score_row *row)
{
	json_t *list = json_array();

	for (size_t i = 0; i < score->n_lines; i++)
		json_array_append_new(list, json_pack("{s:s, s:I}", "text", score->lines[i].text,
						      "count", (json_int_t)score->lines[i].count));
	size_t len = json_dumpb(list, row->evidence, SCORE_EVIDENCE_MAX, JSON_COMPACT);
	json_decref(list);
	if (len == 0 || len > SCORE_EVIDENCE_MAX)
		len = (size_t)snprintf(row->evidence, sizeof row->evidence, "[]");
	row->evidence[len] = 0;
}

/* Room for a number's reports as the database and as the engine has them. */
struct weighing {
	struct report_fact facts[REPUTATION_REPORTS_MAX];
	struct reputation_report reports[REPUTATION_REPORTS_MAX];
};

static enum store_status weigh_in(struct http_call *call, struct weighing *room,
				  struct score_row *row)
{
	const struct report_filter filter = {
		.number = row->number,
		.standing = reputation_standing_names[REPUTATION_COUNTS],
		.since_ms = row->computed_ms - REPORT_KEEP_MS,
		.limit = REPUTATION_REPORTS_MAX,
	};
	struct reputation_evidence evidence = {
		.labels = label_code_names,
		.wanted = label_index("wanted"),
		.reports = room->reports,
		.now_ms = row->computed_ms,
	};
	struct reputation_score score;
	enum store_status status = store_reports_facts(call->db, &filter, room->facts, &evidence.n);

	if (status == STORE_OK)
		status = store_reports_others(call->db, &filter, &evidence.ignored);
	if (status != STORE_OK)
		return status;
	for (size_t i = 0; i < evidence.n; i++) {
		const struct report_fact *fact = &room->facts[i];
		room->reports[i] = (struct reputation_report){
			.reporter = fact->reporter,
			.tenant = fact->tenant,
			.label = label_index(fact->label),
			.provenance = provenances[fact->provenance],
			.at_ms = fact->at_ms,
		};
	}
	engine->score(&evidence, &score);
	to_row(&score, row);
	write_evidence(&score, row);
	return STORE_OK;
}

/* The number's holder, if it has one, hears what it is called now. */
static enum store_status tell_holder(struct db *db, const struct score_row *row)
{
	bool cleared = strcmp(row->label, REPUTATION_NONE) == 0;
	struct event_row event = {.at_ms = row->computed_ms};
	enum store_status status =
		store_reports_holder(db, row->number, row->computed_ms, event.tenant);

	if (status != STORE_OK)
		return status == STORE_NONE ? STORE_OK : status;
	json_t *json = json_pack("{s:s, s:s}", "number", row->number, "label", row->label);
	char *body = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (body == NULL)
		return STORE_FAILED;
	event.body = body;
	snprintf(event.kind, sizeof event.kind, "%s",
		 cleared ? "number.cleared" : "number.flagged");
	snprintf(event.object, sizeof event.object, "%.*s", ID_MAX, row->number);
	status = store_events_add(db, &event);
	free(body);
	return status;
}

static enum store_status tell(struct db *db, const struct score_row *row)
{
	enum store_status status = store_directory_changed(db, row->number, row->computed_ms);

	return status == STORE_OK ? tell_holder(db, row) : status;
}

enum store_status reputation_age(struct db *db, int64_t now_ms)
{
	struct score_row row;
	char before[SCORE_LABEL_MAX + 1];
	size_t n = 0;
	enum store_status status = db_lock(db, LOCK);

	if (status == STORE_OK)
		status = store_scores_faded(db, now_ms, 1, &row, &n);
	if (status != STORE_OK || n == 0)
		return status == STORE_OK ? STORE_NONE : status;
	memcpy(before, row.label, sizeof before);
	reputation_fade(&row, now_ms);
	status = store_scores_put(db, &row);
	if (status == STORE_OK && strcmp(before, row.label) != 0)
		status = tell(db, &row);
	return status;
}

enum store_status reputation_weigh(struct http_call *call, const char *number)
{
	struct weighing *room = malloc(sizeof *room);
	struct score_row before, row = {.computed_ms = http_now_ms(call)};
	enum store_status status = STORE_FAILED;

	snprintf(row.number, sizeof row.number, "%s", number);
	if (room != NULL)
		status = weigh_in(call, room, &row);
	free(room);
	if (status != STORE_OK)
		return status;
	status = store_scores_get(call->db, number, &before);
	if (status == STORE_NONE)
		snprintf(before.label, sizeof before.label, "%s", REPUTATION_NONE);
	else if (status != STORE_OK)
		return status;
	status = recall_add_score(call->env->recall, row.number) ? store_scores_put(call->db, &row)
								 : STORE_FAILED;
	if (status != STORE_OK || strcmp(before.label, row.label) == 0)
		return status;
	call->after |= AFTER_EVENTS;
	return tell(call->db, &row);
}

json_t *reputation_render(const struct http_call *call, const struct score_row *row)
{
	struct score_row now = *row;
	json_t *evidence = json_loads(row->evidence, 0, NULL);

	reputation_fade(&now, http_now_ms(call));
	return json_pack("{s:s, s:f, s:f, s:f, s:o}", "label", now.label, "score",
			 (double)now.score_ppm / 1e6, "low", (double)now.low_ppm / 1e6, "high",
			 (double)now.high_ppm / 1e6, "evidence",
			 evidence != NULL ? evidence : json_array());
}
