/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the notifications: what each datagram says, where it goes, and silence without one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "svc/runtime/sd.h"

static char received[512];

/* A manager's socket; in the abstract namespace when name begins with "@". */
static int manager_open(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t len = strlen(name);
	memcpy(address.sun_path, name, len);
	if (*name == '@')
		address.sun_path[0] = '\0';
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
			 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static const char *next(int fd)
{
	ssize_t got = recv(fd, received, sizeof(received) - 1, 0);
	received[got > 0 ? got : 0] = '\0';
	return received;
}

static void each_call_sends_its_datagram(int fd)
{
	long long usec;
	struct timespec now;
	sd_ready("12 trunks");
	assert_string_equal(next(fd), "READY=1\nSTATUS=12 trunks");
	sd_ready(NULL);
	assert_string_equal(next(fd), "READY=1");
	sd_stopping();
	assert_string_equal(next(fd), "STOPPING=1");
	sd_watchdog();
	assert_string_equal(next(fd), "WATCHDOG=1");
	sd_status("draining");
	assert_string_equal(next(fd), "STATUS=draining");
	sd_reloading();
	clock_gettime(CLOCK_MONOTONIC, &now);
	assert_int_equal(sscanf(next(fd), "RELOADING=1\nMONOTONIC_USEC=%lld", &usec), 1);
	assert_in_range(now.tv_sec * 1000000 + now.tv_nsec / 1000 - usec, 0, 10000000);
	assert_string_equal(next(fd), "");
}

static void a_path_is_notified(void **state)
{
	(void)state;
	char name[] = "/tmp/sd-XXXXXX/notify";
	name[14] = '\0';
	assert_non_null(mkdtemp(name));
	name[14] = '/';
	int fd = manager_open(name);
	each_call_sends_its_datagram(fd);
	close(fd);
	sd_ready("nobody listens any more");
	unlink(name);
	sd_ready("nothing is there any more");
	name[14] = '\0';
	rmdir(name);
}

static void an_abstract_name_is_notified(void **state)
{
	(void)state;
	char name[64];
	snprintf(name, sizeof(name), "@attestel-test-%ld", (long)getpid());
	int fd = manager_open(name);
	each_call_sends_its_datagram(fd);
	close(fd);
}

static void a_status_cannot_make_another_assignment_nor_grow(void **state)
{
	(void)state;
	char name[64], big[2000];
	memset(big, 's', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	snprintf(name, sizeof(name), "@attestel-test-%ld", (long)getpid());
	int fd = manager_open(name);
	sd_status("x\nMAINPID=1\r");
	assert_string_equal(next(fd), "STATUS=x MAINPID=1 ");
	sd_status(big);
	assert_int_equal(strlen(next(fd)), 255);
	sd_status(NULL);
	assert_string_equal(next(fd), "STATUS=");
	close(fd);
}

static void without_a_usable_socket_nothing_happens(void **state)
{
	(void)state;
	static const char *const names[] = {"", "/", "@", "relative/path", "vsock:2:1"};
	char big[200];
	memset(big, '/', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		setenv("NOTIFY_SOCKET", names[i], 1);
		sd_ready("x");
	}
	setenv("NOTIFY_SOCKET", big, 1);
	sd_ready("x");
	unsetenv("NOTIFY_SOCKET");
	sd_ready("x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_notified),
		cmocka_unit_test(an_abstract_name_is_notified),
		cmocka_unit_test(a_status_cannot_make_another_assignment_nor_grow),
		cmocka_unit_test(without_a_usable_socket_nothing_happens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
