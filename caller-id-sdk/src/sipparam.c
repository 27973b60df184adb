/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces that SIP header fields are made of (RFC 3261 §25.1): white space, tokens, parameters.
 */
#include "sipparam.h"

#include <string.h>
#include <strings.h>

static void skip(struct callerid_span *rest, size_t n)
{
	rest->p += n;
	rest->n -= n;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* LWS: a line end counts only where white space follows, which is folding. */
void cid_sip_lws(struct callerid_span *rest)
{
	while (rest->n > 0) {
		size_t end = rest->p[0] == '\r' ? 1 : 0;

		if (is_space(rest->p[0])) {
			skip(rest, 1);
			continue;
		}
		if (rest->n < end + 2 || rest->p[end] != '\n' || !is_space(rest->p[end + 1]))
			return;
		skip(rest, end + 2);
	}
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_token_char(char c)
{
	return is_alnum(c) || (c != '\0' && strchr("-.!%*_+`'~", c) != NULL);
}

bool cid_sip_token(struct callerid_span *rest, struct callerid_span *token_out)
{
	size_t n = 0;

	while (n < rest->n && is_token_char(rest->p[n]))
		n++;
	if (n == 0)
		return false;
	*token_out = (struct callerid_span){rest->p, n};
	skip(rest, n);
	return true;
}

bool cid_sip_quoted(struct callerid_span *rest, struct callerid_span *inside_out)
{
	size_t i = 1;

	if (rest->n < 2 || rest->p[0] != '"')
		return false;
	for (; i < rest->n && rest->p[i] != '"'; i++) {
		/* quoted-pair = "\" and any ASCII character but CR and LF */
		if (rest->p[i] == '\\' && ++i < rest->n &&
		    (rest->p[i] == '\r' || rest->p[i] == '\n'))
			return false;
	}
	if (i >= rest->n)
		return false;
	*inside_out = (struct callerid_span){rest->p + 1, i - 1};
	skip(rest, i + 1);
	return true;
}

bool cid_sip_angle(struct callerid_span *rest, struct callerid_span *inside_out)
{
	const char *end;

	if (rest->n < 2 || rest->p[0] != '<')
		return false;
	end = memchr(rest->p, '>', rest->n);
	if (end == NULL)
		return false;
	*inside_out = (struct callerid_span){rest->p + 1, (size_t)(end - rest->p) - 1};
	skip(rest, (size_t)(end - rest->p) + 1);
	return true;
}

bool cid_sip_char(struct callerid_span *rest, char c)
{
	struct callerid_span at = *rest;

	cid_sip_lws(&at);
	if (at.n == 0 || at.p[0] != c)
		return false;
	skip(&at, 1);
	cid_sip_lws(&at);
	*rest = at;
	return true;
}

/* gen-value: a token, a host (which may be an IPv6 reference), or a quoted string. */
static bool take_value(struct callerid_span *rest, struct cid_param *param)
{
	size_t n = 0;

	param->quoted = rest->n > 0 && rest->p[0] == '"';
	if (param->quoted)
		return cid_sip_quoted(rest, &param->value);
	while (n < rest->n && (is_token_char(rest->p[n]) || rest->p[n] == '[' ||
			       rest->p[n] == ']' || rest->p[n] == ':'))
		n++;
	if (n == 0)
		return false;
	param->value = (struct callerid_span){rest->p, n};
	skip(rest, n);
	return true;
}

/* Up to the comma that ends the first value, or to the end. */
static size_t value_end(struct callerid_span text)
{
	bool quoted = false, angled = false;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"' && !angled)
			quoted = !quoted;
		else if (c == '<' && !quoted)
			angled = true;
		else if (c == '>' && !quoted)
			angled = false;
		else if (c == ',' && !quoted && !angled)
			return i;
	}
	return text.n;
}

static bool is_gap(char c)
{
	return is_space(c) || c == '\r' || c == '\n';
}

bool cid_sip_next(struct callerid_span *rest, struct callerid_span *value_out)
{
	while (rest->n > 0) {
		size_t end = value_end(*rest);
		struct callerid_span value = {rest->p, end};

		skip(rest, end < rest->n ? end + 1 : end);
		while (value.n > 0 && is_gap(value.p[0]))
			skip(&value, 1);
		while (value.n > 0 && is_gap(value.p[value.n - 1]))
			value.n--;
		if (value.n > 0) {
			*value_out = value;
			return true;
		}
	}
	return false;
}

enum cid_param_found cid_sip_param(struct callerid_span *rest, struct cid_param *param_out)
{
	struct callerid_span at = *rest;

	memset(param_out, 0, sizeof(*param_out));
	cid_sip_lws(&at);
	if (at.n == 0)
		return CID_PARAM_END;
	if (!cid_sip_char(&at, ';') || !cid_sip_token(&at, &param_out->name))
		return CID_PARAM_BROKEN;
	if (cid_sip_char(&at, '=') && !take_value(&at, param_out))
		return CID_PARAM_BROKEN;
	*rest = at;
	return CID_PARAM_ONE;
}

bool cid_span_is(struct callerid_span span, const char *text)
{
	size_t n = strlen(text);

	return span.n == n && (n == 0 || strncasecmp(span.p, text, n) == 0);
}
