/* SPDX-License-Identifier: Apache-2.0 */
/* Reason: STIR (RFC 9410) in responses: ours to the caller, others' about our own PASSporT. */
#ifndef PROXY_REASON_H
#define PROXY_REASON_H

#include "sip-proxy/call.h"

/* Remembers which signature is ours, out of an Identity value we wrote. */
void reason_remember(struct call *call, const char *identity);

/* RFC 9410 §4: the first response but 100 tells the errors of a call that went on. */
void reason_tell(struct call *call, msg_t *response);

/* §7: what a verifier says of our PASSporT is for us, not for our customer: logged, counted,
 * removed. */
void reason_take(struct call *call, msg_t *response);

#endif
