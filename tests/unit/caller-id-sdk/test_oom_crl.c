/* SPDX-License-Identifier: Apache-2.0 */
/* A signer that is revoked, or has to be covered by a CRL, with the n-th allocation failing. */
#include "tests/kit/oom_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 19999 /* of kit_oom_each() */

static void each(void (*part)(void *data), void *data)
{
	assert_in_range(kit_oom_each(part, data), 1, STEPS_MAX);
}

static void verify_all(struct oom_call call)
{
	oom_open(&call);
	each(oom_verify, &call);
	oom_close(&call);
}

static char *crl_of(const struct scene *s, const struct kit_cert *revoked)
{
	struct kit_revoked list = {revoked, false};

	return kit_crl_of(&(struct kit_crl_spec){
		.issuer = &s->world.inter, .revoked = &list, .n_revoked = 1});
}

/* Without the CRL the call passes: nothing that fails may be taken for the lack of one. */
static void ce9_no_failed_allocation_hides_a_revocation(void **state)
{
	struct scene *s = *state;
	char *good = kit_identity(&s->world.leaf), *crl = crl_of(s, &s->world.leaf);

	verify_all((struct oom_call){.scene = s, .identity = good, .crl = crl});
	free(good);
	free(crl);
}

/* Hard-fail: the root's CRL covers the CA, and the CA's the signer. */
static void ce9_a_required_crl_without_memory_is_an_error(void **state)
{
	struct scene *s = *state;
	char *good = kit_identity(&s->world.leaf), *both = NULL;
	char *of_ca = kit_crl(&s->world.root, 77, KIT_NOW + KIT_DAY);
	char *of_leaf = kit_crl(&s->world.inter, 77, KIT_NOW + KIT_DAY);

	assert_true(asprintf(&both, "%s%s", of_ca, of_leaf) > 0);
	s->policy.require_crl = true;
	verify_all((struct oom_call){.scene = s, .identity = good, .crl = both, .passes = true});
	free(good);
	free(of_ca);
	free(of_leaf);
	free(both);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(ce9_no_failed_allocation_hides_a_revocation),
		SCENE_TEST(ce9_a_required_crl_without_memory_is_an_error),
	};

	return kit_oom_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
