/* SPDX-License-Identifier: Apache-2.0 */
/* A packet of media on its way through: one buffer, changed in place by the ciphers. */
#ifndef MEDIA_RTP_PACKET_H
#define MEDIA_RTP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX   1600 /* bytes received; a longer datagram is dropped and counted */
#define PACKET_SPARE 64	  /* behind them, for SRTCP index, authentication tag and MKI */

struct packet {
	uint8_t *data; /* PACKET_MAX + PACKET_SPARE bytes */
	size_t len;
	uint64_t now; /* monotonic nanoseconds of its arrival */
	bool rtcp;
};

/* What a datagram is by its first byte (RFC 7983 §7). */
enum demux { DEMUX_STUN, DEMUX_ZRTP, DEMUX_DTLS, DEMUX_TURN, DEMUX_MEDIA, DEMUX_UNKNOWN };
enum demux packet_demux(const uint8_t *data, size_t len);

/* Where RTP and RTCP share a port: payload types 64 to 95 are RTCP (RFC 5761 §4). */
bool packet_is_rtcp(const uint8_t *data, size_t len);

struct rtp_header {
	uint8_t payload_type;
	bool marker;
	uint16_t sequence;
	uint32_t timestamp, ssrc;
	const uint8_t *extension; /* contents of the header extension; NULL: none */
	size_t extension_len;
	uint16_t extension_profile;
	const uint8_t *payload;
	size_t payload_len; /* without padding */
};

/* false: no RTP (RFC 3550 §5.1): version, lengths of CSRC list, extension or padding. */
bool rtp_header_read(const uint8_t *data, size_t len, struct rtp_header *out);
/* The same question of RTCP, of the first packet of a compound one (RFC 3550 §6.4.1): version,
 * type and length. What stands behind it is for whoever reads reports. */
bool rtcp_header_check(const uint8_t *data, size_t len);

#endif
