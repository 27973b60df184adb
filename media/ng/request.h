/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What offer, answer and their kin ask for, typed: every key and flag of the protocol that we know,
 * in a struct, from one table. Unknown flags are warned of and ignored; a flag may stand in the
 * list "flags", in a string "flags", in "rtpp-flags", or as a key of its own.
 */
#ifndef MEDIA_NG_REQUEST_H
#define MEDIA_NG_REQUEST_H

#include "media/ng/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ng_text { /* points into the message; n 0: not given */
	const char *p;
	size_t n;
};

#define NG_STRIPPED_MAX	  32
#define NG_IDENTITIES_MAX 8
#define NG_WARNINGS_MAX	  8
#define NG_TAGS_MAX	  32

enum ng_ice { NG_ICE_ASIS, NG_ICE_REMOVE, NG_ICE_FORCE, NG_ICE_DEFAULT, NG_ICE_OPTIONAL };
enum ng_dtls { NG_DTLS_ASIS, NG_DTLS_OFF, NG_DTLS_PASSIVE, NG_DTLS_ACTIVE };
enum ng_bundle {
	NG_BUNDLE_ASIS,
	NG_BUNDLE_ACCEPT,
	NG_BUNDLE_OFFER,
	NG_BUNDLE_REQUIRE,
	NG_BUNDLE_REJECT
};
enum ng_ice_lite {
	NG_ICE_LITE_ASIS,
	NG_ICE_LITE_FORWARD,
	NG_ICE_LITE_BACKWARD,
	NG_ICE_LITE_BOTH,
	NG_ICE_LITE_OFF
};
enum ng_learning {
	NG_LEARN_DEFAULT,
	NG_LEARN_OFF,
	NG_LEARN_IMMEDIATE,
	NG_LEARN_DELAYED,
	NG_LEARN_HEURISTIC
};

struct ng_request {
	struct ng_text command, call_id, from_tag, to_tag, via_branch, sdp, label, metadata,
		supports_raw;
	struct ng_text set_label, from_label, to_label, address, file, blob, code, digits;
	struct ng_text from_tags[NG_TAGS_MAX]; /* of whom to hear, in the order asked for */
	size_t n_from_tags;
	bool load_limit; /* supports: "load limit" */
	/* flags */
	bool trust_address, sip_source_address, asymmetric, strict_source, port_latching,
		media_handover, reset, record_call, no_rtcp_attribute, full_rtcp_attribute,
		loop_protect, original_sendrecv, inject_dtmf, detect_dtmf, generate_rtcp,
		generate_mid, trickle_ice, reject_ice, fragment, early_media, webrtc, recrypt,
		passthrough, debug, fatal, fast, directional, all, unidirectional, siprec;
	/* replace */
	bool replace_origin, replace_origin_full, replace_session_name, replace_sdp_version,
		force_sdp_version, replace_username, replace_zero_address;
	enum ng_ice ice;
	enum ng_ice_lite ice_lite;
	enum ng_dtls dtls, dtls_reverse;
	enum ng_bundle bundle;
	enum ng_learning learning;
	struct ng_text transport_protocol; /* "" : as it came */
	bool mux_offer, mux_require, mux_demux, mux_accept, mux_reject;
	bool sdes_off, sdes_nonew, sdes_static, sdes_prefer;
	unsigned sdes_no, sdes_only; /* bits 1 << enum srtp_suite; SUITE_NONE: one not ours */
	bool osrtp_offer, osrtp_accept;
	struct ng_text direction[2], interface; /* logical interfaces: from, to */
	unsigned address_family;		/* 4, 6; 0: as it came */
	struct ng_text received_from_family, received_from;
	struct ng_text media_address;
	int tos;						   /* -1: not given */
	int64_t delete_delay;					   /* s; -1: not given */
	int64_t duration, repeat, volume, pause, start_pos, limit; /* -1: not given */
	struct ng_text strip[NG_STRIPPED_MAX]; /* codec names to leave out; "all" is one */
	size_t n_strip;
	/* "media identity": ["sha256 4A...", ...] or [{alg, dig}, ...]: what the PASSporT's mky
	 * signed */
	struct ng_text identity_alg[NG_IDENTITIES_MAX], identity_dig[NG_IDENTITIES_MAX];
	size_t n_identity;
	bool identity_given; /* given and empty: the call is known to be unbound */
	bool identity_bad;   /* there is one that cannot be read, or one too many: refuse */
	char warnings[NG_WARNINGS_MAX][64]; /* unknown flags, cut; for one log line */
	size_t n_warnings;
};

/* Never fails: what is of the wrong type is a warning. Whether a command has what it needs is the
 * command's to say, in the protocol's words. */
void ng_request_read(const struct ng_value *dict, struct ng_request *out);

/* The message's command where the protocol has it, else "other": a label that no stranger chooses.
 */
const char *ng_command_label(const struct ng_value *dict);

#endif
