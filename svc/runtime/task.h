/* SPDX-License-Identifier: Apache-2.0 */
/* Work that waits, in threads; its end, back in the loop. */
#ifndef RUNTIME_TASK_H
#define RUNTIME_TASK_H

#include <stdbool.h>
#include <stddef.h>

/* work runs in a pool thread and touches nothing but its magic; done runs in task_dispatch(). */
typedef void task_work(void *worker, void *magic);
typedef void task_done(void *magic);

struct task_pool;

struct task_pool_params {
	size_t threads;
	size_t queue_max; /* tasks waiting; more are refused */
	/* Made and freed in each thread: what work gets as its worker (a client, a connection).
	 * NULL from worker_new is a failure of task_pool_new(). */
	void *(*worker_new)(void *magic);
	void (*worker_free)(void *worker);
	void *magic;
};

/* NULL: no memory, threads. */
struct task_pool *task_pool_new(const struct task_pool_params *params);
/* Waits for running work; queued tasks are dropped and their done is called. */
void task_pool_free(struct task_pool *pool);

/* false: the queue is full or there is no memory; nothing was taken, done will not be called. */
bool task_run(struct task_pool *pool, task_work *work, task_done *done, void *magic);

int task_fd(const struct task_pool *pool);  /* readable when something is done */
void task_dispatch(struct task_pool *pool); /* calls done of all that is; in the loop's thread */

#endif
