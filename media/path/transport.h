/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport: the way to and from one remote side for one m-line, or for all of a BUNDLE. It owns
 * sockets or a place on the worker's shared port, and puts ICE, DTLS, SRTP and the source lock
 * between them and the streams. One worker's thread only.
 *
 * In:  datagram -> kind (RFC 7983) -> source -> SRTP -> stream -> sinks.  Out: sink -> SRTP ->
 * socket. Rules of the source, in this order:
 *  - ICE in use: from an address that a valid pair exists for, RTP and DTLS alike.
 *  - SRTP without ICE: whatever authenticates is the peer; the first packet that does moves the
 *    address there (symmetric RTP), unless asymmetric is set.
 *  - DTLS without ICE: from the signalled address or received-from only; a cookie before any state,
 *    then from who showed it alone, until the handshake is done. Flights go there, and nowhere
 *    because of what nobody authenticated.
 *  - plain RTP: an exact match of the signalled address confirms at once; so does, until one came,
 *    another port of its host or of received_from. Within LATCH_SECONDS of signalling any address
 *    is taken for the peer behind a NAT: LATCH_PACKETS in a row within a second lock it, and at
 *    most as many of all such addresses pass before. Then only that address, but that within the
 *    window a better match takes its place: an attacker who sprays first must not keep the peer
 *    out. Opened again by signalling alone. RTCP on a port of its own learns no address by itself:
 *    it is rare enough for a stranger to be first. It comes from the signalled host or the one
 *    that RTP is locked to. strict: the signalled address only.
 *  - datagrams that are no RTP (T.38): as plain RTP; the host that RTP came from before fits too.
 *  - passthrough: without ICE as plain RTP, whatever the datagram is. With ICE from who sent a
 * check under the password that the other end signalled, or, where the peer is lite, its
 * candidates.
 *  - nothing is ever sent to an address that is neither signalled nor latched.
 */
#ifndef MEDIA_PATH_TRANSPORT_H
#define MEDIA_PATH_TRANSPORT_H

#include "media/dtls/dtls.h"
#include "media/ice/ice.h"
#include "media/ice/overhear.h"
#include "media/path/drop.h"
#include "media/path/port.h"
#include "media/path/worker.h"
#include "media/rtp/packet.h"
#include "media/srtp/sdes.h"
#include "media/srtp/srtp.h"

#include <stdbool.h>
#include <stdint.h>

#define LATCH_SECONDS 3
#define LATCH_PACKETS 5
/* Datagrams that a socket gives in a round: one that passes, or so many that are refused. */
#define REFUSED_MAX 32

struct path; /* what the transports of one worker share: shared port, buffers, batches */
struct transport;

/* webrtc: the shared port's number on each interface; 0: none, every transport has own ports. */
struct path *path_new(struct worker *worker, struct port_pool *pool, uint16_t webrtc);
void path_free(struct path *path); /* after its transports */

/* Sums over all transports that were, and what belonged to none. */
struct path_stats {
	uint64_t packets_in, bytes_in, packets_out, bytes_out;
	uint64_t dropped[DROP_COUNT];
};
const struct path_stats *path_stats(const struct path *path);

/* LATCH_OFF: media goes to the signalled address, wherever the peer's comes from. */
enum latch_mode { LATCH_LEARN, LATCH_STRICT, LATCH_OFF };
enum security { SECURITY_NONE, SECURITY_SDES, SECURITY_DTLS };

/* Of a transport in passthrough: any datagram, as it came. kind: DEMUX_UNKNOWN where none is told.
 */
struct opaque_datagram {
	const struct packet *packet;
	enum demux kind;
	unsigned component;
};

