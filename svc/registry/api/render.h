/* SPDX-License-Identifier: Apache-2.0 */
/* What several resources need for reading and answering. */
#ifndef REGISTRY_RENDER_H
#define REGISTRY_RENDER_H

#include "svc/registry/http/call.h"

/* RFC 3339 in UTC, whole seconds. */
json_t *render_time(int64_t ms);

/* A string, or null for NULL and "". */
json_t *render_text(const char *text);

/* The URL of something that the public door serves: kind is "logos", suffix "png". */
json_t *render_public_url(const struct http_call *call, const char *kind, const char *sha256,
			  const char *suffix);

/* A fresh identifier. false: the call is answered with 500. */
bool render_new_id(struct http_call *call, const char *prefix, char id_out[ID_MAX + 1]);

/* SHA-256 in hexadecimal. false: the call is answered with 500. */
bool render_sha256(struct http_call *call, const void *bytes, size_t len,
		   char hex_out[SHA256_HEX + 1]);

#define RENDER_STATE "active" /* of what needs no review yet */

#endif
