/* SPDX-License-Identifier: Apache-2.0 */
/* Trunks: the addresses they are known by, the checks and rejections their owner chose. */
#include "sip-proxy/trunk.h"

#include "sip-proxy/anchors.h"
#include "sip-proxy/route.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool parse_number(const char *text, unsigned long max, unsigned long *number_out)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	*number_out = strtoul(text, &end, 10);
	return *end == 0 && *number_out <= max;
}

/* What follows the address: nothing, ":port" or "/bits". */
static bool parse_tail(const char *tail, unsigned max_bits, struct trunk_address *address)
{
	unsigned long number;

	address->bits = 128;
	address->port = 0;
	if (tail[0] == 0)
		return true;
	if (tail[0] == ':' && parse_number(tail + 1, 65535, &number) && number > 0) {
		address->port = (uint16_t)number;
		return true;
	}
	if (tail[0] == '/' && parse_number(tail + 1, max_bits, &number)) {
		address->bits = (unsigned)number + (128 - max_bits);
		return true;
	}
	return false;
}

static bool parse_host(char *host, unsigned max_bits, struct trunk_address *address)
{
	if (max_bits == 128)
		return inet_pton(AF_INET6, host, address->bytes) == 1;
	memcpy(address->bytes, v4_prefix, sizeof(v4_prefix));
	return inet_pton(AF_INET, host, address->bytes + sizeof(v4_prefix)) == 1;
}

bool trunk_address_parse(const char *text, struct trunk_address *address_out)
{
	struct trunk_address address = {.bits = 128};
	char host[64];
	bool bracket = text[0] == '[';
	/* Unbracketed with two colons: IPv6 without a port. */
	bool v6 = bracket || (strchr(text, ':') != NULL && strchr(text, ':') != strrchr(text, ':'));
	unsigned max_bits = v6 ? 128 : 32;
	size_t n = bracket ? strcspn(++text, "]") : strcspn(text, v6 ? "/" : ":/");

	if (n == 0 || n >= sizeof(host) || (bracket && text[n] != ']'))
		return false;
	memcpy(host, text, n);
	host[n] = 0;
	if (!parse_host(host, max_bits, &address) ||
	    !parse_tail(text + n + (bracket ? 1 : 0), max_bits, &address))
		return false;
	*address_out = address;
	return true;
}

static bool refuse(struct conf_error *err, const struct trunk_options *options, const char *option,
		   const char *item, const char *allowed)
{
	err->line = 0;
	snprintf(err->text, sizeof(err->text),
		 "[trunk \"%s\"] %s: \"%s\" is not allowed; allowed: %s", options->title, option,
		 item, allowed);
	return false;
}

/* "authority=warn" */
static bool set_mode(struct callerid_policy *policy, const char *item)
{
	const char *equals = strchr(item, '=');
	enum callerid_check check;
	enum callerid_mode mode;
	char name[32];

	if (equals == NULL || (size_t)(equals - item) >= sizeof(name))
		return false;
	memcpy(name, item, (size_t)(equals - item));
	name[equals - item] = 0;
	if (!callerid_check_by_name(name, &check) || !callerid_mode_by_name(equals + 1, &mode))
		return false;
	policy->mode[check] = mode;
	return true;
}

/* A reason's name, or a SIP code: every reason that has it. */
static bool set_reject(struct callerid_rules *rules, const char *item)
{
	unsigned long code = 0;
	bool found = false;
	bool numeric = parse_number(item, 699, &code);

	for (unsigned r = CALLERID_REASON_OK + 1; r < CALLERID_REASON_COUNT; r++) {
		const struct callerid_reason_info *info = callerid_reason_info(r);

		if (numeric ? info->code != (int)code : strcmp(info->name, item) != 0)
			continue;
		rules->reject[r] = true;
		found = true;
	}
	return found;
}

static bool init_addresses(struct trunk *trunk, struct conf_error *err)
{
	const struct conf_list *list = &trunk->options->addresses;

	trunk->addresses = calloc(list->n + 1, sizeof(trunk->addresses[0]));
	if (trunk->addresses == NULL)
		abort();
	for (size_t i = 0; i < list->n; i++) {
		if (!trunk_address_parse(list->items[i], &trunk->addresses[i]))
			return refuse(
				err, trunk->options, "addresses", list->items[i],
				"192.0.2.1, 192.0.2.0/24, 192.0.2.1:5060, [2001:db8::1]:5060");
		trunk->n_addresses++;
	}
	return true;
}

static void init_namespaces(struct trunk *trunk)
{
	const struct conf_list *list = &trunk->options->namespaces;

	trunk->namespaces = calloc(list->n + 1, sizeof(trunk->namespaces[0]));
	if (trunk->namespaces == NULL)
		abort();
	for (size_t i = 0; i < list->n; i++)
		trunk->namespaces[i] = (struct callerid_namespace){ANCHORS_LIST, list->items[i]};
	trunk->policy.namespaces = trunk->namespaces;
	trunk->policy.n_namespaces = list->n;
}

