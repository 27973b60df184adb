/* SPDX-License-Identifier: Apache-2.0 */
/* One key with one word: tables say where it goes and how it is read. */
#include "media/ng/request_private.h"

#include <stdio.h>
#include <string.h>

#include "media/srtp/suite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT(member)   offsetof(struct ng_request, member)

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
	{"digit", AT(code)},
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
	{"SIPREC", AT(siprec)},
	{"siprec", AT(siprec)},
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
	"DTLS-fingerprint-sha-256",
	"protocol",
};

/* "codec-strip-PCMU" is one word, "strip" of the dictionary "codec" another way to say it. Only
 * what leaves codecs out is done here: media passes as it is coded. */
static const char codec_strip[] = "codec-strip";
static const char from_tags[] = "from-tags";

bool request_is_word(struct ng_text a, const char *b)
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

	if (a.n < n + 2 || !request_is_word((struct ng_text){a.p, n}, b) ||
	    (a.p[n] != '-' && a.p[n] != ' ' && a.p[n] != '_'))
		return false;
	*rest_out = (struct ng_text){a.p + n + 1, a.n - n - 1};
	return true;
}

static const struct name *name_of(const struct name *names, size_t n, struct ng_text word)
{
	for (size_t i = 0; i < n; i++)
		if (request_is_word(word, names[i].name))
			return &names[i];
	return NULL;
}

static void *member(struct ng_request *out, size_t at)
{
	return (char *)out + at;
}

static bool is_no(struct ng_text word)
{
	return request_is_word(word, "no") || request_is_word(word, "off") ||
	       request_is_word(word, "0") || request_is_word(word, "false");
}

bool request_set_flag(struct ng_request *out, struct ng_text word, bool value)
{
	const struct name *name = name_of(flags, COUNT(flags), word);

	if (name != NULL)
		*(bool *)member(out, name->at) = value;
	return name != NULL;
}

static bool set_choice(struct ng_request *out, struct ng_text key, struct ng_text word)
{
	for (size_t i = 0; i < COUNT(choices); i++)
		if (request_is_word(key, choices[i].key) &&
		    request_is_word(word, choices[i].word)) {
			memcpy(member(out, choices[i].at), &choices[i].value, sizeof(unsigned));
			return true;
		}
	return false;
}

bool request_add_strip(struct ng_request *out, struct ng_text name)
{
	if (out->n_strip == NG_STRIPPED_MAX)
		return false;
	out->strip[out->n_strip++] = name;
	return true;
}

static bool add_tag(struct ng_request *out, struct ng_text tag)
{
	if (tag.n == 0 || out->n_from_tags == NG_TAGS_MAX)
		return false;
	out->from_tags[out->n_from_tags++] = tag;
	return true;
}

static bool set_suite(struct ng_request *out, struct ng_text word)
{
	struct ng_text name;
	unsigned *set = begins(word, "SDES-no", &name)	   ? &out->sdes_no
			: begins(word, "SDES-only", &name) ? &out->sdes_only
							   : NULL;
	enum srtp_suite suite = set != NULL ? srtp_suite_named(name.p, name.n) : SUITE_NONE;

	/* A suite that is not ours takes the place of SUITE_NONE: "only" that one offers none. */
	if (set != NULL)
		*set |= 1u << suite;
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
		if (request_is_word(word, names[i]))
			return true;
	return false;
}

bool request_is_silent(struct ng_text word)
{
	for (size_t i = 0; i < COUNT(silent); i++)
		if (request_is_word(word, silent[i]))
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

	if (request_set_flag(out, word, true) || set_suite(out, word) || request_is_silent(word))
		return true;
	if (begins(word, codec_strip, &rest))
		return request_add_strip(out, rest);
	if (begins(word, from_tags, &rest))
		return add_tag(out, rest);
	if (is_protocol(word)) {
		out->transport_protocol = word;
		return true;
	}
	if (request_is_word(word, "internal") || request_is_word(word, "external"))
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

	if (request_is_word(key, codec_strip))
		return request_add_strip(out, word);
	if (request_is_word(key, "direction"))
		return add_direction(out, word);
	if (all.n >= sizeof(joined))
		return false;
	snprintf(joined, sizeof(joined), "%.*s-%.*s", (int)key.n, key.p, (int)word.n, word.p);
	return request_set_flag(out, all, true) || set_suite(out, all) || request_is_silent(all);
}

bool request_is_number(struct ng_text key)
{
	return name_of(numbers, COUNT(numbers), key) != NULL || request_is_word(key, "TOS");
}

bool request_set_number(struct ng_request *out, struct ng_text key, const struct ng_value *value)
{
	const struct name *name = name_of(numbers, COUNT(numbers), key);
	int64_t number = 0;
	bool ok = ng_int(value, &number) && number >= 0;

	if (name != NULL && ok)
		*(int64_t *)member(out, name->at) = number;
	if (request_is_word(key, "TOS") && (ok = ok && number <= 255))
		out->tos = (int)number;
	return ok && (name != NULL || request_is_word(key, "TOS"));
}

static void read_received_from(struct ng_request *out, struct ng_text word)
{
	if (request_is_word(word, "IP4") || request_is_word(word, "IP6"))
		out->received_from_family = word;
	else
		out->received_from = word;
}

/* A key with one word: of a list the same key comes again for each. */
bool request_set(struct ng_request *out, struct ng_text key, struct ng_text word)
{
	const struct name *name;

	if (request_is_word(key, "flags"))
		return set_word(out, word);
	if (request_is_word(key, "received-from")) {
		read_received_from(out, word);
		return true;
	}
	if (request_is_word(key, from_tags))
		return add_tag(out, word);
	name = name_of(texts, COUNT(texts), key);
	if (name != NULL) {
		*(struct ng_text *)member(out, name->at) = word;
		return true;
	}
	return set_choice(out, key, word) || set_joined(out, key, word) ||
	       request_set_flag(out, key, !is_no(word)) || request_is_silent(key);
}
