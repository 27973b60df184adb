/* SPDX-License-Identifier: Apache-2.0 */
/* The mean level of a payload. */
#include "media/play/silence.h"

#include "media/play/g711.h"

#include <stdlib.h>

#define DEFAULT_THRESHOLD 327

static bool is_quiet(const struct silence *silence, enum player_codec codec, const uint8_t *payload,
		     size_t len)
{
	uint64_t sum = 0;

	if (codec == PLAYER_OPUS)
		return len <= SILENCE_OPUS_MAX;
	for (size_t i = 0; i < len; i++)
		sum += (uint64_t)abs(codec == PLAYER_PCMA ? g711_from_alaw(payload[i])
							  : g711_from_ulaw(payload[i]));
	return len == 0 ||
	       sum / len < (silence->threshold ? silence->threshold : DEFAULT_THRESHOLD);
}

void silence_take(struct silence *silence, enum player_codec codec, const uint8_t *payload,
		  size_t len, unsigned ms)
{
	if (is_quiet(silence, codec, payload, len)) {
		silence->quiet_ms += ms;
		silence->loud_ms = 0;
	} else {
		silence->loud_ms += ms;
		silence->quiet_ms = 0;
	}
}
