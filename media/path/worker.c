/* SPDX-License-Identifier: Apache-2.0 */
/* The media thread: waits, tells the time once, runs timers, reads what can be read, does what was
 * posted, sends what was gathered. */
#include "media/path/worker.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "media/path/heap.h"
#include "media/path/rest.h"

#define EVENTS_MAX 256 /* of one round; what is left comes in the next */

struct job {
	struct job *next;
	worker_job *run;
	void *magic;
};

struct mailbox {
	pthread_mutex_t lock;
	struct job *first, **last;
	bool stopping; /* asked to end */
	bool closed;   /* has ended: nothing runs any more */
};

struct worker {
	struct worker_params params;
	pthread_t thread;
	int epoll;
	struct worker_watch wake; /* an eventfd: there is mail */
	struct mailbox mailbox;
	bool mail;     /* the eventfd said so */
	bool stopping; /* seen in the mailbox: no more waiting */
	uint64_t now;
	struct timer_heap timers;
	struct worker_watch alarm; /* a timerfd */
	uint64_t alarm_at;	   /* that it is set to; UINT64_MAX: to nothing */
	struct epoll_event events[EVENTS_MAX];
	int n_events, event; /* of this round; the one that is being read */
	struct rest rest;
	unsigned n_read; /* sockets in this round */
	worker_job *flush;
	void *flush_magic;
};

static uint64_t monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* The timerfd is set only when a timer comes before all that were: nearly every round has none to
 * set, and a wait with a time limit would set one each time. What was cancelled meanwhile wakes us
 * once for nothing. */
static void set_alarm(struct worker *worker)
{
	const struct worker_timer *first = timer_heap_first(&worker->timers);
	struct itimerspec spec = {.it_value = {0, 0}};

	if (!first || first->at >= worker->alarm_at)
		return;
	spec.it_value.tv_sec = (time_t)(first->at / 1000000000);
	spec.it_value.tv_nsec = (long)(first->at % 1000000000);
	if (timerfd_settime(worker->alarm.fd, TFD_TIMER_ABSTIME, &spec, NULL) == 0)
		worker->alarm_at = first->at;
}

/* It rings: timers run in every round anyhow. */
static void alarm_readable(struct worker_watch *watch, struct worker *worker)
{
	uint64_t count;
	ssize_t n = read(watch->fd, &count, sizeof(count));

	(void)n;
	worker->alarm_at = UINT64_MAX;
}

/* Each of those that were due at the start of the round runs once, so a timer that sets itself to
 * what is past cannot hold the worker. */
static void run_timers(struct worker *worker)
{
	for (size_t left = worker->timers.n; left > 0; left--) {
		struct worker_timer *first = timer_heap_first(&worker->timers);

		if (!first || first->at > worker->now)
			return;
		timer_heap_remove(&worker->timers, first);
		first->due(first, worker);
	}
}

static void run_events(struct worker *worker)
{
	for (worker->event = 0; worker->event < worker->n_events; worker->event++) {
		struct worker_watch *watch = worker->events[worker->event].data.ptr;

		if (watch)
			watch->readable(watch, worker);
	}
	worker->n_events = 0;
}

/* NULL: none. The lock is taken only when there is mail, or has to be looked for at the end. */
static struct job *take_jobs(struct worker *worker)
{
	struct mailbox *mailbox = &worker->mailbox;
	struct job *first;

	pthread_mutex_lock(&mailbox->lock);
	first = mailbox->first;
	mailbox->first = NULL;
	mailbox->last = &mailbox->first;
	worker->stopping = mailbox->stopping;
	mailbox->closed = mailbox->stopping && !first;
	pthread_mutex_unlock(&mailbox->lock);
	return first;
}

/* true: asked to end, and the mailbox is empty. */
static bool run_jobs(struct worker *worker)
{
	struct job *next, *job;
	bool done;

	if (!worker->mail && !worker->stopping)
		return false;
	worker->mail = false;
	job = take_jobs(worker);
	done = worker->stopping && !job;
	for (; job; job = next) {
		next = job->next;
		job->run(worker, job->magic);
		free(job);
	}
	return done;
}

/* There is mail: its eventfd is emptied here, and the mail read at the end of the round. */
static void wake_readable(struct worker_watch *watch, struct worker *worker)
{
	uint64_t count;
	ssize_t n = read(watch->fd, &count, sizeof(count));

	(void)n; /* EAGAIN: somebody was faster, which nobody can be */
	worker->mail = true;
}

