/* SPDX-License-Identifier: Apache-2.0 */
/* What verifications share: trust anchors, CRLs, validated keys, the replay window. */
#ifndef CALLERID_CONTEXT_H
#define CALLERID_CONTEXT_H

#include <callerid/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Opaque. A context belongs to one thread at a time: give each thread its own. Verifications
 * borrow it; free it after them.
 */
struct callerid_context;

/* 0 in a field means its default. */
struct callerid_limits {
	size_t cached_keys;    /* validated signer keys kept; default 4096, LRU (about 2 KB each) */
	size_t replay_entries; /* signatures remembered; default 1048576, 32 bytes each */
	int64_t key_max_age_s; /* a validated key is looked at anew after this; default 86400 */
	size_t key_tables;     /* keys with a table, 148 KB each; default 256, LRU; see maintain */
};

/*
 * An empty context, which trusts nobody. limits are copied and may be NULL. *ctx_out is the
 * caller's; callerid_context_free() frees it. CALLERID_EINVAL: key_max_age_s is negative, or
 * replay_entries over 268435456. CALLERID_ECRYPTO: no randomness. Memory of the replay window is
 * taken here, at once.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_context_new(const struct callerid_limits *limits, struct callerid_context **ctx_out,
		     struct callerid_error *err);
CALLERID_API void callerid_context_free(struct callerid_context *ctx); /* NULL is fine */

/*
 * Makes later verifications faster: builds at most one table, for a trusted signer's key that has
 * verified twice, which takes about 1 ms (the first time 5 ms, and 464 KB for all keys). Never
 * needed for a right answer, and never done while verifying: call it when there is nothing else to
 * do, from the thread that has the context. true: call it again when there is time.
 */
CALLERID_API bool callerid_context_maintain(struct callerid_context *ctx);

/* How many signers' keys have a table now. */
CALLERID_API size_t callerid_context_key_tables(const struct callerid_context *ctx);

#define CALLERID_LIST_NAME_MAX 63	/* bytes of a list's name, and of its version */
#define CALLERID_LISTS_MAX     64	/* lists of anchors */
#define CALLERID_ANCHORS_MAX   1000	/* certificates in one text of them */
#define CALLERID_CRL_MAX       16777216 /* bytes of a text of CRLs */
#define CALLERID_CRLS_MAX      256	/* CRLs kept at a time */

/*
 * Adds every certificate of a PEM text as a trust anchor. Nothing else is ever trusted: not the
 * system's store. list names where they come from ("sti-pa"), for verdicts and logs; it is copied.
 * Validated keys are forgotten, so that a changed list takes effect at once. A text with a part
 * that cannot be read adds nothing: CALLERID_ESYNTAX. CALLERID_EINVAL: no name, or one over
 * CALLERID_LIST_NAME_MAX. CALLERID_ELIMIT: over CALLERID_LISTS_MAX lists or CALLERID_ANCHORS_MAX
 * certificates.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_context_add_anchors(struct callerid_context *ctx, const char *list, const char *pem,
			     size_t len, struct callerid_error *err);

/*
 * Replaces the whole list by the certificates of a PEM text, in one step: an anchor that is no
 * longer there vouches for nobody from the next verification on, one that has asked for its
 * certificate included. version ("2026-11-22 #417") is shown in verdicts; NULL is "". len 0 takes
 * the list away. When it fails the list stays as it was. Several lists (one a country) stand side
 * by side; an anchor in two of them counts for the one that was named first. Errors as for
 * callerid_context_add_anchors(); a version over CALLERID_LIST_NAME_MAX is CALLERID_EINVAL too.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_context_set_anchors(struct callerid_context *ctx, const char *list, const char *version,
			     const char *pem, size_t len, struct callerid_error *err);

/*
 * Adds every CRL of a PEM text, or one in DER: of a certificate's own issuer, or an indirect one
 * (RFC 5280 §5.2.5) of the anchor or of a CRL issuer. What it lists is revoked at once, even when
 * it is out of date. It takes the place of an older one of the same issuer and scope. A CRL whose
 * signature nobody's key bears out has no effect. CALLERID_ESYNTAX: no CRL, or one that cannot be
 * read. CALLERID_ELIMIT: over the limits above, which a too long text is at once.
 *
 * This is maintenance, not for the path of a call: what takes long is done here, so that a
 * verification pays for a look-up and a signature, 1 ms with its certificates, however large the
 * CRL. 10 MB of PEM, 290000 entries, take about 170 ms of CPU and up to 72 MB while they are read,
 * of which 57 MB stay until it is replaced.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_context_add_crl(struct callerid_context *ctx, const char *pem, size_t len,
			 struct callerid_error *err);

/*
 * Certificates (PEM) that may sign indirect CRLs about everybody's certificates, as the STI-PA's
 * (ATIS-1000080) does. They are no anchors: they vouch for no signer. Added to those that are
 * there. CALLERID_ESYNTAX: a part cannot be read, none is added. CALLERID_ELIMIT: over
 * CALLERID_CRLS_MAX.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_context_add_crl_issuers(struct callerid_context *ctx, const char *pem, size_t len,
				 struct callerid_error *err);

#ifdef __cplusplus
}
#endif

#endif
