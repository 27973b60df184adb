/* SPDX-License-Identifier: Apache-2.0 */
/* What the registry counts. */
#ifndef REGISTRY_METRICS_H
#define REGISTRY_METRICS_H

#include "svc/runtime/metrics.h"

enum registry_metric {
	METRIC_REQUESTS,	/* labels route, method, status */
	METRIC_REQUEST_SECONDS, /* label route */
	METRIC_DEADLINES,	/* label phase */
	METRIC_REFUSALS,	/* label code */
	METRIC_LOOKUPS,		/* labels verified, brand, intent */
	METRIC_LOOKUP_SOURCES,	/* label source */
	METRIC_INTENTS,		/* label event */
	METRIC_ATTESTATIONS,	/* label attest */
	METRIC_FOLLOWERS,	/* no label */
	METRIC_EVENTS_SENT,	/* label by: stream, poll */
	METRIC_EVENT_LAG,	/* no label */
	METRIC_RESETS,		/* no label */
	METRIC_SIGNATURES,	/* label attest */
	METRIC_VERIFICATIONS,	/* label reason */
	REGISTRY_METRICS
};

extern const struct metric_def registry_metrics[REGISTRY_METRICS];

#endif
