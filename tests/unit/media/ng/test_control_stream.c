/* SPDX-License-Identifier: Apache-2.0 */
/* Connections: framing, what a peer may cost, and who may connect. */
#include "control_kit.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>

#include "media/ng/cookie.h"
#include "tests/kit/memory.h"

static const struct control_params plain;
static _Atomic int64_t now_ms = 1000000;

static int64_t test_clock(void)
{
	return atomic_load(&now_ms);
}

static void messages_follow_one_another_in_both_formats(void **state)
{
	struct scene scene = {0};
	int fd;

	(void)state;
	scene_open(&scene, &plain);
	fd = connect_to(&scene.tcp, SOCK_STREAM, NULL);
	say(fd, "1 d7:command4:pinge2 {\"command\":\"ping\"}\r\n3 d7:command4:pinge\n"
		"4 {\"a}\":\"\\\"}\",\"command\":\"ping\"}5 d7:comm");
	hear_all(fd, "1 d6:result4:ponge2 {\"result\":\"pong\"}3 d6:result4:ponge"
		     "4 {\"result\":\"pong\"}");
	say(fd, "and4:pinge");
	hear_all(fd, "5 d6:result4:ponge");
	close(fd);
	scene_close(&scene);
}

static void a_message_may_come_byte_by_byte(void **state)
{
	static const char text[] = "cookie d7:command5:querye{\"} {\"command\":\"query\"}";
	struct scene scene = {0};
	int fd;

	(void)state;
	scene_open(&scene, &plain);
	fd = connect_unix(scene.path);
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		assert_int_equal(send(fd, text + i, 1, MSG_NOSIGNAL), 1);
	hear_all(fd, "cookie d1:ni1e6:result2:oke{\"} {\"result\":\"ok\",\"n\":2}");
	close(fd);
	scene_close(&scene);
}

static void more_commands_than_run_at_a_time_are_all_answered(void **state)
{
	char all[64 * 40] = "", text[64 * 80];
	struct scene scene = {0};
	size_t got = 0;
	int fd;

	(void)state;
	scene_open(&scene, &plain);
	fd = connect_unix(scene.path);
	for (int i = 0; i < 64; i++) {
		size_t n = strlen(all);

		snprintf(all + n, sizeof(all) - n, "%d d7:command5:offere", i);
	}
	say(fd, all);
	for (int i = 0; i < 32; i++)
		sem_wait(&scene.begun);
	assert_int_equal(atomic_load(&scene.n_run), 32);
	for (int i = 0; i < 64; i++)
		sem_post(&scene.go_on);
	/* A stream keeps no bounds: a reply may come in two pieces. */
	for (size_t len = 0; got < 64;) {
		ssize_t n = hear(fd, text + len, sizeof(text) - len);

		assert_true(n > 0);
		len += (size_t)n;
		got = 0;
		for (const char *p = text; (p = strstr(p, "oke")) != NULL; p++)
			got++;
	}
	assert_int_equal(atomic_load(&scene.n_run), 64);
	close(fd);
	scene_close(&scene);
}

static void what_can_be_no_message_closes_the_connection(void **state)
{
	static const char *const bad[] = {
		"d7:command4:pinge ",	 "1 x",	      "1 de2 e", " d7:", "1 di-0e",
		"1 {[[[[[[[[[[[[[[[[[[", "1 123456 d"};
	char cookie[300];
	struct scene scene = {0};
	int fd;

	(void)state;
	scene_open(&scene, &plain);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fd = connect_to(&scene.tcp, SOCK_STREAM, NULL);
		say(fd, bad[i]);
		shutdown(fd, SHUT_WR);
		hear_end(fd);
		close(fd);
	}
	memset(cookie, 'c', 256);
	cookie[256] = '\0';
	fd = connect_to(&scene.tcp, SOCK_STREAM, NULL);
	say(fd, cookie);
	hear_end(fd);
	close(fd);
	assert_true(metric(&scene, "frames_refused_total{reason=\"framing\"} ") >= 6);
	scene_close(&scene);
}

static void a_message_over_64_kib_closes_the_connection(void **state)
{
	static char text[70000];
	struct scene scene = {0};
	int fd, len;

	(void)state;
	scene_open(&scene, &plain);
	for (int json = 0; json <= 1; json++) {
		fd = connect_to(&scene.tcp, SOCK_STREAM, NULL);
		memset(text, 'x', sizeof(text));
		len = snprintf(text, sizeof(text), json ? "1 {\"" : "1 d1:a40000:");
		text[len] = 'x';
		if (!json)
			memcpy(text + len + 40000, "1:b40000:", 9);
		(void)!send(fd, text, sizeof(text), MSG_NOSIGNAL);
		hear_end(fd);
		close(fd);
	}
	assert_true(metric(&scene, "frames_refused_total{reason=\"too_long\"} ") == 2);
	memset(text, 0, sizeof(text)); /* it would be found by who looks for a reply's */
	scene_close(&scene);
}

