/* SPDX-License-Identifier: Apache-2.0 */
/* The fingerprints that PASSporTs sign (mky, RFC 8225 §5.2.2), on either side of a media relay. */
#ifndef PROXY_MKY_H
#define PROXY_MKY_H

struct call;

/* What the PASSporT signed that proves the caller, when the SDP that came is what it signed: a JSON
 * array, lent by the verdict. NULL: nothing is proven of the media. */
const char *mky_proven(const struct call *call);

/*
 * The relay's fingerprints stand in the request: a PASSporT that passed and signed others would be
 * found broken by the next verifier, and the call with it (RFC 8224 §6.2.2: 438). What it proved is
 * told by verstat; it is taken out. One that failed, or has no mky, stays.
 */
void mky_drop_broken(struct call *call);

/* The claim over the SDP that leaves, where a relay was asked for it; freed with free(). NULL: it
 * has no fingerprint that can be signed. */
char *mky_to_sign(const struct call *call);

#endif
