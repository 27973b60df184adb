/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the facts of a request from its received bytes. */
#include "sip-proxy/facts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define VALUES_MAX 32 /* members of one field that are looked at */

/* RFC 8224 §8.3: service codes stay as they are. 933 is the test number of 911. */
static const char *const emergency_numbers[] = {"911", "112", "999", "933"};

bool facts_next_value(struct callerid_span *rest, struct callerid_span *value_out)
{
	return callerid_identity_next(rest, value_out);
}

static bool span_has(struct callerid_span span, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= span.n; i++)
		if (strncasecmp(span.p + i, word, n) == 0)
			return true;
	return false;
}

/* RFC 8224 §4: values may stand in fields of their own or joined with commas; "y" is the short
 * form, which the stack does not know. */
static void read_identity(struct callerid_span value, struct facts *facts)
{
	struct callerid_span one;

	while (facts_next_value(&value, &one)) {
		if (facts->n_identity == CALLERID_IDENTITIES_MAX)
			facts->n_identity_ignored++;
		else
			facts->identity[facts->n_identity++] = one;
	}
}

static size_t after_quotes(struct callerid_span text, size_t i)
{
	if (i >= text.n || text.p[i] != '"')
		return i;
	for (i++; i < text.n && text.p[i] != '"'; i++)
		if (text.p[i] == '\\')
			i++;
	return i < text.n ? i + 1 : text.n;
}

/* The URI inside a name-addr, or the text itself. */
static struct callerid_span uri_of(struct callerid_span value)
{
	const char *open, *close;
	size_t i = after_quotes(value, 0);

	open = memchr(value.p + i, '<', value.n - i);
	if (open == NULL)
		return value;
	open++;
	close = memchr(open, '>', value.n - (size_t)(open - value.p));
	if (close == NULL)
		return value;
	return (struct callerid_span){open, (size_t)(close - open)};
}

/* What stands between the quotes, without escapes; "" when they are never closed. */
static void read_quoted(struct callerid_span value, char name_out[FACTS_NAME_MAX + 1])
{
	size_t end = after_quotes(value, 0);
	size_t to = 0;

	if (end >= 2 && value.p[end - 1] == '"')
		for (size_t i = 1; i < end - 1 && to < FACTS_NAME_MAX; i++) {
			if (value.p[i] == '\\' && i + 2 < end)
				i++;
			name_out[to++] = value.p[i];
		}
	name_out[to] = 0;
}

/* The display name (RFC 3261 §25.1): a quoted-string, or the words before "<". */
static void read_name(struct callerid_span value, char name_out[FACTS_NAME_MAX + 1])
{
	const char *open = memchr(value.p, '<', value.n);
	size_t n = open != NULL ? (size_t)(open - value.p) : 0;

	if (value.n > 0 && value.p[0] == '"') {
		read_quoted(value, name_out);
		return;
	}
	while (n > 0 && strchr(" \t\r\n", value.p[n - 1]) != NULL)
		n--;
	snprintf(name_out, FACTS_NAME_MAX + 1, "%.*s", (int)(n <= FACTS_NAME_MAX ? n : 0), value.p);
}

/* The callers that P-Asserted-Identity names, and where. */
struct asserted {
	struct callerid_party party[2]; /* tel, sip */
	struct callerid_span uri[2];
	struct callerid_party number; /* the first telephone number */
	char name[FACTS_NAME_MAX + 1];
	bool two;
};

static void compare(const struct callerid_party *party, struct asserted *pai)
{
	if (party->kind != CALLERID_PARTY_TN)
		return;
	if (pai->number.kind == CALLERID_PARTY_NONE)
		pai->number = *party;
	pai->two = pai->two || !callerid_party_equal(party, &pai->number);
}

/* CN6: the first tel URI, then the first sip URI. */
static void read_pai(struct callerid_span value, const struct trunk *trunk, struct asserted *pai)
{
	struct callerid_span one;

	for (size_t i = 0; i < VALUES_MAX && facts_next_value(&value, &one); i++) {
		struct callerid_span uri = uri_of(one);
		bool tel = uri.n > 4 && strncasecmp(uri.p, "tel:", 4) == 0;
		size_t k = tel ? 0 : 1;
		struct callerid_party parsed;

		if (callerid_party_parse(uri.p, uri.n, &trunk->plan, &parsed, NULL) !=
		    CALLERID_OK) {
			pai->two = true;
			continue;
		}
		compare(&parsed, pai);
		if (pai->name[0] == 0)
			read_name(one, pai->name);
		if (pai->party[k].kind != CALLERID_PARTY_NONE)
			continue;
		pai->party[k] = parsed;
		pai->uri[k] = uri;
	}
	pai->two = pai->two || value.n > 0;
}

static void read_url(const url_t *url, const struct trunk *trunk, struct callerid_party *party_out)
{
	char text[CALLERID_URI_MAX * 4];
	size_t n = message_url_text(url, text, sizeof(text));
	struct callerid_party party;

	party_out->kind = CALLERID_PARTY_NONE;
	if (n > 0 && callerid_party_parse(text, n, &trunk->plan, &party, NULL) == CALLERID_OK)
		*party_out = party;
}

