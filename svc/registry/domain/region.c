/* SPDX-License-Identifier: Apache-2.0 */
/* Calling codes and prefixes. */
#include "svc/registry/domain/region.h"

#include <string.h>

bool region_is(const char *text)
{
	size_t len = strnlen(text, REGION_MAX + 1);

	return len >= 1 && len <= REGION_MAX && text[0] != '0' && strspn(text, "0123456789") == len;
}

bool region_has(const char *region, const char *number)
{
	for (size_t i = 0; region[i] != '\0'; i++) {
		if (number[i] == '\0' || (number[i] != region[i] && number[i] != 'x'))
			return false;
	}
	return true;
}

/* Zones 1 and 7 are one code each; in the others a second digit that stands here makes a code of
 * two digits, any other one of three. */
size_t region_code_length(const char *number)
{
	static const char *const seconds[10] = {
		[2] = "07",	 [3] = "0123469", [4] = "013456789", [5] = "12345678",
		[6] = "0123456", [8] = "1246",	  [9] = "0123458",
	};
	unsigned zone = (unsigned)(number[0] - '0');

	if (zone == 1 || zone == 7)
		return 1;
	if (zone > 9 || number[1] == '\0')
		return 1;
	return seconds[zone] != NULL && strchr(seconds[zone], number[1]) != NULL ? 2 : 3;
}
