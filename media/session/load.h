/* SPDX-License-Identifier: Apache-2.0 */
/* Limits: may one more call begin? */
#ifndef MEDIA_SESSION_LOAD_H
#define MEDIA_SESSION_LOAD_H

#include "media/session/desk.h"

/* Once a second, by desk 0: how busy the processors were since the last time. */
void load_measure(struct sessions *sessions);
/* The counters of one text of /proc/stat; false: it is none. */
bool load_read(const char *text, uint64_t *busy_out, uint64_t *all_out);

/* One row a limit. message answers who supports "load limit", error who does not: one of the two
 * strings that clients go to another relay for. */
struct load_refusal {
	const char *limit, *message, *error;
};
struct load_facts {
	size_t calls;
	unsigned cpu, ports; /* per cent */
	bool draining;
};
/* NULL: it may begin. */
const struct load_refusal *load_decide(const struct session_limits *limits,
				       const struct load_facts *facts);
const struct load_refusal *load_now(const struct sessions *sessions);

#endif
