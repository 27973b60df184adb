/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the signals: which event each one is, and that a second request ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

#include "svc/runtime/signal.h"

static int readable(int fd)
{
	return poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0);
}

static void hup_reloads_any_number_of_times(void **state)
{
	(void)state;
	int fd = signal_open();
	assert_true(fd >= 0);
	assert_int_equal(signal_next(fd), SIGNAL_NONE);
	for (int i = 0; i < 3; i++) {
		kill(getpid(), SIGHUP);
		assert_int_equal(readable(fd), 1);
		assert_int_equal(signal_next(fd), SIGNAL_RELOAD);
		assert_int_equal(signal_next(fd), SIGNAL_NONE);
	}
	close(fd);
}

static void the_first_term_or_int_drains_and_the_second_stops(void **state)
{
	(void)state;
	static const int pairs[][2] = {
		{SIGTERM, SIGTERM}, {SIGINT, SIGINT}, {SIGTERM, SIGINT}, {SIGINT, SIGTERM}};
	for (size_t i = 0; i < 4; i++) {
		int fd = signal_open();
		kill(getpid(), pairs[i][0]);
		assert_int_equal(signal_next(fd), SIGNAL_DRAIN);
		assert_int_equal(signal_next(fd), SIGNAL_NONE);
		kill(getpid(), SIGHUP);
		assert_int_equal(signal_next(fd), SIGNAL_RELOAD);
		kill(getpid(), pairs[i][1]);
		assert_int_equal(signal_next(fd), SIGNAL_STOP);
		close(fd);
	}
}

static void term_and_int_at_once_are_two_requests(void **state)
{
	(void)state;
	int fd = signal_open();
	kill(getpid(), SIGTERM);
	kill(getpid(), SIGINT);
	assert_int_equal(signal_next(fd), SIGNAL_DRAIN);
	assert_int_equal(signal_next(fd), SIGNAL_STOP);
	close(fd);
}

static void a_broken_pipe_is_an_error_and_no_end(void **state)
{
	(void)state;
	int fds[2], fd = signal_open();
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(write(fds[1], "x", 1), -1);
	close(fds[1]);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hup_reloads_any_number_of_times),
		cmocka_unit_test(the_first_term_or_int_drains_and_the_second_stops),
		cmocka_unit_test(term_and_int_at_once_are_two_requests),
		cmocka_unit_test(a_broken_pipe_is_an_error_and_no_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
