/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of silence, as long as those they stand for. */
#include "media/session/silence.h"

#include <string.h>

static const struct {
	const char *name;
	uint8_t byte;
} fills[] = {
	{"PCMU", 0xff}, /* zero of ITU-T G.711 */
	{"PCMA", 0xd5},
};

/* RFC 6716 §3.1: the first byte says mode, bandwidth and frame size, which stay; one frame, of
 * length zero, is what §3.2.1 calls DTX. */
static void fill_opus(struct packet *packet, const struct rtp_header *header)
{
	size_t at = (size_t)(header->payload - packet->data);

	packet->data[at] &= 0xfc;
	packet->data[0] &= (uint8_t)~0x20; /* no padding is left behind it */
	packet->len = at + 1;
}

bool silence_fill(const struct said *said, struct packet *packet)
{
	struct rtp_header header;

	if (!rtp_header_read(packet->data, packet->len, &header))
		return false;
	if (header.payload_len == 0)
		return true;
	for (size_t i = 0; i < sizeof(fills) / sizeof(*fills); i++)
		if (said_is_named(said, header.payload_type, fills[i].name)) {
			memset(packet->data + (header.payload - packet->data), fills[i].byte,
			       header.payload_len);
			return true;
		}
	if (!said_is_named(said, header.payload_type, "opus"))
		return false;
	fill_opus(packet, &header);
	return true;
}
