/* SPDX-License-Identifier: Apache-2.0 */
/* Which processors we were given: a thread that pins itself to another one takes it from whom it
 * was kept for. */
#include "media/path/cpu.h"

#include <sched.h>

unsigned cpu_count(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 0;

	return n > 0 ? (unsigned)n : 1;
}

int cpu_at(unsigned index)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return -1;
	for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &set) && index-- == 0)
			return (int)cpu;
	}
	return -1;
}
