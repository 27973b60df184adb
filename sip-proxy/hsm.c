/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the token in a thread: what the library does for one key is one after the other anyway. */
#include "sip-proxy/hsm.h"

#include <callerid/signer.h>

#include <stdlib.h>
#include <string.h>

#define QUEUE_MAX 512

struct hsm_job {
	struct call *call;	   /* NULL: forgotten. The loop's thread only. */
	struct settings *settings; /* counted: the signer and its token, which a reload replaces */
	hsm_done *done;
	atomic_bool forgotten; /* the worker need not begin */
	struct callerid_claims claims;
	char *mky; /* the claims' */
	/* written by the worker, read after it is done */
	enum callerid_status status;
	char *identity;
};

static int on_signed(su_root_magic_t *proxy, su_wait_t *wait, su_wakeup_arg_t *arg)
{
	(void)wait;
	(void)arg;
	task_dispatch(proxy->signing);
	return 0;
}

bool hsm_start(struct proxy *proxy)
{
	su_wait_t wait[1] = {SU_WAIT_INIT};

	if (proxy->settings->token == NULL || proxy->signing != NULL)
		return true;
	proxy->signing =
		task_pool_new(&(struct task_pool_params){.threads = 1, .queue_max = QUEUE_MAX});
	if (proxy->signing == NULL)
		return false;
	return su_wait_create(wait, task_fd(proxy->signing), SU_WAIT_IN) == 0 &&
	       su_root_register(proxy->root, wait, on_signed, proxy, 0) >= 0;
}

void hsm_stop(struct proxy *proxy)
{
	if (proxy->signing != NULL)
		task_pool_free(proxy->signing);
	proxy->signing = NULL;
}

/* In the thread: the signer is immutable, the token waits no longer than token_timeout. */
static void work(void *worker, void *magic)
{
	struct hsm_job *job = magic;

	(void)worker;
	if (!atomic_load(&job->forgotten))
		job->status = callerid_signer_sign(job->settings->signer, &job->claims,
						   &job->identity, NULL);
}

static void finish(struct hsm_job *job, const struct hsm_answer *answer)
{
	struct call *call = job->call;

	job->call = NULL;
	atomic_store(&job->forgotten, true);
	call->hsm_job = NULL;
	call_after(call, 0, NULL);
	job->done(call, answer);
}

static void done(void *magic)
{
	struct hsm_job *job = magic;
	struct hsm_answer answer = {.status = job->status};

	if (job->status == CALLERID_OK)
		answer.identity = job->identity;
	if (job->call != NULL)
		finish(job, &answer);
	settings_unref(job->settings);
	free(job->identity);
	free(job->mky);
	free(job);
}

/* The token works on, or others were before: the call does not wait for it. */
static void spent(struct call *call)
{
	finish(call->hsm_job, &(struct hsm_answer){.status = CALLERID_EIO});
}

void hsm_sign(struct call *call, const struct callerid_claims *claims, hsm_done *then)
{
	struct task_pool *pool = call->proxy->signing;
	struct hsm_job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		abort();
	*job = (struct hsm_job){.call = call,
				.settings = settings_ref(call->settings),
				.done = then,
				.claims = *claims,
				.mky = claims->mky != NULL ? strdup(claims->mky) : NULL,
				.status = CALLERID_EIO};
	if (job->mky == NULL && claims->mky != NULL)
		abort();
	job->claims.mky = job->mky;
	if (pool == NULL || !task_run(pool, work, done, job)) {
		settings_unref(job->settings);
		free(job->mky);
		free(job);
		then(call, &(struct hsm_answer){.status = CALLERID_EIO});
		return;
	}
	call->hsm_job = job;
	call_after(call, call->settings->signing->token_timeout_ms, spent);
}

void hsm_forget(struct call *call)
{
	if (call->hsm_job == NULL)
		return;
	call->hsm_job->call = NULL;
	atomic_store(&call->hsm_job->forgotten, true);
	call->hsm_job = NULL;
}
