/* SPDX-License-Identifier: Apache-2.0 */
/* The authentication service (RFC 8224 §6.1) and the verification service (§6.2) of a call. */
#ifndef PROXY_STIR_H
#define PROXY_STIR_H

#include "sip-proxy/call.h"

/* Each ends in call_forward() or call_reply(), now or from the loop within its budgets. */
void stir_sign(struct call *call);
void stir_verify(struct call *call);

/* An emergency call: begin reads its headers before it goes, the rest is done after it has gone,
 * with what is cached, for the record only. */
void stir_begin_for_record(struct call *call);
void stir_verify_for_record(struct call *call);

/* Frees what a call's journey holds. */
void stir_forget(struct call *call);

#endif
