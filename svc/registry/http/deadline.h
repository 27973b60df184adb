/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Absolute deadlines of connections. libmicrohttpd's timeout counts from the last byte, so one
 * byte a second would hold a connection for ever; here a phase has an end, whatever is sent.
 */
#ifndef REGISTRY_DEADLINE_H
#define REGISTRY_DEADLINE_H

#include <stddef.h>
#include <stdint.h>

enum deadline_phase {
	DEADLINE_HEADERS, /* from the connection's beginning */
	DEADLINE_IDLE,	  /* from the end of an answer until the next request's headers */
	DEADLINE_BODY,
	DEADLINE_WORK, /* ours: no limit on the peer */
	DEADLINE_ANSWER,
	DEADLINE_STREAM, /* from the last time that an answer which goes on was read */
	DEADLINE_PHASES
};

extern const char *const deadline_phase_names[DEADLINE_PHASES];

struct deadline_settings {
	int64_t ms[DEADLINE_PHASES]; /* 0: no limit */
	/* Called in the watching thread, without a lock, for each connection that was shut down. */
	void (*closed)(void *magic, enum deadline_phase phase);
	void *magic;
};

/* A thread watches; any thread may call the rest. */
struct deadlines;
struct deadline;

struct deadlines *deadlines_start(const struct deadline_settings *settings); /* NULL: errno */
void deadlines_stop(struct deadlines *deadlines); /* all deadlines must have been removed */

/* fd must stay open until deadline_remove(). NULL: no memory. */
struct deadline *deadline_add(struct deadlines *deadlines, int fd);
void deadline_remove(struct deadlines *deadlines, struct deadline *deadline);
void deadline_enter(struct deadlines *deadlines, struct deadline *deadline,
		    enum deadline_phase phase);

/* Connections that are not merely waiting for a request's headers. */
size_t deadlines_working(struct deadlines *deadlines);

#endif
