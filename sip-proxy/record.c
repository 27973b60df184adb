/* SPDX-License-Identifier: Apache-2.0 */
/* One call, one line in the log; and the table of everything that is counted. */
#include "sip-proxy/record.h"

#include "sip-proxy/call.h"

#include <stdio.h>
#include <string.h>

/* Our budgets: 50 ms for the registry, 500 ms for a certificate. */
static const double seconds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
				 0.025,	 0.05,	  0.1,	  0.25,	 0.5,	 1,	0};

#define NAME(n) .name = "attestel_proxy_" n
#define TIME(n, h)                                                                                 \
	{                                                                                          \
		NAME(n), .type = METRIC_HISTOGRAM, .buckets = seconds, .help = (h)                 \
	}

const struct metric_def record_metrics[METRIC_COUNT_OF] = {
	[METRIC_REQUESTS] = {NAME("requests_total"), .labels = {"method"},
			     .help = "Requests received, by method."},
	[METRIC_REFUSED] = {NAME("refused_total"), .labels = {"why"},
			    .help = "Requests answered by ourselves or dropped, by the cause."},
	[METRIC_CALLS] = {NAME("calls_total"), .labels = {"trunk", "role", "action"},
			  .help = "Calls by trunk, what was done for it, and the decision."},
	[METRIC_VERDICTS] = {NAME("verdicts_total"), .labels = {"trunk", "reason"},
			     .help = "Verified calls by the reason of their verdict."},
	[METRIC_CHECKS_FAILED] = {NAME("checks_failed_total"), .labels = {"check", "result"},
				  .help = "Checks that failed (enforce) or warned (shadow mode)."},
	[METRIC_ATTESTATIONS] = {NAME("attestations_total"), .labels = {"trunk", "attest"},
				 .help = "Signed calls by the attestation given; none: unsigned."},
	[METRIC_FAIL_OPEN] = {NAME("fail_open_total"), .labels = {"why"},
			      .help = "Calls that went on without a label for our own trouble."},
	[METRIC_CERTIFICATES] = {NAME("certificates_total"), .labels = {"status"},
				 .help = "Answers of the certificate source."},
	[METRIC_REGISTRY] = {NAME("registry_total"), .labels = {"question", "answer"},
			     .help = "Questions to the registry and how they were answered, "
				     "each try to tell an outcome included."},
	[METRIC_OUTCOMES] = {NAME("outcomes_total"), .labels = {"result"},
			     .help = "Answered calls that had been announced: told, or dropped as "
				     "refused, too_old, queue_full, shutdown."},
	[METRIC_OUTCOMES_WAITING] = {NAME("outcomes_waiting"), .type = METRIC_GAUGE,
				     .help = "Of them still to be told to the registry."},
	[METRIC_STRIPPED] = {NAME("stripped_total"), .labels = {"trunk"},
			     .help = "Assertions removed that the sender may not make."},
	[METRIC_COMPLAINTS] = {NAME("complaints_total"), .labels = {"trunk"},
			       .help = "Reason: STIR of verifiers about PASSporTs of ours."},
	[METRIC_SETUP] = {NAME("requests_in_progress"), .type = METRIC_GAUGE,
			  .help = "Requests without a final response."},
	[METRIC_KEY_TABLES] = {NAME("key_tables"), .type = METRIC_GAUGE,
			       .help = "Signers whose keys have a table, for faster verification."},
	[METRIC_SIGN_SECONDS] = TIME("sign_seconds", "Time to sign a call."),
	[METRIC_VERIFY_SECONDS] =
		TIME("verify_seconds", "Work of a verification, without waiting."),
	[METRIC_CERT_WAIT_SECONDS] = TIME("cert_wait_seconds", "Waiting for certificates."),
	[METRIC_REGISTRY_SECONDS] = TIME("registry_seconds", "Waiting for the registry."),
	[METRIC_SNAPSHOT_ANSWERS] = {NAME("snapshot_answers_total"), .labels = {"kind", "answer"},
				     .help = "Answers given in the registry's place, by question."},
	[METRIC_SNAPSHOT_ENTRIES] = {NAME("snapshot_entries"), .type = METRIC_GAUGE,
				     .help = "Numbers and blocks in the snapshot."},
	[METRIC_SNAPSHOT_BYTES] = {NAME("snapshot_bytes"), .type = METRIC_GAUGE,
				   .help = "Memory that the snapshot's table takes."},
	[METRIC_SNAPSHOT_SERIAL] = {NAME("snapshot_serial"), .type = METRIC_GAUGE,
				    .help = "The registry's last change that is in the snapshot."},
	[METRIC_SNAPSHOT_AGE_SECONDS] = {NAME("snapshot_age_seconds"), .type = METRIC_GAUGE,
					 .help = "Since the snapshot was known to be current; "
						 "max_age counts from then."},
	[METRIC_SNAPSHOT_LAG_SECONDS] = {NAME("snapshot_lag_seconds"), .type = METRIC_GAUGE,
					 .help = "How long changes have not been followed; 0: they "
						 "are."},
	[METRIC_SNAPSHOT_CONNECTS] = {NAME("snapshot_connects_total"),
				      .help = "Streams of changes that were begun."},
	[METRIC_SNAPSHOT_LOADS] = {NAME("snapshot_loads_total"), .labels = {"kind", "result"},
				   .help = "Reads of the whole snapshot, of what changed, of the "
					   "state file."},
	[METRIC_MEDIA_CALLS] = {NAME("media_calls_total"), .labels = {"media"},
				.help = "Calls by what became of their media: relayed, direct, or "
					"failed with the cause."},
	[METRIC_MEDIA_COMMANDS] = {NAME("media_commands_total"), .labels = {"command", "result"},
				   .help = "Commands to the media relays and how they ended."},
	[METRIC_MEDIA_IDENTITIES] = {NAME("media_identities_total"), .labels = {"identity"},
				     .help = "Relayed calls that ended, by whether their media was "
					     "bound to a PASSporT."},
	[METRIC_MEDIA_SECONDS] = TIME("media_seconds", "Waiting for a media relay."),
	[METRIC_TRYING_SECONDS] = TIME("trying_seconds", "From an INVITE's arrival to its 100."),
};

