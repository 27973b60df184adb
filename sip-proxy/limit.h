/* SPDX-License-Identifier: Apache-2.0 */
/* How many requests one address may send: a token bucket each, in a table of fixed size. */
#ifndef PROXY_LIMIT_H
#define PROXY_LIMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct limiter;

struct limiter *limiter_new(void); /* NULL: no memory */
void limiter_free(struct limiter *limiter);

struct limiter_rate {
	int64_t per_second; /* 0: unlimited */
	int64_t burst;
};

/* Takes one token of source; false when there is none. Addresses that share a slot share its
 * tokens: an attacker with many addresses gains nothing, a neighbour may lose some. */
bool limiter_take(struct limiter *limiter, const struct sockaddr *source,
		  const struct limiter_rate *rate, int64_t now_ms);

#endif
