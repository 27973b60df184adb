/* SPDX-License-Identifier: Apache-2.0 */
/* What the transports of one worker share. */
#include "media/path/inside.h"

#include <stdlib.h>

static void after_round(struct worker *worker, void *magic)
{
	(void)worker;
	shared_flush(((struct path *)magic)->shared);
}

struct path *path_new(struct worker *worker, struct port_pool *pool, uint16_t webrtc)
{
	struct path *path = calloc(1, sizeof(*path));

	if (!path)
		return NULL;
	path->worker = worker;
	path->pool = pool;
	if (webrtc == 0)
		return path;
	path->shared = shared_new(path, webrtc);
	if (!path->shared) {
		free(path);
		return NULL;
	}
	worker_after_round(worker, after_round, path);
	return path;
}

void path_free(struct path *path)
{
	if (!path)
		return;
	if (path->shared) {
		shared_flush(path->shared);
		worker_after_round(path->worker, NULL, NULL);
		shared_free(path->shared);
	}
	free(path);
}

const struct path_stats *path_stats(const struct path *path)
{
	return &path->stats;
}
