/* SPDX-License-Identifier: Apache-2.0 */
/* The watching thread and its list. */
#include "svc/registry/http/deadline.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include <utlist.h>

#define TICK_MIN_MS 5
#define TICK_MAX_MS 250

const char *const deadline_phase_names[DEADLINE_PHASES] = {"headers", "idle",	"body",
							   "work",    "answer", "stream"};

struct deadline {
	int fd;
	_Atomic enum deadline_phase phase;
	_Atomic int64_t at_ms; /* monotonic; 0: none */
	struct deadline *prev, *next;
};

struct deadlines {
	struct deadline_settings settings;
	int64_t tick_ms;
	pthread_t thread;
	pthread_mutex_t
		mutex; /* guards the list and stopping, and that no fd is closed meanwhile */
	pthread_cond_t stop;
	bool stopping;
	struct deadline *list;
};

static int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Shuts down what is late and counts it by phase. libmicrohttpd sees the end of the stream. */
static void close_late(struct deadlines *deadlines, size_t counts[DEADLINE_PHASES])
{
	int64_t now = monotonic_ms();
	struct deadline *one;

	DL_FOREACH(deadlines->list, one)
	{
		int64_t at_ms = one->at_ms;
		enum deadline_phase phase = one->phase;
		/* whoever has just entered another phase was not late after all */
		if (at_ms == 0 || now < at_ms ||
		    !atomic_compare_exchange_strong(&one->at_ms, &at_ms, 0))
			continue;
		counts[phase]++;
		shutdown(one->fd, SHUT_RDWR);
	}
}

static void tell(const struct deadlines *deadlines, const size_t counts[DEADLINE_PHASES])
{
	for (int phase = 0; phase < DEADLINE_PHASES; phase++) {
		for (size_t i = 0; i < counts[phase]; i++)
			deadlines->settings.closed(deadlines->settings.magic, phase);
	}
}

static void wait_tick(struct deadlines *deadlines)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	int64_t ns = until.tv_nsec + deadlines->tick_ms * 1000000;
	until.tv_sec += ns / 1000000000;
	until.tv_nsec = ns % 1000000000;
	pthread_cond_timedwait(&deadlines->stop, &deadlines->mutex, &until);
}

static void *watch(void *magic)
{
	struct deadlines *deadlines = magic;

	pthread_mutex_lock(&deadlines->mutex);
	while (!deadlines->stopping) {
		size_t counts[DEADLINE_PHASES] = {0};
		close_late(deadlines, counts);
		pthread_mutex_unlock(&deadlines->mutex);
		tell(deadlines, counts);
		pthread_mutex_lock(&deadlines->mutex);
		if (!deadlines->stopping)
			wait_tick(deadlines);
	}
	pthread_mutex_unlock(&deadlines->mutex);
	return NULL;
}

static int64_t tick_for(const struct deadline_settings *settings)
{
	int64_t tick = TICK_MAX_MS;

	for (int phase = 0; phase < DEADLINE_PHASES; phase++) {
		int64_t part = settings->ms[phase] / 10;
		if (settings->ms[phase] > 0 && part < tick)
			tick = part;
	}
	return tick < TICK_MIN_MS ? TICK_MIN_MS : tick;
}

struct deadlines *deadlines_start(const struct deadline_settings *settings)
{
	struct deadlines *deadlines = calloc(1, sizeof *deadlines);
	pthread_condattr_t attributes;

	if (deadlines == NULL)
		return NULL;
	deadlines->settings = *settings;
	deadlines->tick_ms = tick_for(settings);
	pthread_mutex_init(&deadlines->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&deadlines->stop, &attributes);
	pthread_condattr_destroy(&attributes);
	errno = pthread_create(&deadlines->thread, NULL, watch, deadlines);
	if (errno != 0) {
		free(deadlines);
		return NULL;
	}
	return deadlines;
}

void deadlines_stop(struct deadlines *deadlines)
{
	if (deadlines == NULL)
		return;
	pthread_mutex_lock(&deadlines->mutex);
	deadlines->stopping = true;
	pthread_cond_signal(&deadlines->stop);
	pthread_mutex_unlock(&deadlines->mutex);
	pthread_join(deadlines->thread, NULL);
	pthread_cond_destroy(&deadlines->stop);
	pthread_mutex_destroy(&deadlines->mutex);
	free(deadlines);
}

static void enter(const struct deadlines *deadlines, struct deadline *deadline,
		  enum deadline_phase phase)
{
	int64_t ms = deadlines->settings.ms[phase];

	deadline->phase = phase;
	deadline->at_ms = ms > 0 ? monotonic_ms() + ms : 0;
}

struct deadline *deadline_add(struct deadlines *deadlines, int fd)
{
	struct deadline *deadline = calloc(1, sizeof *deadline);

	if (deadline == NULL)
		return NULL;
	deadline->fd = fd;
	enter(deadlines, deadline, DEADLINE_HEADERS);
	pthread_mutex_lock(&deadlines->mutex);
	DL_APPEND(deadlines->list, deadline);
	pthread_mutex_unlock(&deadlines->mutex);
	return deadline;
}

void deadline_remove(struct deadlines *deadlines, struct deadline *deadline)
{
	pthread_mutex_lock(&deadlines->mutex);
	DL_DELETE(deadlines->list, deadline);
	pthread_mutex_unlock(&deadlines->mutex);
	free(deadline);
}

void deadline_enter(struct deadlines *deadlines, struct deadline *deadline,
		    enum deadline_phase phase)
{
	enter(deadlines, deadline, phase);
}

size_t deadlines_working(struct deadlines *deadlines)
{
	struct deadline *one;
	size_t n = 0;

	pthread_mutex_lock(&deadlines->mutex);
	DL_FOREACH(deadlines->list, one)
	n += one->phase != DEADLINE_HEADERS && one->phase != DEADLINE_IDLE;
	pthread_mutex_unlock(&deadlines->mutex);
	return n;
}
