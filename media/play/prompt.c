/* SPDX-License-Identifier: Apache-2.0 */
/* A prompt and its life. */
#include "media/play/prompt_private.h"

#include <stdlib.h>
#include <string.h>

struct prompt *prompt_read(const uint8_t *data, size_t len, const char **why_out)
{
	struct prompt *prompt = calloc(1, sizeof(*prompt));

	*why_out = "no memory";
	if (!prompt)
		return NULL;
	atomic_init(&prompt->references, 1);
	if (len > PROMPT_BYTES_MAX)
		*why_out = "longer than 16 MiB";
	else if (len >= 12 && memcmp(data, "RIFF", 4) == 0 && memcmp(data + 8, "WAVE", 4) == 0)
		*why_out = prompt_read_wav(prompt, data, len);
	else if (len >= 4 && memcmp(data, "OggS", 4) == 0)
		*why_out = prompt_read_opus(prompt, data, len);
	else
		*why_out = "neither WAV nor Ogg Opus";
	if (!*why_out && prompt->n_samples == 0)
		*why_out = "no sound in it";
	if (!*why_out)
		return prompt;
	prompt_unref(prompt);
	return NULL;
}

struct prompt *prompt_ref(struct prompt *prompt)
{
	atomic_fetch_add(&prompt->references, 1);
	return prompt;
}

void prompt_unref(struct prompt *prompt)
{
	if (!prompt || atomic_fetch_sub(&prompt->references, 1) != 1)
		return;
	free(prompt->samples);
	free(prompt->opus);
	free(prompt->packets);
	free(prompt);
}

unsigned prompt_ms(const struct prompt *prompt)
{
	return (unsigned)(prompt->n_samples * 1000 / PROMPT_RATE);
}

const int16_t *prompt_samples(const struct prompt *prompt, size_t *n_out)
{
	*n_out = prompt->n_samples;
	return prompt->samples;
}

size_t prompt_opus(const struct prompt *prompt, size_t i, const uint8_t **data_out,
		   unsigned *duration_out)
{
	if (i >= prompt->n_packets)
		return 0;
	*data_out = prompt->opus + prompt->packets[i].offset;
	*duration_out = prompt->packets[i].duration;
	return prompt->packets[i].len;
}
