/* SPDX-License-Identifier: Apache-2.0 */
/* Prompts of every kind that is read, played in every codec; broken files refused with a reason. */
#include "media/play/g711.h"
#include "media/play/player.h"
#include "media/play/silence.h"

#include <math.h>
#include <ogg/ogg.h>
#include <opus/opus.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECOND 8000
#define TONE   440.0

struct file {
	uint8_t *data;
	size_t len;
};

static int16_t tone(size_t i)
{
	return (int16_t)(10000 * sin(2 * M_PI * TONE * (double)i / SECOND));
}

static void put(struct file *file, const void *data, size_t len)
{
	file->data = realloc(file->data, file->len + len);
	memcpy(file->data + file->len, data, len);
	file->len += len;
}

static void put32(struct file *file, uint32_t v)
{
	const uint8_t bytes[] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
				 (uint8_t)(v >> 24)};

	put(file, bytes, 4);
}

static void put16(struct file *file, unsigned v)
{
	const uint8_t bytes[] = {(uint8_t)v, (uint8_t)(v >> 8)};

	put(file, bytes, 2);
}

/* A second of a tone; tag 1 PCM, 6 A-law, 7 u-law. */
static struct file wav(unsigned tag, unsigned channels, unsigned rate)
{
	struct file file = {0};
	const unsigned bytes = tag == 1 ? 2 : 1;

	put(&file, "RIFF", 4);
	put32(&file, 0);
	put(&file, "WAVEfmt ", 8);
	put32(&file, 16);
	put16(&file, tag);
	put16(&file, channels);
	put32(&file, rate);
	put32(&file, rate * bytes);
	put16(&file, bytes);
	put16(&file, bytes * 8);
	put(&file, "LIST\4\0\0\0abcd", 12);
	put(&file, "data", 4);
	put32(&file, SECOND * bytes);
	for (size_t i = 0; i < SECOND; i++) {
		const int16_t sample = tone(i);
		if (tag == 1)
			put16(&file, (uint16_t)sample);
		else
			put(&file, (uint8_t[]){tag == 6 ? g711_alaw(sample) : g711_ulaw(sample)},
			    1);
	}
	return file;
}

static void flush_pages(ogg_stream_state *stream, struct file *file)
{
	ogg_page page;

	while (ogg_stream_flush(stream, &page)) {
		put(file, page.header, (size_t)page.header_len);
		put(file, page.body, (size_t)page.body_len);
	}
}

static struct file ogg_opus(uint8_t channels)
{
	struct file file = {0};
	ogg_stream_state stream;
	uint8_t head[19] = "OpusHead\1", tags[16] = "OpusTags", frame[400];
	int error;
	OpusEncoder *encoder = opus_encoder_create(SECOND, 1, OPUS_APPLICATION_VOIP, &error);

	head[9] = channels;
	ogg_stream_init(&stream, 1);
	ogg_packet packet = {.packet = head, .bytes = sizeof(head), .b_o_s = 1};
	ogg_stream_packetin(&stream, &packet);
	flush_pages(&stream, &file);
	packet = (ogg_packet){.packet = tags, .bytes = sizeof(tags), .packetno = 1};
	ogg_stream_packetin(&stream, &packet);
	flush_pages(&stream, &file);
	for (size_t i = 0; i < 50; i++) {
		int16_t samples[160];
		for (size_t k = 0; k < 160; k++)
			samples[k] = tone(i * 160 + k);
		packet = (ogg_packet){
			.packet = frame,
			.bytes = opus_encode(encoder, samples, 160, frame, sizeof(frame)),
			.packetno = (ogg_int64_t)i + 2,
			.granulepos = (ogg_int64_t)(i + 1) * 960};
		ogg_stream_packetin(&stream, &packet);
	}
	flush_pages(&stream, &file);
	ogg_stream_clear(&stream);
	opus_encoder_destroy(encoder);
	return file;
}

