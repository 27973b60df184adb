/* SPDX-License-Identifier: Apache-2.0 */
/* Splitting the text of Identity header fields, without copying and without a heap. */
#include <callerid/identity.h>

#include <string.h>
#include <strings.h>

#include "claims.h"
#include "fail.h"
#include "jws.h"

#define PARAMS_MAX 16

/* A reader over one value. */
struct reader {
	const char *p;
	size_t n;
	size_t at;
};

/* One ";name=value". */
struct param {
	struct callerid_span name;
	struct callerid_span value; /* without quotes or angle brackets */
	char form;		    /* '<', '"', 't' for a token, 0: there is no value */
};

static bool at_end(const struct reader *r)
{
	return r->at == r->n;
}

static bool next_is(const struct reader *r, char c)
{
	return r->at < r->n && r->p[r->at] == c;
}

/* RFC 3261 §25.1 LWS: a line end counts only when white space follows. A bare LF is tolerated. */
static void skip_lws(struct reader *r)
{
	while (r->at < r->n) {
		size_t i = r->at;

		if (r->p[i] == '\r' && ++i < r->n && r->p[i] != '\n')
			return;
		if (i < r->n && r->p[i] == '\n')
			i++;
		if (i == r->n || (r->p[i] != ' ' && r->p[i] != '\t'))
			return;
		r->at = i + 1;
	}
}

