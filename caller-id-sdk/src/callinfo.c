/* SPDX-License-Identifier: Apache-2.0 */
/* Call-Info values of RFC 9796, written and read. */
#include <callerid/callinfo.h>
#include <callerid/rcd.h>

#include <string.h>
#include <strings.h>

#include "claims.h"
#include "digest.h"
#include "fail.h"
#include "sipparam.h"
#include "utf8.h"

#define WHERE	 "call-info"
#define NULL_URI "data:" /* RFC 9796 §6: what stands for no URI */

static const struct {
	const char *token;
	enum callerid_callinfo_purpose purpose;
} PURPOSES[] = {
	{"jcard", CALLERID_CALLINFO_JCARD},
	{"icon", CALLERID_CALLINFO_ICON},
};

#define N_PURPOSES (sizeof(PURPOSES) / sizeof(PURPOSES[0]))

static const char *purpose_token(enum callerid_callinfo_purpose purpose)
{
	for (size_t i = 0; i < N_PURPOSES; i++) {
		if (PURPOSES[i].purpose == purpose)
			return PURPOSES[i].token;
	}
	return NULL;
}

static enum cid_digest_kind digest_kind(struct callerid_span text)
{
	return text.p == NULL ? CID_DIGEST_BAD : cid_digest_kind(text.p, text.n);
}

/* Fit to stand between < and >. */
static bool is_uri(struct callerid_span uri)
{
	for (size_t i = 0; i < uri.n; i++) {
		if (strchr("<>\"", uri.p[i]) != NULL)
			return false;
	}
	return cid_is_uri(uri, CALLERID_CALLINFO_MAX);
}

static bool is_uri_or_null(struct callerid_span uri)
{
	return cid_span_is(uri, NULL_URI) || is_uri(uri);
}

/*
 * A reason is shown to the callee: what callerid_text_clean() would take out of it is not written,
 * so that nothing of ours hides, turns or steers what a display shows.
 */
static bool is_clean(const char *text, size_t n)
{
	char cleaned[4 * CALLERID_CALLINFO_REASON_MAX + 8];
	unsigned found = callerid_text_clean(text, n, CALLERID_CALLINFO_REASON_MAX, cleaned,
					     sizeof(cleaned));

	return (found & (CALLERID_TEXT_CONTROL | CALLERID_TEXT_BIDI | CALLERID_TEXT_HIDDEN |
			 CALLERID_TEXT_INVALID)) == 0;
}

/* RFC 3261 §25.1: a quoted-string holds UTF-8 and no control characters. */
static bool is_quotable(const char *text, size_t n)
{
	size_t step;

	for (size_t i = 0; i < n; i += step) {
		step = cid_utf8_length((const uint8_t *)text + i, n - i);
		if (step == 0 || (unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	}
	return true;
}

/* RFC 9796 §5: data, cid, or a transport "that can validate the integrity of the source". */
static bool may_hold_jcard(struct callerid_span uri)
{
	static const char *const schemes[] = {"https:", "data:", "cid:"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i]);

		if (uri.n > n && strncasecmp(uri.p, schemes[i], n) == 0)
			return true;
	}
	return false;
}

static const char *uri_trouble(const struct callerid_callinfo *info)
{
	if (!is_uri(info->uri))
		return "the URI is not one that can stand in a header";
	if (purpose_token(info->purpose) == NULL)
		return "the purpose is neither jcard nor icon";
	if (info->purpose == CALLERID_CALLINFO_JCARD && !may_hold_jcard(info->uri))
		return "the URI of a jCard is not https, data or cid";
	return NULL;
}

static const char *build_trouble(const struct callerid_callinfo *info, size_t reason_len)
{
	if (info->uri.n == 0 && reason_len == 0 && !info->verified)
		return "neither a URI nor a reason, and nothing that is verified";
	if (info->uri.n == 0 && info->integrity.n > 0)
		return "integrity without the URI it is of";
	if (info->uri.n > 0 && uri_trouble(info) != NULL)
		return uri_trouble(info);
	if (reason_len > CALLERID_CALLINFO_REASON_MAX || !is_quotable(info->reason, reason_len))
		return "the reason is too long, not UTF-8, or has control characters";
	if (!is_clean(info->reason, reason_len))
		return "the reason has characters that hide or turn what is shown";
	if (info->integrity.n > 0 && digest_kind(info->integrity) != CID_DIGEST_KNOWN)
		return "integrity is not a sha256, sha384 or sha512 digest";
	return NULL;
}

static void write_quoted(struct cid_writer *w, const char *text, size_t n)
{
	cid_write(w, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"' || text[i] == '\\')
			cid_write(w, "\\", 1);
		cid_write(w, text + i, 1);
	}
	cid_write(w, "\"", 1);
}

