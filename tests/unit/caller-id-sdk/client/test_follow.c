/* SPDX-License-Identifier: Apache-2.0 */
/* Following the stream over real connections to a server on 127.0.0.1 that ends or holds them. */
#include <callerid/client_follow.h>

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "exchange.h"

#define KEY	    "ak_secret_0123456789"
#define CONNECTIONS 8
#define REQUEST_MAX 2048
#define LOG_MAX	    4096
#define STREAM	    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
#define PROBLEM(status, code)                                                                      \
	"HTTP/1.1 " status                                                                         \
	"\r\nContent-Type: application/problem+json\r\nContent-Length: 15\r\n\r\n"                 \
	"{\"code\":\"" code "\"}"

/* What a connection gets, then its end, or with hold nothing more. */
struct part {
	const char *text;
	bool hold;
};

struct world {
	int fd;
	pthread_t server;
	atomic_bool stopped;
	const struct part *parts; /* the last for all that come later */
	size_t n_parts;
	bool byte_by_byte;
	atomic_size_t connections;
	char requests[CONNECTIONS][REQUEST_MAX];
	int64_t asked_ms[CONNECTIONS];

	struct callerid_client *client;
	size_t wanted;	      /* events */
	char events[LOG_MAX]; /* "id|kind|data;" */
	char states[LOG_MAX]; /* "+;" or "-why;" */
	sem_t seen;	      /* each change of the state */
	pthread_t stopper;
};

static void read_request(struct world *world, int fd, char *request)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	size_t n = 0;

	while (!world->stopped && !strstr(request, "\r\n\r\n") && n < REQUEST_MAX - 1) {
		if (poll(&wait, 1, 10) == 0)
			continue;
		ssize_t got = recv(fd, request + n, REQUEST_MAX - 1 - n, 0);
		if (got <= 0)
			return;
		n += (size_t)got;
	}
}

static void answer(struct world *world, int fd, const struct part *part)
{
	size_t len = strlen(part->text), piece = world->byte_by_byte ? 1 : len;
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	for (size_t at = 0; at < len; at += piece)
		if (send(fd, part->text + at, piece, MSG_NOSIGNAL) != (ssize_t)piece)
			return;
	while (part->hold && !world->stopped && poll(&wait, 1, 10) == 0)
		continue;
}

static void *serve(void *magic)
{
	struct world *world = magic;
	struct pollfd wait = {.fd = world->fd, .events = POLLIN};

	while (!world->stopped) {
		char more[REQUEST_MAX] = "";

		if (poll(&wait, 1, 10) == 0)
			continue;
		int fd = accept(world->fd, NULL, NULL);
		size_t n = world->connections;
		size_t part = n < world->n_parts ? n : world->n_parts - 1;
		if (n < CONNECTIONS)
			world->asked_ms[n] = client_now_ms();
		read_request(world, fd, n < CONNECTIONS ? world->requests[n] : more);
		world->connections = n + 1;
		answer(world, fd, &world->parts[part]);
		close(fd);
	}
	return NULL;
}

static bool keep_event(void *magic, const struct callerid_event *event)
{
	struct world *world = magic;
	size_t n = strlen(world->events);

	snprintf(world->events + n, LOG_MAX - n, "%s|%s|%s;", event->id, event->kind, event->data);
	return --world->wanted > 0;
}

static void keep_state(void *magic, bool connected, const char *why)
{
	struct world *world = magic;
	size_t n = strlen(world->states);

	snprintf(world->states + n, LOG_MAX - n, "%s%s;", connected ? "+" : "-", why);
	sem_post(&world->seen);
}

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(any);
	char url[64];

	world->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(world->fd, (struct sockaddr *)&any, len) != 0 || listen(world->fd, 8) != 0 ||
	    getsockname(world->fd, (struct sockaddr *)&any, &len) != 0)
		return 1;
	snprintf(url, sizeof(url), "http://127.0.0.1:%u", ntohs(any.sin_port));
	const struct callerid_client_params params = {.base_url = url, .api_key = KEY};
	if (callerid_client_new(&params, &world->client, NULL) != CALLERID_OK)
		return 1;
	/* The tests need not wait as long as a registry's callers do. */
	world->client->pause_ms = 1;
	sem_init(&world->seen, 0, 0);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	world->stopped = true;
	if (world->n_parts > 0)
		pthread_join(world->server, NULL);
	close(world->fd);
	callerid_client_free(world->client);
	sem_destroy(&world->seen);
	free(world);
	return 0;
}

