/* SPDX-License-Identifier: Apache-2.0 */
/* The headers of CORS. */
#include "svc/registry/http/cors.h"

#include <string.h>

#define ASKED "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID"
#define SHOWN "ETag, Retry-After, X-Request-Id, RateLimit, Idempotent-Replayed, Attestel-Signature"

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

bool cors_is_preflight(struct MHD_Connection *connection, const char *method)
{
	return strcmp(method, "OPTIONS") == 0 && header(connection, "Origin") != NULL &&
	       header(connection, "Access-Control-Request-Method") != NULL;
}

void cors_add(struct MHD_Connection *connection, struct MHD_Response *response, const char *methods,
	      bool cached)
{
	if (cached)
		MHD_add_response_header(response, "Vary", "Origin");
	if (header(connection, "Origin") == NULL)
		return;
	MHD_add_response_header(response, "Access-Control-Allow-Origin", "*");
	MHD_add_response_header(response, "Access-Control-Expose-Headers", SHOWN);
	if (methods == NULL)
		return;
	MHD_add_response_header(response, "Access-Control-Allow-Methods", methods);
	MHD_add_response_header(response, "Access-Control-Allow-Headers", ASKED);
	MHD_add_response_header(response, "Access-Control-Max-Age", "7200");
}
