/* SPDX-License-Identifier: Apache-2.0 */
/* The design in which agents of libnice own the sockets. */
#ifndef TESTS_BENCH_MEDIA_DESIGNS_H
#define TESTS_BENCH_MEDIA_DESIGNS_H

#define DESIGNS_AGENTS_MAX 200

typedef void designs_report(const char *name, double ns);

/* agents legs in one GMainContext, each with an agent of libnice as its peer. */
void designs_libnice(unsigned agents, designs_report *report);

#endif
