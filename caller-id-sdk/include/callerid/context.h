/* SPDX-License-Identifier: Apache-2.0 */
/* What verifications share: trust anchors, CRLs, validated keys, the replay window. */
#ifndef CALLERID_CONTEXT_H
#define CALLERID_CONTEXT_H

#include <callerid/error.h>

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
};

/* limits may be NULL. *ctx_out is the caller's; callerid_context_free() frees it. */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_context_new(const struct callerid_limits *limits, struct callerid_context **ctx_out,
		     struct callerid_error *err);
CALLERID_API void callerid_context_free(struct callerid_context *ctx); /* NULL is fine */

/*
 * Adds every certificate of a PEM text as a trust anchor. Nothing else is ever trusted: not the
 * system's store. list names where they come from ("sti-pa"), for verdicts and logs; it is copied.
 * Validated keys are forgotten, so that a changed list takes effect at once.
 */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_context_add_anchors(struct callerid_context *ctx, const char *list, const char *pem,
			     size_t len, struct callerid_error *err);

/* Adds every CRL of a PEM text. Certificates of an issuer that has one are then looked up in it. */
CALLERID_API CALLERID_MUST_CHECK enum callerid_status
callerid_context_add_crl(struct callerid_context *ctx, const char *pem, size_t len,
			 struct callerid_error *err);

#ifdef __cplusplus
}
#endif

#endif
