/* SPDX-License-Identifier: Apache-2.0 */
/* Showing intents and telling of them, for all who change some. */
#ifndef REGISTRY_API_INTENTS_H
#define REGISTRY_API_INTENTS_H

#include "svc/registry/http/call.h"
#include "svc/registry/store/intents.h"

json_t *intents_render(const struct http_call *call, const struct intent_row *row);

/* The event "intent.matched", to its business and its callee, and the metric. */
enum store_status intents_tell(struct http_call *call, const struct intent_row *row,
			       const char *kind);

#endif
