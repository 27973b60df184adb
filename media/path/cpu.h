/* SPDX-License-Identifier: Apache-2.0 */
/* The processors that this process may run on: fewer than the machine has, under taskset or in a
 * container. */
#ifndef MEDIA_PATH_CPU_H
#define MEDIA_PATH_CPU_H

unsigned cpu_count(void); /* 1 at least */
/* The number of the index-th one; -1: there are not so many. */
int cpu_at(unsigned index);

#endif
