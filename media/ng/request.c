/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words of a list, of a string and of "rtpp-flags" all end in request_set(), as if each had been a
 * key of its own.
 */
#include "media/ng/request.h"

#include <stdio.h>
#include <string.h>

#include "media/ng/request_private.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORDS_DEPTH  3 /* codec=[strip=[PCMU]] */

/* For the log: what a stranger wrote is cut, and the log masks and escapes it. */
static void warn(struct ng_request *out, struct ng_text key, struct ng_text word)
{
	if (out->n_warnings == NG_WARNINGS_MAX)
		return;
	snprintf(out->warnings[out->n_warnings++], sizeof(out->warnings[0]), "%.*s%s%.*s",
		 (int)(key.n < 30 ? key.n : 30), key.n > 0 ? key.p : "",
		 key.n > 0 && word.n > 0 ? "=" : "", (int)(word.n < 30 ? word.n : 30),
		 word.n > 0 ? word.p : "");
}

static struct ng_text text_of(const struct ng_value *value)
{
	struct ng_text text;

	text.p = ng_string(value, &text.n);
	return text;
}

static struct ng_text next_word(struct ng_text *rest)
{
	struct ng_text word;
	unsigned depth = 0;

	while (rest->n > 0 && (*rest->p == ' ' || *rest->p == ',')) {
		rest->p++;
		rest->n--;
	}
	word = (struct ng_text){rest->p, 0};
	while (rest->n > 0 && (depth > 0 || (*rest->p != ' ' && *rest->p != ','))) {
		depth += *rest->p == '[';
		depth -= *rest->p == ']' && depth > 0;
		word.n++;
		rest->p++;
		rest->n--;
	}
	return word;
}

/* "a b=c d=[e f]": what stands behind "=" belongs to what stands before it. */
static void read_words(struct ng_request *out, struct ng_text key, struct ng_text rest,
		       unsigned depth)
{
	struct ng_text word;

	while ((word = next_word(&rest)).n > 0) {
		const char *equal = memchr(word.p, '=', word.n);
		struct ng_text left = {word.p, equal != NULL ? (size_t)(equal - word.p) : 0};
		struct ng_text right = {word.p + left.n + 1,
					equal != NULL ? word.n - left.n - 1 : 0};
		char joined[TEXT_KEY_MAX];

		if (equal == NULL) {
			if (!request_set(out, key, word))
				warn(out, key, word);
			continue;
		}
		if (right.n >= 2 && right.p[0] == '[' && right.p[right.n - 1] == ']' &&
		    depth < WORDS_DEPTH) {
			right = (struct ng_text){right.p + 1, right.n - 2};
			if (request_is_word(key, "codec") && left.n < sizeof(joined) - 7) {
				snprintf(joined, sizeof(joined), "codec-%.*s", (int)left.n, left.p);
				left = (struct ng_text){joined, left.n + 6};
			}
			read_words(out, left, right, depth + 1);
		} else if (!request_set(out, left, right)) {
			warn(out, left, right);
		}
	}
}

static void add_identity(struct ng_request *out, const struct ng_value *item)
{
	struct ng_text alg = text_of(ng_get(item, "alg")), dig = text_of(ng_get(item, "dig"));
	struct ng_text text = text_of(item);

	if (text.n > 0) {
		alg = next_word(&text);
		dig = next_word(&text);
	}
	if (alg.n == 0 || dig.n == 0 || out->n_identity == NG_IDENTITIES_MAX) {
		out->identity_bad = true;
		return;
	}
	out->identity_alg[out->n_identity] = alg;
	out->identity_dig[out->n_identity++] = dig;
}

/* What the caller signed. One that cannot be read is not left out: with the rest alone, or with
 * none, the call would pass for what it is not. */
static void read_identity(struct ng_request *out, const struct ng_value *value)
{
	out->identity_given = true;
	out->identity_bad = ng_type(value) == NG_INT || ng_type(value) == NG_DICT;
	if (ng_type(value) == NG_STRING && text_of(value).n > 0)
		add_identity(out, value);
	for (size_t i = 0; ng_type(value) == NG_LIST && i < ng_count(value); i++)
		add_identity(out, ng_at(value, i));
}

static void read_codec(struct ng_request *out, const struct ng_value *value)
{
	for (size_t i = 0; i < ng_count(value); i++) {
		const struct ng_value *list = ng_at(value, i);
		struct ng_text key;

		key.p = ng_key_at(value, i, &key.n);
		if (!request_is_word(key, "strip")) {
			warn(out, (struct ng_text){"codec", 5}, key);
			continue;
		}
		for (size_t k = 0; k < ng_count(list); k++)
			if (!request_add_strip(out, text_of(ng_at(list, k))))
				warn(out, key, text_of(ng_at(list, k)));
	}
}

