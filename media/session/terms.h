/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terms: what we say of an m-line to the party that hears it, and what came of it. Pure functions
 * of flags and of what both parties said; nothing here touches a transport.
 */
#ifndef MEDIA_SESSION_TERMS_H
#define MEDIA_SESSION_TERMS_H

#include "media/ng/request.h"
#include "media/path/transport.h"
#include "media/session/said.h"

enum mux { MUX_NO, MUX_OFFER, MUX_YES };

struct terms {
	bool known;
	bool rejected;	  /* port 0 */
	bool untouched;	  /* not our kind of media: passed on as it came */
	bool datagrams;	  /* UDP that is no RTP, relayed as it comes; no ICE, no RTCP, no keys */
	bool passthrough; /* relayed without being ended here; security is none, and ice false */
	enum sdp_proto proto;
	enum security security;
	bool osrtp; /* RTP/AVP(F) with a=crypto (RFC 8643) */
	bool ice;
	enum mux mux;
	bool bundle; /* on the transport of the first m-line of the group */
	bool alone;  /* passthrough: on its own until the answer says that the ends bundle */
};

/* An m-line of datagrams, as its offer said it. */
void terms_datagrams(const struct said *from, struct terms *out);
/* What of agreed and rested (what was agreed last that was RTP) a new offer goes by: a fax
 * that a call comes back from leaves its protocol what it was. */
const struct terms *terms_before(const struct terms *agreed, const struct terms *rested);

/* What the flags of an offer settle for the answer to its sender. */
struct promise {
	enum { PROMISE_AS_PEER, PROMISE_ACCEPT, PROMISE_REJECT } mux;
	bool osrtp, dtls_off, dtls_passive, bundle_reject;
	bool strict_source, asymmetric, learning_off; /* of the source of its media */
};

/* How a party asked to be secured. */
enum security terms_security(const struct said *said, bool osrtp, bool dtls_off);

/* By the flags of SDES. */
bool terms_suite_wanted(const struct ng_request *request, enum srtp_suite suite);

void terms_promise(const struct ng_request *request, struct promise *out);
/* What the hearer of an offer is told. before: what was agreed with it already, or not known. */
void terms_offer(const struct ng_request *request, const struct said *from,
		 const struct terms *before, struct terms *out);
/* What the hearer's answer made of it. */
void terms_agree(const struct terms *offered, const struct said *answer, struct terms *out);
/* What the sender of the offer is answered: from its own offer, the promise, what the answerer
 * said and agreed to. */
struct terms_answer_input {
	const struct ng_request *request;
	const struct said *offer;
	const struct promise *promise;
	const struct said *answer;
	const struct terms *agreed;
};
void terms_answer(const struct terms_answer_input *input, struct terms *out);

/* Our role towards a party: as what its setup leaves, our preference, and the role that an
 * association which stays has already (RFC 8842 §5.3). */
enum dtls_role terms_role(enum sdp_setup theirs, bool prefer_passive, const enum dtls_role *keeps);

#endif
