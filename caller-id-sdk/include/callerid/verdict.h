/* SPDX-License-Identifier: Apache-2.0 */
/* The answer about a call: what was proven, what was not, and why. */
#ifndef CALLERID_VERDICT_H
#define CALLERID_VERDICT_H

#include <callerid/context.h>
#include <callerid/passport.h>
#include <callerid/rcd.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The checks of a verification, cheapest first; each stands on its own and can be turned off, to a
 * warning, or enforced. Their order here is the order in which they run and are listed.
 */
enum callerid_check {
	CALLERID_CHECK_PRESENT,	 /* "present"    there is an Identity header of a kind we know */
	CALLERID_CHECK_HEADER,	 /* "header"     Identity grammar, info, alg, ppt */
	CALLERID_CHECK_PASSPORT, /* "passport"   JOSE header: typ, alg, x5u = info, ppt */
	CALLERID_CHECK_CLAIMS,	 /* "claims"     iat, orig, dest, attest, origid are well formed */
	CALLERID_CHECK_ORIG,	 /* "orig"       orig is the caller that the signalling names */
	CALLERID_CHECK_DEST,	 /* "dest"       the called identity is one of dest */
	CALLERID_CHECK_MEDIA,	 /* "media"      mky is what the SDP offers, secured where asked */
	CALLERID_CHECK_PRIORITY, /* "priority"   rph and sph are what the request asks for */
	CALLERID_CHECK_DATE,	 /* "date"       Date is fresh, or absent */
	CALLERID_CHECK_IAT,	 /* "iat"        iat is fresh, both ways */
	CALLERID_CHECK_CERT,	 /* "cert"       the certificate could be had and read */
	CALLERID_CHECK_CHAIN,	 /* "chain"      its path ends at an anchor, in date, not revoked */
	CALLERID_CHECK_VALIDITY, /* "validity"   iat lies in the certificate's validity */
	CALLERID_CHECK_AUTHORITY,   /* "authority"  its TNAuthList covers orig */
	CALLERID_CHECK_CONSTRAINTS, /* "constraints" its claims are such as the certificate permits
				     */
	CALLERID_CHECK_SIGNATURE,   /* "signature"  over the received bytes */
	CALLERID_CHECK_REPLAY,	    /* "replay"     not seen before inside the freshness window */
	CALLERID_CHECK_DIVERSION,   /* "diversion"  div continues another PASSporT to the called */
	CALLERID_CHECK_CONTENT, /* "content"    Rich Call Data is what its digests say: a failure
				   takes away what is shown, and never changes the verdict */
	CALLERID_CHECK_COUNT
};

/* A failure that leaves nothing to look at (no token, no certificate) decides in every mode. */
enum callerid_mode {
	CALLERID_MODE_ENFORCE = 0, /* a failure decides the verdict (default) */
	CALLERID_MODE_WARN,	   /* a failure is listed, and decides nothing */
	CALLERID_MODE_OFF,	   /* not run */
};

enum callerid_result {
	CALLERID_RESULT_SKIPPED = 0, /* off, or an earlier failure left nothing to look at */
	CALLERID_RESULT_PASSED,
	CALLERID_RESULT_WARNED, /* failed, mode is warn; or worth a warning and no failure */
	CALLERID_RESULT_FAILED,
};

/* 3GPP TS 24.229 §7.2A.20, RFC 8224 §6.2.2 by way of ATIS-1000074. */
enum callerid_verstat {
	CALLERID_VERSTAT_NONE,	 /* "No-TN-Validation" */
	CALLERID_VERSTAT_PASSED, /* "TN-Validation-Passed" */
	CALLERID_VERSTAT_FAILED, /* "TN-Validation-Failed" */
};

