/* SPDX-License-Identifier: Apache-2.0 */
/* One thread at a time, with a bounded wait. */
#ifndef REGISTRY_TURN_H
#define REGISTRY_TURN_H

#include <pthread.h>
#include <stdbool.h>

struct turn {
	pthread_mutex_t mutex; /* guards taken */
	pthread_cond_t given;
	bool taken;
};

void turn_init(struct turn *turn);
void turn_clear(struct turn *turn); /* nobody has it or waits for it */

bool turn_take(struct turn *turn, int wait_ms); /* false: another one had it all the time */
void turn_give(struct turn *turn);

#endif