static void note_failed(struct call *call, enum callerid_check check, enum callerid_result result)
{
	char *list = call->record.checks_failed;
	size_t at = strlen(list);

	METRIC_COUNT(call->proxy->metrics, METRIC_CHECKS_FAILED, callerid_check_name(check),
		     callerid_result_name(result));
	snprintf(list + at, sizeof(call->record.checks_failed) - at, "%s%s", at > 0 ? "," : "",
		 callerid_check_name(check));
}

/* Each PASSporT with its reason, "shaken:ok,rcd:bad_signature"; a base PASSporT's type is "base".
 */
static void list_passports(struct record *record, const struct callerid_verdict *verdict)
{
	size_t used = 0;

	for (size_t i = 0; i < verdict->n_passports && used < sizeof(record->passports); i++) {
		const struct callerid_passport_verdict *passport = &verdict->passport[i];
		const char *type = passport->claims.ppt[0] != 0 ? passport->claims.ppt
				   : passport->has_claims	? "base"
								: "unread";
		int n = snprintf(record->passports + used, sizeof(record->passports) - used,
				 "%s%s:%s", used > 0 ? "," : "", type,
				 callerid_reason_info(passport->reason)->name);

		used += n > 0 ? (size_t)n : 0;
	}
}

void record_verdict(struct call *call, const struct callerid_verdict *verdict)
{
	const struct callerid_passport_verdict *passport;
	struct record *record = &call->record;
	bool failed = false;

	record->psap_callback = verdict->psap_callback;
	record->verstat = callerid_verstat_name(verdict->verstat);
	record->attest = (char)verdict->attest;
	record->reason = callerid_reason_info(verdict->reason)->name;
	METRIC_COUNT(call->proxy->metrics, METRIC_VERDICTS, call->trunk->options->title,
		     record->reason);
	list_passports(record, verdict);
	/* Without a usable Identity, the first entry says what was looked for. */
	passport = &verdict->passport[verdict->n_passports == 0 ? 0 : verdict->decided_by];
	for (unsigned c = 0; c < CALLERID_CHECK_COUNT; c++) {
		enum callerid_result result = passport->check[c].result;

		if (result != CALLERID_RESULT_FAILED && result != CALLERID_RESULT_WARNED)
			continue;
		note_failed(call, c, result);
		if (record->why[0] == 0 || (result == CALLERID_RESULT_FAILED && !failed))
			snprintf(record->why, sizeof(record->why), "%s", passport->check[c].why);
		failed = failed || result == CALLERID_RESULT_FAILED;
	}
}

