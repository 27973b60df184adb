/* SPDX-License-Identifier: Apache-2.0 */
/* Has a party fallen silent, or begun to speak? Of G.711 by its level, of Opus by its packets. */
#ifndef MEDIA_PLAY_SILENCE_H
#define MEDIA_PLAY_SILENCE_H

#include "media/play/player.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SILENCE_OPUS_MAX 3 /* bytes of a packet while nothing is sent (DTX), RFC 6716 §2.1.9 */

struct silence {
	unsigned threshold; /* mean level out of 32767 below which it is silent; 0: 1 per cent */
	uint64_t quiet_ms;  /* for so long already; 0: not silent */
	uint64_t loud_ms;
};

/* One payload of ms milliseconds. */
void silence_take(struct silence *silence, enum player_codec codec, const uint8_t *payload,
		  size_t len, unsigned ms);

#endif
