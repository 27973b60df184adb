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

/* Each answer is the one with memory, in its words too. */
static void lint(void *data)
{
	const struct linted *b = data;
	struct callerid_certlint *found = NULL;
	enum callerid_status status = callerid_certlint_run(b->chain, strlen(b->chain),
							    CALLERID_CERTLINT_AUTO, &found, NULL);

	kit_oom_status(status);
	if (status != CALLERID_OK)
		return;
	assert_int_equal(callerid_certlint_count(found), callerid_certlint_count(b->lint));
	for (size_t i = 0; i < callerid_certlint_count(found); i++)
		for (size_t r = 0; r < callerid_certlint_rule_count(); r++) {
			const struct callerid_certlint_answer *a =
				callerid_certlint_answer(found, i, r);
			const struct callerid_certlint_answer *with =
				callerid_certlint_answer(b->lint, i, r);

			if (a->result != with->result || strcmp(a->why, with->why) != 0)
				kit_oom_wrong(a->rule->id);
		}
	callerid_certlint_free(found);
}

static void a_lint_without_memory_is_an_error(void **state)
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
		SCENE_TEST(a_lint_without_memory_is_an_error),
	};

	return kit_oom_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
