/* SPDX-License-Identifier: Apache-2.0 */
/* The table of roles. */
#include "svc/registry/domain/role.h"

#include <string.h>

const char *const permission_names[PERMISSIONS + 1] = {
	[PERMIT_TENANTS] = "tenants",
	[PERMIT_KEYS] = "keys",
	[PERMIT_BUSINESS_READ] = "business:read",
	[PERMIT_BUSINESS_WRITE] = "business:write",
	[PERMIT_APPROVE] = "approve",
	[PERMIT_DECIDE] = "decide",
	[PERMIT_NUMBER_READ] = "number:read",
	[PERMIT_NUMBER_WRITE] = "number:write",
	[PERMIT_INTENT_READ] = "intent:read",
	[PERMIT_INTENT_WRITE] = "intent:write",
	[PERMIT_LOOKUP] = "lookup",
	[PERMIT_ATTEST] = "attest",
	[PERMIT_SNAPSHOT] = "snapshot",
	[PERMIT_STREAM] = "stream",
	[PERMIT_DEVICE] = "device",
	[PERMIT_REPORT] = "report",
	[PERMIT_DECISION_READ] = "decision:read",
	[PERMIT_DECISION_WRITE] = "decision:write",
	[PERMIT_AUDIT] = "audit",
	[PERMIT_CERTIFICATE] = "certificate",
	[PERMIT_SIGN] = "sign",
	[PERMIT_VERIFY] = "verify",
};

const char *const role_names[ROLES + 1] = {
	[ROLE_OPERATOR] = "operator",
	[ROLE_OWNER] = "owner",
	[ROLE_ADMIN] = "admin",
	[ROLE_BRAND_EDITOR] = "brand_editor",
	[ROLE_BRAND_APPROVER] = "brand_approver",
	[ROLE_VETTER] = "vetter",
	[ROLE_NUMBER_ADMIN] = "number_admin",
	[ROLE_CALLER] = "caller",
	[ROLE_ANALYST] = "analyst",
	[ROLE_AUDITOR] = "auditor",
	[ROLE_SUPPORT] = "support",
	[ROLE_CARRIER] = "carrier",
	[ROLE_APP] = "app",
	[ROLE_DEVICE] = "device",
};

#define READ (PERMIT(BUSINESS_READ) | PERMIT(NUMBER_READ))
#define OWN                                                                                        \
	(READ | PERMIT(KEYS) | PERMIT(BUSINESS_WRITE) | PERMIT(APPROVE) | PERMIT(NUMBER_WRITE) |   \
	 PERMIT(INTENT_READ) | PERMIT(INTENT_WRITE) | PERMIT(STREAM) | PERMIT(DECISION_READ) |     \
	 PERMIT(AUDIT))

static const uint64_t permissions[ROLES] = {
	[ROLE_OPERATOR] = (UINT64_C(1) << PERMISSIONS) - 1,
	[ROLE_OWNER] = OWN | PERMIT(TENANTS),
	[ROLE_ADMIN] = OWN,
	[ROLE_BRAND_EDITOR] = PERMIT(BUSINESS_READ) | PERMIT(BUSINESS_WRITE),
	[ROLE_BRAND_APPROVER] = PERMIT(BUSINESS_READ) | PERMIT(APPROVE),
	[ROLE_VETTER] = READ | PERMIT(DECIDE),
	[ROLE_NUMBER_ADMIN] = READ | PERMIT(NUMBER_WRITE),
	[ROLE_CALLER] = PERMIT(INTENT_READ) | PERMIT(INTENT_WRITE) | PERMIT(STREAM),
	[ROLE_ANALYST] = READ | PERMIT(INTENT_READ) | PERMIT(DECISION_READ),
	[ROLE_AUDITOR] = READ | PERMIT(INTENT_READ) | PERMIT(DECISION_READ) | PERMIT(AUDIT),
	[ROLE_SUPPORT] = READ,
	[ROLE_CARRIER] = PERMIT(LOOKUP) | PERMIT(ATTEST) | PERMIT(SNAPSHOT) | PERMIT(STREAM) |
			 PERMIT(DECISION_READ) | PERMIT(DECISION_WRITE) | PERMIT(CERTIFICATE) |
			 PERMIT(SIGN) | PERMIT(VERIFY) | PERMIT(REPORT),
	[ROLE_APP] = PERMIT(LOOKUP) | PERMIT(DEVICE) | PERMIT(REPORT),
	[ROLE_DEVICE] = PERMIT(LOOKUP) | PERMIT(STREAM) | PERMIT(REPORT),
};

uint64_t role_permissions(enum role role)
{
	return (unsigned)role < ROLES ? permissions[role] : 0;
}

bool role_find(const char *name, enum role *role_out)
{
	for (size_t i = 0; i < ROLES; i++) {
		if (strcmp(role_names[i], name) == 0) {
			*role_out = (enum role)i;
			return true;
		}
	}
	return false;
}

static bool looks_across(enum role role)
{
	return role == ROLE_OPERATOR || role == ROLE_VETTER || role == ROLE_CARRIER ||
	       role == ROLE_APP;
}

/* Those who look across tenants are the operator's to name; a device's key is made by its app. */
bool role_may_grant(enum role giver, enum role given)
{
	if (given == ROLE_DEVICE)
		return giver == ROLE_APP;
	if (giver == ROLE_OPERATOR)
		return true;
	if (looks_across(given) || (role_permissions(giver) & PERMIT(KEYS)) == 0)
		return false;
	return given != ROLE_OWNER || giver == ROLE_OWNER;
}

/* Of those who look across tenants the name counts, too: what an operator reaches and a carrier
 * hears does not go by permissions alone. */
bool role_is_within(enum role role, enum role user)
{
	if (role == user || user == ROLE_OPERATOR)
		return true;
	return !looks_across(role) && (role_permissions(role) & ~role_permissions(user)) == 0;
}
