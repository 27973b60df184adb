/* SPDX-License-Identifier: Apache-2.0 */
/* When the state file is read and written, and what the log and the metrics say of it. */
#include "media/handover.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "media/metrics.h"
#include "svc/runtime/wipe.h"

#define IN_MEMORY   "/run/"
#define CREDENTIALS "/run/credentials/" /* systemd's: what is missing there is not ours to make */

static bool starts_with(const char *path, const char *prefix)
{
	return strncmp(path, prefix, strlen(prefix)) == 0;
}

bool handover_open(const struct state_options *options, struct state_file *out, char *err,
		   size_t size)
{
	const char *key = options->key_file;

	*out = (struct state_file){.path = NULL};
	/* Of this process alone, while it has one thread. The keys of calls go through jansson, and
	 * its reader and its writer have copies of theirs that no walk over a tree would find. */
	json_set_alloc_funcs(malloc, wipe_free);
	if (options->file == NULL)
		return true;
	/* On a disk, a key that nobody put there would lie beside what it is to protect. */
	if (!seal_key_load(key, starts_with(key, IN_MEMORY) && !starts_with(key, CREDENTIALS),
			   &out->key, err, size))
		return false;
	out->path = options->file;
	return true;
}

void handover_take(struct sessions *sessions, const struct state_file *file, struct log *log,
		   struct metrics *metrics)
{
	struct state_outcome outcome;
	char err[400] = "";

	if (file->path == NULL)
		return;
	if (!state_restore(sessions, file, &outcome, err, sizeof(err)))
		log_event(log, LOG_WARNING, "state.refused", F_STR("why", err));
	metrics_add(metrics, MEDIA_CALLS_RESTORED, &(struct metric_labels){{"restored"}},
		    (double)outcome.calls);
	metrics_add(metrics, MEDIA_CALLS_RESTORED, &(struct metric_labels){{"lost"}},
		    (double)outcome.lost);
	if (outcome.calls > 0 || outcome.lost > 0)
		log_event(log, LOG_INFO, "state.restored", F_INT("calls", (int64_t)outcome.calls),
			  F_INT("lost", (int64_t)outcome.lost), F_INT("ms", outcome.ms));
}

bool handover_give(struct sessions *sessions, const struct state_file *file, struct log *log)
{
	struct state_outcome outcome;
	char err[400] = "";

	if (!state_save(sessions, file, &outcome, err, sizeof(err))) {
		log_event(log, LOG_ERROR, "state.failed", F_STR("why", err));
		return false;
	}
	log_event(log, LOG_INFO, "state.saved", F_INT("calls", (int64_t)outcome.calls),
		  F_INT("lost", (int64_t)outcome.lost), F_INT("bytes", (int64_t)outcome.bytes),
		  F_INT("ms", outcome.ms));
	return true;
}

void handover_close(struct state_file *file)
{
	explicit_bzero(&file->key, sizeof(file->key));
	file->path = NULL;
}
