/* SPDX-License-Identifier: Apache-2.0 */
/* ITU-T G.711: eight segments, each twice as coarse as the one below it. */
#include "media/play/g711.h"

#define ULAW_BIAS 0x84	 /* 33 of G.711's 14 bits, in 16 */
#define ULAW_CLIP 0x7f7b /* so that the bias does not overflow */

/* The number of the highest set bit above bit 7: the segment. */
static unsigned segment(unsigned magnitude)
{
	unsigned n = 0;

	for (magnitude >>= 8; magnitude; magnitude >>= 1)
		n++;
	return n;
}

uint8_t g711_ulaw(int16_t sample)
{
	const unsigned sign = sample < 0 ? 0x80 : 0;
	unsigned magnitude = (unsigned)(sample < 0 ? -(int)sample : sample);

	if (magnitude > ULAW_CLIP)
		magnitude = ULAW_CLIP;
	magnitude += ULAW_BIAS;
	const unsigned high = segment(magnitude);
	return (uint8_t) ~(sign | high << 4 | (magnitude >> (high + 3) & 0x0f));
}

int16_t g711_from_ulaw(uint8_t code)
{
	const unsigned bits = (uint8_t)~code;
	const int magnitude =
		(int)((((bits & 0x0f) << 3) + ULAW_BIAS) << (bits >> 4 & 7)) - ULAW_BIAS;

	return (int16_t)(bits & 0x80 ? -magnitude : magnitude);
}

uint8_t g711_alaw(int16_t sample)
{
	/* 13 bits in the upper part; negative numbers by their complement */
	const unsigned mask = sample < 0 ? 0x55 : 0xd5;
	const unsigned magnitude = (unsigned)(sample < 0 ? ~(int)sample : sample);
	const unsigned high = segment(magnitude);
	const unsigned low = high < 2 ? magnitude >> 4 & 0x0f : magnitude >> (high + 3) & 0x0f;

	return (uint8_t)((high << 4 | low) ^ mask);
}

int16_t g711_from_alaw(uint8_t code)
{
	const unsigned bits = code ^ 0x55;
	const unsigned high = bits >> 4 & 7;
	int magnitude = (int)((bits & 0x0f) << 4) + 8;

	if (high > 0)
		magnitude = (magnitude + 0x100) << (high - 1);
	return (int16_t)(bits & 0x80 ? magnitude : -magnitude);
}
