/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One m-line and its attributes, as they go on: m= i= c= b= and a=mid, then what came in its own
 * order, then ours in the order that relays have always written them in.
 */
#include "media/sdp/write_media.h"

#include "media/sdp/attribute.h"
#include "media/sdp/format.h"
#include "media/sdp/span.h"

bool sdp_keeps_ice(const struct plan_media *plan)
{
	return plan->untouched || (plan->keep_ice && !plan->ice);
}

bool sdp_keeps_security(const struct plan_media *plan)
{
	return plan->untouched || plan->keep_dtls;
}

bool sdp_is_ice(enum sdp_line_kind kind)
{
	return kind >= LINE_ICE_UFRAG && kind <= LINE_END_OF_CANDIDATES;
}

bool sdp_is_candidate(enum sdp_line_kind kind)
{
	return kind == LINE_CANDIDATE || kind == LINE_REMOTE_CANDIDATES ||
	       kind == LINE_END_OF_CANDIDATES;
}

bool sdp_is_security(enum sdp_line_kind kind)
{
	return kind >= LINE_SETUP && kind <= LINE_CRYPTO;
}

static bool has_line(const struct sdp *sdp, const struct sdp_media *media, enum sdp_line_kind kind)
{
	for (size_t i = media->first_line; i < media->first_line + media->n_lines; i++) {
		if (sdp->lines[i].kind == kind)
			return true;
	}
	return false;
}

static bool is_stripped(const struct plan_media *plan, int payload_type)
{
	for (size_t i = 0; i < plan->n_stripped; i++) {
		if (payload_type >= 0 && plan->stripped[i] == payload_type)
			return true;
	}
	return false;
}

/* Which lines of an m-line go, by their kind. */
static bool always(const struct plan_media *plan, const struct sdp_line *line)
{
	(void)plan;
	(void)line;
	return true;
}

static bool if_direction(const struct plan_media *plan, const struct sdp_line *line)
{
	(void)line;
	return !plan->keep_direction;
}

static bool if_mid(const struct plan_media *plan, const struct sdp_line *line)
{
	(void)line;
	return plan->mid.n > 0;
}

static bool if_ice(const struct plan_media *plan, const struct sdp_line *line)
{
	(void)line;
	return !sdp_keeps_ice(plan);
}

static bool if_candidate(const struct plan_media *plan, const struct sdp_line *line)
{
	return if_ice(plan, line) || plan->n_candidates > 0;
}

static bool if_security(const struct plan_media *plan, const struct sdp_line *line)
{
	(void)line;
	return !sdp_keeps_security(plan);
}

static bool if_address(const struct plan_media *plan, const struct sdp_line *line)
{
	(void)line;
	return plan->rtp.family != 0;
}

static bool if_stripped(const struct plan_media *plan, const struct sdp_line *line)
{
	return is_stripped(plan, sdp_payload_type(line->value));
}

static bool if_extension(const struct plan_media *plan, const struct sdp_line *line)
{
	return plan->drop_extension_mid && sdp_mid_extension(line->value) > 0;
}

static bool (*const GOES[LINE_LOOP + 1])(const struct plan_media *, const struct sdp_line *) = {
	[LINE_CONNECTION] = if_address,
	[LINE_RTPMAP] = if_stripped,
	[LINE_FMTP] = if_stripped,
	[LINE_RTCP_FB] = if_stripped,
	[LINE_DIRECTION] = if_direction,
	[LINE_RTCP] = always,
	[LINE_RTCP_MUX] = always,
	[LINE_MID] = if_mid,
	[LINE_BUNDLE_ONLY] = always,
	[LINE_EXTMAP] = if_extension,
	[LINE_ICE_UFRAG] = if_ice,
	[LINE_ICE_PWD] = if_ice,
	[LINE_ICE_OPTIONS] = if_ice,
	[LINE_ICE_LITE] = if_ice,
	[LINE_ICE_MISMATCH] = if_ice,
	[LINE_ICE_PACING] = if_ice,
	[LINE_CANDIDATE] = if_candidate,
	[LINE_REMOTE_CANDIDATES] = if_candidate,
	[LINE_END_OF_CANDIDATES] = if_candidate,
	[LINE_SETUP] = if_security,
	[LINE_FINGERPRINT] = if_security,
	[LINE_TLS_ID] = if_security,
	[LINE_CRYPTO] = if_security,
};

static bool goes(const struct sdp_writing *w, const struct plan_media *plan,
		 const struct sdp_line *line)
{
	/* The session keeps its groups as they are, and so its m-lines what belongs to them. */
	if (line->kind == LINE_BUNDLE_ONLY && w->plan->keep_bundle)
		return false;
	return GOES[line->kind] != NULL && GOES[line->kind](plan, line);
}

