/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SDP as it goes on: the lines that came, without those that are ours to say, and ours in their
 * places. A plan is data; writing decides nothing.
 */
#ifndef MEDIA_SDP_WRITE_H
#define MEDIA_SDP_WRITE_H

#include "media/sdp/sdp.h"

#define PLAN_CRYPTOS_MAX    4
#define PLAN_CANDIDATES_MAX 4

struct plan_candidate {
	struct address address;
	unsigned component;
	uint32_t priority;
};

/* One m-line of what goes on. Strings are borrowed; NULL: the line is not written. */
struct plan_media {
	/* No RTP, or passthrough: not a byte is changed. What it had from the session level and
	 * what goes there is said in it instead. */
	bool untouched;
	/* Port 0, and nothing of a transport (RFC 3264 §6 has its attributes ignored). */
	bool rejected;
	bool bundled;		  /* its mid stands in a=group:BUNDLE */
	enum sdp_proto proto;	  /* SDP_OTHER: as it came */
	struct address rtp, rtcp; /* of family 0: c= as it came */
	bool write_rtcp; /* a=rtcp:PORT; with IN IP4 ... where the address is another than rtp's */
	bool full_rtcp;	 /* with the address in any case */
	bool rtcp_mux, rtcp_mux_only;
	bool keep_direction; /* else direction is written */
	enum sdp_direction direction;
	bool zero_address; /* c=0.0.0.0 stays a hold */
	struct span mid;   /* n 0: that of the SDP, if it has one, stays */
	bool drop_extension_mid;
	bool ice;      /* what came of ICE goes; ours follows */
	bool keep_ice; /* passthrough: what came stays; but for its candidates, where there are ours
			*/
	const char *ice_ufrag, *ice_pwd;
	bool trickle, end_of_candidates;
	struct plan_candidate candidates[PLAN_CANDIDATES_MAX];
	size_t n_candidates;
	bool keep_dtls;	   /* passthrough: fingerprint, setup and crypto stay */
	const char *setup; /* "actpass" "active" "passive" */
	const char *fingerprint, *tls_id;
	const char *cryptos[PLAN_CRYPTOS_MAX];
	size_t n_cryptos;
	/* Payload types to leave out, in formats, rtpmap, fmtp and rtcp-fb (codec-strip). */
	const int *stripped;
	size_t n_stripped;
};

struct sdp_plan {
	/* replace origin / session-connection / session-name / username / sdp-version */
	bool replace_origin, replace_origin_full, replace_session_name;
	/* Of o=. Where it is given, a c= at session level goes: every m-line has its own. */
	const struct address *address;
	struct span username;		  /* of o=; n 0: kept */
	struct span session_name;	  /* with replace_session_name; n 0: "-" */
	const char *session_id, *version; /* with replace_origin_full or sdp_version; NULL: kept */
	bool ice_lite;			  /* a=ice-lite at session level */
	bool keep_bundle; /* passthrough; else a=group:BUNDLE is of what is bundled */
	const char *loop; /* a=attestel-relay:... in place of what came; NULL: as it came */
	const struct plan_media *medias; /* as many as sdp has */
};

/* malloc'ed text with NUL; NULL: no memory or over SDP_MAX. Lines end as the first line did. */
char *sdp_write(const struct sdp *sdp, const struct sdp_plan *plan, size_t *len_out);

#endif
