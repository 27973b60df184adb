/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's attestation answer (originating) and lookup (terminating). */
#include "sip-proxy/registry.h"

#include <callerid/client.h>
#include <jansson.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_MAX	 512
#define SILENCES_MAX	 5 /* in a row; then nobody asks for BREAK_MS */
#define BREAK_MS	 1000
#define JSON_DEPTH_FLAGS (JSON_REJECT_DUPLICATES)

struct registry_job {
	struct call *call; /* NULL: forgotten. Read and written in the loop's thread only. */
	struct proxy *proxy;
	enum registry_question question;
	registry_done *done;
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
	proxy->pool = task_pool_new(&(struct task_pool_params){
		.threads = (size_t)settings->registry->threads,
		.queue_max = QUEUE_MAX,
		.worker_new = worker_new,
		.worker_free = worker_free,
		.magic = &proxy->registry_params,
	});
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

static bool read_lookup(const json_t *root, struct registry_answer *answer)
{
	const json_t *brand = json_object_get(root, "brand");
	const json_t *reason = json_object_get(root, "reason");

	if (!json_is_boolean(json_object_get(root, "verified")))
		return false;
	answer->brand.verified = json_is_true(json_object_get(root, "verified"));
	copy_text(brand, "name", answer->brand.name, sizeof(answer->brand.name));
	copy_text(brand, "logo_url", answer->brand.logo_url, sizeof(answer->brand.logo_url));
	copy_text(brand, "logo_sha256", answer->brand.logo_sha256,
		  sizeof(answer->brand.logo_sha256));
	copy_text(reason, "text", answer->brand.reason, sizeof(answer->brand.reason));
	return true;
}

bool registry_read(enum registry_question question, const char *json, size_t len,
		   struct registry_answer *answer_out)
{
	struct registry_answer answer = {.answered = true};
	json_t *root = json_loadb(json, len, JSON_DEPTH_FLAGS, NULL);
	bool ok;

	if (root == NULL)
		return false;
	ok = question == REGISTRY_ATTESTATION ? read_attestation(root, &answer)
					      : read_lookup(root, &answer);
	json_decref(root);
	if (ok)
		*answer_out = answer;
	return ok;
}

/* Ends the call's waiting with what there is. */
static void finish(struct registry_job *job, const struct registry_answer *answer)
{
	struct call *call = job->call;
	struct proxy *proxy = job->proxy;
	int64_t waited = proxy_now_us() - job->asked_us;

	METRIC_COUNT(proxy->metrics, METRIC_REGISTRY, questions[job->question].name,
		     answer->answered ? "ok" : answer->failure);
	metrics_observe(proxy->metrics, METRIC_REGISTRY_SECONDS, NULL, (double)waited / 1e6);
	job->call = NULL;
	call->job = NULL;
	call->record.registry_us += waited;
	call_after(call, 0, NULL);
	job->done(call, answer);
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

static void done(void *magic)
{
	struct registry_job *job = magic;
	struct registry_answer answer = {.failure = "registry_silent"};

	heard(job->proxy, job->status == CALLERID_OK);
	if (job->call != NULL) {
		if (job->status == CALLERID_OK && job->answer.http_status != 200)
			answer.failure = "registry_refused";
		else if (job->status == CALLERID_OK &&
			 !registry_read(job->question, job->answer.body, job->answer.body_len,
					&answer))
			answer.failure = "registry_garbled";
		finish(job, &answer);
	}
	callerid_answer_clear(&job->answer);
	free(job->json);
	free(job);
}

static void budget_spent(struct call *call)
{
	finish(call->job, &(struct registry_answer){.failure = "registry_timeout"});
}

static char *question_json(const struct call *call, enum registry_question question)
{
	const struct callerid_verdict *verdict;
	char attest[2] = {0};
	json_t *root;
	char *text;

	if (question == REGISTRY_ATTESTATION) {
		root = json_pack("{s:s, s:s}", "from", call->record.from, "customer",
				 call->trunk->options->customer);
	} else {
		verdict = callerid_verification_verdict(call->verification);
		attest[0] = (char)verdict->attest;
		root = json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:b}", "from", call->record.from,
				 "to", call->record.to, "call_id", call->record.call_id,
				 "verification", "verstat", callerid_verstat_name(verdict->verstat),
				 "attest", attest, "consume", 1);
	}
	text = root != NULL ? json_dumps(root, JSON_COMPACT) : NULL;
	json_decref(root);
	return text;
}

static void give_up(struct call *call, enum registry_question question, registry_done *then,
		    const char *failure)
{
	METRIC_COUNT(call->proxy->metrics, METRIC_REGISTRY, questions[question].name, failure);
	then(call, &(struct registry_answer){.failure = failure});
}

void registry_ask(struct call *call, enum registry_question question, registry_done *then)
{
	struct proxy *proxy = call->proxy;
	struct registry_job *job;

	if (proxy_now_ms() < proxy->breaker.closed_until_ms) {
		give_up(call, question, then, "registry_paused");
		return;
	}
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
		give_up(call, question, then, "registry_queue_full");
		return;
	}
	call->job = job;
	call_after(call, call->settings->registry->budget_ms, budget_spent);
}

void registry_forget(struct call *call)
{
	if (call->job != NULL)
		call->job->call = NULL;
	call->job = NULL;
}
