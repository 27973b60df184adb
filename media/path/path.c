/* SPDX-License-Identifier: Apache-2.0 */
/* What the transports of one worker share. */
#include "media/path/inside.h"

#include <stdlib.h>

struct path *path_new(struct worker *worker, struct port_pool *pool, uint16_t webrtc)
{
	struct path *path = calloc(1, sizeof(*path));

	(void)webrtc;
	if (!path)
		return NULL;
	path->worker = worker;
	path->pool = pool;
	return path;
}

void path_free(struct path *path)
{
	free(path);
}

const struct path_stats *path_stats(const struct path *path)
{
	return &path->stats;
}
