/* SPDX-License-Identifier: Apache-2.0 */
/* Compound RTCP, part by part. */
#include "media/rtp/rtcp.h"

#define HEADER	    4
#define SENDER_INFO 20 /* of a sender report, behind its SSRC */
#define BLOCK	    24

static uint32_t read32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool rtcp_next(const uint8_t *data, size_t len, size_t *at, struct rtcp_part *out)
{
	if (*at > len || len - *at < HEADER)
		return false;
	const uint8_t *p = data + *at;
	const size_t whole = ((size_t)p[2] << 8 | p[3]) * 4 + HEADER;
	if (p[0] >> 6 != 2 || whole > len - *at)
		return false;
	*out = (struct rtcp_part){
		.type = p[1], .count = p[0] & 31, .body = p + HEADER, .len = whole - HEADER};
	*at += whole;
	return true;
}

bool rtcp_valid(const uint8_t *data, size_t len)
{
	struct rtcp_part part;
	size_t at = 0;

	while (rtcp_next(data, len, &at, &part))
		if (part.type < 192 || part.type > 223)
			return false;
	return len >= HEADER + 4 && at == len;
}

bool rtcp_sender(const struct rtcp_part *part, struct rtcp_sender *out)
{
	if (part->type != RTCP_SR || part->len < 4 + SENDER_INFO)
		return false;
	out->ssrc = read32(part->body);
	out->ntp = read32(part->body + 6);
	return true;
}

bool rtcp_block(const struct rtcp_part *part, size_t i, struct rtcp_block *out)
{
	const size_t before = part->type == RTCP_SR ? 4 + SENDER_INFO : 4;

	if ((part->type != RTCP_SR && part->type != RTCP_RR) || i >= part->count ||
	    part->len < before + (i + 1) * BLOCK)
		return false;
	const uint8_t *p = part->body + before + i * BLOCK;
	const uint32_t lost = read32(p + 4) & 0xffffff;
	*out = (struct rtcp_block){
		.ssrc = read32(p),
		.fraction_lost = p[4],
		.lost = lost & 0x800000 ? (int32_t)lost - 0x1000000 : (int32_t)lost,
		.jitter = read32(p + 12),
		.last_sr = read32(p + 16),
		.delay = read32(p + 20),
	};
	return true;
}
