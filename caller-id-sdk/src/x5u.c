/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate URLs: which may stand in a PASSporT that we take, and which in one that we make. */
#include "x5u.h"

#include <callerid/passport.h>

#include <string.h>
#include <strings.h>

static const char scheme[] = "https://";

#define SCHEME_LEN (sizeof(scheme) - 1)

bool cid_x5u_is_https(struct callerid_span url)
{
	if (url.n <= SCHEME_LEN || url.n > CALLERID_X5U_MAX ||
	    strncasecmp(url.p, scheme, SCHEME_LEN) != 0)
		return false;
	for (size_t i = 0; i < url.n; i++) {
		if (url.p[i] <= ' ' || url.p[i] > '~' || strchr("<>\"\\^`{|}", url.p[i]) != NULL)
			return false;
	}
	return strchr("/?#:@", url.p[SCHEME_LEN]) == NULL;
}

static bool contains(struct callerid_span text, char c)
{
	return memchr(text.p, c, text.n) != NULL;
}

static bool is_text(struct callerid_span span, const char *text)
{
	return span.n == strlen(text) && strncasecmp(span.p, text, span.n) == 0;
}

/* Any 127.x.y.z, the IPv6 loopback address, or the name that stands for them. */
static bool is_loopback(struct callerid_span host)
{
	if (is_text(host, "localhost") || is_text(host, "[::1]"))
		return true;
	if (host.n <= 4 || memcmp(host.p, "127.", 4) != 0)
		return false;
	for (size_t i = 0; i < host.n; i++) {
		if (host.p[i] != '.' && (host.p[i] < '0' || host.p[i] > '9'))
			return false;
	}
	return true;
}

/* host[:port] cut in two; port is empty when there is none. */
static void cut_port(struct callerid_span authority, struct callerid_span *host_out,
		     struct callerid_span *port_out)
{
	size_t i = authority.n;

	while (i > 0 && authority.p[i - 1] >= '0' && authority.p[i - 1] <= '9')
		i--;
	*host_out = authority;
	*port_out = (struct callerid_span){NULL, 0};
	if (i == 0 || authority.p[i - 1] != ':' || i == authority.n)
		return;
	*host_out = (struct callerid_span){authority.p, i - 1};
	*port_out = (struct callerid_span){authority.p + i, authority.n - i};
}

const char *cid_x5u_trouble(struct callerid_span url)
{
	struct callerid_span authority = {NULL, 0}, host, port;

	if (!cid_x5u_is_https(url))
		return "x5u is not an https URL";
	if (contains(url, '?') || contains(url, '#'))
		return "x5u has a query or a fragment";
	authority.p = url.p + SCHEME_LEN;
	while (SCHEME_LEN + authority.n < url.n && authority.p[authority.n] != '/')
		authority.n++;
	if (contains(authority, '@'))
		return "x5u has userinfo";
	cut_port(authority, &host, &port);
	if (host.n == 0 || host.p[host.n - 1] == ':')
		return "x5u has a broken host or port";
	if (port.n == 0 || is_text(port, "443") || is_text(port, "8443"))
		return NULL;
	if (port.n <= 5 && is_loopback(host))
		return NULL;
	return "x5u has a port other than 443 and 8443";
}
