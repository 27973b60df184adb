/* SPDX-License-Identifier: Apache-2.0 */
/* The special-purpose address blocks that a certificate is never fetched from. */
#include "svc/certs/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

struct block {
	uint8_t prefix[16];
	uint8_t bits;
	const char *name;
};

/*
 * IANA IPv4 Special-Purpose Address Registry (RFC 6890) and multicast. Blocks that the registry
 * calls globally reachable (anycast services) are here too: no certificate repository is there.
 * The narrowest block stands first where blocks nest, so that it gives the name.
 */
static const struct block blocks_v4[] = {
	{{0, 0, 0, 0}, 32, "This host on this network"},
	{{0}, 8, "This network"},
	{{10}, 8, "Private-Use"},
	{{100, 64}, 10, "Shared Address Space"},
	{{127}, 8, "Loopback"},
	{{169, 254}, 16, "Link Local"},
	{{172, 16}, 12, "Private-Use"},
	{{192, 0, 0, 8}, 32, "IPv4 dummy address"},
	{{192, 0, 0, 9}, 32, "Port Control Protocol Anycast"},
	{{192, 0, 0, 10}, 32, "TURN Anycast"},
	{{192, 0, 0, 170}, 31, "NAT64/DNS64 Discovery"},
	{{192, 0, 0, 0}, 29, "IPv4 Service Continuity Prefix"},
	{{192, 0, 0}, 24, "IETF Protocol Assignments"},
	{{192, 0, 2}, 24, "Documentation (TEST-NET-1)"},
	{{192, 31, 196}, 24, "AS112-v4"},
	{{192, 52, 193}, 24, "AMT"},
	{{192, 88, 99}, 24, "6to4 Relay Anycast"},
	{{192, 168}, 16, "Private-Use"},
	{{192, 175, 48}, 24, "Direct Delegation AS112 Service"},
	{{198, 18}, 15, "Benchmarking"},
	{{198, 51, 100}, 24, "Documentation (TEST-NET-2)"},
	{{203, 0, 113}, 24, "Documentation (TEST-NET-3)"},
	{{224}, 4, "Multicast"},
	{{255, 255, 255, 255}, 32, "Limited Broadcast"},
	{{240}, 4, "Reserved"},
};

/* IANA IPv6 Special-Purpose Address Registry, multicast and what RFC 4291 deprecates. */
static const struct block blocks_v6[] = {
	{{[15] = 1}, 128, "Loopback Address"},
	{{0}, 128, "Unspecified Address"},
	{{[10] = 0xff, [11] = 0xff}, 96, "IPv4-mapped Address"},
	{{0}, 96, "IPv4-compatible Address"},
	{{0x00, 0x64, 0xff, 0x9b}, 96, "IPv4-IPv6 Translation (NAT64)"},
	{{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48, "IPv4-IPv6 Translation (local NAT64)"},
	{{0x01, 0x00}, 64, "Discard-Only Address Block"},
	{{0x01, 0x00, [7] = 1}, 64, "Dummy IPv6 Prefix"},
	{{0x20, 0x01, 0x00, 0x00}, 32, "Teredo"},
	{{0x20, 0x01, 0x00, 0x02}, 48, "Benchmarking"},
	{{0x20, 0x01, 0x00, 0x03}, 32, "AMT"},
	{{0x20, 0x01, 0x00, 0x04, 0x01, 0x12}, 48, "AS112-v6"},
	{{0x20, 0x01, 0x00, 0x10}, 28, "ORCHID"},
	{{0x20, 0x01, 0x00, 0x20}, 28, "ORCHIDv2"},
	{{0x20, 0x01, 0x00, 0x30}, 28, "Drone Remote ID Protocol Entity Tags"},
	{{0x20, 0x01}, 23, "IETF Protocol Assignments"},
	{{0x20, 0x01, 0x0d, 0xb8}, 32, "Documentation"},
	{{0x20, 0x02}, 16, "6to4"},
	{{0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, 48, "Direct Delegation AS112 Service"},
	{{0x3f, 0xff}, 20, "Documentation"},
	{{0x5f, 0x00}, 16, "Segment Routing (SRv6) SIDs"},
	{{0xfc}, 7, "Unique-Local"},
	{{0xfe, 0x80}, 10, "Link-Local Unicast"},
	{{0xfe, 0xc0}, 10, "Site-Local"},
	{{0xff}, 8, "Multicast"},
};

static bool in_block(const uint8_t *address, const struct block *block)
{
	size_t whole = block->bits / 8;
	uint8_t mask = (uint8_t)(0xff00u >> (block->bits % 8));

	if (memcmp(address, block->prefix, whole) != 0)
		return false;
	return block->bits % 8 == 0 || (address[whole] & mask) == block->prefix[whole];
}

static const char *find_block(const uint8_t *address, const struct block *blocks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (in_block(address, &blocks[i]))
			return blocks[i].name;
	return NULL;
}

static bool is_exempt(int family, const uint8_t *address, const struct certs_url_rules *rules)
{
	size_t len = family == AF_INET ? 4 : 16;
	uint8_t allowed[16];

	for (size_t i = 0; i < rules->n_test_addresses && i < CERTS_ADDRESSES_MAX; i++)
		if (inet_pton(family, rules->test_addresses[i], allowed) == 1 &&
		    memcmp(address, allowed, len) == 0)
			return true;
	return false;
}

const char *certs_address_check(const struct sockaddr *address, const struct certs_url_rules *rules)
{
	uint8_t bytes[16];
	const char *name;

	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		memcpy(bytes, &in.sin_addr, 4);
		name = find_block(bytes, blocks_v4, sizeof(blocks_v4) / sizeof(blocks_v4[0]));
	} else if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		memcpy(bytes, &in6.sin6_addr, 16);
		name = find_block(bytes, blocks_v6, sizeof(blocks_v6) / sizeof(blocks_v6[0]));
		/* RFC 4291 §2.4: all global unicast that is given out is in 2000::/3. */
		if (!name && (bytes[0] & 0xe0) != 0x20)
			name = "Not Global Unicast";
	} else {
		return "Not an Internet Address";
	}
	return name && !is_exempt(address->sa_family, bytes, rules) ? name : NULL;
}
