/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of an m-line, and what a=rtpmap and a=fmtp say of them. */
#ifndef MEDIA_SDP_FORMAT_H
#define MEDIA_SDP_FORMAT_H

#include "media/sdp/sdp.h"

/* Fills formats from formats_text; payload types that RFC 3551 assigns have their names at once. */
void sdp_formats_read(struct sdp_media *media);
void sdp_rtpmap_read(struct sdp_media *media, struct span value);
void sdp_fmtp_read(struct sdp_media *media, struct span value);
/* The payload type that a value of rtpmap, fmtp or rtcp-fb begins with; -1: none ("*"). */
int sdp_payload_type(struct span value);

#endif
