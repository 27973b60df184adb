/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/lookups: who calls and why. It reads across tenants; only a match writes. */
#include "svc/registry/api/api.h"
#include "svc/registry/api/intents.h"
#include "svc/registry/api/reputation.h"
#include "svc/registry/domain/lookup.h"
#include "svc/registry/http/jsonout.h"
#include "svc/registry/metrics.h"
#include "svc/registry/push/recall.h"
#include "svc/registry/store/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#define BUDGET_MS_MIN 1
#define BUDGET_MS_MAX 5000
#define URL_MAX	      2048 /* characters of a logo's */
#define ANSWER_SIZE   1024 /* most answers are shorter */
#define PATIENCE_MS   50   /* for the database at least: giving up costs a connection */

struct request {
	struct tn from, to; /* to.text is "" when absent */
	const char *call_id;
	int verstat, attest;
	bool oob, delegate, consume;
	int64_t budget_ms; /* 0: none */
};

static const struct spec_field verification_fields[] = {
	{.name = "verstat",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct request, verstat),
	 .required = true,
	 .choices = lookup_verstat_names},
	{.name = "attest",
	 .type = SPEC_CHOICE,
	 .offset = offsetof(struct request, attest),
	 .choices = lookup_attest_names},
	{.name = "oob", .type = SPEC_BOOL, .offset = offsetof(struct request, oob)},
	{.name = "delegate", .type = SPEC_BOOL, .offset = offsetof(struct request, delegate)},
};
static const struct spec verification_spec = SPEC(verification_fields);

static const struct spec_field fields[] = {
	{.name = "from",
	 .type = SPEC_NUMBER,
	 .offset = offsetof(struct request, from),
	 .required = true},
	{.name = "to", .type = SPEC_NUMBER, .offset = offsetof(struct request, to)},
	{.name = "call_id", .type = SPEC_STRING, .offset = offsetof(struct request, call_id)},
	{.name = "verification",
	 .type = SPEC_OBJECT,
	 .required = true,
	 .object = &verification_spec},
	{.name = "consume", .type = SPEC_BOOL, .offset = offsetof(struct request, consume)},
	{.name = "budget_ms",
	 .type = SPEC_INT,
	 .offset = offsetof(struct request, budget_ms),
	 .min = BUDGET_MS_MIN,
	 .max = BUDGET_MS_MAX},
};
static const struct spec spec = SPEC(fields);

_Static_assert(RECEIPT_NONCE == HTTP_CHANCE, "a receipt takes the request's chance");

/* All that a lookup finds, and what it needs to find it. */
struct finding {
	struct http_call *call;
	const struct request *request;
	struct intent_key key;
	uint8_t callee[PAIRTAG_SIZE], id[PAIRTAG_SIZE]; /* of the pair; of the call */
	struct lookup_facts facts;
	bool known, scored; /* known: what is public of the number was read */
	int64_t started_ms;
	/* each is read only when it was found */
	struct directory_row entry;
	struct score_row score;
	struct intent_row intent;
};

static const struct db_scope across_write = {DB_WRITE, DB_ACROSS, ""};
static const struct db_scope across_read = {DB_READ, DB_ACROSS, ""};

/* An intent that this very call has matched before. */
static enum store_status seek_same_call(struct db *db, struct finding *finding)
{
	enum store_status status = store_intents_of_call(db, &finding->key, &finding->intent);

	if (status == STORE_OK)
		finding->facts.intent = LOOKUP_INTENT_SAME_CALL;
	return status;
}

/* Takes the newest that is live. An INVITE that comes twice at once is one call: the second meets
 * the index of (callee, call), and running again finds what the first has matched. */
static enum store_status match(struct db *db, void *magic)
{
	struct finding *finding = magic;
	enum store_status status = seek_same_call(db, finding);

	if (status != STORE_NONE)
		return status;
	finding->facts.intent = LOOKUP_INTENT_NONE;
	status = store_intents_announced(db, &finding->key, &finding->intent);
	if (status != STORE_OK)
		return status == STORE_NONE ? STORE_OK : status;
	status = store_intents_match(db, finding->intent.id, &finding->key);
	if (status == STORE_NONE || status == STORE_CONFLICT)
		return STORE_BUSY; /* another was faster: look again */
	if (status != STORE_OK)
		return status;
	finding->facts.intent = LOOKUP_INTENT_MATCHED;
	finding->intent.life.stored = INTENT_MATCHED;
	finding->intent.matched_ms = finding->key.now_ms;
	return intents_tell(finding->call, &finding->intent, "intent.matched");
}

