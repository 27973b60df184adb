/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call and its parties. Two parties in dialogue, or one that subscribed to another, are a bond;
 * who hears whom is made from the bonds anew after each change (call_wire), so that no stream
 * keeps a sink that is gone.
 */
#ifndef MEDIA_SESSION_CALL_H
#define MEDIA_SESSION_CALL_H

#include "media/ng/request.h"
#include "media/session/desk.h"
#include "media/session/stream.h"

#define HASH_NONFATAL_OOM 1 /* what is not added has no table */
#include <uthash.h>

#define CALL_PARTIES_MAX  32
#define PARTY_ALIASES_MAX 8
#define CALL_TAG_MAX	  255 /* bytes of a tag, a via-branch, a label */
#define CALL_ID_MAX	  1024

struct party {
	struct party *next;
	struct call *call;
	char *tag;    /* NULL: not known yet */
	char *branch; /* via-branch; NULL: none */
	char *label;
	char *aliases[PARTY_ALIASES_MAX]; /* tags it had before, since a fork answered as another */
	size_t n_aliases;
	int64_t created;  /* wall, s */
	uint64_t deleted; /* when it goes; monotonic ns; 0: stays */
	struct stream *streams[SDP_MEDIAS_MAX];
	size_t n_streams;
	char *sdp; /* its last, for those who subscribe */
	size_t sdp_len;
	struct { /* what it was told first, for "replace", and the last version */
		char *user, *session, *name;
		uint64_t version, text; /* text: hash of what was written with it */
		bool written;
	} told;
	const struct interface *interface; /* where its legs are; NULL: none yet */
	struct address received_from;	   /* family 0: not known, or not used */
	/* What its SDP said of its media, and where that came from, when it was answered last. */
	struct {
		struct address said, came; /* family 0: not known */
	} host;
	struct fingerprint identity[NG_IDENTITIES_MAX];
	size_t n_identity;
	bool block_media, block_dtmf, silence;
	bool subscriber;
};

struct bond {
	struct bond *next;
	struct party *offerer, *answerer; /* of the first offer; the publisher and the subscriber */
	bool subscription;
	bool answered;
	bool heard;	  /* the offerer is heard by this answerer: the last that answered */
	uint64_t offered; /* the last offer between the two, in the order of all; 0: none waits */
	/* Of a subscription: whose each m-line of the subscriber is, the index of the publisher's
	 * plus 1; 0: another publisher's, or nobody's any more. */
	uint8_t source[SDP_MEDIAS_MAX];
};

struct call {
	UT_hash_handle hh;
	struct desk *desk;
	char *id;
	size_t id_len;
	int64_t created, created_us, last_signal; /* wall */
	uint64_t born, signalled;		  /* monotonic ns */
	uint64_t offers;			  /* so many came */
	uint64_t packets;			  /* of RTP that came, by m-lines that are gone */
	unsigned legs, legs_heard;		  /* of those; and how many of them got any */
	bool answered;
	bool passthrough; /* its first offer had the flag */
	bool block_media, block_dtmf, silence;
	bool listens;	   /* to keys, on every stream of audio */
	struct tape *tape; /* NULL: it is not recorded */
	struct party *parties;
	size_t n_parties;
	struct bond *bonds;
	struct worker_timer timer;
	char *metadata;
	size_t metadata_len;
};

struct call *call_find(struct desk *desk, const struct ng_text *id);
/* NULL: no memory. A new call has no party, and its timer runs. */
struct call *call_new(struct desk *desk, const struct ng_text *id);
void call_free(struct call *call, enum call_end end); /* logs the one line of the call */
/* A command came: timeouts begin anew. */
void call_touch(struct call *call);
/* After each change of parties, bonds, directions, identities: sinks and what is shut. */
void call_wire(struct call *call);
/* When the media's silence is measured from: the last packet of any leg, monotonic ns. */
uint64_t call_last_media(const struct call *call);
void call_set_timer(struct call *call);
/* Parties whose delay is over go, and the call with its last. */
void call_expire(struct call *call);

struct party *party_new(struct call *call); /* NULL: no memory or CALL_PARTIES_MAX */
void party_free(struct party *party);	    /* its bonds too */
struct party *party_by_tag(const struct call *call, const struct ng_text *tag);
bool party_has_tag(const struct party *party, const struct ng_text *tag); /* its own, or an alias */
bool party_set_tag(struct party *party, const struct ng_text *tag);    /* what it had is an alias */
bool party_drop_alias(struct party *party, const struct ng_text *tag); /* false: it is none */
/* The index'th m-line, made if need be; NULL: no memory. */
struct stream *party_stream(struct party *party, size_t index);
enum dtls_identity party_identity(const struct party *party);

struct bond *bond_of(const struct call *call, const struct party *a, const struct party *b);
struct bond *bond_new(struct call *call, struct party *offerer, struct party *answerer);
struct party *bond_other(const struct bond *bond, const struct party *party);

/* A copy of text; NULL: none given, or no memory, or over max. */
char *text_copy(const struct ng_text *text, size_t max);
bool text_is(const struct ng_text *text, const char *string); /* string may be NULL */

#endif
