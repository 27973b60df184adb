/* SPDX-License-Identifier: Apache-2.0 */
/* Loss, jitter, round trip and MOS, in the names and units of rtpengine's query: MOS times ten, the
 * round trip in microseconds, jitter in milliseconds, loss in per cent. */
#include <inttypes.h>
#include <stdio.h>

#include "media/session/command.h"

#define NS 1000000000ULL
/* Sources whose progression fits into a datagram with all the rest. */
#define PROGRESSIONS_MAX 12

/* Between us and the sender: what the other way's sources were told by it. */
static uint32_t near_round_trip(const struct stream *stream)
{
	for (size_t i = 0; i < stream->n_sinks; i++) {
		const struct quality *quality = &stream->sinks[i]->quality;

		for (size_t j = 0; j < quality->n; j++)
			if (quality->sources[j].samples > 0)
				return quality_average(&quality->sources[j]).rtt;
	}
	return 0;
}

static struct ng_value *put_sample(struct ng_value *dict, const char *key,
				   const struct quality_sample *sample, uint32_t near)
{
	struct ng_value *one = ng_put_dict(dict, key);

	ng_put_int(one, "MOS", sample->mos);
	ng_put_int(one, "round-trip time", sample->rtt > 0 ? (int64_t)sample->rtt + near : 0);
	ng_put_int(one, "round-trip time leg", sample->rtt);
	ng_put_int(one, "jitter", sample->jitter);
	ng_put_int(one, "packet loss", sample->loss);
	return one;
}

/* A peer that changes its SSRC all the time must not make the reply too long to be sent. */
static bool is_crowded(const struct call *call)
{
	size_t n = 0;

	for (const struct party *party = call->parties; party; party = party->next)
		for (size_t i = 0; i < party->n_streams; i++)
			for (size_t j = 0; j < party->streams[i]->quality.n; j++)
				n += party->streams[i]->quality.sources[j].samples > 0;
	return n > PROGRESSIONS_MAX;
}

/* Seconds between two entries. */
static int64_t interval_of(const struct quality_source *source)
{
	const struct quality_sample *all = source->progression;
	size_t n = source->n_progression;

	return n < 2 ? 0 : (int64_t)((all[n - 1].at - all[0].at) / NS / (n - 1));
}

static void put_samples(struct ng_value *dict, const struct stream *stream,
			const struct quality_source *source)
{
	const struct desk *desk = stream->party->call->desk;
	const struct quality_sample average = quality_average(source);
	uint32_t near = near_round_trip(stream);
	struct ng_value *one, *entries;

	one = put_sample(dict, "average MOS", &average, near);
	ng_put_int(one, "samples", (int64_t)source->samples);
	one = put_sample(dict, "lowest MOS", &source->lowest, near);
	ng_put_int(one, "reported at", desk_wall_of(desk, source->lowest.at));
	one = put_sample(dict, "highest MOS", &source->highest, near);
	ng_put_int(one, "reported at", desk_wall_of(desk, source->highest.at));
	if (is_crowded(stream->party->call))
		return;
	one = ng_put_dict(dict, "MOS progression");
	ng_put_int(one, "interval", interval_of(source));
	entries = ng_put_list(one, "entries");
	for (size_t i = 0; i < source->n_progression; i++) {
		const struct quality_sample *sample = &source->progression[i];

		one = ng_add_dict(entries);
		ng_put_int(one, "reported at", desk_wall_of(desk, sample->at));
		ng_put_int(one, "MOS", sample->mos);
		ng_put_int(one, "round-trip time", sample->rtt > 0 ? sample->rtt + near : 0);
		ng_put_int(one, "round-trip time leg", sample->rtt);
		ng_put_int(one, "jitter", sample->jitter);
		ng_put_int(one, "packet loss", sample->loss);
	}
}

static void put_source(struct ng_value *dict, const struct stream *stream,
		       const struct quality_source *source)
{
	struct ng_value *one;
	char key[16];

	snprintf(key, sizeof(key), "%" PRIu32, source->ssrc);
	one = ng_put_dict(dict, key);
	ng_put_int(one, "packets", (int64_t)source->packets);
	ng_put_int(one, "bytes", (int64_t)source->bytes);
	ng_put_int(one, "last RTP timestamp", source->last_timestamp);
	ng_put_int(one, "last RTP seq", source->last_sequence);
	ng_put_int(one, "cumulative loss", source->reported_lost);
	if (source->samples > 0)
		put_samples(one, stream, source);
}

void report_sources(struct ng_value *dict, const struct party *party)
{
	for (size_t i = 0; i < party->n_streams; i++)
		for (size_t j = 0; j < party->streams[i]->quality.n; j++)
			put_source(dict, party->streams[i], &party->streams[i]->quality.sources[j]);
}

/* What arrives here, counted by us; what arrives at the other side, by its own reports. */
void report_quality(struct ng_value *media, const struct stream *stream)
{
	struct stream_heard heard;
	struct ng_value *dict;

	stream_heard(stream, &heard);
	if (heard.packets == 0)
		return;
	dict = ng_put_dict(media, "quality");
	ng_put_int(dict, "packets lost", heard.lost);
	ng_put_int(dict, "packet loss", heard.loss);
	ng_put_int(dict, "jitter", heard.jitter);
	if (heard.average.mos > 0)
		put_sample(dict, "reported", &heard.average, near_round_trip(stream));
}
