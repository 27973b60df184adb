/* SPDX-License-Identifier: Apache-2.0 */
/* Outcomes on their way to the registry: threads that ask, the loop that keeps the queue. */
#include "sip-proxy/outcome.h"

#include "sip-proxy/outcome_queue.h"
#include "sip-proxy/registry.h"

#include <callerid/client.h>
#include <jansson.h>

#include <poll.h>
#include <stdlib.h>

#define THREADS	 2
#define FLUSH_MS 2000 /* at the end nothing is begun after that */

struct outcomes {
	struct proxy *proxy;
	struct outcome_queue queue;
	struct callerid_client_params client;
	struct task_pool *pool;
	su_timer_t *timer;
	size_t n_asking;
	size_t dropped; /* since the last tick */
	bool closing, deaf;
};

struct asking {
	struct outcomes *outcomes;
	struct outcome *outcome;
	char *json;
	/* written by the worker, read after it is done */
	enum callerid_status status;
	struct callerid_answer answer;
};

static void count(struct outcomes *outcomes, const char *result, size_t n)
{
	if (n > 0)
		metrics_add(outcomes->proxy->metrics, METRIC_OUTCOMES,
			    &(struct metric_labels){{result}}, (double)n);
}

static void drop(struct outcomes *outcomes, const char *why, size_t n)
{
	count(outcomes, why, n);
	outcomes->dropped += n;
}

static void work(void *worker, void *magic)
{
	struct asking *asking = magic;

	asking->status = callerid_client_request(worker, "POST", "/v1/outcomes", asking->json,
						 &asking->answer, NULL);
}

/* NULL: it is told. */
static const char *trouble_of(const struct asking *asking)
{
	if (asking->status != CALLERID_OK)
		return "registry_silent";
	return asking->answer.http_status == 204 ? NULL
						 : registry_refusal(asking->answer.http_status);
}

/* However long it says, the queue waits for OUTCOME_PAUSE_MAX_MS at the most. */
static int64_t retry_after_ms(const struct callerid_answer *answer)
{
	return answer->retry_after_s < OUTCOME_PAUSE_MAX_MS ? (int64_t)answer->retry_after_s * 1000
							    : OUTCOME_PAUSE_MAX_MS;
}

static void settle(struct outcomes *outcomes, struct asking *asking)
{
	struct outcome_queue *queue = &outcomes->queue;
	const char *trouble = trouble_of(asking);
	bool final = trouble == NULL || registry_is_answer(asking->answer.http_status);
	int64_t now = proxy_now_ms();

	METRIC_COUNT(outcomes->proxy->metrics, METRIC_REGISTRY, "outcome",
		     trouble != NULL ? trouble : "ok");
	if (!final) {
		outcomes->deaf = outcomes->closing;
		outcome_queue_failed(queue, asking->outcome, now, retry_after_ms(&asking->answer));
		return;
	}
	if (trouble == NULL)
		count(outcomes, "told", 1);
	else
		drop(outcomes, "refused", 1);
	outcome_queue_end(queue, asking->outcome);
	outcome_queue_heard(queue, now);
}

static void pump(struct outcomes *outcomes);

static void done(void *magic)
{
	struct asking *asking = magic;
	struct outcomes *outcomes = asking->outcomes;

	outcomes->n_asking--;
	settle(outcomes, asking);
	callerid_answer_clear(&asking->answer);
	free(asking->json);
	free(asking);
	if (!outcomes->deaf)
		pump(outcomes);
}

static char *json_of(const struct outcome *outcome)
{
	json_t *root = json_pack("{s:s, s:s}", "receipt", outcome->receipt, "outcome", "answered");
	char *text = root != NULL ? json_dumps(root, JSON_COMPACT) : NULL;

	json_decref(root);
	return text;
}

/* false: no memory; it is tried again later. */
static bool begin(struct outcomes *outcomes, struct outcome *outcome)
{
	struct asking *asking = calloc(1, sizeof(*asking));

	if (asking == NULL)
		abort();
	*asking = (struct asking){.outcomes = outcomes,
				  .outcome = outcome,
				  .json = json_of(outcome),
				  .status = CALLERID_EIO};
	if (asking->json != NULL && task_run(outcomes->pool, work, done, asking)) {
		outcomes->n_asking++;
		return true;
	}
	outcome_queue_failed(&outcomes->queue, outcome, proxy_now_ms(), 0);
	free(asking->json);
	free(asking);
	return false;
}

static void timer_fired(su_root_magic_t *proxy, su_timer_t *timer, su_timer_arg_t *magic)
{
	(void)proxy;
	(void)timer;
	pump((struct outcomes *)magic);
}

