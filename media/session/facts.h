/* SPDX-License-Identifier: Apache-2.0 */
/* What a stream and its transport know, as why.h wants it. */
#ifndef MEDIA_SESSION_FACTS_H
#define MEDIA_SESSION_FACTS_H

#include "media/session/call.h"
#include "media/session/why.h"

void facts_of(const struct stream *stream, struct why_facts *out);
/* A call that is answered, and where media comes from one side and from the other, which ought to
 * send, does not. */
bool facts_one_way(const struct call *call);

#endif
