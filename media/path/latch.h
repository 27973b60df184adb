/* SPDX-License-Identifier: Apache-2.0 */
/* The source lock of one component without ICE: who may send to it, and where we send. */
#ifndef MEDIA_PATH_LATCH_H
#define MEDIA_PATH_LATCH_H

#include "media/path/transport.h"

/* How well a source fits what was signalled. */
enum latch_fit {
	LATCH_EXACT,  /* the signalled address */
	LATCH_HOST,   /* its IP, or the one that SIP came from, or the one that RTP is locked to */
	LATCH_OTHER,  /* any other: a NAT's, or a stranger's */
	LATCH_NOBODY, /* fit of a latch that is open */
};

struct latch {
	struct address remote; /* where we send; family 0: nowhere */
	struct address source; /* locked to; family 0: open */
	enum latch_fit fit;    /* of source */
	struct address signalled, received_from;
	struct address companion; /* RTP's source: of RTCP, and of datagrams after RTP */
	enum latch_mode mode;
	bool asymmetric;	  /* remote stays the signalled address */
	bool follows;		  /* learns nobody by itself: RTCP's, of RTP's */
	struct address candidate; /* the last OTHER */
	unsigned streak;	  /* its packets without another's between them */
	uint64_t streak_end;	  /* by when they have to be LATCH_PACKETS */
	unsigned passed;	  /* packets of all OTHERs since signalling */
	uint64_t until;		  /* end of the window */
	unsigned locks;		  /* times that source was set */
	uint64_t heard;		  /* the last authenticated packet of source */
};

void latch_init(struct latch *latch);
/* Signalling. now opens it anew, unless signalled is no address (a hold). */
void latch_signal(struct latch *latch, const struct address *signalled,
		  const struct address *received_from, enum latch_mode mode, uint64_t now);
void latch_set_asymmetric(struct latch *latch, bool asymmetric);

/* As it was before a restart. While nobody was locked, the window opens once more: who was
 * expected then speaks now. */
void latch_restore(struct latch *latch, const struct latch_saved *saved, uint64_t now);

/* A packet that nothing authenticates, with a good header. May it pass? */
bool latch_plain(struct latch *latch, const struct address *from, uint64_t now);
/* May SRTP from there be looked at? Only strict says no. */
bool latch_admits(const struct latch *latch, const struct address *from);
/* It was authentic. */
void latch_authentic(struct latch *latch, const struct address *from, uint64_t now);
/* The signalled address, or any port of the host that SIP came from: for DTLS without ICE. */
bool latch_is_signalled(const struct latch *latch, const struct address *from);

#endif
