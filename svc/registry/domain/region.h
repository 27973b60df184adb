/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regions of the lists: a country calling code, or, where there are too many numbers for one list,
 * a calling code with the digits that follow.
 */
#ifndef REGISTRY_REGION_H
#define REGISTRY_REGION_H

#include <stdbool.h>
#include <stddef.h>

#define REGION_MAX 6 /* digits */

bool region_is(const char *text);
/* Whether a number or block (domain/block.h) has numbers in the region. */
bool region_has(const char *region, const char *number);
/* How many digits the calling code of a number has (ITU-T E.164, list of assigned codes). */
size_t region_code_length(const char *number);

#endif
