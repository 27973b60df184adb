/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the task pool: work in threads, its end in the loop, nothing lost, nothing unbounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "svc/runtime/task.h"

struct job {
	pthread_t worked_in, done_in;
	void *worker;
	sem_t *gate; /* waited for by work, when there */
	sem_t *begun;
	int worked, done, number;
	struct order *order;
};

struct order {
	int numbers[64];
	size_t n;
};

static void job_work(void *worker, void *magic)
{
	struct job *job = magic;
	if (job->begun)
		sem_post(job->begun);
	if (job->gate)
		sem_wait(job->gate);
	job->worker = worker;
	job->worked_in = pthread_self();
	job->worked++;
}

static void job_done(void *magic)
{
	struct job *job = magic;
	job->done_in = pthread_self();
	job->done++;
	if (job->order)
		job->order->numbers[job->order->n++] = job->number;
}

/* Lets the loop turn until the job is done; ten seconds are an error, not a measure. */
static void await(struct task_pool *pool, const struct job *job)
{
	struct pollfd fd = {.fd = task_fd(pool), .events = POLLIN};
	while (!job->done) {
		assert_int_equal(poll(&fd, 1, 10000), 1);
		task_dispatch(pool);
	}
}

static void work_runs_in_a_thread_and_done_in_the_loop(void **state)
{
	(void)state;
	struct task_pool *pool =
		task_pool_new(&(struct task_pool_params){.threads = 1, .queue_max = 8});
	struct job job = {0};
	assert_non_null(pool);
	assert_true(task_run(pool, job_work, job_done, &job));
	await(pool, &job);
	assert_int_equal(job.worked, 1);
	assert_int_equal(job.done, 1);
	assert_false(pthread_equal(job.worked_in, pthread_self()));
	assert_true(pthread_equal(job.done_in, pthread_self()));
	struct pollfd fd = {.fd = task_fd(pool), .events = POLLIN};
	assert_int_equal(poll(&fd, 1, 0), 0);
	task_dispatch(pool); /* nothing to do is fine */
	task_pool_free(pool);
	assert_int_equal(job.done, 1);
}

static void one_thread_ends_tasks_in_the_order_they_came(void **state)
{
	(void)state;
	struct task_pool *pool =
		task_pool_new(&(struct task_pool_params){.threads = 1, .queue_max = 64});
	struct job jobs[50] = {0};
	struct order order = {.n = 0};
	for (int i = 0; i < 50; i++) {
		jobs[i].number = i;
		jobs[i].order = &order;
		assert_true(task_run(pool, job_work, job_done, &jobs[i]));
	}
	await(pool, &jobs[49]);
	for (int i = 0; i < 50; i++)
		assert_int_equal(order.numbers[i], i);
	task_pool_free(pool);
}

static void a_full_queue_refuses_and_takes_nothing(void **state)
{
	(void)state;
	sem_t gate, begun;
	sem_init(&gate, 0, 0);
	sem_init(&begun, 0, 0);
	struct task_pool *pool =
		task_pool_new(&(struct task_pool_params){.threads = 1, .queue_max = 2});
	struct job running = {.gate = &gate, .begun = &begun}, waiting[2] = {0}, refused = {0};
	assert_true(task_run(pool, job_work, job_done, &running));
	sem_wait(&begun);
	assert_true(task_run(pool, job_work, job_done, &waiting[0]));
	assert_true(task_run(pool, job_work, job_done, &waiting[1]));
	assert_false(task_run(pool, job_work, job_done, &refused));
	sem_post(&gate);
	await(pool, &waiting[1]);
	task_pool_free(pool);
	assert_int_equal(refused.worked + refused.done, 0);
	assert_int_equal(running.done + waiting[0].done + waiting[1].done, 3);
}

static void *release(void *gate)
{
	sem_post(gate);
	return NULL;
}

static void freeing_waits_for_running_work_and_calls_done_of_the_dropped(void **state)
{
	(void)state;
	sem_t gate, begun;
	sem_init(&gate, 0, 0);
	sem_init(&begun, 0, 0);
	struct task_pool *pool =
		task_pool_new(&(struct task_pool_params){.threads = 1, .queue_max = 8});
	struct job running = {.gate = &gate, .begun = &begun}, dropped[3] = {0};
	assert_true(task_run(pool, job_work, job_done, &running));
	sem_wait(&begun);
	for (size_t i = 0; i < 3; i++)
		assert_true(task_run(pool, job_work, job_done, &dropped[i]));
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, release, &gate), 0);
	task_pool_free(pool);
	pthread_join(thread, NULL);
	assert_int_equal(running.worked, 1);
	assert_int_equal(running.done, 1);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(dropped[i].done, 1);
}

