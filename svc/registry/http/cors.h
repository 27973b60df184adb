/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of other origins may ask (WHATWG Fetch, "CORS protocol") what an app in a browser needs:
 * routes with ROUTE_PAGES and no other. What they get is what anybody with the same key gets: a key
 * is sent by the page itself, never by the browser on its own. "*" lets a page send neither cookies
 * nor client certificates; and a certificate counts for nothing in a request with Origin, which is
 * a browser's (exchange.c), so that no page can use one by a form. The question whether a public
 * page may reach into a private network is never answered with yes.
 */
#ifndef REGISTRY_CORS_H
#define REGISTRY_CORS_H

#include <microhttpd.h>
#include <stdbool.h>

/* The question that a browser asks before the request itself. */
bool cors_is_preflight(struct MHD_Connection *connection, const char *method);

/* Of a route with ROUTE_PAGES. methods: those of the path, in answer to a preflight; else NULL.
 * cached: others may keep the answer, and must know that it differs by Origin. */
void cors_add(struct MHD_Connection *connection, struct MHD_Response *response, const char *methods,
	      bool cached);

#endif