/* A registry that was away is asked by one at a time until nothing waits. */
static size_t threads_now(const struct outcomes *outcomes)
{
	return outcomes->queue.behind && !outcomes->closing ? 1 : THREADS;
}

static void pump(struct outcomes *outcomes)
{
	struct outcome_queue *queue = &outcomes->queue;
	int64_t now = proxy_now_ms(), wait;
	struct outcome *outcome;

	while (outcomes->n_asking < threads_now(outcomes) &&
	       (outcome = outcome_queue_take(queue, now)) != NULL)
		if (!begin(outcomes, outcome))
			break;
	metrics_set(outcomes->proxy->metrics, METRIC_OUTCOMES_WAITING, NULL, (double)queue->n);
	wait = outcome_queue_wait(queue, now);
	if (wait > 0 && !outcomes->closing)
		su_timer_set_interval(outcomes->timer, timer_fired, outcomes, (su_duration_t)wait);
}

static int on_done(su_root_magic_t *proxy, su_wait_t *wait, su_wakeup_arg_t *arg)
{
	struct outcomes *outcomes = (void *)arg;

	(void)proxy;
	(void)wait;
	task_dispatch(outcomes->pool);
	return 0;
}

static bool watch(struct outcomes *outcomes)
{
	su_root_t *root = outcomes->proxy->root;
	su_wait_t wait[1] = {SU_WAIT_INIT};

	outcomes->timer = su_timer_create(su_root_task(root), OUTCOME_PAUSE_MIN_MS);
	return outcomes->timer != NULL &&
	       su_wait_create(wait, task_fd(outcomes->pool), SU_WAIT_IN) == 0 &&
	       su_root_register(root, wait, on_done, (void *)outcomes, 0) >= 0;
}

bool outcome_start(struct proxy *proxy)
{
	const struct registry_options *options = proxy->started_with->registry;
	struct outcomes *outcomes;

	if (proxy->pool == NULL)
		return true;
	outcomes = calloc(1, sizeof(*outcomes));
	if (outcomes == NULL)
		abort();
	proxy->outcomes = outcomes;
	outcomes->proxy = proxy;
	outcomes->client = proxy->registry_params;
	outcomes->client.timeout_ms = (long)options->outcome_timeout_ms;
	outcome_queue_init(&outcomes->queue, (size_t)options->outcome_queue,
			   options->outcome_age_ms);
	outcomes->pool = registry_pool_new(&outcomes->client, THREADS, THREADS);
	return outcomes->pool != NULL && watch(outcomes);
}

void outcome_answered(struct proxy *proxy, const char *receipt)
{
	struct outcomes *outcomes = proxy->outcomes;

	if (outcomes == NULL || receipt[0] == 0)
		return;
	if (!outcome_queue_add(&outcomes->queue, receipt, proxy_now_ms()))
		drop(outcomes, "queue_full", 1);
	pump(outcomes);
}

static void say_dropped(struct outcomes *outcomes)
{
	if (outcomes->dropped > 0)
		log_event(outcomes->proxy->log, LOG_WARNING, "outcome.dropped",
			  F_INT("outcomes", (int64_t)outcomes->dropped));
	outcomes->dropped = 0;
}

void outcome_tick(struct proxy *proxy)
{
	struct outcomes *outcomes = proxy->outcomes;

	if (outcomes == NULL)
		return;
	/* All that wait are looked at: too much for each call that is answered. */
	drop(outcomes, "too_old", outcome_queue_expire(&outcomes->queue, proxy_now_ms()));
	pump(outcomes);
	say_dropped(outcomes);
}

/* The loop does not run any more. */
static void flush(struct outcomes *outcomes)
{
	struct pollfd fd = {.fd = task_fd(outcomes->pool), .events = POLLIN};
	int64_t until = proxy_now_ms() + FLUSH_MS, left = FLUSH_MS;

	outcomes->closing = true;
	while (outcomes->queue.n > 0 && !outcomes->deaf && left > 0) {
		outcomes->queue.not_before_ms = 0;
		pump(outcomes);
		(void)poll(&fd, 1, (int)left);
		task_dispatch(outcomes->pool);
		left = until - proxy_now_ms();
	}
	outcomes->deaf = true;
}

void outcome_stop(struct proxy *proxy)
{
	struct outcomes *outcomes = proxy->outcomes;

	if (outcomes == NULL)
		return;
	if (outcomes->pool != NULL && outcomes->timer != NULL)
		flush(outcomes);
	if (outcomes->pool != NULL)
		task_pool_free(outcomes->pool);
	drop(outcomes, "shutdown", outcome_queue_clear(&outcomes->queue));
	say_dropped(outcomes);
	su_timer_destroy(outcomes->timer);
	proxy->outcomes = NULL;
	free(outcomes);
}
