/* SPDX-License-Identifier: Apache-2.0 */
/* Media keys, priority and the card of a 608 with the n-th allocation failing, n = 0, 1, 2 ... */
#include "tests/kit/oom.h"
#include "tests/kit/pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SDP                                                                                        \
	"v=0\r\na=fingerprint:sha-1 "                                                              \
	"AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD\r\n"
#define JCARD "[\"vcard\",[[\"version\",{},\"text\",\"4.0\"],[\"fn\",{},\"text\",\"Call Centre\"]]]"

struct bed {
	struct kit_world world;
	struct callerid_signer *signer;
	struct callerid_context *ctx; /* knows the signer once it has verified */
	char *mky, *rph, *base, *card;
};

static struct callerid_claims claims_of(const struct bed *b, const char *ppt)
{
	struct callerid_claims claims = {.iat = KIT_NOW, .n_dest = 1, .mky = b->mky};

	memcpy(claims.ppt, ppt, strlen(ppt) + 1);
	claims.orig.kind = claims.dest[0].kind = CALLERID_PARTY_TN;
	memcpy(claims.orig.text, KIT_FROM, sizeof(KIT_FROM));
	memcpy(claims.dest[0].text, KIT_TO, sizeof(KIT_TO));
	if (ppt[0] == 'r') {
		memcpy(claims.rph[0], "ets.0", 6);
		claims.n_rph = 1;
	}
	return claims;
}

static char *signed_by(const struct bed *b, const char *ppt)
{
	struct callerid_claims claims = claims_of(b, ppt);
	char *identity = NULL;
	enum callerid_status status = callerid_signer_sign(b->signer, &claims, &identity, NULL);

	assert_int_equal(status == CALLERID_OK, identity != NULL);
	kit_oom_status(status);
	return identity;
}

static void sign(void *data)
{
	struct bed *b = data;
	char *mky = NULL;
	enum callerid_status status = callerid_mky_from_sdp(SDP, strlen(SDP), &mky, NULL);

	kit_oom_status(status);
	if (mky != NULL && b->mky != NULL)
		assert_string_equal(mky, b->mky);
	free(mky);
	free(signed_by(b, ""));
	free(signed_by(b, "msec"));
	free(signed_by(b, "rph"));
}

static void judge(const struct callerid_verdict *verdict, bool same_media)
{
	if (verdict->status == CALLERID_ENOMEM && kit_oom_failed())
		return;
	assert_int_equal(verdict->status, CALLERID_OK);
	assert_int_equal(verdict->n_priority, same_media);
	assert_int_equal(verdict->verstat == CALLERID_VERSTAT_PASSED, same_media);
}

static void verify_with(const struct bed *b, const char *sdp, bool same_media)
{
	const struct callerid_span identity[] = {{b->base, strlen(b->base)},
						 {b->rph, strlen(b->rph)}};
	const struct callerid_span asked = {"ets.0", 5};
	const struct callerid_namespace granted = {"test", "ets"};
	const struct callerid_policy policy = {.namespaces = &granted,
					       .n_namespaces = 1,
					       .mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF};
	struct callerid_claims claims = claims_of(b, "");
	struct callerid_call call = {.identity = identity,
				     .n_identity = 2,
				     .n_orig = 1,
				     .orig = {claims.orig},
				     .dest = claims.dest[0],
				     .now = KIT_NOW,
				     .policy = &policy,
				     .resource_priority = &asked,
				     .n_resource_priority = 1};
	struct callerid_verification *v = NULL;
	enum callerid_status status;
	const char *url;

	call.sdp = (struct callerid_span){sdp, strlen(sdp)};
	status = callerid_verification_new(b->ctx, &call, &v, NULL);
	kit_oom_status(status);
	if (status != CALLERID_OK)
		return;
	while ((url = callerid_verification_wants(v)) != NULL)
		callerid_verification_supply(v, url, b->world.chain, strlen(b->world.chain));
	judge(callerid_verification_verdict(v), same_media);
	callerid_verification_free(v);
}

