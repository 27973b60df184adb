/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A media thread: one epoll, its timers, its mailbox. A call lives on one worker from its first
 * command to its end, so nothing inside a call is locked. All functions but worker_post() and
 * worker_start()/worker_stop() are for the worker's own thread.
 */
#ifndef MEDIA_PATH_WORKER_H
#define MEDIA_PATH_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct worker;

/* Work handed to the worker by another thread. */
typedef void worker_job(struct worker *worker, void *magic);

struct worker_params {
	unsigned index;
	int cpu;	  /* the processor it is pinned to; -1: any */
	unsigned rest_us; /* between rounds under load (rest.h); 0: none */
	/* Called once in the thread before its first round, and once after its last. */
	worker_job *begin, *end;
	void *magic;
};

/* NULL: errno says why. */
struct worker *worker_start(const struct worker_params *params);
/* Asks it to end, after the jobs that are in its mailbox, and waits. */
void worker_stop(struct worker *worker);
unsigned worker_index(const struct worker *worker);
void *worker_magic(const struct worker *worker);

/* From any thread. Jobs run in the order in which they were posted. false: no memory, or it
 * has ended. */
bool worker_post(struct worker *worker, worker_job *job, void *magic);

/* Time of this round: monotonic nanoseconds, read once a round. */
uint64_t worker_now(const struct worker *worker);

/* A file descriptor that is read when it can be. The watch is the caller's and stays put. */
struct worker_watch {
	int fd;
	void (*readable)(struct worker_watch *watch, struct worker *worker);
};
bool worker_watch_add(struct worker *worker, struct worker_watch *watch);
/* After it, readable() is not called again, not even in this round. */
void worker_watch_remove(struct worker *worker, struct worker_watch *watch);

/* A timer, 1 ms fine at best, never early. Zeroed it is idle; it belongs to its owner. */
struct worker_timer {
	uint64_t at; /* worker_now() at which it is due; 0: idle */
	void (*due)(struct worker_timer *timer, struct worker *worker);
	size_t place; /* the worker's own */
};
bool worker_timer_set(struct worker *worker, struct worker_timer *timer, uint64_t at);
void worker_timer_cancel(struct worker *worker, struct worker_timer *timer); /* idle: fine */

/* Called at the end of every round: batches leave here. One a worker. */
void worker_after_round(struct worker *worker, worker_job *flush, void *magic);

#endif
