/* SPDX-License-Identifier: Apache-2.0 */
/* What a datagram is, and the header of an RTP packet. */
#include "media/rtp/packet.h"

#define RTP_HEADER  12
#define RTCP_HEADER 8 /* the first packet of a compound one: header and SSRC */

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* RFC 7983 §7: "the receiver looks at the first byte of the packet". */
enum demux packet_demux(const uint8_t *data, size_t len)
{
	if (len == 0)
		return DEMUX_UNKNOWN;
	if (data[0] <= 3)
		return DEMUX_STUN;
	if (data[0] >= 128 && data[0] <= 191)
		return DEMUX_MEDIA;
	if (data[0] >= 20 && data[0] <= 63)
		return DEMUX_DTLS;
	if (data[0] >= 16 && data[0] <= 19)
		return DEMUX_ZRTP;
	if (data[0] >= 64 && data[0] <= 79)
		return DEMUX_TURN;
	return DEMUX_UNKNOWN;
}

/* RFC 5761 §4: RTCP's packet types 192 to 223 are RTP's marker bit and payload types 64 to 95. */
bool packet_is_rtcp(const uint8_t *data, size_t len)
{
	return len >= 2 && data[1] >= 192 && data[1] <= 223;
}

bool rtcp_header_check(const uint8_t *data, size_t len)
{
	return len >= RTCP_HEADER && data[0] >> 6 == 2 && packet_is_rtcp(data, len) &&
	       4 * (be16(data + 2) + 1u) <= len;
}

static bool read_extension(const uint8_t *data, size_t len, size_t *at, struct rtp_header *out)
{
	size_t bytes;

	if (len - *at < 4)
		return false;
	bytes = 4u * be16(data + *at + 2);
	if (len - *at - 4 < bytes)
		return false;
	out->extension_profile = be16(data + *at);
	out->extension = data + *at + 4;
	out->extension_len = bytes;
	*at += 4 + bytes;
	return true;
}

bool rtp_header_read(const uint8_t *data, size_t len, struct rtp_header *out)
{
	struct rtp_header header = {.extension = NULL};
	size_t at = RTP_HEADER, padding = 0;

	if (len < RTP_HEADER || data[0] >> 6 != 2)
		return false;
	at += 4u * (data[0] & 0x0f);
	if (len < at)
		return false;
	if ((data[0] & 0x10) && !read_extension(data, len, &at, &header))
		return false;
	/* RFC 3550 §5.1: the last octet counts the padding, "including itself". */
	if (data[0] & 0x20) {
		padding = len > at ? data[len - 1] : 0;
		if (padding == 0 || padding > len - at)
			return false;
	}
	header.payload_type = data[1] & 0x7f;
	header.marker = data[1] >> 7;
	header.sequence = be16(data + 2);
	header.timestamp = be32(data + 4);
	header.ssrc = be32(data + 8);
	header.payload = data + at;
	header.payload_len = len - at - padding;
	*out = header;
	return true;
}
