/* SPDX-License-Identifier: Apache-2.0 */
/* The keyed mode: what is signed, what is refused, and that a copy of a message is worth nothing.
 */
#include "control_kit.h"

#include <time.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

static const char key[] = "sixteen bytes or more";

/* Written apart from the code under test: the text that is signed, put together and hashed. */
static void sign(const char *text, char hex_out[65])
{
	unsigned char mac[32];
	unsigned len = sizeof(mac);

	assert_non_null(HMAC(EVP_sha256(), key, sizeof(key) - 1, (const unsigned char *)text,
			     strlen(text), mac, &len));
	for (size_t i = 0; i < sizeof(mac); i++)
		snprintf(hex_out + 2 * i, 3, "%02x", mac[i]);
}

static const char *message(char out[600], const char *cookie, int64_t then, const char *dict)
{
	char text[512], mac[65];

	snprintf(text, sizeof(text), "%s %lld %s", cookie, (long long)then, dict);
	sign(text, mac);
	snprintf(out, 600, "%s %lld:%s %s", cookie, (long long)then, mac, dict);
	return out;
}

static const char *reply(char out[600], const char *cookie, const char *dict)
{
	char text[512], mac[65];

	snprintf(text, sizeof(text), "%s %s", cookie, dict);
	sign(text, mac);
	snprintf(out, 600, "%s %s %s", cookie, mac, dict);
	return out;
}

static void keyed_open(struct scene *scene)
{
	const struct control_params keyed = {.key = (const uint8_t *)key,
					     .key_len = sizeof(key) - 1};

	scene_open(scene, &keyed);
}

/* A signed ping after it: when its pong is the next to come, there was no other reply. */
static void assert_silence(struct scene *scene, int fd)
{
	static atomic_int n;
	char text[600], cookie[16];

	(void)scene;
	snprintf(cookie, sizeof(cookie), "p%d", atomic_fetch_add(&n, 1));
	say(fd, message(text, cookie, time(NULL), "d7:command4:pinge"));
	hear_all(fd, reply(text, cookie, "d6:result4:ponge"));
}

static void what_is_signed_is_answered_and_the_answer_is_signed(void **state)
{
	struct scene scene = {0};
	char text[600];
	int fd;

	(void)state;
	keyed_open(&scene);
	fd = connect_to(&scene.udp, SOCK_DGRAM, "127.0.0.1");
	say(fd, message(text, "a", time(NULL), "d7:command5:querye"));
	hear_all(fd, reply(text, "a", "d1:ni1e6:result2:oke"));
	close(fd);
	fd = connect_to(&scene.tcp, SOCK_STREAM, NULL);
	for (const char *p = message(text, "b", time(NULL), "{\"command\":\"query\"}"); *p; p++)
		assert_int_equal(send(fd, p, 1, MSG_NOSIGNAL), 1);
	hear_all(fd, reply(text, "b", "{\"result\":\"ok\",\"n\":2}"));
	close(fd);
	scene_close(&scene);
}

static void what_is_not_signed_or_wrongly_is_dropped_and_counted(void **state)
{
	struct scene scene = {0};
	char text[600];
	int fd;

	(void)state;
	keyed_open(&scene);
	fd = connect_to(&scene.udp, SOCK_DGRAM, "127.0.0.1");
	say(fd, "a d7:command5:querye");
	say(fd, "a 1 d7:command5:querye");
	message(text, "a", time(NULL), "d7:command5:querye");
	text[strlen(text) - 2]++; /* the dictionary */
	say(fd, text);
	message(text, "a", time(NULL), "d7:command5:querye");
	text[20] = text[20] == '0' ? '1' : '0'; /* the signature */
	say(fd, text);
	message(text, "a", time(NULL), "d7:command5:querye");
	text[2 + strspn(text + 2, "0123456789") - 1] ^= 1; /* the time */
	say(fd, text);
	message(text, "a", time(NULL), "d7:command5:querye");
	text[0] = 'b'; /* the cookie: a copy that would not be known as one */
	say(fd, text);
	assert_silence(&scene, fd);
	assert_int_equal(atomic_load(&scene.n_run), 0);
	assert_true(metric(&scene, "frames_refused_total{reason=\"unsigned\"} ") == 1);
	assert_true(metric(&scene, "frames_refused_total{reason=\"signature\"} ") == 5);
	close(fd);
	scene_close(&scene);
}

static void a_copy_gets_the_same_reply_and_runs_nothing(void **state)
{
	struct scene scene = {0};
	char text[600], expected[600];
	int fd, attacker;

	(void)state;
	keyed_open(&scene);
	fd = connect_to(&scene.udp, SOCK_DGRAM, "127.0.0.1");
	attacker = connect_to(&scene.tcp, SOCK_STREAM, NULL);
	say(fd, message(text, "a", time(NULL), "d7:command5:querye"));
	hear_all(fd, reply(expected, "a", "d1:ni1e6:result2:oke"));
	say(attacker, text);
	hear_all(attacker, expected);
	assert_int_equal(atomic_load(&scene.n_run), 1);
	close(fd);
	close(attacker);
	scene_close(&scene);
}

static void what_is_old_or_from_the_future_or_from_before_the_start_is_stale(void **state)
{
	struct scene scene = {0};
	int64_t now = time(NULL); /* not after the start */
	char text[600];
	int fd;

	(void)state;
	keyed_open(&scene);
	fd = connect_to(&scene.udp, SOCK_DGRAM, "127.0.0.1");
	say(fd, message(text, "a", now - 1, "d7:command5:querye"));
	say(fd, message(text, "b", now - 60, "d7:command5:querye"));
	say(fd, message(text, "c", now + 60, "d7:command5:querye"));
	say(fd, message(text, "d", 999999999999, "d7:command5:querye"));
	assert_silence(&scene, fd);
	assert_int_equal(atomic_load(&scene.n_run), 0);
	assert_true(metric(&scene, "frames_refused_total{reason=\"stale\"} ") == 4);
	close(fd);
	scene_close(&scene);
}

static void a_stream_that_is_not_signed_is_closed(void **state)
{
	struct scene scene = {0};
	int fd;

	(void)state;
	keyed_open(&scene);
	fd = connect_to(&scene.tcp, SOCK_STREAM, NULL);
	say(fd, "a d7:command5:querye");
	hear_end(fd);
	assert_int_equal(atomic_load(&scene.n_run), 0);
	close(fd);
	scene_close(&scene);
}

static void the_unix_socket_needs_no_key(void **state)
{
	struct scene scene = {0};
	int fd;

	(void)state;
	keyed_open(&scene);
	fd = connect_unix(scene.path);
	say(fd, "a d7:command5:querye");
	hear_all(fd, "a d1:ni1e6:result2:oke");
	close(fd);
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_signed_is_answered_and_the_answer_is_signed),
		cmocka_unit_test(what_is_not_signed_or_wrongly_is_dropped_and_counted),
		cmocka_unit_test(a_copy_gets_the_same_reply_and_runs_nothing),
		cmocka_unit_test(what_is_old_or_from_the_future_or_from_before_the_start_is_stale),
		cmocka_unit_test(a_stream_that_is_not_signed_is_closed),
		cmocka_unit_test(the_unix_socket_needs_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
