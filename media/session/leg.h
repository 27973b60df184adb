/* SPDX-License-Identifier: Apache-2.0 */
/* A leg: one transport to one party, with the m-lines that stand on it: one, or those of a
 * BUNDLE. */
#ifndef MEDIA_SESSION_LEG_H
#define MEDIA_SESSION_LEG_H

#include "media/path/transport.h"
#include "media/session/said.h"
#include "media/session/terms.h"

#define LEG_SSRC_MAX	64 /* sources that a bundled leg tells apart; then the oldest goes */
#define LEG_CRYPTOS_MAX 4
#define LEG_TLS_ID_LEN	32

struct party;
struct stream;

struct leg_ssrc {
	uint32_t ssrc;
	uint8_t stream; /* its index */
	bool out;	/* we send it; RTCP about it belongs to that stream */
};

struct leg {
	struct transport_owner owner; /* first: the transport gives it back */
	struct party *party;
	struct transport *transport;
	struct dtls_certificate *certificate; /* that its SDP names; NULL: no DTLS yet */
	const struct interface *interface;
	unsigned streams; /* m-lines that stand here */
	bool shared;
	/* Our a=crypto, before and after one was chosen. A key that has sent is only ever that of
	 * the line that runs. */
	struct sdes offered[LEG_CRYPTOS_MAX];
	size_t n_offered;
	unsigned chosen;      /* tag of the one that is used; 0: none yet */
	unsigned untold;      /* a bit a line: its key is newer than the last offer of ours */
	uint64_t sent_before; /* packets to the party before the line that runs */
	bool full_ice;	      /* we check, since the party is lite */
	unsigned components;  /* of its ICE; 0: not known */
	/* Offered to a party whose media runs without ICE; empty: nothing is. */
	char offered_ufrag[ICE_UFRAG_LEN + 1], offered_pwd[ICE_PWD_LEN + 1];
	char *peer_tls_id;		 /* of the association that runs; NULL: none was said */
	char tls_id[LEG_TLS_ID_LEN + 1]; /* the same of ours, or of the next */
	struct fingerprint
		fingerprints[DTLS_FINGERPRINTS_MAX]; /* that the association began with */
	size_t n_fingerprints;
	struct leg_ssrc ssrcs[LEG_SSRC_MAX];
	size_t n_ssrcs, next_ssrc;
	struct { /* what metrics and log know of its handshake */
		enum dtls_state state;
		enum dtls_identity identity;
		unsigned failures;
	} told;
	uint64_t last_media; /* of the last packet that passed; monotonic ns */
};

struct leg_params {
	struct party *party;
	const struct interface *interface;
	bool shared, rtcp_mux;
	int tos;     /* -1: none */
	uint16_t at; /* the port that it has to be; 0: any */
};
/* NULL: why_out is an error-reason of ng. */
struct leg *leg_new(const struct leg_params *params, const char **why_out);
void leg_free(struct leg *leg);

/* The stream that a packet from the party belongs to (RFC 9143 §9.2). NULL: to none. */
struct stream *leg_route(struct leg *leg, const struct packet *packet);
/* A packet that goes out on a bundled leg for stream: RTCP that comes back is told apart by it. */
void leg_note_out(struct leg *leg, const struct stream *stream, const struct packet *packet);

/* Gets ready what we are about to offer: credentials, certificate, a=crypto. */
bool leg_offer(struct leg *leg, const struct terms *terms, const struct ng_request *request);

struct leg_settle {
	const struct terms *terms;
	const struct said *said; /* of the party's m-line that leads here */
	const struct ng_request *request;
	const struct address *received_from; /* NULL: none */
	const struct promise *source;	     /* how its source is to be learned */
	bool answers; /* the party has answered our offer; else we answer its */
	bool prefer_passive;
};
/* Makes the transport what was agreed. May be called again for each re-offer. */
bool leg_settle(struct leg *leg, const struct leg_settle *settle);

/* The transport does DTLS from now on, with one certificate for all its life. NULL: no memory. */
struct dtls *leg_use_dtls(struct leg *leg, enum dtls_role role);
/* Another association begins: it has a name of its own. false: no randomness. */
bool leg_name_association(struct leg *leg);
enum dtls_identity leg_identity(const struct leg *leg);

#endif
