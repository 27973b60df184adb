/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verification of one call, without I/O (RFC 8224 §6.2).
 *
 *	callerid_verification_new(ctx, &call, &v, &err);
 *	while ((url = callerid_verification_wants(v)) != NULL)
 *		callerid_verification_supply(v, url, pem, len);   or  _unavailable(v, url, why)
 *	verdict = callerid_verification_verdict(v);
 *
 * Whatever the call's headers hold, new() succeeds and the verdict says what is wrong with them;
 * only without memory there is an error, of new() or in the verdict's status.
 */
#ifndef CALLERID_VERIFICATION_H
#define CALLERID_VERIFICATION_H

#include <callerid/context.h>
#include <callerid/identity.h>
#include <callerid/tnauthlist.h>
#include <callerid/verdict.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLERID_IDENTITIES_MAX 16    /* Identity values looked at; the rest is ignored, counted */
#define CALLERID_CERT_PEM_MAX	16384 /* bytes of a certificate file */
/* Certificates in it. Of the path's issuers at most 2 may have keys that are dear to verify with:
 * P-384, RSA over 4096 bits or with an exponent over 17 bits; with more its reason is limit. */
#define CALLERID_CERT_CHAIN_MAX 4
#define CALLERID_COST_CERT	6 /* its cost, see struct callerid_policy */

#define CALLERID_RESOURCE_PRIORITY_MAX 4096 /* bytes of Resource-Priority that are looked at */

/*
 * The service provider code of the provider that tn belongs to, as a portability database or a
 * numbering plan tells it. Into spc_out, ending in NUL; false when it is not known. Called from
 * callerid_verification_verdict(), on its caller's thread, at most once for each certificate that
 * has a code, and must not block: look into memory.
 */
typedef bool callerid_spc_of(void *data, const char *tn, char spc_out[CALLERID_SPC_MAX + 1]);

/* Signers below an anchor of list may authorise a namespace of Resource-Priority. */
struct callerid_namespace {
	const char *list; /* as callerid_context_add_anchors() named it: "sti-pa" */
	const char *name; /* "ets", "wps", "esnet"; without regard to case */
};

/* How strict to be. Zero-initialised it is the default: every check enforced, 60 s, SPC refused. */
struct callerid_policy {
	/* verstat is passed, and Rich Call Data usable, only with a signature that passed by a
	 * certificate whose chain did: where either check is off or warns, a call may pass and is
	 * not labelled. No forward carries a call without the two. */
	enum callerid_mode mode[CALLERID_CHECK_COUNT];
	int64_t max_age_s; /* freshness of Date and iat, both ways; 0 means 60 */
	bool accept_spc;   /* authority: a TNAuthList with an SPC covers any number (US SHAKEN) */
	/* authority: whose number it is, asked where a list has only an SPC for it. What it knows
	 * decides; what it does not know is left to accept_spc. NULL: nothing is known. */
	callerid_spc_of *spc_of;
	void *spc_data;	  /* handed to spc_of; the program's, until the verification is freed */
	bool require_crl; /* chain: every certificate is covered by a current CRL (hard-fail) */
	bool accept_x5c;  /* take certificates from the token's x5c, where they are complete */
	/* authority: a certificate that has no TNAuthList but the URL of one (RFC 8226 §10.1) has
	 * callerid_verification_wants() ask for that URL too. Not for one from x5c, with which
	 * nothing is fetched. */
	bool accept_tn_list;
	/* authority of an rph PASSporT: a certificate says nothing of namespaces, so this does (RFC
	 * 8443 §7.1). None: no priority is ever authorised. Borrowed until the verification is
	 * freed. */
	const struct callerid_namespace *namespaces;
	size_t n_namespaces;
	/* Age of what a forwarded or transferred call began with, while its last forward is fresh
	 * (RFC 8946 §4.2.4); 0 means 10800, three hours. */
	int64_t max_diverted_age_s;
	/* Signatures verified for one call, at most CALLERID_PASSPORTS_MAX; 0 means
	 * CALLERID_SIGNATURES_MAX. A path of forwards is verified whole or not at all: what does
	 * not fit has reason limit. Five forwards need 6, and one more for each header besides
	 * that nothing but its signature tells from a real one; what is on no path to the
	 * Request-URI takes none from those that are. */
	unsigned max_signatures;
	/* CPU of one call, in P-256 verifications at the most: 1 a signature, CALLERID_COST_CERT a
	 * certificate whose path has to be looked at, twice that with accept_tn_list; 0 means
	 * enough for max_signatures. */
	unsigned max_cost;
};

