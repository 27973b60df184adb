/* SPDX-License-Identifier: Apache-2.0 */
/* One request from its headers to its answer. */
#ifndef REGISTRY_EXCHANGE_H
#define REGISTRY_EXCHANGE_H

#include "svc/registry/http/auth.h"
#include "svc/registry/http/call.h"
#include "svc/registry/http/framing.h"
#include "svc/registry/http/idempotency.h"
#include "svc/registry/http/rate.h"
#include "svc/registry/http/router.h"
#include "svc/registry/store/store.h"

#include <stdbool.h>
#include <stddef.h>

#include <microhttpd.h>

/* What a door serves; it outlives its exchanges. */
struct http_service {
	enum http_door door;
	const struct route_table *table;
	struct store *store;
	const struct http_env *env;
	const struct auth *auth;
	struct rate *rate;
	struct idempotency *idempotency;
	int wait_ms; /* for a connection to the database */
	/* After COMMIT: enum http_after; any thread. */
	void (*committed)(const struct http_service *service, unsigned after);
	/* A stream is read: its connection is alive. Set by server.c. */
	void (*progress)(void *magic, struct MHD_Connection *connection);
	void *magic; /* for progress */
};

struct exchange;

/* Reads the headers: routes, authenticates, and decides whether the body is wanted. NULL: no
 * memory. */
struct exchange *exchange_new(const struct http_service *service, struct MHD_Connection *connection,
			      const struct framing_line *line);
void exchange_free(struct exchange *exchange); /* NULL is fine */

/* The body announces itself as so large that it is answered before it is read. */
bool exchange_is_hopeless(const struct exchange *exchange);
/* A part of the body. false: close the connection. */
bool exchange_data(struct exchange *exchange, const void *data, size_t len);
/* Runs the handler, unless the headers were refused, and queues the answer. */
enum MHD_Result exchange_answer(struct exchange *exchange);

#endif
