/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls: what the ng commands make, change and end. A worker holds the calls whose call-id hashes
 * to it; a command runs there from its first line to its reply, so nothing is locked.
 *
 * call (call-id) -> party (tag, or via-branch until the tag is known; rtpengine's "monologue")
 *   -> stream (an m-line) -> transport (its way to that party; one for all streams of a BUNDLE).
 * Streams of the same index of two parties in dialogue are each other's sinks. A forked offer has
 * one offering party and several answering ones, all of which it hears, and it is heard by the last
 * that answered.
 */
#ifndef MEDIA_SESSION_SESSION_H
#define MEDIA_SESSION_SESSION_H

#include "media/ng/control.h"
#include "media/path/port.h"
#include "media/path/worker.h"
#include "svc/runtime/log.h"
#include "svc/runtime/metrics.h"

struct session_limits {
	size_t calls_max;   /* 0: none */
	unsigned cpu_max;   /* per cent of all processors; 0: none */
	unsigned ports_max; /* per cent of the pool in use; 0: none */
};

struct session_timeouts {      /* seconds */
	unsigned media;	       /* no packet on any stream: 60 */
	unsigned silent;       /* the same while every stream is held or blocked: 3600 */
	unsigned offer;	       /* no answer: 3600 */
	unsigned lifetime;     /* 0: none */
	unsigned delete_delay; /* 30 */
};

struct session_settings {
	struct session_limits limits;
	struct session_timeouts timeouts;
	const char *record_dir; /* NULL: no recording */
	/* Is told of keys and silence, each as a JSON text; any worker. NULL: nobody is. */
	void (*event)(void *magic, const char *text, size_t len);
	void *event_magic;
	const char *media_dir; /* files of "play media" by name, never by path; NULL: none */
	uint16_t webrtc_port;  /* of worker 0; the next ones follow. 0: none shared */
	unsigned workers;
	unsigned rest_us; /* of a worker, under load (path/rest.h) */
	int tos;
};

/* All workers, their calls, and what they share. */
struct sessions;

struct sessions *sessions_start(const struct session_settings *settings, struct port_pool *pool,
				struct log *log, struct metrics *metrics, char *err, size_t size);
void sessions_stop(struct sessions *sessions);
/* The handler of control.h. */
void sessions_request(void *sessions, struct control_request *request);
/* New calls are answered with "load limit" from now on. */
void sessions_drain(struct sessions *sessions);
size_t sessions_calls(const struct sessions *sessions);

#endif
