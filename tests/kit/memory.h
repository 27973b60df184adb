/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for something in all that this process can write to, freed memory too. */
#ifndef TESTS_KIT_MEMORY_H
#define TESTS_KIT_MEMORY_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MEMORY_PAGE 4096
#define MEMORY_WORD 64	       /* bytes that are looked for, at most */
#define MEMORY_MAX  (1L << 30) /* a sanitizer's shadow is longer, and holds nothing */

/* Whether it begins here: compared byte by byte, since a copy to compare with would be found too.
 */
typedef bool memory_is(const char *at);

static inline size_t memory_count_in(int fd, uintptr_t from, uintptr_t to, memory_is *is)
{
	static char page[MEMORY_PAGE + MEMORY_WORD];
	const uintptr_t own = (uintptr_t)page, own_end = own + sizeof(page);
	size_t found = 0;

	for (uintptr_t at = from; at < to; at += MEMORY_PAGE) {
		ssize_t n = pread(fd, page, sizeof(page), (off_t)at);

		for (ssize_t i = 0; i + MEMORY_WORD <= n && i < MEMORY_PAGE; i++)
			if (at + (uintptr_t)i < own || at + (uintptr_t)i >= own_end)
				found += is(page + i);
	}
	return found;
}

/* How often it is there. */
static inline size_t memory_count(memory_is *is)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	unsigned long from, to;
	char line[512], mode[5];
	size_t found = 0;

	while (maps && fd >= 0 && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) == 3 &&
		    strncmp(mode, "rw", 2) == 0 && to - from < MEMORY_MAX)
			found += memory_count_in(fd, from, to, is);
	if (maps)
		fclose(maps);
	if (fd >= 0)
		close(fd);
	return found;
}

#endif
