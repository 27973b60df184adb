/* SPDX-License-Identifier: Apache-2.0 */
/* pcap with nanoseconds and raw IP (LINKTYPE_RAW), in this machine's byte order as the format has
 * it. */
#include "media/record/pcap.h"

#include <string.h>

#define MAGIC_NANOS  0xa1b23c4dU
#define LINKTYPE_RAW 101
#define SNAP_LENGTH  65535
#define NANOS	     1000000000ULL
#define UDP	     17
#define HOPS	     64

static size_t native32(uint8_t *p, uint32_t v)
{
	memcpy(p, &v, sizeof(v));
	return sizeof(v);
}

static void big16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void pcap_file_header(uint8_t out[PCAP_FILE_HEADER])
{
	const uint16_t version[2] = {2, 4};

	memset(out, 0, PCAP_FILE_HEADER);
	native32(out, MAGIC_NANOS);
	memcpy(out + 4, version, sizeof(version));
	native32(out + 16, SNAP_LENGTH);
	native32(out + 20, LINKTYPE_RAW);
}

/* RFC 1071. */
static uint32_t sum(uint32_t total, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		total += (uint32_t)p[i] << 8 | p[i + 1];
	return n & 1 ? total + ((uint32_t)p[n - 1] << 8) : total;
}

static unsigned checksum(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return ~total & 0xffff;
}

static size_t ip4_header(const struct address *from, const struct address *to, size_t len,
			 uint8_t *p)
{
	memset(p, 0, 20);
	p[0] = 0x45;
	big16(p + 2, (unsigned)(20 + 8 + len));
	p[8] = HOPS;
	p[9] = UDP;
	memcpy(p + 12, from->ip, 4);
	memcpy(p + 16, to->ip, 4);
	big16(p + 10, checksum(sum(0, p, 20)));
	return 20;
}

static size_t ip6_header(const struct address *from, const struct address *to, size_t len,
			 uint8_t *p)
{
	memset(p, 0, 40);
	p[0] = 0x60;
	big16(p + 4, (unsigned)(8 + len));
	p[6] = UDP;
	p[7] = HOPS;
	memcpy(p + 8, from->ip, 16);
	memcpy(p + 24, to->ip, 16);
	return 40;
}

size_t pcap_headers(const struct address *from, const struct address *to, const uint8_t *data,
		    size_t len, uint64_t at, uint8_t out[PCAP_HEADERS_MAX])
{
	const bool ip6 = from->family == 6;
	const size_t ip = ip6 ? 40 : 20, whole = ip + 8 + len;
	uint8_t *p = out;

	p += native32(p, (uint32_t)(at / NANOS));
	p += native32(p, (uint32_t)(at % NANOS));
	p += native32(p, (uint32_t)whole);
	p += native32(p, (uint32_t)whole);
	p += ip6 ? ip6_header(from, to, len, p) : ip4_header(from, to, len, p);
	big16(p, from->port);
	big16(p + 2, to->port);
	big16(p + 4, (unsigned)(8 + len));
	big16(p + 6, 0);
	/* RFC 768, RFC 8200 §8.1: over addresses, protocol and length too; optional for IPv4 only
	 */
	uint32_t total = sum(0, from->ip, ip6 ? 16 : 4);
	total = sum(total, to->ip, ip6 ? 16 : 4) + UDP + (uint32_t)(8 + len);
	total = sum(sum(total, p, 8), data, len);
	const unsigned check = checksum(total);
	big16(p + 6, check ? check : 0xffff);
	return (size_t)(p + 8 - out);
}
