/* SPDX-License-Identifier: Apache-2.0 */
/* Forwarded calls: PASSporTs of one call from hop to hop. */
#ifndef TESTS_KIT_FORWARD_H
#define TESTS_KIT_FORWARD_H

#include "tests/kit/pki.h"

#define KIT_HOPS 10

/* Numbers in the range of the world's leaf: who is called first, then where to it is forwarded. */
extern const char *const kit_hop[KIT_HOPS];

struct kit_step {
	const char *orig; /* NULL: KIT_FROM */
	const char *div;  /* NULL: not forwarded, a shaken PASSporT */
	const char *dest;
	const char *inner; /* an Identity value: div-o with its token as opt; NULL: div */
	int64_t iat;	   /* 0: KIT_NOW */
};

/* The value of an Identity header, the caller's, free(). */
char *kit_step(const struct callerid_signer *signer, const struct kit_step *step);

/* A signer of cert whose x5u is url. */
struct callerid_signer *kit_signer_at(const struct kit_cert *cert, const char *url);

#endif
