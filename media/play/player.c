/* SPDX-License-Identifier: Apache-2.0 */
/* A prompt cut into payloads. */
#include "media/play/player.h"

#include "media/play/g711.h"

#include <opus/opus.h>
#include <stdlib.h>
#include <string.h>

#define STEP	     (PROMPT_RATE * PLAYER_STEP_MS / 1000) /* samples */
#define OPUS_PER_MS  48
#define UNITS_PER_MS 8 /* of G.711 */

struct player {
	struct player_params params;
	OpusEncoder *encoder; /* where a prompt of another format is for one who speaks Opus */
	size_t at;	      /* the next sample, or the next packet of Opus */
	unsigned round, played_ms;
	bool begun, passes; /* passes: packets of the file go out as they are */
};

static size_t first(const struct player *player)
{
	const uint8_t *data;
	unsigned duration, ms = 0;
	size_t i = 0;

	if (!player->passes)
		return (size_t)player->params.start_ms * (PROMPT_RATE / 1000);
	while (ms < player->params.start_ms &&
	       prompt_opus(player->params.prompt, i, &data, &duration)) {
		ms += duration / OPUS_PER_MS;
		i++;
	}
	return i;
}

struct player *player_new(const struct player_params *params)
{
	struct player *player = calloc(1, sizeof(*player));
	const uint8_t *data;
	unsigned duration;
	int error;

	if (!player)
		return NULL;
	player->params = *params;
	if (player->params.repeat == 0)
		player->params.repeat = 1;
	prompt_ref(params->prompt);
	player->passes = params->codec == PLAYER_OPUS &&
			 prompt_opus(params->prompt, 0, &data, &duration) > 0;
	if (params->codec == PLAYER_OPUS && !player->passes) {
		player->encoder =
			opus_encoder_create(PROMPT_RATE, 1, OPUS_APPLICATION_VOIP, &error);
		if (!player->encoder) {
			player_free(player);
			return NULL;
		}
	}
	player->at = first(player);
	return player;
}

void player_free(struct player *player)
{
	if (!player)
		return;
	if (player->encoder)
		opus_encoder_destroy(player->encoder);
	prompt_unref(player->params.prompt);
	free(player);
}

/* A frame of samples; the last one of a prompt ends in silence. */
static bool next_samples(struct player *player, int16_t frame[STEP])
{
	size_t n;
	const int16_t *samples = prompt_samples(player->params.prompt, &n);

	if (player->at >= n)
		return false;
	const size_t left = n - player->at, take = left < STEP ? left : STEP;
	memcpy(frame, samples + player->at, take * sizeof(*frame));
	memset(frame + take, 0, (STEP - take) * sizeof(*frame));
	player->at += STEP;
	return true;
}

static bool encode(struct player *player, struct player_payload *out)
{
	int16_t frame[STEP];

	if (!next_samples(player, frame))
		return false;
	if (player->encoder) {
		const opus_int32 n =
			opus_encode(player->encoder, frame, STEP, out->data, sizeof(out->data));
		out->len = n > 0 ? (size_t)n : 0;
		out->units = PLAYER_STEP_MS * OPUS_PER_MS;
		return n > 0;
	}
	for (size_t i = 0; i < STEP; i++)
		out->data[i] = player->params.codec == PLAYER_PCMA ? g711_alaw(frame[i])
								   : g711_ulaw(frame[i]);
	out->len = STEP;
	out->units = PLAYER_STEP_MS * UNITS_PER_MS;
	return true;
}

static bool pass(struct player *player, struct player_payload *out)
{
	const uint8_t *data;
	unsigned duration;
	const size_t n = prompt_opus(player->params.prompt, player->at, &data, &duration);

	if (n == 0 || n > sizeof(out->data))
		return false;
	memcpy(out->data, data, n);
	out->len = n;
	out->units = duration;
	player->at++;
	return true;
}

static bool take(struct player *player, struct player_payload *out)
{
	return player->passes ? pass(player, out) : encode(player, out);
}

static bool is_over(const struct player *player)
{
	return player->params.duration_ms && player->played_ms >= player->params.duration_ms;
}

/* Once more from its beginning. false: it has been played as often as was asked, or it begins
 * behind its end. */
static bool again(struct player *player, struct player_payload *out)
{
	if (++player->round >= player->params.repeat)
		return false;
	player->at = first(player);
	return take(player, out);
}

bool player_next(struct player *player, struct player_payload *out)
{
	if (is_over(player) || (!take(player, out) && !again(player, out)))
		return false;
	out->begins = !player->begun;
	player->begun = true;
	player->played_ms +=
		out->units / (player->params.codec == PLAYER_OPUS ? OPUS_PER_MS : UNITS_PER_MS);
	return true;
}