/*
 * What the signalling says. Identity comes from here, never from the token. All pointers are
 * borrowed during callerid_verification_new() only.
 */
struct callerid_call {
	const struct callerid_span *identity; /* values of Identity (and "y"), as received */
	size_t n_identity;
	struct callerid_party orig[2];	   /* canonical PAI (tel, then sip), else From */
	size_t n_orig;			   /* any of them may match (RFC 8224 §6.2 step 2) */
	struct callerid_party dest;	   /* canonical To */
	struct callerid_party request_uri; /* canonical Request-URI; absent: To is taken for it */
	struct callerid_span date;	   /* the Date header's value; {NULL, 0} when absent */
	/* The body, for mky: p NULL when it is not known, and mky is then not compared; n 0 with
	 * any other p for a request without SDP. To be given as it was received, before a media
	 * proxy changes it. */
	struct callerid_span sdp;
	/* Values of that header, as received; looked at until they are over
	 * CALLERID_RESOURCE_PRIORITY_MAX bytes in all. */
	const struct callerid_span *resource_priority;
	size_t n_resource_priority;
	struct callerid_span priority; /* the Priority header's value */
	/* The display name of P-Asserted-Identity, else From, without quotes and escapes, to be
	 * held against nam (RFC 9795 §12.2); {NULL, 0}: it is not. */
	struct callerid_span display_name;
	/* The call-reason of Call-Info, read by callerid_callinfo_parse(): crn of a compact rcd
	 * PASSporT (RFC 9795 §9). {NULL, 0}: there is none. */
	struct callerid_span call_reason;
	/* What URLs in Rich Call Data hold, as far as it is at hand; fetching for the sake of the
	 * check alone is not recommended (RFC 9795 §8.2). At most CALLERID_CONTENTS_MAX count. */
	const struct callerid_content *contents;
	size_t n_contents;
	int64_t now;			      /* seconds since 1970 */
	const struct callerid_policy *policy; /* NULL: the default */
};

struct callerid_verification;

/*
 * Begins the verification of one call (RFC 8224 §6.2); all that needs no certificate is done here.
 * *v_out is the caller's. ctx is borrowed until callerid_verification_free(), and v belongs to the
 * thread that has ctx. CALLERID_EINVAL: ctx or call is NULL, or identity with n_identity above 0.
 * CALLERID_ENOMEM.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_verification_new(struct callerid_context *ctx, const struct callerid_call *call,
			  struct callerid_verification **v_out, struct callerid_error *err);
CALLERID_API void callerid_verification_free(struct callerid_verification *v); /* NULL is fine */

/*
 * The URL of a certificate that is missing, or NULL when nothing is. A URL is only asked for when
 * all checks that need no certificate have passed and no validated key is cached. With
 * policy.accept_tn_list it may be that of the TNAuthList of a certificate that was supplied, whose
 * path ends at one of our anchors. Borrowed, valid until the next call on v.
 */
CALLERID_API const char *callerid_verification_wants(struct callerid_verification *v);

/*
 * All of them at once, for a program that fetches side by side: at most max into urls_out, each
 * once, as callerid_verification_wants() lends them. Returns how many there are, which may be more
 * than max.
 */
CALLERID_API size_t callerid_verification_wants_all(struct callerid_verification *v,
						    const char **urls_out, size_t max);

/*
 * The body found at url: PEM, signer first, at most CALLERID_CERT_CHAIN_MAX certificates, or one
 * DER certificate; of a TNAuthList (application/tnauthlist) its DER, at most
 * CALLERID_TNAUTH_DER_MAX bytes, which is kept with the certificate for as long. Copied. A url that
 * is not wanted is ignored.
 */
CALLERID_API void callerid_verification_supply(struct callerid_verification *v, const char *url,
					       const void *body, size_t len);

/* It cannot be had; why is one line for the verdict ("no answer in 500 ms"). */
CALLERID_API void callerid_verification_unavailable(struct callerid_verification *v,
						    const char *url, const char *why);

/*
 * The verdict; certificates that are still wanted count as unavailable. Never NULL. Borrowed,
 * valid until v is freed. The first call records the signature in the replay window. Where an
 * allocation has failed its status is CALLERID_ENOMEM, and it is no verdict.
 */
CALLERID_API const struct callerid_verdict *
callerid_verification_verdict(struct callerid_verification *v);

#ifdef __cplusplus
}
#endif

#endif
