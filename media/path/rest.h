/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a worker rests between two rounds. To wake up costs as much as carrying several packets, on
 * a virtual machine far more; where packets come so thick that a short rest gathers some of them,
 * one wake-up serves all. Where they come thin none is delayed. A pure function of what has come.
 */
#ifndef MEDIA_PATH_REST_H
#define MEDIA_PATH_REST_H

#include <stdbool.h>
#include <stdint.h>

#define REST_WINDOW_NS 16000000 /* over which it is seen how thick they come */
#define REST_GATHERS   4	/* what a rest has to gather, on average, to be worth it */

struct rest {
	uint64_t length; /* of a rest, ns; 0: never */
	uint64_t window; /* when it began */
	uint64_t events; /* of the window so far */
	bool worth;	 /* by the window before */
};

/* After a round that began at now and read so many sockets. true: rest until *until_out. */
bool rest_after(struct rest *rest, uint64_t now, unsigned events, uint64_t *until_out);

#endif
