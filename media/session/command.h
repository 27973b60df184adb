/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of the ng protocol: one file each, one table of them all. */
#ifndef MEDIA_SESSION_COMMAND_H
#define MEDIA_SESSION_COMMAND_H

#include "media/ng/control.h"
#include "media/ng/request.h"
#include "media/session/call.h"
#include "media/play/prompts.h"

enum command_need {
	NEED_SDP = 1,
	NEED_ID = 2,
	NEED_FROM = 4,
	NEED_TO = 8,
	NEED_CALL = 16, /* of that call-id there is one */
	NEED_KEYS = 32, /* the call's media is in the clear here: no passthrough */
};

/* One command on its worker. */
struct command_run {
	struct desk *desk;
	const struct ng_value *dict;
	const struct ng_request *request;
	struct call *call; /* NULL: there is none yet */
	struct ng_tree *tree;
	struct ng_value *reply; /* "result" is put there by who called, unless it is there */
	/* What the command wants to be read. It sets later, has it read, and runs once more, from
	 * its beginning, when it has ended. */
	struct prompt_order *order;
	bool later;
};
/* NULL: done. Otherwise the error-reason, a string that stays. */
typedef const char *command_function(struct command_run *run);

/* A command that asks every worker in turn: step on each, end after the last. */
struct tour {
	struct sessions *sessions;
	const struct command *command;
	struct control_request *control;
	unsigned next; /* desk */
	struct ng_tree *tree;
	struct ng_value *reply;
	int64_t limit; /* of list */
	size_t room;   /* bytes of its reply that are left */
	struct ng_value *calls;
	struct desk_counts counts;
	struct desk_traffic traffic[DESK_KINDS];
};
typedef void tour_function(struct tour *tour, struct desk *desk);

struct command {
	const char *name;
	command_function *run;
	unsigned needs;
	tour_function *step; /* run is NULL then; both NULL: ping */
	void (*end)(struct tour *tour);
	const char *unknown; /* what it says of a call that there is none of; NULL: the usual */
};

extern const struct command commands[];
extern const size_t n_commands;
const struct command *command_named(const char *name, size_t len); /* NULL: unknown */

command_function command_offer, command_answer, command_delete, command_query, command_block,
	command_subscribe_request, command_subscribe_answer, command_unsubscribe,
	command_forwarding, command_why, command_play_media, command_stop_media, command_play_dtmf,
	command_listen, command_record;
/* What an offer or an answer wants besides: to be recorded, to be listened to. */
void command_wishes(struct command_run *run);
tour_function tour_list, tour_statistics;
void tour_statistics_end(struct tour *tour);

/* The whole of query into dict: of the party with the tag and those in dialogue with it, or of
 * all. */
void report_call(const struct call *call, const struct ng_text *tag, struct ng_value *dict);

/* The sources of a party by SSRC, as clients read them; and what they come to, a leg. */
void report_sources(struct ng_value *dict, const struct party *party);
void report_quality(struct ng_value *media, const struct stream *stream);
/* What it lacks, as a list of lines under key. */
void report_why(struct ng_value *dict, const char *key, const struct stream *stream);

/* SDP that goes to hearer, from what came and what is agreed or offered with it. */
struct negotiation {
	struct command_run *run;
	struct sdp *sdp; /* of the sender */
	struct party *sender, *hearer;
	bool answer;
	/* To a subscriber, who hears and is not heard: whose m-line each is; NULL among them:
	 * nobody's any more. */
	struct stream *const *sources;
};
/* offer: the sender's m-lines are heard, the hearer gets terms and legs. NULL: done. */
const char *negotiate_offer(struct negotiation *negotiation);
/* answer: what was offered is agreed, both sides' transports become so. */
const char *negotiate_answer(struct negotiation *negotiation);
/* What a subscriber answered; nobody else is told. */
const char *negotiate_subscriber(struct negotiation *negotiation);
/* Reads the SDP of the request for then(). One that has been here (loop-protect) is the reply as it
 * came: rewritten once more it would have media run in circles. */
const char *negotiate_sdp(struct command_run *run,
			  const char *(*then)(struct command_run *run, struct sdp *sdp));
/* Puts "sdp" into the reply. */
const char *negotiate_write(struct negotiation *negotiation);

/* Candidates of one m-line of a fragment of trickle ICE. */
void fragment_take(const struct party *party, const struct sdp_media *media, size_t index);

/* Who is meant. false: why_out. */
bool dialogue_offer(struct call *call, const struct ng_request *request, struct party **from_out,
		    struct party **to_out);
bool dialogue_answer(struct call *call, const struct ng_request *request,
		     struct party **offerer_out, struct party **answerer_out, const char **why_out);

#endif