/* Below the price of one signature and its certificate no new caller could ever be verified. */
static bool check_cost(const struct trunk_options *options, struct conf_error *err)
{
	char text[24];

	if (options->max_cost == 0 || options->max_cost > CALLERID_COST_CERT)
		return true;
	snprintf(text, sizeof(text), "%" PRId64, options->max_cost);
	return refuse(err, options, "max_cost", text, "0, or 7 to 1000");
}

bool trunk_init(struct trunk *trunk, const struct trunk_options *options, struct conf_error *err)
{
	*trunk = (struct trunk){.options = options};
	trunk->plan = (struct callerid_dialplan){
		.country_code = options->country_code,
		.national_prefix = options->national_prefix,
		.international_prefix = options->international_prefix,
		.min_digits = (unsigned)options->min_digits,
	};
	trunk->policy.max_age_s = options->max_age_ms / 1000;
	trunk->policy.max_diverted_age_s = options->max_diverted_age_ms / 1000;
	trunk->policy.max_signatures = (unsigned)options->max_signatures;
	trunk->policy.max_cost = (unsigned)options->max_cost;
	trunk->policy.accept_spc = options->accept_spc;
	trunk->policy.require_crl = options->require_crl;
	trunk->policy.accept_x5c = options->accept_x5c;
	init_namespaces(trunk);
	if (!init_addresses(trunk, err) || !check_cost(options, err))
		return false;
	for (size_t i = 0; i < options->checks.n; i++)
		if (!set_mode(&trunk->policy, options->checks.items[i]))
			return refuse(err, options, "checks", options->checks.items[i],
				      "CHECK=off|warn|enforce, CHECK as in the verdict's list");
	for (size_t i = 0; i < options->reject.n; i++)
		if (!set_reject(&trunk->rules, options->reject.items[i]))
			return refuse(err, options, "reject", options->reject.items[i],
				      "403, 428, 436, 437, 438 or a reason's name");
	return true;
}

void trunk_clear(struct trunk *trunk)
{
	free(trunk->addresses);
	free(trunk->namespaces);
	trunk->addresses = NULL;
	trunk->namespaces = NULL;
}

static bool source_bytes(const struct sockaddr *source, uint8_t bytes_out[16], uint16_t *port_out)
{
	if (source->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)source;

		memcpy(bytes_out, v4_prefix, sizeof(v4_prefix));
		memcpy(bytes_out + sizeof(v4_prefix), &v4->sin_addr, 4);
		*port_out = ntohs(v4->sin_port);
		return true;
	}
	if (source->sa_family == AF_INET6) {
		const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)source;

		memcpy(bytes_out, &v6->sin6_addr, 16);
		*port_out = ntohs(v6->sin6_port);
		return true;
	}
	return false;
}

static bool holds(const struct trunk_address *address, const uint8_t bytes[16], uint16_t port)
{
	unsigned whole = address->bits / 8;
	unsigned rest = address->bits % 8;

	if (address->port != 0 && address->port != port)
		return false;
	if (memcmp(address->bytes, bytes, whole) != 0)
		return false;
	return rest == 0 || ((address->bytes[whole] ^ bytes[whole]) >> (8 - rest)) == 0;
}

bool trunk_addresses_hold(const struct trunk_address *addresses, size_t n, const char *host)
{
	struct trunk_address one;

	if (!trunk_address_parse(host, &one))
		return false;
	for (size_t i = 0; i < n; i++)
		if (holds(&addresses[i], one.bytes, addresses[i].port))
			return true;
	return false;
}

static const struct trunk *best_of(const struct trunk *trunks, size_t n, const uint8_t bytes[16],
				   uint16_t port)
{
	const struct trunk *best = NULL;
	unsigned best_rank = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < trunks[i].n_addresses; j++) {
			const struct trunk_address *address = &trunks[i].addresses[j];
			unsigned rank = 1 + address->bits + (address->port != 0 ? 1 : 0);

			if (rank <= best_rank || !holds(address, bytes, port))
				continue;
			best = &trunks[i];
			best_rank = rank;
		}
	return best;
}

const struct trunk *trunk_find(const struct trunk *trunks, size_t n, const struct sockaddr *source)
{
	uint8_t bytes[16];
	uint16_t port;

	return source_bytes(source, bytes, &port) ? best_of(trunks, n, bytes, port) : NULL;
}

const struct trunk *trunk_at(const struct trunk *trunks, size_t n, const struct target *target)
{
	struct trunk_address address;
	unsigned long port = 0;

	if (!trunk_address_parse(target->host, &address) ||
	    !parse_number(target->port, 65535, &port))
		return NULL;
	return best_of(trunks, n, address.bytes, (uint16_t)port);
}