void record_fail_open(struct call *call, const char *why)
{
	call->record.fail_open = why;
	METRIC_COUNT(call->proxy->metrics, METRIC_FAIL_OPEN, why);
}

static const char *text_or_null(const char *text)
{
	return text[0] != 0 ? text : NULL;
}

void record_end(struct call *call, int sip_status)
{
	const struct record *record = &call->record;
	const struct shown *shown = &call->shown;
	const struct trunk_options *trunk = call->trunk->options;
	char attest[2] = {record->attest, 0};
	const char *role = record->verstat != NULL ? "verified"
			   : record->attest != 0   ? "signed"
						   : "passed";

	METRIC_COUNT(call->proxy->metrics, METRIC_CALLS, trunk->title, role, record->action);
	if (record->media[0] != 0)
		METRIC_COUNT(call->proxy->metrics, METRIC_MEDIA_CALLS, record->media);
	log_event(call->proxy->log, LOG_INFO, "call", F_STR("call_id", record->call_id),
		  F_STR("trunk_in", trunk->title),
		  F_STR("route", call->route != NULL ? call->route->options->title : NULL),
		  F_TN("from", record->from), F_TN("to", record->to),
		  F_INT("identities", (int64_t)record->identities), F_STR("role", role),
		  F_STR("verstat", record->verstat),
		  F_STR("attest", record->attest != 0 ? attest : NULL),
		  F_STR("reason", record->reason),
		  F_STR("attest_why", text_or_null(record->attest_why)),
		  F_STR("checks_failed", text_or_null(record->checks_failed)),
		  /* It may name a number. */
		  F_TN("why", text_or_null(record->why)),
		  F_STR("passports", text_or_null(record->passports)), F_STR("rcd", shown->rcd),
		  F_STR("brand", text_or_null(shown->name)), F_STR("brand_by", shown->name_by),
		  F_STR("call_reason", text_or_null(shown->reason)),
		  F_STR("call_reason_by", shown->reason_by),
		  F_STR("claimed", text_or_null(record->claimed)),
		  F_STR("reputation", text_or_null(record->reputation)),
		  F_STR("registry", record->source),
		  F_STR("registry_trouble", record->registry_trouble),
		  F_STR("snapshot_of", text_or_null(record->snapshot_of)),
		  F_STR("media", text_or_null(record->media)),
		  F_STR("media_identity", record->media_identity),
		  F_BOOL("partial", record->partial), F_BOOL("emergency", call->facts.emergency),
		  F_BOOL("psap_callback", record->psap_callback), F_STR("action", record->action),
		  F_STR("rule", record->rule), F_STR("fail_open", record->fail_open),
		  F_INT("sip_status", sip_status), F_INT("trying_us", record->trying_us),
		  F_INT("sign_us", record->sign_us), F_INT("verify_us", record->verify_us),
		  F_INT("cert_wait_us", record->cert_wait_us),
		  F_INT("registry_us", record->registry_us),
		  F_INT("total_us", proxy_now_us() - record->started_us));
}
