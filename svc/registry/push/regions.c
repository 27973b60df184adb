/* SPDX-License-Identifier: Apache-2.0 */
/* Counting entries by their first digits. */
#include "svc/registry/push/regions.h"

#include <stdlib.h>
#include <string.h>

/* Of entries with these first REGION_MAX digits; then: and of all before. */
struct sums {
	uint32_t until[REGIONS_COUNTED + 1];
};

static size_t first_digits(const char *text, size_t len)
{
	size_t value = 0;

	/* a block counts where its first number is */
	for (size_t i = 0; i < REGION_MAX; i++)
		value = value * 10 + (i < len && text[i] != 'x' ? (size_t)(text[i] - '0') : 0);
	return value;
}

static bool count(void *magic, const struct table_view *view)
{
	struct sums *sums = magic;

	sums->until[first_digits(view->number, strlen(view->number)) + 1]++;
	return true;
}

static uint32_t count_of(const struct sums *sums, const char *region)
{
	size_t len = strlen(region), width = 1;

	for (size_t i = len; i < REGION_MAX; i++)
		width *= 10;
	size_t first = first_digits(region, len);
	return sums->until[first + width] - sums->until[first];
}

/* The region, or its parts when it is too large; at most REGION_MAX deep. */
static void add(const struct sums *sums, struct regions *regions, const char *region)
{
	size_t len = strlen(region);
	uint32_t entries = count_of(sums, region);
	char part[REGION_MAX + 2];

	if (entries == 0 || regions->n == REGIONS_MAX)
		return;
	if (entries <= REGION_ENTRIES || len == REGION_MAX) {
		struct region_count *one = &regions->list[regions->n++];
		memcpy(one->region, region, len + 1);
		one->entries = entries;
		return;
	}
	memcpy(part, region, len);
	part[len + 1] = '\0';
	for (part[len] = '0'; part[len] <= '9'; part[len]++)
		add(sums, regions, part);
}

/* Calling codes have one, two or three digits. */
static void add_codes(const struct sums *sums, struct regions *regions)
{
	char code[4];

	for (int i = 100; i < 1000; i++) {
		code[0] = (char)('0' + i / 100);
		code[1] = (char)('0' + i / 10 % 10);
		code[2] = (char)('0' + i % 10);
		code[3] = '\0';
		size_t len = region_code_length(code);
		if (strspn(code + len, "0") != 3 - len)
			continue; /* the same code again */
		code[len] = '\0';
		add(sums, regions, code);
	}
}

bool regions_count(struct table *table, struct regions *regions_out)
{
	struct sums *sums = calloc(1, sizeof *sums);

	*regions_out = (struct regions){.version = -1};
	if (sums == NULL)
		return false;
	int64_t version = table_walk(table, count, sums);
	for (size_t i = 0; i < REGIONS_COUNTED; i++)
		sums->until[i + 1] += sums->until[i];
	add_codes(sums, regions_out);
	free(sums);
	regions_out->version = version;
	return version >= 0;
}

bool regions_has(const struct regions *regions, const char *region)
{
	for (size_t i = 0; i < regions->n; i++) {
		if (strcmp(regions->list[i].region, region) == 0)
			return true;
	}
	return false;
}