/* Why a verdict is what it is. Closed; a new one is an addition to the ABI. */
enum callerid_reason {
	CALLERID_REASON_OK,
	CALLERID_REASON_NO_IDENTITY,	   /* no Identity header */
	CALLERID_REASON_UNSUPPORTED_PPT,   /* only headers of a ppt that we do not know */
	CALLERID_REASON_NO_PROOF,	   /* only PASSporTs that add to one about the caller */
	CALLERID_REASON_NO_CALLER,	   /* From and P-Asserted-Identity cannot be used */
	CALLERID_REASON_BAD_HEADER,	   /* Identity breaks its grammar */
	CALLERID_REASON_BAD_INFO,	   /* info missing, not a URI, or not the token's x5u */
	CALLERID_REASON_BAD_PASSPORT,	   /* not base64url JSON with typ, alg, x5u */
	CALLERID_REASON_BAD_ALG,	   /* alg or typ is not ES256 / passport */
	CALLERID_REASON_COMPACT_FORM,	   /* compact form where the full form is required */
	CALLERID_REASON_PPT_MISMATCH,	   /* ppt of header and token differ */
	CALLERID_REASON_BAD_CLAIMS,	   /* a claim is missing or malformed */
	CALLERID_REASON_ORIG_MISMATCH,	   /* orig is not the caller */
	CALLERID_REASON_DEST_MISMATCH,	   /* the called number is not in dest */
	CALLERID_REASON_MEDIA_MISMATCH,	   /* mky is not what the SDP offers */
	CALLERID_REASON_MEDIA_NOT_SECURE,  /* the caller demands secured media, the SDP has none */
	CALLERID_REASON_PRIORITY_MISMATCH, /* rph or sph is not what the request asks for */
	CALLERID_REASON_DATE_STALE,	   /* Date too old or too far ahead, or malformed */
	CALLERID_REASON_IAT_STALE,	   /* iat too old */
	CALLERID_REASON_IAT_FUTURE,	   /* iat too far ahead */
	CALLERID_REASON_CERT_UNAVAILABLE,  /* the certificate could not be fetched */
	CALLERID_REASON_CERT_UNREADABLE,   /* what was fetched is not a usable certificate */
	CALLERID_REASON_CERT_UNTRUSTED,	   /* no path to an anchor */
	CALLERID_REASON_CERT_EXPIRED,	   /* a certificate of the path is out of date */
	CALLERID_REASON_CERT_REVOKED,
	CALLERID_REASON_CERT_NOT_VALID_AT_IAT,
	CALLERID_REASON_CRL_MISSING,	/* policy wants a current CRL, and there is none */
	CALLERID_REASON_NOT_AUTHORIZED, /* TNAuthList missing, malformed, or does not cover orig */
	CALLERID_REASON_NOT_PERMITTED,	/* the certificate's claim constraints are not kept */
	CALLERID_REASON_BAD_SIGNATURE,
	CALLERID_REASON_REPLAYED,
	CALLERID_REASON_DIVERSION_BROKEN, /* a step from the first called to the called is not
					     proven */
	CALLERID_REASON_DIVERSION_LOOP,	  /* the forwards lead back to where they were */
	CALLERID_REASON_CONTENT_MISMATCH, /* of a check only: not what rcdi says (RFC 9795 §8.2) */
	CALLERID_REASON_CONTENT_UNUSABLE, /* of a check only: malformed, or nobody vouches for it */
	CALLERID_REASON_NAME_DIFFERS, /* of a check only, a warning: nam is not the display name */
	CALLERID_REASON_LIMIT,	      /* more work than a call may cost: not verified */
	CALLERID_REASON_NO_MEMORY,    /* ours, and no verdict: see struct callerid_verdict */
	CALLERID_REASON_COUNT
};

/* One row of the reasons table: what a reason means to SIP, to a label, to a person. */
struct callerid_reason_info {
	const char *name;   /* stable: "bad_signature"; also the metric's label */
	int code;	    /* RFC 8224 §6.2.2 SIP code, 0 for ok; also the RFC 9410 cause */
	const char *phrase; /* that code's reason phrase: "Invalid Identity Header" */
	enum callerid_verstat verstat; /* what a display may show */
	const char *text;	       /* one sentence for a person */
};

#define CALLERID_WHY_MAX 159

struct callerid_check_result {
	enum callerid_result result;
	enum callerid_reason reason;	/* OK unless warned or failed */
	char why[CALLERID_WHY_MAX + 1]; /* one line; may be "" when passed or skipped */
};

/* What was found about one Identity header. */
struct callerid_passport_verdict {
	enum callerid_reason reason; /* OK: every enforced check passed */
	struct callerid_check_result check[CALLERID_CHECK_COUNT];
	struct callerid_claims claims;	 /* trustworthy only when reason is OK */
	struct callerid_rcd_verdict rcd; /* what may be shown of its Rich Call Data */
	char x5u[CALLERID_X5U_MAX + 1];
	char signature[88]; /* base64url, "" if unreadable: RFC 9410 compact ppi */
	/* The list of anchors that the certificate's path ends in, and its version; "" when no path
	 * leads to an anchor, when a certificate of it is revoked, or nothing was looked at. */
	char anchor_list[CALLERID_LIST_NAME_MAX + 1];
	char anchor_version[CALLERID_LIST_NAME_MAX + 1];
	/* RFC 8226 §10.1: the certificate's URL of a TNAuthList, and whether the list that counted
	 * was supplied from there (policy.accept_tn_list). */
	char tn_list_url[CALLERID_X5U_MAX + 1];
	bool tn_list_supplied;
	/* The signer's own TNAuthList has the calling number itself, not only a service provider
	 * code: a delegate's certificate (RFC 9060). Says something when check "authority" passed.
	 */
	bool number_listed;
	bool has_claims;  /* claims were parsed; says nothing of their truth */
	bool compact;	  /* came in compact form: the claims are what the signalling says */
	bool inner;	  /* came inside the opt of a div-o, not in a header of its own */
	uint32_t follows; /* div, div-o: bit i is set when it continues passport[i] (RFC 8946) */
};

