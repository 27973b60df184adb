/* SPDX-License-Identifier: Apache-2.0 */
/* The "rph" PASSporT (RFC 8443, RFC 9027): which values of Resource-Priority a caller may use. */
#include "ppt.h"

#include <string.h>

#include "claims.h"
#include "fail.h"
#include "priority.h"

#define PSAP_CALLBACK "psap-callback"

static enum callerid_reason bad(const char *text, char *why, size_t why_size)
{
	cid_say(why, why_size, "%s", text);
	return CALLERID_REASON_BAD_CLAIMS;
}

static bool has_esnet(const struct callerid_claims *claims)
{
	for (size_t i = 0; i < claims->n_rph; i++) {
		if (cid_priority_is_of(claims->rph[i], "esnet"))
			return true;
	}
	return false;
}

/* RFC 8443 §4.1: "auth", an array of values as Resource-Priority has them. */
static const char *parse_rph(const json_t *rph, struct callerid_claims *claims)
{
	const json_t *auth = json_object_get(rph, "auth");
	size_t n = json_array_size(auth);

	if (!json_is_object(rph))
		return rph == NULL ? "no rph" : "rph is not an object";
	if (!json_is_array(auth) || n == 0 || n > CALLERID_RPH_MAX)
		return "auth of rph is not an array of 1 to 8 values";
	for (size_t i = 0; i < n; i++) {
		const json_t *value = json_array_get(auth, i);
		struct callerid_span text = {json_string_value(value), json_string_length(value)};

		if (text.p == NULL || !cid_priority_is_value(text))
			return "auth of rph has what is not namespace.priority";
		memcpy(claims->rph[i], text.p, text.n + 1);
	}
	claims->n_rph = n;
	return NULL;
}

/* RFC 9027 §4: sph is "psap-callback" and nothing else, beside an esnet value only. */
static const char *parse_sph(const json_t *sph, struct callerid_claims *claims)
{
	if (sph == NULL)
		return NULL;
	if (!json_is_string(sph) || strcmp(json_string_value(sph), PSAP_CALLBACK) != 0)
		return "sph is not psap-callback";
	if (!has_esnet(claims))
		return "sph is there without an esnet value in rph";
	claims->psap_callback = true;
	return NULL;
}

static enum callerid_reason parse(const json_t *payload, struct callerid_claims *claims, char *why,
				  size_t why_size)
{
	const char *trouble = parse_rph(json_object_get(payload, "rph"), claims);

	if (trouble == NULL)
		trouble = parse_sph(json_object_get(payload, "sph"), claims);
	return trouble == NULL ? CALLERID_REASON_OK : bad(trouble, why, why_size);
}

static const char *trouble_of(const struct callerid_claims *claims)
{
	if (claims->n_rph == 0 || claims->n_rph > CALLERID_RPH_MAX)
		return "rph needs 1 to 8 values";
	for (size_t i = 0; i < claims->n_rph; i++) {
		const char *text = claims->rph[i];

		if (!cid_priority_is_value(
			    (struct callerid_span){text, strnlen(text, sizeof(claims->rph[i]))}))
			return "a value of rph is not namespace.priority";
	}
	if (claims->psap_callback && !has_esnet(claims))
		return "sph needs an esnet value in rph";
	return NULL;
}

static enum callerid_status build(struct cid_writer *w, const struct callerid_claims *claims,
				  struct callerid_error *err)
{
	const char *trouble = trouble_of(claims);
	enum callerid_status status;

	if (trouble != NULL)
		return cid_fail(err, CALLERID_EINVAL, "claims", "%s", trouble);
	cid_write(w, "{", 1);
	status = cid_claims_write_base(w, claims, err);
	for (size_t i = 0; i < claims->n_rph; i++) {
		cid_write_text(w, i == 0 ? ",\"rph\":{\"auth\":[" : ",");
		cid_write_string(w, claims->rph[i], strlen(claims->rph[i]));
	}
	cid_write_text(w, "]}");
	if (claims->psap_callback)
		cid_write_text(w, ",\"sph\":\"" PSAP_CALLBACK "\"");
	cid_write(w, "}", 1);
	return status;
}

const struct cid_ppt cid_ppt_rph = {
	.name = "rph",
	.parse = parse,
	.build = build,
	.compact_allowed = false, /* RFC 8443 §4.1 */
	.grants_priority = true,
};
