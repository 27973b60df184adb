/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a context share, and nobody else sees. */
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
	uint64_t heard;	     /* its last packet, monotonic ns */
};

struct srtp_context {
	srtp_t session;
	enum srtp_suite suite;
	bool inbound;
	struct srtp_key key;
	size_t n_sources, last; /* last: where the latest packet's source stands */
	struct source sources[SRTP_LIVE_MAX];
	struct srtp_source *left; /* those that made place: what they have counted */
	size_t n_left, room;
	uint64_t now;	/* of the latest packet */
	uint64_t pause; /* inbound: until then none that left comes back */
};

/* ssrc NULL: the template for sources that have not been seen. Its key is the context's. */
srtp_policy_t srtp_context_policy(struct srtp_context *context, const uint32_t *ssrc);

/* The source's place, *out NULL: it is new. One that left comes back, with its counters; false: it
 * cannot now, and is not new either. */
bool source_call(struct srtp_context *context, uint32_t ssrc, struct source **out);
/* A place for one that is new. NULL: there is none. */
struct source *source_add(struct srtp_context *context, uint32_t ssrc);
/* Could there be a place for one that is new? */
bool source_is_full(const struct srtp_context *context);
/* libsrtp2's part of it. */
void source_drop_stream(struct srtp_context *context, uint32_t ssrc);
/* One that has a place, as a restart needs it. */
struct srtp_source source_saved(const struct srtp_context *context, const struct source *source);
/* Among those that left. false: no memory. */
bool source_keep(struct srtp_context *context, const struct srtp_source *saved);

/* libsrtp2's stream and a place for a source that goes on where saved ends; there has to be one.
 * NULL: no memory, or too many SRTCP packets to count. */
struct source *source_resume(struct srtp_context *context, const struct srtp_source *saved);

#endif
