/* SPDX-License-Identifier: Apache-2.0 */
/* Verifications from the request to the answer's text. */
#include "svc/registry/stir/work.h"

#include "svc/registry/http/stream.h"
#include "svc/registry/metrics.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 1000

/* One verification. Both its source and the work hold it; who lets go last frees it. */
struct job {
	struct work *work;
	struct job *next; /* of the queue, then of those under way */
	struct stir_question question;
	int64_t deadline_ms;
	/* the thread's */
	struct callerid_verification *verification;
	struct certs_request *request; /* NULL: no certificate is waited for */
	size_t to;
	char url[CALLERID_X5U_MAX + 1];
	/* guarded by work->mutex */
	struct stream *stream;
	bool done, dropped; /* answered, or never to be; its source is gone */
	char *text;
	size_t len, sent;
};

enum state { STARTING, RUNNING, FAILED };

struct work {
	pthread_t thread;
	bool has_thread;
	int event; /* readable: look at the queue */
	struct callerid_policy policy;
	int64_t wait_ms;
	struct metrics *metrics;
	/* the thread's */
	struct callerid_context *ctx;
	struct certs *certs;
	struct job *jobs; /* under way */
	/* while it starts */
	const struct work_params *params;
	char *err;
	size_t size;
	/* guards what follows, and each job's answer */
	pthread_mutex_t mutex;
	pthread_cond_t started;
	enum state state;
	bool closed;
	struct job *queue, **queue_end;
	size_t n_jobs;
};

static int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void nudge(struct work *work)
{
	const uint64_t one = 1;

	/* it fails only when it is readable already */
	if (write(work->event, &one, sizeof one) < 0)
		return;
}

static void free_job(struct job *job)
{
	free(job->question.identity);
	free(job->text);
	free(job);
}

/* The thread has no more to do with the job. text NULL: there is no answer. */
static void finish(struct job *job, char *text)
{
	struct work *work = job->work;

	callerid_verification_free(job->verification);
	job->verification = NULL;
	pthread_mutex_lock(&work->mutex);
	bool dropped = job->dropped;
	work->n_jobs--;
	job->text = text;
	job->len = text != NULL ? strlen(text) : 0;
	job->done = true;
	if (!dropped && job->stream != NULL)
		stream_wake(job->stream);
	pthread_mutex_unlock(&work->mutex);
	if (dropped)
		free_job(job);
}

static char *text_of(const struct work *work, const struct callerid_verdict *verdict)
{
	if (verdict->status != CALLERID_OK)
		return NULL;
	json_t *json = stir_question_answer(verdict);
	char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (work->metrics != NULL)
		METRIC_COUNT(work->metrics, METRIC_VERIFICATIONS,
			     callerid_reason_info(verdict->reason)->name);
	return text;
}

static void fetched(void *magic, const struct certs_answer *answer)
{
	struct job *job = magic;

	job->request = NULL;
	if (answer->status == CERTS_OK)
		callerid_verification_supply(job->verification, job->url, answer->body,
					     answer->len);
	else
		callerid_verification_unavailable(job->verification, job->url, answer->why);
}

/* Asks for the next certificate. false: none is missing any more. */
static bool ask(struct job *job, int64_t now_ms)
{
	const char *url = callerid_verification_wants(job->verification);

	if (url == NULL)
		return false;
	snprintf(job->url, sizeof job->url, "%s", url);
	if (now_ms < job->deadline_ms)
		job->request = certs_get(job->work->certs, job->url, fetched, job);
	else
		callerid_verification_unavailable(job->verification, job->url,
						  "no answer within the request's budget");
	return true;
}

