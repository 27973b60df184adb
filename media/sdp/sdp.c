/* SPDX-License-Identifier: Apache-2.0 */
/* SDP read line by line (RFC 8866), and what of it trickle ICE sends later (RFC 8840). */
#include "media/sdp/sdp.h"

#include <stdlib.h>
#include <string.h>

#include "media/sdp/attribute.h"
#include "media/sdp/format.h"
#include "media/sdp/span.h"

#define DISCARD_PORT 9 /* RFC 8840 §4.1.1 */

static const char MALFORMED[] = "Failed to parse SDP";
static const char INCOMPLETE[] = "Incomplete SDP specification";

static const char *const PROTO_NAMES[SDP_PROTO_COUNT] = {
	[SDP_RTP_AVP] = "RTP/AVP",
	[SDP_RTP_AVPF] = "RTP/AVPF",
	[SDP_RTP_SAVP] = "RTP/SAVP",
	[SDP_RTP_SAVPF] = "RTP/SAVPF",
	[SDP_DTLS_SAVP] = "UDP/TLS/RTP/SAVP",
	[SDP_DTLS_SAVPF] = "UDP/TLS/RTP/SAVPF",
};

const char *sdp_proto_name(enum sdp_proto proto)
{
	return PROTO_NAMES[proto] != NULL ? PROTO_NAMES[proto] : "";
}

enum sdp_proto sdp_proto_named(struct span name)
{
	for (size_t i = SDP_OTHER + 1; i < SDP_PROTO_COUNT; i++) {
		if (span_is(name, PROTO_NAMES[i]))
			return (enum sdp_proto)i;
	}
	return SDP_OTHER;
}

/* A reading under way: sections of m-lines are open or not, and session is what they inherit. */
struct reading {
	struct sdp *sdp;
	struct sdp_media session;
	struct sdp_media *open; /* NULL: at session level */
	size_t medias_max;	/* that there is memory for */
	bool fragment;
	const char *why; /* NULL: nothing is wrong */
};

static void read_address(struct span value, struct address *out)
{
	struct span literal;

	span_word(&value); /* IN */
	span_word(&value); /* IP4, IP6; the address itself says which it is */
	value = span_word(&value);
	literal = span_until(&value, '/'); /* a TTL of multicast, RFC 8866 §5.7 */
	if (literal.n == 0 || !address_parse(literal.p, literal.n, 0, out))
		memset(out, 0, sizeof(*out));
}

/* RFC 8866 §5.2. From its end, since there are user names with blanks. */
static void read_origin(struct reading *r, struct span value)
{
	struct sdp *sdp = r->sdp;

	if (sdp->origin_address.n > 0)
		return;
	struct span address = span_last_word(&value);
	struct span addrtype = span_last_word(&value);
	struct span nettype = span_last_word(&value);
	struct span version = span_last_word(&value);
	struct span session = span_last_word(&value);
	struct span user = span_trim(value);

	if (user.n == 0 || !span_is(nettype, "IN") || addrtype.n == 0)
		return;
	sdp->origin_user = user;
	sdp->origin_session = session;
	sdp->origin_version = version;
	sdp->origin_address = address;
}

static void read_session_name(struct reading *r, struct span value)
{
	if (r->sdp->session_name.n == 0)
		r->sdp->session_name = value;
}

/* Of several, which is multicast, the first. */
static void read_connection(struct reading *r, struct span value)
{
	struct address *address = r->open != NULL ? &r->open->rtp : &r->sdp->connection;

	if (address->family == 0)
		read_address(value, address);
}

static struct sdp_media *open_media(struct reading *r, size_t line)
{
	if (r->sdp->n_medias >= r->medias_max) {
		r->why = MALFORMED;
		return NULL;
	}
	r->open = &r->sdp->medias[r->sdp->n_medias++];
	r->open->first_line = line;
	return r->open;
}

