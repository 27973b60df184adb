/* SPDX-License-Identifier: Apache-2.0 */
/* The SDP that goes on: facts of the hearer's transports, plans, text. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/session/command.h"
#include "media/session/plan.h"

#define VERSION_TEXT_MAX 32

/* Everything that a plan borrows. */
struct room {
	struct plan_media plans[SDP_MEDIAS_MAX];
	struct plan_facts facts[SDP_MEDIAS_MAX];
	char cryptos[SDP_MEDIAS_MAX][PLAN_CRYPTOS_MAX][SDES_LINE_MAX];
	int stripped[SDP_MEDIAS_MAX][SDP_FORMATS_MAX];
	char mids[SDP_MEDIAS_MAX][8];
	struct address address;
	char version[VERSION_TEXT_MAX];
};

static const struct terms *terms_of(const struct negotiation *n, size_t i)
{
	static const struct terms none = {.rejected = true};

	if (i >= n->hearer->n_streams)
		return &none;
	return n->answer ? &n->hearer->streams[i]->agreed : &n->hearer->streams[i]->offered;
}

static void use_media_address(const struct ng_request *request, struct address *address)
{
	uint16_t port = address->port;

	if (request->media_address.n > 0)
		address_parse(request->media_address.p, request->media_address.n, port, address);
}

static void facts_of_cryptos(const struct negotiation *n, const struct leg *leg, struct room *room,
			     size_t i)
{
	struct plan_facts *facts = &room->facts[i];

	for (size_t j = 0; j < leg->n_offered && j < PLAN_CRYPTOS_MAX; j++) {
		/* RFC 4568 §5.1.2: an answer has the one line that was chosen. */
		if (n->answer && leg->offered[j].tag != leg->chosen)
			continue;
		facts->cryptos[facts->n_cryptos] =
			sdes_format(&leg->offered[j], room->cryptos[i][facts->n_cryptos]);
		facts->n_cryptos++;
	}
}

static void facts_of(const struct negotiation *n, size_t i, struct room *room)
{
	const struct stream *stream = i < n->hearer->n_streams ? n->hearer->streams[i] : NULL;
	const struct leg *leg = stream ? stream->leg : NULL;
	struct plan_facts *facts = &room->facts[i];
	const struct ice *ice = leg ? transport_ice(leg->transport) : NULL;
	const struct dtls *dtls = leg ? transport_dtls(leg->transport) : NULL;

	facts->rtp = facts->rtcp = n->hearer->interface->advertised;
	if (leg) {
		facts->rtp = transport_advertised(leg->transport, 0);
		facts->rtcp = transport_advertised(leg->transport, 1);
		facts->tls_id = leg->tls_id;
		facts->ice_lite = !leg->full_ice;
		facts_of_cryptos(n, leg, room, i);
	}
	if (ice) {
		facts->ice_ufrag = ice_ufrag(ice);
		facts->ice_pwd = ice_pwd(ice);
	}
	if (dtls) {
		facts->fingerprint = dtls_certificate_fingerprint(leg->certificate);
		facts->role = dtls_role(dtls);
	}
	use_media_address(n->run->request, &facts->rtp);
	use_media_address(n->run->request, &facts->rtcp);
}

/* What the hearer knows the m-line by: in an answer, by what it called it itself. */
static struct span mid_of(const struct negotiation *n, size_t i, struct room *room)
{
	const struct ng_request *request = n->run->request;
	const struct span came = n->sdp->medias[i].mid;
	const struct terms *terms = terms_of(n, i);
	const char *own = i < n->hearer->n_streams ? n->hearer->streams[i]->said.mid : "";

	if (n->answer)
		return (struct span){own, strlen(own)};
	if (came.n > 0)
		return terms->bundle ? came : (struct span){NULL, 0};
	if (!request->generate_mid && !request->webrtc && !terms->bundle)
		return (struct span){NULL, 0};
	if (own[0] != 0) /* a re-offer: it has a name for it */
		return (struct span){own, strlen(own)};
	snprintf(room->mids[i], sizeof(room->mids[i]), "%zu", i + 1);
	return (struct span){room->mids[i], strlen(room->mids[i])};
}

static void plan_session(const struct negotiation *n, struct room *room, struct sdp_plan *plan)
{
	const struct ng_request *request = n->run->request;
	const struct sdp *sdp = n->sdp;

	room->address = n->hearer->interface->advertised;
	use_media_address(request, &room->address);
	plan->address = &room->address;
	plan->replace_origin = request->replace_origin;
	plan->replace_origin_full = request->replace_origin_full;
	plan->replace_session_name = request->replace_session_name;
	plan->medias = room->plans;
	plan->loop = request->loop_protect ? n->run->desk->sessions->loop : NULL;
	/* RFC 8866 §5.2: a version that grows with each SDP that the hearer gets. */
	if (request->replace_sdp_version || request->force_sdp_version) {
		snprintf(room->version, sizeof(room->version), "%lld",
			 (long long)n->run->call->created + (long long)n->run->call->sdps++);
		plan->version = room->version;
	}
	if (request->replace_username)
		plan->username = (struct span){"-", 1};
	for (size_t i = 0; i < sdp->n_medias; i++) {
		const struct terms *terms = terms_of(n, i);

		plan->ice_lite = plan->ice_lite || (room->plans[i].ice && room->facts[i].ice_lite);
		plan->bundle = plan->bundle || (terms->bundle && !terms->rejected);
	}
}

const char *negotiate_write(struct negotiation *n)
{
	struct room *room = calloc(1, sizeof(*room));
	struct sdp_plan plan = {.medias = NULL};
	size_t len;
	char *text;

	if (!room)
		return "Out of memory";
	for (size_t i = 0; i < n->sdp->n_medias; i++) {
		const struct terms *terms = terms_of(n, i);
		struct plan_input input = {
			.request = n->run->request,
			.terms = terms,
			.facts = &room->facts[i],
			.media = &n->sdp->medias[i],
			.mid = mid_of(n, i, room),
			.answer = n->answer,
			.one_way = n->one_way,
			.stripped = room->stripped[i],
			.n_stripped =
				plan_strip(n->run->request, &n->sdp->medias[i], room->stripped[i]),
		};

		facts_of(n, i, room);
		plan_media(&input, &room->plans[i]);
	}
	plan_session(n, room, &plan);
	text = sdp_write(n->sdp, &plan, &len);
	if (text)
		ng_put_span(n->run->reply, "sdp", text, len);
	free(text);
	OPENSSL_cleanse(room->cryptos, sizeof(room->cryptos));
	free(room);
	return text ? NULL : "Error rewriting SDP";
}
