/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table says of each key where it goes and how it is read; words of a list, of a string and of
 * "rtpp-flags" all end in set(), as if each had been a key of its own.
 */
#include "media/ng/request.h"

#include <stdio.h>
#include <string.h>

#include "media/srtp/suite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT(member)   offsetof(struct ng_request, member)
#define WORDS_DEPTH  3 /* codec=[strip=[PCMU]] */
#define TEXT_KEY_MAX 48

struct name {
	const char *name;
	size_t at;
};

static const struct name texts[] = {
	{"command", AT(command)},
	{"call-id", AT(call_id)},
	{"from-tag", AT(from_tag)},
	{"to-tag", AT(to_tag)},
	{"via-branch", AT(via_branch)},
	{"sdp", AT(sdp)},
	{"label", AT(label)},
	{"metadata", AT(metadata)},
	{"set-label", AT(set_label)},
	{"from-label", AT(from_label)},
	{"to-label", AT(to_label)},
	{"address", AT(address)},
	{"file", AT(file)},
	{"blob", AT(blob)},
	{"code", AT(code)},
	{"digits", AT(digits)},
	{"transport-protocol", AT(transport_protocol)},
	{"from-interface", AT(direction[0])},
	{"to-interface", AT(direction[1])},
	{"interface", AT(interface)},
	{"media-address", AT(media_address)},
};

/* All int64_t. */
static const struct name numbers[] = {
	{"delete-delay", AT(delete_delay)},
	{"duration", AT(duration)},
	{"repeat-times", AT(repeat)},
	{"repeat", AT(repeat)},
	{"volume", AT(volume)},
	{"pause", AT(pause)},
	{"start-pos", AT(start_pos)},
	{"limit", AT(limit)},
};

/* Flags by their own name, and words of lists as "list-word". All bool. */
static const struct name flags[] = {
	{"trust-address", AT(trust_address)},
	{"SIP-source-address", AT(sip_source_address)},
	{"asymmetric", AT(asymmetric)},
	{"strict-source", AT(strict_source)},
	{"port-latching", AT(port_latching)},
	{"media-handover", AT(media_handover)},
	{"reset", AT(reset)},
	{"record-call", AT(record_call)},
	{"no-rtcp-attribute", AT(no_rtcp_attribute)},
	{"full-rtcp-attribute", AT(full_rtcp_attribute)},
	{"loop-protect", AT(loop_protect)},
	{"original-sendrecv", AT(original_sendrecv)},
	{"inject-DTMF", AT(inject_dtmf)},
	{"detect-DTMF", AT(detect_dtmf)},
	{"generate-RTCP", AT(generate_rtcp)},
	{"generate-mid", AT(generate_mid)},
	{"trickle-ICE", AT(trickle_ice)},
	{"reject-ICE", AT(reject_ice)},
	{"fragment", AT(fragment)},
	{"early-media", AT(early_media)},
	{"WebRTC", AT(webrtc)},
	{"recrypt", AT(recrypt)},
	{"passthrough", AT(passthrough)},
	{"debug", AT(debug)},
	{"fatal", AT(fatal)},
	{"fast", AT(fast)},
	{"directional", AT(directional)},
	{"all", AT(all)},
	{"unidirectional", AT(unidirectional)},
	{"replace-origin", AT(replace_origin)},
	{"replace-origin-full", AT(replace_origin_full)},
	{"replace-session-name", AT(replace_session_name)},
	{"replace-sdp-version", AT(replace_sdp_version)},
	{"replace-force-increment-sdp-ver", AT(force_sdp_version)},
	{"replace-username", AT(replace_username)},
	{"replace-zero-address", AT(replace_zero_address)},
	{"rtcp-mux-offer", AT(mux_offer)},
	{"rtcp-mux-require", AT(mux_require)},
	{"rtcp-mux-demux", AT(mux_demux)},
	{"rtcp-mux-accept", AT(mux_accept)},
	{"rtcp-mux-reject", AT(mux_reject)},
	{"SDES-off", AT(sdes_off)},
	{"SDES-no", AT(sdes_off)},
	{"SDES-disable", AT(sdes_off)},
	{"SDES-nonew", AT(sdes_nonew)},
	{"SDES-static", AT(sdes_static)},
	{"SDES-prefer", AT(sdes_prefer)},
	{"OSRTP-offer", AT(osrtp_offer)},
	{"OSRTP-offer-legacy", AT(osrtp_offer)},
	{"OSRTP-accept", AT(osrtp_accept)},
	{"OSRTP-accept-legacy", AT(osrtp_accept)},
	{"supports-load-limit", AT(load_limit)},
};

