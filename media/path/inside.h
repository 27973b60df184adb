/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a transport share, and nobody else sees. */
#ifndef MEDIA_PATH_INSIDE_H
#define MEDIA_PATH_INSIDE_H

#include "media/path/latch.h"
#include "media/path/shared.h"
#include "media/path/transport.h"

enum { RTP, RTCP, COMPONENTS };

/* One component of a transport. */
struct leg {
	struct worker_watch watch; /* of its own socket; fd -1: none */
	struct transport *transport;
	unsigned component;
	struct latch latch;
};

/* Its ICE session, and what the shared port knows of it. */
struct ice_side {
	struct ice *session; /* NULL: none */
	struct ice_params params;
	struct worker_timer timer;
	char name[ICE_UFRAG_LEN + 1];	      /* entered at the shared port; empty: none */
	struct address routed[ICE_VALID_MAX]; /* the same */
	size_t n_routed;
	struct address asked[ICE_CANDIDATES_MAX]; /* where checks of ours went; the same */
	size_t n_asked;
};

struct dtls_side {
	struct dtls *association; /* NULL: none */
	struct dtls_certificate *certificate;
	struct worker_timer timer;
	struct address to;     /* where the peer has proved to be; family 0: nowhere yet */
	unsigned serial;       /* of the keys in use; 0: none of this association's */
	enum dtls_state state; /* that the owner has been told of */
};

/* One direction's SRTP. */
struct crypto {
	struct srtp_context *context; /* NULL: no keys */
	enum srtp_suite suite;
	struct srtp_key key;
};

/* A check that its peer sent: the answer goes back to where it came from. */
#define OPAQUE_ASKED_MAX 32
/* All of them, so that an old one is known again: hours of RFC 7675's one in five seconds. */
#define OPAQUE_HEARD_MAX 4096
struct opaque_heard {
	uint32_t *marks; /* of each transaction its first bytes */
	size_t n, room;
	bool closed; /* not all could be noted: none is known to be new */
};
struct opaque {
	struct opaque_saved state;
	struct {
		uint8_t transaction[ICE_TRANSACTION_LEN];
		struct address from; /* family 0: none */
	} asked[OPAQUE_ASKED_MAX];
	size_t next;
	struct opaque_heard heard;
};

struct transport {
	struct path *path;
	struct transport_owner *owner;
	const struct interface *interface;
	struct shared_port *shared; /* NULL: it has ports of its own */
	struct port_pair ports;
	struct leg legs[COMPONENTS];
	enum security security;
	bool rtcp_mux;
	bool dirty; /* the owner has to be told of a change */
	uint8_t tos;
	struct crypto in, out;
	struct ice_side ice;
	struct dtls_side dtls;
	struct opaque *opaque; /* NULL: no passthrough */
	struct transport_stats stats;
};

struct path {
	struct worker *worker;
	struct port_pool *pool;
	struct shared *shared; /* NULL: none */
	struct path_stats stats;
	struct transport *receiving; /* NULL: it was freed by what it received */
	uint8_t buffer[PACKET_MAX + PACKET_SPARE];
};

/* Tells the owner when something has changed. The last thing that is done with a transport. */
void transport_settle(struct transport *transport);
/* It was from an address that may not send it. */
void transport_drop_from(struct transport *transport, enum drop_reason reason,
			 const struct address *from);
/* A datagram with PACKET_SPARE bytes behind it. The transport may be gone afterwards. true: it is
 * not, and nothing passed. */
bool transport_receive(struct transport *transport, unsigned component, const struct address *from,
		       struct packet *packet);
/* Counts one that has been let through. */
void transport_came(struct transport *transport, const struct packet *packet);
/* The source lock, where nothing authenticates; what it refuses is counted. */
bool leg_latched(struct leg *leg, const struct address *from, uint64_t now);
/* Reads a socket of a transport's own. */
void leg_readable(struct worker_watch *watch, struct worker *worker);

/* Where media of that component goes now; NULL: nowhere. */
const struct address *transport_destination(const struct transport *transport, unsigned component);
/* What is no media: answers of ICE, handshakes. */
void transport_put(struct transport *transport, unsigned component, const struct address *to,
		   const uint8_t *data, size_t len);
bool transport_put_own(const struct transport *transport, unsigned component,
		       const struct address *to, const struct packet *packet);
void transport_sent(struct transport *transport, bool rtcp, size_t bytes);

/* Keys: the same ones again go on where they are. false: no memory, or a wrong length. */
bool crypto_set(struct crypto *crypto, enum srtp_suite suite, const struct srtp_key *key,
		bool inbound);
void crypto_clear(struct crypto *crypto);

void ice_side_receive(struct leg *leg, const struct address *from, struct packet *packet);
/* May media and DTLS of that leg come from there? Without ICE: yes. */
bool ice_side_admits(const struct leg *leg, const struct address *from);
void ice_side_clear(struct transport *transport);
/* The shared port learns that an address is this transport's. */
bool ice_side_route(struct transport *transport, const struct address *address);

/* Transactions of checks that passed. */
bool opaque_is_new(const struct opaque_heard *heard, const uint8_t *transaction);
void opaque_note(struct opaque_heard *heard, const uint8_t *transaction);
void opaque_close(struct opaque_heard *heard);
void opaque_forget(struct opaque_heard *heard); /* of other credentials */

void opaque_receive(struct leg *leg, const struct address *from, struct packet *packet);
/* Where ICE of the ends is: the peer's address now. NULL: none. */
const struct address *opaque_destination(const struct leg *leg);
void opaque_clear(struct transport *transport);
void opaque_save(const struct transport *transport, struct opaque_saved *out);
bool opaque_restore(struct transport *transport, const struct opaque_saved *saved);

void dtls_side_receive(struct leg *leg, const struct address *from, struct packet *packet);
/* Sends what is due, takes keys over, sets the timer. */
void dtls_side_run(struct transport *transport);
void dtls_side_clear(struct transport *transport);
/* Why there are no keys. */
enum drop_reason dtls_side_reason(const struct transport *transport);

#endif
