/* SPDX-License-Identifier: Apache-2.0 */
/* Takes out of a request what its sender may not assert (VS12, RC14), in every spelling that some
 * parser behind us may understand. */
#include "sip-proxy/treat.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VALUES_MAX 64 /* values of one Call-Info field */
#define CUTS_MAX   8  /* times that a cut may lay another verstat bare */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A character of the text, and how many bytes it takes: RFC 3261 §19.1.4, an escaped letter is
 * the letter ("%76erstat" is verstat). c < 0: the end. */
struct letter {
	int c;
	size_t n;
};

static struct letter letter(struct callerid_span text, size_t i)
{
	if (i >= text.n)
		return (struct letter){-1, 0};
	if (text.p[i] == '%' && i + 2 < text.n && hex(text.p[i + 1]) >= 0 &&
	    hex(text.p[i + 2]) >= 0)
		return (struct letter){hex(text.p[i + 1]) * 16 + hex(text.p[i + 2]), 3};
	return (struct letter){(unsigned char)text.p[i], 1};
}

static bool is_in(int c, const char *set)
{
	return c > 0 && strchr(set, c) != NULL;
}

/* The length of white space, folding included, at i. */
static size_t spaces(struct callerid_span text, size_t i)
{
	size_t start = i;

	while (is_in(letter(text, i).c, " \t\r\n"))
		i += letter(text, i).n;
	return i - start;
}

/* RFC 3261 §25.1 token: whatever else follows a name ends it. */
static bool in_token(int c)
{
	return c > 0 && c < 0x80 && (isalnum(c) || is_in(c, "-.!%*_+`'~"));
}

/* The length in the text of the name that starts at i, 0 when it is another. */
static size_t match_name(struct callerid_span text, size_t i, const char *name)
{
	size_t start = i;

	for (; *name != 0; name++) {
		struct letter one = letter(text, i);

		if (one.c < 0 || tolower(one.c) != *name)
			return 0;
		i += one.n;
	}
	return in_token(letter(text, i).c) ? 0 : i - start;
}

/* The length of the quoted-string at i, 0 when none starts or it does not end. */
static size_t quoted(struct callerid_span text, size_t i)
{
	size_t start = i;

	if (i >= text.n || text.p[i] != '"')
		return 0;
	for (i++; i < text.n; i++) {
		if (text.p[i] == '"')
			return i + 1 - start;
		if (text.p[i] == '\\')
			i++;
	}
	return 0;
}

/* The length of ";name=value" at the ";" at i when its name is name, else 0. */
static size_t parameter(struct callerid_span text, size_t i, const char *name)
{
	struct letter sign = letter(text, i);
	size_t at = i + sign.n;
	size_t n;

	if (sign.c != ';')
		return 0;
	at += spaces(text, at);
	n = match_name(text, at, name);
	if (n == 0)
		return 0;
	at += n;
	n = spaces(text, at);
	sign = letter(text, at + n);
	if (sign.c != '=')
		return at - i;
	at += n + sign.n;
	at += spaces(text, at);
	n = quoted(text, at);
	if (n > 0)
		return at + n - i;
	while (at < text.n && !is_in(letter(text, at).c, ";=>@?,\" \t\r\n"))
		at += letter(text, at).n;
	return at - i;
}

/* A display name in quotes at i: the only place where text with ";verstat" in it is just text.
 * Quotes elsewhere mean one thing to one parser and another to the next. */
static size_t display_name(struct callerid_span text, size_t i, bool at_start)
{
	size_t n = at_start ? quoted(text, i) : 0;

	return n > 0 && letter(text, i + n + spaces(text, i + n)).c == '<' ? n : 0;
}

size_t treat_cut_verstat(struct callerid_span value, char *text_out)
{
	bool at_start = true; /* of a name-addr */
	bool inside = false;  /* <> */
	size_t removed = 0;
	size_t to = 0;

	for (size_t i = 0; i < value.n;) {
		size_t n = parameter(value, i, "verstat");
		char c = value.p[i];

		if (n > 0) {
			i += n;
			removed++;
			continue;
		}
		n = display_name(value, i, at_start);
		if (n == 0)
			n = 1;
		if (c == '<' || c == '>')
			inside = c == '<';
		at_start = !inside && (c == ',' || (at_start && spaces(value, i) > 0));
		memmove(text_out + to, value.p + i, n);
		to += n;
		i += n;
	}
	text_out[to] = 0;
	return removed;
}

static bool has_word(struct callerid_span text, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= text.n; i++)
		if (strncasecmp(text.p + i, word, n) == 0)
			return true;
	return false;
}

/* The ";name=value" at i makes a Call-Info value one of RFC 9796. */
static bool is_rcd_parameter(struct callerid_span value, size_t i)
{
	static const char *const names[] = {"call-reason", "verified", "integrity"};
	/* What is escaped is not read but taken out. */
	static const char *const purposes[] = {"jcard", "icon", "%", "\\"};
	struct callerid_span purpose = {value.p + i, parameter(value, i, "purpose")};

	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		if (parameter(value, i, names[k]) > 0)
			return true;
	for (size_t k = 0; k < sizeof(purposes) / sizeof(purposes[0]); k++)
		if (has_word(purpose, purposes[k]))
			return true;
	return false;
}

