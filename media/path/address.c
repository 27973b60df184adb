/* SPDX-License-Identifier: Apache-2.0 */
/* Transport addresses: read, written, compared, and to and from the system's form. */
#include "media/path/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(struct address) == 20, "equal addresses are equal bytes");

bool address_parse(const char *text, size_t len, uint16_t port, struct address *out)
{
	struct address address = {.port = port};
	char copy[INET6_ADDRSTRLEN];

	if (len == 0 || len >= sizeof(copy) || memchr(text, '\0', len))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, address.ip) == 1)
		address.family = 4;
	else if (inet_pton(AF_INET6, copy, address.ip) == 1)
		address.family = 6;
	else
		return false;
	*out = address;
	return true;
}

void address_from_sockaddr(const struct sockaddr_storage *sa, struct address *out)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct address address = {.family = 0};

	if (sa->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)sa;

		memcpy(address.ip, &in->sin_addr, 4);
		address.port = ntohs(in->sin_port);
		address.family = 4;
	} else if (sa->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;
		bool is_mapped = memcmp(&in6->sin6_addr, mapped, sizeof(mapped)) == 0;

		if (is_mapped)
			memcpy(address.ip, (const uint8_t *)&in6->sin6_addr + 12, 4);
		else
			memcpy(address.ip, &in6->sin6_addr, 16);
		address.port = ntohs(in6->sin6_port);
		address.family = is_mapped ? 4 : 6;
	}
	*out = address;
}

socklen_t address_to_sockaddr(const struct address *address, struct sockaddr_storage *out)
{
	if (address->family == 4) {
		struct sockaddr_in *in = (struct sockaddr_in *)out;

		*in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(address->port)};
		memcpy(&in->sin_addr, address->ip, 4);
		return sizeof(*in);
	}
	if (address->family == 6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

		*in6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
					     .sin6_port = htons(address->port)};
		memcpy(&in6->sin6_addr, address->ip, 16);
		return sizeof(*in6);
	}
	return 0;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool address_same_ip(const struct address *a, const struct address *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

bool address_is_unspecified(const struct address *address)
{
	static const uint8_t none[16];

	return address->family == 0 || memcmp(address->ip, none, sizeof(none)) == 0;
}

const char *address_ip_text(const struct address *address, char text_out[ADDRESS_TEXT_MAX])
{
	int family = address->family == 4 ? AF_INET : AF_INET6;

	if (address->family == 0 || !inet_ntop(family, address->ip, text_out, ADDRESS_TEXT_MAX))
		snprintf(text_out, ADDRESS_TEXT_MAX, "none");
	return text_out;
}

const char *address_text(const struct address *address, char text_out[ADDRESS_TEXT_MAX])
{
	char ip[ADDRESS_TEXT_MAX];

	address_ip_text(address, ip);
	if (address->family == 0)
		snprintf(text_out, ADDRESS_TEXT_MAX, "none");
	else if (address->family == 6)
		snprintf(text_out, ADDRESS_TEXT_MAX, "[%.46s]:%u", ip, address->port);
	else
		snprintf(text_out, ADDRESS_TEXT_MAX, "%.46s:%u", ip, address->port);
	return text_out;
}

/* A multiplication folded onto itself; the seed is secret, since strangers choose their addresses
 * and must not be able to choose where in a table they fall. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint32_t address_hash(const struct address *address, uint64_t seed)
{
	uint64_t low, high;
	uint32_t end;

	memcpy(&low, address->ip, sizeof(low));
	memcpy(&high, address->ip + 8, sizeof(high));
	memcpy(&end, &address->port, sizeof(end));
	low = mix(low ^ seed, 0x9e3779b97f4a7c15 ^ end);
	high = mix(high ^ seed ^ 0xd6e8feb86659fd93, 0xa0761d6478bd642f ^ low);
	return (uint32_t)(high ^ high >> 32);
}