static void have_rest(struct worker *worker)
{
	uint64_t until;
	struct timespec at;

	if (!rest_after(&worker->rest, worker->now, worker->n_read, &until) || worker->stopping)
		return;
	at.tv_sec = (time_t)(until / 1000000000);
	at.tv_nsec = (long)(until % 1000000000);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

/* true: it was the last one. */
static bool run_round(struct worker *worker)
{
	bool done;
	int n;

	set_alarm(worker);
	n = epoll_wait(worker->epoll, worker->events, EVENTS_MAX, worker->stopping ? 0 : -1);
	worker->n_events = n > 0 ? n : 0;
	worker->n_read = (unsigned)worker->n_events;
	worker->now = monotonic();
	run_timers(worker);
	run_events(worker);
	done = run_jobs(worker);
	if (worker->flush)
		worker->flush(worker, worker->flush_magic);
	have_rest(worker);
	return done;
}

static void *thread_main(void *magic)
{
	struct worker *worker = magic;
	char name[16];

	snprintf(name, sizeof(name), "media-%u", worker->params.index);
	pthread_setname_np(pthread_self(), name);
	if (worker->params.cpu >= 0) {
		cpu_set_t set;

		/* Where it may not (a cpuset), it runs where it may. */
		CPU_ZERO(&set);
		CPU_SET((unsigned)worker->params.cpu, &set);
		pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	}
	worker->now = monotonic();
	/* A rest ends when it says: Linux lengthens each sleep of a thread by 50 us otherwise. */
	prctl(PR_SET_TIMERSLACK, 1UL);
	worker->rest.length = (uint64_t)worker->params.rest_us * 1000;
	if (worker->params.begin)
		worker->params.begin(worker, worker->params.magic);
	while (!run_round(worker))
		continue;
	if (worker->params.end)
		worker->params.end(worker, worker->params.magic);
	return NULL;
}

static void worker_free(struct worker *worker)
{
	if (worker->wake.fd >= 0)
		close(worker->wake.fd);
	if (worker->alarm.fd >= 0)
		close(worker->alarm.fd);
	if (worker->epoll >= 0)
		close(worker->epoll);
	timer_heap_free(&worker->timers);
	pthread_mutex_destroy(&worker->mailbox.lock);
	free(worker);
}

/* Signals are the main thread's. */
static int start_thread(struct worker *worker)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&worker->thread, NULL, thread_main, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

static bool open_watches(struct worker *worker)
{
	worker->wake.readable = wake_readable;
	worker->wake.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	worker->alarm.readable = alarm_readable;
	worker->alarm.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	worker->epoll = epoll_create1(EPOLL_CLOEXEC);
	return worker->wake.fd >= 0 && worker->alarm.fd >= 0 && worker->epoll >= 0 &&
	       worker_watch_add(worker, &worker->wake) && worker_watch_add(worker, &worker->alarm);
}

struct worker *worker_start(const struct worker_params *params)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	int err = 0;

	if (!worker)
		return NULL;
	worker->params = *params;
	pthread_mutex_init(&worker->mailbox.lock, NULL);
	worker->mailbox.last = &worker->mailbox.first;
	worker->alarm_at = UINT64_MAX;
	if (!open_watches(worker))
		err = errno;
	else
		err = start_thread(worker);
	if (err) {
		worker_free(worker);
		errno = err;
		return NULL;
	}
	return worker;
}

static void wake_up(struct worker *worker)
{
	uint64_t one = 1;
	ssize_t n = write(worker->wake.fd, &one, sizeof(one));

	(void)n; /* EAGAIN: it is awake 2^64 times already */
}

void worker_stop(struct worker *worker)
{
	if (!worker)
		return;
	pthread_mutex_lock(&worker->mailbox.lock);
	worker->mailbox.stopping = true;
	pthread_mutex_unlock(&worker->mailbox.lock);
	wake_up(worker);
	pthread_join(worker->thread, NULL);
	worker_free(worker);
}

unsigned worker_index(const struct worker *worker)
{
	return worker->params.index;
}

void *worker_magic(const struct worker *worker)
{
	return worker->params.magic;
}

bool worker_post(struct worker *worker, worker_job *job, void *magic)
{
	struct mailbox *mailbox = &worker->mailbox;
	struct job *mail = malloc(sizeof(*mail));
	bool was_empty, closed;

	if (!mail)
		return false;
	*mail = (struct job){.run = job, .magic = magic};
	pthread_mutex_lock(&mailbox->lock);
	closed = mailbox->closed;
	was_empty = !mailbox->first;
	if (!closed) {
		*mailbox->last = mail;
		mailbox->last = &mail->next;
	}
	pthread_mutex_unlock(&mailbox->lock);
	if (closed)
		free(mail);
	else if (was_empty)
		wake_up(worker);
	return !closed;
}

uint64_t worker_now(const struct worker *worker)
{
	return worker->now;
}

bool worker_watch_add(struct worker *worker, struct worker_watch *watch)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};

	return epoll_ctl(worker->epoll, EPOLL_CTL_ADD, watch->fd, &event) == 0;
}

void worker_watch_remove(struct worker *worker, struct worker_watch *watch)
{
	epoll_ctl(worker->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	for (int i = 0; i < worker->n_events; i++) {
		if (worker->events[i].data.ptr == watch)
			worker->events[i].data.ptr = NULL;
	}
}

bool worker_timer_set(struct worker *worker, struct worker_timer *timer, uint64_t at)
{
	return timer_heap_put(&worker->timers, timer, at > 0 ? at : 1);
}

void worker_timer_cancel(struct worker *worker, struct worker_timer *timer)
{
	timer_heap_remove(&worker->timers, timer);
}

void worker_after_round(struct worker *worker, worker_job *flush, void *magic)
{
	worker->flush = flush;
	worker->flush_magic = magic;
}