/* As far as it goes without waiting. false: it is finished. */
static bool advance(struct job *job)
{
	struct work *work = job->work;
	const struct callerid_verdict *verdict;

	for (;;) {
		if (job->verification == NULL &&
		    stir_question_begin(work->ctx, &job->question, job->to, &work->policy,
					&job->verification) != CALLERID_OK) {
			finish(job, NULL);
			return false;
		}
		while (job->request == NULL && ask(job, monotonic_ms()))
			;
		if (job->request != NULL)
			return true;
		verdict = callerid_verification_verdict(job->verification);
		if (!stir_question_goes_on(&job->question, job->to, verdict))
			break;
		callerid_verification_free(job->verification);
		job->verification = NULL;
		job->to++;
	}
	finish(job, text_of(work, verdict));
	return false;
}

static bool is_dropped(struct job *job)
{
	pthread_mutex_lock(&job->work->mutex);
	bool dropped = job->dropped;
	pthread_mutex_unlock(&job->work->mutex);
	return dropped;
}

/* Goes on with all that can; what waits too long waits no more. */
static void advance_all(struct work *work)
{
	struct job **at = &work->jobs, *job;
	int64_t now_ms = monotonic_ms();

	while ((job = *at) != NULL) {
		bool dropped = is_dropped(job);
		if (job->request != NULL && (dropped || now_ms >= job->deadline_ms)) {
			certs_cancel(job->request);
			job->request = NULL;
		}
		/* finish() may free it: it leaves the list first */
		*at = job->next;
		bool waits = job->request != NULL;
		if (dropped)
			finish(job, NULL);
		else if (!waits)
			waits = advance(job);
		if (waits) {
			*at = job;
			at = &job->next;
		}
	}
}

static bool take_queue(struct work *work)
{
	struct job **end = &work->jobs;

	while (*end != NULL)
		end = &(*end)->next;
	pthread_mutex_lock(&work->mutex);
	*end = work->queue;
	work->queue = NULL;
	work->queue_end = &work->queue;
	bool closed = work->closed;
	pthread_mutex_unlock(&work->mutex);
	return !closed;
}

static int wait_ms(const struct work *work)
{
	int64_t now_ms = monotonic_ms(), first_ms = now_ms + TICK_MS;

	for (const struct job *job = work->jobs; job != NULL; job = job->next) {
		if (job->deadline_ms < first_ms)
			first_ms = job->deadline_ms;
	}
	return first_ms > now_ms ? (int)(first_ms - now_ms) : 0;
}

static void run(struct work *work)
{
	uint64_t count;

	while (take_queue(work)) {
		struct pollfd wait[] = {{.fd = work->event, .events = POLLIN},
					{.fd = certs_fd(work->certs), .events = POLLIN}};
		advance_all(work);
		/* with nothing to do, keys of frequent signers get their tables */
		bool more = work->jobs == NULL && callerid_context_maintain(work->ctx);
		int n = poll(wait, 2, more ? 0 : wait_ms(work));
		if (n > 0 && wait[0].revents != 0 && read(work->event, &count, sizeof count) < 0)
			continue;
		if (n > 0 && wait[1].revents != 0)
			certs_dispatch(work->certs);
		certs_tick(work->certs);
	}
}

static void tell_started(struct work *work, enum state state)
{
	pthread_mutex_lock(&work->mutex);
	work->state = state;
	pthread_cond_signal(&work->started);
	pthread_mutex_unlock(&work->mutex);
}

/* The kernel ends the certificate helper with the thread that started it: this one. */
static bool begin(struct work *work)
{
	const struct work_params *params = work->params;

	if (callerid_context_new(NULL, &work->ctx, NULL) != CALLERID_OK) {
		snprintf(work->err, work->size, "no memory");
		return false;
	}
	if (!trust_load(&params->trust, work->ctx, work->err, work->size))
		return false;
	work->certs = certs_new(&params->certs, params->log);
	if (work->certs == NULL)
		snprintf(work->err, work->size, "the certificate helper does not start");
	return work->certs != NULL;
}

static void end(struct work *work)
{
	while (work->jobs != NULL) {
		struct job *job = work->jobs;
		work->jobs = job->next;
		if (job->request != NULL)
			certs_cancel(job->request);
		finish(job, NULL);
	}
	certs_free(work->certs);
	callerid_context_free(work->ctx);
}