struct makers {
	atomic_int made, freed;
	int refuse_at; /* 0: never */
};

struct worker {
	struct makers *makers;
	pthread_t made_in;
};

static void *worker_new(void *magic)
{
	struct makers *makers = magic;
	if (atomic_fetch_add(&makers->made, 1) + 1 == makers->refuse_at)
		return NULL;
	struct worker *worker = malloc(sizeof(*worker));
	*worker = (struct worker){makers, pthread_self()};
	return worker;
}

static void worker_free(void *magic)
{
	struct worker *worker = magic;
	assert_true(pthread_equal(worker->made_in, pthread_self()));
	atomic_fetch_add(&worker->makers->freed, 1);
	free(worker);
}

static void each_thread_makes_and_frees_its_own_worker(void **state)
{
	(void)state;
	struct makers makers = {0};
	struct task_pool *pool =
		task_pool_new(&(struct task_pool_params){3, 100, worker_new, worker_free, &makers});
	struct job job = {0};
	assert_non_null(pool);
	assert_int_equal(makers.made, 3);
	assert_true(task_run(pool, job_work, job_done, &job));
	await(pool, &job);
	assert_true(pthread_equal(((struct worker *)job.worker)->made_in, job.worked_in));
	task_pool_free(pool);
	assert_int_equal(makers.freed, 3);
}

static void a_worker_that_cannot_be_made_is_no_pool(void **state)
{
	(void)state;
	struct makers makers = {.refuse_at = 2};
	assert_null(task_pool_new(
		&(struct task_pool_params){3, 100, worker_new, worker_free, &makers}));
	assert_int_equal(makers.made, 3);
	assert_int_equal(makers.freed, 2);
	assert_null(task_pool_new(&(struct task_pool_params){.threads = 0}));
	task_pool_free(NULL);
}

struct chain {
	struct task_pool *pool;
	int left, done;
};

static void chain_work(void *worker, void *magic)
{
	(void)worker;
	((struct chain *)magic)->left--;
}

static void chain_done(void *magic)
{
	struct chain *chain = magic;
	if (chain->left > 0)
		assert_true(task_run(chain->pool, chain_work, chain_done, chain));
	else
		chain->done = 1;
}

static void done_may_run_another_task(void **state)
{
	(void)state;
	struct chain chain = {.left = 20};
	chain.pool = task_pool_new(&(struct task_pool_params){.threads = 2, .queue_max = 1});
	assert_true(task_run(chain.pool, chain_work, chain_done, &chain));
	struct pollfd fd = {.fd = task_fd(chain.pool), .events = POLLIN};
	while (!chain.done) {
		assert_int_equal(poll(&fd, 1, 10000), 1);
		task_dispatch(chain.pool);
	}
	task_pool_free(chain.pool);
	assert_int_equal(chain.left, 0);
}

static void many_tasks_in_four_threads_all_end_once(void **state)
{
	(void)state;
	static struct job jobs[2000];
	memset(jobs, 0, sizeof(jobs));
	struct task_pool *pool =
		task_pool_new(&(struct task_pool_params){.threads = 4, .queue_max = 16});
	for (size_t i = 0; i < 2000;) {
		if (task_run(pool, job_work, job_done, &jobs[i]))
			i++;
		else
			task_dispatch(pool);
	}
	for (size_t i = 0; i < 2000; i++)
		await(pool, &jobs[i]);
	task_pool_free(pool);
	for (size_t i = 0; i < 2000; i++) {
		assert_int_equal(jobs[i].worked, 1);
		assert_int_equal(jobs[i].done, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(work_runs_in_a_thread_and_done_in_the_loop),
		cmocka_unit_test(one_thread_ends_tasks_in_the_order_they_came),
		cmocka_unit_test(a_full_queue_refuses_and_takes_nothing),
		cmocka_unit_test(freeing_waits_for_running_work_and_calls_done_of_the_dropped),
		cmocka_unit_test(each_thread_makes_and_frees_its_own_worker),
		cmocka_unit_test(a_worker_that_cannot_be_made_is_no_pool),
		cmocka_unit_test(done_may_run_another_task),
		cmocka_unit_test(many_tasks_in_four_threads_all_end_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
