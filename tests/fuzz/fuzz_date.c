/* SPDX-License-Identifier: Apache-2.0 */
/* Dates: one text for each second, and one second for each text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/date.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(const char *text, size_t len)
{
	char back[CALLERID_DATE_LEN + 1];
	int64_t epoch;

	if (callerid_date_parse(text, len, &epoch, NULL) != CALLERID_OK)
		return;
	if (callerid_date_format(epoch, back) != CALLERID_OK)
		abort();
	while (len > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	if (len < CALLERID_DATE_LEN || memcmp(text, back, CALLERID_DATE_LEN) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[CALLERID_DATE_LEN + 1];
	int64_t epoch = 0, back = 0;

	round_trip((const char *)data, size);
	memcpy(&epoch, data, size < sizeof(epoch) ? size : sizeof(epoch));
	if (callerid_date_format(epoch, text) != CALLERID_OK)
		return 0;
	if (callerid_date_parse(text, CALLERID_DATE_LEN, &back, NULL) != 0 || back != epoch)
		abort();
	return 0;
}
