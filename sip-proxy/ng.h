/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ng protocol of media relays, as who commands one speaks it: commands written in bencode,
 * replies read, both signed where a key is configured. Bytes in, bytes out; no sockets.
 */
#ifndef PROXY_NG_H
#define PROXY_NG_H

#include "sip-proxy/options.h"

#include <callerid/identity.h>

#define NG_MESSAGE_MAX	65000 /* bytes: what a datagram takes */
#define NG_SDP_MAX	32768
#define NG_COOKIE_MAX	40
#define NG_IDENTITY_MAX 8 /* fingerprints of a media identity that a relay reads */
#define NG_DEPTH_MAX	16

enum ng_verb { NG_OFFER, NG_ANSWER, NG_DELETE, NG_VERB_COUNT };

/* Texts are borrowed; p NULL: not said. */
struct ng_command {
	enum ng_verb verb;
	struct callerid_span call_id, from_tag, to_tag, branch, sdp;
	enum trunk_media toward; /* what they speak who get the SDP */
	bool tells_identity;	 /* who offers is a caller whose PASSporT was looked at ... */
	const char *mky;	 /* ... and signed this, a JSON array; NULL: nothing */
};

/* "offer": of the protocol, and the metric's label. */
const char *ng_verb_name(enum ng_verb verb);

/* The command as a dictionary. 0: it does not fit, or mky is none. */
size_t ng_write(const struct ng_command *command, char *text_out, size_t size);

/* The message: "<cookie> <dict>", and with a key "<cookie> <time>:<mac> <dict>" (key NULL: without;
 * now in seconds since 1970). 0: it does not fit. */
struct ng_key {
	const char *text;
	size_t n;
};
size_t ng_frame(const char *cookie, struct callerid_span dict, const struct ng_key *key,
		int64_t now, char *text_out, size_t size);

/* A reply's parts. false: it is none, or its signature is not that of key. */
bool ng_split(struct callerid_span message, const struct ng_key *key,
	      struct callerid_span *cookie_out, struct callerid_span *dict_out);

/* Bytes of the first message of a stream; 0: more is needed; -1: it never will be one. */
long ng_size(const char *text, size_t n);

struct ng_reply {
	const char *trouble; /* static: "timeout" has no reply; NULL: result is ok, or pong */
	bool elsewhere;	     /* another relay may do what this one did not */
	struct callerid_span sdp;
	struct callerid_span reason;   /* the relay's own words */
	struct callerid_span identity; /* of its parties: mismatch before bound before unbound */
};

/* Total: what is no reply, or has an SDP over NG_SDP_MAX, has the trouble "bad_reply". */
void ng_read(struct callerid_span dict, struct ng_reply *reply_out);

#endif
