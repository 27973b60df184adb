/* SPDX-License-Identifier: Apache-2.0 */
/* Static routes: the longest prefix of the called number names the next hop. */
#include "sip-proxy/route.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const names[TRANSPORT_COUNT] = {"udp", "tcp", "tls"};

const char *transport_name(enum transport transport)
{
	return names[transport];
}

bool transport_by_name(const char *name, size_t len, enum transport *transport_out)
{
	for (unsigned t = 0; t < TRANSPORT_COUNT; t++)
		if (strlen(names[t]) == len && strncasecmp(names[t], name, len) == 0) {
			*transport_out = t;
			return true;
		}
	return false;
}

static bool literal_address(const char *host)
{
	char plain[64];
	uint8_t bytes[16];
	size_t n = strlen(host);

	if (host[0] != '[')
		return inet_pton(AF_INET, host, bytes) == 1;
	if (n < 4 || host[n - 1] != ']')
		return false;
	memcpy(plain, host + 1, n - 2);
	plain[n - 2] = 0;
	return inet_pton(AF_INET6, plain, bytes) == 1;
}

/* Copies host and port out of "ADDRESS[:PORT]". */
static bool parse_authority(const char *text, size_t n, struct target *target)
{
	size_t host = text[0] == '[' ? strcspn(text, "]") + 1 : strcspn(text, ":;");
	char *end;
	unsigned long port;

	if (host > n || host >= sizeof(target->host))
		return false;
	memcpy(target->host, text, host);
	target->host[host] = 0;
	if (!literal_address(target->host))
		return false;
	if (host == n) {
		snprintf(target->port, sizeof(target->port), "%s",
			 target->transport == TRANSPORT_TLS ? "5061" : "5060");
		return true;
	}
	port = strtoul(text + host + 1, &end, 10);
	if (text[host] != ':' || end != text + n || port == 0 || port > 65535)
		return false;
	snprintf(target->port, sizeof(target->port), "%lu", port);
	return true;
}

bool target_parse(const char *text, struct target *target_out)
{
	struct target target = {.transport = TRANSPORT_UDP};
	size_t n;

	if (strncasecmp(text, "sip:", 4) != 0)
		return false;
	text += 4;
	n = strcspn(text, ";");
	if (text[n] == ';') {
		const char *value = text + n + 1;

		if (strncasecmp(value, "transport=", 10) != 0 ||
		    !transport_by_name(value + 10, strlen(value + 10), &target.transport))
			return false;
	}
	if (n == 0 || !parse_authority(text, n, &target))
		return false;
	snprintf(target.url, sizeof(target.url), "sip:%s:%s;transport=%s", target.host, target.port,
		 transport_name(target.transport));
	*target_out = target;
	return true;
}

static bool is_match(const char *item)
{
	return strcmp(item, "*") == 0 || callerid_tn_is_canonical(item, strlen(item));
}

bool route_init(struct route *route, const struct route_options *options, struct conf_error *err)
{
	*route = (struct route){.options = options};
	err->line = 0;
	if (!target_parse(options->target, &route->target)) {
		snprintf(err->text, sizeof(err->text),
			 "[route \"%s\"] target: \"%s\" is not allowed; allowed: "
			 "sip:ADDRESS:PORT;transport=udp|tcp|tls with a literal address",
			 options->title, options->target);
		return false;
	}
	for (size_t i = 0; i < options->match.n; i++)
		if (!is_match(options->match.items[i])) {
			snprintf(err->text, sizeof(err->text),
				 "[route \"%s\"] match: \"%s\" is not allowed; allowed: "
				 "digits without +, or *",
				 options->title, options->match.items[i]);
			return false;
		}
	return true;
}

/* 0: no match; 1: "*"; more: the longer the better. */
static size_t rank(const struct route *route, const struct callerid_party *called)
{
	size_t best = 0;

	for (size_t i = 0; i < route->options->match.n; i++) {
		const char *item = route->options->match.items[i];
		size_t n = strlen(item);
		size_t this = 0;

		if (strcmp(item, "*") == 0)
			this = 1;
		else if (called->kind == CALLERID_PARTY_TN && strncmp(called->text, item, n) == 0)
			this = 1 + n;
		if (this > best)
			best = this;
	}
	return best;
}

const struct route *route_find(const struct route *routes, size_t n,
			       const struct callerid_party *called)
{
	const struct route *best = NULL;
	size_t best_rank = 0;

	for (size_t i = 0; i < n; i++) {
		size_t this = rank(&routes[i], called);

		if (this <= best_rank)
			continue;
		best = &routes[i];
		best_rank = this;
	}
	return best;
}