static const struct choice {
	const char *key, *word;
	size_t at; /* an enum, or unsigned */
	unsigned value;
} choices[] = {
	{"ICE", "remove", AT(ice), NG_ICE_REMOVE},
	{"ICE", "force", AT(ice), NG_ICE_FORCE},
	{"ICE", "force-relay", AT(ice), NG_ICE_FORCE},
	{"ICE", "default", AT(ice), NG_ICE_DEFAULT},
	{"ICE", "optional", AT(ice), NG_ICE_OPTIONAL},
	{"ICE-lite", "forward", AT(ice_lite), NG_ICE_LITE_FORWARD},
	{"ICE-lite", "offer", AT(ice_lite), NG_ICE_LITE_FORWARD},
	{"ICE-lite", "backward", AT(ice_lite), NG_ICE_LITE_BACKWARD},
	{"ICE-lite", "answer", AT(ice_lite), NG_ICE_LITE_BACKWARD},
	{"ICE-lite", "both", AT(ice_lite), NG_ICE_LITE_BOTH},
	{"ICE-lite", "off", AT(ice_lite), NG_ICE_LITE_OFF},
	{"DTLS", "off", AT(dtls), NG_DTLS_OFF},
	{"DTLS", "no", AT(dtls), NG_DTLS_OFF},
	{"DTLS", "disable", AT(dtls), NG_DTLS_OFF},
	{"DTLS", "passive", AT(dtls), NG_DTLS_PASSIVE},
	{"DTLS", "active", AT(dtls), NG_DTLS_ACTIVE},
	{"DTLS-reverse", "passive", AT(dtls_reverse), NG_DTLS_PASSIVE},
	{"DTLS-reverse", "active", AT(dtls_reverse), NG_DTLS_ACTIVE},
	{"bundle", "accept", AT(bundle), NG_BUNDLE_ACCEPT},
	{"bundle", "offer", AT(bundle), NG_BUNDLE_OFFER},
	{"bundle", "require", AT(bundle), NG_BUNDLE_REQUIRE},
	{"bundle", "strict", AT(bundle), NG_BUNDLE_REQUIRE},
	{"bundle", "reject", AT(bundle), NG_BUNDLE_REJECT},
	{"endpoint-learning", "off", AT(learning), NG_LEARN_OFF},
	{"endpoint-learning", "no-learning", AT(learning), NG_LEARN_OFF},
	{"endpoint-learning", "immediate", AT(learning), NG_LEARN_IMMEDIATE},
	{"endpoint-learning", "delayed", AT(learning), NG_LEARN_DELAYED},
	{"endpoint-learning", "heuristic", AT(learning), NG_LEARN_HEURISTIC},
	{"address-family", "IP4", AT(address_family), 4},
	{"address-family", "inet", AT(address_family), 4},
	{"address-family", "IP6", AT(address_family), 6},
	{"address-family", "inet6", AT(address_family), 6},
};

/* Known, and without effect here: nothing to warn of. Those of rtpproxy's days come from clients
 * that send them to either. */
static const char *const silent[] = {
	"replace-session-connection",
	"symmetric",
	"force",
	"to-tag",
	"SDES-pad",
	"SDES-lifetime",
	"no-port-latching",
	"SIP-message-type",
	"sip-message-type",
	"sip-code",
	"xmlrpc-callback",
	"ptime",
	"no-passthrough",
	"rtpp-flags",
	"flags",
	"no-jitter-buffer",
	"protocol",
};

/* "codec-strip-PCMU" is one word, "strip" of the dictionary "codec" another way to say it. Only
 * what leaves codecs out is done here: media passes as it is coded. */
static const char codec_strip[] = "codec-strip";

static bool is_word(struct ng_text a, const char *b)
{
	size_t n = strlen(b);

	if (a.n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = a.p[i] == ' ' || a.p[i] == '_' ? '-' : a.p[i];

		if (c != b[i])
			return false;
	}
	return true;
}

/* a begins with b and a dash; the rest goes to *rest_out. */
static bool begins(struct ng_text a, const char *b, struct ng_text *rest_out)
{
	size_t n = strlen(b);

	if (a.n < n + 2 || !is_word((struct ng_text){a.p, n}, b) ||
	    (a.p[n] != '-' && a.p[n] != ' ' && a.p[n] != '_'))
		return false;
	*rest_out = (struct ng_text){a.p + n + 1, a.n - n - 1};
	return true;
}