/* How much of a sound is the tone: Goertzel's share of the whole energy. */
static double share_of_tone(const int16_t *samples, size_t n)
{
	const double k = 2 * cos(2 * M_PI * TONE / SECOND);
	double s1 = 0, s2 = 0, energy = 0;

	for (size_t i = 0; i < n; i++) {
		const double s = samples[i] + k * s1 - s2;
		s2 = s1;
		s1 = s;
		energy += (double)samples[i] * samples[i];
	}
	return energy == 0 ? 0 : (s1 * s1 + s2 * s2 - k * s1 * s2) / (energy * (double)n / 2);
}

/* Plays it and listens. */
static double played(struct prompt *prompt, enum player_codec codec, size_t *payloads)
{
	struct player *player =
		player_new(&(struct player_params){.prompt = prompt, .codec = codec});
	struct player_payload payload;
	static int16_t heard[2 * SECOND];
	size_t n = 0;
	int error;
	OpusDecoder *decoder = opus_decoder_create(SECOND, 1, &error);

	assert_non_null(player);
	for (*payloads = 0; player_next(player, &payload); ++*payloads) {
		assert_int_equal(payload.begins, *payloads == 0);
		assert_true(n + 160 <= 2 * SECOND);
		if (codec == PLAYER_OPUS) {
			assert_int_equal(payload.units, 960);
			assert_int_equal(opus_decode(decoder, payload.data, (opus_int32)payload.len,
						     heard + n, 160, 0),
					 160);
			n += 160;
			continue;
		}
		assert_int_equal(payload.units, 160);
		for (size_t i = 0; i < payload.len; i++)
			heard[n++] = codec == PLAYER_PCMA ? g711_from_alaw(payload.data[i])
							  : g711_from_ulaw(payload.data[i]);
	}
	opus_decoder_destroy(decoder);
	player_free(player);
	return share_of_tone(heard + 800, n - 800);
}

static const enum player_codec codecs[] = {PLAYER_PCMU, PLAYER_PCMA, PLAYER_OPUS};

static void every_file_plays_in_every_codec(void **state)
{
	(void)state;
	struct file files[] = {wav(1, 1, SECOND), wav(6, 1, SECOND), wav(7, 1, SECOND),
			       ogg_opus(1)};

	for (size_t i = 0; i < 4; i++) {
		const char *why;
		struct prompt *prompt = prompt_read(files[i].data, files[i].len, &why);
		assert_non_null(prompt);
		assert_in_range(prompt_ms(prompt), 980, 1000);
		for (size_t k = 0; k < 3; k++) {
			size_t payloads;
			double share = played(prompt, codecs[k], &payloads);
			assert_in_range(payloads, 49, 50);
			if (share < 0.9)
				fail_msg("file %zu in codec %zu: %.2f of it is the tone", i, k,
					 share);
		}
		prompt_unref(prompt);
		free(files[i].data);
	}
}

static size_t count(const struct player_params *params)
{
	struct player *player = player_new(params);
	struct player_payload payload;
	size_t n = 0;

	while (player_next(player, &payload) && n < 1000)
		n++;
	player_free(player);
	return n;
}

static void repeat_duration_and_start_are_kept(void **state)
{
	(void)state;
	struct file files[] = {wav(1, 1, SECOND), ogg_opus(1)};

	for (size_t i = 0; i < 2; i++) {
		const char *why;
		struct prompt *prompt = prompt_read(files[i].data, files[i].len, &why);
		struct player_params params = {.prompt = prompt,
					       .codec = i ? PLAYER_OPUS : PLAYER_PCMU};
		params.repeat = 3;
		assert_in_range(count(&params), 147, 150);
		params.duration_ms = 1500;
		assert_int_equal(count(&params), 75);
		params = (struct player_params){
			.prompt = prompt, .codec = params.codec, .start_ms = 500};
		assert_in_range(count(&params), 24, 26);
		params.start_ms = 5000;
		params.repeat = 1000000;
		assert_int_equal(count(&params), 0);
		prompt_unref(prompt);
		free(files[i].data);
	}
}