static void *thread(void *magic)
{
	struct work *work = magic;
	bool begun = begin(work);

	tell_started(work, begun ? RUNNING : FAILED);
	if (begun)
		run(work);
	end(work);
	return NULL;
}

struct work *work_start(const struct work_params *params, char *err, size_t size)
{
	struct work *work = calloc(1, sizeof *work);

	if (work == NULL) {
		snprintf(err, size, "no memory");
		return NULL;
	}
	work->policy = params->policy;
	work->wait_ms = params->wait_ms;
	work->metrics = params->metrics;
	work->params = params;
	work->err = err;
	work->size = size;
	work->queue_end = &work->queue;
	work->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&work->mutex, NULL);
	pthread_cond_init(&work->started, NULL);
	work->has_thread =
		work->event >= 0 && pthread_create(&work->thread, NULL, thread, work) == 0;
	if (!work->has_thread) {
		snprintf(err, size, "no thread can be started");
		work->state = FAILED;
	}
	pthread_mutex_lock(&work->mutex);
	while (work->state == STARTING)
		pthread_cond_wait(&work->started, &work->mutex);
	pthread_mutex_unlock(&work->mutex);
	if (work->state == RUNNING)
		return work;
	work_stop(work);
	return NULL;
}

/* Returns when every connection that waited is awake: a server that stops with one asleep aborts.
 */
void work_close(struct work *work)
{
	struct job *queue;

	pthread_mutex_lock(&work->mutex);
	bool first = !work->closed;
	work->closed = true;
	queue = work->queue;
	work->queue = NULL;
	work->queue_end = &work->queue;
	pthread_mutex_unlock(&work->mutex);
	while (queue != NULL) {
		struct job *job = queue;
		queue = job->next;
		finish(job, NULL);
	}
	nudge(work);
	if (first)
		pthread_join(work->thread, NULL);
}

void work_stop(struct work *work)
{
	if (work == NULL)
		return;
	if (work->has_thread)
		work_close(work);
	if (work->event >= 0)
		close(work->event);
	pthread_cond_destroy(&work->started);
	pthread_mutex_destroy(&work->mutex);
	free(work);
}

static void attach(void *magic, struct stream *stream)
{
	struct job *job = magic;

	pthread_mutex_lock(&job->work->mutex);
	job->stream = stream;
	pthread_mutex_unlock(&job->work->mutex);
}

static ssize_t read_answer(void *magic, char *buffer_out, size_t size)
{
	struct job *job = magic;
	ssize_t n = 0;

	pthread_mutex_lock(&job->work->mutex);
	if (job->done) {
		size_t left = job->len - job->sent;
		n = (ssize_t)(left < size ? left : size);
		if (n > 0)
			memcpy(buffer_out, job->text + job->sent, (size_t)n);
		job->sent += (size_t)n;
		n = n > 0 ? n : -1;
	}
	pthread_mutex_unlock(&job->work->mutex);
	return n;
}

static void drop(void *magic)
{
	struct job *job = magic;
	struct work *work = job->work;

	pthread_mutex_lock(&work->mutex);
	bool done = job->done;
	job->dropped = true;
	job->stream = NULL;
	pthread_mutex_unlock(&work->mutex);
	if (done)
		free_job(job);
	else
		nudge(work);
}

bool work_begin(struct work *work, const struct stir_question *question,
		struct http_source *source_out)
{
	struct job *job = calloc(1, sizeof *job);
	bool taken = false;

	if (job == NULL)
		return false;
	job->work = work;
	job->deadline_ms = monotonic_ms() + work->wait_ms;
	pthread_mutex_lock(&work->mutex);
	if (!work->closed && work->n_jobs < WORK_JOBS_MAX) {
		job->question = *question;
		*work->queue_end = job;
		work->queue_end = &job->next;
		work->n_jobs++;
		taken = true;
	}
	pthread_mutex_unlock(&work->mutex);
	if (!taken) {
		free(job);
		return false;
	}
	*source_out = (struct http_source){attach, read_answer, drop, job};
	nudge(work);
	return true;
}
