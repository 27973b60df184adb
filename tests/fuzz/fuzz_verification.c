/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole verification: four bytes of check modes, an Identity field to the first NUL, then what
 * stands at its URL. There are no anchors: with the chain enforced nothing may ever pass.
 */
#include <callerid/callerid.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NOW	  INT64_C(1800000000)
#define MODES_LEN 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

static struct callerid_party number(const char *digits)
{
	struct callerid_party party = {.kind = CALLERID_PARTY_TN};

	memcpy(party.text, digits, strlen(digits) + 1);
	return party;
}

static struct callerid_policy policy_of(const uint8_t modes[MODES_LEN])
{
	struct callerid_policy policy = {.accept_spc = (modes[3] & 0x80) != 0};

	for (unsigned i = 0; i < CALLERID_CHECK_COUNT; i++)
		policy.mode[i] =
			(enum callerid_mode)((modes[i / 4 % MODES_LEN] >> (i % 4 * 2)) & 3);
	return policy;
}

static void look_at(const struct callerid_verdict *verdict, const struct callerid_policy *policy)
{
	bool is_enforced = policy->mode[CALLERID_CHECK_CHAIN] != CALLERID_MODE_WARN &&
			   policy->mode[CALLERID_CHECK_CHAIN] != CALLERID_MODE_OFF;
	char *json = callerid_verdict_json(verdict);
	char *text = callerid_verdict_explain(verdict);
	char header[256];

	must((unsigned)verdict->reason < CALLERID_REASON_COUNT);
	must(verdict->n_passports <= CALLERID_PASSPORTS_MAX);
	must(verdict->verstat != CALLERID_VERSTAT_PASSED || !is_enforced);
	must(verdict->attest == CALLERID_ATTEST_NONE ||
	     verdict->verstat == CALLERID_VERSTAT_PASSED);
	must(json != NULL && text != NULL);
	must(callerid_verdict_reason_header(&verdict->passport[0], header, sizeof(header)) <
	     sizeof(header));
	free(json);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct callerid_limits limits = {.cached_keys = 4, .replay_entries = 16};
	struct callerid_context *ctx = NULL;
	struct callerid_verification *v = NULL;
	struct callerid_policy policy;
	struct callerid_span identity;
	struct callerid_call call = {.n_identity = 1, .n_orig = 1, .now = NOW};
	const uint8_t *body;
	const char *url;

	if (size < MODES_LEN)
		return 0;
	policy = policy_of(data);
	identity.p = (const char *)data + MODES_LEN;
	identity.n = strnlen(identity.p, size - MODES_LEN);
	body = data + MODES_LEN + identity.n;
	if (body < data + size)
		body++; /* the NUL */
	call.identity = &identity;
	call.policy = &policy;
	call.orig[0] = number("12155551212");
	call.dest = number("12155551213");
	must(callerid_context_new(&limits, &ctx, NULL) == CALLERID_OK);
	must(callerid_verification_new(ctx, &call, &v, NULL) == CALLERID_OK);
	while ((url = callerid_verification_wants(v)) != NULL)
		callerid_verification_supply(v, url, body, (size_t)(data + size - body));
	look_at(callerid_verification_verdict(v), &policy);
	callerid_verification_free(v);
	callerid_context_free(ctx);
	return 0;
}