static void a_message_of_64_kib_is_read(void **state)
{
	static char text[70000], sdp[65000];
	struct scene scene = {0};
	int fd;

	(void)state;
	scene_open(&scene, &plain);
	fd = connect_to(&scene.tcp, SOCK_STREAM, NULL);
	memset(sdp, 's', sizeof(sdp) - 1);
	snprintf(text, sizeof(text), "1 d7:command5:query3:sdp%zu:%se", sizeof(sdp) - 1, sdp);
	say(fd, text);
	hear_all(fd, "1 d1:ni1e6:result2:oke");
	close(fd);
	scene_close(&scene);
}

static void a_message_that_does_not_end_in_time_closes_the_connection(void **state)
{
	const struct control_params timed = {.clock_ms = test_clock};
	struct scene scene = {0};
	int slow, idle;

	(void)state;
	scene_open(&scene, &timed);
	slow = connect_to(&scene.tcp, SOCK_STREAM, NULL);
	idle = connect_unix(scene.path);
	say(slow, "1 d7:command4:pinge2 d");
	hear_all(slow, "1 d6:result4:ponge");
	say(idle, "3 d7:command4:pinge");
	hear_all(idle, "3 d6:result4:ponge");
	atomic_fetch_add(&now_ms, CONTROL_PARTIAL_MS + 1);
	hear_end(slow);
	say(idle, "4 d7:command4:pinge");
	hear_all(idle, "4 d6:result4:ponge");
	atomic_fetch_add(&now_ms, CONTROL_IDLE_MS + 1);
	hear_end(idle);
	assert_true(metric(&scene, "frames_refused_total{reason=\"partial\"} ") == 1);
	assert_true(metric(&scene, "frames_refused_total{reason=\"idle\"} ") == 1);
	close(slow);
	close(idle);
	scene_close(&scene);
}

/* Of the filler: longer than any text of this program. */
static bool is_filler(const char *at)
{
	for (int i = 0; i < MEMORY_WORD; i++)
		if (at[i] != 'x')
			return false;
	return true;
}

/* Waits for the control thread's tick, which comes once a second. */
static size_t fillers_after(int64_t ms)
{
	size_t found = 1;

	atomic_fetch_add(&now_ms, ms);
	for (int i = 0; found > 0 && i < 30; i++) {
		struct timespec pause = {.tv_nsec = 100000000};

		nanosleep(&pause, NULL);
		found = memory_count(is_filler);
	}
	return found;
}

static void nothing_of_a_reply_is_left_once_its_time_is_over(void **state)
{
	const struct control_params timed = {.clock_ms = test_clock};
	struct scene scene = {.reply_size = 50000};
	char none[2];
	int fd;

	(void)state;
	scene_open(&scene, &timed);
	fd = connect_to(&scene.tcp, SOCK_STREAM, NULL);
	say(fd, "1 d7:command5:querye");
	assert_int_equal(hear(fd, none, sizeof(none)), 1); /* the rest is never taken */
	assert_true(memory_count(is_filler) > 40000);
	assert_int_equal(fillers_after(2 * COOKIE_GENERATION_MS), 0);
	close(fd);
	scene_close(&scene);
}

static void a_peer_that_does_not_read_is_let_go(void **state)
{
	struct scene scene = {.reply_size = 60000};
	char text[64];
	int fd, other, small = 4096;

	(void)state;
	scene_open(&scene, &plain);
	fd = connect_unix(scene.path);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	/* STREAM_OUT_MAX is 4 MiB: 70 of them, and what the socket holds */
	for (int i = 0; i < 120; i++) {
		snprintf(text, sizeof(text), "%d d7:command5:querye", i);
		if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
			break;
	}
	for (int i = 0; i < 50 && metric(&scene, "refused_total{reason=\"unread\"} ") < 1; i++) {
		struct timespec pause = {.tv_nsec = 100000000};

		nanosleep(&pause, NULL);
	}
	assert_true(metric(&scene, "frames_refused_total{reason=\"unread\"} ") == 1);
	other = connect_unix(scene.path);
	say(other, "other d7:command4:pinge");
	hear_all(other, "other d6:result4:ponge");
	assert_true(metric(&scene, "connections{kind=\"unix\"} ") == 1);
	close(fd);
	close(other);
	scene_close(&scene);
}

static void connections_are_bounded_and_tcp_leaves_room_for_unix(void **state)
{
	int fds[CONTROL_CONNECTIONS_MAX + 1];
	struct scene scene = {0};
	int local;

	(void)state;
	scene_open(&scene, &plain);
	for (size_t i = 0; i <= CONTROL_CONNECTIONS_MAX; i++)
		fds[i] = connect_to(&scene.tcp, SOCK_STREAM, NULL);
	hear_end(fds[CONTROL_CONNECTIONS_MAX]);
	say(fds[0], "1 d7:command4:pinge");
	hear_all(fds[0], "1 d6:result4:ponge");
	local = connect_unix(scene.path);
	say(local, "2 d7:command4:pinge");
	hear_all(local, "2 d6:result4:ponge");
	assert_true(metric(&scene, "connections{kind=\"tcp\"} ") == CONTROL_CONNECTIONS_MAX);
	for (size_t i = 0; i <= CONTROL_CONNECTIONS_MAX; i++)
		close(fds[i]);
	close(local);
	scene_close(&scene);
}

