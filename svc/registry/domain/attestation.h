/* SPDX-License-Identifier: Apache-2.0 */
/* Which attestation an originating carrier may give (ATIS-1000074 §5.2.3). */
#ifndef REGISTRY_ATTESTATION_H
#define REGISTRY_ATTESTATION_H

#include <stdbool.h>

struct attestation_facts {
	bool customer_known; /* the business is registered */
	bool number_theirs;  /* the number is bound to one of its brands */
};

struct attestation {
	const char *attest; /* "A", "B" or "C" */
	const char *reason; /* static */
};

struct attestation attestation_for(const struct attestation_facts *facts);

/* Whether "A", "B" or "C" may be signed where given is the rule's answer: that or less. */
bool attestation_allows(const struct attestation *given, char asked);

#endif
