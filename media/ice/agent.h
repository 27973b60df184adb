/* SPDX-License-Identifier: Apache-2.0 */
/* What ice.c, answer.c and checks.c share: the state of one ICE session. */
#ifndef MEDIA_ICE_AGENT_H
#define MEDIA_ICE_AGENT_H

#include "media/ice/ice.h"

#include <stun/stunagent.h>

#define NANOS_PER_MS   1000000ULL
#define COMPONENTS_MAX 2
#define UFRAG_MAX      32 /* of ours; one that is restored may be longer than we make them */
#define PWD_MAX	       64
#define TRANSMISSIONS  7    /* Rc of RFC 8489 §6.2.1 */
#define RTO_MS	       500  /* RFC 8445 §14.3: at least */
#define PACING_MS      50   /* Ta, RFC 8445 §14.2 */
#define LAST_WAIT_MS   8000 /* Rm * RTO, behind the last transmission */
#define CONSENT_MS     5000 /* RFC 7675 §5.1, times 0.8 to 1.2 */

struct credentials {
	char ufrag[UFRAG_MAX + 1], pwd[PWD_MAX + 1];
};

struct valid {
	struct address address;
	uint64_t seen; /* the last authenticated message; consent counts from it */
	unsigned generation;
};

/* One remote candidate and the check that runs against it. */
struct check {
	struct address to;
	uint32_t priority;
	enum { CHECK_WAITING, CHECK_RUNNING, CHECK_SUCCEEDED, CHECK_FAILED } state;
	bool nominating; /* carries USE-CANDIDATE */
	unsigned sent;	 /* transmissions so far */
	uint64_t due;	 /* the next one, or the end */
	StunTransactionId id;
	uint8_t message[ICE_MESSAGE_MAX];
	size_t len;
};

struct component {
	struct valid valid[ICE_VALID_MAX];
	size_t n_valid;
	struct address selected; /* family 0: none */
	unsigned selected_of;	 /* its generation: the one before, until the new one has one */
	struct check checks[ICE_CANDIDATES_MAX];
	size_t n_checks;
	uint64_t consent_due; /* the next request; 0: no pair selected by us */
	bool failed, lost;
};

struct ice {
	struct ice_params params;
	bool controlling;
	struct credentials local,
		previous; /* previous: of before a restart, until all that was of it is gone */
	char peer_ufrag[ICE_CREDENTIAL_MAX + 1], peer_pwd[ICE_CREDENTIAL_MAX + 1];
	char previous_peer[ICE_CREDENTIAL_MAX + 1]; /* its ufrag beside previous */
	unsigned generation;
	uint64_t tie_breaker, random;
	uint64_t pace;	  /* when the next check may begin */
	StunAgent *agent; /* of the checks; NULL while we are lite */
	const char *why;  /* static: the last thing that went wrong */
	struct component components[COMPONENTS_MAX];
};

/* In ice.c. */
uint64_t ice_random(struct ice *ice); /* for pacing, not for secrets */
struct valid *ice_find_valid(struct component *component, const struct address *address);
/* Notes that address has been heard; flags of what that changed. */
unsigned ice_make_valid(struct ice *ice, struct component *component, const struct address *address,
			uint64_t now);
/* A valid address of this session. What was of the one before ends (RFC 8445 §9). */
unsigned ice_select(struct ice *ice, struct component *component, const struct address *address);
/* By a nomination of this session, and not of the one before a restart. */
bool ice_has_selected(const struct ice *ice, const struct component *component);
void ice_stun_agent(StunAgent *agent);

/* In checks.c. */
void ice_checks_reset(struct ice *ice);
enum ice_verdict ice_take_response(struct ice *ice, struct component *component,
				   const struct address *from, StunMessage *message,
				   StunValidationStatus status, uint64_t now, unsigned *events_out);
bool ice_checks_poll(struct ice *ice, uint64_t now, struct ice_out *out, unsigned *events_out,
		     uint64_t *next_out);

#endif
