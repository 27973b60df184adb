/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What we say to a party ourselves: announcements, and keys. It comes from a source of our own
 * (SSRC): taking up that of who is relayed would use its sequence numbers, and with SRTP its
 * indices, twice.
 */
#ifndef MEDIA_SESSION_PLAY_H
#define MEDIA_SESSION_PLAY_H

#include "media/play/dtmf.h"
#include "media/play/player.h"
#include "media/session/call.h"

#define PLAY_KEYS_MAX 64

struct play_announcement {
	struct prompt *prompt; /* a reference is taken */
	unsigned repeat, duration_ms, start_ms;
};
/* To the party, in place of what it is told already. NULL: it has begun; else why not. */
const char *play_announcement(struct stream *stream, const struct play_announcement *what);

struct play_keys {
	const char *keys;
	size_t n;
	unsigned duration_ms, pause_ms, volume;
};
/* Keys that who is heard by it presses. NULL: they have begun. */
const char *play_keys(struct stream *hearer, const struct play_keys *what);

/* Ends what is played. false: nothing was. *at_out: how far it came, ms. */
bool play_stop(struct stream *stream, uint64_t *at_out);

#endif
