/* SPDX-License-Identifier: Apache-2.0 */
/* Which regions there are: calling codes, split where one list would be too long. */
#ifndef REGISTRY_PUSH_REGIONS_H
#define REGISTRY_PUSH_REGIONS_H

#include "svc/registry/domain/region.h"
#include "svc/registry/push/table.h"

#define REGIONS_MAX	2000
#define REGION_ENTRIES	50000 /* a region with more is split, unless it has REGION_MAX digits */
#define REGIONS_COUNTED 1000000

struct region_count {
	char region[REGION_MAX + 1];
	uint32_t entries;
};

struct regions {
	int64_t version; /* of the table; -1: none yet */
	size_t n;
	struct region_count list[REGIONS_MAX];
};

/* false: no memory, or the table is not known yet. */
bool regions_count(struct table *table, struct regions *regions_out);
bool regions_has(const struct regions *regions, const char *region);

#endif
