/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ICE of one transport (RFC 8445), without sockets: STUN goes in, answers and checks come out. As a
 * lite agent it answers; where the peer is lite it is the controlling full agent and checks.
 * Messages are read and written by libnice's STUN code; the state machine is ours, since an agent
 * of libnice would own the sockets, poll(2) them and take one datagram at a time.
 */
#ifndef MEDIA_ICE_ICE_H
#define MEDIA_ICE_ICE_H

#include "media/path/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ICE_UFRAG_LEN	    8	/* of ours; 24 random bits at least (RFC 8445 §5.3) */
#define ICE_PWD_LEN	    26	/* of ours; 128 random bits at least */
#define ICE_CREDENTIAL_MAX  256 /* bytes of the peer's ufrag or pwd (RFC 8839 §5.4) */
#define ICE_CANDIDATES_MAX  16	/* of the peer that are kept, a component */
#define ICE_VALID_MAX	    8	/* addresses that can be valid at once, a component */
#define ICE_CONSENT_SECONDS 30	/* RFC 7675 §5.1 */
#define ICE_MESSAGE_MAX	    548 /* bytes of a message of ours */

struct ice;

struct ice_params {
	bool lite;	     /* we are lite: answer only */
	bool controlling;    /* ours when full; the peer is lite then */
	unsigned components; /* 1 with rtcp-mux, else 2 */
	uint64_t seed;	     /* for pacing and tie-breaker; secrets come from the system */
};

struct ice *ice_new(const struct ice_params *params); /* NULL: no memory or no randomness */
void ice_free(struct ice *ice);

const char *ice_ufrag(const struct ice *ice);
const char *ice_pwd(const struct ice *ice);
/* The peer's; empty: not known yet. */
const char *ice_peer_ufrag(const struct ice *ice);
const char *ice_peer_pwd(const struct ice *ice);
/* For a call that is restored: the credentials that the peer already knows. */
bool ice_restore(struct ice *ice, const char *ufrag, const char *pwd);

/* What a restart needs: both sides' credentials, and the addresses that were proved. */
struct ice_saved {
	char ufrag[ICE_CREDENTIAL_MAX + 1], pwd[ICE_CREDENTIAL_MAX + 1];
	char peer_ufrag[ICE_CREDENTIAL_MAX + 1], peer_pwd[ICE_CREDENTIAL_MAX + 1];
	struct {
		struct address selected; /* family 0: none */
		struct address valid[ICE_VALID_MAX];
		size_t n_valid;
	} components[2];
};
void ice_save(const struct ice *ice, struct ice_saved *out);
/* Of a new session: consent to what was valid counts from now. false: credentials that cannot be.
 */
bool ice_resume(struct ice *ice, const struct ice_saved *saved, uint64_t now);

/* The peer's credentials from its SDP. Others than before are a restart (RFC 8445 §9): ours
 * are made anew too (*restarted_out); what was valid stays so, and selected, until a pair of the
 * new session is selected. false: over ICE_CREDENTIAL_MAX or no memory. */
bool ice_set_remote(struct ice *ice, const char *ufrag, const char *pwd, bool *restarted_out);

/* priority and foundation as in a=candidate; UDP only, host names refused before. */
bool ice_add_candidate(struct ice *ice, unsigned component, uint32_t priority,
		       const struct address *address);

enum ice_verdict {
	ICE_ANSWER,  /* out holds what goes back to from */
	ICE_NOTHING, /* taken; nothing to send */
	ICE_REFUSED, /* not for us, wrong integrity or fingerprint: drop and count, say nothing */
};

/* What changed; flags. */
enum ice_event {
	ICE_NEW_VALID = 1,    /* from has become a validated address */
	ICE_NEW_SELECTED = 2, /* ice_selected() is another address, the first, or that of a
				 restarted session */
	ICE_LOST = 4,	      /* consent ended (RFC 7675): nothing may be sent */
	ICE_FAILED = 8,	      /* no check of any candidate succeeded */
};

struct ice_out {
	struct address to;
	unsigned component;
	uint8_t data[ICE_MESSAGE_MAX];
	size_t len;
};

/* A STUN message from the network. An answer is never longer than what it answers when the sender
 * is not authenticated: those get none at all. events_out: flags of enum ice_event. */
enum ice_verdict ice_receive(struct ice *ice, unsigned component, const struct address *from,
			     const uint8_t *data, size_t len, uint64_t now, struct ice_out *out,
			     unsigned *events_out);

/* Runs what is due: checks, retransmissions, consent. true: out is to be sent, call again.
 * *next_out: when it has to be called next (nanoseconds), UINT64_MAX: only after ice_receive(). */
bool ice_poll(struct ice *ice, uint64_t now, struct ice_out *out, unsigned *events_out,
	      uint64_t *next_out);

/* May media and DTLS come from there? Those that a valid pair exists for, prflx included. */
bool ice_is_valid(const struct ice *ice, unsigned component, const struct address *from);
/* Where media goes: the nominated pair's. NULL: none yet. */
const struct address *ice_selected(const struct ice *ice, unsigned component);
/* One word and one sentence for query: "new|checking|connected|lost|failed", and why. */
const char *ice_state(const struct ice *ice);
const char *ice_why(const struct ice *ice, char *text_out, size_t size);

/* For shared ports: the local half of USERNAME of a binding request, before anything is verified.
 * false: no binding request with one. */
bool ice_peek_ufrag(const uint8_t *data, size_t len, const char **ufrag_out, size_t *len_out);

#endif