/* An m-line has a format at least (RFC 8866 §9): where all are to go, the first stays. */
static void write_formats(struct sdp_out *out, const struct sdp_media *media,
			  const struct plan_media *plan)
{
	struct span rest = media->formats_text, word;
	size_t n = 0;

	if (plan->n_stripped == 0) {
		if (rest.n > 0) {
			sdp_out_text(out, " ");
			sdp_out_span(out, rest);
		}
		return;
	}
	for (word = span_word(&rest); word.n > 0; word = span_word(&rest)) {
		if (is_stripped(plan, sdp_payload_type(word)))
			continue;
		sdp_out_text(out, " ");
		sdp_out_span(out, word);
		n++;
	}
	rest = media->formats_text;
	if (n == 0 && rest.n > 0) {
		sdp_out_text(out, " ");
		sdp_out_span(out, span_word(&rest));
	}
}

static void write_m(struct sdp_writing *w, const struct sdp_media *media,
		    const struct plan_media *plan)
{
	struct sdp_out *out = &w->out;

	sdp_out_text(out, "m=");
	sdp_out_span(out, media->type);
	sdp_out_text(out, " ");
	sdp_out_number(out, plan->rejected ? 0 : plan->rtp.port);
	sdp_out_text(out, " ");
	if (plan->proto == SDP_OTHER || plan->proto == media->proto)
		sdp_out_span(out, media->proto_text);
	else
		sdp_out_text(out, sdp_proto_name(plan->proto));
	write_formats(out, media, plan);
	sdp_out_eol(out);
}

/* The c= that media does not bring itself. */
static void write_connection(struct sdp_writing *w, const struct sdp_media *media,
			     const struct plan_media *plan)
{
	const struct sdp *sdp = w->sdp;

	if (!plan->untouched && plan->rtp.family != 0) {
		struct address place = plan->rtp;

		if (plan->zero_address)
			place = (struct address){.family = place.family};
		sdp_out_text(&w->out, "c=");
		sdp_out_address(&w->out, &place);
		sdp_out_eol(&w->out);
		return;
	}
	if (!w->cut.connection || has_line(sdp, media, LINE_CONNECTION))
		return;
	for (size_t i = 0; i < sdp->n_session_lines; i++) {
		if (sdp->lines[i].kind == LINE_CONNECTION)
			sdp_out_line(&w->out, &sdp->lines[i]);
	}
}

/* Whether a line of the session level that was cut there belongs to what the m-line keeps. */
static bool is_kept(const struct sdp_cut *cut, const struct plan_media *plan,
		    enum sdp_line_kind kind)
{
	/* Of the session level only, RFC 8839 §5.3 and §5.6. */
	if (kind == LINE_ICE_LITE || kind == LINE_ICE_PACING)
		return false;
	if (sdp_is_ice(kind))
		return (sdp_is_candidate(kind) ? cut->candidates : cut->ice) && sdp_keeps_ice(plan);
	return sdp_is_security(kind) && cut->security && sdp_keeps_security(plan);
}

/* What media keeps and had from the session level, where it does not stay. */
static void write_inherited(struct sdp_writing *w, const struct sdp_media *media,
			    const struct plan_media *plan)
{
	const struct sdp *sdp = w->sdp;

	for (size_t i = 0; i < sdp->n_session_lines; i++) {
		const struct sdp_line *line = &sdp->lines[i];

		if (!is_kept(&w->cut, plan, line->kind) || has_line(sdp, media, line->kind))
			continue;
		if (plan->untouched || !goes(w, plan, line)) /* a candidate, where ours follow */
			sdp_out_line(&w->out, line);
	}
}

static void write_attribute(struct sdp_out *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	sdp_out_text(out, name, value);
	sdp_out_eol(out);
}

static void write_rtcp(struct sdp_out *out, const struct plan_media *plan)
{
	if (plan->write_rtcp && plan->rtcp.port > 0) {
		sdp_out_text(out, "a=rtcp:");
		sdp_out_number(out, plan->rtcp.port);
		if (plan->rtcp.family != 0 &&
		    (plan->full_rtcp || !address_same_ip(&plan->rtcp, &plan->rtp))) {
			sdp_out_text(out, " ");
			sdp_out_address(out, &plan->rtcp);
		}
		sdp_out_eol(out);
	}
	if (plan->rtcp_mux)
		write_attribute(out, "a=rtcp-mux", "");
	if (plan->rtcp_mux_only)
		write_attribute(out, "a=rtcp-mux-only", "");
}

