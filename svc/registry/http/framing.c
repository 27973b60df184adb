/* SPDX-License-Identifier: Apache-2.0 */
/* What libmicrohttpd lets through although two readers could understand it in two ways. */
#include "svc/registry/http/framing.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Headers that must not come twice, and how often each came. */
#define NAME(text)                                                                                 \
	{                                                                                          \
		text, sizeof text - 1                                                              \
	}
static const struct {
	const char *text;
	size_t len;
} single_names[] = {NAME("Content-Length"), NAME("Transfer-Encoding"), NAME("Authorization"),
		    NAME("Host"), NAME("Content-Type")};
#define SINGLES (sizeof single_names / sizeof single_names[0])

/*
 * libmicrohttpd ends what it has read in its buffer in place. So what it left out can be seen: a
 * piece that does not begin where the one before it ends. It leaves out what stands behind a NUL in
 * the path, the query or a value (RFC 9110 §5.5: "invalid and dangerous"), and it puts a line that
 * is continued by a space elsewhere, with the second line in the header's name. RFC 9112 §5.2: "A
 * server that receives an obs-fold in a request message ... MUST either reject the message ...".
 */
struct framing {
	unsigned counts[SINGLES];
	const char *end; /* of what has been seen */
	bool broken;
};

#define LINE_END 2 /* CR LF, or LF alone */

static void take(struct framing *framing, const char *piece, size_t len, size_t gap_max)
{
	size_t gap = (size_t)((uintptr_t)piece - (uintptr_t)framing->end);

	framing->broken = framing->broken || gap > gap_max;
	framing->end = piece + len;
}

/* RFC 9110 §5.5: "Field values containing CR, LF, or NUL characters are invalid and dangerous";
 * libmicrohttpd lets a CR without LF through. */
static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (((unsigned char)text[i] < ' ' && text[i] != '\t') || text[i] == 0x7f)
			return false;
	}
	return true;
}

static enum MHD_Result check_header(void *magic, enum MHD_ValueKind kind, const char *name,
				    size_t name_len, const char *value, size_t value_len)
{
	struct framing *framing = magic;

	(void)kind;
	for (size_t i = 0; i < SINGLES; i++)
		framing->counts[i] += name_len == single_names[i].len &&
				      strcasecmp(name, single_names[i].text) == 0;
	framing->broken = framing->broken || !is_plain(name, name_len) ||
			  (value != NULL && !is_plain(value, value_len));
	take(framing, name, name_len, LINE_END);
	if (value != NULL)
		framing->end = value + value_len;
	return MHD_YES;
}

static enum MHD_Result take_argument(void *magic, enum MHD_ValueKind kind, const char *name,
				     size_t name_len, const char *value, size_t value_len)
{
	(void)kind;
	take(magic, name, name_len, 1);
	if (value != NULL)
		take(magic, value, value_len, 1);
	return MHD_YES;
}

/* The path, "?" and its arguments with "&" and "=", a space, the version: one character between
 * any two of them. A "?" without arguments is a second spelling of the path. */
static void take_line(struct MHD_Connection *connection, const struct framing_line *line,
		      struct framing *framing)
{
	framing->end = line->path + strlen(line->path);
	if (line->version != framing->end + 1)
		MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, take_argument,
					    framing);
	take(framing, line->version, strlen(line->version), 1);
}

/* Behind the last header there are its line's end and the empty line. */
static void take_end(struct MHD_Connection *connection, const struct framing_line *line,
		     struct framing *framing)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	if (info != NULL)
		take(framing, line->method + info->header_size, 0, 2 * LINE_END);
}

/* RFC 9112 §6.1: a message with both lengths might be an attempt at request smuggling. */
enum problem framing_check(struct MHD_Connection *connection, const struct framing_line *line)
{
	struct framing framing = {.broken = false};
	const unsigned *counts = framing.counts;

	take_line(connection, line, &framing);
	MHD_get_connection_values_n(connection, MHD_HEADER_KIND, check_header, &framing);
	take_end(connection, line, &framing);
	framing.broken = framing.broken || (counts[0] > 0 && counts[1] > 0);
	for (size_t i = 0; i < SINGLES; i++)
		framing.broken = framing.broken || counts[i] > 1;
	return framing.broken ? PROBLEM_BAD_REQUEST : PROBLEM_NONE;
}