static void start_server(struct world *world, const struct part *parts, size_t n)
{
	world->parts = parts;
	world->n_parts = n;
	assert_int_equal(pthread_create(&world->server, NULL, serve, world), 0);
}

#define START(world, ...)                                                                          \
	static const struct part parts_[] = {__VA_ARGS__};                                         \
	start_server(world, parts_, sizeof(parts_) / sizeof(parts_[0]))

static enum callerid_status follow(struct world *world, const char *since, size_t wanted,
				   struct callerid_error *err)
{
	const struct callerid_follow params = {.since = since,
					       .heartbeat_ms = 20000,
					       .event = keep_event,
					       .state = keep_state,
					       .magic = world};

	world->wanted = wanted;
	return callerid_client_follow(world->client, &params, err);
}

static void events_come_in_order_until_it_is_enough(void **state)
{
	struct world *world = *state;

	START(world, {STREAM "id: 1\nevent: a\ndata: {}\n\n: beat\n\nid: 2\nevent: b\ndata: []\n\n"
			     "id: 3\ndata: 0\n\n",
		      true});
	assert_int_equal(follow(world, NULL, 2, NULL), CALLERID_OK);
	assert_string_equal(world->events, "1|a|{};2|b|[];");
	assert_string_equal(world->states, "+;");
	assert_non_null(strstr(world->requests[0], "GET /v1/stream HTTP/1.1\r\n"));
	assert_non_null(strstr(world->requests[0], "\r\nAuthorization: Bearer " KEY "\r\n"));
	assert_null(strstr(world->requests[0], "Last-Event-ID"));
}

static void chunks_and_single_bytes_make_the_same_events(void **state)
{
	struct world *world = *state;

	world->byte_by_byte = true;
	START(world,
	      {"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
	       "Transfer-Encoding: chunked\r\n\r\n"
	       "9\r\n\xef\xbb\xbfid: 1\n\r\n5\r\ndata:\r\n4\r\n x\r\n\r\n1\r\n\r\r\n1\r\n\n\r\n"
	       "9\r\ndata: y\n\n\r\n",
	       true});
	assert_int_equal(follow(world, NULL, 2, NULL), CALLERID_OK);
	assert_string_equal(world->events, "1|message|x;1|message|y;");
}

static void it_begins_behind_the_event_that_is_named(void **state)
{
	struct world *world = *state;

	START(world, {STREAM "id: 8\ndata: x\n\n", true});
	assert_int_equal(follow(world, "7", 1, NULL), CALLERID_OK);
	assert_non_null(strstr(world->requests[0], "\r\nLast-Event-ID: 7\r\n"));
}

static void lost_connection_is_made_anew_behind_the_last_whole_event(void **state)
{
	struct world *world = *state;

	START(world, {STREAM "id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: c\n", false},
	      {STREAM "id: 3\ndata: c\n\nid: 4\n\n", false}, {STREAM "data: d\n\n", true});
	assert_int_equal(follow(world, NULL, 4, NULL), CALLERID_OK);
	assert_string_equal(world->events, "1|message|a;2|message|b;3|message|c;4|message|d;");
	assert_non_null(strstr(world->requests[1], "\r\nLast-Event-ID: 2\r\n"));
	assert_non_null(strstr(world->requests[1], "\r\nAuthorization: Bearer " KEY "\r\n"));
	/* That of an event without data counts too. */
	assert_non_null(strstr(world->requests[2], "\r\nLast-Event-ID: 4\r\n"));
	assert_string_equal(world->states, "+;-ended by the registry;+;-ended by the registry;+;");
}

static void reset_begins_anew_without_an_id(void **state)
{
	struct world *world = *state;

	START(world, {STREAM "id: 1\ndata: a\n\nid: 9\nevent: reset\ndata: {}\n\n", false},
	      {STREAM "id: 10\ndata: b\n\n", true});
	assert_int_equal(follow(world, "1", 3, NULL), CALLERID_OK);
	assert_string_equal(world->events, "1|message|a;|reset|{};10|message|b;");
	assert_null(strstr(world->requests[1], "Last-Event-ID"));
}

