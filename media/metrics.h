/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The relay's metrics: one table, named by its index. metrics_add() locks and copies, so nothing
 * that runs for each packet calls it: a transport counts in its transport_stats, and what has been
 * added since the last time goes in here once a second and when the transport ends.
 */
#ifndef MEDIA_METRICS_H
#define MEDIA_METRICS_H

#include "svc/runtime/metrics.h"

enum media_metric {
	MEDIA_COMMANDS,	       /* command, result */
	MEDIA_COMMAND_SECONDS, /* command */
	MEDIA_COOKIE_HITS,     /* state: "running", "done" */
	MEDIA_FRAMES_REFUSED,  /* reason */
	MEDIA_CONNECTIONS,     /* kind: "tcp", "unix" */
	MEDIA_CALLS,
	MEDIA_CALLS_BEGUN,
	MEDIA_CALLS_ENDED,   /* reason: "delete", "media_timeout", "offer_timeout", ... */
	MEDIA_CALLS_REFUSED, /* limit: "calls", "cpu", "ports", "drain" */
	MEDIA_PORTS_USED,
	MEDIA_PORTS,
	MEDIA_PACKETS,	  /* direction: "in" or "out"; kind: see below */
	MEDIA_BYTES,	  /* direction, kind */
	MEDIA_DROPS,	  /* reason: drop_label(); kind */
	MEDIA_IDENTITIES, /* result: "bound", "unbound", "mismatch"; once a handshake */
	MEDIA_HANDSHAKES, /* result: "connected", "failed" */
	MEDIA_MOS,	  /* of a source, when its stream ends */
	MEDIA_ONE_WAY,	  /* calls now */
	MEDIA_RECORD_LOST,
	MEDIA_CALLS_RESTORED, /* result: "restored", "lost" */
	MEDIA_METRIC_COUNT
};

/* kind of a transport: "rtp" (plain), "sdes", "dtls". */

extern const struct metric_def media_metrics[MEDIA_METRIC_COUNT];

#endif
