/* SPDX-License-Identifier: Apache-2.0 */
/* One SDP of m-lines that came in several. */
#include "media/sdp/compose.h"

#include "media/sdp/attribute.h"
#include "media/sdp/out.h"
#include "media/sdp/span.h"
#include "media/sdp/write_media.h"

static bool stays_behind(const struct sdp_line *line)
{
	static const bool KINDS[LINE_LOOP + 1] = {
		[LINE_CONNECTION] = true, [LINE_RTCP] = true,	     [LINE_GROUP] = true,
		[LINE_MID] = true,	  [LINE_BUNDLE_ONLY] = true, [LINE_LOOP] = true,
	};

	if (line->kind == LINE_EXTMAP)
		return sdp_mid_extension(line->value) > 0;
	return KINDS[line->kind] || sdp_is_ice(line->kind) || sdp_is_security(line->kind) ||
	       span_starts(line->text, "a=label:");
}

static void copy_line(struct sdp_out *out, const struct sdp_line *line)
{
	sdp_out_span(out, line->text);
	sdp_out_eol(out);
}

static void write_part(struct sdp_out *out, const struct sdp_part *part)
{
	const struct sdp_media *media = &part->sdp->medias[part->media];
	const struct sdp_line *lines = part->sdp->lines;

	for (size_t i = media->first_line; i < media->first_line + media->n_lines; i++)
		if (!stays_behind(&lines[i]))
			copy_line(out, &lines[i]);
	/* RFC 8285 §6: one of the session holds for each of its m-lines. */
	for (size_t i = 0; i < part->sdp->n_session_lines; i++)
		if (lines[i].kind == LINE_EXTMAP && !stays_behind(&lines[i]))
			copy_line(out, &lines[i]);
	if (part->label[0] != 0) {
		sdp_out_text(out, "a=label:", part->label);
		sdp_out_eol(out);
	}
}

/* An m-line has a format at least (RFC 8866 §9). */
static void write_gone(struct sdp_out *out, const struct sdp_part *part)
{
	sdp_out_text(out, "m=", part->type[0] != 0 ? part->type : "audio", " 0 ",
		     part->proto[0] != 0 ? part->proto : "RTP/AVP", " 0");
	sdp_out_eol(out);
}

char *sdp_compose(uint64_t session_id, const struct sdp_part *parts, size_t n, size_t *len_out)
{
	struct sdp_out out;

	if (!sdp_out_open(&out, "\r\n"))
		return NULL;
	sdp_out_text(&out, "v=0\r\no=- ");
	sdp_out_number(&out, session_id);
	sdp_out_text(&out, " 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n");
	for (size_t i = 0; i < n; i++)
		if (parts[i].sdp)
			write_part(&out, &parts[i]);
		else
			write_gone(&out, &parts[i]);
	return sdp_out_close(&out, (struct span){NULL, 0}, len_out);
}