/* RFC 8839 §5.1. Host candidates of one address have one foundation (RFC 8445 §5.1.1.3). */
static void write_candidate(struct sdp_out *out, const struct plan_media *plan, size_t index)
{
	const struct plan_candidate *candidate = &plan->candidates[index];
	char text[ADDRESS_TEXT_MAX];
	size_t foundation = 0;

	while (foundation < index &&
	       !address_same_ip(&plan->candidates[foundation].address, &candidate->address))
		foundation++;
	sdp_out_text(out, "a=candidate:");
	sdp_out_number(out, foundation + 1);
	sdp_out_text(out, " ");
	sdp_out_number(out, candidate->component);
	sdp_out_text(out, " UDP ");
	sdp_out_number(out, candidate->priority);
	sdp_out_text(out, " ", address_ip_text(&candidate->address, text), " ");
	sdp_out_number(out, candidate->address.port);
	sdp_out_text(out, " typ host");
	sdp_out_eol(out);
}

/* In passthrough names, passwords and options are those that came. */
static void write_ice(struct sdp_out *out, const struct plan_media *plan)
{
	if (plan->ice) {
		write_attribute(out, "a=ice-ufrag:", plan->ice_ufrag);
		write_attribute(out, "a=ice-pwd:", plan->ice_pwd);
		if (plan->trickle)
			write_attribute(out, "a=ice-options:", "trickle");
	}
	for (size_t i = 0; i < plan->n_candidates && i < PLAN_CANDIDATES_MAX; i++)
		write_candidate(out, plan, i);
	if (plan->end_of_candidates)
		write_attribute(out, "a=end-of-candidates", "");
}

static void write_security(struct sdp_out *out, const struct plan_media *plan)
{
	for (size_t i = 0; i < plan->n_cryptos && i < PLAN_CRYPTOS_MAX; i++)
		write_attribute(out, "a=crypto:", plan->cryptos[i]);
	write_attribute(out, "a=setup:", plan->setup);
	write_attribute(out, "a=fingerprint:", plan->fingerprint);
	write_attribute(out, "a=tls-id:", plan->tls_id);
}

static void write_ours(struct sdp_out *out, const struct plan_media *plan)
{
	static const char *const DIRECTIONS[] = {[SDP_SENDRECV] = "sendrecv",
						 [SDP_SENDONLY] = "sendonly",
						 [SDP_RECVONLY] = "recvonly",
						 [SDP_INACTIVE] = "inactive"};

	if (!plan->keep_direction)
		write_attribute(out, "a=", DIRECTIONS[plan->direction]);
	if (plan->rejected)
		return;
	write_rtcp(out, plan);
	if (!plan->keep_dtls)
		write_security(out, plan);
	if (plan->ice || (plan->keep_ice && plan->n_candidates > 0))
		write_ice(out, plan);
}

/* RFC 8866 §5: i= stands before c=. */
static size_t write_head(struct sdp_writing *w, const struct sdp_media *media,
			 const struct plan_media *plan)
{
	const struct sdp_line *lines = &w->sdp->lines[media->first_line];
	size_t i = 0;

	/* A section of a fragment may begin with none. */
	if (lines[0].kind == LINE_MEDIA) {
		if (plan->untouched)
			sdp_out_line(&w->out, &lines[0]);
		else
			write_m(w, media, plan);
		i = 1;
	}
	for (; i < media->n_lines && span_starts(lines[i].text, "i="); i++)
		sdp_out_line(&w->out, &lines[i]);
	write_connection(w, media, plan);
	return i;
}

void sdp_write_media(struct sdp_writing *w, size_t index)
{
	const struct sdp_media *media = &w->sdp->medias[index];
	const struct plan_media *plan = &w->plan->medias[index];
	const struct sdp_line *lines = &w->sdp->lines[media->first_line];
	bool mid_due = !plan->untouched && plan->mid.n > 0;

	for (size_t i = write_head(w, media, plan); i <= media->n_lines; i++) {
		bool last = i == media->n_lines;

		if (mid_due && (last || span_starts(lines[i].text, "a="))) {
			sdp_out_text(&w->out, "a=mid:");
			sdp_out_span(&w->out, plan->mid);
			sdp_out_eol(&w->out);
			mid_due = false;
		}
		if (!last && (plan->untouched || !goes(w, plan, &lines[i])))
			sdp_out_line(&w->out, &lines[i]);
	}
	write_inherited(w, media, plan);
	if (!plan->untouched)
		write_ours(&w->out, plan);
}
