/* SPDX-License-Identifier: Apache-2.0 */
/* What context.c and dtls.c share: one association. */
#ifndef MEDIA_DTLS_ASSOCIATION_H
#define MEDIA_DTLS_ASSOCIATION_H

#include "media/dtls/bio.h"
#include "media/dtls/certificate_private.h"
#include "media/dtls/dtls.h"

#define DTLS_PEER_MAX 32 /* bytes of an address that go into a cookie */

struct dtls {
	struct dtls_certificate *certificate;
	enum dtls_role role;
	enum dtls_state state;
	SSL *ssl;	/* NULL: nothing has begun, or it was restored */
	bool listening; /* waits for a ClientHello with a cookie */
	struct datagrams datagrams;
	uint8_t cookie_key[32];
	uint8_t peer[DTLS_PEER_MAX];
	size_t peer_len;
	struct fingerprint sdp[DTLS_FINGERPRINTS_MAX], identity[DTLS_FINGERPRINTS_MAX];
	size_t n_sdp, n_identity;
	uint8_t *shown; /* the peer's certificate (DER), once a handshake is done */
	size_t shown_len;
	bool matches_sdp, matches_identity;
	struct dtls_keys keys; /* of the last handshake; suite SUITE_NONE: none */
	unsigned serial, failures;
	uint64_t retry_at; /* active, after a failure: when to begin anew */
	const char *why;   /* static: what the last failure was */
	char alert[64];
};

/* What the peer showed is held against what it has to be: the state, and whether keys may be used.
 */
void dtls_judge(struct dtls *dtls);

#endif
