/* SPDX-License-Identifier: Apache-2.0 */
/* A pool of threads with one bounded queue in and one list of finished tasks out. */
#include "svc/runtime/task.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct task {
	struct task *next;
	task_work *work;
	task_done *done;
	void *magic;
};

struct queue {
	struct task *first, **last;
	size_t n;
};

struct task_pool {
	struct task_pool_params params;
	pthread_mutex_t lock; /* all below but fd and threads; held over no callback */
	pthread_cond_t wake;  /* of the workers: a task, or the end */
	pthread_cond_t ready; /* of task_pool_new(): a worker stands, or could not be made */
	struct queue waiting, finished;
	size_t standing, failed;
	bool stopping;
	int fd;
	size_t n_threads;
	pthread_t threads[];
};

static void queue_put(struct queue *queue, struct task *task)
{
	task->next = NULL;
	*queue->last = task;
	queue->last = &task->next;
	queue->n++;
}

static void queue_clear(struct queue *queue)
{
	*queue = (struct queue){.first = NULL, .last = &queue->first};
}

static struct task *queue_take(struct queue *queue)
{
	struct task *task = queue->first;
	if (!task)
		return NULL;
	queue->first = task->next;
	if (!queue->first)
		queue->last = &queue->first;
	queue->n--;
	return task;
}

/* One write for a burst: the loop takes the whole list at once. The lock is held. */
static void finish(struct task_pool *pool, struct task *task)
{
	bool first = pool->finished.first == NULL;
	queue_put(&pool->finished, task);
	if (first) {
		ssize_t wrote = write(pool->fd, &(uint64_t){1}, sizeof(uint64_t));
		(void)wrote; /* an eventfd at 0 takes a 1 */
	}
}

/* The next task, after waiting for it; NULL at the end. The lock is held. */
static struct task *next_task(struct task_pool *pool)
{
	while (!pool->stopping && !pool->waiting.first)
		pthread_cond_wait(&pool->wake, &pool->lock);
	return pool->stopping ? NULL : queue_take(&pool->waiting);
}

static void serve(struct task_pool *pool, void *worker)
{
	struct task *task;
	pthread_mutex_lock(&pool->lock);
	while ((task = next_task(pool))) {
		pthread_mutex_unlock(&pool->lock);
		task->work(worker, task->magic);
		pthread_mutex_lock(&pool->lock);
		finish(pool, task);
	}
	pthread_mutex_unlock(&pool->lock);
}

static void *thread_main(void *magic)
{
	struct task_pool *pool = magic;
	const struct task_pool_params *params = &pool->params;
	void *worker = params->worker_new ? params->worker_new(params->magic) : NULL;
	bool fine = worker || !params->worker_new;
	pthread_mutex_lock(&pool->lock);
	if (fine)
		pool->standing++;
	else
		pool->failed++;
	pthread_cond_signal(&pool->ready);
	pthread_mutex_unlock(&pool->lock);
	if (fine)
		serve(pool, worker);
	if (worker && params->worker_free)
		params->worker_free(worker);
	return NULL;
}

/* Signals belong to the loop: the pool's threads take none. */
static bool threads_start(struct task_pool *pool)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (pool->n_threads < pool->params.threads &&
	       pthread_create(&pool->threads[pool->n_threads], NULL, thread_main, pool) == 0)
		pool->n_threads++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_mutex_lock(&pool->lock);
	while (pool->standing + pool->failed < pool->n_threads)
		pthread_cond_wait(&pool->ready, &pool->lock);
	bool fine = pool->standing == pool->params.threads;
	pthread_mutex_unlock(&pool->lock);
	return fine;
}

struct task_pool *task_pool_new(const struct task_pool_params *params)
{
	if (params->threads == 0)
		return NULL;
	struct task_pool *pool = calloc(1, sizeof(*pool) + params->threads * sizeof(pthread_t));
	if (!pool)
		return NULL;
	pool->params = *params;
	queue_clear(&pool->waiting);
	queue_clear(&pool->finished);
	pthread_mutex_init(&pool->lock, NULL); /* these cannot fail with default attributes */
	pthread_cond_init(&pool->wake, NULL);
	pthread_cond_init(&pool->ready, NULL);
	pool->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (pool->fd >= 0 && threads_start(pool))
		return pool;
	task_pool_free(pool);
	return NULL;
}

static void done_all(struct queue *queue)
{
	struct task *task;
	while ((task = queue_take(queue))) {
		task->done(task->magic);
		free(task);
	}
}

void task_pool_free(struct task_pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pthread_cond_broadcast(&pool->wake);
	pthread_mutex_unlock(&pool->lock);
	for (size_t i = 0; i < pool->n_threads; i++)
		pthread_join(pool->threads[i], NULL);
	done_all(&pool->finished);
	done_all(&pool->waiting);
	if (pool->fd >= 0)
		close(pool->fd);
	pthread_cond_destroy(&pool->ready);
	pthread_cond_destroy(&pool->wake);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

bool task_run(struct task_pool *pool, task_work *work, task_done *done, void *magic)
{
	struct task *task = malloc(sizeof(*task));
	if (!task)
		return false;
	*task = (struct task){NULL, work, done, magic};
	pthread_mutex_lock(&pool->lock);
	bool taken = !pool->stopping && pool->waiting.n < pool->params.queue_max;
	if (taken) {
		queue_put(&pool->waiting, task);
		pthread_cond_signal(&pool->wake);
	}
	pthread_mutex_unlock(&pool->lock);
	if (!taken)
		free(task);
	return taken;
}

int task_fd(const struct task_pool *pool)
{
	return pool->fd;
}

void task_dispatch(struct task_pool *pool)
{
	struct queue batch;
	uint64_t count;
	pthread_mutex_lock(&pool->lock);
	ssize_t got = read(pool->fd, &count, sizeof(count));
	(void)got; /* nothing to read means nothing finished */
	batch = pool->finished;
	if (!batch.first)
		queue_clear(&batch);
	queue_clear(&pool->finished);
	pthread_mutex_unlock(&pool->lock);
	done_all(&batch);
}
