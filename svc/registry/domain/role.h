/* SPDX-License-Identifier: Apache-2.0 */
/* Roles and what each may do. What no row allows is denied. */
#ifndef REGISTRY_ROLE_H
#define REGISTRY_ROLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One bit each, in the order of permission_names; stored with keys, so a new one goes to the end.
 */
enum permission {
	PERMIT_TENANTS,	      /* make tenants below one's own; the operator: any */
	PERMIT_KEYS,	      /* users and keys of one's tenant and of those below */
	PERMIT_BUSINESS_READ, /* businesses, brands, logos, reasons */
	PERMIT_BUSINESS_WRITE,
	PERMIT_APPROVE,	    /* a brand's version that somebody else edited */
	PERMIT_DECIDE,	    /* review of businesses, brands and claims of all tenants */
	PERMIT_NUMBER_READ, /* claims and bindings */
	PERMIT_NUMBER_WRITE,
	PERMIT_INTENT_READ,
	PERMIT_INTENT_WRITE,
	PERMIT_LOOKUP,
	PERMIT_ATTEST,
	PERMIT_SNAPSHOT, /* the directory and its changes, of all tenants */
	PERMIT_STREAM,
	PERMIT_DEVICE, /* make keys for callees */
	PERMIT_REPORT,
	PERMIT_DECISION_READ,
	PERMIT_DECISION_WRITE,
	PERMIT_AUDIT,
	PERMIT_CERTIFICATE,
	PERMIT_SIGN,   /* POST /stir/v1/signing */
	PERMIT_VERIFY, /* POST /stir/v1/verification */
	PERMISSIONS
};

extern const char *const permission_names[PERMISSIONS + 1]; /* "business:read"; NULL-terminated */

#define PERMIT(name) (UINT64_C(1) << PERMIT_##name)

enum role {
	ROLE_OPERATOR,
	ROLE_OWNER,
	ROLE_ADMIN,
	ROLE_BRAND_EDITOR,
	ROLE_BRAND_APPROVER,
	ROLE_VETTER,
	ROLE_NUMBER_ADMIN,
	ROLE_CALLER,
	ROLE_ANALYST,
	ROLE_AUDITOR,
	ROLE_SUPPORT,
	ROLE_CARRIER,
	ROLE_APP,
	ROLE_DEVICE,
	ROLES
};

extern const char *const role_names[ROLES + 1]; /* NULL-terminated */

uint64_t role_permissions(enum role role);
bool role_find(const char *name, enum role *role_out);

/* Whether a key of one role may make a key of the other: never one that may do what it may not. */
bool role_may_grant(enum role giver, enum role given);

/* Whether a key of the one role may belong to a user of the other: it may do nothing that the user
 * may not. */
bool role_is_within(enum role role, enum role user);

#endif
