/* SPDX-License-Identifier: Apache-2.0 */
/* What a PASSporT says: its JOSE header and claims (RFC 8225), for every ppt we know. */
#ifndef CALLERID_PASSPORT_H
#define CALLERID_PASSPORT_H

#include <callerid/number.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLERID_TOKEN_MAX  16384 /* bytes of one compact JWS */
#define CALLERID_X5U_MAX    512	  /* bytes of a certificate URL */
#define CALLERID_PPT_MAX    31	  /* bytes of a ppt name */
#define CALLERID_ORIGID_MAX 63	  /* bytes of an origid; a UUID has 36 */
#define CALLERID_DEST_MAX   10	  /* destinations in one PASSporT */
#define CALLERID_HI_MAX	    63	  /* bytes of a History-Info index in div */

#define CALLERID_RPH_MAX 8     /* values of Resource-Priority in one PASSporT */
#define CALLERID_RPH_LEN 47    /* bytes of one: "ets.0" */
#define CALLERID_SDP_MAX 65536 /* bytes of an SDP */

/* RFC 8588 §4: how much the signer knows of the caller. Also the answer of an attestation rule. */
enum callerid_attest {
	CALLERID_ATTEST_NONE = 0,
	CALLERID_ATTEST_A = 'A', /* full: the customer is known and may use this number */
	CALLERID_ATTEST_B = 'B', /* partial: the customer is known, the number is not */
	CALLERID_ATTEST_C = 'C', /* gateway: only the point of entry is known */
};

/* The claims of one PASSporT. A plain value. Strings end in NUL. */
struct callerid_claims {
	char ppt[CALLERID_PPT_MAX + 1]; /* "" for a base PASSporT, else "shaken" ... */
	int64_t iat;			/* seconds since 1970 */
	struct callerid_party orig;
	struct callerid_party dest[CALLERID_DEST_MAX];
	size_t n_dest;
	/* shaken (RFC 8588 §4) */
	enum callerid_attest attest;
	char origid[CALLERID_ORIGID_MAX + 1];
	/* div and div-o (RFC 8946 §3, §5): who was called before; dest is who is called now */
	struct callerid_party div;
	char hi[CALLERID_HI_MAX + 1]; /* History-Info index of div, "" when absent */
	const char *opt; /* div-o: the PASSporT before it, header.payload.signature; else NULL */
	/* any type (RFC 8225 §5.2.2): media keys, as callerid_mky_from_sdp() writes; or NULL */
	const char *mky;
	/* rph (RFC 8443 §4.1): values of Resource-Priority that the caller may use */
	char rph[CALLERID_RPH_MAX][CALLERID_RPH_LEN + 1];
	size_t n_rph;
	bool psap_callback; /* sph (RFC 9027 §4) is there, and so is an esnet value in rph */
	/* Rich Call Data (RFC 9795), of rcd PASSporTs and beside shaken; NULL where absent */
	const char *rcd;       /* a JSON object; canonical in what was parsed */
	const char *rcdi;      /* a JSON object of digests by JSON pointer; needs rcd */
	const char *crn;       /* the reason for the call: a stranger's text, UTF-8 */
	const char *iss;       /* rcd only: the third party that speaks here (§10) */
	const char *rcd_fault; /* parsed only, static: why a shaken PASSporT's are not used (§13) */
	/* signing only: in compact form (RFC 8225 §7), where ppt allows it. The request has to say
	 * what is left out: orig, one dest, Date for iat, mky by its SDP, and with rcd nam by the
	 * display name and crn by Call-Info. */
	bool compact;
	/* signing only: the display name of the request's From, without quotes and escapes. Where
	 * nam is another, or this is not known (NULL), the full form is obligatory (RFC 9795
	 * §12.1). */
	const char *display_name;
};

/*
 * The mky claim for the a=fingerprint lines of an SDP (RFC 8225 §5.2.2), canonical: sorted, each
 * once. *mky_out is freed with free(); NULL with CALLERID_OK when the SDP has no fingerprint.
 * RFC 8224 §4.1: an offer that has one is made first, then signed. CALLERID_ESYNTAX: a fingerprint
 * is malformed. CALLERID_ELIMIT: over CALLERID_SDP_MAX or 16 fingerprints. Any thread.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_mky_from_sdp(const char *sdp, size_t len, char **mky_out, struct callerid_error *err);

#ifdef __cplusplus
}
#endif

#endif