enum callerid_status callerid_callinfo_build(const struct callerid_callinfo *info, char *text_out,
					     size_t size, struct callerid_error *err)
{
	size_t reason_len = strnlen(info->reason, sizeof(info->reason));
	const char *trouble = build_trouble(info, reason_len);
	struct cid_writer w;

	if (trouble != NULL)
		return cid_fail(err, CALLERID_EINVAL, WHERE, "%s", trouble);
	cid_writer_init(&w, text_out, size);
	cid_write(&w, "<", 1);
	if (info->uri.n > 0)
		cid_write(&w, info->uri.p, info->uri.n);
	else
		cid_write_text(&w, NULL_URI);
	cid_write_text(&w, ">;purpose=");
	cid_write_text(&w, info->uri.n > 0 ? purpose_token(info->purpose) : "jcard");
	if (reason_len > 0) {
		cid_write_text(&w, ";call-reason=");
		write_quoted(&w, info->reason, reason_len);
	}
	if (info->verified)
		cid_write_text(&w, ";verified=\"true\"");
	if (info->integrity.n > 0) {
		cid_write_text(&w, ";integrity=");
		write_quoted(&w, info->integrity.p, info->integrity.n);
	}
	cid_write(&w, "", 1);
	return w.full ? cid_fail(err, CALLERID_ELIMIT, WHERE, "over %zu bytes", size) : CALLERID_OK;
}

/* The parameters that must not stand twice. */
enum { PURPOSE, REASON, VERIFIED, INTEGRITY, N_NAMES };

static const char *const NAMES[N_NAMES] = {
	[PURPOSE] = "purpose",
	[REASON] = "call-reason",
	[VERIFIED] = "verified",
	[INTEGRITY] = "integrity",
};

/* value without its escapes; folding is one space. NULL or what is wrong. */
static const char *take_reason(struct callerid_span value, struct callerid_callinfo *info)
{
	size_t n = 0;

	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '\\' && i + 1 < value.n)
			c = value.p[++i];
		else if (c == '\r' || c == '\n')
			continue;
		if (n == CALLERID_CALLINFO_REASON_MAX)
			return "call-reason is too long";
		if (c == '\0')
			return "call-reason has a NUL byte";
		info->reason[n++] = c;
	}
	info->reason[n] = '\0';
	return NULL;
}

static void take_purpose(struct callerid_span value, struct callerid_callinfo *info)
{
	for (size_t i = 0; i < N_PURPOSES; i++) {
		if (cid_span_is(value, PURPOSES[i].token))
			info->purpose = PURPOSES[i].purpose;
	}
}

static const char *take_param(const struct cid_param *param, bool seen[N_NAMES],
			      struct callerid_callinfo *info)
{
	int i = 0;

	while (i < N_NAMES && !cid_span_is(param->name, NAMES[i]))
		i++;
	if (i == N_NAMES)
		return NULL;
	if (seen[i])
		return "a parameter stands twice";
	seen[i] = true;
	if (i == PURPOSE)
		take_purpose(param->value, info);
	if (i == VERIFIED)
		info->verified = cid_span_is(param->value, "true");
	if (i == REASON)
		return take_reason(param->value, info);
	/* As in rcdi (RFC 9795 §6): another algorithm is no error, and proves nothing here. */
	if (i == INTEGRITY && digest_kind(param->value) == CID_DIGEST_BAD)
		return "integrity is not a digest";
	if (i == INTEGRITY)
		info->integrity = param->value;
	return NULL;
}

static const char *take_params(struct callerid_span rest, struct callerid_callinfo *info)
{
	enum cid_param_found found = CID_PARAM_ONE;
	bool seen[N_NAMES] = {false};
	struct cid_param param;
	const char *trouble = NULL;

	for (size_t i = 0; found == CID_PARAM_ONE && trouble == NULL; i++) {
		if (i > CID_PARAMS_MAX)
			return "too many parameters";
		found = cid_sip_param(&rest, &param);
		if (found == CID_PARAM_ONE)
			trouble = take_param(&param, seen, info);
	}
	return found == CID_PARAM_BROKEN ? "a parameter is broken" : trouble;
}

enum callerid_status callerid_callinfo_parse(const char *text, size_t len,
					     struct callerid_callinfo *info_out,
					     struct callerid_error *err)
{
	struct callerid_span rest = {text, len};
	const char *trouble;

	memset(info_out, 0, sizeof(*info_out));
	if (len > CALLERID_CALLINFO_MAX)
		return cid_fail(err, CALLERID_ELIMIT, WHERE, "over %d bytes",
				CALLERID_CALLINFO_MAX);
	cid_sip_lws(&rest);
	if (!cid_sip_angle(&rest, &info_out->uri) || !is_uri_or_null(info_out->uri))
		return cid_fail(err, CALLERID_ESYNTAX, WHERE, "no <URI>");
	trouble = take_params(rest, info_out);
	if (trouble != NULL)
		return cid_fail(err, CALLERID_ESYNTAX, WHERE, "%s", trouble);
	if (!cid_span_is(info_out->uri, NULL_URI))
		return CALLERID_OK;
	if (info_out->integrity.n > 0)
		return cid_fail(err, CALLERID_ESYNTAX, WHERE, "integrity without the URI it is of");
	info_out->uri = (struct callerid_span){NULL, 0};
	return CALLERID_OK;
}
