/* SPDX-License-Identifier: Apache-2.0 */
/* Changing keys and certificates without a gap (RFC 8224 §7.4): several signers, the right one now.
 */
#ifndef CALLERID_SIGNER_SET_H
#define CALLERID_SIGNER_SET_H

#include <callerid/signer.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CALLERID_SIGNERS_MAX 16

/* Verifiers' clocks may lag behind ours, and a new certificate takes a moment to be published: a
 * signer is preferred only so many seconds after its certificate became valid. */
#define CALLERID_SIGNER_LEAD_S 300

/* A URL is served so long after its last use: a day, which verifiers cache for, and an hour. */
#define CALLERID_SIGNER_KEEP_S 90000

/*
 * The signers of one identity: the one that signs now, those that come after it, and those whose
 * certificates verifiers may still ask for. Opaque. One thread at a time may change a set; while
 * nobody does, any number of threads may read it.
 */
struct callerid_signer_set;

/* An empty set. *set_out is the caller's. Freeing it frees the signers that were given to it. */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_signer_set_new(struct callerid_signer_set **set_out, struct callerid_error *err);
CALLERID_API void callerid_signer_set_free(struct callerid_signer_set *set); /* NULL is fine */

/*
 * Gives signer to the set, which frees it, on CALLERID_OK only. CALLERID_EINVAL: its x5u is that of
 * another certificate in the set (RFC 8224 §7.4: each credential has a URL of its own, or
 * verifiers would use the key that they remember). CALLERID_ELIMIT: over CALLERID_SIGNERS_MAX.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_signer_set_give(struct callerid_signer_set *set, struct callerid_signer *signer,
			 struct callerid_error *err);

/*
 * The signer for a PASSporT made at iat: of those whose certificates are valid then, the one that
 * became valid last, but before CALLERID_SIGNER_LEAD_S have passed only when there is no other.
 * NULL: none is valid. Borrowed until the set changes.
 */
CALLERID_API const struct callerid_signer *
callerid_signer_set_at(const struct callerid_signer_set *set, int64_t iat);

/*
 * Which URL has to be served, and until when (seconds since 1970): CALLERID_SIGNER_KEEP_S after the
 * last moment at which callerid_signer_set_at() answers with that signer. i counts from 0; false
 * when there are no more. *x5u_out is borrowed until the set changes.
 */
CALLERID_API bool callerid_signer_set_url(const struct callerid_signer_set *set, size_t i,
					  const char **x5u_out, int64_t *until_out);

/* Frees the signers whose URLs need not be served any more at now (seconds since 1970); how many.
 * It changes the set: no other thread may be using it or what it lent. */
CALLERID_API size_t callerid_signer_set_expire(struct callerid_signer_set *set, int64_t now);

/* The URL of a signer's certificate. Borrowed until the signer is freed. Any thread. */
CALLERID_API const char *callerid_signer_x5u(const struct callerid_signer *signer);

#ifdef __cplusplus
}
#endif

#endif
