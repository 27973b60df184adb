/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes that a relay has to know of: one table of names, what each is, and who reads it. */
#ifndef MEDIA_SDP_ATTRIBUTE_H
#define MEDIA_SDP_ATTRIBUTE_H

#include "media/sdp/sdp.h"

/* Where an attribute stands. At session level, media holds what its m-lines may inherit. */
struct sdp_scope {
	struct sdp *sdp;
	struct sdp_media *media;
	bool session;
};

/* "a=name:value" in text: sets kind and value of the line, and reads it. */
void sdp_attribute_read(struct sdp_scope *scope, struct sdp_line *line);
/* Gives media what it lacks of what was said at session level. */
void sdp_attributes_inherit(struct sdp_media *media, const struct sdp_media *session);
/* The id of an a=extmap of the mid (RFC 8843 §15); 0: it is of another extension. */
unsigned sdp_mid_extension(struct span value);

#endif
