/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the helper process. This program is its own helper: see main(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "svc/runtime/helper.h"

static int64_t frozen_ms; /* the monotonic clock while a test holds it; 0: it runs */

/* The program's definition goes before the library's. */
int clock_gettime(clockid_t id, struct timespec *now)
{
	if (frozen_ms && id == CLOCK_MONOTONIC) {
		*now = (struct timespec){frozen_ms / 1000, frozen_ms % 1000 * 1000000};
		return 0;
	}
	return (int)syscall(SYS_clock_gettime, id, now);
}

extern char **environ;

/* What the helper finds itself to be. */
static int describe(char *out, size_t size)
{
	struct rlimit core;
	sigset_t blocked;
	int open_fds = 0, signal_death = 0;
	for (int fd = 0; fd < 256; fd++)
		open_fds += fcntl(fd, F_GETFD) >= 0;
	getrlimit(RLIMIT_CORE, &core);
	sigprocmask(SIG_SETMASK, NULL, &blocked);
	prctl(PR_GET_PDEATHSIG, &signal_death);
	return snprintf(out, size,
			"env=%d fds=%d nnp=%d dump=%d core=%d death=%d uid=%d gid=%d groups=%d "
			"blocked=%d",
			environ && environ[0] != NULL, open_fds,
			prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), prctl(PR_GET_DUMPABLE, 0, 0, 0, 0),
			(int)core.rlim_max, signal_death, (int)geteuid(), (int)getegid(),
			geteuid() == 65534 ? getgroups(0, NULL) : 0,
			sigismember(&blocked, SIGTERM));
}

/* Answers each message with itself; a few words make it do something else. */
static int helper_main(void)
{
	static char message[HELPER_MESSAGE_MAX];
	int fd = helper_child_enter();
	if (fd < 0)
		return 3;
	for (;;) {
		ssize_t len = recv(fd, message, sizeof(message), 0);
		if (len <= 0)
			return 0;
		if (len == 4 && memcmp(message, "exit", 4) == 0)
			_exit(0);
		if (len == 4 && memcmp(message, "hang", 4) == 0) {
			for (;;)
				pause();
		}
		if (len == 8 && memcmp(message, "describe", 8) == 0)
			len = describe(message, sizeof(message));
		if (send(fd, message, (size_t)len, 0) != len)
			return 1;
	}
}

static void await(const struct helper *helper)
{
	struct pollfd fd = {.fd = helper_fd(helper), .events = POLLIN};
	assert_int_equal(poll(&fd, 1, 10000), 1);
}

static ssize_t ask(struct helper *helper, const char *question, char *answer, size_t size)
{
	assert_true(helper_send(helper, question, strlen(question)));
	await(helper);
	return helper_receive(helper, answer, size);
}

static void messages_go_there_and_come_back_whole(void **state)
{
	(void)state;
	static char big[HELPER_MESSAGE_MAX], back[HELPER_MESSAGE_MAX];
	struct helper *helper = helper_start("--helper=echo");
	assert_non_null(helper);
	assert_int_equal(helper_receive(helper, back, sizeof(back)), 0);
	assert_int_equal(ask(helper, "one", back, sizeof(back)), 3);
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i % 251);
	assert_true(helper_send(helper, big, sizeof(big)));
	assert_true(helper_send(helper, "two", 3));
	await(helper);
	assert_int_equal(helper_receive(helper, back, sizeof(back)), sizeof(big));
	assert_memory_equal(big, back, sizeof(big));
	await(helper);
	assert_int_equal(helper_receive(helper, back, sizeof(back)), 3);
	assert_memory_equal(back, "two", 3);
	helper_stop(helper);
}

static void empty_and_oversized_messages_are_not_sent(void **state)
{
	(void)state;
	static char big[HELPER_MESSAGE_MAX + 1];
	struct helper *helper = helper_start("--helper=echo");
	assert_false(helper_send(helper, big, sizeof(big)));
	assert_false(helper_send(helper, big, 0));
	helper_stop(helper);
}

