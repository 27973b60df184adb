/* SPDX-License-Identifier: Apache-2.0 */
/* What a request says about itself: callers, called, Date, Identity, whether it is an emergency. */
#ifndef PROXY_FACTS_H
#define PROXY_FACTS_H

#include "sip-proxy/message.h"
#include "sip-proxy/trunk.h"

#include <callerid/callinfo.h>

#define FACTS_PRIORITIES_MAX 8	 /* Resource-Priority fields that are looked at */
#define FACTS_NAME_MAX	     256 /* bytes of a display name */

struct facts {
	/* Parts of the message, valid as long as it. */
	struct callerid_span identity[CALLERID_IDENTITIES_MAX];
	size_t n_identity;
	size_t n_identity_ignored; /* over the limit */
	struct callerid_span date;
	size_t n_date;
	struct callerid_span resource_priority[FACTS_PRIORITIES_MAX];
	size_t n_resource_priority;
	struct callerid_span priority; /* the first field of that name */
	struct callerid_span sdp;      /* p NULL: a body that is not SDP alone, or of no kind */
	struct callerid_party
		orig[2]; /* the tel and the sip caller of P-Asserted-Identity, or From */
	struct callerid_span orig_uri[2]; /* where in P-Asserted-Identity they stand */
	size_t n_orig;
	char name[FACTS_NAME_MAX + 1]; /* the caller's display name, "" when there is none */
	/* The call-reason of Call-Info as it was received, "" when there is none: what a compact
	 * PASSporT may have signed (RFC 9795 §9). A stranger's text, shown to nobody. */
	char call_reason[CALLERID_CALLINFO_REASON_MAX + 1];
	struct callerid_party dest;   /* To */
	struct callerid_party called; /* Request-URI */
	bool has_pai;		      /* orig comes from P-Asserted-Identity */
	bool two_callers;	      /* it asserts two numbers, or something unreadable */
	bool unlabelled;	      /* found later: what passed proves nothing to the callee */
	bool emergency;		      /* to or from a PSAP: forwarded first, looked at afterwards */
	bool to_psap;		      /* an emergency by what was dialled, not by what is claimed */
};

/* Before anything is taken out of msg: the first call-reason of its Call-Info values, "" when there
 * is none. Strangers' values are removed, but a compact PASSporT speaks of them (RFC 9795 §9). */
void facts_read_reason(msg_t *msg, char reason_out[CALLERID_CALLINFO_REASON_MAX + 1]);

/* Total: whatever is missing or malformed is left out. The caller's number is taken from
 * P-Asserted-Identity only when the trunk may assert it. Leaves call_reason empty. */
void facts_read(msg_t *msg, const struct trunk *trunk, struct facts *facts_out);

/* The body, where it is SDP and nothing else, as in facts: what several parts hold is not known. */
struct callerid_span facts_sdp(const sip_t *sip);

/* A fragment of a field that lists URIs, cut at commas outside quotes and <>. */
bool facts_next_value(struct callerid_span *rest, struct callerid_span *value_out);

#endif
