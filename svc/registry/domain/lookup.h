/* SPDX-License-Identifier: Apache-2.0 */
/* What a lookup may show of a caller, given how the call was verified. */
#ifndef REGISTRY_LOOKUP_H
#define REGISTRY_LOOKUP_H

#include "svc/registry/domain/receipt.h"

#include <stdbool.h>
#include <stddef.h>

enum lookup_verstat { LOOKUP_PASSED, LOOKUP_FAILED, LOOKUP_NOT_VALIDATED, LOOKUP_VERSTATS };
enum lookup_attest { LOOKUP_A, LOOKUP_B, LOOKUP_C, LOOKUP_NO_ATTEST };

extern const char *const lookup_verstat_names[]; /* NULL-terminated, in the order of the enum */
extern const char *const lookup_attest_names[];

enum lookup_intent {
	LOOKUP_INTENT_NOT_SOUGHT, /* the call is not verified, or nobody said who is called */
	LOOKUP_INTENT_NONE,
	LOOKUP_INTENT_MATCHED,
	LOOKUP_INTENT_SAME_CALL,  /* matched before, by this very call */
	LOOKUP_INTENT_SEEN,	  /* announced; the lookup asked not to consume it */
	LOOKUP_INTENT_MISMATCHED, /* announced, but this call did not prove the number */
	LOOKUP_INTENT_LATE,	  /* the budget was over before it could be looked for */
};

struct lookup_facts {
	enum lookup_verstat verstat;
	enum lookup_attest attest;
	bool oob;      /* verified out of band (RFC 8816) */
	bool delegate; /* signed with a delegate certificate of the number (RFC 9060) */
	bool bound;    /* the number is bound to a brand */
	bool strict;   /* the brand is shown only for calls that were announced */
	bool callee;   /* the called number was given */
	enum lookup_intent intent;
};

#define LOOKUP_REASONS_MAX 4

struct lookup_view {
	bool verified;
	bool brand;   /* show its name and logo: they are the caller's */
	bool claimed; /* show its name as what a caller could not prove */
	bool reason;  /* show the intent's reason */
	bool partial; /* something was left out for want of time */
	int cache_s;  /* how long this answer may be kept */
	enum provenance provenance;
	size_t n_reasons;
	const char *reasons[LOOKUP_REASONS_MAX]; /* static */
};

/* The call proved its number: TN-Validation-Passed with attestation A or a delegate certificate, or
 * out of band. */
bool lookup_is_verified(const struct lookup_facts *facts);

/* An intent may be looked for: to be taken when the call is verified, else to warn of. */
bool lookup_seeks_intent(const struct lookup_facts *facts);

void lookup_compose(const struct lookup_facts *facts, struct lookup_view *view_out);

#endif
