/* SPDX-License-Identifier: Apache-2.0 */
/* PNG signature and IHDR (ISO/IEC 15948 §5.2, §11.2.2), nothing behind them. */
#include "svc/registry/domain/logo.h"

#include <stdbool.h>
#include <string.h>

static uint32_t big32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* ISO/IEC 15948 table 11.1: allowed bit depths of each colour type, as a set of bits. */
static bool depth_is_allowed(uint8_t depth, uint8_t colour)
{
	static const uint32_t allowed[] = {
		[0] = 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8 | 1 << 16,
		[2] = 1 << 8 | 1 << 16,
		[3] = 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8,
		[4] = 1 << 8 | 1 << 16,
		[6] = 1 << 8 | 1 << 16,
	};

	return colour < sizeof allowed / sizeof allowed[0] && depth <= 16 &&
	       (allowed[colour] >> depth & 1) != 0;
}

const char *logo_check(const uint8_t *p, size_t n)
{
	static const uint8_t head[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
				       0,    0,	  0,   13,  'I',  'H',	'D',  'R'};

	if (n > LOGO_BYTES_MAX)
		return "too_long";
	/* signature 8, IHDR 4 + 4 + 13 + 4, IDAT and IEND at least 12 each */
	if (n < 33 + 24 || memcmp(p, head, sizeof head) != 0)
		return "not_png";
	uint32_t width = big32(p + 16), height = big32(p + 20);
	if (width == 0 || height == 0 || !depth_is_allowed(p[24], p[25]))
		return "not_png";
	if (p[26] != 0 || p[27] != 0 || p[28] > 1)
		return "not_png";
	return width > LOGO_SIDE_MAX || height > LOGO_SIDE_MAX ? "too_many_pixels" : NULL;
}