static void silent_connection_is_given_up(void **state)
{
	struct world *world = *state;
	struct callerid_follow params = {
		.heartbeat_ms = 50, .event = keep_event, .state = keep_state, .magic = world};

	START(world, {STREAM "id: 1\ndata: a\n\n", true}, {STREAM "id: 2\ndata: b\n\n", true});
	world->wanted = 2;
	assert_int_equal(callerid_client_follow(world->client, &params, NULL), CALLERID_OK);
	assert_string_equal(world->events, "1|message|a;2|message|b;");
	assert_string_equal(world->states, "+;-silent for 50 ms;+;");
	assert_non_null(strstr(world->requests[1], "\r\nLast-Event-ID: 1\r\n"));
}

static void server_that_does_not_answer_is_given_up_after_the_timeout(void **state)
{
	struct world *world = *state;

	world->client->timeout_ms = 50;
	START(world, {"", true}, {STREAM "data: a\n\n", true});
	assert_int_equal(follow(world, NULL, 1, NULL), CALLERID_OK);
	assert_string_equal(world->states, "-silent for 50 ms;+;");
}

static void refusal_ends_it_and_says_why(void **state)
{
	struct world *world = *state;
	struct callerid_error err = {.text = ""};

	START(world, {STREAM "id: 1\ndata: a\n\n", false},
	      {PROBLEM("403 Forbidden", "gone"), true});
	assert_int_equal(follow(world, NULL, 9, &err), CALLERID_EREFUSED);
	assert_string_equal(world->events, "1|message|a;");
	assert_string_equal(err.text, "the registry answered 403 gone");
	assert_int_equal(callerid_client_problem(world->client)->http_status, 403);
	assert_string_equal(callerid_client_problem(world->client)->code, "gone");
	assert_int_equal(world->connections, 2);
}

static void refusal_without_a_body_is_one_too(void **state)
{
	struct world *world = *state;

	START(world, {"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", false});
	assert_int_equal(follow(world, NULL, 1, NULL), CALLERID_EREFUSED);
	assert_int_equal(callerid_client_problem(world->client)->http_status, 401);
}

static void what_passes_is_asked_again(void **state)
{
	struct world *world = *state;

	START(world, {PROBLEM("503 Busy", "busy"), false}, {PROBLEM("429 Many", "many"), false},
	      {PROBLEM("408 Late", "late"), false}, {PROBLEM("500 Broken", "oops"), false},
	      {"HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n", false},
	      {"", false}, {STREAM "data: a\n\n", true});
	assert_int_equal(follow(world, "3", 1, NULL), CALLERID_OK);
	assert_int_equal(world->connections, 7);
	for (size_t i = 0; i < 7; i++) {
		assert_non_null(strstr(world->requests[i], "GET /v1/stream "));
		assert_non_null(strstr(world->requests[i], "\r\nLast-Event-ID: 3\r\n"));
	}
}

