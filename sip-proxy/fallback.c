/* SPDX-License-Identifier: Apache-2.0 */
/* Answers from the snapshot. */
#include "sip-proxy/fallback.h"

#include "sip-proxy/follow.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define AHEAD_MS 60000 /* a clock that was set back by more makes the age unknown */

/* A refusal is an answer: a key that was revoked gives nothing more. */
static bool is_silence(const char *failure)
{
	static const char *const silences[] = {"registry_timeout", "registry_silent",
					       "registry_paused", "registry_queue_full",
					       "registry_unavailable"};

	for (size_t i = 0; i < sizeof(silences) / sizeof(silences[0]); i++)
		if (strcmp(failure, silences[i]) == 0)
			return true;
	return false;
}

static bool is_stale(const struct call *call, const struct follow_answer *found)
{
	int64_t age = proxy_epoch() * 1000 - found->fresh_ms;

	return age > call->settings->registry->snapshot_max_age_ms || age < -AHEAD_MS;
}

static void write_time(int64_t ms, char time_out[RECORD_TIME_MAX + 1])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm parts;

	time_out[0] = 0;
	if (gmtime_r(&seconds, &parts) != NULL)
		(void)strftime(time_out, RECORD_TIME_MAX + 1, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static const char *attest(const struct follow_answer *found, bool stale,
			  struct registry_answer *answer)
{
	const char *why = "customer not known";

	answer->attest = CALLERID_ATTEST_C;
	if (found->known) {
		answer->attest = CALLERID_ATTEST_B;
		why = "customer known, number not theirs";
	}
	if (found->theirs && stale)
		why = "customer known, what is known of the number is too old";
	if (found->theirs && !stale) {
		answer->attest = CALLERID_ATTEST_A;
		why = "number bound to the customer's brand";
	}
	return why;
}

static void answer_attestation(struct call *call, const struct follow_answer *found,
			       struct registry_answer *answer)
{
	const char *why = attest(found, is_stale(call, found), answer);
	const char letter[2] = {(char)answer->attest, 0};

	answer->answered = true;
	snprintf(answer->why, sizeof(answer->why), "%s, from the snapshot of %s", why,
		 call->record.snapshot_of);
	METRIC_COUNT(call->proxy->metrics, METRIC_SNAPSHOT_ANSWERS, "attestation", letter);
}

/* A strict brand is shown for announced calls only, and of those only the registry knows. */
static void answer_lookup(struct call *call, const struct follow_answer *found,
			  struct registry_answer *answer)
{
	bool stale = is_stale(call, found);
	const char *what = stale	   ? "stale"
			   : !found->found ? "nothing"
			   : found->strict ? "strict"
					   : "brand";

	METRIC_COUNT(call->proxy->metrics, METRIC_SNAPSHOT_ANSWERS, "lookup", what);
	answer->answered = !stale;
	if (stale)
		answer->failure = "snapshot_stale";
	else if (found->found && !found->strict)
		answer->brand = found->brand;
}

void fallback_answer(struct call *call, enum registry_question question,
		     struct registry_answer *answer)
{
	struct follow_answer found;
	const char *customer =
		question == REGISTRY_ATTESTATION ? call->trunk->options->customer : NULL;

	if (call->proxy->follow == NULL || !is_silence(answer->failure) ||
	    !follow_find(call->proxy->follow, registry_caller(call)->text, customer, &found))
		return;
	answer->source = "snapshot";
	write_time(found.fresh_ms, call->record.snapshot_of);
	if (question == REGISTRY_ATTESTATION)
		answer_attestation(call, &found, answer);
	else
		answer_lookup(call, &found, answer);
}
