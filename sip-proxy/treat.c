/* SPDX-License-Identifier: Apache-2.0 */
/* Call treatment: stripping of foreign assertions (VS12, RC14), writing of our own. */
#include "sip-proxy/treat.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIELD_MAX  16384 /* bytes of a header field that is rewritten */
#define FIELDS_MAX 64	 /* header fields changed in one request */
#define VALUES_MAX 64	 /* values of one Call-Info field */

/* Names that end a parameter's name or value. */
static bool ends_name(char c)
{
	return c == ';' || c == '=' || c == '>' || c == '@' || c == '?' || c == ',';
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The length of white space, folding included, at i. */
static size_t spaces(struct callerid_span text, size_t i)
{
	size_t n = 0;

	while (i + n < text.n && strchr(" \t\r\n", text.p[i + n]) != NULL && text.p[i + n] != 0)
		n++;
	return n;
}

/* RFC 3261 §19.1.4: an escaped letter is the letter: "%76erstat" is verstat. Compares the name
 * that starts at i and returns its length in the text, 0 when it is another. */
static size_t match_name(struct callerid_span text, size_t i, const char *name)
{
	size_t start = i;
	size_t k = 0;

	for (; i < text.n && !ends_name(text.p[i]) && spaces(text, i) == 0; i++, k++) {
		int c = (unsigned char)text.p[i];

		if (c == '%' && i + 2 < text.n && hex(text.p[i + 1]) >= 0 &&
		    hex(text.p[i + 2]) >= 0) {
			c = hex(text.p[i + 1]) * 16 + hex(text.p[i + 2]);
			i += 2;
		}
		if (name[k] == 0 || tolower(c) != name[k])
			return 0;
	}
	return name[k] == 0 ? i - start : 0;
}

static size_t quoted(struct callerid_span text, size_t i)
{
	size_t start = i;

	for (i++; i < text.n && text.p[i] != '"'; i++)
		if (text.p[i] == '\\' && i + 1 < text.n)
			i++;
	return (i < text.n ? i + 1 : text.n) - start;
}

/* The length of ";name=value" at the ";" at i when its name is name, else 0. */
static size_t parameter(struct callerid_span text, size_t i, const char *name)
{
	size_t at = i + 1;
	size_t n;

	at += spaces(text, at);
	n = match_name(text, at, name);
	if (n == 0)
		return 0;
	at += n;
	n = spaces(text, at);
	if (at + n >= text.n || text.p[at + n] != '=')
		return at - i;
	at += n + 1;
	at += spaces(text, at);
	if (at < text.n && text.p[at] == '"')
		return at + quoted(text, at) - i;
	while (at < text.n && !ends_name(text.p[at]) && spaces(text, at) == 0)
		at++;
	return at - i;
}

size_t treat_cut_verstat(struct callerid_span value, char *text_out)
{
	size_t removed = 0;
	size_t to = 0;

	for (size_t i = 0; i < value.n;) {
		size_t n = 1;

		if (value.p[i] == '"')
			n = quoted(value, i);
		else if (value.p[i] == ';' && parameter(value, i, "verstat") > 0) {
			i += parameter(value, i, "verstat");
			removed++;
			continue;
		}
		memcpy(text_out + to, value.p + i, n);
		to += n;
		i += n;
	}
	text_out[to] = 0;
	return removed;
}

bool treat_first_uri(struct callerid_span value, struct callerid_span *uri_out)
{
	size_t i = spaces(value, 0);
	size_t start = i;

	if (i < value.n && value.p[i] == '"')
		i += quoted(value, i);
	for (; i < value.n && value.p[i] != '<'; i++)
		;
	if (i < value.n) {
		start = ++i;
		while (i < value.n && value.p[i] != '>')
			i++;
	} else {
		for (i = start; i < value.n && value.p[i] != ';' && value.p[i] != ','; i++)
			;
	}
	*uri_out = (struct callerid_span){value.p + start, i - start};
	return i > start;
}

/* 3GPP TS 24.229 §7.2A.20: verstat is a parameter of the telephone number: in a tel URI after it,
 * in a sip URI in the user part, before "@". */
bool treat_put_verstat(struct callerid_span value, struct callerid_span uri, const char *verstat,
		       char *text_out, size_t size)
{
	bool tel = uri.n > 4 && strncasecmp(uri.p, "tel:", 4) == 0;
	const char *at = memchr(uri.p, tel ? ';' : '@', uri.n);
	int n;

	if (at == NULL && !tel)
		return false;
	if (at == NULL)
		at = uri.p + uri.n;
	n = snprintf(text_out, size, "%.*s;verstat=%s%.*s", (int)(at - value.p), value.p, verstat,
		     (int)(value.p + value.n - at), at);
	return n > 0 && (size_t)n < size;
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
	struct callerid_span purpose = {value.p + i, parameter(value, i, "purpose")};

	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		if (parameter(value, i, names[k]) > 0)
			return true;
	return has_word(purpose, "jcard") || has_word(purpose, "icon") || has_word(purpose, "%");
}

static bool is_rcd(struct callerid_span value)
{
	bool inside = false;

	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '"')
			i += quoted(value, i) - 1;
		else if (c == '<' || c == '>')
			inside = c == '<';
		else if (c == ';' && !inside && is_rcd_parameter(value, i))
			return true;
	}
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
	char *text = malloc(header->value.n + 1);
	bool ok = true;
	size_t n;

	if (text == NULL)
		abort();
	n = treat_cut_verstat(header->value, text);
	if (n > 0)
		ok = message_replace(msg, header, text);
	*removed += n;
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
	{"Call-Info", 0, false, strip_call_info},
};

