/* SPDX-License-Identifier: Apache-2.0 */
/* An announcement, read whole: WAV (16 bits, or G.711) or Ogg Opus, mono. Immutable; any thread. */
#ifndef MEDIA_PLAY_PROMPT_H
#define MEDIA_PLAY_PROMPT_H

#include <stddef.h>
#include <stdint.h>

#define PROMPT_RATE	 8000
#define PROMPT_SECONDS	 600	    /* the longest */
#define PROMPT_BYTES_MAX (16 << 20) /* of a file */

struct prompt;

/* NULL: why_out says what is wrong with the file, and what would be right. The bytes are not kept.
 */
struct prompt *prompt_read(const uint8_t *data, size_t len, const char **why_out);
struct prompt *prompt_ref(struct prompt *prompt);
void prompt_unref(struct prompt *prompt);
unsigned prompt_ms(const struct prompt *prompt);

/* Samples of 8000 Hz; *n_out of them. */
const int16_t *prompt_samples(const struct prompt *prompt, size_t *n_out);
/* Of an Opus file: its packet i, as it stands there, and how many samples of 48 kHz it lasts. 0: no
 * more, or no Opus file. */
size_t prompt_opus(const struct prompt *prompt, size_t i, const uint8_t **data_out,
		   unsigned *duration_out);

#endif
