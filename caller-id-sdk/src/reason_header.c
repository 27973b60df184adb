/* SPDX-License-Identifier: Apache-2.0 */
/* The Reason header field (RFC 3326), read and written, with the causes of STIR (RFC 9410). */
#include <callerid/reason.h>

#include "fail.h"
#include "json.h"
#include "reasons.h"
#include "sipparam.h"

#include <string.h>

#define CAUSE_DIGITS_MAX 9

bool callerid_reason_next(struct callerid_span *rest, struct callerid_span *value_out)
{
	return cid_sip_next(rest, value_out);
}

static bool read_cause(struct callerid_span text, int *cause_out)
{
	int cause = 0;

	if (text.n == 0 || text.n > CAUSE_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
		cause = cause * 10 + (text.p[i] - '0');
	}
	*cause_out = cause;
	return true;
}

/* RFC 3261 §7.3.1: "any given parameter-name MUST NOT appear more than once". */
static bool take_once(struct callerid_span *to, struct callerid_span value)
{
	if (to->p != NULL || value.p == NULL)
		return false;
	*to = value;
	return true;
}

/* NULL when the parameter is fine, else what is wrong with it. */
static const char *take_param(struct callerid_reason_value *value, const struct cid_param *param)
{
	if (cid_span_is(param->name, "cause"))
		return value->cause < 0 && !param->quoted && read_cause(param->value, &value->cause)
			       ? NULL
			       : "cause is not a number, or there twice";
	if (cid_span_is(param->name, "text"))
		return param->quoted && take_once(&value->text, param->value)
			       ? NULL
			       : "text is not a quoted string, or there twice";
	if (cid_span_is(param->name, "ppi"))
		return take_once(&value->ppi, param->value) ? NULL : "ppi is empty, or there twice";
	if (cid_span_is(param->name, "location"))
		return take_once(&value->location, param->value) ? NULL : "location is there twice";
	value->n_unknown++;
	return NULL;
}

enum callerid_status callerid_reason_parse(const char *text, size_t len,
					   struct callerid_reason_value *value_out,
					   struct callerid_error *err)
{
	struct callerid_span rest = {text, len};
	struct callerid_reason_value value = {.cause = -1};
	struct cid_param param;
	enum cid_param_found found = CID_PARAM_ONE;
	const char *trouble = NULL;

