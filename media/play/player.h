/* SPDX-License-Identifier: Apache-2.0 */
/* A prompt on its way to one party: payload after payload, in the codec that the party speaks. */
#ifndef MEDIA_PLAY_PLAYER_H
#define MEDIA_PLAY_PLAYER_H

#include "media/play/prompt.h"

#include <stdbool.h>

#define PLAYER_STEP_MS	   20
#define PLAYER_PAYLOAD_MAX 1275 /* of Opus: RFC 6716 §3.4 */

enum player_codec { PLAYER_PCMU, PLAYER_PCMA, PLAYER_OPUS };

struct player_params {
	struct prompt *prompt; /* a reference is taken */
	enum player_codec codec;
	unsigned repeat;      /* times; 0 and 1: once */
	unsigned duration_ms; /* at most; 0: no limit */
	unsigned start_ms;
};

struct player;

struct player *player_new(const struct player_params *params); /* NULL: no memory */
void player_free(struct player *player);

struct player_payload {
	uint8_t data[PLAYER_PAYLOAD_MAX];
	size_t len;
	uint32_t units; /* of the timestamp that it lasts: 160 of G.711, 960 of Opus */
	bool begins;	/* the first: the marker bit */
};
/* The next payload; they follow each other by what each lasts. false: it is over. */
bool player_next(struct player *player, struct player_payload *out);

#endif
