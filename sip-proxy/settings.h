/* SPDX-License-Identifier: Apache-2.0 */
/* One loaded configuration, ready for use: immutable, counted, swapped whole by a reload. */
#ifndef PROXY_SETTINGS_H
#define PROXY_SETTINGS_H

#include "sip-proxy/anchors.h"
#include "sip-proxy/route.h"
#include "sip-proxy/trunk.h"

#include <callerid/pkcs11.h>
#include <callerid/signer.h>

#define API_KEY_MAX   128
#define MEDIA_KEY_MAX 257
#define MEDIA_KEY_MIN 16

struct settings {
	unsigned refs; /* one for the proxy, one for each call that uses it; the loop's thread */
	struct conf *conf;
	const struct proxy_options *proxy;
	const struct signing_options *signing;
	const struct certs_options *certs;
	const struct registry_options *registry;
	const struct media_options *media;
	struct trunk *trunks;
	size_t n_trunks;
	struct route *routes;
	size_t n_routes;
	struct trunk_address *dialog_hops;
	size_t n_dialog_hops;
	struct callerid_signer *signer; /* NULL: no signing */
	struct callerid_pkcs11 *token;	/* the signer's key; NULL: it has its own */
	struct anchors anchors;		/* until they are in the proxy's context */
	char api_key[API_KEY_MAX];	/* "" when there is none */
	char media_key[MEDIA_KEY_MAX];	/* the same */
};

/* Loads and checks everything, key and certificate included. NULL fills err. */
struct settings *settings_load(const char *path, struct conf_error *err);
/* The host, a literal address, belongs to someone we know: a trunk, a route's target, a dialog hop.
 * Whoever has a trunk chooses the Route and the Request-URI inside a dialog: they lead nowhere
 * else, least of all into our own network. */
bool settings_know(const struct settings *settings, const char *host);
struct settings *settings_ref(struct settings *settings);
void settings_unref(struct settings *settings); /* NULL is fine */

/* A whole file of at most max bytes, NUL-terminated, malloc'ed. NULL fills err. */
char *settings_read_file(const char *path, size_t max, size_t *len_out, struct conf_error *err);

#endif
