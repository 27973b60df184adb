/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the admin listener, over real connections on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "svc/runtime/admin.h"

static atomic_int offset_s; /* how far the test has put the monotonic clock forward */

/* The program's definition goes before the library's. */
int clock_gettime(clockid_t id, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, id, now);
	if (id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_COARSE)
		now->tv_sec += offset_s;
	return result;
}

struct fixture {
	struct metrics *metrics;
	struct admin *admin;
	const char *_Atomic why; /* NULL: ready */
	char reply[65536];
};

static const struct metric_def defs[] = {{"t_total", METRIC_COUNTER, {NULL}, NULL, "Help."}};

static bool ready(void *magic, char *why, size_t size)
{
	struct fixture *fixture = magic;
	const char *reason = fixture->why;
	if (reason)
		snprintf(why, size, "%s", reason);
	return !reason;
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char err[200];
	fixture->metrics = metrics_new(defs, 1);
	fixture->admin = admin_start(&(struct admin_params){.listen = {"127.0.0.1", 0},
							    .metrics = fixture->metrics,
							    .ready = ready,
							    .magic = fixture},
				     err, sizeof(err));
	*state = fixture;
	return fixture->admin && err[0] == '\0' ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	admin_stop(fixture->admin);
	metrics_free(fixture->metrics);
	free(fixture);
	offset_s = 0;
	return 0;
}

static int dial(const struct fixture *fixture)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
				   .sin_port = htons(admin_port(fixture->admin)),
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval patience = {.tv_sec = 3}; /* less than the time-out of an idle connection */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	return fd;
}

/* All that comes until the other side closes. */
static const char *hear(struct fixture *fixture, int fd)
{
	size_t len = 0;
	ssize_t got;
	while ((got = recv(fd, fixture->reply + len, sizeof(fixture->reply) - 1 - len, 0)) > 0)
		len += (size_t)got;
	assert_true(got == 0 || errno == ECONNRESET);
	fixture->reply[len] = '\0';
	close(fd);
	return fixture->reply;
}

static const char *request(struct fixture *fixture, const char *line)
{
	char text[200];
	int fd = dial(fixture);
	int len = snprintf(text, sizeof(text),
			   "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", line);
	assert_int_equal(send(fd, text, (size_t)len, MSG_NOSIGNAL), len);
	return hear(fixture, fd);
}

static const char *body(const char *reply)
{
	const char *end = strstr(reply, "\r\n\r\n");
	return end ? end + 4 : "no body";
}

static void begins(const char *reply, const char *start)
{
	if (strncmp(reply, start, strlen(start)) != 0)
		fail_msg("\"%s\" instead of \"%s\"", reply, start);
}

