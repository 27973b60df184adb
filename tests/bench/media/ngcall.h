/* SPDX-License-Identifier: Apache-2.0 */
/* Offer, answer and delete of a call over ng. */
#ifndef TESTS_BENCH_MEDIA_NGCALL_H
#define TESTS_BENCH_MEDIA_NGCALL_H

#include "tests/bench/media/endpoint.h"

struct ngcall_peer {
	int fd;
	unsigned cookie;
};

bool ngcall_open(struct ngcall_peer *peer, uint16_t port);
/* NULL: it stands; otherwise why not (static, or the relay's error-reason until the next call). */
const char *ngcall_start(struct ngcall_peer *peer, size_t number, struct endpoint *calling,
			 struct endpoint *called);
void ngcall_end(struct ngcall_peer *peer, size_t number);

#endif
