/* SPDX-License-Identifier: Apache-2.0 */
/* An announcement as bytes ("blob"): read as WAV or Ogg Opus, and played in each codec to its end
 * or for two seconds. What is refused says why. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/play/player.h"

#define PAYLOADS_MAX 100
#define PAGE_HEADER  27 /* of Ogg: RFC 3533 §6 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "fuzz_media_prompt: %s\n", what);
	abort();
}

static void play(struct prompt *prompt, enum player_codec codec, unsigned start_ms)
{
	struct player *player = player_new(&(struct player_params){
		.prompt = prompt, .codec = codec, .repeat = 2, .start_ms = start_ms});
	struct player_payload payload;

	must(player != NULL, "no player");
	for (int i = 0; i < PAYLOADS_MAX && player_next(player, &payload); i++) {
		must(payload.len > 0 && payload.len <= PLAYER_PAYLOAD_MAX, "a payload's length");
		must(payload.units > 0, "a payload that lasts no time");
		must(payload.begins == (i == 0), "the first alone begins");
	}
	player_free(player);
}

static uint32_t checksum(const uint8_t *page, size_t len)
{
	uint32_t value = 0;

	for (size_t i = 0; i < len; i++) {
		value ^= (uint32_t)page[i] << 24;
		for (int bit = 0; bit < 8; bit++)
			value = value << 1 ^ (value & 0x80000000 ? 0x04c11db7 : 0);
	}
	return value;
}

/* Pages get the checksum that they should have: otherwise no change of the input gets beyond it. */
static void mend(uint8_t *data, size_t size)
{
	for (size_t at = 0; at + PAGE_HEADER <= size;) {
		uint8_t *page = data + at;
		size_t len = PAGE_HEADER + page[26];
		uint32_t sum;

		for (size_t i = 0; i < page[26] && at + PAGE_HEADER + i < size; i++)
			len += page[PAGE_HEADER + i];
		if (memcmp(page, "OggS", 4) != 0 || len > size - at)
			return;
		memset(page + 22, 0, 4);
		sum = checksum(page, len);
		for (int i = 0; i < 4; i++)
			page[22 + i] = (uint8_t)(sum >> 8 * i);
		at += len;
	}
}

static struct prompt *read_mended(const uint8_t *data, size_t size, const char **why_out)
{
	uint8_t *copy = malloc(size + 1);
	struct prompt *prompt;

	must(copy != NULL, "no memory");
	memcpy(copy, data, size);
	mend(copy, size);
	prompt = prompt_read(copy, size, why_out);
	free(copy);
	return prompt;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL;
	struct prompt *prompt = read_mended(data, size, &why);

	must((prompt == NULL) == (why != NULL), "refused without a reason, or both");
	if (prompt == NULL)
		return 0;
	must(prompt_ms(prompt) <= PROMPT_SECONDS * 1000U, "longer than ten minutes");
	play(prompt, PLAYER_PCMU, 0);
	play(prompt, PLAYER_PCMA, prompt_ms(prompt) / 2);
	play(prompt, PLAYER_OPUS, 20);
	prompt_unref(prompt);
	return 0;
}