#define CALLERID_PASSPORTS_MAX	16 /* PASSporTs of a request that are looked at, inner ones too */
#define CALLERID_SIGNATURES_MAX 4  /* of them verified, unless the policy says otherwise */

/*
 * The verdict about a request, the same for every order of its headers. A forwarded call is proven
 * by one complete path of valid PASSporTs, from its origin to the Request-URI; others beside it
 * fail by themselves (RFC 8946 §4.2). Only PASSporTs that speak for the calling number by
 * themselves (shaken, and the base PASSporT without an attestation) give verstat; one valid among
 * them suffices (RFC 8224 §6.2.1). The others add to them, prove that a forwarded call is theirs,
 * or fail, each on its own row. Owned by its verification; valid until that is freed.
 */
struct callerid_verdict {
	enum callerid_verstat verstat; /* PASSED only with a good signature, whatever the modes */
	enum callerid_attest attest;   /* NONE unless verstat is PASSED by a shaken PASSporT */
	enum callerid_reason reason;   /* of the PASSporT that decided */
	int code;		       /* 0, or the SIP code of reason */
	size_t n_passports; /* 0 when no Identity header was usable; passport[0] then says why */
	size_t decided_by;  /* index into passport[]; meaningless when n_passports is 0 */
	const struct callerid_passport_verdict *passport; /* n_passports, at least one, sorted */
	/* The values of Resource-Priority that are authorised: listed by an rph PASSporT whose
	 * every check passed, asked for by the request, of a namespace that the policy grants its
	 * signer (RFC 8443 §4.2). The rest of that header is to be taken out, or to count for
	 * nothing. */
	char priority[CALLERID_RPH_MAX][CALLERID_RPH_LEN + 1];
	size_t n_priority;
	bool psap_callback; /* so is Priority: psap-callback (RFC 9027 §4) */
	/* CALLERID_ENOMEM: this is no verdict. An allocation failed, and nothing is said about the
	 * call: verstat is NONE, reason is NO_MEMORY, no PASSporT is listed, none is remembered as
	 * seen. Otherwise CALLERID_OK. */
	enum callerid_status status;
};

/* Names as they stand in options, JSON and metrics. Static storage; NULL when out of range. */
CALLERID_API const char *callerid_check_name(enum callerid_check check);
CALLERID_API const char *callerid_result_name(enum callerid_result result);
CALLERID_API const char *callerid_mode_name(enum callerid_mode mode);
CALLERID_API const char *callerid_verstat_name(enum callerid_verstat verstat);
CALLERID_API const struct callerid_reason_info *callerid_reason_info(enum callerid_reason reason);

/* The reverse. false when there is no such name (compared without regard to case). */
CALLERID_API bool callerid_check_by_name(const char *name, enum callerid_check *check_out);
CALLERID_API bool callerid_mode_by_name(const char *name, enum callerid_mode *mode_out);

/*
 * One RFC 9410 Reason value for a PASSporT that failed: STIR ;cause=438 ;text="..." ;ppi="..sig".
 * Returns the length written without the NUL, 0 when passport passed or size is too small. Any
 * thread.
 */
CALLERID_API size_t callerid_verdict_reason_header(const struct callerid_passport_verdict *passport,
						   char *text_out, size_t size);

/*
 * The verdict as one JSON object (verstat, attest, origid, code, reason, checks[], claims of the
 * PASSporT that decided, and passports[]: ppt, reason, code, x5u, inner, links[], compact,
 * checks[] and claims of each), in malloc'ed memory that the caller frees with free(); NULL
 * without memory.
 */
CALLERID_API char *callerid_verdict_json(const struct callerid_verdict *verdict);

/* The same for a person: several lines, the answer first, the PASSporTs as a tree when there are
 * several, then each check of the one that decided with its why. Freed with free(); NULL without
 * memory. */
CALLERID_API char *callerid_verdict_explain(const struct callerid_verdict *verdict);

#ifdef __cplusplus
}
#endif

#endif
