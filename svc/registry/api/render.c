/* SPDX-License-Identifier: Apache-2.0 */
/* Times, URLs and identifiers in answers. */
#include "svc/registry/api/render.h"

#include "svc/registry/http/auth.h"

#include <time.h>

#include <openssl/evp.h>

json_t *render_time(int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;
	char text[40];

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return json_null();
	return json_string(text);
}

json_t *render_text(const char *text)
{
	return text != NULL && text[0] != 0 ? json_string(text) : json_null();
}

json_t *render_public_url(const struct http_call *call, const char *kind, const char *sha256,
			  const char *suffix)
{
	if (sha256[0] == 0)
		return json_null();
	return json_sprintf("%s/%s/%s.%s", call->env->public_url, kind, sha256, suffix);
}

bool render_new_id(struct http_call *call, const char *prefix, char id_out[ID_MAX + 1])
{
	if (auth_random_id(prefix, id_out))
		return true;
	http_reply_problem(call, PROBLEM_INTERNAL, NULL);
	return false;
}

bool render_sha256(struct http_call *call, const void *bytes, size_t len,
		   char hex_out[SHA256_HEX + 1])
{
	uint8_t hash[SHA256_HEX / 2];

	if (EVP_Digest(bytes, len, hash, NULL, EVP_sha256(), NULL) != 1) {
		http_reply_problem(call, PROBLEM_INTERNAL, NULL);
		return false;
	}
	id_hex(hash, sizeof hash, hex_out);
	return true;
}