/* RFC 8866 §5.14: media port["/" number] proto fmt ... */
static void read_media(struct reading *r, struct span value)
{
	struct sdp_media *media = r->open;
	uint32_t port, n_ports = 1;
	struct span ports;

	media->type = span_word(&value);
	ports = span_word(&value);
	if (!span_number(span_until(&ports, '/'), UINT16_MAX, &port) ||
	    (ports.n > 0 && !span_number(ports, UINT16_MAX, &n_ports)))
		r->why = MALFORMED;
	else
		media->port = (uint16_t)port;
	media->n_ports = n_ports;
	media->proto_text = span_word(&value);
	if (media->proto_text.n == 0)
		r->why = MALFORMED;
	media->proto = sdp_proto_named(media->proto_text);
	media->datagrams = span_is(media->proto_text, "udptl") || span_is(media->proto_text, "udp");
	media->formats_text = span_trim(value);
	sdp_formats_read(media);
}

/* Where a fragment has no m-lines, a mid or a candidate opens a section (RFC 8840 §9). */
static void open_in_fragment(struct reading *r, struct span text, size_t line)
{
	bool mid = span_starts(text, "a=mid:");

	if (mid ? (r->open == NULL || r->open->mid.n > 0)
		: (r->open == NULL && span_starts(text, "a=candidate:")))
		open_media(r, line);
}

static void read_attribute(struct reading *r, struct sdp_line *line, size_t number)
{
	struct sdp_scope scope = {.sdp = r->sdp};

	if (r->fragment)
		open_in_fragment(r, line->text, number);
	scope.session = r->open == NULL;
	scope.media = scope.session ? &r->session : r->open;
	sdp_attribute_read(&scope, line);
}

static const struct line_type {
	char letter;
	enum sdp_line_kind kind;
	void (*read)(struct reading *r, struct span value);
} LINE_TYPES[] = {
	{'c', LINE_CONNECTION, read_connection},
	{'m', LINE_MEDIA, read_media},
	{'o', LINE_ORIGIN, read_origin},
	{'s', LINE_SESSION_NAME, read_session_name},
};

static void read_line(struct reading *r, size_t number)
{
	struct sdp_line *line = &r->sdp->lines[number];
	struct span text = line->text;

	if (text.n < 2 || text.p[1] != '=')
		return;
	if (text.p[0] == 'a') {
		read_attribute(r, line, number);
		return;
	}
	line->value = span_trim((struct span){text.p + 2, text.n - 2});
	for (size_t i = 0; i < sizeof(LINE_TYPES) / sizeof(LINE_TYPES[0]); i++) {
		const struct line_type *type = &LINE_TYPES[i];

		if (type->letter != text.p[0])
			continue;
		/* What describes a session stands before its first m-line. */
		if (r->open != NULL &&
		    (type->kind == LINE_ORIGIN || type->kind == LINE_SESSION_NAME))
			return;
		if (type->kind == LINE_MEDIA && open_media(r, number) == NULL)
			return;
		line->kind = type->kind;
		type->read(r, line->value);
	}
}

/* The end of what has lines: behind the last byte that says something, and its line's end. */
static size_t body_end(const char *text, size_t len)
{
	size_t end = len, next;

	while (end > 0 && memchr("\r\n\t ", text[end - 1], 5) != NULL) /* 5: NUL too */
		end--;
	if (end == 0)
		return 0;
	for (next = end; next < len && memchr("\r\t ", text[next], 3) != NULL; next++)
		;
	return next < len && text[next] == '\n' ? next + 1 : end;
}

/* How many lines there are, and how many sections they may open. */
static size_t count_lines(struct span body, bool fragment, size_t *sections_out)
{
	size_t lines = 0, sections = 0, at = 0;

	while (at < body.n) {
		struct span line = {body.p + at, body.n - at};
		const char *end = memchr(line.p, '\n', line.n);

		sections += span_starts(line, "m=") ||
			    (fragment &&
			     (span_starts(line, "a=mid:") || span_starts(line, "a=candidate:")));
		lines++;
		at = end != NULL ? (size_t)(end - body.p) + 1 : body.n;
	}
	*sections_out = sections;
	return lines;
}

static void split_lines(struct sdp *sdp, const char *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		struct sdp_line *line = &sdp->lines[sdp->n_lines++];
		const char *end = memchr(text + at, '\n', len - at);
		size_t next = end != NULL ? (size_t)(end - text) + 1 : len;
		size_t n = next - at - (end != NULL);

		while (end != NULL && n > 0 && text[at + n - 1] == '\r')
			n--;
		line->text = (struct span){text + at, n};
		line->value = (struct span){text + at + n, 0};
		line->n_end = next - at - n;
		at = next;
	}
}

