/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's attestation answer (originating) and lookup (terminating). */
#include "sip-proxy/registry.h"

#include "sip-proxy/fallback.h"
#include "sip-proxy/follow.h"

#include <callerid/client.h>
#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_MAX	 512
#define SILENCES_MAX	 5 /* in a row; then nobody asks for BREAK_MS */
#define BREAK_MS	 1000
#define TELLING_MAX	 16 /* questions that no call waits for: they must not delay the others */
#define TRUNK_MAX	 64 /* bytes of its name, as the registry takes it */
#define JSON_DEPTH_FLAGS (JSON_REJECT_DUPLICATES)

struct registry_job {
	struct call *call; /* NULL: forgotten. Read and written in the loop's thread only. */
	struct proxy *proxy;
	enum registry_question question;
	registry_done *done; /* NULL: the call does not wait */
	int64_t asked_us;
	char *json;
	/* written by the worker, read after it is done */
	enum callerid_status status;
	struct callerid_answer answer;
};

static const struct {
	const char *name;
	const char *path;
} questions[] = {
	[REGISTRY_ATTESTATION] = {"attestation", "/v1/attestations"},
	[REGISTRY_LOOKUP] = {"lookup", "/v1/lookups"},
};

static void *worker_new(void *magic)
{
	const struct callerid_client_params *params = magic;
	struct callerid_client *client = NULL;

	if (callerid_client_new(params, &client, NULL) != CALLERID_OK)
		return NULL;
	return client;
}

static void worker_free(void *worker)
{
	callerid_client_free(worker);
}

static bool start_follow(struct proxy *proxy, struct callerid_error *err)
{
	const struct follow_params params = {.options = proxy->settings->registry,
					     .client = &proxy->registry_params,
					     .log = proxy->log,
					     .metrics = proxy->metrics};

	proxy->follow = follow_start(&params, err);
	return proxy->follow != NULL;
}

struct task_pool *registry_pool_new(struct callerid_client_params *params, size_t threads,
				    size_t queue_max)
{
	return task_pool_new(&(struct task_pool_params){
		.threads = threads,
		.queue_max = queue_max,
		.worker_new = worker_new,
		.worker_free = worker_free,
		.magic = params,
	});
}

bool registry_start(struct proxy *proxy, struct callerid_error *err)
{
	const struct settings *settings = proxy->settings;

	if (settings->registry->url == NULL)
		return true;
	/* Workers read this when they start; registry settings change with a restart only. */
	proxy->registry_params = (struct callerid_client_params){
		.base_url = settings->registry->url,
		.api_key = settings->api_key[0] != 0 ? settings->api_key : NULL,
		.ca_file = settings->registry->ca_file,
		.timeout_ms = (long)settings->registry->budget_ms,
	};
	if (callerid_client_global_init() != CALLERID_OK) {
		snprintf(err->text, sizeof(err->text), "libcurl could not be initialised");
		return false;
	}
	if (settings->registry->snapshot && !start_follow(proxy, err))
		return false;
	proxy->pool = registry_pool_new(&proxy->registry_params,
					(size_t)settings->registry->threads, QUEUE_MAX);
	if (proxy->pool == NULL)
		snprintf(err->text, sizeof(err->text), "the registry's threads do not start");
	return proxy->pool != NULL;
}

static void work(void *worker, void *magic)
{
	struct registry_job *job = magic;

	job->status = CALLERID_EIO;
	if (worker != NULL)
		job->status = callerid_client_request(worker, "POST", questions[job->question].path,
						      job->json, &job->answer, NULL);
}

static void copy_text(const json_t *object, const char *key, char *text_out, size_t size)
{
	const char *text = json_string_value(json_object_get(object, key));

	snprintf(text_out, size, "%s", text != NULL ? text : "");
}

static bool read_attestation(const json_t *root, struct registry_answer *answer)
{
	const char *attest = json_string_value(json_object_get(root, "attest"));

	if (attest == NULL || strlen(attest) != 1 || strchr("ABC", attest[0]) == NULL)
		return false;
	answer->attest = (enum callerid_attest)attest[0];
	copy_text(root, "reason", answer->why, sizeof(answer->why));
	return true;
}

/* A brand's logo and a reason are there for verified calls only; what a caller merely claims to be
 * stands elsewhere. */
static bool read_lookup(const json_t *root, struct registry_answer *answer)
{
	const json_t *brand = json_object_get(root, "brand");
	const json_t *reason = json_object_get(root, "reason");

	if (!json_is_boolean(json_object_get(root, "verified")))
		return false;
	answer->brand.verified = json_is_true(json_object_get(root, "verified"));
	answer->partial = json_is_true(json_object_get(root, "partial"));
	copy_text(json_object_get(root, "claimed"), "name", answer->claimed,
		  sizeof(answer->claimed));
	copy_text(json_object_get(root, "reputation"), "label", answer->label,
		  sizeof(answer->label));
	if (!answer->brand.verified)
		return true;
	copy_text(brand, "name", answer->brand.name, sizeof(answer->brand.name));
	copy_text(brand, "logo_url", answer->brand.logo_url, sizeof(answer->brand.logo_url));
	copy_text(brand, "logo_sha256", answer->brand.logo_sha256,
		  sizeof(answer->brand.logo_sha256));
	copy_text(reason, "text", answer->brand.reason, sizeof(answer->brand.reason));
	/* Of an announced call the receipt will tell that it was answered. */
	if (json_is_object(reason))
		copy_text(root, "receipt", answer->receipt, sizeof(answer->receipt));
	return true;
}

