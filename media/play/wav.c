/* SPDX-License-Identifier: Apache-2.0 */
/* WAV: a RIFF of chunks, of which "fmt " and "data" count. */
#include "media/play/g711.h"
#include "media/play/prompt_private.h"

#include <stdlib.h>
#include <string.h>

#define CHUNKS_MAX 64

enum { WAVE_PCM = 1, WAVE_ALAW = 6, WAVE_ULAW = 7 };

static uint32_t little32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static unsigned little16(const uint8_t *p)
{
	return (unsigned)p[1] << 8 | p[0];
}

/* A data chunk that its header makes longer than the file is read to the file's end: writers that
 * were cut off leave 0xffffffff there. */
static const uint8_t *find_chunk(const uint8_t *data, size_t len, const char *id, size_t *n_out)
{
	size_t at = 12;

	for (int i = 0; i < CHUNKS_MAX && at + 8 <= len; i++) {
		const size_t n = little32(data + at + 4), left = len - at - 8;
		if (memcmp(data + at, id, 4) == 0) {
			*n_out = n < left ? n : left;
			return data + at + 8;
		}
		if (n >= left)
			return NULL;
		at += 8 + n + (n & 1);
	}
	return NULL;
}

static const char *check_format(const uint8_t *format, size_t len)
{
	if (!format || len < 16)
		return "a WAV file without a format";
	const unsigned tag = little16(format), bits = little16(format + 14);
	if (little16(format + 2) != 1 || little32(format + 4) != PROMPT_RATE)
		return "a WAV file has to be mono and of 8000 Hz";
	if ((tag == WAVE_PCM && bits == 16) ||
	    ((tag == WAVE_ALAW || tag == WAVE_ULAW) && bits == 8))
		return NULL;
	return "a WAV file has to hold 16-bit PCM or G.711";
}

const char *prompt_read_wav(struct prompt *prompt, const uint8_t *data, size_t len)
{
	size_t format_len = 0, n = 0;
	const uint8_t *format = find_chunk(data, len, "fmt ", &format_len);
	const uint8_t *sound = find_chunk(data, len, "data", &n);
	const char *wrong = check_format(format, format_len);

	if (wrong)
		return wrong;
	const unsigned tag = little16(format);
	const size_t samples = tag == WAVE_PCM ? n / 2 : n;
	if (!sound)
		return "a WAV file without data";
	if (samples > PROMPT_SAMPLES_MAX)
		return "longer than ten minutes";
	prompt->samples = calloc(samples + 1, sizeof(*prompt->samples));
	if (!prompt->samples)
		return "no memory";
	prompt->n_samples = samples;
	for (size_t i = 0; i < samples; i++)
		prompt->samples[i] = tag == WAVE_PCM	? (int16_t)little16(sound + 2 * i)
				     : tag == WAVE_ALAW ? g711_from_alaw(sound[i])
							: g711_from_ulaw(sound[i]);
	return NULL;
}