static const struct name *name_of(const struct name *names, size_t n, struct ng_text word)
{
	for (size_t i = 0; i < n; i++)
		if (is_word(word, names[i].name))
			return &names[i];
	return NULL;
}

static void *member(struct ng_request *out, size_t at)
{
	return (char *)out + at;
}

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

static bool is_no(struct ng_text word)
{
	return is_word(word, "no") || is_word(word, "off") || is_word(word, "0") ||
	       is_word(word, "false");
}

static bool set_flag(struct ng_request *out, struct ng_text word, bool value)
{
	const struct name *name = name_of(flags, COUNT(flags), word);

	if (name != NULL)
		*(bool *)member(out, name->at) = value;
	return name != NULL;
}

static bool set_choice(struct ng_request *out, struct ng_text key, struct ng_text word)
{
	for (size_t i = 0; i < COUNT(choices); i++)
		if (is_word(key, choices[i].key) && is_word(word, choices[i].word)) {
			memcpy(member(out, choices[i].at), &choices[i].value, sizeof(unsigned));
			return true;
		}
	return false;
}

static bool add_strip(struct ng_request *out, struct ng_text name)
{
	if (out->n_strip == NG_STRIPPED_MAX)
		return false;
	out->strip[out->n_strip++] = name;
	return true;
}

static bool set_suite(struct ng_request *out, struct ng_text word)
{
	struct ng_text name;
	unsigned *set = begins(word, "SDES-no", &name)	   ? &out->sdes_no
			: begins(word, "SDES-only", &name) ? &out->sdes_only
							   : NULL;
	enum srtp_suite suite = set != NULL ? srtp_suite_named(name.p, name.n) : SUITE_NONE;

	if (suite != SUITE_NONE)
		*set |= 1u << suite;
	/* What names a suite that is not ours leaves out what we would not offer, and offers
	 * nothing in its place. */
	return set != NULL;
}

static bool add_direction(struct ng_request *out, struct ng_text name)
{
	size_t i = out->direction[0].n > 0;

	if (out->direction[i].n > 0)
		return false;
	out->direction[i] = name;
	return true;
}

static bool is_protocol(struct ng_text word)
{
	static const char *const names[] = {"RTP/AVP",	 "RTP/AVPF",	     "RTP/SAVP",
					    "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF"};

	for (size_t i = 0; i < COUNT(names); i++)
		if (is_word(word, names[i]))
			return true;
	return false;
}

static bool is_silent(struct ng_text word)
{
	for (size_t i = 0; i < COUNT(silent); i++)
		if (is_word(word, silent[i]))
			return true;
	return false;
}

/* A word without a value: a flag, or "list-word". */
static bool set_word(struct ng_request *out, struct ng_text word)
{
	static const char *const keys[] = {"ICE-lite",	    "ICE",    "DTLS-reverse",
					   "DTLS",	    "bundle", "endpoint-learning",
					   "address-family"};
	struct ng_text rest;

	if (set_flag(out, word, true) || set_suite(out, word) || is_silent(word))
		return true;
	if (begins(word, codec_strip, &rest))
		return add_strip(out, rest);
	if (is_protocol(word)) {
		out->transport_protocol = word;
		return true;
	}
	if (is_word(word, "internal") || is_word(word, "external"))
		return add_direction(out, word);
	for (size_t i = 0; i < COUNT(keys); i++)
		if (begins(word, keys[i], &rest) &&
		    set_choice(out, (struct ng_text){keys[i], strlen(keys[i])}, rest))
			return true;
	return false;
}

/* "key" and "word" as the word "key-word", where that is a flag or names a codec. */
static bool set_joined(struct ng_request *out, struct ng_text key, struct ng_text word)
{
	char joined[TEXT_KEY_MAX];
	struct ng_text all = {joined, key.n + 1 + word.n};

	if (is_word(key, codec_strip))
		return add_strip(out, word);
	if (is_word(key, "direction"))
		return add_direction(out, word);
	if (all.n >= sizeof(joined))
		return false;
	snprintf(joined, sizeof(joined), "%.*s-%.*s", (int)key.n, key.p, (int)word.n, word.p);
	return set_flag(out, all, true) || set_suite(out, all) || is_silent(all);
}

static bool set_number(struct ng_request *out, struct ng_text key, const struct ng_value *value)
{
	const struct name *name = name_of(numbers, COUNT(numbers), key);
	int64_t number = 0;
	bool ok = ng_int(value, &number) && number >= 0;

	if (name != NULL && ok)
		*(int64_t *)member(out, name->at) = number;
	if (is_word(key, "TOS") && (ok = ok && number <= 255))
		out->tos = (int)number;
	return ok && (name != NULL || is_word(key, "TOS"));
}

