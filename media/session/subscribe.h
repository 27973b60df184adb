/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which parties a subscriber hears, and which of its m-lines is whose: one for each medium of each
 * of them. An m-line keeps its place for as long as the subscriber is there (RFC 3264 §8); one
 * whose medium is gone, or not asked for any more, gets port 0.
 */
#ifndef MEDIA_SESSION_SUBSCRIBE_H
#define MEDIA_SESSION_SUBSCRIBE_H

#include "media/ng/request.h"
#include "media/session/call.h"

struct subscription {
	struct party *subscriber;
	struct party *publishers[CALL_PARTIES_MAX]; /* in the order that they were asked for in */
	size_t n_publishers;
	struct stream *sources[SDP_MEDIAS_MAX]; /* of each m-line of the subscriber's; NULL: none */
	size_t n_medias;
};

/* Fills publishers: all who have said what they send; or who has the label, or the from-tag, or one
 * of the from-tags, the first of these that is given, as with rtpengine. A name of nobody is passed
 * over, and who is a subscriber itself. */
void subscription_choose(struct subscription *subscription, const struct call *call,
			 const struct ng_request *request);
/* Gives each medium of the publishers an m-line of the subscriber's; siprec: and a label. NULL:
 * done; publishers without a medium are out then. */
const char *subscription_map(struct subscription *subscription, bool siprec);
/* The SDP that is offered, malloc'ed, before addresses and keys are said in it. NULL: no memory. */
char *subscription_sdp(const struct subscription *subscription, size_t *len_out);

#endif