static void metrics_are_served_as_prometheus_text(void **state)
{
	struct fixture *fixture = *state;
	METRIC_COUNT(fixture->metrics, 0, NULL);
	const char *reply = request(fixture, "GET /metrics");
	begins(reply, "HTTP/1.1 200 ");
	assert_non_null(
		strstr(reply, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_string_equal(body(reply),
			    "# HELP t_total Help.\n# TYPE t_total counter\nt_total 1\n");
}

static void health_is_ok_as_long_as_the_process_answers(void **state)
{
	struct fixture *fixture = *state;
	fixture->why = "not ready";
	const char *reply = request(fixture, "GET /healthz");
	begins(reply, "HTTP/1.1 200 ");
	assert_string_equal(body(reply), "ok\n");
}

static void not_ready_is_503_with_the_reason(void **state)
{
	struct fixture *fixture = *state;
	begins(request(fixture, "GET /readyz"), "HTTP/1.1 200 ");
	fixture->why = "trust list is empty";
	const char *reply = request(fixture, "GET /readyz");
	begins(reply, "HTTP/1.1 503 ");
	assert_string_equal(body(reply), "trust list is empty\n");
	fixture->why = "";
	assert_string_equal(body(request(fixture, "GET /readyz")), "not ready\n");
}

static void head_has_the_headers_and_no_body(void **state)
{
	const char *reply = request(*state, "HEAD /healthz");
	begins(reply, "HTTP/1.1 200 ");
	assert_non_null(strstr(reply, "Content-Length: 3\r\n"));
	assert_string_equal(body(reply), "");
}

static void other_paths_are_404_and_other_methods_405(void **state)
{
	static const char *const absent[] = {"GET /",	"GET /metrics/",    "GET /..",
					     "POST /x", "GET /metrics%00x", "GET //metrics"};
	static const char *const refused[] = {"POST /metrics",	  "DELETE /healthz", "PUT /readyz",
					      "OPTIONS /metrics", "get /metrics",    "X /healthz"};
	for (size_t i = 0; i < 6; i++) {
		begins(request(*state, absent[i]), "HTTP/1.1 404 ");
		const char *reply = request(*state, refused[i]);
		begins(reply, "HTTP/1.1 405 ");
		assert_non_null(strstr(reply, "Allow: GET, HEAD\r\n"));
	}
}

static void a_body_is_read_and_ignored(void **state)
{
	struct fixture *fixture = *state;
	int fd = dial(fixture);
	static const char text[] = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
				   "Content-Length: 10\r\n\r\n0123456789";
	assert_int_equal(send(fd, text, sizeof(text) - 1, 0), sizeof(text) - 1);
	assert_string_equal(body(hear(fixture, fd)), "ok\n");
}

static void headers_over_the_memory_bound_are_refused(void **state)
{
	struct fixture *fixture = *state;
	static char text[40000];
	int fd = dial(fixture);
	memset(text, 'a', sizeof(text));
	memcpy(text, "GET /healthz HTTP/1.1\r\nX: ", 26);
	send(fd, text, sizeof(text), MSG_NOSIGNAL);
	const char *reply = hear(fixture, fd);
	assert_null(strstr(reply, " 200 "));
	begins(request(fixture, "GET /healthz"), "HTTP/1.1 200 ");
}

static void a_slow_request_is_ended_however_busy_it_looks(void **state)
{
	struct fixture *fixture = *state;
	int fd = dial(fixture);
	assert_int_equal(send(fd, "GET /hea", 8, 0), 8);
	begins(request(fixture, "GET /healthz"),
	       "HTTP/1.1 200 "); /* the first is accepted by now */
	for (int s = 0; s < 12; s++) {
		offset_s++; /* a second, and a byte: never idle for long */
		begins(request(fixture, "GET /healthz"), "HTTP/1.1 200 ");
		send(fd, "a", 1, MSG_NOSIGNAL);
	}
	begins(request(fixture, "GET /healthz"), "HTTP/1.1 200 ");
	assert_null(strstr(hear(fixture, fd), " 200 "));
}

static void without_an_address_there_is_no_listener_and_no_error(void **state)
{
	(void)state;
	char err[100] = "before";
	assert_null(admin_start(&(struct admin_params){.ready = NULL}, err, sizeof(err)));
	assert_string_equal(err, "");
	admin_stop(NULL);
}

static void an_address_in_use_is_told(void **state)
{
	struct fixture *fixture = *state;
	char err[200];
	struct admin_params params = {.listen = {"127.0.0.1", admin_port(fixture->admin)}};
	assert_null(admin_start(&params, err, sizeof(err)));
	assert_non_null(strstr(err, "cannot listen on 127.0.0.1 port "));
	assert_non_null(strstr(err, "Address already in use"));
	params.listen.host = "localhost";
	assert_null(admin_start(&params, err, sizeof(err)));
	assert_non_null(strstr(err, "cannot listen on localhost"));
}

static void ipv6_is_served_and_no_ready_means_ready(void **state)
{
	(void)state;
	char err[200];
	struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	fixture->admin =
		admin_start(&(struct admin_params){.listen = {"::1", 0}}, err, sizeof(err));
	if (!fixture->admin) {
		free(fixture);
		print_message("skipped: no IPv6 here: %s\n", err);
		skip();
		return;
	}
	name.sin6_port = htons(admin_port(fixture->admin));
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	static const char text[] = "GET /readyz HTTP/1.0\r\n\r\n";
	assert_int_equal(send(fd, text, sizeof(text) - 1, 0), sizeof(text) - 1);
	assert_string_equal(body(hear(fixture, fd)), "ready\n");
	admin_stop(fixture->admin);
	free(fixture);
}

static void many_connections_at_once_do_not_stop_it(void **state)
{
	struct fixture *fixture = *state;
	int fds[30]; /* 16 are served, the rest waits in the backlog */
	;
	for (size_t i = 0; i < 30; i++)
		fds[i] = dial(fixture);
	for (size_t i = 0; i < 30; i++)
		close(fds[i]);
	begins(request(fixture, "GET /healthz"), "HTTP/1.1 200 ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(metrics_are_served_as_prometheus_text),
		TEST(health_is_ok_as_long_as_the_process_answers),
		TEST(not_ready_is_503_with_the_reason),
		TEST(head_has_the_headers_and_no_body),
		TEST(other_paths_are_404_and_other_methods_405),
		TEST(a_body_is_read_and_ignored),
		TEST(headers_over_the_memory_bound_are_refused),
		TEST(a_slow_request_is_ended_however_busy_it_looks),
		cmocka_unit_test(without_an_address_there_is_no_listener_and_no_error),
		TEST(an_address_in_use_is_told),
		cmocka_unit_test(ipv6_is_served_and_no_ready_means_ready),
		TEST(many_connections_at_once_do_not_stop_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
