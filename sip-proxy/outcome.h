/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the registry that calls which had been announced were answered. The call is not there any
 * more, or goes on: nothing waits for this, so that it has threads and a deadline of its own and is
 * tried again until it is told or too old. The registry takes the same outcome twice as once. The
 * loop's thread only.
 */
#ifndef PROXY_OUTCOME_H
#define PROXY_OUTCOME_H

#include <stdbool.h>

struct proxy;

/* After registry_start(), once there is a loop. Without a registry nothing is started. false: the
 * threads do not start. */
bool outcome_start(struct proxy *proxy);

/* The call with this receipt was answered. What finds no place is counted. An empty receipt is that
 * of a call which nobody announced. */
void outcome_answered(struct proxy *proxy, const char *receipt);

/* Once a second: drops what is too old, says what was dropped. */
void outcome_tick(struct proxy *proxy);

/* Tells what waits as long as the registry listens, for two seconds and what one request may take
 * at the most; the rest is dropped and counted. */
void outcome_stop(struct proxy *proxy);

#endif
