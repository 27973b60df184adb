/* SPDX-License-Identifier: Apache-2.0 */
/* Telephone events in RTP (RFC 4733): keys heard, and keys pressed. */
#ifndef MEDIA_PLAY_DTMF_H
#define MEDIA_PLAY_DTMF_H

#include "media/rtp/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DTMF_EVENT_MAX	 15 /* 0-9 * # A-D: RFC 4733 §3.2 */
#define DTMF_PAYLOAD	 4
#define DTMF_DURATION_MS 250 /* unless said otherwise, as rtpengine has it */
#define DTMF_PAUSE_MS	 100
#define DTMF_LONGEST_MS	 5000

char dtmf_key(unsigned event); /* '0'..'9' '*' '#' 'A'..'D'; 0: none */
int dtmf_event(char key);      /* -1: no key */

struct dtmf_heard {
	char key;
	unsigned ms;
	unsigned volume; /* dBm0 below 0 */
};

/* One stream's. Zeroed it has heard nothing. */
struct dtmf_reader {
	uint32_t ssrc, timestamp; /* of the event that is going on or was last */
	uint8_t event;
	bool known, ended;
	uint16_t duration;
	uint8_t volume;
};

/*
 * A packet of telephone-event. true: a key has ended, once for each, however often its end was
 * sent. An event whose end was lost ends when the next begins: then out is of the one before.
 */
bool dtmf_read(struct dtmf_reader *reader, const struct rtp_header *header, uint32_t clock,
	       struct dtmf_heard *out);

/* A row of keys being pressed; a packet every 20 ms. */
struct dtmf_writer {
	const char *keys; /* borrowed */
	size_t n, at;
	unsigned duration_ms, pause_ms, volume;
	uint32_t clock;
	unsigned elapsed_ms; /* within the key, or the pause behind it */
	unsigned ends;	     /* packets with the end bit that were sent */
};

struct dtmf_packet {
	uint8_t payload[DTMF_PAYLOAD];
	bool send;   /* false: a pause, nothing now */
	bool begins; /* the marker bit, and a new timestamp */
};

/* What is due now, and again 20 ms later. false: all keys have been pressed. */
bool dtmf_write(struct dtmf_writer *writer, struct dtmf_packet *out);

#endif
