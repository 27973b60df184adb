/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals that are no fault of a PASSporT: 603 of an analytics engine, 607 and 608. */
#include <callerid/reason.h>

#include "claims.h"
#include "sipparam.h"

#include <string.h>
#include <strings.h>

#define PREFIX	      "v=analytics1;"
#define DECLINE	      603
#define Q850_REJECTED 21 /* ITU-T Q.850: call rejected */

static const struct phrase {
	int code;
	const char *text;
} phrases[] = {
	/* RFC 8224 §6.2.2 */
	{403, "Stale Date"},
	{428, "Use Identity Header"},
	{436, "Bad Identity Info"},
	{437, "Unsupported Credential"},
	{438, "Invalid Identity Header"},
	/* ATIS-1000099, RFC 8197 §5, RFC 8688 §3 */
	{603, "Network Blocked"},
	{607, "Unwanted"},
	{608, "Rejected"},
};

const char *callerid_response_phrase(int code)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (phrases[i].code == code)
			return phrases[i].text;
	}
	return NULL;
}

/* Where a person who was refused can turn to; any other scheme would be for a machine. */
static bool is_redress(struct callerid_span url)
{
	static const char *const schemes[] = {"https://", "mailto:", "tel:", "sip:", "sips:"};

	if (!cid_is_uri(url, CALLERID_URL_MAX) || memchr(url.p, '"', url.n) != NULL ||
	    memchr(url.p, ';', url.n) != NULL || memchr(url.p, '\\', url.n) != NULL)
		return false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i]);

		if (url.n > n && strncasecmp(url.p, schemes[i], n) == 0)
			return true;
	}
	return false;
}

size_t callerid_analytics_write(const char *url, char *text_out, size_t size)
{
	char text[sizeof(PREFIX "url=") + CALLERID_URL_MAX];
	struct callerid_span at = {url, strnlen(url, CALLERID_URL_MAX + 1)};
	struct callerid_reason_value value = {
		.protocol = {"SIP", 3}, .cause = DECLINE, .location = {"TN", 2}};
	struct cid_writer w;

	if (!is_redress(at)) {
		if (size > 0)
			text_out[0] = '\0';
		return 0;
	}
	cid_writer_init(&w, text, sizeof(text));
	cid_write_text(&w, PREFIX "url=");
	cid_write(&w, at.p, at.n);
	value.text = (struct callerid_span){w.p, w.len};
	return callerid_reason_write(&value, text_out, size);
}

/* The value of "url=" among what ";" separates. */
static struct callerid_span find_url(struct callerid_span text)
{
	while (text.n > 0) {
		const char *end = memchr(text.p, ';', text.n);
		size_t n = end == NULL ? text.n : (size_t)(end - text.p);
		struct callerid_span url = {text.p + 4, n - 4};

		if (n > 4 && strncasecmp(text.p, "url=", 4) == 0)
			return is_redress(url) ? url : (struct callerid_span){NULL, 0};
		n += end != NULL;
		text.p += n;
		text.n -= n;
	}
	return (struct callerid_span){NULL, 0};
}

bool callerid_analytics_parse(int code, const struct callerid_reason_value *value,
			      struct callerid_span *url_out)
{
	const size_t n = strlen(PREFIX);
	struct callerid_span text = value->text;
	bool sip = cid_span_is(value->protocol, "SIP") && value->cause == DECLINE;
	bool q850 = cid_span_is(value->protocol, "Q.850") && value->cause == Q850_REJECTED;

	if (code != DECLINE || !(sip || q850))
		return false;
	if (text.n < n || strncasecmp(text.p, PREFIX, n) != 0)
		return false;
	*url_out = find_url((struct callerid_span){text.p + n, text.n - n});
	return true;
}

/* RFC 6809 §6: fc-value is "*" and feature capability indicators as parameters. */
static bool value_has_608(struct callerid_span value)
{
	struct cid_param param;

	cid_sip_lws(&value);
	if (value.n == 0 || value.p[0] != '*')
		return false;
	value.p++;
	value.n--;
	for (size_t i = 0; i < CID_PARAMS_MAX; i++) {
		if (cid_sip_param(&value, &param) != CID_PARAM_ONE)
			return false;
		if (cid_span_is(param.name, "+sip.608"))
			return true;
	}
	return false;
}

bool callerid_feature_caps_has_608(const char *text, size_t len)
{
	struct callerid_span rest = {text, len}, value;

	while (cid_sip_next(&rest, &value)) {
		if (value_has_608(value))
			return true;
	}
	return false;
}

size_t callerid_jwscard_call_info(const char *uri, char *text_out, size_t size)
{
	struct callerid_span at = {uri, strnlen(uri, CALLERID_URL_MAX + 1)};
	struct cid_writer w;
	size_t len;

	cid_writer_init(&w, text_out, size);
	w.full = !cid_is_uri(at, CALLERID_URL_MAX) || memchr(at.p, '>', at.n) != NULL ||
		 memchr(at.p, '<', at.n) != NULL;
	cid_write(&w, "<", 1);
	cid_write(&w, at.p, at.n);
	cid_write_text(&w, ">;purpose=jwscard");
	len = w.len;
	cid_write(&w, "", 1);
	if (!w.full)
		return len;
	if (size > 0)
		text_out[0] = '\0';
	return 0;
}

static bool is_jwscard(struct callerid_span value, struct callerid_span *uri_out)
{
	struct callerid_span uri;
	struct cid_param param;

	cid_sip_lws(&value);
	if (!cid_sip_angle(&value, &uri) || !cid_is_uri(uri, CALLERID_URL_MAX))
		return false;
	for (size_t i = 0; i < CID_PARAMS_MAX; i++) {
		if (cid_sip_param(&value, &param) != CID_PARAM_ONE)
			return false;
		if (!cid_span_is(param.name, "purpose"))
			continue;
		*uri_out = uri;
		return cid_span_is(param.value, "jwscard");
	}
	return false;
}

bool callerid_jwscard_uri(const char *call_info, size_t len, struct callerid_span *uri_out)
{
	struct callerid_span rest = {call_info, len}, value, uri;

	while (cid_sip_next(&rest, &value)) {
		if (is_jwscard(value, &uri)) {
			*uri_out = uri;
			return true;
		}
	}
	return false;
}