static void read_list(struct ng_request *out, struct ng_text key, const struct ng_value *list)
{
	if (request_is_word(key, "from-tag"))
		key = (struct ng_text){"from-tags", 9};
	for (size_t i = 0; i < ng_count(list); i++) {
		struct ng_text word = text_of(ng_at(list, i));

		/* "codec=..." within flags, as some clients leave it to us */
		if (request_is_word(key, "flags") && word.n > 0 &&
		    memchr(word.p, '=', word.n) != NULL)
			read_words(out, key, word, 0);
		else if (word.n == 0 || !request_set(out, key, word))
			warn(out, key, word);
	}
}

static bool is_spaced(struct ng_text key)
{
	static const char *const names[] = {"flags",	"replace",  "SDES",	 "OSRTP",
					    "rtcp-mux", "supports", "direction", "received-from"};

	for (size_t i = 0; i < COUNT(names); i++)
		if (request_is_word(key, names[i]))
			return true;
	return false;
}

/* What a string or an integer says under a key. */
static bool read_one(struct ng_request *out, struct ng_text key, const struct ng_value *value)
{
	struct ng_text word = text_of(value);
	int64_t number;

	if (request_is_number(key))
		return request_set_number(out, key, value);
	if (ng_type(value) == NG_INT && ng_int(value, &number))
		return request_set_flag(out, key, number != 0) || request_is_silent(key);
	return request_set(out, key, word);
}

static void read_item(struct ng_request *out, struct ng_text key, const struct ng_value *value)
{
	struct ng_text word = text_of(value);

	if (request_is_word(key, "media-identity"))
		read_identity(out, value);
	else if (request_is_word(key, "rtpp-flags"))
		read_words(out, (struct ng_text){"flags", 5}, word, 0);
	else if (ng_type(value) == NG_LIST)
		read_list(out, key, value);
	else if (ng_type(value) == NG_DICT && request_is_word(key, "codec"))
		read_codec(out, value);
	else if (ng_type(value) == NG_DICT)
		warn(out, key, (struct ng_text){0});
	else if (request_is_word(key, "supports") && request_is_word(word, "load-limit"))
		out->load_limit = true; /* one word with a space in it */
	else if (is_spaced(key))
		read_words(out, key, word, 0);
	else if (!read_one(out, key, value))
		warn(out, key, word);
}

/* What the flag stands for (rtpengine's): each only where nothing else was said. */
static void expand_webrtc(struct ng_request *out)
{
	static const char protocol[] = "UDP/TLS/RTP/SAVPF";

	if (out->transport_protocol.n == 0)
		out->transport_protocol = (struct ng_text){protocol, sizeof(protocol) - 1};
	if (out->ice == NG_ICE_ASIS)
		out->ice = NG_ICE_FORCE;
	if (out->bundle == NG_BUNDLE_ASIS)
		out->bundle = NG_BUNDLE_OFFER;
	out->trickle_ice = true;
	out->mux_offer = out->mux_require = true;
	out->no_rtcp_attribute = true;
	out->sdes_off = true;
	out->generate_mid = true;
}

void ng_request_read(const struct ng_value *dict, struct ng_request *out)
{
	*out = (struct ng_request){.tos = -1,
				   .delete_delay = -1,
				   .duration = -1,
				   .repeat = -1,
				   .volume = -1,
				   .pause = -1,
				   .start_pos = -1,
				   .limit = -1};
	for (size_t i = 0; i < ng_count(dict); i++) {
		struct ng_text key;

		key.p = ng_key_at(dict, i, &key.n);
		read_item(out, key, ng_at(dict, i));
	}
	if (out->webrtc)
		expand_webrtc(out);
}

const char *ng_command_label(const struct ng_value *dict)
{
	static const char *const names[] = {
		"ping",
		"offer",
		"answer",
		"delete",
		"query",
		"list",
		"statistics",
		"why",
		"start recording",
		"stop recording",
		"pause recording",
		"block media",
		"unblock media",
		"block DTMF",
		"unblock DTMF",
		"silence media",
		"unsilence media",
		"play media",
		"stop media",
		"play DTMF",
		"publish",
		"subscribe request",
		"subscribe answer",
		"unsubscribe",
	};
	struct ng_text command = text_of(ng_get(dict, "command"));

	for (size_t i = 0; i < COUNT(names); i++)
		if (command.n == strlen(names[i]) && memcmp(command.p, names[i], command.n) == 0)
			return names[i];
	return "other";
}
