/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream: one m-line of one party. What arrives from the party on it passes its listeners and
 * goes to its sinks, the streams of those who hear it. Players send through it towards the party.
 */
#ifndef MEDIA_SESSION_STREAM_H
#define MEDIA_SESSION_STREAM_H

#include "media/rtp/packet.h"
#include "media/rtp/quality.h"
#include "media/session/leg.h"
#include "media/session/said.h"
#include "media/session/terms.h"

#define STREAM_SINKS_MAX     16
#define STREAM_LISTENERS_MAX 4
#define STREAM_LABEL_MAX     64

struct stream;

/* Sees what arrives, in the clear, before the sinks do; may change it in place. It belongs to who
 * made it, and stays put while it listens. */
struct stream_listener {
	/* false: the packet goes no further; counted as blocked. */
	bool (*packet)(struct stream_listener *listener, struct stream *stream,
		       struct packet *packet);
	/* The stream ends; the listener is not called again. */
	void (*closed)(struct stream_listener *listener, struct stream *stream);
};

/* Who sends towards the party by stream_to_party(). exclusive: what others send it waits outside.
 */
struct stream_injector {
	bool exclusive;
	void (*closed)(struct stream_injector *injector, struct stream *stream);
};

/* The payload type that came last, so that not each packet asks the SDP. */
struct stream_type {
	bool known;   /* false: the SDPs have changed since */
	bool foreign; /* in no SDP of those who hear it */
	uint8_t number;
	uint32_t clock;
	uint64_t foreigners; /* packets of such types */
	uint8_t last_foreign;
};

struct stream_count { /* RTP, RTCP */
	uint64_t packets[2], bytes[2];
};

struct stream {
	struct party *party;
	unsigned index;
	struct said said;	/* by the party */
	struct promise promise; /* of its last offer */
	struct terms offered;	/* to it, not answered yet */
	struct terms agreed;
	struct terms rested; /* agreed last that was RTP, before a fax */
	/* As agreed: an offer of hold that is refused changes nothing. */
	enum sdp_direction direction;
	struct leg *leg; /* NULL: rejected, not our kind, or not there yet */
	struct stream *sinks[STREAM_SINKS_MAX];
	size_t n_sinks;
	struct stream_listener *listeners[STREAM_LISTENERS_MAX];
	size_t n_listeners;
	struct stream_injector *injector;
	struct ear *ear;	      /* NULL: nobody listens */
	struct play *play;	      /* NULL: nothing is said to the party by us */
	char label[STREAM_LABEL_MAX]; /* a=label of it, a subscriber's; "": none */
	bool shut; /* identity does not allow what the m-line is: nothing passes */
	struct stream_count in, out;
	struct stream_count datagrams_in, datagrams_out; /* the first of each pair */
	uint64_t last_out;	/* of RTP to the party; monotonic ns, 0: never */
	struct quality quality; /* of what comes from the party */
	struct stream_type type;
};

struct stream *stream_new(struct party *party, unsigned index); /* NULL: no memory */
void stream_free(struct stream *stream);
/* Leaves its leg, which ends with its last stream. */
void stream_leave(struct stream *stream);

/* Loss, jitter, round trip, and payload types that nobody expects; each packet, before anything is
 * refused. */
void stream_measure(struct stream *stream, const struct packet *packet);

/* The quality of all that came from the party. */
struct stream_heard {
	uint64_t packets;
	int64_t lost;
	unsigned loss, jitter;	       /* per cent, ms; here */
	struct quality_sample average; /* at who hears it; mos 0: no report */
};
void stream_heard(const struct stream *stream, struct stream_heard *out);
/* Tells the metrics, once, when it ends. */
void stream_tell_quality(const struct stream *stream);

/* From the leg: authentic, plain, for this stream. */
void stream_receive(struct stream *stream, struct packet *packet);
/* Towards the party; the packet is used up. false: dropped and counted. */
bool stream_to_party(struct stream *stream, struct packet *packet);

bool stream_listen(struct stream *stream, struct stream_listener *listener); /* false: full */
void stream_unlisten(struct stream *stream, const struct stream_listener *listener);
bool stream_inject(struct stream *stream, struct stream_injector *injector); /* false: one is */
void stream_uninject(struct stream *stream, const struct stream_injector *injector);

/* A payload type by the SDP of either side: numbers are passed through. */
bool stream_is_named(const struct stream *stream, uint8_t payload_type, const char *name);
/* A key that the other side is not to hear. */
bool stream_blocks_key(const struct stream *stream, const struct packet *packet);

/* May the party send, and may it be sent to, by what it last said? */
bool stream_sends(const struct stream *stream);
bool stream_hears(const struct stream *stream);

#endif
