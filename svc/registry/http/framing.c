/* SPDX-License-Identifier: Apache-2.0 */
/* What libmicrohttpd lets through although two readers could understand it in two ways. */
#include "svc/registry/http/framing.h"

#include <stdbool.h>
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

struct framing {
	unsigned counts[SINGLES];
	bool broken;
};

/* RFC 9110 §5.5: "Field values containing CR, LF, or NUL characters are invalid and dangerous";
 * libmicrohttpd lets a CR without LF through; at a NUL it has cut the value. */
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
	return MHD_YES;
}

/* RFC 9112 §6.1: a message with both lengths might be an attempt at request smuggling. */
enum problem framing_check(struct MHD_Connection *connection)
{
	struct framing framing = {.broken = false};
	const unsigned *counts = framing.counts;

	MHD_get_connection_values_n(connection, MHD_HEADER_KIND, check_header, &framing);
	framing.broken = framing.broken || (counts[0] > 0 && counts[1] > 0);
	for (size_t i = 0; i < SINGLES; i++)
		framing.broken = framing.broken || counts[i] > 1;
	return framing.broken ? PROBLEM_BAD_REQUEST : PROBLEM_NONE;
}