static struct sdp *allocate(const char *text, size_t len, bool fragment, size_t *medias_out)
{
	size_t end, n_lines, sections;
	struct sdp *sdp;

	if (len == 0 || len > SDP_MAX)
		return NULL;
	end = body_end(text, len);
	n_lines = count_lines((struct span){text, end}, fragment, &sections);
	if (n_lines == 0 || n_lines > SDP_LINES_MAX)
		return NULL;
	*medias_out = sections < SDP_MEDIAS_MAX ? sections : SDP_MEDIAS_MAX;
	sdp = calloc(1, sizeof(*sdp));
	if (sdp == NULL)
		return NULL;
	sdp->lines = calloc(n_lines, sizeof(*sdp->lines));
	sdp->medias = calloc(*medias_out + 1, sizeof(*sdp->medias));
	if (sdp->lines == NULL || sdp->medias == NULL) {
		sdp_free(sdp);
		return NULL;
	}
	split_lines(sdp, text, end);
	sdp->tail = (struct span){text + end, len - end};
	return sdp;
}

static bool has_connection(const struct sdp *sdp, const struct sdp_media *media)
{
	for (size_t i = media->first_line; i < media->first_line + media->n_lines; i++) {
		if (sdp->lines[i].kind == LINE_CONNECTION)
			return true;
	}
	return false;
}

/* RFC 9143 §6: bundle-only with port 0 has the address of its group. */
static bool has_no_own_address(const struct sdp_media *media)
{
	return media->bundle_only && media->port == 0;
}

/* A c= of the m-line that cannot be read is not made good by that of the session: it says that the
 * media goes elsewhere (RFC 8866 §5.7). */
static void finish_addresses(const struct sdp *sdp, struct sdp_media *media)
{
	uint16_t rtcp_port = media->rtcp.port;

	if (!has_connection(sdp, media))
		media->rtp = sdp->connection;
	media->rtp.port = media->port;
	media->zero_address = address_is_unspecified(&media->rtp) && !has_no_own_address(media) &&
			      (media->ice_ufrag.n == 0 || media->port != DISCARD_PORT);
	if (!media->rtcp_given)
		rtcp_port = media->port > 0 && media->port < UINT16_MAX
				    ? (uint16_t)(media->port + 1)
				    : 0;
	if (media->rtcp.family == 0)
		media->rtcp = media->rtp;
	media->rtcp.port = rtcp_port;
}

static void finish(struct reading *r)
{
	struct sdp *sdp = r->sdp;
	size_t next = sdp->n_lines;

	for (size_t i = sdp->n_medias; i-- > 0;) {
		struct sdp_media *media = &sdp->medias[i];

		media->n_lines = next - media->first_line;
		next = media->first_line;
		sdp_attributes_inherit(media, &r->session);
		finish_addresses(sdp, media);
		if (!r->fragment && (media->proto != SDP_OTHER || media->datagrams) &&
		    media->port > 0 && media->rtp.family == 0)
			r->why = INCOMPLETE;
	}
	sdp->n_session_lines = next;
}

static struct sdp *parse(const char *text, size_t len, bool fragment, const char **why_out)
{
	struct reading r = {.fragment = fragment};

	*why_out = MALFORMED;
	r.sdp = allocate(text, len, fragment, &r.medias_max);
	if (r.sdp == NULL)
		return NULL;
	if (!fragment && !span_is(span_trim(r.sdp->lines[0].text), "v=0"))
		r.why = MALFORMED;
	for (size_t i = 0; r.why == NULL && i < r.sdp->n_lines; i++)
		read_line(&r, i);
	if (r.why == NULL)
		finish(&r);
	if (r.why != NULL) {
		*why_out = r.why;
		sdp_free(r.sdp);
		return NULL;
	}
	return r.sdp;
}

struct sdp *sdp_parse(const char *text, size_t len, const char **why_out)
{
	return parse(text, len, false, why_out);
}

struct sdp *sdp_parse_fragment(const char *text, size_t len, const char **why_out)
{
	return parse(text, len, true, why_out);
}

void sdp_free(struct sdp *sdp)
{
	if (sdp == NULL)
		return;
	free(sdp->lines);
	free(sdp->medias);
	free(sdp);
}