static void page_of_a_proxy_is_no_stream(void **state)
{
	struct world *world = *state;

	START(world,
	      {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>\n\ndata: x\n\n", false},
	      {"HTTP/1.1 200 OK\r\n\r\ndata: x\n\n", false},
	      {"HTTP/1.1 200 OK\r\nContent-Type: text/event-streams\r\n\r\ndata: x\n\n", false},
	      {"HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream\r\n\r\ndata: a\n\n", true});
	assert_int_equal(follow(world, NULL, 1, NULL), CALLERID_OK);
	assert_string_equal(world->events, "|message|a;");
	assert_string_equal(world->states, "-the answer is no stream of events;"
					   "-the answer is no stream of events;"
					   "-the answer is no stream of events;+;");
}

static void event_that_is_too_long_ends_its_connection(void **state)
{
	size_t len = strlen(STREAM) + 2 * CALLERID_EVENT_DATA_MAX;
	struct world *world = *state;
	char *text = malloc(len + 1);
	const struct part parts[] = {{text, true}, {STREAM "data: a\n\n", true}};

	memset(text, 'x', len);
	memcpy(text, STREAM "data: ", strlen(STREAM "data: "));
	text[len] = 0;
	start_server(world, parts, 2);
	assert_int_equal(follow(world, NULL, 1, NULL), CALLERID_OK);
	assert_string_equal(world->events, "|message|a;");
	assert_string_equal(world->states, "+;-an event is too long;+;");
	world->stopped = true;
	pthread_join(world->server, NULL);
	world->n_parts = 0;
	free(text);
}

static void server_says_how_long_to_wait(void **state)
{
	struct world *world = *state;

	START(world, {STREAM "retry: 120\n\n", false}, {STREAM "data: a\n\n", true});
	assert_int_equal(follow(world, NULL, 1, NULL), CALLERID_OK);
	assert_true(world->asked_ms[1] - world->asked_ms[0] >= 119);
}

/* As a program's other thread does, when the state has changed. */
static void *stop_then(void *magic)
{
	struct world *world = magic;

	sem_wait(&world->seen);
	callerid_client_stop(world->client);
	return NULL;
}

static void another_thread_ends_it_while_it_listens(void **state)
{
	struct world *world = *state;

	START(world, {STREAM ": beat\n\n", true});
	pthread_create(&world->stopper, NULL, stop_then, world);
	assert_int_equal(follow(world, NULL, 1, NULL), CALLERID_OK);
	pthread_join(world->stopper, NULL);
	/* Nothing was lost. */
	assert_string_equal(world->states, "+;");
	assert_int_equal(world->connections, 1);
}

static void another_thread_ends_it_while_it_waits_to_ask_again(void **state)
{
	struct world *world = *state;
	int64_t began = client_now_ms();

	world->client->pause_ms = 30000;
	START(world, {PROBLEM("503 Busy", "busy"), false});
	pthread_create(&world->stopper, NULL, stop_then, world);
	assert_int_equal(follow(world, NULL, 1, NULL), CALLERID_OK);
	pthread_join(world->stopper, NULL);
	assert_true(client_now_ms() - began < 15000);
	assert_int_equal(world->connections, 1);
}

static void what_is_stopped_before_it_begins_ends_then_and_can_begin_anew(void **state)
{
	struct world *world = *state;

	START(world, {STREAM "data: a\n\n", true});
	callerid_client_stop(world->client);
	assert_int_equal(follow(world, NULL, 1, NULL), CALLERID_OK);
	assert_string_equal(world->events, "");
	assert_int_equal(follow(world, NULL, 1, NULL), CALLERID_OK);
	assert_string_equal(world->events, "|message|a;");
}

static void wrong_parameters_are_refused_before_anything_is_sent(void **state)
{
	struct world *world = *state;
	const struct callerid_follow wrong[] = {
		{.event = NULL},
		{.event = keep_event, .heartbeat_ms = -1},
		{.event = keep_event, .since = ""},
		{.event = keep_event, .since = "1\r\nX: y"},
		{.event = keep_event, .since = "1 2"},
		{.event = keep_event,
		 .since = "0123456789012345678901234567890123456789012345678901234567890123"},
	};

	START(world, {STREAM "data: a\n\n", true});
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct callerid_error err = {.text = ""};

		assert_int_equal(callerid_client_follow(world->client, &wrong[i], &err),
				 CALLERID_EINVAL);
		assert_true(err.text[0] != 0);
	}
	assert_int_equal(world->connections, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(events_come_in_order_until_it_is_enough),
		TEST(chunks_and_single_bytes_make_the_same_events),
		TEST(it_begins_behind_the_event_that_is_named),
		TEST(lost_connection_is_made_anew_behind_the_last_whole_event),
		TEST(reset_begins_anew_without_an_id),
		TEST(silent_connection_is_given_up),
		TEST(server_that_does_not_answer_is_given_up_after_the_timeout),
		TEST(refusal_ends_it_and_says_why),
		TEST(refusal_without_a_body_is_one_too),
		TEST(what_passes_is_asked_again),
		TEST(page_of_a_proxy_is_no_stream),
		TEST(event_that_is_too_long_ends_its_connection),
		TEST(server_says_how_long_to_wait),
		TEST(another_thread_ends_it_while_it_listens),
		TEST(another_thread_ends_it_while_it_waits_to_ask_again),
		TEST(what_is_stopped_before_it_begins_ends_then_and_can_begin_anew),
		TEST(wrong_parameters_are_refused_before_anything_is_sent),
	};

	if (callerid_client_global_init() != CALLERID_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
