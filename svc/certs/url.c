/* SPDX-License-Identifier: Apache-2.0 */
/* Splits certificate URLs and refuses every one that is not plainly https://host[:port]/path. */
#include "svc/certs/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#define HOST_MAX  253 /* bytes of a name, RFC 1035 §2.3.4 without the root label */
#define LABEL_MAX 63

/* A piece of the URL; every function below takes one and never reads past it. */
struct span {
	const char *p;
	size_t n;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_value(char c)
{
	return is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* RFC 5890 §2.3.1: letters, digits and inner hyphens (so a bare "xn--" is none). */
static bool label_is_fine(struct span label)
{
	if (label.n == 0 || label.n > LABEL_MAX)
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (!is_alnum(label.p[i]) && label.p[i] != '-')
			return false;
	return label.p[0] != '-' && label.p[label.n - 1] != '-';
}

/*
 * inet_aton() and many resolvers read "127.1", "0x7f000001" and "017700000001" as addresses. A
 * name whose last label is a number in any base is therefore an address or nothing.
 */
static bool ends_in_number(struct span host)
{
	size_t at = host.n;
	bool digits, hex = true;

	while (at > 0 && host.p[at - 1] != '.')
		at--;
	struct span last = {host.p + at, host.n - at};
	digits = last.n > 0;
	for (size_t i = 0; i < last.n; i++)
		digits = digits && is_digit(last.p[i]);
	if (last.n < 2 || last.p[0] != '0' || (last.p[1] | 0x20) != 'x')
		return digits;
	for (size_t i = 2; i < last.n; i++)
		hex = hex && is_hex(last.p[i]);
	return digits || hex;
}

static const char *check_literal(const struct sockaddr *address,
				 const struct certs_url_rules *rules)
{
	const char *block = certs_address_check(address, rules);

	return block ? "the host is a special-purpose address" : NULL;
}

static const char *check_ipv4(const char *host, const struct certs_url_rules *rules)
{
	struct sockaddr_in address = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
		return "the host is a number but not a dotted quad";
	return check_literal((const struct sockaddr *)&address, rules);
}

static const char *check_ipv6(const char *host, const struct certs_url_rules *rules)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET6, host, &address.sin6_addr) != 1)
		return "the host in brackets is not an IPv6 address";
	return check_literal((const struct sockaddr *)&address, rules);
}

static const char *check_name(struct span host)
{
	size_t start = 0;

	for (size_t i = 0; i <= host.n; i++) {
		if (i < host.n && host.p[i] != '.')
			continue;
		if (!label_is_fine((struct span){host.p + start, i - start}))
			return "the host is not a name of letters, digits and hyphens";
		start = i + 1;
	}
	return NULL;
}

static const char *check_host(struct span host, bool bracketed, const struct certs_url_rules *rules,
			      struct certs_url *url)
{
	if (host.n == 0)
		return "there is no host";
	if (host.n > HOST_MAX)
		return "the host is too long";
	memcpy(url->host, host.p, host.n);
	url->host[host.n] = 0;
	if (bracketed)
		return check_ipv6(url->host, rules);
	if (ends_in_number(host))
		return check_ipv4(url->host, rules);
	return check_name(host);
}

/* RFC 3986 §3.2.3, but neither empty nor with leading zeros. */
static const char *check_port(struct span text, const struct certs_url_rules *rules, uint16_t *port)
{
	static const uint16_t standard[] = {443, 8443};
	const uint16_t *allowed = rules->n_ports ? rules->ports : standard;
	size_t n = rules->n_ports ? rules->n_ports : sizeof(standard) / sizeof(standard[0]);
	unsigned value = 0;

	if (text.n == 0 || text.n > 5 || text.p[0] == '0')
		return "the port is not a number from 1 to 65535";
	for (size_t i = 0; i < text.n; i++) {
		if (!is_digit(text.p[i]))
			return "the port is not a number from 1 to 65535";
		value = value * 10 + (unsigned)(text.p[i] - '0');
	}
	for (size_t i = 0; i < n && i < CERTS_PORTS_MAX; i++) {
		if (value == allowed[i]) {
			*port = allowed[i];
			return NULL;
		}
	}
	return "the port is not an allowed one";
}

static const char *check_authority(struct span text, const struct certs_url_rules *rules,
				   struct certs_url *url)
{
	bool bracketed = text.n > 0 && text.p[0] == '[';
	struct span host = text;
	struct span port = {"443", 3};
	const char *end;

	if (memchr(text.p, '@', text.n))
		return "userinfo is not allowed";
	end = memchr(text.p, bracketed ? ']' : ':', text.n);
	if (bracketed && !end)
		return "the bracket is not closed";
	if (end)
		host.n = (size_t)(end - text.p);
	size_t used = bracketed ? host.n + 1 : host.n;
	if (bracketed)
		host = (struct span){host.p + 1, host.n - 1};
	if (used < text.n) {
		if (text.p[used] != ':')
			return "there is something between host and port";
		port = (struct span){text.p + used + 1, text.n - used - 1};
	}
	const char *why = check_host(host, bracketed, rules, url);
	return why ? why : check_port(port, rules, &url->port);
}

/* RFC 3986 §3.3 pchar and "/", without ";" and without escaped control bytes. */
static const char *check_path(struct span path)
{
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];

		if (is_alnum(c) || strchr("-._~!$&'()*+,=:@/", c))
			continue;
		if (c != '%')
			return c == ';' ? "path parameters are not allowed"
					: "the path holds a byte that RFC 3986 does not allow";
		if (path.n - i < 3 || !is_hex(path.p[i + 1]) || !is_hex(path.p[i + 2]))
			return "the path holds a broken percent escape";
		int value = hex_value(path.p[i + 1]) * 16 + hex_value(path.p[i + 2]);
		if (value < 0x20 || value == 0x7f)
			return "the path holds an escaped control byte";
		i += 2;
	}
	return NULL;
}

/* What is refused wherever it stands, before anything is split. */
static const char *check_bytes(struct span url)
{
	if (url.n == 0)
		return "the URL is empty";
	if (url.n > CERTS_URL_MAX)
		return "the URL is longer than 512 bytes";
	for (size_t i = 0; i < url.n; i++) {
		unsigned char c = (unsigned char)url.p[i];

		if (c <= 0x20 || c >= 0x7f)
			return "the URL holds a space, control or non-ASCII byte";
		if (c == '\\')
			return "the URL holds a backslash";
		if (c == '?')
			return "a query is not allowed";
		if (c == '#')
			return "a fragment is not allowed";
	}
	return NULL;
}

const char *certs_url_check(const char *url, size_t len, const struct certs_url_rules *rules,
			    struct certs_url *url_out)
{
	static const char scheme[] = "https://";
	const size_t prefix = sizeof(scheme) - 1;
	struct certs_url parts = {.port = 0};
	const char *why = check_bytes((struct span){url, len});

	if (why)
		return why;
	/* RFC 3986 §3.1: schemes are case-insensitive. */
	if (len < prefix || strncasecmp(url, scheme, prefix) != 0)
		return "the scheme is not https";
	const char *slash = memchr(url + prefix, '/', len - prefix);
	if (!slash)
		return "there is no path";
	struct span authority = {url + prefix, (size_t)(slash - url) - prefix};
	struct span path = {slash, len - (size_t)(slash - url)};
	why = check_authority(authority, rules, &parts);
	if (!why)
		why = check_path(path);
	if (why)
		return why;
	memcpy(parts.path, path.p, path.n);
	*url_out = parts;
	return NULL;
}
