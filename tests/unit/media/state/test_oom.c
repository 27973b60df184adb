/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of saving and of restoring a call fails once: ours, and those of jansson. */
#include "state_kit.h"

/* The linker sends the room's calls here (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static _Thread_local int left = -1; /* allocations until one fails; negative: none does */

static bool fails_now(void)
{
	return left >= 0 && left-- == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails_now() ? NULL : __real_realloc(p, size);
}

static void save_without_memory(struct kit *kit, struct desk *desk)
{
	struct call *call = kit_call(kit, desk, "the call");
	json_t *json;
	int n = 0, failed = 0;

	/* Text that there was no memory for may have been written as hex: that is whole too. */
	for (bool done = false; !done; n++) {
		left = n;
		json = call_save(call);
		done = left >= 0;
		left = -1;
		assert_true(json || !done);
		failed += json == NULL;
		json_decref(json);
		assert_true(n < 100000);
	}
	assert_true(failed > 300);
	call_free(call, END_STOP);
}

static void restore_without_memory(struct kit *kit, struct desk *desk)
{
	struct call *call = kit_call(kit, desk, "the call");
	json_t *json = call_save(call);
	const char *why;
	int n = 0, failed = 0;

	call_free(call, END_STOP);
	for (bool done = false; !done; n++) {
		left = n;
		why = call_restore(desk, json, &kit->certificates);
		done = left >= 0;
		left = -1;
		failed += why != NULL;
		assert_true(!why || !done);
		if (!why) {
			/* One that could be done without. */
			json_t *again = call_save(desk->calls);

			assert_true(json_equal(json, again));
			json_decref(again);
			call_free(desk->calls, END_STOP);
		}
		assert_null(desk->calls);
		assert_int_equal(port_pool_used(kit->pool), 0);
		assert_true(n < 100000);
	}
	assert_true(failed > 30);
	json_decref(json);
}

static void test_a_call_is_saved_whole_or_not(void **state)
{
	kit_run(*state, 0, save_without_memory);
}

static void test_a_call_is_restored_whole_or_leaves_nothing(void **state)
{
	kit_run(*state, 0, restore_without_memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_call_is_saved_whole_or_not),
		cmocka_unit_test(test_a_call_is_restored_whole_or_leaves_nothing),
	};

	json_set_alloc_funcs(__wrap_malloc, free);
	return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
