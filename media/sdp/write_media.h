/* SPDX-License-Identifier: Apache-2.0 */
/* One m-line and its attributes, as they go on. */
#ifndef MEDIA_SDP_WRITE_MEDIA_H
#define MEDIA_SDP_WRITE_MEDIA_H

#include "media/sdp/out.h"
#include "media/sdp/write.h"

/* What of the session level does not go on as it came. */
struct sdp_cut {
	bool any; /* an m-line is written anew */
	bool ice, security, connection, direction;
	bool candidates; /* of ICE: ours take their place, though the rest may stay */
};

/* Whether a line of the m-line that plan is of may stay, so far as what it belongs to is concerned.
 */
bool sdp_keeps_ice(const struct plan_media *plan);
bool sdp_keeps_security(const struct plan_media *plan);
bool sdp_is_ice(enum sdp_line_kind kind);
bool sdp_is_candidate(enum sdp_line_kind kind); /* of ICE, and the end of them */
bool sdp_is_security(enum sdp_line_kind kind);
struct sdp_writing {
	struct sdp_out out;
	const struct sdp *sdp;
	const struct sdp_plan *plan;
	struct sdp_cut cut;
};

void sdp_write_media(struct sdp_writing *w, size_t index);

#endif
