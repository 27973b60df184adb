/* SPDX-License-Identifier: Apache-2.0 */
/* Commands over every transport: what is answered, how often it is run, what is refused. */
#include "control_kit.h"

static const struct control_params plain;

static void ping_is_answered_in_its_own_format_from_the_address_that_was_asked(void **state)
{
	struct scene scene = {0};
	int fd;

	(void)state;
	scene_open(&scene, &plain);
	/* A connected socket takes datagrams of that address only. */
	fd = connect_to(&scene.udp, SOCK_DGRAM, "127.0.0.5");
	say(fd, "1_2_3 d7:command4:pinge");
	hear_all(fd, "1_2_3 d6:result4:ponge");
	say(fd, "1_2_4 {\"command\":\"ping\"}");
	hear_all(fd, "1_2_4 {\"result\":\"pong\"}");
	close(fd);
	scene_close(&scene);
}

static void a_message_that_cannot_be_read_gets_the_protocols_words(void **state)
{
	static const char *const rows[][2] = {
		{"a d7:command5:offer", "a d12:error-reason35:Could not decode bencode "
					"dictionary6:result5:errore"},
		{"b x", "b d12:error-reason22:Invalid NG data format6:result5:errore"},
		{"c ", "c d12:error-reason22:Invalid NG data format6:result5:errore"},
		{"e {\"command\":}", "e {\"result\":\"error\",\"error-reason\":\"Failed to parse "
				     "JSON document\"}"},
		{"f []", "f d12:error-reason22:Invalid NG data format6:result5:errore"},
		{"g d7:command3:bade", "g d12:error-reason20:Unrecognized command6:result5:errore"},
	};
	struct scene scene = {0};
	int fd;

	(void)state;
	scene_open(&scene, &plain);
	fd = connect_to(&scene.udp, SOCK_DGRAM, "127.0.0.1");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		say(fd, rows[i][0]);
		hear_all(fd, rows[i][1]);
	}
	assert_int_equal(atomic_load(&scene.n_run), 1); /* "bad" alone is a command */
	close(fd);
	scene_close(&scene);
}

static void a_message_without_a_cookie_is_dropped_and_counted(void **state)
{
	char text[400];
	struct scene scene = {0};
	int fd;

	(void)state;
	scene_open(&scene, &plain);
	fd = connect_to(&scene.udp, SOCK_DGRAM, "127.0.0.1");
	say(fd, "d7:command4:pinge");
	say(fd, " d7:command4:pinge");
	memset(text, 'c', 300);
	snprintf(text + 300, sizeof(text) - 300, " d7:command4:pinge");
	say(fd, text);
	assert_int_equal(send(fd, "", 0, 0), 0);
	say(fd, "1 d7:command4:pinge");
	hear_all(fd, "1 d6:result4:ponge");
	assert_true(metric(&scene, "frames_refused_total{reason=\"no_cookie\"} ") == 4);
	close(fd);
	scene_close(&scene);
}

static void a_copy_of_a_message_is_not_run_again_whatever_it_comes_by(void **state)
{
	static const char reply[] = "same d1:ni1e6:result2:oke";
	struct scene scene = {0};
	int udp, tcp, local;

	(void)state;
	scene_open(&scene, &plain);
	udp = connect_to(&scene.udp, SOCK_DGRAM, "127.0.0.1");
	tcp = connect_to(&scene.tcp, SOCK_STREAM, NULL);
	local = connect_unix(scene.path);
	say(udp, "same d7:command5:querye");
	hear_all(udp, reply);
	say(udp, "same d7:command5:querye");
	hear_all(udp, reply);
	say(tcp, "same d7:command5:querye");
	hear_all(tcp, reply);
	/* the bytes of then, although it asks in another format */
	say(local, "same {\"command\":\"query\"}");
	hear_all(local, reply);
	assert_int_equal(atomic_load(&scene.n_run), 1);
	say(udp, "other d7:command5:querye");
	hear_all(udp, "other d1:ni2e6:result2:oke");
	assert_true(metric(&scene, "cookie_hits_total{state=\"done\"} ") == 3);
	assert_true(metric(&scene, "commands_total{command=\"query\",result=\"ok\"} ") == 2);
	close(udp);
	close(tcp);
	close(local);
	scene_close(&scene);
}

static void a_copy_that_comes_while_the_first_runs_waits_for_the_same_reply(void **state)
{
	static const char message[] = "same d7:command5:offere", ok[] = "same d1:ni1e6:result2:oke";
	struct scene scene = {0};
	int first, second, tcp;

	(void)state;
	scene_open(&scene, &plain);
	first = connect_to(&scene.udp, SOCK_DGRAM, "127.0.0.1");
	second = connect_to(&scene.udp, SOCK_DGRAM, "127.0.0.1");
	tcp = connect_to(&scene.tcp, SOCK_STREAM, NULL);
	say(first, message);
	sem_wait(&scene.begun);
	say(first, message);
	say(second, message);
	say(tcp, message);
	/* Who is answered was read after the copies: a pong says that they were taken. */
	say(first, "1 d7:command4:pinge");
	hear_all(first, "1 d6:result4:ponge");
	say(tcp, "2 d7:command4:pinge");
	hear_all(tcp, "2 d6:result4:ponge");
	sem_post(&scene.go_on);
	hear_all(first, ok);
	hear_all(first, ok);
	hear_all(second, ok);
	hear_all(tcp, ok);
	assert_int_equal(atomic_load(&scene.n_run), 1);
	assert_true(metric(&scene, "cookie_hits_total{state=\"running\"} ") == 3);
	close(first);
	close(second);
	close(tcp);
	scene_close(&scene);
}

