/* SPDX-License-Identifier: Apache-2.0 */
/* From terms and what a transport is, the plan that an SDP is written by. Pure. */
#ifndef MEDIA_SESSION_PLAN_H
#define MEDIA_SESSION_PLAN_H

#include "media/ng/request.h"
#include "media/sdp/write.h"
#include "media/session/terms.h"

/* What a transport is, as text. Strings are borrowed. */
struct plan_facts {
	struct address rtp, rtcp; /* advertised */
	const char *ice_ufrag, *ice_pwd;
	bool ice_lite;
	const char *fingerprint, *tls_id;
	enum dtls_role role;
	const char *cryptos[PLAN_CRYPTOS_MAX];
	size_t n_cryptos;
};

struct plan_input {
	const struct ng_request *request;
	const struct terms *terms;
	const struct plan_facts *facts;
	const struct sdp_media *media; /* that came */
	struct span mid;	       /* to be written; n 0: what came stays */
	bool answer;
	bool one_way; /* we send only */
	const int *stripped;
	size_t n_stripped;
};
void plan_media(const struct plan_input *input, struct plan_media *out);

/* Payload types of media that the request leaves out, at most SDP_FORMATS_MAX. When that is all of
 * them, none: an m-line without a format is none. */
size_t plan_strip(const struct ng_request *request, const struct sdp_media *media,
		  int out[SDP_FORMATS_MAX]);

#endif