/* A call that could not prove its number does not use the intent up; its business hears of it. */
static enum store_status mismatch(struct db *db, void *magic)
{
	struct finding *finding = magic;
	enum store_status status = store_intents_mismatch(db, &finding->key, &finding->intent);

	if (status == STORE_NONE)
		return STORE_OK;
	if (status != STORE_OK)
		return status;
	finding->intent.life.mismatches++;
	return intents_tell(finding->call, &finding->intent, "intent.mismatched");
}

/* What is live now, or was matched by this call, without taking it. */
static enum store_status peek(struct db *db, struct finding *finding)
{
	enum store_status status = store_intents_seek(db, &finding->key, &finding->intent);

	finding->facts.intent = LOOKUP_INTENT_NONE;
	if (status == STORE_OK)
		finding->facts.intent = finding->intent.life.stored == INTENT_ANNOUNCED
						? LOOKUP_INTENT_SEEN
						: LOOKUP_INTENT_SAME_CALL;
	return status == STORE_NONE ? STORE_OK : status;
}

/* A call without a Call-ID is known by its Idempotency-Key, if it has one: a retry finds the intent
 * that the first try has taken, also after a crash and in another process. */
static bool make_call_tag(struct finding *finding)
{
	const struct http_call *call = finding->call;
	const struct pairtag_key *key = call->env->pair_key;
	const char *name = finding->request->call_id;

	finding->key.call = finding->id;
	if (name != NULL)
		return pairtag_make(key, "call", name, "", finding->id);
	name = call->header(call, "Idempotency-Key");
	if (name != NULL)
		return pairtag_make(key, "retry", name, call->caller.key, finding->id);
	finding->key.call = NULL;
	return true;
}

static bool make_tags(struct finding *finding)
{
	const struct pairtag_key *key = finding->call->env->pair_key;
	const struct request *request = finding->request;

	finding->key = (struct intent_key){
		.brand = finding->entry.brand,
		.callee = finding->callee,
		.now_ms = http_now_ms(finding->call),
	};
	return pairtag_make(key, "callee", request->from.text, request->to.text, finding->callee) &&
	       make_call_tag(finding);
}

/* Binding and score. */
static enum store_status read_public(struct db *db, struct finding *finding)
{
	const char *number = finding->request->from.text;
	enum store_status status = store_directory_find(db, number, &finding->entry);

	finding->facts.bound = status == STORE_OK;
	finding->facts.strict = status == STORE_OK && finding->entry.strict;
	if (status != STORE_OK && status != STORE_NONE)
		return status;
	status = store_scores_get(db, number, &finding->score);
	finding->scored = status == STORE_OK;
	return status == STORE_NONE ? STORE_OK : status;
}

static bool is_late(const struct finding *finding)
{
	int64_t budget_ms = finding->request->budget_ms;

	return budget_ms != 0 && http_now_ms(finding->call) - finding->started_ms >= budget_ms;
}

/* One state of the database. The directory's answer comes first; an intent is looked for only while
 * time is left: a call does not wait for us. */
static enum store_status read_all(struct db *db, void *magic)
{
	struct finding *finding = magic;
	struct lookup_facts *facts = &finding->facts;
	enum store_status status = read_public(db, finding);

	facts->intent = LOOKUP_INTENT_NOT_SOUGHT;
	finding->known = status == STORE_OK;
	if (status != STORE_OK || !lookup_seeks_intent(facts))
		return status;
	if (is_late(finding)) {
		facts->intent = LOOKUP_INTENT_LATE;
		return STORE_OK;
	}
	if (!make_tags(finding))
		return STORE_FAILED;
	status = peek(db, finding);
	if (facts->intent != LOOKUP_INTENT_SEEN && !lookup_is_verified(facts))
		facts->intent = LOOKUP_INTENT_NOT_SOUGHT;
	return status;
}

/* Most calls are answered without the database: what is public of the number is in memory, and that
 * nothing else is known of it. false: the database must be asked. */
