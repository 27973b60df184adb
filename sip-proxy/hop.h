/* SPDX-License-Identifier: Apache-2.0 */
/* Where a request goes next (RFC 3261 §16.4, §16.6), and what that takes to write into it. */
#ifndef PROXY_HOP_H
#define PROXY_HOP_H

#include "sip-proxy/message.h"
#include "sip-proxy/proxy.h"

/* The URI's host and port are one of our listeners. */
bool hop_is_ours(const struct proxy *proxy, const url_t *url);

/* Takes our own entries off the top of Route; undoes what a strict router did to the Request-URI.
 */
void hop_take_routes(const struct proxy *proxy, msg_t *msg);

/* Takes all of Route out. */
void hop_drop_routes(msg_t *msg);

/* The next hop by Route, else by Request-URI. false: it is a name, or ourselves. */
bool hop_of_request(const struct proxy *proxy, const sip_t *sip, struct target *target_out);

/* The same for one URI; only literal addresses, so that no call ever waits for DNS. */
bool hop_of_url(const url_t *url, struct target *target_out);

/* The message goes into what the next hop's transport carries. A larger one must not be given to
 * nta: it would change from UDP to TCP behind our back. */
bool hop_fits(msg_t *msg, const struct target *next);

/* Max-Forwards less one, or 70 where there was none (§16.6 step 3). */
bool hop_count_down(msg_t *msg);

/* Record-Route for dialogs; two where the transports differ (RFC 5658 §3.3). mark: what it
 * remembers of the dialog's media (mark.h), "" nothing. */
bool hop_record_route(const struct proxy *proxy, msg_t *msg, const struct target *next,
		      const char *mark);

/* A Request-URI that names us gets the target's address (§16.5). */
bool hop_retarget(const struct proxy *proxy, msg_t *msg, const struct target *next);

/* A branch for the request: random, then a hash of what routing depends on (§16.6 step 8). */
bool hop_branch(const sip_t *sip, char *branch_out, size_t size);

/* The request has been here before, with the same things to decide on (§16.3 step 4). */
bool hop_is_loop(const struct proxy *proxy, const sip_t *sip);

#endif
