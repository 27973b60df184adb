/* SPDX-License-Identifier: Apache-2.0 */
/* SRTP and SRTCP of one direction of one transport, over libsrtp2. Owned by one thread. */
#ifndef MEDIA_SRTP_SRTP_H
#define MEDIA_SRTP_SRTP_H

#include "media/rtp/packet.h"
#include "media/srtp/suite.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Synchronisation sources of one direction. So many are spoken with at once; one more takes the
 * place of the one that has been silent longest, if for SRTP_SILENT_SECONDS, and waits otherwise.
 */
#define SRTP_LIVE_MAX	    64
#define SRTP_SILENT_SECONDS 30 /* RFC 3550 §6.3.5: of whom five reports were not heard has left */
/*
 * So many are known under one key, those that left too; more are refused until there is another
 * key. An index that was sent must not be sent again under its SSRC and key (RFC 3711 §9.1, RFC
 * 7714 §9.1), so that of one that left the counters are kept, and it goes on with them.
 */
#define SRTP_SSRC_MAX 1024

struct srtp_context;

enum srtp_result { SRTP_OK, SRTP_REPLAYED, SRTP_BAD, SRTP_TOO_MANY };

bool srtp_start(void); /* once a process, before any thread */

/* inbound: unprotect only; otherwise protect only. NULL: no memory or a key of the wrong length. */
struct srtp_context *srtp_context_new(enum srtp_suite suite, const struct srtp_key *key,
				      bool inbound);
void srtp_context_free(struct srtp_context *context); /* the key is wiped */
enum srtp_suite srtp_context_suite(const struct srtp_context *context);

/* In place; packet->rtcp chooses. Behind packet->len there are PACKET_SPARE bytes. */
enum srtp_result srtp_protect_packet(struct srtp_context *context, struct packet *packet);
/* A source that is not authenticated takes no place. */
enum srtp_result srtp_unprotect_packet(struct srtp_context *context, struct packet *packet);

/* What a restart needs: a rollover counter for each source, and the index of the last SRTCP sent.
 * With GCM an index must never be used twice under one key: restoring goes past it. */
struct srtp_source {
	uint32_t ssrc, roc;
	uint16_t sequence;   /* the highest */
	uint16_t offset;     /* outbound: what is added since the source began its numbers anew */
	bool rtp;	     /* false: RTCP only so far; roc and sequence mean nothing */
	uint32_t rtcp_index; /* outbound: packets protected; inbound: the highest index seen */
};
/* Those that are spoken with come first. */
size_t srtp_context_sources(const struct srtp_context *context, struct srtp_source *out,
			    size_t max);
bool srtp_context_restore(struct srtp_context *context, const struct srtp_source *sources,
			  size_t n);

#endif