/* Wherever it stands, in quotes and in <> too: see display_name(). */
static bool is_rcd(struct callerid_span value)
{
	for (size_t i = 0; i < value.n; i++)
		if (is_rcd_parameter(value, i))
			return true;
	return false;
}

/* Takes the RFC 9796 values out of one Call-Info field; the others stay, in order. */
static bool strip_call_info(msg_t *msg, const struct message_header *header, size_t *removed)
{
	struct callerid_span rest = header->value;
	struct callerid_span one;
	size_t before = *removed;
	size_t to = 0;
	/* Every comma of the field becomes at most one more byte. */
	char *text = malloc(2 * header->value.n + 3);
	bool ok = true;

	if (text == NULL)
		abort();
	for (size_t i = 0; i < VALUES_MAX && facts_next_value(&rest, &one); i++) {
		if (is_rcd(one)) {
			++*removed;
			continue;
		}
		if (to > 0) {
			memcpy(text + to, ", ", 2);
			to += 2;
		}
		memcpy(text + to, one.p, one.n);
		to += one.n;
	}
	text[to] = 0;
	if (*removed > before || rest.n > 0) {
		if (to == 0)
			message_remove(msg, header);
		else
			ok = message_replace(msg, header, text);
	}
	free(text);
	return ok;
}

static bool strip_verstat(msg_t *msg, const struct message_header *header, size_t *removed)
{
	struct callerid_span left = header->value;
	char *text = malloc(left.n + 1);
	size_t all = 0;
	size_t n = 1;
	bool ok = true;

	if (text == NULL)
		abort();
	/* ";;verstat=a verstat=b": what a cut joins may be one again. */
	for (size_t i = 0; n > 0 && i < CUTS_MAX; i++) {
		n = treat_cut_verstat(left, text);
		left = (struct callerid_span){text, strlen(text)};
		all += n;
	}
	if (all > 0)
		ok = n == 0 && message_replace(msg, header, text);
	*removed += all;
	free(text);
	return ok;
}

static bool strip_whole(msg_t *msg, const struct message_header *header, size_t *removed)
{
	message_remove(msg, header);
	++*removed;
	return true;
}

static const struct {
	const char *name;
	char compact;
	bool unless_kept; /* P-Asserted-Identity that may stay: nothing but its verstat goes */
	bool (*strip)(msg_t *msg, const struct message_header *header, size_t *removed);
} stripped[] = {
	{"From", 'f', false, strip_verstat},
	{"P-Asserted-Identity", 0, true, strip_whole},
	{"P-Asserted-Identity", 0, false, strip_verstat},
	{"P-Preferred-Identity", 0, false, strip_verstat},
	{"P-Attestation-Indicator", 0, false, strip_whole},
	{"P-Origination-ID", 0, false, strip_whole},
	{"Attestation-Info", 0, false, strip_whole}, /* 3GPP TS 24.229 §7.2.18 */
	{"Origination-Id", 0, false, strip_whole},   /* and §7.2.19 */
	/* What RFC 3325 replaced; devices still show it. */
	{"Remote-Party-ID", 0, true, strip_whole},
	{"Remote-Party-ID", 0, false, strip_verstat},
	{"Call-Info", 0, false, strip_call_info},
};

/* A name with other characters is no header's, but some parser may skip them. */
static bool is_named_well(const struct message_header *header)
{
	for (size_t i = 0; i < header->name.n; i++)
		if (!in_token((unsigned char)header->name.p[i]))
			return false;
	return header->name.n > 0;
}

static bool strip_one(msg_t *msg, const struct message_header *header, bool keep_pai,
		      size_t *removed)
{
	if (!is_named_well(header))
		return strip_whole(msg, header, removed);
	for (size_t i = 0; i < sizeof(stripped) / sizeof(stripped[0]); i++)
		if (!(keep_pai && stripped[i].unless_kept) &&
		    message_is(header, stripped[i].name, stripped[i].compact))
			return stripped[i].strip(msg, header, removed);
	return true;
}

void treat_strip_response(msg_t *msg)
{
	struct message_header header;
	msg_header_t *at = NULL;
	size_t removed = 0;
	bool more = message_next(msg, &at, &header);

	for (size_t i = 0; more && i < MESSAGE_HEADERS_MAX; i++) {
		struct message_header now = header;

		more = message_next(msg, &at, &header);
		if (is_named_well(&now))
			(void)strip_one(msg, &now, true, &removed);
	}
}

bool treat_strip(msg_t *msg, bool keep_pai, size_t *removed_out)
{
	struct message_header header;
	msg_header_t *at = NULL;
	size_t removed = 0;
	bool ok = true;
	bool more = message_next(msg, &at, &header);

	/* The walk is one step ahead: what is taken out does not lead on. */
	for (size_t i = 0; more && i < MESSAGE_HEADERS_MAX; i++) {
		struct message_header now = header;

		more = message_next(msg, &at, &header);
		ok = strip_one(msg, &now, keep_pai, &removed) && ok;
	}
	*removed_out = removed;
	return ok;
}