static bool recall_all(struct finding *finding)
{
	const struct request *request = finding->request;
	const struct http_env *env = finding->call->env;
	struct lookup_facts *facts = &finding->facts;

	if (!recall_number(env->recall, request->from.text, &finding->entry))
		return false;
	facts->bound = !finding->entry.gone;
	facts->strict = facts->bound && finding->entry.strict;
	facts->intent = LOOKUP_INTENT_NOT_SOUGHT;
	if (!lookup_seeks_intent(facts))
		return true;
	if (lookup_is_verified(facts))
		facts->intent = LOOKUP_INTENT_NONE;
	return pairtag_make(env->pair_key, "callee", request->from.text, request->to.text,
			    finding->callee) &&
	       recall_has_no_intent(env->recall, finding->callee);
}

/* Most calls meet no intent: only when there is one, something may be written. */
static enum store_status take_intent(struct finding *finding)
{
	bool verified = lookup_is_verified(&finding->facts);

	if (!verified)
		finding->facts.intent = LOOKUP_INTENT_MISMATCHED;
	if (!finding->request->consume)
		return STORE_OK;
	return db_transact(finding->call->db, &across_write, verified ? match : mismatch, finding);
}

/* What the database did not say in time is left out. */
static enum store_status find(struct finding *finding)
{
	struct db *db = finding->call->db;
	int64_t budget_ms = finding->request->budget_ms;

	if (budget_ms != 0)
		db_limit(db, db_clock_ms() + (budget_ms > PATIENCE_MS ? budget_ms : PATIENCE_MS));
	enum store_status status = db_transact(db, &across_read, read_all, finding);
	if (status == STORE_OK && finding->facts.intent == LOOKUP_INTENT_SEEN)
		status = take_intent(finding);
	if (status != STORE_BUSY || !finding->known || !is_late(finding))
		return status;
	finding->facts.intent = LOOKUP_INTENT_LATE;
	return STORE_OK;
}

static void write_brand(struct jsonout *out, const struct finding *finding)
{
	const struct directory_row *entry = &finding->entry;
	char url[URL_MAX + 1] = "";

	if (entry->logo[0] != 0)
		snprintf(url, sizeof url, "%s/logos/%s.png", finding->call->env->public_url,
			 entry->logo);
	jsonout_raw(out, "{\"id\":");
	jsonout_string(out, entry->brand);
	jsonout_raw(out, ",\"name\":");
	jsonout_string(out, entry->name);
	jsonout_raw(out, ",\"logo_url\":");
	jsonout_text(out, url);
	jsonout_raw(out, ",\"logo_sha256\":");
	jsonout_text(out, entry->logo);
	jsonout_raw(out, "}");
}

static void write_reason(struct jsonout *out, const struct intent_row *intent)
{
	jsonout_raw(out, "{\"code\":");
	jsonout_string(out, intent->code);
	jsonout_raw(out, ",\"text\":");
	jsonout_string(out, intent->text);
	jsonout_raw(out, ",\"lang\":");
	jsonout_string(out, intent->lang);
	jsonout_raw(out, ",\"intent\":");
	jsonout_string(out, intent->id);
	jsonout_raw(out, "}");
}

static void write_reputation(struct jsonout *out, const struct finding *finding)
{
	json_t *json = reputation_render(finding->call, &finding->score);
	char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;

	jsonout_raw(out, text != NULL ? text : "null");
	free(text);
	json_decref(json);
}

static bool make_receipt(const struct finding *finding, const struct lookup_view *view,
			 char text_out[RECEIPT_MAX + 1])
{
	const struct http_call *call = finding->call;
	struct receipt receipt = {.provenance = view->provenance,
				  .issued_s = http_now_ms(call) / 1000};

	memcpy(receipt.number, finding->request->from.text, sizeof receipt.number);
	memcpy(receipt.key, call->caller.key, sizeof receipt.key);
	if (view->reason)
		memcpy(receipt.intent, finding->intent.id, sizeof receipt.intent);
	memcpy(receipt.nonce, call->chance, sizeof receipt.nonce);
	return receipt_write(call->env->cursor_key, &receipt, text_out);
}

