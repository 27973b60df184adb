/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures by a key in a PKCS#11 token: asked for in a thread of their own, so that the loop
 * never waits for a device; a call waits no longer than token_timeout. */
#ifndef PROXY_HSM_H
#define PROXY_HSM_H

#include "sip-proxy/call.h"

#include <callerid/passport.h>

/* What came back; identity is borrowed, NULL unless status is CALLERID_OK. */
struct hsm_answer {
	enum callerid_status status;
	const char *identity;
};

typedef void hsm_done(struct call *call, const struct hsm_answer *answer);

/* Starts the thread when the settings have a token and it does not run yet; loop's thread. false:
 * it does not start. */
bool hsm_start(struct proxy *proxy);

/* Signs claims, which are copied with their mky and borrow no other texts, by the call's signer;
 * done runs exactly once, before this returns when nobody can be asked, else in the loop.
 * CALLERID_EIO: no answer in time.
 */
void hsm_sign(struct call *call, const struct callerid_claims *claims, hsm_done *done);

/* The call is going: its signature, if one is on its way, is for nobody. */
void hsm_forget(struct call *call);

/* Waits for the signature under way, token_timeout at most. After the calls, before the settings.
 */
void hsm_stop(struct proxy *proxy);

#endif