static void copies_that_wait_are_bounded(void **state)
{
	struct scene scene = {0};
	int fd;

	(void)state;
	scene_open(&scene, &plain);
	fd = connect_to(&scene.udp, SOCK_DGRAM, "127.0.0.1");
	say(fd, "same d7:command5:offere");
	sem_wait(&scene.begun);
	for (int i = 0; i < 40; i++)
		say(fd, "same d7:command5:offere");
	say(fd, "1 d7:command4:pinge");
	hear_all(fd, "1 d6:result4:ponge");
	sem_post(&scene.go_on);
	for (int i = 0; i < 16; i++)
		hear_all(fd, "same d1:ni1e6:result2:oke");
	assert_true(metric(&scene, "frames_refused_total{reason=\"busy\"} ") == 25);
	close(fd);
	scene_close(&scene);
}

static void a_reply_longer_than_a_datagram_is_an_error_there_and_whole_elsewhere(void **state)
{
	struct scene scene = {.reply_size = 100000};
	char *expected = calloc(1, 100200);
	int fd, len;

	(void)state;
	scene_open(&scene, &plain);
	fd = connect_to(&scene.udp, SOCK_DGRAM, "127.0.0.1");
	say(fd, "1 d7:command5:querye");
	hear_all(fd, "1 d12:error-reason29:Reply too long for a datagram6:result5:errore");
	close(fd);
	fd = connect_unix(scene.path);
	say(fd, "2 d7:command5:querye");
	len = snprintf(expected, 100200, "2 d6:filler100000:");
	memset(expected + len, 'x', 100000);
	memcpy(expected + len + 100000, "1:ni2e6:result2:oke", 20);
	hear_all(fd, expected);
	free(expected);
	close(fd);
	scene_close(&scene);
}

static void what_runs_is_answered_before_the_end(void **state)
{
	struct scene scene = {0};
	char text[64];
	int fd;

	(void)state;
	scene_open(&scene, &plain);
	fd = connect_unix(scene.path);
	say(fd, "1 d7:command5:offere");
	sem_wait(&scene.begun);
	sem_post(&scene.go_on);
	scene_close(&scene);
	assert_true(hear(fd, text, sizeof(text)) > 0);
	assert_string_equal(text, "1 d1:ni1e6:result2:oke");
	hear_end(fd);
	assert_int_equal(access(scene.path, F_OK), -1);
	close(fd);
	control_stop(NULL);
}

static void a_listener_is_named_by_a_literal_address_or_a_path(void **state)
{
	static const char *const bad[] = {
		"",
		"127.0.0.1:2223",
		"udp:",
		"udp:127.0.0.1",
		"udp:localhost:1",
		"udp:127.0.0.1:65536",
		"udp:127.0.0.1:x",
		"udp:127.0.0.1:",
		"udp:::1:2223",
		"udp:[127.0.0.1]:1",
		"tcp:[::1:1",
		"unix:",
		"unix:relative",
		"http:127.0.0.1:1",
		"udp:127.0.0.1:-1",
	};
	struct control_listen listen;
	const char *why = NULL;
	char path[200] = "unix:/";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (control_listen_parse(bad[i], &listen, &why))
			fail_msg("taken: %s", bad[i]);
		assert_non_null(why);
	}
	memset(path + 6, 'a', 107);
	assert_false(control_listen_parse(path, &listen, &why));
	path[5 + 107] = '\0';
	assert_true(control_listen_parse(path, &listen, &why));
	assert_true(control_listen_parse("tcp:[::1]:2223", &listen, &why));
	assert_int_equal(listen.kind, CONTROL_TCP);
	assert_int_equal(listen.address.family, 6);
	assert_int_equal(listen.address.port, 2223);
	assert_true(control_listen_parse("udp:192.0.2.1:0", &listen, &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			ping_is_answered_in_its_own_format_from_the_address_that_was_asked),
		cmocka_unit_test(a_message_that_cannot_be_read_gets_the_protocols_words),
		cmocka_unit_test(a_message_without_a_cookie_is_dropped_and_counted),
		cmocka_unit_test(a_copy_of_a_message_is_not_run_again_whatever_it_comes_by),
		cmocka_unit_test(a_copy_that_comes_while_the_first_runs_waits_for_the_same_reply),
		cmocka_unit_test(copies_that_wait_are_bounded),
		cmocka_unit_test(
			a_reply_longer_than_a_datagram_is_an_error_there_and_whole_elsewhere),
		cmocka_unit_test(what_runs_is_answered_before_the_end),
		cmocka_unit_test(a_listener_is_named_by_a_literal_address_or_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
