/* SPDX-License-Identifier: Apache-2.0 */
/* The attestation rule. */
#include "svc/registry/domain/attestation.h"

struct attestation attestation_for(const struct attestation_facts *facts)
{
	if (!facts->customer_known)
		return (struct attestation){"C", "customer not known"};
	if (!facts->number_theirs)
		return (struct attestation){"B", "customer known, number not theirs"};
	return (struct attestation){"A", "number bound to the customer's brand"};
}

bool attestation_allows(const struct attestation *given, char asked)
{
	return asked >= given->attest[0];
}
