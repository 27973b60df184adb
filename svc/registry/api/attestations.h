/* SPDX-License-Identifier: Apache-2.0 */
/* What the attestation rule is asked with; for attestations and for the signing door. */
#ifndef REGISTRY_API_ATTESTATIONS_H
#define REGISTRY_API_ATTESTATIONS_H

#include "svc/registry/domain/attestation.h"
#include "svc/registry/http/call.h"
#include "svc/registry/store/directory.h"

/* Is the customer a business that is known, and from a number of one of its brands? entry_out is
 * filled when it is. Reads across tenants. */
enum store_status attestations_find(struct db *db, const char *from, const char *customer,
				    struct attestation_facts *facts_out,
				    struct directory_row *entry_out);

#endif