static void read_received_from(struct ng_request *out, struct ng_text word)
{
	if (is_word(word, "IP4") || is_word(word, "IP6"))
		out->received_from_family = word;
	else
		out->received_from = word;
}

/* A key with one word: of a list the same key comes again for each. */
static bool set(struct ng_request *out, struct ng_text key, struct ng_text word)
{
	const struct name *name;

	if (is_word(key, "flags"))
		return set_word(out, word);
	if (is_word(key, "received-from")) {
		read_received_from(out, word);
		return true;
	}
	name = name_of(texts, COUNT(texts), key);
	if (name != NULL) {
		*(struct ng_text *)member(out, name->at) = word;
		return true;
	}
	return set_choice(out, key, word) || set_joined(out, key, word) ||
	       set_flag(out, key, !is_no(word)) || is_silent(key);
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
			if (!set(out, key, word))
				warn(out, key, word);
			continue;
		}
		if (right.n >= 2 && right.p[0] == '[' && right.p[right.n - 1] == ']' &&
		    depth < WORDS_DEPTH) {
			right = (struct ng_text){right.p + 1, right.n - 2};
			if (is_word(key, "codec") && left.n < sizeof(joined) - 7) {
				snprintf(joined, sizeof(joined), "codec-%.*s", (int)left.n, left.p);
				left = (struct ng_text){joined, left.n + 6};
			}
			read_words(out, left, right, depth + 1);
		} else if (!set(out, left, right)) {
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
		warn(out, (struct ng_text){"media identity", 14}, alg);
		return;
	}
	out->identity_alg[out->n_identity] = alg;
	out->identity_dig[out->n_identity++] = dig;
}

/* What the caller signed. A list whose members cannot be read is given all the same: with no
 * fingerprint in it, nothing is bound and nothing that needs it passes as bound. */
static void read_identity(struct ng_request *out, const struct ng_value *value)
{
	out->identity_given = true;
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
		if (!is_word(key, "strip")) {
			warn(out, (struct ng_text){"codec", 5}, key);
			continue;
		}
		for (size_t k = 0; k < ng_count(list); k++)
			if (!add_strip(out, text_of(ng_at(list, k))))
				warn(out, key, text_of(ng_at(list, k)));
	}
}

static void read_list(struct ng_request *out, struct ng_text key, const struct ng_value *list)
{
	for (size_t i = 0; i < ng_count(list); i++) {
		struct ng_text word = text_of(ng_at(list, i));

		/* "codec=..." within flags, as some clients leave it to us */
		if (is_word(key, "flags") && word.n > 0 && memchr(word.p, '=', word.n) != NULL)
			read_words(out, key, word, 0);
		else if (word.n == 0 || !set(out, key, word))
			warn(out, key, word);
	}
}

static bool is_spaced(struct ng_text key)
{
	static const char *const names[] = {"flags",	"replace",  "SDES",	 "OSRTP",
					    "rtcp-mux", "supports", "direction", "received-from"};

	for (size_t i = 0; i < COUNT(names); i++)
		if (is_word(key, names[i]))
			return true;
	return false;
}

static void read_item(struct ng_request *out, struct ng_text key, const struct ng_value *value)
{
	struct ng_text word = text_of(value);
	int64_t number;

	if (is_word(key, "media-identity"))
		read_identity(out, value);
	else if (is_word(key, "rtpp-flags"))
		read_words(out, (struct ng_text){"flags", 5}, word, 0);
	else if (ng_type(value) == NG_LIST)
		read_list(out, key, value);
	else if (ng_type(value) == NG_DICT && is_word(key, "codec"))
		read_codec(out, value);
	else if (ng_type(value) == NG_DICT)
		warn(out, key, (struct ng_text){0});
	else if (name_of(numbers, COUNT(numbers), key) != NULL || is_word(key, "TOS")) {
		if (!set_number(out, key, value))
			warn(out, key, word);
	} else if (is_word(key, "supports") && is_word(word, "load-limit"))
		out->load_limit = true; /* one word with a space in it */
	else if (is_spaced(key))
		read_words(out, key, word, 0);
	else if (ng_type(value) == NG_INT && ng_int(value, &number))
		(void)(set_flag(out, key, number != 0) || is_silent(key) ||
		       (warn(out, key, word), true));
	else if (!set(out, key, word))
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
