/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One SDP of m-lines that came in several: what codecs, formats and bandwidth each has stays as it
 * came; keys, addresses, names of m-lines and groups stay behind, since in one SDP with others they
 * would be another's, or twice there.
 */
#ifndef MEDIA_SDP_COMPOSE_H
#define MEDIA_SDP_COMPOSE_H

#include "media/sdp/sdp.h"

/* An m-line of it. Strings are borrowed. */
struct sdp_part {
	const struct sdp *sdp; /* where it came in; NULL: it is gone, and gets port 0 */
	size_t media;
	const char *type, *proto; /* of one that is gone; "": audio, RTP/AVP */
	const char *label;	  /* a=label (RFC 4574); "": none */
};

/* malloc'ed text with NUL: a session of ours, then the parts. Addresses are for the plan to say, by
 * which it is written (write.h). NULL: no memory or over SDP_MAX. */
char *sdp_compose(uint64_t session_id, const struct sdp_part *parts, size_t n, size_t *len_out);

#endif
