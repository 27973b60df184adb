/* SPDX-License-Identifier: Apache-2.0 */
/* Why a packet was not passed on. Each reason is a counter of its transport and a metric's label.
 */
#ifndef MEDIA_PATH_DROP_H
#define MEDIA_PATH_DROP_H

#include <stdint.h>

/* X(name, label, words): the words follow "N packets" in what query and why tell. */
#define DROP_REASONS(X)                                                                            \
	X(TOO_LONG, "too_long", "longer than a datagram of media may be")                          \
	X(UNKNOWN_KIND, "unknown_kind", "neither STUN, DTLS, RTP nor RTCP (RFC 7983)")             \
	X(MALFORMED, "malformed", "with a broken RTP or RTCP header")                              \
	X(SOURCE, "source", "from an address that is not the peer's")                              \
	X(NOT_VALIDATED, "not_validated", "from an address that ICE has not validated")            \
	X(STUN_REFUSED, "stun_refused", "of STUN with wrong credentials or fingerprint")           \
	X(DTLS_SOURCE, "dtls_source", "of DTLS from an address that may not send it")              \
	X(DTLS_REFUSED, "dtls_refused", "of DTLS that fit no handshake")                           \
	X(NO_KEYS, "no_keys", "of media before the keys were agreed")                              \
	X(AUTHENTICATION, "authentication", "whose SRTP authentication failed")                    \
	X(SOURCES, "sources", "of more SRTP sources than there may be at once, or under one key")  \
	X(REPLAY, "replay", "seen before, or too old for the replay window")                       \
	X(IDENTITY, "identity", "under a certificate that the caller's identity did not sign")     \
	X(NO_STREAM, "no_stream", "that belong to no m-line")                                      \
	X(BLOCKED, "blocked", "blocked on request")                                                \
	X(DIRECTION, "direction", "against the negotiated direction")                              \
	X(NO_PEER, "no_peer", "while the other side had no address yet")                           \
	X(SEND, "send", "that the system refused to send")

enum drop_reason {
#define DROP_ENUM(name, label, words) DROP_##name,
	DROP_REASONS(DROP_ENUM)
#undef DROP_ENUM
		DROP_COUNT
};

const char *drop_label(enum drop_reason reason);
const char *drop_words(enum drop_reason reason);

#endif