static bool strip_one(msg_t *msg, const struct message_header *header, bool keep_pai,
		      size_t *removed)
{
	for (size_t i = 0; i < sizeof(stripped) / sizeof(stripped[0]); i++)
		if (!(keep_pai && stripped[i].unless_kept) &&
		    message_is(header, stripped[i].name, stripped[i].compact))
			return stripped[i].strip(msg, header, removed);
	return true;
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

/* The header that a part of the message's text belongs to. */
static bool header_of(msg_t *msg, struct callerid_span part, struct message_header *header_out)
{
	msg_header_t *at = NULL;

	for (size_t i = 0; i < MESSAGE_HEADERS_MAX && message_next(msg, &at, header_out); i++)
		if (part.p >= header_out->value.p &&
		    part.p + part.n <= header_out->value.p + header_out->value.n)
			return true;
	return false;
}

static bool find_from(msg_t *msg, struct message_header *header_out)
{
	msg_header_t *at = NULL;

	for (size_t i = 0; i < MESSAGE_HEADERS_MAX && message_next(msg, &at, header_out); i++)
		if (message_is(header_out, "From", 'f'))
			return true;
	return false;
}

/* The number that the verdict is about. */
static size_t verified_orig(const struct facts *facts, const struct callerid_verdict *verdict)
{
	if (verdict->verstat == CALLERID_VERSTAT_PASSED && facts->n_orig == 2 &&
	    callerid_party_equal(&verdict->passport[verdict->decided_by].claims.orig,
				 &facts->orig[1]))
		return 1;
	return 0;
}

/* VS12: verstat goes into P-Asserted-Identity, else into From. */
static bool write_verstat(msg_t *msg, const struct facts *facts,
			  const struct callerid_verdict *verdict)
{
	const char *verstat = callerid_verstat_name(verdict->verstat);
	struct message_header header;
	struct callerid_span uri;
	char text[4096];
	bool found;

	if (facts->has_pai) {
		uri = facts->orig_uri[verified_orig(facts, verdict)];
		found = header_of(msg, uri, &header);
	} else {
		found = find_from(msg, &header) && treat_first_uri(header.value, &uri);
	}
	/* A URI without a user part, or too long for a telephone number, has no verstat. */
	if (!found || !treat_put_verstat(header.value, uri, verstat, text, sizeof(text)))
		return true;
	return message_replace(msg, &header, text);
}

/* Percent-encodes what may not stand in a URI. */
static void encode(const char *text, char *uri_out, size_t size)
{
	size_t to = 0;

	for (; *text != 0 && to + 4 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (isalnum(c) || strchr("-._~", c) != NULL)
			uri_out[to++] = (char)c;
		else
			to += (size_t)snprintf(uri_out + to, size - to, "%%%02X", c);
	}
	uri_out[to] = 0;
}

/* Escapes for JSON and for a quoted-string alike; control characters are left out. */
static void escape(const char *text, char *escaped_out, size_t size)
{
	size_t to = 0;

	for (; *text != 0 && to + 3 < size; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f)
			continue;
		if (c == '"' || c == '\\')
			escaped_out[to++] = '\\';
		escaped_out[to++] = (char)c;
	}
	escaped_out[to] = 0;
}

/* RFC 9796 §4: the name as a jCard in a data: URI, the reason beside it, the logo as an icon. */
static bool write_brand(msg_t *msg, const struct brand *brand)
{
	char name[2 * TREAT_NAME_MAX + 1];
	char reason[sizeof(brand->reason) * 2];
	char card[sizeof(name) + 64];
	char uri[sizeof(card) * 3];
	char line[sizeof(uri) + sizeof(reason) + TREAT_URL_MAX + 128];

	escape(brand->name, name, sizeof(name));
	escape(brand->reason, reason, sizeof(reason));
	snprintf(card, sizeof(card),
		 "[\"vcard\",[[\"version\",{},\"text\",\"4.0\"],[\"fn\",{},\"text\",\"%s\"]]]",
		 name);
	encode(card, uri, sizeof(uri));
	snprintf(line, sizeof(line),
		 "<data:application/json,%s>;purpose=jcard%s%s%s;verified=\"true\"", uri,
		 reason[0] != 0 ? ";call-reason=\"" : "", reason, reason[0] != 0 ? "\"" : "");
	if (!message_add(msg, "Call-Info", line))
		return false;
	if (brand->logo_url[0] == 0 || strpbrk(brand->logo_url, "<>\" ,;\t") != NULL)
		return true;
	snprintf(line, sizeof(line), "<%s>;purpose=icon;verified=\"true\"", brand->logo_url);
	return message_add(msg, "Call-Info", line);
}

bool treat_write(msg_t *msg, const struct facts *facts, const struct callerid_verdict *verdict,
		 const struct brand *brand)
{
	char attest[2] = {(char)verdict->attest, 0};

	if (!write_verstat(msg, facts, verdict))
		return false;
	/* VS14: attestation and origid only after all checks passed. */
	if (verdict->verstat != CALLERID_VERSTAT_PASSED || verdict->attest == CALLERID_ATTEST_NONE)
		return true;
	if (!message_add(msg, "P-Attestation-Indicator", attest) ||
	    !message_add(msg, "P-Origination-ID",
			 verdict->passport[verdict->decided_by].claims.origid))
		return false;
	return brand == NULL || !brand->verified || brand->name[0] == 0 || write_brand(msg, brand);
}
