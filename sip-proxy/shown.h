/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a callee is shown beside the number: Rich Call Data of the call's own PASSporTs (RFC 9795)
 * and the registry's brand, merged by one rule.
 *
 * The PASSporT goes before the registry: it was signed for this very call, within the last minute,
 * by someone whose certificate covers the number, while the registry speaks of the number in
 * general. A name and what belongs to it (logo, jCard) come from one of the two, since a logo of
 * the one beside the name of the other is a statement that neither made; the registry's logo is
 * added to a signed name only when both say the same name. The reason for the call is taken from
 * the PASSporT (crn), else from the registry, which was told of this call in advance.
 *
 * A third party's PASSporT (RFC 9795 §10) is signed by somebody whose certificate need not cover
 * the number: it goes behind the registry, and nothing of it is mixed with what the registry says.
 *
 * A word that mixes scripts whose letters look alike (a Cyrillic a in "Bank") is how one name is
 * dressed up as another: whoever says it, nothing of what he says is shown.
 *
 * Nothing is shown of a call that did not pass, that has attestation B or C (whose signer does not
 * vouch for the number itself), or of a PASSporT that failed or speaks for another caller.
 */
#ifndef PROXY_SHOWN_H
#define PROXY_SHOWN_H

#include "sip-proxy/facts.h"

#include <callerid/rcd.h>
#include <callerid/verdict.h>

#define BRAND_NAME_MAX	    128
#define BRAND_REASON_MAX    64 /* RFC 9796 §6: call-reason of at most 64 characters */
#define SHOWN_URL_MAX	    512
#define SHOWN_INTEGRITY_MAX 127 /* "sha512-" and 88 characters of base64 */

/* What the registry knows of a verified caller; "" where it knows nothing. */
struct brand {
	bool verified;
	char name[BRAND_NAME_MAX + 1];
	char logo_url[SHOWN_URL_MAX + 1];
	char logo_sha256[65];		       /* hex */
	char reason[4 * BRAND_REASON_MAX + 1]; /* UTF-8 */
};

/* An https URL and the digest of what it holds, "" where there is none. */
struct shown_link {
	char url[SHOWN_URL_MAX + 1];
	char integrity[SHOWN_INTEGRITY_MAX + 1];
};

/* Texts are cleaned (callerid_text_clean()); "" where there is nothing to show. */
struct shown {
	char name[4 * (CALLERID_NAME_CHARS_MAX + 1) + 1];
	char reason[4 * (CALLERID_REASON_CHARS_MAX + 1) + 1];
	struct shown_link logo;
	struct shown_link card; /* a jCard, only where there is no name */
	const char *name_by;	/* "rcd", "registry"; NULL: nothing that identifies is shown */
	const char *reason_by;	/* the same */
	/* Static, for the record: what became of the call's Rich Call Data. NULL: it has none;
	 * "shown"; else why it is not: the reason of its PASSporT, "not_first_party", "unlabelled",
	 * "not_passed", "attestation", "other_caller", "third_party", "look_alike". */
	const char *rcd;
};

/* brand NULL: the registry knows nothing. */
void shown_choose(const struct facts *facts, const struct callerid_verdict *verdict,
		  const struct brand *brand, struct shown *shown_out);

#endif