static void a_peer_that_is_gone_takes_nothing_with_it(void **state)
{
	struct scene scene = {0};
	int fd, other;

	(void)state;
	scene_open(&scene, &plain);
	fd = connect_unix(scene.path);
	other = connect_unix(scene.path);
	say(fd, "1 d7:command5:offere");
	sem_wait(&scene.begun);
	say(other, "1 d7:command5:offere");
	say(other, "2 d7:command4:pinge");
	hear_all(other, "2 d6:result4:ponge");
	close(fd);
	sem_post(&scene.go_on);
	hear_all(other, "1 d1:ni1e6:result2:oke");
	close(other);
	scene_close(&scene);
}

static void a_peer_that_only_stops_sending_gets_its_reply(void **state)
{
	struct scene scene = {0};
	int fd;

	(void)state;
	scene_open(&scene, &plain);
	fd = connect_to(&scene.tcp, SOCK_STREAM, NULL);
	say(fd, "1 d7:command5:offere");
	shutdown(fd, SHUT_WR);
	sem_wait(&scene.begun);
	sem_post(&scene.go_on);
	hear_all(fd, "1 d1:ni1e6:result2:oke");
	hear_end(fd);
	close(fd);
	scene_close(&scene);
}

/* In a child, as user 65534: 0 when it is not served, through what the socket's mode allows. */
static int as_nobody(const char *path)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		char text[64];
		int fd;

		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(3);
		fd = connect_unix(path);
		if (fd < 0)
			_exit(errno == EACCES ? 1 : 4);
		(void)!send(fd, "1 d7:command4:pinge", 19, MSG_NOSIGNAL);
		_exit(hear(fd, text, sizeof(text)) > 0 ? 5 : 2);
	}
	assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void another_user_cannot_connect_and_is_not_served_even_where_the_mode_lets_it(void **state)
{
	struct scene scene = {0};
	struct stat st;

	(void)state;
	scene_open(&scene, &plain);
	assert_int_equal(stat(scene.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	if (geteuid() != 0) {
		scene_close(&scene);
		skip(); /* only root can be another user */
	}
	assert_int_equal(as_nobody(scene.path), 1);
	assert_int_equal(chmod(scene.path, 0666), 0);
	assert_int_equal(as_nobody(scene.path), 2);
	assert_true(metric(&scene, "frames_refused_total{reason=\"peer\"} ") == 1);
	scene_close(&scene);
}

static void the_socket_of_a_killed_process_is_replaced_and_that_of_a_living_one_is_not(void **state)
{
	struct scene scene = {0};
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct control_listen listen = {.kind = CONTROL_UNIX, .path = scene.path};
	struct control_params params = {.listen = &listen, .n_listen = 1};
	char err[300] = "";
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	snprintf(sa.sun_path, sizeof(sa.sun_path), "/tmp/attestel-ng-%d.sock", (int)getpid());
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	close(fd);
	scene_open(&scene, &plain);
	assert_null(control_start(&params, err, sizeof(err)));
	assert_non_null(strstr(err, scene.path));
	assert_non_null(strstr(err, "another program listens there"));
	fd = connect_unix(scene.path); /* it was not taken away either */
	assert_true(fd >= 0);
	close(fd);
	scene_close(&scene);
	/* and what is no socket stays */
	fd = open(sa.sun_path, O_CREAT | O_WRONLY, 0600);
	close(fd);
	assert_null(control_start(&params, err, sizeof(err)));
	assert_int_equal(unlink(sa.sun_path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_follow_one_another_in_both_formats),
		cmocka_unit_test(a_message_may_come_byte_by_byte),
		cmocka_unit_test(more_commands_than_run_at_a_time_are_all_answered),
		cmocka_unit_test(what_can_be_no_message_closes_the_connection),
		cmocka_unit_test(a_message_over_64_kib_closes_the_connection),
		cmocka_unit_test(a_message_of_64_kib_is_read),
		cmocka_unit_test(a_message_that_does_not_end_in_time_closes_the_connection),
		cmocka_unit_test(nothing_of_a_reply_is_left_once_its_time_is_over),
		cmocka_unit_test(a_peer_that_does_not_read_is_let_go),
		cmocka_unit_test(connections_are_bounded_and_tcp_leaves_room_for_unix),
		cmocka_unit_test(a_peer_that_is_gone_takes_nothing_with_it),
		cmocka_unit_test(a_peer_that_only_stops_sending_gets_its_reply),
		cmocka_unit_test(
			another_user_cannot_connect_and_is_not_served_even_where_the_mode_lets_it),
		cmocka_unit_test(
			the_socket_of_a_killed_process_is_replaced_and_that_of_a_living_one_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