static bool is_emergency_number(const struct callerid_party *party)
{
	if (party->kind != CALLERID_PARTY_TN)
		return false;
	for (size_t i = 0; i < sizeof(emergency_numbers) / sizeof(emergency_numbers[0]); i++)
		if (strcmp(party->text, emergency_numbers[i]) == 0)
			return true;
	return false;
}

/* "urn:service:sos" and its children, in the Request-URI or To. */
static bool is_sos(const url_t *url)
{
	char text[64];
	issize_t n = url_e(text, sizeof(text), url);

	if (n <= 0 || strncasecmp(text, "urn:service:sos", 15) != 0)
		return false;
	return text[15] == 0 || text[15] == '.';
}

/* RFC 7090 and RFC 9027: calls back from a PSAP, and calls of its network. */
static void read_priority(const struct message_header *header, struct facts *facts)
{
	bool resource = message_is(header, "Resource-Priority", 0);

	if (span_has(header->value, resource ? "esnet." : "psap-callback"))
		facts->emergency = true;
	if (!resource && facts->priority.p == NULL)
		facts->priority = header->value;
	else if (resource && facts->n_resource_priority < FACTS_PRIORITIES_MAX)
		facts->resource_priority[facts->n_resource_priority++] = header->value;
}

static void read_header(const struct message_header *header, const struct trunk *trunk,
			struct facts *facts, struct asserted *pai)
{
	if (message_is(header, "Identity", 'y'))
		read_identity(header->value, facts);
	else if (message_is(header, "P-Asserted-Identity", 0) &&
		 (trunk->options->trusted || trunk->options->pai))
		read_pai(header->value, trunk, pai);
	else if (message_is(header, "Date", 0) && facts->n_date++ == 0)
		facts->date = header->value;
	else if (message_is(header, "Priority", 0) || message_is(header, "Resource-Priority", 0))
		read_priority(header, facts);
	else if (message_is(header, "From", 'f'))
		read_name(header->value, facts->name);
}

struct callerid_span facts_sdp(const sip_t *sip)
{
	const sip_payload_t *body = sip->sip_payload;
	const sip_content_type_t *type = sip->sip_content_type;

	if (body == NULL || body->pl_len == 0)
		return (struct callerid_span){"", 0};
	if (type != NULL && type->c_type != NULL &&
	    strcasecmp(type->c_type, "application/sdp") == 0 && sip->sip_content_encoding == NULL)
		return (struct callerid_span){body->pl_data, body->pl_len};
	return (struct callerid_span){NULL, 0};
}

/* One field; false: it has no call-reason. */
static bool take_reason(struct callerid_span value,
			char reason_out[CALLERID_CALLINFO_REASON_MAX + 1])
{
	struct callerid_callinfo info;
	struct callerid_span one;

	for (size_t i = 0; i < VALUES_MAX && facts_next_value(&value, &one); i++) {
		if (callerid_callinfo_parse(one.p, one.n, &info, NULL) != CALLERID_OK ||
		    info.reason[0] == 0)
			continue;
		memcpy(reason_out, info.reason, sizeof(info.reason));
		return true;
	}
	return false;
}

void facts_read_reason(msg_t *msg, char reason_out[CALLERID_CALLINFO_REASON_MAX + 1])
{
	struct message_header header;
	msg_header_t *at = NULL;

	reason_out[0] = 0;
	for (size_t i = 0; i < MESSAGE_HEADERS_MAX && message_next(msg, &at, &header); i++)
		if (message_is(&header, "Call-Info", 0) && take_reason(header.value, reason_out))
			return;
}

void facts_read(msg_t *msg, const struct trunk *trunk, struct facts *facts_out)
{
	struct facts *facts = facts_out;
	struct message_header header;
	struct asserted pai = {0};
	msg_header_t *at = NULL;
	sip_t *sip = sip_object(msg);

	*facts = (struct facts){0};
	for (size_t i = 0; i < MESSAGE_HEADERS_MAX && message_next(msg, &at, &header); i++)
		read_header(&header, trunk, facts, &pai);
	for (size_t k = 0; k < 2; k++) {
		if (pai.party[k].kind == CALLERID_PARTY_NONE)
			continue;
		facts->orig_uri[facts->n_orig] = pai.uri[k];
		facts->orig[facts->n_orig++] = pai.party[k];
	}
	facts->has_pai = facts->n_orig > 0;
	facts->two_callers = facts->has_pai && pai.two;
	if (facts->has_pai && pai.name[0] != 0)
		memcpy(facts->name, pai.name, sizeof(facts->name));
	facts->sdp = facts_sdp(sip);
	if (!facts->has_pai) {
		read_url(sip->sip_from->a_url, trunk, &facts->orig[0]);
		facts->n_orig = facts->orig[0].kind != CALLERID_PARTY_NONE ? 1 : 0;
	}
	read_url(sip->sip_to->a_url, trunk, &facts->dest);
	read_url(sip->sip_request->rq_url, trunk, &facts->called);
	facts->to_psap = is_emergency_number(&facts->called) || is_sos(sip->sip_request->rq_url);
	facts->emergency = facts->emergency || facts->to_psap;
}
