/* SPDX-License-Identifier: Apache-2.0 */
/* The n-th allocation fails: the library's, OpenSSL's and jansson's. */
#include "tests/kit/oom.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/crypto.h>

#include <execinfo.h>
#include <stdlib.h>
#include <unistd.h>

#define STEPS_MAX 20000
#define WHERE_MAX 40

/* The linker sends the library's calls here (--wrap); OpenSSL and jansson are told to come. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strndup(const char *text, size_t n);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strndup(const char *text, size_t n);

/* Of a leak two callers are told, not thirty: to find those takes longer than all else here. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "malloc_context_size=2";
}

static long left = -1; /* allocations until one fails; negative: none does */
static bool failed;
static void *where[WHERE_MAX]; /* from where the one that failed was called */
static int n_where;

static bool fails_now(void)
{
	if (left < 0)
		return false;
	if (left-- > 0)
		return false;
	failed = true;
	n_where = backtrace(where, WHERE_MAX);
	return true;
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

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return fails_now() ? NULL : __real_reallocarray(p, n, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails_now() ? NULL : __real_aligned_alloc(alignment, size);
}

char *__wrap_strndup(const char *text, size_t n)
{
	return fails_now() ? NULL : __real_strndup(text, n);
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return __wrap_malloc(size);
}

static void *crypto_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return __wrap_realloc(p, size);
}

static void crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

bool kit_oom_start(void)
{
	json_set_alloc_funcs(__wrap_malloc, free);
	return CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) == 1;
}

long kit_oom_each(void (*part)(void *data), void *data)
{
	left = -1;
	failed = false;
	part(data); /* what OpenSSL makes once, it makes now */
	for (long n = 0; n < STEPS_MAX; n++) {
		failed = false;
		left = n;
		part(data);
		left = -1;
		if (!failed)
			return n;
	}
	return STEPS_MAX;
}

long kit_oom_pause(void)
{
	long before = left;

	left = -1;
	return before;
}

void kit_oom_resume(long before)
{
	left = before;
}

bool kit_oom_failed(void)
{
	return failed;
}

void kit_oom_wrong(const char *what)
{
	left = -1;
	backtrace_symbols_fd(where, n_where, STDERR_FILENO);
	fail_msg("%s", what);
}

void kit_oom_status(enum callerid_status status)
{
	if (status != CALLERID_OK && status != CALLERID_ENOMEM)
		kit_oom_wrong("another status than CALLERID_ENOMEM");
	if (status != CALLERID_OK && !failed)
		kit_oom_wrong("CALLERID_ENOMEM, and no allocation failed");
}
