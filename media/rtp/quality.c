/* SPDX-License-Identifier: Apache-2.0 */
/* Loss, jitter, round trip and MOS of a stream that passes. */
#include "media/rtp/quality.h"

#include "media/rtp/rtcp.h"

#include <string.h>

#define NANOS	   1000000000ULL
#define JUMP	   3000 /* a sequence number further off is a new beginning (RFC 3550 A.1) */
#define RTT_MAX_US (60 * 1000000U)
#define LATE_MAX   5 /* seconds; what is further off has another clock */

static struct quality_source *find(struct quality *quality, uint32_t ssrc)
{
	for (size_t i = 0; i < quality->n; i++)
		if (quality->sources[i].ssrc == ssrc)
			return &quality->sources[i];
	return NULL;
}

static struct quality_source *place(struct quality *quality, uint32_t ssrc)
{
	struct quality_source *found = find(quality, ssrc), *oldest = quality->sources;

	if (found)
		return found;
	if (quality->n < QUALITY_SOURCES)
		oldest = &quality->sources[quality->n++];
	else
		for (size_t i = 1; i < QUALITY_SOURCES; i++)
			if (quality->sources[i].last_at < oldest->last_at)
				oldest = &quality->sources[i];
	*oldest = (struct quality_source){.ssrc = ssrc, .interval = 1};
	return oldest;
}

static void begin(struct quality_source *source, const struct rtp_header *header)
{
	source->first_sequence = header->sequence;
	source->cycles = 0;
	source->packets = 0;
	source->bytes = 0;
	source->jitter = 0;
	source->transit = 0;
	source->last_sequence = header->sequence;
}

/* RFC 3550 A.1: counts cycles; old packets change nothing. */
static void take_sequence(struct quality_source *source, const struct rtp_header *header)
{
	const uint16_t ahead = (uint16_t)(header->sequence - source->last_sequence);

	if (source->packets == 0 || (ahead >= JUMP && ahead <= 0xffff - 100)) {
		begin(source, header);
		return;
	}
	if (ahead == 0 || ahead >= JUMP)
		return;
	if (header->sequence < source->last_sequence)
		source->cycles += 0x10000;
	source->last_sequence = header->sequence;
}

/* RFC 3550 A.8, in 16ths. Timestamps that jump are no jitter: nothing was that late. */
static void take_jitter(struct quality_source *source, const struct rtp_header *header,
			uint32_t clock, uint64_t now)
{
	if (clock == 0)
		return;
	const uint32_t arrival = (uint32_t)(now / NANOS * clock + now % NANOS * clock / NANOS);
	const uint32_t transit = arrival - header->timestamp;
	const uint32_t ahead = transit - source->transit;
	const uint32_t d = ahead < 0x80000000 ? ahead : -ahead;

	if (source->transit != 0 && source->clock == clock && d <= (uint64_t)clock * LATE_MAX)
		source->jitter += d - ((source->jitter + 8) >> 4);
	source->transit = transit;
	source->clock = clock;
}

void quality_rtp(struct quality *quality, const struct rtp_header *header, size_t len,
		 uint32_t clock, uint64_t now)
{
	struct quality_source *source = place(quality, header->ssrc);

	take_sequence(source, header);
	take_jitter(source, header, clock, now);
	source->packets++;
	source->bytes += len;
	source->last_at = now;
	source->last_timestamp = header->timestamp;
}

int64_t quality_lost(const struct quality_source *source)
{
	if (source->packets == 0)
		return 0;
	const int64_t highest = (int64_t)source->cycles + source->last_sequence;
	return highest - source->first_sequence + 1 - (int64_t)source->packets;
}

uint32_t quality_jitter_ms(const struct quality_source *source)
{
	return source->clock ? (uint32_t)((uint64_t)(source->jitter >> 4) * 1000 / source->clock)
			     : 0;
}

