/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of reading and writing fails once. */
#include "media/sdp/write.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "texts.h"

/* The linker sends the room's calls here (--wrap). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static int left = -1; /* allocations until one fails; negative: none does */

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

static void test_reading_without_memory_fails_and_keeps_nothing(void **state)
{
	(void)state;
	for (int n = 0; n < 3; n++) {
		const char *why = NULL;

		left = n;
		assert_null(sdp_parse(CHROMIUM, strlen(CHROMIUM), &why));
		assert_int_equal(left, -1);
		assert_string_equal(why, "Failed to parse SDP");
	}
}

static void test_writing_without_memory_fails_or_is_whole(void **state)
{
	struct plan_media medias[2] = {{.untouched = true}, {.untouched = true}};
	struct sdp_plan plan = {.keep_bundle = true, .medias = medias};
	const char *why;
	struct sdp *sdp = sdp_parse(CHROMIUM, strlen(CHROMIUM), &why);
	size_t len = 0;
	char *written;

	(void)state;
	assert_non_null(sdp);
	left = 0;
	assert_null(sdp_write(sdp, &plan, &len));
	left = 1; /* the one that gives back what is not needed */
	written = sdp_write(sdp, &plan, &len);
	assert_int_equal(left, -1);
	assert_non_null(written);
	assert_string_equal(written, CHROMIUM);
	free(written);
	sdp_free(sdp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading_without_memory_fails_and_keeps_nothing),
		cmocka_unit_test(test_writing_without_memory_fails_or_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
