/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of other origins may ask (WHATWG Fetch, "CORS protocol"). What they get is what anybody
 * with the same key gets: a key is sent by the page itself, never by the browser on its own, and
 * "*" lets a page send neither cookies nor client certificates.
 */
#ifndef REGISTRY_CORS_H
#define REGISTRY_CORS_H

#include <microhttpd.h>
#include <stdbool.h>

/* The question that a browser asks before the request itself. */
bool cors_is_preflight(struct MHD_Connection *connection, const char *method);

/* To a request with Origin only. methods: those of the path, in answer to a preflight; else NULL.
 */
void cors_add(struct MHD_Connection *connection, struct MHD_Response *response,
	      const char *methods);

#endif
