/* SPDX-License-Identifier: Apache-2.0 */
/* Effects of what was agreed, for streams and parties. */
#ifndef MEDIA_SESSION_SETTLE_H
#define MEDIA_SESSION_SETTLE_H

#include "media/session/command.h"

/* Where the party's legs are: what the request says, else where they were, else the family of what
 * the party said, else that of peer. NULL: done. */
const char *settle_interface(struct party *party, const struct ng_request *request, bool sender,
			     const struct party *peer);
/* Can a leg of these terms stand on the worker's shared port? Not where we have to check: answers
 * to checks name nobody. */
bool settle_shared(const struct stream *stream, const struct terms *terms);
/* answers: the party answered us; else we answer it. */
bool settle_one(struct stream *stream, const struct terms *terms, const struct command_run *run,
		bool answers);
/* The same by what is agreed; only for the first m-line of a leg. */
bool settle_stream(struct stream *stream, const struct command_run *run, bool answers);

#endif
