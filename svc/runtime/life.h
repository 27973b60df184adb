/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every daemon does alike between its start and its end: log, metrics, signals, admin
 * listener, what it says of a reload, and the time that it may drain. The loop is the daemon's own,
 * and so is what it serves: nothing here calls back or waits.
 *
 * One thread, the loop's, calls these functions. The configuration has SECTIONS_LOG and
 * SECTIONS_ADMIN.
 */
#ifndef RUNTIME_LIFE_H
#define RUNTIME_LIFE_H

#include "svc/runtime/admin.h"
#include "svc/runtime/conf.h"
#include "svc/runtime/log.h"
#include "svc/runtime/metrics.h"

#include <stdatomic.h>
#include <stdbool.h>

struct life_params {
	const char *program;	 /* the log's name, "attestel-media" */
	const char *start;	 /* the event of a start that fails, "media.start" */
	const struct conf *conf; /* read, not kept */
	const struct metric_def *metrics;
	size_t n_metrics;
};

/* Its members are read by the daemon and written here. */
struct life {
	const char *start;
	struct log *log;
	struct metrics *metrics;
	struct admin *admin;	/* NULL: not started, or none is configured */
	int signal_fd;		/* for signal_next() */
	int64_t drain_until_ms; /* 0: not draining */
	atomic_bool serving;	/* the admin's thread asks */
};

/*
 * Log, metrics, signals. Before any thread, which would take the signals. false was told on stderr;
 * life_close() is due in either case.
 */
bool life_open(struct life *life, const struct life_params *params);
void life_close(struct life *life); /* the admin listener too, if it is still there */

/* Logs that the start fails at what. Returns false, so that whoever starts can return it. */
bool life_fail(const struct life *life, const char *what, const char *why);

/* Starts the admin listener if one is configured. It asks ready(magic); NULL: whether life serves.
 * false was logged. */
bool life_admin(struct life *life, const struct conf *conf, admin_ready *ready, void *magic);
void life_admin_stop(struct life *life); /* before what ready() asks ends */

void life_serve(struct life *life); /* systemd and /readyz are told */
void life_leave(struct life *life); /* the same, that nothing new is taken */

/* Leaves, and may go on for at_most_ms. false: it does already, and nothing changes. */
bool life_drain(struct life *life, int64_t now_ms, int64_t at_most_ms);
/* Draining, and either nothing is left or the time is over. */
bool life_is_drained(const struct life *life, size_t left, int64_t now_ms);

/* Behind sd_reloading(): what next, which stays the caller's, has of the log is so from now on, and
 * each option that differs is logged. next NULL: err is logged, nothing changes, false. */
bool life_reload(struct life *life, const struct conf *old, const struct conf *next,
		 const struct conf_error *err);
/* The reload is over; a daemon that drains goes on with that. */
void life_reloaded(struct life *life);

/* Logs what a configuration allows and may surprise; as a callback, with life as its magic. */
void life_warn(void *life, const char *text);

#endif
