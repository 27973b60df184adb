/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates linted with the n-th allocation failing. */
#include "tests/kit/oom_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 19999 /* of kit_oom_each() */

static void each(void (*part)(void *data), void *data)
{
	assert_in_range(kit_oom_each(part, data), 1, STEPS_MAX);
}

struct linted {
	const char *chain;
	struct callerid_certlint *lint; /* with memory */
};

/* OpenSSL does not always say that it was memory that it lacked to read a key or to verify. */
static bool asks_openssl(const char *rule)
{
	return strcmp(rule, "key_point") == 0 || strcmp(rule, "chain_signature") == 0;
}

/* No rule of ours fails for want of memory: its answer is the one with memory. */
static void lint(void *data)
{
	const struct linted *b = data;
	struct callerid_certlint *found = NULL;
	enum callerid_status status = callerid_certlint_run(b->chain, strlen(b->chain),
							    CALLERID_CERTLINT_AUTO, &found, NULL);

	if (status != CALLERID_OK) {
		assert_true(kit_oom_failed());
		/* OpenSSL's reader of PEM fails without a word for some allocations. */
		assert_true(status == CALLERID_ENOMEM || status == CALLERID_ESYNTAX);
		return;
	}
	for (size_t i = 0; i < callerid_certlint_count(found); i++)
		for (size_t r = 0; r < callerid_certlint_rule_count(); r++) {
			const struct callerid_certlint_answer *a =
				callerid_certlint_answer(found, i, r);

			if (a->result == CALLERID_CERTLINT_FAIL && !asks_openssl(a->rule->id) &&
			    callerid_certlint_answer(b->lint, i, r)->result != a->result)
				fail_msg("%s: %s", a->rule->id, a->why);
		}
	callerid_certlint_free(found);
}

static void a_lint_without_memory_ends_in_answers_or_an_error(void **state)
{
	const struct scene *s = *state;
	struct linted with = {.chain = s->world.chain};

	assert_int_equal(callerid_certlint_run(with.chain, strlen(with.chain),
					       CALLERID_CERTLINT_AUTO, &with.lint, NULL),
			 CALLERID_OK);
	each(lint, &with);
	callerid_certlint_free(with.lint);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(a_lint_without_memory_ends_in_answers_or_an_error),
	};

	return kit_oom_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
