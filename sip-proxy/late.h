/* SPDX-License-Identifier: Apache-2.0 */
/* New calls whose INVITE had no offer, by Call-ID: the SDP of a PRACK answers in them (RFC 3262
 * §5). */
#ifndef PROXY_LATE_H
#define PROXY_LATE_H

#include "sip-proxy/call.h"

/* Whether a call with that Call-ID is one of them. */
bool late_is(const struct proxy *proxy, const char *call_id);
void late_begin(struct call *call);
void late_end(struct call *call); /* fine when it never began */

#endif
