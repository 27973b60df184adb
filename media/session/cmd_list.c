/* SPDX-License-Identifier: Apache-2.0 */
/* list: call-ids, 32 of them unless more are asked for. */
#include "media/session/command.h"

#define LIST_DEFAULT 32
#define LIST_MAX     2000 /* what fits a datagram */

void tour_list(struct tour *tour, struct desk *desk)
{
	if (!tour->calls) {
		tour->calls = ng_put_list(tour->reply, "calls");
		if (tour->limit < 0)
			tour->limit = LIST_DEFAULT;
		if (tour->limit > LIST_MAX)
			tour->limit = LIST_MAX;
	}
	for (const struct call *call = desk->calls; call && tour->limit > 0;
	     call = call->hh.next, tour->limit--)
		ng_add_string(tour->calls, call->id);
}
