/* SPDX-License-Identifier: Apache-2.0 */
/* The one way from a URI to a canonical party, for signing and for verifying alike. */
#include <callerid/number.h>

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "fail.h"
#include "tn.h"

#define INPUT_MAX 4096 /* bytes of a name-addr with all that we drop from it */

static const struct callerid_span NOTHING = {NULL, 0};

/* A URI being written; what does not fit sets full. */
struct out {
	char *text;
	size_t n;
	bool full;
};

static void put(struct out *out, char c)
{
	if (out->n == CALLERID_URI_MAX)
		out->full = true;
	else
		out->text[out->n++] = c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* c is in set; NUL is in none. */
static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static enum callerid_status bad(struct callerid_error *err, const char *what)
{
	return cid_fail(err, CALLERID_ESYNTAX, "number", "%s", what);
}

static struct callerid_span trim(struct callerid_span s)
{
	while (s.n > 0 && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Index of the first c in s from at on, s.n when there is none. */
static size_t find(struct callerid_span s, size_t at, char c)
{
	const char *hit = at < s.n ? memchr(s.p + at, c, s.n - at) : NULL;

	return hit == NULL ? s.n : (size_t)(hit - s.p);
}

static struct callerid_span cut(struct callerid_span s, size_t from, size_t to)
{
	return (struct callerid_span){s.p + from, to - from};
}

/* Index behind a quoted string that starts at 0, 0 when it does not end. */
static size_t skip_quoted(struct callerid_span s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return 0;
}

/* RFC 3261 §25.1 name-addr or addr-spec: the URI alone. */
static enum callerid_status take_addr_spec(struct callerid_span *uri, struct callerid_error *err)
{
	struct callerid_span s = trim(*uri), rest;
	size_t from = 0, open, close;

	if (s.n > 0 && s.p[0] == '"') {
		from = skip_quoted(s);
		if (from == 0)
			return bad(err, "the display name does not end");
	}
	open = find(s, from, '<');
	if (open == s.n) {
		*uri = s;
		return from == 0 ? CALLERID_OK : bad(err, "a display name without <");
	}
	if (from > 0 && trim(cut(s, from, open)).n > 0)
		return bad(err, "something between the display name and <");
	close = find(s, open, '>');
	if (close == s.n)
		return bad(err, "< without >");
	rest = trim(cut(s, close + 1, s.n));
	if (rest.n > 0 && rest.p[0] != ';')
		return bad(err, "something behind >");
	*uri = trim(cut(s, open + 1, close));
	return CALLERID_OK;
}

/* Length of the scheme, 0 when there is none (RFC 3986 §3.1). */
static size_t scheme_length(struct callerid_span s)
{
	size_t i = 0;

	if (s.n == 0 || !is_alpha(s.p[0]))
		return 0;
	while (i < s.n && (is_alpha(s.p[i]) || is_digit(s.p[i]) || is_one_of(s.p[i], "+-.")))
		i++;
	return i < s.n && s.p[i] == ':' ? i : 0;
}

static bool scheme_is(struct callerid_span s, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(s.p, name, len) == 0;
}

/* Value of the parameter name in ";a;name=value;b", empty when it is absent or has no value. */
static struct callerid_span param(struct callerid_span params, const char *name)
{
	size_t len = strlen(name), at = find(params, 0, ';');

	while (at < params.n) {
		size_t end = find(params, at + 1, ';');
		struct callerid_span one = cut(params, at + 1, end);

		if (one.n > len && one.p[len] == '=' && strncasecmp(one.p, name, len) == 0)
			return cut(one, len + 1, one.n);
		at = end;
	}
	return NOTHING;
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that "%xx" at i stands for, -1 when it is not that. */
static int escaped_byte(struct callerid_span s, size_t i)
{
	int high, low;

	if (s.n - i < 3)
		return -1;
	high = hex_value(s.p[i + 1]);
	low = hex_value(s.p[i + 2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* All escapes undone, as a number needs it ("%2B1215..."). {NULL, 0}: broken, or too long. */
static struct callerid_span unescape(struct callerid_span s, char buffer[CALLERID_URI_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++, n++) {
		int byte = s.p[i] == '%' ? escaped_byte(s, i) : (unsigned char)s.p[i];

		if (byte < 0 || n == CALLERID_URI_MAX)
			return NOTHING;
		buffer[n] = (char)byte;
		i += s.p[i] == '%' ? 2 : 0;
	}
	return (struct callerid_span){buffer, n};
}

/* number[;params] as in a tel URI or in the user part of a sip URI. */
static enum cid_tn parse_tn(struct callerid_span subscriber, const struct callerid_dialplan *plan,
			    struct callerid_party *party)
{
	char number[CALLERID_URI_MAX], context[CALLERID_URI_MAX];
	char tn[CALLERID_TN_MAX + 1] = "";
	size_t end = find(subscriber, 0, ';');
	struct callerid_span value = param(cut(subscriber, end, subscriber.n), "phone-context");
	enum cid_tn result;

	result = cid_tn_canonical(unescape(cut(subscriber, 0, end), number),
				  unescape(value, context), plan, tn);
	if (result != CID_TN_OK)
		return result;
	party->kind = CALLERID_PARTY_TN;
	memcpy(party->text, tn, sizeof(tn));
	return CID_TN_OK;
}

/* RFC 3261 §25.1 user, and "#", which switches write unescaped. */
static bool is_user_char(char c)
{
	return is_alpha(c) || is_digit(c) || is_one_of(c, "-_.!~*'()&=+$,;?/#");
}

/* RFC 3986 §6.2.2: escaped unreserved characters undone, other escapes in upper case. */
static bool put_escape(struct out *out, struct callerid_span s, size_t i)
{
	static const char hex[] = "0123456789ABCDEF";
	int byte = escaped_byte(s, i);

	if (byte < 0)
		return false;
	if (byte < 0x80 &&
	    (is_alpha((char)byte) || is_digit((char)byte) || is_one_of((char)byte, "-._~"))) {
		put(out, lower((char)byte));
		return true;
	}
	put(out, '%');
	put(out, hex[byte / 16]);
	put(out, hex[byte % 16]);
	return true;
}

static bool put_user(struct out *out, struct callerid_span user)
{
	for (size_t i = 0; i < user.n; i++) {
		if (user.p[i] == '%') {
			if (!put_escape(out, user, i))
				return false;
			i += 2;
		} else if (is_user_char(user.p[i])) {
			put(out, lower(user.p[i]));
		} else {
			return false;
		}
	}
	return true;
}

/* Length of [IPv6] at the start of s, 0 when it is not that. */
static size_t reference_length(struct callerid_span s)
{
	size_t i = 1;

	while (i < s.n && (hex_value(s.p[i]) >= 0 || is_one_of(s.p[i], ":.")))
		i++;
	return i > 1 && i < s.n && s.p[i] == ']' ? i + 1 : 0;
}

/* Length of a host name or of [IPv6] at the start of s, 0 when there is none. */
static size_t host_length(struct callerid_span s)
{
	size_t i = 0;

	if (s.n > 0 && s.p[0] == '[')
		return reference_length(s);
	while (i < s.n && (is_alpha(s.p[i]) || is_digit(s.p[i]) || is_one_of(s.p[i], "-._")))
		i++;
	return i;
}

/* A sip or sips URI, taken apart. */
struct sip_uri {
	struct callerid_span user; /* with its own parameters, without password */
	struct callerid_span host;
	struct callerid_span params; /* ";a=b;c?headers" */
	bool has_user;
};

/* ":5060" is dropped, whatever its value; it has to be one. */
static bool skip_port(struct callerid_span s, size_t *at)
{
	size_t i = *at + 1;

	if (*at == s.n || s.p[*at] != ':')
		return true;
	while (i < s.n && is_digit(s.p[i]))
		i++;
	if (i == *at + 1 || i > *at + 6)
		return false;
	*at = i;
	return true;
}

static const char *split_sip(struct callerid_span s, struct sip_uri *uri)
{
	size_t sign = find(s, 0, '@'), n;
	struct callerid_span rest = s;

	*uri = (struct sip_uri){.has_user = sign < s.n};
	if (uri->has_user) {
		if (find(s, sign + 1, '@') < s.n)
			return "more than one @";
		uri->user = cut(s, 0, find(cut(s, 0, sign), 0, ':'));
		rest = cut(s, sign + 1, s.n);
		if (uri->user.n == 0)
			return "@ without a user before it";
	}
	n = host_length(rest);
	if (n == 0)
		return "no host";
	uri->host = cut(rest, 0, n);
	if (!skip_port(rest, &n))
		return "the port is not a number";
	if (n < rest.n && rest.p[n] != ';' && rest.p[n] != '?')
		return "a character that no host has";
	uri->params = cut(rest, n, rest.n);
	return NULL;
}

/* RFC 8224 §8.1: what makes a SIP user a telephone number. */
enum label {
	NO_NUMBER,
	INFERRED, /* "MAY follow local policies" */
	EXPLICIT, /* "explicitly labeled" */
};

/* user=phone, or the global phone-context that only a telephone-subscriber has. */
static bool is_labeled(const struct sip_uri *uri)
{
	struct callerid_span phone = param(cut(uri->params, 0, find(uri->params, 0, '?')), "user");
	struct callerid_span context;
	char buffer[CALLERID_URI_MAX];

	if (phone.n == 5 && strncasecmp(phone.p, "phone", 5) == 0)
		return true;
	context = unescape(param(uri->user, "phone-context"), buffer);
	return context.n > 0 && context.p[0] == '+';
}

/*
 * Local policy: "the presence of the "+" indicator", else whether the digits are "dialable or
 * routable in the local environment". Three are what nationally specific service numbers have
 * (§8.3: 911, 112); other short ones are extensions unless the plan says otherwise.
 */
static enum label label_of(const struct sip_uri *uri, const struct callerid_dialplan *plan)
{
	size_t wanted =
		plan == NULL || plan->min_digits == 0 ? CALLERID_MIN_DIGITS : plan->min_digits;
	char buffer[CALLERID_URI_MAX];
	struct callerid_span user;
	size_t digits;

	if (!uri->has_user)
		return NO_NUMBER;
	if (is_labeled(uri))
		return EXPLICIT;
	user = unescape(cut(uri->user, 0, find(uri->user, 0, ';')), buffer);
	if (user.n > 0 && user.p[0] == '+')
		return INFERRED;
	digits = cid_tn_dialable_digits(user);
	if (wanted > CALLERID_E164_MAX)
		wanted = SIZE_MAX;
	return digits == 3 || (digits > 0 && digits >= wanted) ? INFERRED : NO_NUMBER;
}

/* §8.1: what "does not form a valid E.164 telephone number" is a SIP URI, where only we took it for
 * a number; what was labeled as one stays one, or 911;user=phone would be none. */
static enum cid_tn parse_user(const struct sip_uri *uri, const struct callerid_dialplan *plan,
			      struct callerid_party *party)
{
	enum label label = label_of(uri, plan);
	enum cid_tn tn = label == NO_NUMBER ? CID_TN_NOT : parse_tn(uri->user, plan, party);

	if (label == INFERRED &&
	    (tn == CID_TN_LONG || (tn == CID_TN_OK && strlen(party->text) > CALLERID_E164_MAX)))
		return CID_TN_NOT;
	return tn;
}

static enum callerid_status finish_uri(struct out *out, struct callerid_party *party,
				       struct callerid_error *err)
{
	if (out->full)
		return cid_fail(err, CALLERID_ELIMIT, "number", "URI over %d bytes",
				CALLERID_URI_MAX);
	out->text[out->n] = '\0';
	party->kind = CALLERID_PARTY_URI;
	return CALLERID_OK;
}

static enum callerid_status too_long(struct callerid_error *err)
{
	return cid_fail(err, CALLERID_ELIMIT, "number", "number over %d digits", CALLERID_TN_MAX);
}

/* RFC 8224 §8.5: no password, port, parameters or headers; lower case. */
static enum callerid_status parse_sip(struct callerid_span body, const char *scheme,
				      const struct callerid_dialplan *plan,
				      struct callerid_party *party, struct callerid_error *err)
{
	struct out out = {.text = party->text};
	struct sip_uri uri;
	const char *trouble = split_sip(body, &uri);
	enum cid_tn tn;

	if (trouble != NULL)
		return bad(err, trouble);
	tn = parse_user(&uri, plan, party);
	if (tn == CID_TN_LONG)
		return too_long(err);
	if (tn == CID_TN_OK)
		return CALLERID_OK;
	while (*scheme != '\0')
		put(&out, *scheme++);
	put(&out, ':');
	if (!put_user(&out, uri.user))
		return bad(err, "a character that no user part has");
	if (uri.has_user)
		put(&out, '@');
	for (size_t i = 0; i < uri.host.n; i++)
		put(&out, lower(uri.host.p[i]));
	return finish_uri(&out, party, err);
}

static enum callerid_status parse_tel(struct callerid_span body,
				      const struct callerid_dialplan *plan,
				      struct callerid_party *party, struct callerid_error *err)
{
	enum cid_tn tn = parse_tn(body, plan, party);

	if (tn == CID_TN_LONG)
		return too_long(err);
	return tn == CID_TN_OK ? CALLERID_OK : bad(err, "not a URI and not a telephone number");
}

/* Any other absolute URI ("urn:service:sos"): its scheme in lower case, the rest as it is. */
static enum callerid_status parse_other(struct callerid_span s, size_t scheme,
					struct callerid_party *party, struct callerid_error *err)
{
	struct out out = {.text = party->text};

	if (scheme + 1 == s.n)
		return bad(err, "a scheme and nothing else");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] <= ' ' || s.p[i] > '~' || is_one_of(s.p[i], "<>\""))
			return bad(err, "a character that no URI has");
		put(&out, i < scheme ? lower(s.p[i]) : s.p[i]);
	}
	return finish_uri(&out, party, err);
}

static enum callerid_status parse_uri(struct callerid_span s, const struct callerid_dialplan *plan,
				      struct callerid_party *party, struct callerid_error *err)
{
	size_t scheme = scheme_length(s);
	struct callerid_span body = scheme == 0 ? s : cut(s, scheme + 1, s.n);

	if (scheme == 0 || scheme_is(s, scheme, "tel"))
		return parse_tel(body, plan, party, err);
	if (scheme_is(s, scheme, "sip"))
		return parse_sip(body, "sip", plan, party, err);
	if (scheme_is(s, scheme, "sips"))
		return parse_sip(body, "sips", plan, party, err);
	return parse_other(s, scheme, party, err);
}

enum callerid_status callerid_party_parse(const char *uri, size_t len,
					  const struct callerid_dialplan *plan,
					  struct callerid_party *party_out,
					  struct callerid_error *err)
{
	struct callerid_party party = {.kind = CALLERID_PARTY_NONE};
	struct callerid_span s = {uri, len};
	enum callerid_status status;

	if (!cid_dialplan_is_valid(plan))
		return cid_fail(err, CALLERID_EINVAL, "number", "the dial plan has non-digits");
	if (len > INPUT_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "number", "over %d bytes", INPUT_MAX);
	if (len == 0 || memchr(uri, '\0', len) != NULL)
		return bad(err, len == 0 ? "empty" : "a NUL byte");
	status = take_addr_spec(&s, err);
	if (status == CALLERID_OK)
		status = parse_uri(s, plan, &party, err);
	if (status == CALLERID_OK)
		*party_out = party;
	return status;
}

bool callerid_party_equal(const struct callerid_party *a, const struct callerid_party *b)
{
	return a->kind != CALLERID_PARTY_NONE && a->kind == b->kind &&
	       strcmp(a->text, b->text) == 0;
}
