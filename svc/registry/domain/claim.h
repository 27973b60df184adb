/* SPDX-License-Identifier: Apache-2.0 */
/* Claims: "this number is ours", and what proves it. */
#ifndef REGISTRY_CLAIM_H
#define REGISTRY_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#define CLAIM_REPROVE_MS (INT64_C(90) * 24 * 3600 * 1000) /* a proof is good for so long */

/* Stored by name; AGED_OUT follows from the clock, and is stored a little later (store/ageing.h).
 */
enum claim_state {
	CLAIM_PENDING,
	CLAIM_CHALLENGED,
	CLAIM_VERIFIED,
	CLAIM_FAILED,
	CLAIM_CONFLICT,
	CLAIM_REVOKED,
	CLAIM_AGED_OUT,
	CLAIM_STATES
};
extern const char *const claim_state_names[CLAIM_STATES + 1]; /* NULL-terminated */

/* Weakest first. A stronger proof beats a weaker one only through a dispute. */
enum claim_proof { PROOF_VOUCHED, PROOF_LOA, PROOFS };
extern const char *const claim_proof_names[PROOFS + 1]; /* "vouched", "loa"; NULL-terminated */

/* A vetter may decide on it: a verified one is proved anew, or was no proof at all. */
bool claim_is_open(enum claim_state state);

/* It waits for a vetter, or for the end of the claim that it is in conflict with. */
bool claim_waits(enum claim_state state);

/* reprove_ms 0: never. */
enum claim_state claim_state_at(enum claim_state stored, int64_t reprove_ms, int64_t now_ms);

#endif
