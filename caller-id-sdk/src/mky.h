/* SPDX-License-Identifier: Apache-2.0 */
/* The "mky" claim (RFC 8225 §5.2.2): the fingerprints of the media keys that an SDP offers. */
#ifndef CID_MKY_H
#define CID_MKY_H

#include <callerid/error.h>
#include <callerid/identity.h>

#include <jansson.h>

#define CID_MKY_ALG_MAX	  15 /* bytes of a hash function's name: "sha-256" */
#define CID_MKY_DIG_BYTES 64 /* bytes of a fingerprint: SHA-512 */
#define CID_MKY_MAX	  16 /* different fingerprints */

struct cid_fingerprint {
	char alg[CID_MKY_ALG_MAX + 1];	     /* lower case */
	char dig[2 * CID_MKY_DIG_BYTES + 1]; /* hex in upper case, without colons */
};

/* Sorted by alg and dig, each one once: two lists of the same keys are the same bytes. */
struct cid_mky {
	struct cid_fingerprint at[CID_MKY_MAX];
	size_t n;
	bool secured; /* of an SDP: it has a fingerprint or an RFC 4568 key */
};

/*
 * Every a=fingerprint of an SDP (RFC 8122 §5), of the session and of each medium. CALLERID_ESYNTAX:
 * one of them is malformed. CALLERID_ELIMIT: over CALLERID_SDP_MAX, or more than CID_MKY_MAX.
 */
enum callerid_status cid_mky_of_sdp(struct callerid_span sdp, struct cid_mky *mky_out,
				    struct callerid_error *err);

/* The claim of a token. NULL when it is fine, else what is wrong with it (static). */
const char *cid_mky_of_json(const json_t *claim, struct cid_mky *mky_out);

/* The text of callerid_claims.mky, canonical or not. CALLERID_EINVAL: it is no claim. */
enum callerid_status cid_mky_of_text(const char *text, struct cid_mky *mky_out,
				     struct callerid_error *err);

/* Canonical JSON: [{"alg":"sha-256","dig":"02..."},...], the caller's, free(). NULL: no memory. */
char *cid_mky_text(const struct cid_mky *mky);

#endif
