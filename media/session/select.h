/* SPDX-License-Identifier: Apache-2.0 */
/* Which parties of a call a command means: by tag, by label, by an address of its SDP. */
#ifndef MEDIA_SESSION_SELECT_H
#define MEDIA_SESSION_SELECT_H

#include "media/session/call.h"

/* Neither named, nor all asked for: the whole call is meant. */
bool select_all(const struct ng_request *request);
bool select_party(const struct party *party, const struct ng_request *request);
/* What is said when no party is the one that was named. */
const char *select_none(const struct ng_request *request);

#endif
