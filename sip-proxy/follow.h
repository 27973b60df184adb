/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps a copy of the registry's directory current, in a thread of its own: reads the whole of it
 * once, then what changed, then follows the stream of changes, and begins again with what changed
 * whenever the stream ends. Others look things up meanwhile, and are kept from it for no longer
 * than one change takes.
 */
#ifndef PROXY_FOLLOW_H
#define PROXY_FOLLOW_H

#include "sip-proxy/settings.h"
#include "sip-proxy/shown.h"

#include "svc/runtime/log.h"
#include "svc/runtime/metrics.h"

#include <callerid/client.h>

struct follow;

/* Everything is borrowed until follow_stop(). */
struct follow_params {
	const struct registry_options *options;
	const struct callerid_client_params *client;
	struct log *log;
	struct metrics *metrics;
};

/* Reads the state file before it returns. NULL: err says why. */
struct follow *follow_start(const struct follow_params *params, struct callerid_error *err);
void follow_stop(struct follow *follow); /* saves; NULL is fine */

/* What the copy says of a number. */
struct follow_answer {
	int64_t fresh_ms; /* since 1970: when the copy was known to be current */
	bool found;
	bool theirs; /* the number is bound to the customer's brand */
	bool known;  /* some number is the customer's */
	bool strict;
	struct brand brand; /* verified is as found; the reason is "" */
};
/* customer may be NULL. false: there is no copy yet. Any thread. */
bool follow_find(struct follow *follow, const char *number, const char *customer,
		 struct follow_answer *answer_out);

/* Sets the gauges. */
void follow_tick(struct follow *follow);

#endif
