/* SPDX-License-Identifier: Apache-2.0 */
/* A delegate's call with the n-th allocation failing: its bounds never loosen. */
#include "tests/kit/oom_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 19999 /* of kit_oom_each() */

static void each(void (*part)(void *data), void *data)
{
	assert_in_range(kit_oom_each(part, data), 1, STEPS_MAX);
}

/* DER of mustInclude attest, permittedValues attest: A. */
static const uint8_t only_a[] = {0x30, 0x22, 0xa0, 0x0a, 0x30, 0x08, 0x16, 0x06, 'a',
				 't',  't',  'e',  's',	 't',  0xa1, 0x14, 0x30, 0x12,
				 0x30, 0x10, 0x16, 0x06, 'a',  't',  't',  'e',	 's',
				 't',  0x30, 0x06, 0x0c, 0x01, 'A',  0x0c, 0x01, 'Z'};

/* A delegate whose certificate constrains its claims, in the place of the world's signer. */
static void delegate(struct scene *s)
{
	struct kit_world *world = &s->world;

	kit_cert_free(&world->inter);
	kit_cert_free(&world->leaf);
	free(world->chain);
	world->inter = kit_cert(&(struct kit_spec){.cn = "Delegate CA",
						   .issuer = &world->root,
						   .basic = "critical,CA:TRUE",
						   .usage = "critical,keyCertSign,cRLSign",
						   .tnauth = kit_numbers,
						   .n_tnauth = 2});
	world->leaf = kit_cert(&(struct kit_spec){.cn = "Enterprise",
						  .issuer = &world->inter,
						  .tnauth = kit_numbers,
						  .n_tnauth = 1,
						  .extra_oid = "1.3.6.1.5.5.7.1.27",
						  .extra_der = only_a,
						  .extra_len = sizeof(only_a),
						  .crl_url = "https://crl.example.org/"});
	world->chain = kit_pem(&world->leaf, &world->inter, NULL);
	s->chain = world->chain;
}

/* With an indirect CRL about others. */
static void verify_delegate(struct scene *s, const char *payload, bool passes)
{
	struct kit_cert crl_issuer =
		kit_cert(&(struct kit_spec){.cn = "CRLs", .usage = "critical,cRLSign"});
	struct kit_revoked list = {&crl_issuer, true};
	char *crl = kit_crl_of(&(struct kit_crl_spec){.issuer = &crl_issuer,
						      .revoked = &list,
						      .n_revoked = 1,
						      .idp = "critical,indirectCRL:TRUE"});
	char *issuers = kit_pem(&crl_issuer, NULL, NULL), *identity;
	struct oom_call call = {.scene = s, .crl = crl, .crl_issuers = issuers, .passes = passes};

	delegate(s);
	identity =
		scene_join(kit_token(s->world.leaf.key, SCENE_HEADER, payload), SCENE_PARAMETERS);
	call.identity = identity;
	oom_open(&call);
	each(oom_verify, &call);
	oom_close(&call);
	/* The context is the same for both calls: it is made step by step for one. */
	if (passes)
		each(oom_make_context, &call);
	oom_close(&call);
	free(identity);
	free(issuers);
	free(crl);
	kit_cert_free(&crl_issuer);
}

static void ce5_ce6_ce9_a_delegates_call_without_memory_ends_in_a_verdict(void **state)
{
	verify_delegate(*state, SCENE_PAYLOAD, true);
}

/* attest B is not among the permitted values. */
static void ce5_ce6_ce9_no_failed_allocation_loosens_a_delegates_bounds(void **state)
{
	verify_delegate(*state,
			"{\"attest\":\"B\",\"dest\":{\"tn\":[\"" KIT_TO
			"\"]},\"iat\":1800000000,\"orig\":{\"tn\":\"" KIT_FROM
			"\"},\"origid\":\"123e4567-e89b-42d3-a456-426614174000\"}",
			false);
}

static void sign(void *data)
{
	struct callerid_claims claims = kit_claims();
	enum callerid_status status;
	char *identity = NULL;

	claims.attest = CALLERID_ATTEST_B;
	status = callerid_signer_sign(data, &claims, &identity, NULL);
	if (status != (kit_oom_failed() ? CALLERID_ENOMEM : CALLERID_EPERM))
		kit_oom_wrong("neither refused nor without memory");
	assert_null(identity);
}

static void as20_no_failed_allocation_lets_a_delegate_sign_what_it_may_not(void **state)
{
	struct scene *s = *state;
	struct callerid_signer *signer = NULL;
	char *key, *chain;

	delegate(s);
	key = kit_key_pem(s->world.leaf.key);
	chain = kit_pem(&s->world.leaf, &s->world.inter, &s->world.root);
	assert_int_equal(
		callerid_signer_new(&(struct callerid_signer_params){.key_pem = key,
								     .key_len = strlen(key),
								     .cert_pem = chain,
								     .cert_len = strlen(chain),
								     .x5u = KIT_URL},
				    &signer, NULL),
		CALLERID_OK);
	(void)kit_oom_each(sign, signer);
	callerid_signer_free(signer);
	free(key);
	free(chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(ce5_ce6_ce9_a_delegates_call_without_memory_ends_in_a_verdict),
		SCENE_TEST(ce5_ce6_ce9_no_failed_allocation_loosens_a_delegates_bounds),
		SCENE_TEST(as20_no_failed_allocation_lets_a_delegate_sign_what_it_may_not),
	};

	return kit_oom_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
