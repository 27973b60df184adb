/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Not pthread_mutex_clocklock(), which ThreadSanitizer does not know, nor
 * pthread_mutex_timedlock(), whose clock somebody may set.
 */
#include "svc/registry/store/turn.h"

#include <time.h>

void turn_init(struct turn *turn)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&turn->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&turn->given, &attributes);
	pthread_condattr_destroy(&attributes);
	turn->taken = false;
}

void turn_clear(struct turn *turn)
{
	pthread_cond_destroy(&turn->given);
	pthread_mutex_destroy(&turn->mutex);
}

bool turn_take(struct turn *turn, int wait_ms)
{
	struct timespec until;
	int late = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += wait_ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&turn->mutex);
	while (turn->taken && late == 0)
		late = pthread_cond_timedwait(&turn->given, &turn->mutex, &until);
	bool got = !turn->taken;
	turn->taken = true;
	pthread_mutex_unlock(&turn->mutex);
	return got;
}

void turn_give(struct turn *turn)
{
	pthread_mutex_lock(&turn->mutex);
	turn->taken = false;
	pthread_cond_signal(&turn->given);
	pthread_mutex_unlock(&turn->mutex);
}