/* What a packet meets when its transport has let it through. All run in the path. */
struct transport_owner {
	/* Plain RTP or RTCP, authenticated where the transport has keys; may be changed in place.
	 */
	void (*media)(struct transport_owner *owner, struct transport *from, struct packet *packet);
	/* The same of a transport in passthrough. NULL: it never is. */
	void (*opaque)(struct transport_owner *owner, struct transport *from,
		       const struct opaque_datagram *datagram);
	/* The state has changed (ICE, DTLS, address): query and the record may want to know. */
	void (*changed)(struct transport_owner *owner, struct transport *transport);
};

struct transport_params {
	struct path *path;
	const struct interface *interface;
	struct transport_owner *owner;
	bool shared;   /* a place on the shared port: rtcp-mux, and ICE where we are lite */
	bool rtcp_mux; /* one component */
	uint16_t at;   /* 0: any port */
};
/* NULL: no port, no memory; why_out is an error-reason of ng. */
struct transport *transport_new(const struct transport_params *params, const char **why_out);
void transport_free(struct transport *transport);

/* component 0: RTP, 1: RTCP. What SDP names (advertised) and what is bound. */
struct address transport_advertised(const struct transport *transport, unsigned component);
struct address transport_local(const struct transport *transport, unsigned component);

/* Signalling. Each may be called again by a re-offer; what is the same as before changes nothing,
 * but that the source lock is opened: on an answer call transport_set_remote() of both sides, since
 * the offering side's peer begins to send only then. */
void transport_set_mux(struct transport *transport, bool rtcp_mux);
/* The peer's addresses from SDP; from SIP too (received_from, family 0: none). Opens the latch. */
void transport_set_remote(struct transport *transport, const struct address remote[2],
			  const struct address *received_from, enum latch_mode latch);
void transport_set_asymmetric(struct transport *transport, bool asymmetric);
/* What is there already stays, if it is as params say. NULL: no memory. */
struct ice *transport_use_ice(struct transport *transport, const struct ice_params *params);
struct ice *transport_ice(struct transport *transport);	 /* NULL: none */
void transport_ice_changed(struct transport *transport); /* after ice_set_remote() and candidates */
void transport_drop_ice(struct transport *transport);
struct dtls *transport_use_dtls(struct transport *transport, struct dtls_certificate *certificate,
				enum dtls_role role);
struct dtls *transport_dtls(struct transport *transport); /* NULL: none */
/* A new association, since ufrag, fingerprint or tls-id changed (RFC 8842 §4); it has to be told
 * the peer's fingerprints and identity. */
void transport_restart_dtls(struct transport *transport, enum dtls_role role);
void transport_dtls_changed(struct transport *transport); /* after dtls_set_peer/identity() */
bool transport_use_sdes(struct transport *transport, const struct sdes *local,
			const struct sdes *remote); /* remote NULL: not known yet */
void transport_use_plain(struct transport *transport);
void transport_set_tos(struct transport *transport, uint8_t tos);

/* Passthrough: nothing is ended here, whatever comes from the peer goes to owner->opaque. */
#define OPAQUE_CANDIDATES_MAX 16
#define OPAQUE_PROVED_MAX     8

struct opaque_candidate {
	unsigned component; /* from 1 */
	struct address address;
};
/* ICE between the ends. Others than before are a restart: whom it was proved of stays the peer
 * until somebody has proved it anew. */
struct opaque_ends {
	struct ice_ends checks; /* of the peer */
	bool lite;		/* it sends none */
	const struct opaque_candidate *candidates;
	size_t n_candidates;
};
/* ends NULL: without ICE. false: no memory, or credentials that cannot be. */
bool transport_use_opaque(struct transport *transport, const struct opaque_ends *ends);
/* The same for what is no RTP (T.38 over UDPTL): not even its kind is told, the source lock is that
 * of plain RTP, and there is one port. host: whatever port of it sends is the peer, as with
 * received_from; family 0: none. false: no memory. */
