/* SPDX-License-Identifier: Apache-2.0 */
/* What srtp.c and restore.c share. */
#ifndef MEDIA_SRTP_CONTEXT_H
#define MEDIA_SRTP_CONTEXT_H

#include "media/srtp/srtp.h"

#include <srtp2/srtp.h>

/* Packets; reordering beyond libsrtp2's default of 128 is seen after holds. */
#define SRTP_WINDOW 1024

struct source {
	uint32_t ssrc;
	uint32_t rtcp_index; /* packets protected; inbound: the highest index seen */
	uint16_t sequence;   /* the highest that went out, or came in */
	uint16_t offset;     /* added to what comes, after a restart of the source */
	uint16_t old_next;   /* what follows the last one that was too old */
	uint8_t old_run;
	bool started;
	/* Restored: the numbers up to the highest of then may have been used, whatever libsrtp2
	 * thinks of those in its window. */
	bool floored;
	uint16_t above; /* numbers that the highest has moved since; floored no more at SRTP_WINDOW
			 */
	uint32_t rtcp_floor; /* inbound: the highest index of then */
};

struct srtp_context {
	srtp_t session;
	enum srtp_suite suite;
	bool inbound;
	struct srtp_key key;
	size_t n_sources, last; /* last: where the latest packet's source stands */
	struct source sources[SRTP_SSRC_MAX];
};

/* ssrc NULL: the template for sources that have not been seen. Its key is the context's. */
srtp_policy_t srtp_context_policy(struct srtp_context *context, const uint32_t *ssrc);

#endif
