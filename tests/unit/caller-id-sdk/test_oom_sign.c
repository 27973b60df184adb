/* SPDX-License-Identifier: Apache-2.0 */
/* A signer made, and a PASSporT signed, with the n-th allocation failing. */
#include "tests/kit/oom_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 19999 /* of kit_oom_each() */

static void each(void (*part)(void *data), void *data)
{
	assert_in_range(kit_oom_each(part, data), 1, STEPS_MAX);
}

struct signing {
	struct callerid_claims claims;
	const char *key, *chain;
	char *expected; /* signed with memory: RFC 6979 makes it the same each time */
};

static void sign(void *data)
{
	struct signing *with = data;
	struct callerid_signer_params params = {
		.key_pem = with->key,
		.key_len = strlen(with->key),
		.cert_pem = with->chain,
		.cert_len = strlen(with->chain),
		.x5u = KIT_URL,
	};
	struct callerid_signer *signer = NULL;
	char *identity = NULL;
	enum callerid_status status;

	status = callerid_signer_new(&params, &signer, NULL);
	if (status == CALLERID_OK)
		status = callerid_signer_sign(signer, &with->claims, &identity, NULL);
	kit_oom_status(status);
	if (with->expected == NULL)
		with->expected = identity;
	else if (identity != NULL && strcmp(identity, with->expected) != 0)
		kit_oom_wrong(identity);
	if (identity != with->expected)
		free(identity);
	callerid_signer_free(signer);
}

static void a_signing_without_memory_is_an_error(void **state)
{
	const struct scene *s = *state;
	char *key = kit_key_pem(s->world.leaf.key), *pem = kit_pem(&s->world.leaf, NULL, NULL);
	struct signing with = {kit_claims(), key, pem, NULL};

	each(sign, &with);
	free(with.expected);
	free(key);
	free(pem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(a_signing_without_memory_is_an_error),
	};

	return kit_oom_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
