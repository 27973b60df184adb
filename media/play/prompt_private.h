/* SPDX-License-Identifier: Apache-2.0 */
/* What prompt.c and the readers of the two formats share. */
#ifndef MEDIA_PLAY_PROMPT_PRIVATE_H
#define MEDIA_PLAY_PROMPT_PRIVATE_H

#include "media/play/prompt.h"

#include <stdatomic.h>
#include <stdbool.h>

#define PROMPT_SAMPLES_MAX ((size_t)PROMPT_RATE * PROMPT_SECONDS)
#define PROMPT_PACKETS_MAX ((size_t)PROMPT_SECONDS * 400) /* Opus packets of 2.5 ms */

struct prompt_packet {
	size_t offset;
	uint16_t len, duration; /* samples of 48 kHz */
};

struct prompt {
	atomic_uint references;
	int16_t *samples;
	size_t n_samples;
	uint8_t *opus;
	size_t opus_len;
	struct prompt_packet *packets;
	size_t n_packets;
};

/* Fill samples, and packets where there are such. NULL: done; otherwise what is wrong. */
const char *prompt_read_wav(struct prompt *prompt, const uint8_t *data, size_t len);
const char *prompt_read_opus(struct prompt *prompt, const uint8_t *data, size_t len);

#endif
