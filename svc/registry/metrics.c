/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the registry's metrics. */
#include "svc/registry/metrics.h"

static const double seconds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 0};

const struct metric_def registry_metrics[REGISTRY_METRICS] = {
	[METRIC_REQUESTS] = {"attestel_registry_requests_total",
			     METRIC_COUNTER,
			     {"route", "method", "status"},
			     NULL,
			     "Requests answered"},
	[METRIC_REQUEST_SECONDS] = {"attestel_registry_request_seconds",
				    METRIC_HISTOGRAM,
				    {"route"},
				    seconds,
				    "Time from a request's headers to its answer"},
	[METRIC_DEADLINES] = {"attestel_registry_deadlines_total",
			      METRIC_COUNTER,
			      {"phase"},
			      NULL,
			      "Connections closed because the peer was too slow"},
	[METRIC_REFUSALS] = {"attestel_registry_refusals_total",
			     METRIC_COUNTER,
			     {"code"},
			     NULL,
			     "Answers that are a problem, by its code"},
	[METRIC_LOOKUPS] = {"attestel_registry_lookups_total",
			    METRIC_COUNTER,
			    {"verified", "brand", "reason"},
			    NULL,
			    "Lookups by what was shown"},
	[METRIC_INTENTS] = {"attestel_registry_intents_total",
			    METRIC_COUNTER,
			    {"event"},
			    NULL,
			    "Intents announced, matched and cancelled"},
	[METRIC_ATTESTATIONS] = {"attestel_registry_attestations_total",
				 METRIC_COUNTER,
				 {"attest"},
				 NULL,
				 "Attestations answered"},
};
