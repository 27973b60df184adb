/* SPDX-License-Identifier: Apache-2.0 */
/* What a certificate lets its PASSporTs claim: JWTClaimConstraints of RFC 8226 §8 and RFC 9118. */
#ifndef CID_CONSTRAINTS_H
#define CID_CONSTRAINTS_H

#include <callerid/error.h>
#include <callerid/verdict.h>

#include "jws.h"

#include <jansson.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CID_CONSTRAINTS_DER_MAX 16384
#define CID_CONSTRAINTS_MAX	256 /* claim names and values together */
#define CID_CLAIM_NAME_MAX	63

/* Opaque; immutable once made; any number of threads may read it. */
struct cid_constraints;

/*
 * Strict DER of JWTClaimConstraints or, when enhanced, of EnhancedJWTClaimConstraints. An empty
 * one, a list that is empty, a claim's name that is not printable ASCII or over
 * CID_CLAIM_NAME_MAX, a value that is not UTF-8 or has a NUL: CALLERID_ESYNTAX. Over the limits:
 * CALLERID_ELIMIT. *constraints_out is the caller's, cid_constraints_free(). It is NULL with
 * CALLERID_OK when mustExclude names iat, orig or dest: RFC 9118 §3 has us act as if the extension
 * were absent.
 */
enum callerid_status cid_constraints_parse(const uint8_t *der, size_t len, bool enhanced,
					   struct cid_constraints **constraints_out,
					   struct callerid_error *err);
void cid_constraints_free(struct cid_constraints *constraints); /* NULL is fine */

/* OK; NOT_PERMITTED, with why naming the claim; NO_MEMORY. payload is the whole claims
 * object. */
enum callerid_reason cid_constraints_check(const struct cid_constraints *constraints,
					   const json_t *payload, char *why, size_t why_size);

/* The same for a token whose payload is there (full form). */
enum callerid_reason cid_constraints_check_token(const struct cid_constraints *constraints,
						 const struct cid_jws *jws, char *why,
						 size_t why_size);

#endif
