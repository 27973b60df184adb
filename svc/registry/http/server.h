/* SPDX-License-Identifier: Apache-2.0 */
/* One door: a listener on libmicrohttpd's pool of epoll threads. */
#ifndef REGISTRY_SERVER_H
#define REGISTRY_SERVER_H

#include "svc/registry/http/exchange.h"
#include "svc/runtime/conf.h"

struct http_limits {
	unsigned threads;
	unsigned connections_max;
	unsigned per_address_max; /* connections of one peer address */
	int64_t headers_ms, body_ms, answer_ms, stream_ms;
};

struct http_server_params {
	struct http_service service; /* copied; what it points to is borrowed */
	struct http_limits limits;
	struct conf_address listen;
	const char *certificate; /* PEM text; NULL: no TLS */
	const char *key;
	const char *client_ca; /* PEM; asks for certificates of these; NULL: asks for none */
};

struct http_server;

/* NULL and one line in err when it cannot listen. */
struct http_server *http_server_start(const struct http_server_params *params, char *err,
				      size_t size);
uint16_t http_server_port(const struct http_server *server); /* in use, also when 0 was asked */
/* Takes no more connections, waits until requests under way are answered, at most ms. */
void http_server_drain(struct http_server *server, int64_t ms);
void http_server_stop(struct http_server *server); /* NULL is fine */

#endif
