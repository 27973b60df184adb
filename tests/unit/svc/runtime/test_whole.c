/* SPDX-License-Identifier: Apache-2.0 */
/* A pipe takes and gives less than is asked: the whole goes through all the same. */
#include "svc/runtime/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LEN 300000 /* more than a pipe holds */

static unsigned char sent[LEN], got[LEN + 1];
static int fds[2];

static void *write_it(void *magic)
{
	bool *ok = magic;

	*ok = whole_write(fds[1], sent, sizeof(sent));
	close(fds[1]);
	return NULL;
}

static void what_a_pipe_cannot_hold_goes_through_it_whole(void **state)
{
	pthread_t thread;
	bool ok = false;

	(void)state;
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = (unsigned char)(i * 31 >> 3);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(pthread_create(&thread, NULL, write_it, &ok), 0);
	/* one more than there is: the end of the file ends it */
	assert_int_equal(whole_read(fds[0], got, sizeof(got)), LEN);
	pthread_join(thread, NULL);
	close(fds[0]);
	assert_true(ok);
	assert_memory_equal(sent, got, LEN);
}

static void no_more_is_read_than_was_asked(void **state)
{
	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_true(whole_write(fds[1], "abcdef", 6));
	memset(got, 'x', 8);
	assert_int_equal(whole_read(fds[0], got, 4), 4);
	assert_memory_equal(got, "abcdxxxx", 8);
	close(fds[1]);
	assert_int_equal(whole_read(fds[0], got, 4), 2);
	assert_int_equal(whole_read(fds[0], got, 4), 0);
	close(fds[0]);
}

static void a_failure_is_told_with_its_reason(void **state)
{
	int full = open("/dev/full", O_WRONLY);

	(void)state;
	errno = 0;
	assert_false(whole_write(full, "x", 1));
	assert_int_equal(errno, ENOSPC);
	close(full);
	errno = 0;
	assert_int_equal(whole_read(full, got, 1), -1);
	assert_int_equal(errno, EBADF);
	assert_true(whole_write(full, "", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_pipe_cannot_hold_goes_through_it_whole),
		cmocka_unit_test(no_more_is_read_than_was_asked),
		cmocka_unit_test(a_failure_is_told_with_its_reason),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