bool transport_use_datagrams(struct transport *transport, const struct address *host);
void transport_end_datagrams(struct transport *transport);
void transport_add_opaque(struct transport *transport, const struct opaque_candidate *candidate);
/* Sends it to the peer as it is. DROP_COUNT: done; else why not, for who it came from to count. */
enum drop_reason transport_forward(struct transport *transport,
				   const struct opaque_datagram *datagram);

/* Sends RTP or RTCP to the peer; the packet is protected in place, so each sink needs its own copy.
 * false: dropped and counted here (no peer, no keys, mismatch of identity, the system). */
bool transport_send(struct transport *transport, struct packet *packet);

/* Who sent what the rules of the source refused: so many addresses are told apart. */
#define STRANGERS_MAX 8
struct strangers {
	struct address seen[STRANGERS_MAX], last;
	size_t n;
};

/* What query, why and the state file read. */
struct transport_stats {
	uint64_t packets_in[2], bytes_in[2], packets_out[2], bytes_out[2]; /* RTP, RTCP */
	uint64_t last_in, last_out; /* monotonic ns; 0: never */
	uint64_t dropped[DROP_COUNT];
	struct strangers strangers;
	uint64_t since; /* the last signalling, monotonic ns */
};
/* What the owner drops itself (blocked, direction, no stream) is counted with the rest. */
void transport_drop(struct transport *transport, enum drop_reason reason);
const struct transport_stats *transport_stats(const struct transport *transport);
struct transport_view {
	enum security security;
	enum srtp_suite suite;
	bool confirmed;		  /* locked to a source, or a pair selected */
	struct address remote[2]; /* where media goes */
	struct address signalled[2];
	struct address source[2]; /* where its media comes from; family 0: not known yet */
	bool shared, rtcp_mux, strict;
	bool opaque, opaque_ice; /* passthrough; with ICE between the ends */
	bool keys_in, keys_out;	 /* with SECURITY_NONE: false */
};
void transport_view(const struct transport *transport, struct transport_view *out);

/* For the state file: all that a transport of the next process needs to go on where this one was.
 */
struct latch_saved {
	struct address remote, source, signalled, received_from, companion;
	enum latch_mode mode;
	bool asymmetric;
};
struct opaque_component {
	struct address candidates[OPAQUE_CANDIDATES_MAX];
	struct address proved[OPAQUE_PROVED_MAX]; /* sent a check under the password */
	size_t n_candidates, n_proved;
	struct address
		selected; /* of the proved ones; of a lite peer's candidates. family 0: none */
	bool anew;	  /* proved is of credentials that were before */
};
struct opaque_saved {
	bool on, ice, lite;
	bool raw; /* of datagrams no kind is told */
	char asked[ICE_CREDENTIAL_MAX + 1], asking[ICE_CREDENTIAL_MAX + 1],
		pwd[ICE_CREDENTIAL_MAX + 1];
	struct opaque_component components[2];
};
struct transport_saved {
	struct address local[2];
	bool shared, rtcp_mux;
	uint8_t tos;
	enum security security;
	struct latch_saved latches[2];
	enum srtp_suite suite_in, suite_out; /* SUITE_NONE: no keys */
	struct srtp_key key_in, key_out;
	struct srtp_source in[SRTP_SSRC_MAX], out[SRTP_SSRC_MAX];
	size_t n_in, n_out;
	bool has_ice, has_dtls;
	struct ice_params ice_params;
	struct ice_saved ice;
	struct dtls_saved dtls;
	struct opaque_saved opaque;
	struct transport_stats stats; /* but for strangers */
};
/* Once it is saved nothing more may be sent with its keys, unless the file is thrown away. */
void transport_save(const struct transport *transport, struct transport_saved *out);
/* Of a new transport at the same port. certificate: that of its DTLS, if it has any; the caller
 * tells the association its fingerprints and identity, and then transport_dtls_changed(). */
bool transport_restore(struct transport *transport, const struct transport_saved *saved,
		       struct dtls_certificate *certificate);

#endif