	if (len > CALLERID_REASON_VALUE_MAX)
		return cid_fail(err, CALLERID_ELIMIT, "reason", "the value is too long");
	cid_sip_lws(&rest);
	if (!cid_sip_token(&rest, &value.protocol))
		return cid_fail(err, CALLERID_ESYNTAX, "reason", "no protocol");
	for (size_t i = 0; trouble == NULL; i++) {
		found = cid_sip_param(&rest, &param);
		if (found != CID_PARAM_ONE)
			break;
		if (i == CID_PARAMS_MAX)
			return cid_fail(err, CALLERID_ELIMIT, "reason", "too many parameters");
		trouble = take_param(&value, &param);
	}
	if (found == CID_PARAM_BROKEN)
		trouble = "a parameter breaks the grammar";
	if (trouble != NULL)
		return cid_fail(err, CALLERID_ESYNTAX, "reason", "%s", trouble);
	*value_out = value;
	return CALLERID_OK;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Ends the text with NUL; what does not fit leaves nothing. */
static size_t close_text(struct cid_writer *w, char *text_out)
{
	size_t len = w->len;

	cid_write(w, "", 1);
	if (!w->full)
		return len;
	if (w->size > 0)
		text_out[0] = '\0';
	return 0;
}

size_t callerid_reason_text(struct callerid_span quoted, char *text_out, size_t size)
{
	struct cid_writer w;

	cid_writer_init(&w, text_out, size);
	for (size_t i = 0; i < quoted.n; i++) {
		/* RFC 3261 §25.1, quoted-pair: the backslash only says that its next counts. */
		if (quoted.p[i] == '\\' && i + 1 < quoted.n)
			i++;
		cid_write(&w, is_control(quoted.p[i]) ? "?" : quoted.p + i, 1);
	}
	return close_text(&w, text_out);
}

/* A quoted string; a control character cannot stand in one. */
static void write_quoted(struct cid_writer *w, const char *name, struct callerid_span text)
{
	cid_write_text(w, name);
	cid_write_text(w, "=\"");
	for (size_t i = 0; i < text.n; i++) {
		w->full = w->full || is_control(text.p[i]);
		if (text.p[i] == '"' || text.p[i] == '\\')
			cid_write(w, "\\", 1);
		cid_write(w, text.p + i, 1);
	}
	cid_write(w, "\"", 1);
}

static void write_token(struct cid_writer *w, struct callerid_span text)
{
	struct callerid_span rest = text, token;

	w->full = w->full || !cid_sip_token(&rest, &token) || rest.n != 0;
	cid_write(w, text.p, text.n);
}

size_t callerid_reason_write(const struct callerid_reason_value *value, char *text_out, size_t size)
{
	const char *semicolon = cid_span_is(value->protocol, "STIR") ? " ;" : ";";
	struct cid_writer w;

	cid_writer_init(&w, text_out, size);
	write_token(&w, value->protocol);
	if (value->cause >= 0) {
		cid_write_text(&w, semicolon);
		cid_write_text(&w, "cause=");
		cid_write_int(&w, value->cause);
	}
	if (value->text.p != NULL) {
		cid_write_text(&w, semicolon);
		write_quoted(&w, "text", value->text);
	}
	if (value->ppi.n > 0) {
		cid_write_text(&w, semicolon);
		write_quoted(&w, "ppi", value->ppi);
	}
	if (value->location.n > 0) {
		cid_write_text(&w, semicolon);
		cid_write_text(&w, "location=");
		write_token(&w, value->location);
	}
	return close_text(&w, text_out);
}

/* RFC 9410 §4: the causes of the protocol STIR are the response codes of RFC 8224 §6.2.2. */
static bool is_stir_cause(int code)
{
	return code == 403 || code == 428 || (code >= 436 && code <= 438);
}

/* Base64url parts between dots: what a token consists of, and a compact one too. */
static bool is_token_text(struct callerid_span text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
			return false;
	}
	return true;
}

size_t callerid_reason_stir(int cause, struct callerid_span ppi, char *text_out, size_t size)
{
	const char *phrase = callerid_response_phrase(cause);
	struct callerid_reason_value value = {.protocol = {"STIR", 4}, .cause = cause, .ppi = ppi};

	if (!is_stir_cause(cause) || phrase == NULL || !is_token_text(ppi)) {
		if (size > 0)
			text_out[0] = '\0';
		return 0;
	}
	value.text = (struct callerid_span){phrase, strlen(phrase)};
	return callerid_reason_write(&value, text_out, size);
}

static bool same(struct callerid_span a, struct callerid_span b)
{
	return a.n == b.n && a.n > 0 && memcmp(a.p, b.p, a.n) == 0;
}

/* What stands behind the last dot; nothing when it is no token in either form. */
static struct callerid_span signature_of(struct callerid_span token)
{
	const char *dot = token.n == 0 ? NULL : memrchr(token.p, '.', token.n);
	size_t before = dot == NULL ? 0 : (size_t)(dot - token.p) + 1;

	if (before < 2 || memchr(token.p, '.', before - 1) == NULL)
		return (struct callerid_span){NULL, 0};
	return (struct callerid_span){token.p + before, token.n - before};
}

static bool is_compact(struct callerid_span token)
{
	return token.n > 2 && token.p[0] == '.' && token.p[1] == '.';
}

bool callerid_reason_is_about(const struct callerid_reason_value *value, struct callerid_span token)
{
	if (!cid_span_is(value->protocol, "STIR"))
		return false;
	if (is_compact(value->ppi) || is_compact(token))
		return same(signature_of(value->ppi), signature_of(token));
	return same(value->ppi, token) && signature_of(token).n > 0;
}
