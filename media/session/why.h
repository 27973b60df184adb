/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why is there no audio? What is known of one m-line of one party becomes sentences: a pure
 * function of facts, by a table of rules (docs/media.md explains each, and what to do).
 */
#ifndef MEDIA_SESSION_WHY_H
#define MEDIA_SESSION_WHY_H

#include "media/path/address.h"
#include "media/path/drop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WHY_LINE_MAX  256
#define WHY_LINES_MAX 16
#define WHY_TEXT_MAX  160
#define WHY_RECENT_MS 5000 /* media without a packet for so long has stopped */
/* So have datagrams: of a fax one side speaks for as long as a page takes. */
#define WHY_RECENT_DATAGRAMS_MS 120000

#define WHY_LOSS_MIN   3  /* per cent that are worth a line */
#define WHY_JITTER_MIN 50 /* ms */
#define WHY_MOS_MIN    36 /* times ten: below, "many users dissatisfied" (ITU-T G.107 annex B) */

/* Of the party's side, unless it says "the other". */
struct why_facts {
	const char *media;     /* "audio" */
	const char *direction; /* of its SDP */
	bool answered;	       /* something is agreed with it */
	bool rejected, untouched;
	bool shut;	   /* its signed identity wants DTLS, and the m-line has none */
	bool sends, hears; /* by direction */
	bool blocked, silenced, announced;
	bool ice, ice_connected;
	const char *ice_state;
	char ice_why[WHY_TEXT_MAX];
	bool dtls, dtls_connected, mismatch;
	char dtls_why[WHY_TEXT_MAX];
	bool sdes, keys_in;
	bool passthrough, unproved; /* the ends hold the keys; none of its ICE checks came yet */
	/* "" where there is none */
	char peer[ADDRESS_TEXT_MAX], source[ADDRESS_TEXT_MAX], local[ADDRESS_TEXT_MAX],
		stranger[ADDRESS_TEXT_MAX];
	size_t strangers;  /* addresses that were refused, as far as they are told apart */
	uint64_t since_ms; /* of the last signalling */
	bool datagrams;	   /* it is no RTP: in and out are datagrams */
	uint64_t in, out;  /* packets of RTP */
	uint64_t in_ago_ms, out_ago_ms;
	uint64_t dropped[DROP_COUNT];
	uint64_t foreigners; /* packets of a type that the other side's SDP has not */
	unsigned foreign_type;
	unsigned loss, jitter;				       /* of what came here */
	unsigned reported_loss, reported_jitter, reported_mos; /* by the other side; mos 0: not */
};

struct why_lines {
	char text[WHY_LINES_MAX][WHY_LINE_MAX];
	size_t n;
};
void why_tell(const struct why_facts *facts, struct why_lines *out);

/* Media comes from it, or goes to it, now. */
bool why_comes(const struct why_facts *facts);
bool why_goes(const struct why_facts *facts);

/* The table's sentences, with {words} where facts go; NULL behind the last. For tests and docs. */
const char *why_rule(size_t i);

#endif
