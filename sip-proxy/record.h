/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted, and the one line that every call leaves. */
#ifndef PROXY_RECORD_H
#define PROXY_RECORD_H

#include "svc/runtime/metrics.h"

#include <callerid/decide.h>

#include <stddef.h>
#include <stdint.h>

enum proxy_metric {
	METRIC_REQUESTS,
	METRIC_REFUSED,
	METRIC_CALLS,
	METRIC_VERDICTS,
	METRIC_CHECKS_FAILED,
	METRIC_ATTESTATIONS,
	METRIC_FAIL_OPEN,
	METRIC_CERTIFICATES,
	METRIC_REGISTRY,
	METRIC_OUTCOMES,
	METRIC_OUTCOMES_WAITING,
	METRIC_STRIPPED,
	METRIC_COMPLAINTS,
	METRIC_SETUP,
	METRIC_KEY_TABLES,
	METRIC_SIGN_SECONDS,
	METRIC_VERIFY_SECONDS,
	METRIC_CERT_WAIT_SECONDS,
	METRIC_REGISTRY_SECONDS,
	METRIC_SNAPSHOT_ANSWERS,
	METRIC_SNAPSHOT_ENTRIES,
	METRIC_SNAPSHOT_BYTES,
	METRIC_SNAPSHOT_SERIAL,
	METRIC_SNAPSHOT_AGE_SECONDS,
	METRIC_SNAPSHOT_LAG_SECONDS,
	METRIC_SNAPSHOT_CONNECTS,
	METRIC_SNAPSHOT_LOADS,
	METRIC_TRYING_SECONDS,
	METRIC_MEDIA_CALLS,
	METRIC_MEDIA_COMMANDS,
	METRIC_MEDIA_IDENTITIES,
	METRIC_MEDIA_SECONDS,
	METRIC_COUNT_OF
};
extern const struct metric_def record_metrics[METRIC_COUNT_OF];

#define RECORD_CALL_ID_MAX    128
#define RECORD_WHY_MAX	      128
#define RECORD_CLAIMED_MAX    128
#define RECORD_REPUTATION_MAX 31
#define RECORD_MEDIA_MAX      31
#define RECORD_TIME_MAX	      20 /* 2026-11-22T10:41:07Z */

/* Filled while a call goes its way. Times are microseconds, 0 where nothing was done. */
struct record {
	char call_id[RECORD_CALL_ID_MAX + 1];
	char from[CALLERID_URI_MAX + 1];
	char to[CALLERID_URI_MAX + 1];
	size_t identities;
	const char *verstat;		     /* static; NULL: not verified */
	char attest;			     /* given or found; 0: none */
	const char *reason;		     /* static: the verdict's */
	char attest_why[RECORD_WHY_MAX + 1]; /* why that attestation was given, or why none */
	char passports[512]; /* what was found of each, in the order of the verdict */
	char checks_failed[256];
	char why[CALLERID_WHY_MAX +
		 1];		      /* of the first check that failed, else of one that warned */
	bool psap_callback;	      /* a PASSporT bears that out */
	const char *fail_open;	      /* static; NULL: all our own work was done */
	const char *source;	      /* static: who answered for the registry; NULL: nobody */
	const char *registry_trouble; /* static: why it was not the registry itself */
	char snapshot_of[RECORD_TIME_MAX + 1]; /* when that was known to be current; "": not used */
	char claimed[RECORD_CLAIMED_MAX + 1];  /* whose number it is, of an unproven call */
	char reputation[RECORD_REPUTATION_MAX + 1];
	bool partial;
	char media[RECORD_MEDIA_MAX + 1]; /* "relayed", "direct", "failed:timeout"; "": no relay */
	const char *media_identity;	  /* static: "signed", "unsigned"; NULL: not relayed */
	const char *action;		  /* static */
	const char *rule;		  /* static */
	int64_t started_us;
	int64_t sign_us, verify_us, cert_wait_us, registry_us, trying_us;
};

struct call;

/* Counts a call's verdict: reason, failed checks into record->checks_failed. */
void record_verdict(struct call *call, const struct callerid_verdict *verdict);

/* Our own trouble cost the call its label: counted, and the call goes on. */
void record_fail_open(struct call *call, const char *why);

/* Writes the call's line. */
void record_end(struct call *call, int sip_status);

#endif
