/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How well a stream of one party arrives: here, from its RTP, and at the other party, from what
 * that one reports by RTCP. One thread. Bounded: QUALITY_SOURCES, QUALITY_SAMPLES.
 */
#ifndef MEDIA_RTP_QUALITY_H
#define MEDIA_RTP_QUALITY_H

#include "media/rtp/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUALITY_SOURCES 4  /* SSRCs; a fifth takes the place of the one silent longest */
#define QUALITY_SAMPLES 16 /* of the progression of MOS; then every second one goes */

struct quality_sample {
	uint64_t at;	 /* monotonic ns; 0: none */
	uint32_t rtt;	 /* us, relay to receiver and back; 0: not known */
	uint32_t jitter; /* ms at the receiver */
	uint8_t mos;	 /* times ten: 43 is 4.3 */
	uint8_t loss;	 /* per cent since the report before */
};

struct quality_source {
	uint32_t ssrc;
	uint64_t packets, bytes;
	uint64_t last_at;
	uint32_t last_timestamp;
	uint16_t last_sequence;
	/* here */
	uint32_t cycles, first_sequence; /* extended numbers (RFC 3550 A.1) */
	uint32_t jitter;		 /* in 16ths of a unit of the timestamp (A.8) */
	uint32_t transit, clock;
	/* at the receiver */
	int32_t reported_lost;
	uint32_t sender_ntp; /* of the last sender report that passed, and when it did */
	uint64_t sender_at;
	uint64_t samples;
	uint64_t sum_mos, sum_rtt, sum_jitter, sum_loss;
	struct quality_sample last, lowest, highest;
	struct quality_sample progression[QUALITY_SAMPLES];
	size_t n_progression;
	unsigned interval; /* one in so many samples goes into the progression */
};

struct quality {
	struct quality_source sources[QUALITY_SOURCES];
	size_t n;
};

/* A packet of the stream, as it goes through. clock: of its payload type, 0: not known. */
void quality_rtp(struct quality *quality, const struct rtp_header *header, size_t len,
		 uint32_t clock, uint64_t now);
/* RTCP from the party whose stream this is: its sender reports are noted here, and what it says of
 * the packets it gets, in those of the other party. */
void quality_rtcp(struct quality *quality, struct quality *other, const uint8_t *data, size_t len,
		  uint64_t now);

/* Packets that did not arrive here (RFC 3550 A.3); below 0: some came twice. */
int64_t quality_lost(const struct quality_source *source);
uint32_t quality_jitter_ms(const struct quality_source *source);
/* The mean of all samples; mos 0: no report yet. */
struct quality_sample quality_average(const struct quality_source *source);

/*
 * Listening quality of 1.0 to 4.5, times ten, by the E-model (ITU-T G.107) with its defaults: delay
 * from half the round trip and twice the jitter, impairment from loss of G.711 without concealment
 * of bursts. An estimate, for trends and thresholds.
 */
unsigned quality_mos(uint32_t rtt_us, uint32_t jitter_ms, double loss_percent);

#endif
