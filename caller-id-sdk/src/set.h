/* SPDX-License-Identifier: Apache-2.0 */
/* All PASSporTs of one request together: found, sorted, linked, afforded, judged. */
#ifndef CID_SET_H
#define CID_SET_H

#include "checks.h"

struct cid_set {
	struct callerid_context *ctx; /* borrowed */
	struct cid_facts facts;
	size_t n, room;
	struct cid_passport *passport;		/* n of them */
	struct callerid_passport_verdict *told; /* passport[i].out is &told[i] */
	struct cid_graph graph;			/* of them, once they are all read */
	struct cid_gone gone;			/* as they were linked last */
	uint32_t no_end;  /* too old, or seen before, to be the last forward: bit i */
	size_t n_ignored; /* of types that we do not know */
	bool left_over;	  /* values beyond those that we look at */
	bool linked;
	bool no_memory;
};

/*
 * Reads every Identity value of the call, runs all checks that need no certificate, links them and
 * says what there is to pay for. set->facts and ctx are filled. CALLERID_ENOMEM, or OK whatever the
 * headers hold. What is in the set does not depend on the order of the headers, as long as there
 * are no more than CALLERID_IDENTITIES_MAX.
 */
enum callerid_status cid_set_open(struct cid_set *set, const struct callerid_call *call);

/* The rest of the checks, with what certificates there are. Once. CALLERID_ENOMEM: what was found
 * is no answer, and nothing is remembered. */
enum callerid_status cid_set_finish(struct cid_set *set);

/* No PASSporT is left in it; told has the one place that there is always. */
void cid_set_empty(struct cid_set *set);

void cid_set_clear(struct cid_set *set);

#endif