/* RFC 3261 §25.1 token. */
static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-.!%*_+`'~", c) != NULL);
}

/* "host" of gen-value may be an IPv6 reference. */
static bool is_value_char(char c)
{
	return is_token_char(c) || c == '[' || c == ']' || c == ':';
}

static struct callerid_span take_while(struct reader *r, bool (*belongs)(char))
{
	size_t from = r->at;

	while (r->at < r->n && belongs(r->p[r->at]))
		r->at++;
	return (struct callerid_span){r->p + from, r->at - from};
}

/* From a '"' or '<' to its end. false: it does not end, or has a control character in it. */
static bool take_enclosed(struct reader *r, char end, struct callerid_span *inner_out)
{
	size_t from = ++r->at;

	for (; r->at < r->n; r->at++) {
		unsigned char c = (unsigned char)r->p[r->at];

		if (c == (unsigned char)end) {
			*inner_out = (struct callerid_span){r->p + from, r->at - from};
			r->at++;
			return true;
		}
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
		/* RFC 3261 §25.1 quoted-pair: "\" and any ASCII character but CR and LF. */
		if (end == '"' && c == '\\' && ++r->at < r->n &&
		    (r->p[r->at] == '\r' || r->p[r->at] == '\n'))
			return false;
	}
	return false;
}

static enum callerid_status bad(struct callerid_error *err, const char *where, const char *what)
{
	return cid_fail(err, CALLERID_ESYNTAX, where, "%s", what);
}

static bool is_named(const struct param *param, const char *name)
{
	return param->name.n == strlen(name) &&
	       strncasecmp(param->name.p, name, param->name.n) == 0;
}

/* name [= value], the reader standing behind ";". */
static enum callerid_status take_param(struct reader *r, struct param *param,
				       struct callerid_error *err)
{
	const char *where;

	*param = (struct param){.form = 0};
	skip_lws(r);
	param->name = take_while(r, is_token_char);
	if (param->name.n == 0)
		return bad(err, "identity", "a parameter without a name");
	where = is_named(param, "info") ? "info" : "identity";
	skip_lws(r);
	if (!next_is(r, '='))
		return CALLERID_OK;
	r->at++;
	skip_lws(r);
	if (next_is(r, '<') || next_is(r, '"')) {
		param->form = r->p[r->at];
		if (!take_enclosed(r, param->form == '<' ? '>' : '"', &param->value))
			return bad(err, where, "a quoted value or URI that does not end");
	} else {
		param->form = 't';
		param->value = take_while(r, is_value_char);
		if (param->value.n == 0)
			return bad(err, where, "a parameter without a value");
	}
	return CALLERID_OK;
}

/* RFC 8224 §4: ident-info-uri = LAQUOT absoluteURI RAQUOT; nothing else will do. */
static enum callerid_status set_info(const struct param *param, struct callerid_identity *identity,
				     struct callerid_error *err)
{
	if (identity->info.p != NULL)
		return bad(err, "info", "info is there twice");
	if (param->form != '<')
		return bad(err, "info", "info is not <URI>");
	if (!cid_is_uri(param->value, CALLERID_X5U_MAX))
		return bad(err, "info", "info is not an absolute URI");
	identity->info = param->value;
	return CALLERID_OK;
}

/* alg and ppt: a token, bare or in quotes. */
static enum callerid_status set_name(const struct param *param, struct callerid_span *name_out,
				     struct callerid_error *err)
{
	if (name_out->p != NULL)
		return bad(err, "identity", "alg or ppt is there twice");
	if (param->form != 't' && param->form != '"')
		return bad(err, "identity", "alg or ppt has no value");
	for (size_t i = 0; i < param->value.n; i++) {
		if (!is_token_char(param->value.p[i]))
			return bad(err, "identity", "alg or ppt is not a name");
	}
	if (param->value.n == 0)
		return bad(err, "identity", "alg or ppt is empty");
	*name_out = param->value;
	return CALLERID_OK;
}

static enum callerid_status set_param(const struct param *param, struct callerid_identity *identity,
				      struct callerid_error *err)
{
	if (is_named(param, "info"))
		return set_info(param, identity, err);
	if (is_named(param, "alg"))
		return set_name(param, &identity->alg, err);
	if (is_named(param, "ppt"))
		return set_name(param, &identity->ppt, err);
	if (param->form == '<')
		return bad(err, "identity", "a URI where a parameter has none");
	identity->n_unknown++;
	return CALLERID_OK;
}

static enum callerid_status take_params(struct reader *r, struct callerid_identity *identity,
					struct callerid_error *err)
{
	for (unsigned n = 0;; n++) {
		enum callerid_status status;
		struct param param;

		skip_lws(r);
		if (at_end(r))
			return CALLERID_OK;
		if (!next_is(r, ';'))
			return bad(err, "identity", "something where ; has to stand");
		if (n == PARAMS_MAX)
			return cid_fail(err, CALLERID_ELIMIT, "identity", "over %d parameters",
					PARAMS_MAX);
		r->at++;
		status = take_param(r, &param, err);
		if (status == CALLERID_OK)
			status = set_param(&param, identity, err);
		if (status != CALLERID_OK)
			return status;
	}
}

static bool belongs_to_jws(char c)
{
	return c != ';' && c != ' ' && c != '\t' && c != '\r' && c != '\n';
}

/* What stands around a value is no part of it, a line end that was left on it included. */
static struct reader trimmed(const char *text, size_t len)
{
	while (len > 0 && !belongs_to_jws(text[len - 1]) && text[len - 1] != ';')
		len--;
	return (struct reader){.p = text, .n = len};
}

enum callerid_status callerid_identity_parse(const char *text, size_t len,
					     struct callerid_identity *identity_out,
					     struct callerid_error *err)
{
	struct callerid_identity identity = {.n_unknown = 0};
	enum callerid_status status;
	struct cid_jws jws;
	struct reader r;

	if (len > CALLERID_IDENTITY_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "identity", "over %d bytes",
				CALLERID_IDENTITY_MAX);
	if (len == 0)
		return bad(err, "identity", "empty");
	r = trimmed(text, len);
	skip_lws(&r);
	identity.token = take_while(&r, belongs_to_jws);
	status = cid_jws_split(identity.token, &jws, err);
	if (status == CALLERID_OK)
		status = take_params(&r, &identity, err);
	if (status != CALLERID_OK)
		return status;
	if (identity.info.p == NULL)
		return bad(err, "info", "info is missing");
	identity.compact = jws.header.n == 0;
	*identity_out = identity;
	return CALLERID_OK;
}

/* Index of the comma that ends the first value of s, s.n when none does. */
static size_t value_end(struct callerid_span s)
{
	char inside = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (inside == '"' && c == '\\')
			i++;
		else if (inside != 0)
			inside = c == inside ? 0 : inside;
		else if (c == ',')
			return i;
		else if (c == '"' || c == '<')
			inside = c == '<' ? '>' : '"';
	}
	return s.n;
}

bool callerid_identity_next(struct callerid_span *rest, struct callerid_span *value_out)
{
	while (rest->n > 0) {
		size_t end = value_end(*rest), from = 0, to = end;
		const char *p = rest->p;

		while (from < to && !belongs_to_jws(p[from]) && p[from] != ';')
			from++;
		while (to > from && !belongs_to_jws(p[to - 1]) && p[to - 1] != ';')
			to--;
		if (end < rest->n)
			end++;
		rest->p += end;
		rest->n -= end;
		/* RFC 3261 §7.3.1 lists have no empty elements; a stray comma says nothing. */
		if (to > from) {
			*value_out = (struct callerid_span){p + from, to - from};
			return true;
		}
	}
	return false;
}
