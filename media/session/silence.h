/* SPDX-License-Identifier: Apache-2.0 */
/* Silence in place of what was said. */
#ifndef MEDIA_SESSION_SILENCE_H
#define MEDIA_SESSION_SILENCE_H

#include "media/rtp/packet.h"
#include "media/session/said.h"

/* false: the codec has no silence that we know; the packet must not pass. */
bool silence_fill(const struct said *said, struct packet *packet);

#endif
