/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SDP (RFC 8866) as it came, line by line, with what a relay has to know of it beside. Nothing is
 * normalised: what is not replaced goes out byte for byte. Spans point into the text, which the
 * caller keeps. Lines may end in LF alone.
 */
#ifndef MEDIA_SDP_SDP_H
#define MEDIA_SDP_SDP_H

#include "media/path/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SDP_MAX		     65536 /* bytes */
#define SDP_LINES_MAX	     4096
#define SDP_MEDIAS_MAX	     32
#define SDP_FORMATS_MAX	     64 /* of one m-line that are read; more pass through */
#define SDP_CANDIDATES_MAX   32
#define SDP_CRYPTOS_MAX	     16
#define SDP_FINGERPRINTS_MAX 8

struct span {
	const char *p;
	size_t n;
};

enum sdp_proto { /* RTP transports are ours; anything else passes through untouched */
		 SDP_OTHER,
		 SDP_RTP_AVP,
		 SDP_RTP_AVPF,
		 SDP_RTP_SAVP,
		 SDP_RTP_SAVPF,
		 SDP_DTLS_SAVP,	 /* UDP/TLS/RTP/SAVP */
		 SDP_DTLS_SAVPF, /* UDP/TLS/RTP/SAVPF */
		 SDP_PROTO_COUNT
};
const char *sdp_proto_name(enum sdp_proto proto);
enum sdp_proto sdp_proto_named(struct span name);

enum sdp_direction { SDP_SENDRECV, SDP_SENDONLY, SDP_RECVONLY, SDP_INACTIVE };
enum sdp_setup { SDP_SETUP_NONE, SDP_ACTPASS, SDP_ACTIVE, SDP_PASSIVE, SDP_HOLDCONN };

/* What a line is, so far as somebody may want it replaced or left out. */
enum sdp_line_kind {
	LINE_OTHER, /* v= s= t= b= and every attribute that is none of these: kept */
	LINE_ORIGIN,
	LINE_SESSION_NAME,
	LINE_CONNECTION,
	LINE_MEDIA,
	LINE_RTPMAP,
	LINE_FMTP,
	LINE_DIRECTION,
	LINE_RTCP,
	LINE_RTCP_MUX,
	LINE_RTCP_FB,
	LINE_GROUP,
	LINE_MID,
	LINE_BUNDLE_ONLY,
	LINE_SSRC,
	LINE_EXTMAP,
	LINE_ICE_UFRAG,
	LINE_ICE_PWD,
	LINE_ICE_OPTIONS,
	LINE_ICE_LITE,
	LINE_ICE_MISMATCH,
	LINE_ICE_PACING,
	LINE_CANDIDATE,
	LINE_REMOTE_CANDIDATES,
	LINE_END_OF_CANDIDATES,
	LINE_SETUP,
	LINE_FINGERPRINT,
	LINE_TLS_ID,
	LINE_CRYPTO,
	LINE_LOOP
};

struct sdp_line {
	struct span text; /* without its end */
	size_t n_end;	  /* bytes of that end, behind text; 0: the last line has none */
	enum sdp_line_kind kind;
	struct span value; /* behind "a=name:" or "x=" */
};

struct sdp_candidate { /* a=candidate of UDP with a literal address */
	unsigned component;
	uint32_t priority;
	struct address address;
};

struct sdp_format {	  /* one payload type with its a=rtpmap, or the static one of RFC 3551 */
	int payload_type; /* -1: a format that is no number */
	struct span name; /* "PCMU", "opus", "telephone-event"; empty: not known */
	uint32_t clock;
	unsigned channels;
	struct span fmtp;
};

/* Attributes that stand at session level hold for each media that lacks them. */
struct sdp_media {
	size_t first_line, n_lines; /* the m-line and those up to the next */
	struct span type;	    /* "audio" */
	uint16_t port;
	unsigned n_ports;
	enum sdp_proto proto;
	struct span proto_text;
	bool datagrams; /* UDP that is no RTP: udptl (T.38), udp (RFC 8866 §5.14) */
	struct span formats_text;
	struct sdp_format formats[SDP_FORMATS_MAX];
	size_t n_formats;
	struct address rtp, rtcp; /* c= and m=; a=rtcp (RFC 3605), else the port above */
	bool rtcp_given;
	bool rtcp_mux, rtcp_mux_only, bundle_only;
	enum sdp_direction direction;
	bool direction_given;
	/* c=0.0.0.0: hold of RFC 2543. Not with port 9 and ICE, where it says that candidates are
	 * still to come (RFC 8840 §4.1.1). */
	bool zero_address;
	struct span mid;
	unsigned mid_extension; /* id of urn:ietf:params:rtp-hdrext:sdes:mid; 0: none */
	struct span ice_ufrag, ice_pwd;
	bool ice_lite, ice_mismatch, trickle, end_of_candidates;
	struct sdp_candidate candidates[SDP_CANDIDATES_MAX];
	size_t n_candidates;
	enum sdp_setup setup;
	struct span fingerprints[SDP_FINGERPRINTS_MAX];
	size_t n_fingerprints;
	struct span tls_id;
	struct span cryptos[SDP_CRYPTOS_MAX];
	size_t n_cryptos;
	uint32_t ptime; /* ms; 0: not said */
};

struct sdp {
	struct sdp_line *lines;
	size_t n_lines;
	size_t n_session_lines;
	struct span tail; /* blanks, NULs and empty lines behind the last line */
	struct span session_name;
	struct span origin_user, origin_session, origin_version, origin_address;
	struct address connection;
	struct sdp_media *medias;
	size_t n_medias;
	struct span bundle[SDP_MEDIAS_MAX]; /* mids of the first a=group:BUNDLE */
	size_t n_bundle;
	struct span loop; /* a=attestel-relay: of loop-protect, ours or not */
};

/* NULL: why_out is one of ng's error strings ("Failed to parse SDP", "Incomplete SDP
 * specification"). */
struct sdp *sdp_parse(const char *text, size_t len, const char **why_out);
/* application/trickle-ice-sdpfrag (RFC 8840): ufrag, pwd, mids and candidates, no v= or m= needed.
 */
struct sdp *sdp_parse_fragment(const char *text, size_t len, const char **why_out);
void sdp_free(struct sdp *sdp);

#endif