static void count(const struct finding *finding, const struct lookup_view *view)
{
	struct metrics *metrics = finding->call->env->metrics;

	if (metrics != NULL)
		METRIC_COUNT(metrics, METRIC_LOOKUPS, view->verified ? "yes" : "no",
			     view->brand ? "yes" : "no", view->reason ? "yes" : "no");
}

/* What is shown of the caller. */
static void write_caller(struct jsonout *out, const struct finding *finding,
			 const struct lookup_view *view)
{
	jsonout_raw(out, ",\"brand\":");
	if (view->brand)
		write_brand(out, finding);
	else
		jsonout_raw(out, "null");
	jsonout_raw(out, ",\"reason\":");
	if (view->reason)
		write_reason(out, &finding->intent);
	else
		jsonout_raw(out, "null");
	jsonout_raw(out, ",\"claimed\":");
	if (view->claimed) {
		jsonout_raw(out, "{\"name\":");
		jsonout_string(out, finding->entry.name);
		jsonout_raw(out, "}");
	} else {
		jsonout_raw(out, "null");
	}
	jsonout_raw(out, ",\"reputation\":");
	if (finding->scored)
		write_reputation(out, finding);
	else
		jsonout_raw(out, "null");
}

static void reply(const struct finding *finding)
{
	char receipt[RECEIPT_MAX + 1];
	struct lookup_view view;
	struct jsonout out;

	lookup_compose(&finding->facts, &view);
	count(finding, &view);
	if (!make_receipt(finding, &view, receipt)) {
		http_reply_problem(finding->call, PROBLEM_INTERNAL, NULL);
		return;
	}
	jsonout_begin(&out, ANSWER_SIZE);
	jsonout_raw(&out, "{\"number\":");
	jsonout_string(&out, finding->request->from.text);
	jsonout_raw(&out, ",\"verified\":");
	jsonout_bool(&out, view.verified);
	write_caller(&out, finding, &view);
	jsonout_raw(&out, ",\"reasons\":[");
	for (size_t i = 0; i < view.n_reasons; i++) {
		jsonout_raw(&out, i > 0 ? "," : "");
		jsonout_string(&out, view.reasons[i]);
	}
	/* letters, digits and dots */
	jsonout_raw(&out, "],\"receipt\":\"");
	jsonout_raw(&out, receipt);
	jsonout_raw(&out, "\",\"partial\":");
	jsonout_bool(&out, view.partial);
	jsonout_raw(&out, ",\"cache_s\":");
	jsonout_uint(&out, (uint64_t)view.cache_s);
	jsonout_raw(&out, "}");
	http_reply_text(finding->call, 200, out.text, out.len);
}

/* A device asks about calls to its own number only. */
static bool callee_is_allowed(struct http_call *call, const struct request *request)
{
	uint8_t callee[PAIRTAG_SIZE];

	if (!call->caller.device)
		return true;
	if (pairtag_make(call->env->pair_key, "callee-only", request->to.text, "", callee) &&
	    CRYPTO_memcmp(callee, call->caller.callee, PAIRTAG_SIZE) == 0)
		return true;
	http_reply_field(call, PROBLEM_PERMISSION_MISSING, "/to", "not_allowed");
	return false;
}

void api_lookups_create(struct http_call *call)
{
	struct request request = {.attest = LOOKUP_NO_ATTEST, .consume = true};
	struct finding finding;

	if (!http_read(call, &spec, &request) || !callee_is_allowed(call, &request))
		return;
	memset(&finding, 0, offsetof(struct finding, entry));
	finding.call = call;
	finding.request = &request;
	finding.started_ms = http_now_ms(call);
	finding.facts = (struct lookup_facts){
		.verstat = (enum lookup_verstat)request.verstat,
		.attest = (enum lookup_attest)request.attest,
		.oob = request.oob,
		.delegate = request.delegate,
		.callee = request.to.text[0] != 0,
	};
	bool recalled = recall_all(&finding);
	if (call->env->metrics != NULL)
		METRIC_COUNT(call->env->metrics, METRIC_LOOKUP_SOURCES,
			     recalled ? "memory" : "database");
	if (recalled) {
		reply(&finding);
		return;
	}
	if (!http_connect(call))
		return;
	enum store_status status = find(&finding);
	if (status == STORE_OK)
		reply(&finding);
	else
		http_reply_store(call, status);
}
