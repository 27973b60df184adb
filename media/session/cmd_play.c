/* SPDX-License-Identifier: Apache-2.0 */
/* play and stop media, play DTMF, start and stop listening. */
#include <openssl/crypto.h>
#include <string.h>

#include "media/session/command.h"
#include "media/session/ear.h"
#include "media/session/play.h"
#include "media/play/prompts.h"
#include "media/session/select.h"

#define LONGEST_MS 86400000
#define VOLUME	   8 /* dBm0 below 0, as rtpengine has it */
#define VOLUME_MAX 63
#define KEY_MIN_MS 40 /* ITU-T Q.24: what receivers have to know as a key */

static unsigned bounded(int64_t number, int64_t fallback, int64_t max)
{
	if (number < 0)
		number = fallback;
	return (unsigned)(number < max ? number : max);
}

static bool is_audio(const struct stream *stream)
{
	return strcmp(stream->said.type, "audio") == 0;
}

/* For each stream of audio, with a way to its party, of the parties that are meant. */
typedef const char *stream_function(struct stream *stream, void *magic);

/* NULL: done for one at least; otherwise the last reason why not. */
static const char *for_each(struct command_run *run, stream_function *function, void *magic)
{
	const char *why = select_none(run->request), *said;
	bool done = false;

	for (struct party *party = run->call->parties; party; party = party->next) {
		if (!select_all(run->request) && !select_party(party, run->request))
			continue;
		for (size_t i = 0; i < party->n_streams; i++) {
			if (!is_audio(party->streams[i]))
				continue;
			said = function(party->streams[i], magic);
			done = done || !said;
			why = said ? said : why;
		}
	}
	call_touch(run->call);
	return done ? NULL : why;
}

static const char *play_one(struct stream *stream, void *magic)
{
	return stream->leg ? play_announcement(stream, magic) : "The party has no media yet";
}

static const char *order(struct command_run *run)
{
	const struct ng_request *request = run->request;
	struct prompt_order *order = run->order;

	if (request->file.n == 0 && request->blob.n == 0)
		return "No file or blob in message";
	if (request->file.n > 0) {
		order->name = request->file.p;
		order->name_len = request->file.n;
	} else {
		order->data = (const uint8_t *)request->blob.p;
		order->len = request->blob.n;
	}
	run->later = true;
	prompts_read(run->desk->sessions->prompts, order);
	return NULL;
}

/* Runs twice: once to have the prompt read, and again when it is there. */
const char *command_play_media(struct command_run *run)
{
	const struct ng_request *request = run->request;
	struct play_announcement what = {
		.repeat = bounded(request->repeat, 1, 1000000),
		.duration_ms = bounded(request->duration, 0, LONGEST_MS),
		.start_ms = bounded(request->start_pos, 0, LONGEST_MS),
	};
	uint64_t ms;
	const char *why;

	if (!run->order->ended)
		return order(run);
	if (!run->order->prompt)
		return run->order->why;
	what.prompt = run->order->prompt;
	if (what.start_ms >= prompt_ms(what.prompt))
		return "start-pos lies behind the end";
	why = for_each(run, play_one, &what);
	if (why)
		return why;
	ms = (uint64_t)(prompt_ms(what.prompt) - what.start_ms) *
	     (what.repeat > 0 ? what.repeat : 1);
	if (what.duration_ms > 0 && what.duration_ms < ms)
		ms = what.duration_ms;
	ng_put_int(run->reply, "duration", (int64_t)ms);
	return NULL;
}

static const char *stop_one(struct stream *stream, void *magic)
{
	uint64_t at, *last = magic;

	if (play_stop(stream, &at))
		*last = at;
	return NULL;
}

const char *command_stop_media(struct command_run *run)
{
	uint64_t last = 0;
	const char *why = for_each(run, stop_one, &last);

	if (!why)
		ng_put_int(run->reply, "last-frame-pos", (int64_t)last);
	return why;
}

/* "5", "1234#", or the number of an event, as an integer or, above 9, as two digits of "code". */
static size_t read_keys(const struct command_run *run, char out[PLAY_KEYS_MAX])
{
	const struct ng_value *code = ng_get(run->dict, "code");
	struct ng_text text =
		run->request->digits.n > 0 ? run->request->digits : run->request->code;
	int64_t number;

	if (code && ng_int(code, &number) && number >= 0 && number <= DTMF_EVENT_MAX &&
	    (ng_type(code) == NG_INT || (text.n == 2 && number > 9))) {
		out[0] = dtmf_key((unsigned)number);
		return 1;
	}
	if (text.n > PLAY_KEYS_MAX)
		return 0;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\0' || dtmf_event(text.p[i]) < 0)
			return 0;
		out[i] = text.p[i];
	}
	return text.n;
}

static const char *keys_to_hearers(struct stream *stream, void *magic)
{
	const char *why = "Nobody hears the party";

	for (size_t i = 0; i < stream->n_sinks; i++) {
		struct stream *hearer = stream->sinks[i];

		if (hearer->leg && !hearer->party->subscriber)
			return play_keys(hearer, magic);
	}
	return why;
}

/* "-8" and "8" are both 8 dB below full. */
static unsigned volume_of(const struct command_run *run)
{
	int64_t volume = VOLUME;

	if (ng_int(ng_get(run->dict, "volume"), &volume) && volume < 0)
		volume = volume < -VOLUME_MAX ? VOLUME_MAX : -volume;
	return volume < VOLUME_MAX ? (unsigned)volume : VOLUME_MAX;
}

const char *command_play_dtmf(struct command_run *run)
{
	const struct ng_request *request = run->request;
	char keys[PLAY_KEYS_MAX];
	struct play_keys what = {
		.keys = keys,
		.n = read_keys(run, keys),
		.duration_ms = bounded(request->duration, DTMF_DURATION_MS, DTMF_LONGEST_MS),
		.pause_ms = bounded(request->pause, DTMF_PAUSE_MS, DTMF_LONGEST_MS),
		.volume = volume_of(run),
	};
	const char *why;

	if (what.n == 0)
		return "No valid code in message: 0-9, *, #, A-D";
	if (what.duration_ms < KEY_MIN_MS)
		what.duration_ms = KEY_MIN_MS;
	if (select_all(request) && !request->all)
		return "No participant party specified";
	why = for_each(run, keys_to_hearers, &what);
	OPENSSL_cleanse(keys, sizeof(keys));
	return why;
}

static const char *listen_one(struct stream *stream, void *magic)
{
	return ear_open(stream, magic) ? NULL : "Out of memory";
}

static const char *unlisten_one(struct stream *stream, void *magic)
{
	(void)magic;
	ear_close(stream);
	return NULL;
}

static uint64_t ms_of(const struct command_run *run, const char *key)
{
	int64_t ms;

	return ng_int(ng_get(run->dict, key), &ms) && ms > 0 && ms <= LONGEST_MS ? (uint64_t)ms : 0;
}

const char *command_listen(struct command_run *run)
{
	struct ear_wish wish = {.silence_ms = ms_of(run, "silence-timeout"),
				.no_input_ms = ms_of(run, "no-input-timeout")};

	if (text_is(&run->request->command, "start listening"))
		return for_each(run, listen_one, &wish);
	run->call->listens = false;
	return for_each(run, unlisten_one, NULL);
}