static void verify(void *data)
{
	verify_with(data, SDP, true);
}

static void verify_other(void *data)
{
	struct bed *b = data;
	const struct bed other = *b;

	verify_with(&other, SDP "a=fingerprint:x 01\r\n", false);
}

static void card(void *data)
{
	struct bed *b = data;
	struct callerid_jwscard_proof proof = {
		.body = b->world.chain, .len = strlen(b->world.chain), .now = KIT_NOW};
	struct callerid_jwscard *read = NULL;
	enum callerid_reason reason;
	char *jws = NULL;
	enum callerid_status status =
		callerid_jwscard_sign(b->signer, JCARD, strlen(JCARD), KIT_NOW, &jws, NULL);

	kit_oom_status(status);
	assert_int_equal(status == CALLERID_OK, jws != NULL);
	status = callerid_jwscard_parse(b->card, strlen(b->card), &read, NULL);
	kit_oom_status(status);
	callerid_jwscard_free(read);
	reason = callerid_jwscard_verify(b->ctx, b->card, strlen(b->card), &proof, NULL);
	if (reason != CALLERID_REASON_OK &&
	    (reason != CALLERID_REASON_NO_MEMORY || !kit_oom_failed()))
		kit_oom_wrong(callerid_reason_info(reason)->name);
	free(jws);
}

static int setup(void **state)
{
	static struct bed b;
	struct callerid_signer_params params = {.x5u = KIT_URL, .namespaces = "ets"};
	char *key;

	b.world = kit_world();
	key = kit_key_pem(b.world.leaf.key);
	params.key_pem = key;
	params.key_len = strlen(key);
	params.cert_pem = b.world.chain;
	params.cert_len = strlen(b.world.chain);
	if (callerid_signer_new(&params, &b.signer, NULL) != CALLERID_OK ||
	    callerid_context_new(&(struct callerid_limits){.replay_entries = 16}, &b.ctx, NULL) !=
		    CALLERID_OK ||
	    callerid_context_add_anchors(b.ctx, "test", b.world.anchors, strlen(b.world.anchors),
					 NULL) != CALLERID_OK ||
	    callerid_mky_from_sdp(SDP, strlen(SDP), &b.mky, NULL) != CALLERID_OK ||
	    callerid_jwscard_sign(b.signer, JCARD, strlen(JCARD), KIT_NOW, &b.card, NULL) !=
		    CALLERID_OK)
		return -1;
	b.base = signed_by(&b, "");
	b.rph = signed_by(&b, "rph");
	free(key);
	*state = &b;
	return 0;
}

static int teardown(void **state)
{
	struct bed *b = *state;

	callerid_context_free(b->ctx);
	callerid_signer_free(b->signer);
	kit_world_free(&b->world);
	free(b->mky);
	free(b->base);
	free(b->rph);
	free(b->card);
	return 0;
}

static void PP13_AS16_signing_without_memory_is_an_error(void **state)
{
	assert_in_range(kit_oom_each(sign, *state), 1, 19999);
}

static void VS15_VS16_a_verification_without_memory_ends_in_a_verdict(void **state)
{
	assert_in_range(kit_oom_each(verify, *state), 1, 19999);
}

static void VS16_no_failed_allocation_lets_other_media_keys_pass(void **state)
{
	assert_in_range(kit_oom_each(verify_other, *state), 1, 19999);
}

static void VS17_a_card_without_memory_is_an_error(void **state)
{
	assert_in_range(kit_oom_each(card, *state), 1, 19999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(PP13_AS16_signing_without_memory_is_an_error),
		cmocka_unit_test(VS15_VS16_a_verification_without_memory_ends_in_a_verdict),
		cmocka_unit_test(VS16_no_failed_allocation_lets_other_media_keys_pass),
		cmocka_unit_test(VS17_a_card_without_memory_is_an_error),
	};

	if (!kit_oom_start())
		return 1;
	return cmocka_run_group_tests(tests, setup, teardown);
}
