/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compact PASSporTs: one byte of choices, then display name, call-reason, Date and SDP, each to a
 * NUL. What is rebuilt says what the signalling says, whatever that is, or why it cannot be.
 */
#include <callerid/callerid.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1800000000)
#define SIGNATURE                                                                                  \
	"..AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define INFO ";info=<https://cert.example.org/signer.pem>"

enum { IS_RCD = 1, HAS_REASON = 2, HAS_SDP = 4, TWO_CALLERS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

static struct callerid_span take(const char **p, const char *end)
{
	struct callerid_span part = {*p, strnlen(*p, (size_t)(end - *p))};

	*p += part.n;
	if (*p < end)
		(*p)++;
	return part;
}

static struct callerid_party number(const char *digits)
{
	struct callerid_party party = {.kind = CALLERID_PARTY_TN};

	memcpy(party.text, digits, strlen(digits) + 1);
	return party;
}

/* Only what the token says is looked at: there is no key that could have signed it. */
static void turn_off(struct callerid_policy *policy)
{
	for (unsigned i = CALLERID_CHECK_ORIG; i < CALLERID_CHECK_COUNT; i++)
		policy->mode[i] = CALLERID_MODE_OFF;
}

static void says_the_same(const struct callerid_passport_verdict *told,
			  const struct callerid_call *call)
{
	const struct callerid_claims *claims = &told->claims;
	int64_t date = 0;
	char *mky = NULL;

	must(told->compact);
	must(callerid_party_equal(&claims->orig, &call->orig[0]));
	must(claims->n_dest == 1 && callerid_party_equal(&claims->dest[0], &call->dest));
	must(callerid_date_parse(call->date.p, call->date.n, &date, NULL) == CALLERID_OK);
	must(claims->iat == date);
	must(claims->rcdi == NULL && claims->iss == NULL && claims->rcd_fault == NULL);
	if (claims->ppt[0] == '\0')
		must(claims->rcd == NULL && claims->crn == NULL);
	else if (call->call_reason.n > 0)
		must(claims->crn != NULL && strlen(claims->crn) == call->call_reason.n &&
		     memcmp(claims->crn, call->call_reason.p, call->call_reason.n) == 0);
	must(call->sdp.n == 0 ||
	     callerid_mky_from_sdp(call->sdp.p, call->sdp.n, &mky, NULL) == CALLERID_OK);
	must((mky == NULL) == (claims->mky == NULL));
	must(mky == NULL || strcmp(mky, claims->mky) == 0);
	free(mky);
}

static void verify(struct callerid_context *ctx, const struct callerid_call *call)
{
	const struct callerid_passport_verdict *told;
	struct callerid_verification *v = NULL;
	char *json;

	must(callerid_verification_new(ctx, call, &v, NULL) == CALLERID_OK);
	told = callerid_verification_verdict(v)->passport;
	must(callerid_verification_verdict(v)->verstat != CALLERID_VERSTAT_PASSED);
	if (told->has_claims)
		says_the_same(told, call);
	else
		must(told->check[CALLERID_CHECK_PASSPORT].why[0] != '\0' ||
		     told->check[CALLERID_CHECK_CLAIMS].why[0] != '\0');
	json = callerid_verdict_json(callerid_verification_verdict(v));
	must(json != NULL);
	free(json);
	callerid_verification_free(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char base[] = SIGNATURE INFO, rcd[] = SIGNATURE INFO ";ppt=rcd";
	struct callerid_limits limits = {.cached_keys = 4, .replay_entries = 16};
	struct callerid_policy policy = {.max_age_s = 0};
	struct callerid_call call = {.n_identity = 1, .n_orig = 1, .now = NOW, .policy = &policy};
	struct callerid_context *ctx = NULL;
	const char *p = (const char *)data + 1, *end = (const char *)data + size;
	struct callerid_span identity, reason, sdp;

	if (size == 0)
		return 0;
	turn_off(&policy);
	identity.p = data[0] & IS_RCD ? rcd : base;
	identity.n = strlen(identity.p);
	call.identity = &identity;
	call.orig[0] = number("12155551212");
	call.orig[1] = number("12155551214");
	call.n_orig = data[0] & TWO_CALLERS ? 2 : 1;
	call.dest = number("12155551213");
	call.display_name = take(&p, end);
	reason = take(&p, end);
	call.date = take(&p, end);
	sdp = take(&p, end);
	if (data[0] & HAS_REASON)
		call.call_reason = reason;
	if (data[0] & HAS_SDP)
		call.sdp = sdp;
	must(callerid_context_new(&limits, &ctx, NULL) == CALLERID_OK);
	verify(ctx, &call);
	callerid_context_free(ctx);
	return 0;
}
