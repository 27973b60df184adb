/* SPDX-License-Identifier: Apache-2.0 */
/* What was heard on a call, told to who builds on it: a JSON datagram for each key, silence, or
 * input that did not come, in the shape of rtpengine's dtmf-log. */
#ifndef MEDIA_SESSION_EVENTS_H
#define MEDIA_SESSION_EVENTS_H

#include "media/play/dtmf.h"
#include "media/session/call.h"

void events_key(const struct stream *stream, const struct dtmf_heard *heard);
/* type: "silence" or "no-input"; ms: for so long. */
void events_time(const struct stream *stream, const char *type, uint64_t ms);

#endif
