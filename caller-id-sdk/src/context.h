/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a context, for verification.c. */
#ifndef CID_CONTEXT_H
#define CID_CONTEXT_H

#include <callerid/context.h>

#include "certcache.h"
#include "chain.h"
#include "keytable.h"
#include "replay.h"
#include "trust.h"

struct callerid_context {
	struct cid_trust *trust;
	struct cid_certcache *certs;
	struct cid_replay *replay;
	struct cid_keytables *keys; /* they depend on keys alone: changed anchors leave them */
};

#endif