bool registry_read(enum registry_question question, const char *json, size_t len,
		   struct registry_answer *answer_out)
{
	static bool (*const readers[])(const json_t *, struct registry_answer *) = {
		[REGISTRY_ATTESTATION] = read_attestation,
		[REGISTRY_LOOKUP] = read_lookup,
	};
	struct registry_answer answer = {.answered = true, .source = "registry"};
	json_t *root = json_loadb(json, len, JSON_DEPTH_FLAGS, NULL);
	bool ok;

	if (root == NULL)
		return false;
	ok = readers[question](root, &answer);
	json_decref(root);
	if (ok)
		*answer_out = answer;
	return ok;
}

static void count(struct proxy *proxy, enum registry_question question,
		  const struct registry_answer *answer)
{
	METRIC_COUNT(proxy->metrics, METRIC_REGISTRY, questions[question].name,
		     answer->answered ? "ok" : answer->failure);
}

/* What the call's record says of its answer, wherever it comes from. */
static void note(struct call *call, const struct registry_answer *answer)
{
	struct record *record = &call->record;

	record->source = answer->answered ? answer->source : NULL;
	record->registry_trouble = answer->failure;
	record->partial = answer->partial;
	snprintf(record->claimed, sizeof(record->claimed), "%s", answer->claimed);
	snprintf(record->reputation, sizeof(record->reputation), "%s", answer->label);
	memcpy(call->receipt, answer->receipt, sizeof(call->receipt));
}

/* The call goes on: with the registry's answer, else with the snapshot's, else with none. */
static void conclude(struct call *call, enum registry_question question, registry_done *then,
		     const struct registry_answer *given)
{
	struct registry_answer answer = *given;

	count(call->proxy, question, given);
	if (!answer.answered)
		fallback_answer(call, question, &answer);
	note(call, &answer);
	then(call, &answer);
}

/* Ends the call's waiting with what there is. */
static void finish(struct registry_job *job, const struct registry_answer *answer)
{
	struct call *call = job->call;
	int64_t waited = proxy_now_us() - job->asked_us;

	metrics_observe(job->proxy->metrics, METRIC_REGISTRY_SECONDS, NULL, (double)waited / 1e6);
	job->call = NULL;
	call->job = NULL;
	call->record.registry_us += waited;
	call_after(call, 0, NULL);
	conclude(call, job->question, job->done, answer);
}

/* The call went its way, and may be over. */
static void told(struct registry_job *job, const struct registry_answer *answer)
{
	struct call *call = job->call;

	job->proxy->n_telling--;
	count(job->proxy, job->question, answer);
	if (call == NULL)
		return;
	call->job = NULL;
	note(call, answer);
}

static void heard(struct proxy *proxy, bool answered)
{
	struct breaker *breaker = &proxy->breaker;

	if (answered) {
		breaker->silences = 0;
		return;
	}
	if (++breaker->silences < SILENCES_MAX)
		return;
	breaker->silences = 0;
	breaker->closed_until_ms = proxy_now_ms() + BREAK_MS;
	log_event(proxy->log, LOG_WARNING, "registry.silent", F_INT("pause_ms", BREAK_MS));
}

bool registry_is_answer(int http_status)
{
	return http_status != 0 && http_status != 429 && http_status < 500;
}

const char *registry_refusal(int http_status)
{
	return registry_is_answer(http_status) ? "registry_refused" : "registry_unavailable";
}

static void read_answer(const struct registry_job *job, struct registry_answer *answer)
{
	const struct callerid_answer *given = &job->answer;

	if (given->http_status != 200)
		answer->failure = registry_refusal(given->http_status);
	else if (!registry_read(job->question, given->body, given->body_len, answer))
		answer->failure = "registry_garbled";
}

static void done(void *magic)
{
	struct registry_job *job = magic;
	struct registry_answer answer = {.failure = "registry_silent"};

	heard(job->proxy, job->status == CALLERID_OK);
	if (job->status == CALLERID_OK)
		read_answer(job, &answer);
	if (job->done == NULL)
		told(job, &answer);
	else if (job->call != NULL)
		finish(job, &answer);
	callerid_answer_clear(&job->answer);
	free(job->json);
	free(job);
}

static void budget_spent(struct call *call)
{
	finish(call->job, &(struct registry_answer){.failure = "registry_timeout"});
}