unsigned quality_mos(uint32_t rtt_us, uint32_t jitter_ms, double loss_percent)
{
	/* half the round trip, a jitter buffer of twice the jitter, 10 ms of packets and codec */
	const double delay = rtt_us / 2000.0 + 2.0 * jitter_ms + 10;
	double r = 93.2 - 0.024 * delay;

	if (delay > 177.3)
		r -= 0.11 * (delay - 177.3);
	r -= 95.0 * loss_percent / (loss_percent + 4.3 /* Bpl of G.711, G.113 */);
	if (r < 0)
		return 10;
	if (r > 100)
		r = 100;
	const double mos = 1 + 0.035 * r + 0.000007 * r * (r - 60) * (100 - r);
	return mos < 1 ? 10 : (unsigned)(mos * 10 + 0.5);
}

static void note(struct quality_source *source, const struct quality_sample *sample)
{
	source->last = *sample;
	source->samples++;
	source->sum_mos += sample->mos;
	source->sum_rtt += sample->rtt;
	source->sum_jitter += sample->jitter;
	source->sum_loss += sample->loss;
	if (source->lowest.at == 0 || sample->mos < source->lowest.mos)
		source->lowest = *sample;
	if (source->highest.at == 0 || sample->mos > source->highest.mos)
		source->highest = *sample;
	if (source->samples % source->interval != 0)
		return;
	if (source->n_progression == QUALITY_SAMPLES) {
		for (size_t i = 0; i < QUALITY_SAMPLES / 2; i++)
			source->progression[i] = source->progression[2 * i];
		source->n_progression = QUALITY_SAMPLES / 2;
		source->interval *= 2;
	}
	source->progression[source->n_progression++] = *sample;
}

/* RFC 3550 §6.4.1: what lies between the report that passed here and the one that tells of it, less
 * the receiver's own delay, is the way to the receiver and back. */
static uint32_t round_trip(const struct quality_source *source, const struct rtcp_block *block,
			   uint64_t now)
{
	if (block->last_sr == 0 || block->last_sr != source->sender_ntp || source->sender_at == 0)
		return 0;
	const uint64_t passed = (now - source->sender_at) / 1000;
	const uint64_t delay = (uint64_t)block->delay * 1000000 / 65536;
	return passed > delay && passed - delay < RTT_MAX_US ? (uint32_t)(passed - delay) : 0;
}

static void take_block(struct quality *other, const struct rtcp_block *block, uint64_t now)
{
	struct quality_source *source = find(other, block->ssrc);

	if (!source)
		return;
	const double loss = block->fraction_lost * 100.0 / 256;
	struct quality_sample sample = {
		.at = now,
		.rtt = round_trip(source, block, now),
		.jitter = source->clock ? (uint32_t)((uint64_t)block->jitter * 1000 / source->clock)
					: 0,
		.loss = (uint8_t)(loss + 0.5),
	};

	if (sample.rtt == 0)
		sample.rtt = source->last.rtt;
	sample.mos = (uint8_t)quality_mos(sample.rtt, sample.jitter, loss);
	source->reported_lost = block->lost;
	note(source, &sample);
}

void quality_rtcp(struct quality *quality, struct quality *other, const uint8_t *data, size_t len,
		  uint64_t now)
{
	struct rtcp_part part;
	struct rtcp_sender sender;
	struct rtcp_block block;
	size_t at = 0;

	while (rtcp_next(data, len, &at, &part)) {
		struct quality_source *source =
			rtcp_sender(&part, &sender) ? find(quality, sender.ssrc) : NULL;
		if (source) {
			source->sender_ntp = sender.ntp;
			source->sender_at = now;
		}
		for (size_t i = 0; other && rtcp_block(&part, i, &block); i++)
			take_block(other, &block, now);
	}
}

struct quality_sample quality_average(const struct quality_source *source)
{
	const uint64_t n = source->samples;

	if (n == 0)
		return (struct quality_sample){0};
	return (struct quality_sample){
		.at = source->last.at,
		.mos = (uint8_t)(source->sum_mos / n),
		.rtt = (uint32_t)(source->sum_rtt / n),
		.jitter = (uint32_t)(source->sum_jitter / n),
		.loss = (uint8_t)(source->sum_loss / n),
	};
}
