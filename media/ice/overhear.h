/* SPDX-License-Identifier: Apache-2.0 */
/* STUN between two ends that we carry without taking part: read, never answered. */
#ifndef MEDIA_ICE_OVERHEAR_H
#define MEDIA_ICE_OVERHEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ICE_TRANSACTION_LEN 12

/* A check of one end carries the name "asked:asking" under the password of who is asked (RFC 8445
 * §7.2.2), and SDP told us all three. */
struct ice_ends {
	const char *asked, *asking, *pwd;
};

struct ice_overheard {
	enum { ICE_HEARD_REQUEST, ICE_HEARD_INDICATION, ICE_HEARD_RESPONSE } kind;
	uint8_t transaction[ICE_TRANSACTION_LEN];
	bool authentic; /* a request under that name and password; else false */
	bool nominates; /* that has USE-CANDIDATE */
};
/* false: no STUN message of RFC 8489. */
bool ice_overhear(const struct ice_ends *ends, const uint8_t *data, size_t len,
		  struct ice_overheard *out);

#endif