/* The registry takes E.164 numbers only, and no call is announced to anything else. */
static bool is_number(const struct callerid_party *party)
{
	size_t n = strnlen(party->text, CALLERID_E164_MAX + 1);

	return party->kind == CALLERID_PARTY_TN && n >= CALLERID_MIN_DIGITS &&
	       n <= CALLERID_E164_MAX && party->text[0] != '0' &&
	       strspn(party->text, "0123456789") == n;
}

const struct callerid_party *registry_caller(const struct call *call)
{
	const struct callerid_verdict *verdict;

	if (call->verification == NULL)
		return &call->facts.orig[0];
	verdict = callerid_verification_verdict(call->verification);
	return verdict->verstat == CALLERID_VERSTAT_PASSED
		       ? &verdict->passport[verdict->decided_by].claims.orig
		       : &call->facts.orig[0];
}

bool registry_is_proven(const struct callerid_verdict *verdict)
{
	return verdict->verstat == CALLERID_VERSTAT_PASSED &&
	       (verdict->attest == CALLERID_ATTEST_A ||
		(verdict->attest == CALLERID_ATTEST_NONE &&
		 verdict->passport[verdict->decided_by].number_listed));
}

static json_t *verification_json(const struct callerid_verdict *verdict)
{
	const char attest[2] = {(char)verdict->attest, 0};
	json_t *json = json_pack("{s:s}", "verstat", callerid_verstat_name(verdict->verstat));

	if (verdict->verstat != CALLERID_VERSTAT_PASSED)
		return json;
	if (verdict->attest != CALLERID_ATTEST_NONE)
		json_object_set_new(json, "attest", json_string(attest));
	else if (registry_is_proven(verdict))
		json_object_set_new(json, "delegate", json_true());
	return json;
}

/* It answers with what it has at three quarters of our budget: late is never. */
static json_int_t budget_of(const struct call *call)
{
	int64_t budget = call->settings->registry->budget_ms * 3 / 4;

	return budget > 0 ? budget : 1;
}

static json_t *lookup_json(const struct call *call)
{
	const struct callerid_verdict *verdict = callerid_verification_verdict(call->verification);
	json_t *json =
		json_pack("{s:s, s:s, s:o, s:b, s:I}", "from", registry_caller(call)->text,
			  "call_id", call->record.call_id, "verification",
			  verification_json(verdict), "consume", 1, "budget_ms", budget_of(call));

	if (json != NULL && is_number(&call->facts.dest))
		json_object_set_new(json, "to", json_string(call->facts.dest.text));
	return json;
}

static json_t *attestation_json(const struct call *call)
{
	const struct trunk_options *trunk = call->trunk->options;
	json_t *json =
		json_pack("{s:s, s:s}", "from", call->record.from, "customer", trunk->customer);

	if (json != NULL && strlen(trunk->title) <= TRUNK_MAX)
		json_object_set_new(json, "trunk", json_string(trunk->title));
	return json;
}

static char *question_json(const struct call *call, enum registry_question question)
{
	static json_t *(*const makers[])(const struct call *) = {
		[REGISTRY_ATTESTATION] = attestation_json,
		[REGISTRY_LOOKUP] = lookup_json,
	};
	json_t *root = makers[question](call);
	char *text = root != NULL ? json_dumps(root, JSON_COMPACT) : NULL;

	json_decref(root);
	return text;
}

/* NULL: under way; else why nobody is asked. */
static const char *ask(struct call *call, enum registry_question question, registry_done *then)
{
	struct proxy *proxy = call->proxy;
	struct registry_job *job;

	if (proxy_now_ms() < proxy->breaker.closed_until_ms)
		return "registry_paused";
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		abort();
	*job = (struct registry_job){.call = call,
				     .proxy = proxy,
				     .question = question,
				     .done = then,
				     .asked_us = proxy_now_us(),
				     .json = question_json(call, question)};
	if (job->json == NULL || !task_run(proxy->pool, work, done, job)) {
		free(job->json);
		free(job);
		return "registry_queue_full";
	}
	call->job = job;
	return NULL;
}

void registry_ask(struct call *call, enum registry_question question, registry_done *then)
{
	const char *failure =
		is_number(registry_caller(call)) ? ask(call, question, then) : "not_a_number";

	if (failure != NULL)
		conclude(call, question, then, &(struct registry_answer){.failure = failure});
	else
		call_after(call, call->settings->registry->budget_ms, budget_spent);
}

/* The call waits for nothing. */
static void tell(struct call *call)
{
	struct proxy *proxy = call->proxy;
	const char *failure =
		proxy->n_telling >= TELLING_MAX ? "not_told" : ask(call, REGISTRY_LOOKUP, NULL);

	if (failure == NULL)
		proxy->n_telling++;
	else
		METRIC_COUNT(proxy->metrics, METRIC_REGISTRY, questions[REGISTRY_LOOKUP].name,
			     failure);
}

void registry_tell(struct call *call)
{
	if (call->proxy->pool != NULL && call->settings->registry->tell_unverified &&
	    is_number(&call->facts.orig[0]) && is_number(&call->facts.dest))
		tell(call);
}

void registry_forget(struct call *call)
{
	if (call->job != NULL)
		call->job->call = NULL;
	call->job = NULL;
}
