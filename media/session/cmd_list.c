/* SPDX-License-Identifier: Apache-2.0 */
/* list: call-ids, 32 of them unless more are asked for. */
#include "media/session/command.h"

#define LIST_DEFAULT 32
#define LIST_FRAME   8	   /* bytes beside a call-id, in either encoding */
#define LIST_BYTES   60000 /* what fits a datagram */

void tour_list(struct tour *tour, struct desk *desk)
{
	if (!tour->calls) {
		tour->calls = ng_put_list(tour->reply, "calls");
		if (tour->limit < 0)
			tour->limit = LIST_DEFAULT;
		tour->room = LIST_BYTES;
	}
	for (const struct call *call = desk->calls; call && tour->limit > 0;
	     call = call->hh.next, tour->limit--) {
		size_t needs = call->id_len + LIST_FRAME;

		if (needs > tour->room)
			return;
		tour->room -= needs;
		ng_add_span(tour->calls, call->id, call->id_len);
	}
}
