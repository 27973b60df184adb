/* SPDX-License-Identifier: Apache-2.0 */
/* A rest is worth it by what the last window brought. */
#include "media/path/rest.h"

bool rest_after(struct rest *rest, uint64_t now, unsigned events, uint64_t *until_out)
{
	const uint64_t passed = now - rest->window;

	rest->events += events;
	if (passed >= REST_WINDOW_NS) {
		rest->worth = rest->events * rest->length >= REST_GATHERS * passed;
		rest->window = now;
		rest->events = 0;
	}
	*until_out = now + rest->length;
	return rest->worth && rest->length > 0;
}
