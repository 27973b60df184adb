/* SPDX-License-Identifier: Apache-2.0 */
/* Calls handed over from one process to the next, by the state file. */
#ifndef MEDIA_HANDOVER_H
#define MEDIA_HANDOVER_H

#include "media/options.h"
#include "media/state/state.h"

/* Before there are threads. The key of the file, made where it is missing and lives in memory; and
 * whatever jansson frees from now on is wiped. out->path NULL: calls are not handed over. false:
 * err says why. */
bool handover_open(const struct state_options *options, struct state_file *out, char *err,
		   size_t size);
/* What the process before has left, if anything. Says in the log what became of it. */
void handover_take(struct sessions *sessions, const struct state_file *file, struct log *log,
		   struct metrics *metrics);
/* true: all calls are in the file, and none is here. */
bool handover_give(struct sessions *sessions, const struct state_file *file, struct log *log);
void handover_close(struct state_file *file);

#endif