static void a_full_socket_refuses_and_does_not_wait(void **state)
{
	(void)state;
	static char big[HELPER_MESSAGE_MAX];
	struct helper *helper = helper_start("--helper=echo");
	assert_true(helper_send(helper, "hang", 4));
	int sent = 0;
	while (sent < 1000 && helper_send(helper, big, sizeof(big)))
		sent++;
	assert_in_range(sent, 1, 999);
	helper_stop(helper); /* and it is killed, although it hangs */
}

static void the_helper_has_no_environment_no_files_no_privileges(void **state)
{
	(void)state;
	char answer[512], expected[512];
	int leak = open("/dev/null", O_RDONLY); /* not close-on-exec, on purpose */
	bool root = geteuid() == 0;
	sigset_t set, before;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &before);
	setenv("ATTESTEL_SECRET", "x", 1);
	struct helper *helper = helper_start("--helper=echo");
	ssize_t len = ask(helper, "describe", answer, sizeof(answer) - 1);
	assert_true(len > 0);
	answer[len] = '\0';
	snprintf(expected, sizeof(expected),
		 "env=0 fds=4 nnp=1 dump=0 core=0 death=9 uid=%d gid=%d groups=0 blocked=0",
		 root ? 65534 : (int)geteuid(), root ? 65534 : (int)getegid());
	assert_string_equal(answer, expected);
	helper_stop(helper);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(leak);
}

static void die(struct helper *helper)
{
	char answer[64];
	assert_true(helper_send(helper, "exit", 4));
	await(helper);
	assert_int_equal(helper_receive(helper, answer, sizeof(answer)), -1);
	assert_int_equal(helper_receive(helper, answer, sizeof(answer)), -1);
	assert_false(helper_send(helper, "x", 1));
}

static void a_dead_helper_is_seen_and_restarted_once_a_second(void **state)
{
	(void)state;
	char answer[64];
	frozen_ms = 5000;
	struct helper *helper = helper_start("--helper=echo");
	assert_true(helper_restart(helper)); /* it lives: nothing to do */
	die(helper);
	frozen_ms = 5999;
	assert_false(helper_restart(helper));
	frozen_ms = 6000;
	assert_true(helper_restart(helper));
	assert_int_equal(ask(helper, "again", answer, sizeof(answer)), 5);
	die(helper);
	assert_false(helper_restart(helper));
	frozen_ms = 7000;
	assert_true(helper_restart(helper));
	frozen_ms = 0;
	helper_stop(helper);
}

static void a_message_longer_than_the_buffer_ends_the_helper(void **state)
{
	(void)state;
	char small[4];
	struct helper *helper = helper_start("--helper=echo");
	assert_int_equal(ask(helper, "five!", small, sizeof(small)), -1);
	assert_false(helper_send(helper, "x", 1));
	helper_stop(helper);
}

static void stopping_leaves_no_process_behind(void **state)
{
	(void)state;
	helper_stop(helper_start("--helper=echo"));
	helper_stop(NULL);
	errno = 0;
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void signals_to_the_group_leave_the_helper_alive(void **state)
{
	(void)state;
	char answer[64];
	struct helper *helper = helper_start("--helper=echo");
	assert_int_equal(ask(helper, "up", answer, sizeof(answer)), 2);
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	kill(0, SIGTERM);
	kill(0, SIGINT);
	assert_int_equal(ask(helper, "still", answer, sizeof(answer)), 5);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	helper_stop(helper);
}

static void a_program_started_by_hand_is_no_helper(void **state)
{
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		close(3);
		execl("/proc/self/exe", "test", "--helper=echo", (char *)NULL);
		_exit(126);
	}
	int status = 0;
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--helper=echo") == 0)
		return helper_main();
	setpgid(0, 0); /* signals to the group concern this test alone */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_go_there_and_come_back_whole),
		cmocka_unit_test(empty_and_oversized_messages_are_not_sent),
		cmocka_unit_test(a_full_socket_refuses_and_does_not_wait),
		cmocka_unit_test(the_helper_has_no_environment_no_files_no_privileges),
		cmocka_unit_test(a_dead_helper_is_seen_and_restarted_once_a_second),
		cmocka_unit_test(a_message_longer_than_the_buffer_ends_the_helper),
		cmocka_unit_test(stopping_leaves_no_process_behind),
		cmocka_unit_test(signals_to_the_group_leave_the_helper_alive),
		cmocka_unit_test(a_program_started_by_hand_is_no_helper),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
