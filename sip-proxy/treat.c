/* SPDX-License-Identifier: Apache-2.0 */
/* Call treatment: what we write into a request for the callee (VS12, VS14, RFC 9796). */
#include "sip-proxy/treat.h"

#include <callerid/callinfo.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define DATA_JSON      "data:application/json,"
#define BRAND_LINE_MAX 4096

/* The length of white space, folding included, at i. */
static size_t spaces(struct callerid_span text, size_t i)
{
	size_t n = 0;

	while (i + n < text.n && text.p[i + n] != 0 && strchr(" \t\r\n", text.p[i + n]) != NULL)
		n++;
	return n;
}

static size_t quoted(struct callerid_span text, size_t i)
{
	size_t start = i;

	for (i++; i < text.n && text.p[i] != '"'; i++)
		if (text.p[i] == '\\' && i + 1 < text.n)
			i++;
	return (i < text.n ? i + 1 : text.n) - start;
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
	const char *verstat =
		callerid_verstat_name(facts->unlabelled ? CALLERID_VERSTAT_NONE : verdict->verstat);
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

/* Into a JSON string; control characters are gone already. */
static void escape(const char *text, char *escaped_out, size_t size)
{
	size_t to = 0;

	for (; *text != 0 && to + 3 < size; text++) {
		if (*text == '"' || *text == '\\')
			escaped_out[to++] = '\\';
		escaped_out[to++] = *text;
	}
	escaped_out[to] = 0;
}

static bool add_call_info(msg_t *msg, const struct callerid_callinfo *info)
{
	char line[BRAND_LINE_MAX];

	return callerid_callinfo_build(info, line, sizeof(line), NULL) == CALLERID_OK &&
	       message_add(msg, "Call-Info", line);
}

static bool write_link(msg_t *msg, const struct shown_link *link, struct callerid_callinfo *info)
{
	info->uri = (struct callerid_span){link->url, strlen(link->url)};
	info->integrity = (struct callerid_span){link->integrity, strlen(link->integrity)};
	return add_call_info(msg, info);
}

/* RFC 9796 §5: the name as a jCard in a data: URI. */
static bool write_name(msg_t *msg, const char *name, struct callerid_callinfo *info)
{
	char escaped[2 * sizeof(((struct shown *)NULL)->name)];
	char card[sizeof(escaped) + 64];
	char uri[3 * sizeof(card) + sizeof(DATA_JSON)] = DATA_JSON;

	escape(name, escaped, sizeof(escaped));
	snprintf(card, sizeof(card),
		 "[\"vcard\",[[\"version\",{},\"text\",\"4.0\"],[\"fn\",{},\"text\",\"%s\"]]]",
		 escaped);
	encode(card, uri + strlen(DATA_JSON), sizeof(uri) - strlen(DATA_JSON));
	info->uri = (struct callerid_span){uri, strlen(uri)};
	return add_call_info(msg, info);
}

/* Name or jCard with the reason beside it; the reason alone with the null URI (RFC 9796 §6). */
static bool write_shown(msg_t *msg, const struct shown *shown)
{
	struct callerid_callinfo info = {.purpose = CALLERID_CALLINFO_JCARD, .verified = true};
	struct callerid_callinfo icon = {.purpose = CALLERID_CALLINFO_ICON, .verified = true};
	bool ok = true;

	memcpy(info.reason, shown->reason, sizeof(shown->reason));
	if (shown->name[0] != 0)
		ok = write_name(msg, shown->name, &info);
	else if (shown->card.url[0] != 0)
		ok = write_link(msg, &shown->card, &info);
	else if (shown->reason[0] != 0)
		ok = add_call_info(msg, &info);
	return ok && (shown->logo.url[0] == 0 || write_link(msg, &shown->logo, &icon));
}

bool treat_write(msg_t *msg, const struct facts *facts, const struct callerid_verdict *verdict,
		 const struct shown *shown)
{
	char attest[2] = {(char)verdict->attest, 0};

	if (!write_verstat(msg, facts, verdict))
		return false;
	/* VS14: attestation and origid only after all checks passed. */
	if (facts->unlabelled || verdict->verstat != CALLERID_VERSTAT_PASSED)
		return true;
	/* A base PASSporT has neither. */
	if (verdict->attest != CALLERID_ATTEST_NONE &&
	    (!message_add(msg, "P-Attestation-Indicator", attest) ||
	     !message_add(msg, "P-Origination-ID",
			  verdict->passport[verdict->decided_by].claims.origid)))
		return false;
	return shown == NULL || write_shown(msg, shown);
}
