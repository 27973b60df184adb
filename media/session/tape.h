/* SPDX-License-Identifier: Apache-2.0 */
/* The recording of a call: what comes from each party, and what we say ourselves. */
#ifndef MEDIA_SESSION_TAPE_H
#define MEDIA_SESSION_TAPE_H

#include "media/session/call.h"

/* Begins, or goes on after a pause. NULL: it runs; else why not. */
const char *tape_start(struct call *call);
void tape_pause(struct call *call);
void tape_stop(struct call *call); /* also where there is none */
/* Every stream is listened to, those too that came since. */
void tape_wire(struct call *call);
/* A packet of our own towards the party, not protected yet. */
void tape_out(const struct stream *stream, const struct packet *packet);

const char *tape_state(const struct call *call); /* "on", "paused", "off" */
const char *tape_name(const struct call *call);	 /* of its file; "": none */

#endif
