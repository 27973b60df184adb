/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All calls to the state file, and back. What is written was the last that this process did for
 * them: from the moment of saving on no packet passes, unless the file could not be written.
 */
#ifndef MEDIA_STATE_STATE_H
#define MEDIA_STATE_STATE_H

#include "media/session/session.h"
#include "media/state/seal.h"

struct state_file {
	const char *path;
	struct seal_key key;
};

struct state_outcome {
	size_t calls; /* saved, or restored */
	size_t lost;  /* not; each is logged with the reason */
	size_t bytes; /* of the file */
	unsigned ms;
};

/* Commands must have ended. true: the calls are in the file, and none is left here. false: they go
 * on as if nothing had been. */
bool state_save(struct sessions *sessions, const struct state_file *file, struct state_outcome *out,
		char *err, size_t size);

/* Before commands come. No file is no failure. false: there was one that cannot be used, and is
 * gone. */
bool state_restore(struct sessions *sessions, const struct state_file *file,
		   struct state_outcome *out, char *err, size_t size);

#endif
