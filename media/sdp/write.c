/* SPDX-License-Identifier: Apache-2.0 */
/* SDP as it goes on: its session level, then each m-line. */
#include "media/sdp/write.h"

#include "media/sdp/span.h"
#include "media/sdp/write_media.h"

static struct sdp_cut cut_of(const struct sdp *sdp, const struct sdp_plan *plan)
{
	struct sdp_cut cut = {.connection = plan->address != NULL && sdp->n_medias > 0,
			      .direction = sdp->n_medias > 0};

	for (size_t i = 0; i < sdp->n_medias; i++) {
		const struct plan_media *media = &plan->medias[i];

		cut.any |= !media->untouched;
		cut.ice |= !sdp_keeps_ice(media);
		cut.candidates |=
			!sdp_keeps_ice(media) || (!media->untouched && media->n_candidates > 0);
		cut.security |= !sdp_keeps_security(media);
		cut.direction &= !media->untouched && !media->keep_direction;
	}
	return cut;
}

/* RFC 8866 §5.2. One that could not be read stays as it came, and so does any but that one. */
static void write_origin(struct sdp_writing *w, const struct sdp_line *line)
{
	const struct sdp_plan *plan = w->plan;
	const struct sdp *sdp = w->sdp;
	bool anew = plan->address != NULL && (plan->replace_origin || plan->replace_origin_full);
	const char *end = line->value.p + line->value.n;
	struct sdp_out *out = &w->out;

	if (sdp->origin_address.n == 0 || sdp->origin_address.p + sdp->origin_address.n != end ||
	    (!anew && plan->username.n == 0 && plan->session_id == NULL && plan->version == NULL)) {
		sdp_out_line(out, line);
		return;
	}
	sdp_out_text(out, "o=");
	sdp_out_span(out, plan->username.n > 0 ? plan->username : sdp->origin_user);
	sdp_out_text(out, " ");
	if (plan->session_id != NULL)
		sdp_out_text(out, plan->session_id);
	else
		sdp_out_span(out, sdp->origin_session);
	sdp_out_text(out, " ");
	if (plan->version != NULL)
		sdp_out_text(out, plan->version);
	else
		sdp_out_span(out, sdp->origin_version);
	if (anew) {
		sdp_out_text(out, " ");
		sdp_out_address(out, plan->address);
	} else {
		const char *from = sdp->origin_version.p + sdp->origin_version.n;

		sdp_out_span(out, (struct span){from, (size_t)(end - from)});
	}
	sdp_out_eol(out);
}

static void write_session_name(struct sdp_writing *w, const struct sdp_line *line)
{
	if (!w->plan->replace_session_name) {
		sdp_out_line(&w->out, line);
		return;
	}
	sdp_out_text(&w->out, "s=");
	if (w->plan->session_name.n > 0)
		sdp_out_span(&w->out, w->plan->session_name);
	else
		sdp_out_text(&w->out, "-"); /* RFC 8866 §5.3 */
	sdp_out_eol(&w->out);
}

static void write_connection(struct sdp_writing *w, const struct sdp_line *line)
{
	if (w->cut.connection)
		return;
	if (w->plan->address == NULL) {
		sdp_out_line(&w->out, line);
		return;
	}
	sdp_out_text(&w->out, "c=");
	sdp_out_address(&w->out, w->plan->address);
	sdp_out_eol(&w->out);
}

/* RFC 8843 §7.3: the mids of the group, the first of which is the one with the address. */
static void write_bundle(struct sdp_writing *w)
{
	bool open = false;

	for (size_t i = 0; i < w->sdp->n_medias; i++) {
		const struct plan_media *media = &w->plan->medias[i];

		if (!media->bundled || media->mid.n == 0 || media->rejected)
			continue;
		sdp_out_text(&w->out, open ? " " : "a=group:BUNDLE ");
		sdp_out_span(&w->out, media->mid);
		open = true;
	}
	if (open)
		sdp_out_eol(&w->out);
}

static bool is_bundle(const struct sdp_line *line)
{
	struct span value = line->value;

	return line->kind == LINE_GROUP && span_is(span_word(&value), "BUNDLE");
}

static void write_or_not(struct sdp_writing *w, const struct sdp_line *line)
{
	const struct sdp_cut *cut = &w->cut;
	bool goes = false;

	if (sdp_is_ice(line->kind))
		goes = (sdp_is_candidate(line->kind) ? cut->candidates : cut->ice) ||
		       (line->kind == LINE_ICE_LITE && w->plan->ice_lite);
	else if (sdp_is_security(line->kind))
		goes = cut->security;
	else if (line->kind == LINE_DIRECTION)
		goes = cut->direction;
	else if (line->kind == LINE_RTCP || line->kind == LINE_RTCP_MUX)
		goes = cut->any;
	else if (line->kind == LINE_LOOP)
		goes = w->plan->loop != NULL;
	if (!goes)
		sdp_out_line(&w->out, line);
}

static void write_session(struct sdp_writing *w)
{
	static void (*const WRITERS[LINE_LOOP + 1])(struct sdp_writing *,
						    const struct sdp_line *) = {
		[LINE_ORIGIN] = write_origin,
		[LINE_SESSION_NAME] = write_session_name,
		[LINE_CONNECTION] = write_connection,
	};
	bool bundle_due = !w->plan->keep_bundle;

	for (size_t i = 0; i < w->sdp->n_session_lines; i++) {
		const struct sdp_line *line = &w->sdp->lines[i];

		if (!w->plan->keep_bundle && is_bundle(line)) {
			if (bundle_due)
				write_bundle(w);
			bundle_due = false;
		} else if (WRITERS[line->kind] != NULL) {
			WRITERS[line->kind](w, line);
		} else {
			write_or_not(w, line);
		}
	}
	if (bundle_due)
		write_bundle(w);
	if (w->plan->ice_lite) {
		sdp_out_text(&w->out, "a=ice-lite");
		sdp_out_eol(&w->out);
	}
	if (w->plan->loop != NULL) {
		sdp_out_text(&w->out, "a=attestel-relay:", w->plan->loop);
		sdp_out_eol(&w->out);
	}
}

char *sdp_write(const struct sdp *sdp, const struct sdp_plan *plan, size_t *len_out)
{
	struct sdp_writing w = {.sdp = sdp, .plan = plan, .cut = cut_of(sdp, plan)};
	const struct sdp_line *first = &sdp->lines[0];
	bool lf = first->n_end > 0 && first->text.p[first->text.n] == '\n';

	if (!sdp_out_open(&w.out, lf ? "\n" : "\r\n"))
		return NULL;
	write_session(&w);
	for (size_t i = 0; i < sdp->n_medias; i++)
		sdp_write_media(&w, i);
	return sdp_out_close(&w.out, sdp->tail, len_out);
}
