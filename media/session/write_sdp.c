/* SPDX-License-Identifier: Apache-2.0 */
/* The SDP that goes on: facts of the hearer's transports, plans, text. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/session/command.h"
#include "media/session/plan.h"
#include "svc/runtime/wipe.h"

#define VERSION_TEXT_MAX 32

/* Everything that a plan borrows. */
struct room {
	struct plan_media plans[SDP_MEDIAS_MAX];
	struct plan_facts facts[SDP_MEDIAS_MAX];
	char cryptos[SDP_MEDIAS_MAX][PLAN_CRYPTOS_MAX][SDES_LINE_MAX];
	int stripped[SDP_MEDIAS_MAX][SDP_FORMATS_MAX];
	char mids[SDP_MEDIAS_MAX][24];
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
		if (leg->certificate)
			facts->fingerprint = dtls_certificate_fingerprint(leg->certificate);
		if (leg->offered_ufrag[0] != 0) {
			facts->ice_ufrag = leg->offered_ufrag;
			facts->ice_pwd = leg->offered_pwd;
		}
		facts_of_cryptos(n, leg, room, i);
	}
	if (ice) {
		facts->ice_ufrag = ice_ufrag(ice);
		facts->ice_pwd = ice_pwd(ice);
	}
	if (dtls)
		facts->role = dtls_role(dtls);
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

	if (terms->passthrough || terms->datagrams)
		return (struct span){NULL, 0};
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

static uint64_t read_version(struct span text)
{
	uint64_t version = 0;

	for (size_t i = 0; i < text.n && text.p[i] >= '0' && text.p[i] <= '9' && i < 18; i++)
		version = version * 10 + (uint64_t)(text.p[i] - '0');
	return version;
}

static struct span kept(char **kept, const char *p, size_t n)
{
	if (!*kept)
		*kept = strndup(p, n);
	return *kept ? (struct span){*kept, strlen(*kept)} : (struct span){p, n};
}

static struct span session_name(const struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->n_session_lines; i++)
		if (sdp->lines[i].kind == LINE_SESSION_NAME)
			return sdp->lines[i].value;
	return (struct span){"-", 1};
}

static bool takes_version(const struct negotiation *n)
{
	const struct ng_request *request = n->run->request;

	return n->sources || request->replace_sdp_version || request->force_sdp_version ||
	       request->replace_origin_full;
}

/* RFC 3264 §8: towards one party the origin stays what it was first, and its version grows. */
static void plan_origin(const struct negotiation *n, struct room *room, struct sdp_plan *plan)
{
	const struct ng_request *request = n->run->request;
	const struct sdp *sdp = n->sdp;
	struct party *hearer = n->hearer;

	if (sdp->origin_user.n > 0 && (request->replace_username || request->replace_origin_full))
		plan->username = kept(&hearer->told.user, sdp->origin_user.p, sdp->origin_user.n);
	if (sdp->origin_session.n > 0 && request->replace_origin_full) {
		kept(&hearer->told.session, sdp->origin_session.p, sdp->origin_session.n);
		plan->session_id = hearer->told.session;
	}
	if (request->replace_session_name) {
		struct span name = session_name(sdp);

		plan->session_name = kept(&hearer->told.name, name.p, name.n);
	}
	if (!takes_version(n))
		return;
	if (!hearer->told.written)
		hearer->told.version = read_version(sdp->origin_version);
	snprintf(room->version, sizeof(room->version), "%" PRIu64, hearer->told.version);
	plan->version = room->version;
}

static uint64_t hash_of(const char *text, size_t len)
{
	uint64_t hash = 14695981039346656037ULL;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)text[i]) * 1099511628211ULL;
	return hash;
}

/* The text, written once more under the next version when it is another than the hearer has. */
static char *write_versioned(const struct negotiation *n, struct room *room, struct sdp_plan *plan,
			     size_t *len_out)
{
	struct party *hearer = n->hearer;
	char *text = sdp_write(n->sdp, plan, len_out);
	uint64_t hash = text ? hash_of(text, *len_out) : 0;

	if (!text || !takes_version(n))
		return text;
	if (hearer->told.written &&
	    (hash != hearer->told.text || n->run->request->force_sdp_version)) {
		wipe_free(text);
		hearer->told.version++;
		plan_origin(n, room, plan);
		text = sdp_write(n->sdp, plan, len_out);
		hash = text ? hash_of(text, *len_out) : 0;
	}
	hearer->told.text = hash;
	hearer->told.written = true;
	return text;
}

static void plan_session(const struct negotiation *n, struct room *room, struct sdp_plan *plan)
{
	const struct ng_request *request = n->run->request;
	const struct sdp *sdp = n->sdp;

	room->address = n->hearer->interface->advertised;
	use_media_address(request, &room->address);
	plan->address = &room->address;
	plan->replace_origin = request->replace_origin || n->sources; /* ours alone */
	plan->replace_origin_full = request->replace_origin_full;
	plan->replace_session_name = request->replace_session_name;
	plan->medias = room->plans;
	plan->loop = request->loop_protect ? n->run->desk->sessions->loop : NULL;
	plan_origin(n, room, plan);
	for (size_t i = 0; i < sdp->n_medias; i++) {
		const struct terms *terms = terms_of(n, i);

		plan->ice_lite = plan->ice_lite || (room->plans[i].ice && room->facts[i].ice_lite);
		if (terms->passthrough) {
			plan->keep_bundle = true;
			plan->ice_lite = plan->ice_lite || sdp->medias[i].ice_lite;
		}
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
			.one_way = n->sources != NULL,
			.stripped = room->stripped[i],
			.n_stripped =
				plan_strip(n->run->request, &n->sdp->medias[i], room->stripped[i]),
		};

		facts_of(n, i, room);
		plan_media(&input, &room->plans[i]);
	}
	plan_session(n, room, &plan);
	text = write_versioned(n, room, &plan, &len);
	if (text)
		ng_put_span(n->run->reply, "sdp", text, len);
	wipe_free(text);
	wipe_free(room);
	return text ? NULL : "Error rewriting SDP";
}
