/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DTLS-SRTP of one transport (RFC 5763, RFC 5764) over memory: datagrams in, datagrams out. A
 * failed handshake never ends the association: it begins anew and waits. What the peer's
 * certificate has to be is asked before a key leaves this file.
 */
#ifndef MEDIA_DTLS_DTLS_H
#define MEDIA_DTLS_DTLS_H

#include "media/dtls/certificate.h"
#include "media/dtls/fingerprint.h"
#include "media/srtp/suite.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DTLS_FINGERPRINTS_MAX 8 /* of a peer's SDP, and of a signed identity */
#define DTLS_DATAGRAM_MAX     1400

enum dtls_role { DTLS_PASSIVE, DTLS_ACTIVE }; /* a=setup of ours: passive is the server */

struct dtls;

/* Takes a reference of the certificate. NULL: no memory. */
struct dtls *dtls_new(struct dtls_certificate *certificate, enum dtls_role role);
void dtls_free(struct dtls *dtls);

/* What the peer's SDP says, and what the verified PASSporT signed (n 0: not bound to any). May be
 * called again; a certificate that no longer fits ends the keys at once. */
void dtls_set_peer(struct dtls *dtls, const struct fingerprint *sdp, size_t n);
void dtls_set_identity(struct dtls *dtls, const struct fingerprint *signed_, size_t n);

enum dtls_state {
	DTLS_NEW, /* nothing received or sent */
	DTLS_HANDSHAKE,
	DTLS_UNVERIFIED, /* handshake done; no fingerprint of the peer known yet: no keys */
	DTLS_CONNECTED,	 /* keys may be used */
	DTLS_CLOSED,	 /* the peer said close_notify */
};
enum dtls_identity { DTLS_UNBOUND, DTLS_BOUND, DTLS_MISMATCH };

enum dtls_state dtls_state(const struct dtls *dtls);
enum dtls_identity dtls_identity(const struct dtls *dtls);
enum dtls_role dtls_role(const struct dtls *dtls);

/* What a datagram was, and whether it proves that the peer is where it came from. */
enum dtls_heard {
	DTLS_UNFIT,  /* it fitted nothing */
	DTLS_ASKED,  /* no cookie of ours: what there is to send now is for who sent it, alone */
	DTLS_HEARD,  /* taken; anybody could have sent it */
	DTLS_PROVED, /* it brought our cookie, or something authenticated */
};

/*
 * A datagram from an address that the transport trusts. peer (address bytes) is what the cookie of
 * HelloVerifyRequest is made of (RFC 6347 §4.2.1); NULL where ICE has validated the address, which
 * proves the same, so that a ClientHello in fragments is read too.
 */
enum dtls_heard dtls_receive(struct dtls *dtls, const uint8_t *data, size_t len, const void *peer,
			     size_t peer_len);
/* Begins as the active side; runs retransmissions that are due at now. */
void dtls_poll(struct dtls *dtls, uint64_t now, uint64_t *next_out);
/* The next datagram to send; 0: none. */
size_t dtls_take(struct dtls *dtls, uint8_t *out, size_t size);

/* Keys of the last finished handshake; false: not DTLS_CONNECTED. serial grows with each new set.
 */
struct dtls_keys {
	enum srtp_suite suite;
	struct srtp_key local, remote; /* local: what we send with */
	unsigned serial;
};
bool dtls_keys(const struct dtls *dtls, struct dtls_keys *out);

/*
 * What of an association outlives the process: roles, keys, and the peer's certificate, so that a
 * later SDP or identity is held against it as before. The TLS state does not: a close_notify in it
 * is not heard. Of a handshake that was under way nothing is saved.
 */
#define DTLS_SHOWN_MAX 4096
struct dtls_saved {
	enum dtls_role role;
	enum dtls_state state; /* DTLS_NEW: there is nothing else */
	struct dtls_keys keys;
	uint8_t shown[DTLS_SHOWN_MAX]; /* DER */
	size_t shown_len;
};
void dtls_save(const struct dtls *dtls, struct dtls_saved *out);
/* Of a new association. It is to be told fingerprints and identity, and judges as it did. false: no
 * memory, or no certificate. */
bool dtls_resume(struct dtls *dtls, const struct dtls_saved *saved);

unsigned dtls_failures(const struct dtls *dtls); /* handshakes that ended in an alert */
const char *dtls_why(const struct dtls *dtls, char *text_out, size_t size);

#endif