static void files_of_the_wrong_kind_are_refused_with_a_reason(void **state)
{
	(void)state;
	struct file files[] = {wav(1, 2, SECOND), wav(1, 1, 44100), wav(2, 1, SECOND), ogg_opus(2)};
	const char *why = NULL;

	for (size_t i = 0; i < 4; i++) {
		assert_null(prompt_read(files[i].data, files[i].len, &why));
		assert_true(strstr(why, "has to") != NULL);
		free(files[i].data);
	}
	assert_null(prompt_read((const uint8_t *)"ID3 and so on", 13, &why));
	assert_string_equal(why, "neither WAV nor Ogg Opus");
}

static void files_cut_anywhere_or_changed_are_survived(void **state)
{
	(void)state;
	struct file files[] = {wav(1, 1, SECOND), ogg_opus(1)};

	for (size_t i = 0; i < 2; i++) {
		const char *why;
		for (size_t n = 0; n < files[i].len && n < 3000; n += n < 100 ? 1 : 37) {
			uint8_t *copy = malloc(n + 1);
			memcpy(copy, files[i].data, n);
			prompt_unref(prompt_read(copy, n, &why));
			if (n > 0) {
				copy[n / 2] ^= 0xff;
				prompt_unref(prompt_read(copy, n, &why));
			}
			free(copy);
		}
		free(files[i].data);
	}
}

static void g711_is_its_own_inverse_and_close(void **state)
{
	(void)state;
	assert_int_equal(g711_ulaw(0), 0xff);
	assert_int_equal(g711_alaw(0), 0xd5);
	for (unsigned code = 0; code < 256; code++) {
		int16_t u = g711_from_ulaw((uint8_t)code), a = g711_from_alaw((uint8_t)code);
		assert_int_equal(g711_from_ulaw(g711_ulaw(u)), u);
		assert_int_equal(g711_from_alaw(g711_alaw(a)), a);
	}
	for (int sample = -32768; sample <= 32767; sample++) {
		int u = g711_from_ulaw(g711_ulaw((int16_t)sample));
		int a = g711_from_alaw(g711_alaw((int16_t)sample));
		int off = abs(sample) / 16 + 16;
		assert_true(abs(u - sample) <= off + (abs(sample) > 32635 ? 700 : 0));
		assert_true(abs(a - sample) <= off);
	}
}

static void silence_is_told_from_speech(void **state)
{
	(void)state;
	struct silence silence = {0};
	uint8_t payload[160];

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = g711_ulaw(tone(i));
	silence_take(&silence, PLAYER_PCMU, payload, sizeof(payload), 20);
	assert_int_equal(silence.loud_ms, 20);
	memset(payload, 0xff, sizeof(payload));
	for (int i = 0; i < 5; i++)
		silence_take(&silence, PLAYER_PCMU, payload, sizeof(payload), 20);
	assert_int_equal(silence.quiet_ms, 100);
	memset(payload, 0xd5, sizeof(payload));
	silence_take(&silence, PLAYER_PCMA, payload, sizeof(payload), 20);
	silence_take(&silence, PLAYER_OPUS, payload, 1, 20);
	assert_int_equal(silence.quiet_ms, 140);
	silence_take(&silence, PLAYER_OPUS, payload, 60, 20);
	assert_int_equal(silence.quiet_ms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_plays_in_every_codec),
		cmocka_unit_test(repeat_duration_and_start_are_kept),
		cmocka_unit_test(files_of_the_wrong_kind_are_refused_with_a_reason),
		cmocka_unit_test(files_cut_anywhere_or_changed_are_survived),
		cmocka_unit_test(g711_is_its_own_inverse_and_close),
		cmocka_unit_test(silence_is_told_from_speech),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
