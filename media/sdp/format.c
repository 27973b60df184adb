/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of an m-line, and what a=rtpmap and a=fmtp say of them. */
#include "media/sdp/format.h"

#include <string.h>

#include "media/sdp/span.h"

#define PAYLOAD_TYPE_MAX 127 /* seven bits, RFC 3550 §5.1 */

struct static_type {
	const char *name;
	uint32_t clock;
	unsigned channels;
};

/* RFC 3551 §6, tables 4 and 5: what a payload type means without a=rtpmap. */
static const struct static_type STATIC_TYPES[] = {
	[0] = {"PCMU", 8000, 1},   [3] = {"GSM", 8000, 1},    [4] = {"G723", 8000, 1},
	[5] = {"DVI4", 8000, 1},   [6] = {"DVI4", 16000, 1},  [7] = {"LPC", 8000, 1},
	[8] = {"PCMA", 8000, 1},   [9] = {"G722", 8000, 1},   [10] = {"L16", 44100, 2},
	[11] = {"L16", 44100, 1},  [12] = {"QCELP", 8000, 1}, [13] = {"CN", 8000, 1},
	[14] = {"MPA", 90000, 1},  [15] = {"G728", 8000, 1},  [16] = {"DVI4", 11025, 1},
	[17] = {"DVI4", 22050, 1}, [18] = {"G729", 8000, 1},  [25] = {"CelB", 90000, 1},
	[26] = {"JPEG", 90000, 1}, [28] = {"nv", 90000, 1},   [31] = {"H261", 90000, 1},
	[32] = {"MPV", 90000, 1},  [33] = {"MP2T", 90000, 1}, [34] = {"H263", 90000, 1},
};

#define STATIC_TYPES_N (sizeof(STATIC_TYPES) / sizeof(STATIC_TYPES[0]))

static void name_static(struct sdp_format *format)
{
	const struct static_type *type;

	if (format->payload_type < 0 || (size_t)format->payload_type >= STATIC_TYPES_N)
		return;
	type = &STATIC_TYPES[format->payload_type];
	if (type->name == NULL)
		return;
	format->name = (struct span){type->name, strlen(type->name)};
	format->clock = type->clock;
	format->channels = type->channels;
}

void sdp_formats_read(struct sdp_media *media)
{
	struct span rest = media->formats_text, word;

	for (word = span_word(&rest); word.n > 0 && media->n_formats < SDP_FORMATS_MAX;
	     word = span_word(&rest)) {
		struct sdp_format *format = &media->formats[media->n_formats++];
		uint32_t number;

		format->payload_type = -1;
		if (media->proto != SDP_OTHER && span_number(word, PAYLOAD_TYPE_MAX, &number)) {
			format->payload_type = (int)number;
			name_static(format);
		} else {
			format->name = word;
		}
	}
}

int sdp_payload_type(struct span value)
{
	uint32_t number;

	return span_number(span_word(&value), PAYLOAD_TYPE_MAX, &number) ? (int)number : -1;
}

/* Takes the payload type off value; NULL: the m-line does not have it. */
static struct sdp_format *format_of(struct sdp_media *media, struct span *value)
{
	int payload_type = sdp_payload_type(*value);

	span_word(value);
	if (payload_type < 0)
		return NULL;
	for (size_t i = 0; i < media->n_formats; i++) {
		if (media->formats[i].payload_type == payload_type)
			return &media->formats[i];
	}
	return NULL;
}

/* RFC 8866 §6.6: <payload type> <encoding name>/<clock rate>[/<encoding parameters>] */
void sdp_rtpmap_read(struct sdp_media *media, struct span value)
{
	struct sdp_format *format = format_of(media, &value);
	struct span rest, name;
	uint32_t clock = 0, channels = 1;

	if (format == NULL)
		return;
	rest = span_word(&value);
	name = span_until(&rest, '/');
	if (name.n == 0 || !span_number(span_until(&rest, '/'), UINT32_MAX, &clock))
		return;
	if (rest.n > 0 && !span_number(rest, 255, &channels))
		channels = 1;
	format->name = name;
	format->clock = clock;
	format->channels = channels;
}

void sdp_fmtp_read(struct sdp_media *media, struct span value)
{
	struct sdp_format *format = format_of(media, &value);

	if (format != NULL && format->fmtp.n == 0)
		format->fmtp = span_trim(value);
}
