/* SPDX-License-Identifier: Apache-2.0 */
/* A forged PASSporT, and one with its certificates in it, with the n-th allocation failing. */
#include "tests/kit/oom_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 19999 /* of kit_oom_each() */

static void each(void (*part)(void *data), void *data)
{
	assert_in_range(kit_oom_each(part, data), 1, STEPS_MAX);
}

/* The words of good under the signature of another key's token. */
static char *forge(const struct scene *s, const char *good)
{
	char *forged = strdup(good), *other = kit_token(s->world.inter.key, "{}", "{}");
	char *dot = strchr(strchr(forged, '.') + 1, '.');

	memcpy(dot, strrchr(other, '.'), strlen(strrchr(other, '.')));
	free(other);
	return forged;
}

static void verify_all(struct oom_call call)
{
	oom_open(&call);
	each(oom_verify, &call);
	oom_close(&call);
}

static void no_failed_allocation_lets_a_forgery_pass(void **state)
{
	struct scene *s = *state;
	char *good = kit_identity(&s->world.leaf), *forged = forge(s, good);
	char *crl = kit_crl(&s->world.inter, 77, KIT_NOW + KIT_DAY);
	struct oom_call call = {.scene = s, .identity = forged, .crl = crl};

	verify_all(call);
	call.is_known = true;
	verify_all(call);
	free(good);
	free(forged);
	free(crl);
}

static char *base64_of(X509 *x)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	char *text = calloc(1, 4096);

	assert_in_range(n, 1, 3000);
	(void)EVP_EncodeBlock((unsigned char *)text, der, n);
	OPENSSL_free(der);
	return text;
}

/* x5c, in place of what stands at x5u. */
static void ce12_x5c_without_memory_ends_in_a_verdict(void **state)
{
	struct scene *s = *state;
	char *leaf = base64_of(s->world.leaf.x), *inter = base64_of(s->world.inter.x);
	char *header = NULL, *identity;

	assert_true(asprintf(&header,
			     "{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\","
			     "\"x5c\":[\"%s\",\"%s\"],\"x5u\":\"" KIT_URL "\"}",
			     leaf, inter) > 0);
	s->policy.accept_x5c = true;
	identity =
		scene_join(kit_token(s->world.leaf.key, header, SCENE_PAYLOAD), SCENE_PARAMETERS);
	verify_all((struct oom_call){.scene = s, .identity = identity, .passes = true});
	free(identity);
	free(leaf);
	free(inter);
	free(header);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(no_failed_allocation_lets_a_forgery_pass),
		SCENE_TEST(ce12_x5c_without_memory_ends_in_a_verdict),
	};

	return kit_oom_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
