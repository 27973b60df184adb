/* SPDX-License-Identifier: Apache-2.0 */
/* Calls whose media is not ended here: keys, ICE and identity are the ends' own. */
#ifndef MEDIA_SESSION_PASSTHROUGH_H
#define MEDIA_SESSION_PASSTHROUGH_H

#include "media/session/call.h"

/* What the commands that would need the keys say. */
#define PASSTHROUGH_NO_KEYS "The ends hold the keys of this call (passthrough)"

/* Why an offer or an answer of the call cannot be as it asks; NULL: it can. */
const char *passthrough_refusal(const struct call *call, const struct ng_request *request);

/* What the hearer of an offer is told. before: what was agreed with it already, or not known. */
void passthrough_terms(const struct said *from, const struct terms *before, struct terms *out);

/* The stream's leg carries what comes, without ICE until an answer says otherwise. */
bool passthrough_open(struct stream *stream);
/* Answered: each leg is told by what name and password its peer's checks come. */
bool passthrough_join(struct stream *a, struct stream *b);
/* A candidate that came later. */
void passthrough_candidate(struct stream *stream, const struct sdp_candidate *candidate);

/* Do the fingerprints of its SDP stand in what its identity signed, every one? */
bool passthrough_is_signed(const struct stream *stream);

/* From the leg: any datagram of the party. */
void passthrough_receive(struct leg *leg, const struct opaque_datagram *datagram);

#endif
