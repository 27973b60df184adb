/* SPDX-License-Identifier: Apache-2.0 */
/* The registry's client against a real HTTP server on 127.0.0.1 that answers well or badly. */
#include <callerid/client.h>

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
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

#define MIB (1024 * 1024)
#define KEY "ak_secret_0123456789"

struct server {
	int fd;
	uint16_t port;
	pthread_t thread;
	atomic_int connections;
	atomic_bool stopped;
	char request[4096]; /* the last one, headers and body */
};

static bool send_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = send(fd, p, n, MSG_NOSIGNAL);

		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

static bool send_text(int fd, const char *text)
{
	return send_all(fd, text, strlen(text));
}

/* Until the other side goes or the test ends. */
static bool hold(const struct server *server, int fd, int ms)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	for (int i = 0; i < ms / 10 && !server->stopped; i++)
		if (poll(&wait, 1, 10) != 0)
			return false;
	return !server->stopped;
}

/* A head with this length, then as many bytes. */
static bool send_sized(int fd, size_t len)
{
	char head[128], *body = malloc(len);
	bool sent;

	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", len);
	memset(body, 'x', len);
	sent = send_text(fd, head) && send_all(fd, body, len);
	free(body);
	return sent;
}

static bool answer_ok(struct server *server, int fd)
{
	(void)server;
	return send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"ok\":true}");
}

static bool answer_404(struct server *server, int fd)
{
	(void)server;
	return send_text(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 17\r\n\r\n"
			     "{\"code\":\"absent\"}");
}

static bool answer_204(struct server *server, int fd)
{
	(void)server;
	return send_text(fd, "HTTP/1.1 204 No Content\r\n\r\n");
}

static bool answer_302(struct server *server, int fd)
{
	char text[200];

	snprintf(text, sizeof(text),
		 "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%u/ok\r\n"
		 "Content-Length: 0\r\n\r\n",
		 server->port);
	return send_text(fd, text);
}

static bool answer_silence(struct server *server, int fd)
{
	hold(server, fd, 60000);
	return false;
}

static bool answer_drip(struct server *server, int fd)
{
	if (!send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"))
		return false;
	while (hold(server, fd, 10) && send_text(fd, "x"))
		continue;
	return false;
}

static bool answer_exact(struct server *server, int fd)
{
	(void)server;
	return send_sized(fd, MIB);
}

static bool answer_over(struct server *server, int fd)
{
	(void)server;
	return send_sized(fd, MIB + 1);
}

static bool answer_endless(struct server *server, int fd)
{
	char block[4096 + 8];

	memset(block, 'x', sizeof(block));
	memcpy(block, "1000\r\n", 6);
	memcpy(block + sizeof(block) - 2, "\r\n", 2);
	if (!send_text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
		return false;
	while (!server->stopped && send_all(fd, block, sizeof(block)))
		continue;
	return false;
}

static bool answer_headers(struct server *server, int fd)
{
	if (!send_text(fd, "HTTP/1.1 200 OK\r\n"))
		return false;
	while (!server->stopped && send_text(fd, "X-More: 0123456789012345678901234567890123\r\n"))
		continue;
	return false;
}

static bool answer_short(struct server *server, int fd)
{
	(void)server;
	send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":");
	return false;
}

static bool answer_close(struct server *server, int fd)
{
	(void)server;
	(void)fd;
	return false;
}

/* Answers, then closes what the client believes to be kept alive. */
static bool answer_and_close(struct server *server, int fd)
{
	answer_ok(server, fd);
	return false;
}

static const struct route {
	const char *path;
	bool (*answer)(struct server *server, int fd); /* false: close */
} routes[] = {
	{"/ok", answer_ok},	      {"/404", answer_404},	    {"/204", answer_204},
	{"/302", answer_302},	      {"/silence", answer_silence}, {"/drip", answer_drip},
	{"/exact", answer_exact},     {"/over", answer_over},	    {"/endless", answer_endless},
	{"/headers", answer_headers}, {"/short", answer_short},	    {"/close", answer_close},
	{"/last", answer_and_close},
};

/* One request: its headers, then the body that Content-Length promises. */
static bool read_request(struct server *server, int fd)
{
	char request[sizeof(server->request)] = "";
	size_t have = 0, want = SIZE_MAX;

	while (have < want && have < sizeof(request) - 1) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		if (poll(&wait, 1, 10) == 0) {
			if (server->stopped)
				return false;
			continue;
		}
		ssize_t got = recv(fd, request + have, sizeof(request) - 1 - have, 0);
		if (got <= 0)
			return false;
		have += (size_t)got;
		char *end = strstr(request, "\r\n\r\n");
		char *len = strstr(request, "Content-Length: ");
		if (end)
			want = (size_t)(end + 4 - request) +
			       (len ? strtoul(len + 16, NULL, 10) : 0);
	}
	memcpy(server->request, request, sizeof(request));
	return true;
}

static bool route(struct server *server, int fd)
{
	const char *path = strchr(server->request, ' ');

	for (size_t i = 0; path && i < sizeof(routes) / sizeof(routes[0]); i++)
		if (strncmp(path + 1, routes[i].path, strlen(routes[i].path)) == 0)
			return routes[i].answer(server, fd);
	return false;
}

/* One connection at a time is enough: the client has one. */
static void *serve(void *magic)
{
	struct server *server = magic;

	while (!server->stopped) {
		struct pollfd wait = {.fd = server->fd, .events = POLLIN};
		if (poll(&wait, 1, 10) != 1)
			continue;
		int fd = accept(server->fd, NULL, NULL);
		server->connections++;
		while (read_request(server, fd) && route(server, fd))
			continue;
		close(fd);
	}
	return NULL;
}

struct world {
	struct server server;
	char base_url[64];
	char authority[32];
	struct callerid_client *client;
};

static struct callerid_client *client_for(const struct world *world, long timeout_ms)
{
	struct callerid_client_params params = {
		.base_url = world->base_url, .api_key = KEY, .timeout_ms = timeout_ms};
	struct callerid_client *client = NULL;

	assert_int_equal(callerid_client_new(&params, &client, NULL), CALLERID_OK);
	return client;
}

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct server *server = &world->server;
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server->fd, (struct sockaddr *)&address, len) != 0 || listen(server->fd, 8) != 0 ||
	    getsockname(server->fd, (struct sockaddr *)&address, &len) != 0 ||
	    pthread_create(&server->thread, NULL, serve, server) != 0)
		return -1;
	server->port = ntohs(address.sin_port);
	snprintf(world->authority, sizeof(world->authority), "127.0.0.1:%u", server->port);
	snprintf(world->base_url, sizeof(world->base_url), "http://%s", world->authority);
	world->client = client_for(world, 5000);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	callerid_client_free(world->client);
	world->server.stopped = true;
	pthread_join(world->server.thread, NULL);
	close(world->server.fd);
	free(world);
	return 0;
}

static int64_t real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * (int64_t)1000 + now.tv_nsec / 1000000;
}

/* Asks with the given client; the answer's status, or the negative callerid_status. */
static int get(struct callerid_client *client, const char *path, struct callerid_error *err)
{
	struct callerid_answer answer = {.http_status = 0};
	enum callerid_status status =
		callerid_client_request(client, "GET", path, NULL, &answer, err);
	int result = status == CALLERID_OK ? answer.http_status : (int)status;

	callerid_answer_clear(&answer);
	assert_null(answer.body);
	return result;
}

static void answer_has_status_and_body(void **state)
{
	struct world *world = *state;
	struct callerid_answer answer;

	assert_int_equal(callerid_client_request(world->client, "GET", "/ok", NULL, &answer, NULL),
			 CALLERID_OK);
	assert_int_equal(answer.http_status, 200);
	assert_string_equal(answer.body, "{\"ok\":true}");
	assert_int_equal(answer.body_len, 11);
	callerid_answer_clear(&answer);
}

static void any_status_is_an_answer(void **state)
{
	struct world *world = *state;
	struct callerid_answer answer;

	assert_int_equal(callerid_client_request(world->client, "GET", "/404", NULL, &answer, NULL),
			 CALLERID_OK);
	assert_int_equal(answer.http_status, 404);
	assert_string_equal(answer.body, "{\"code\":\"absent\"}");
	callerid_answer_clear(&answer);
	assert_int_equal(
		callerid_client_request(world->client, "DELETE", "/204", NULL, &answer, NULL),
		CALLERID_OK);
	assert_int_equal(answer.http_status, 204);
	assert_string_equal(answer.body, "");
	assert_int_equal(answer.body_len, 0);
	callerid_answer_clear(&answer);
}

static void request_is_sent_as_asked(void **state)
{
	static const struct {
		const char *method, *json, *start, *end;
	} cases[] = {
		{"GET", NULL, "GET /ok?x=1 HTTP/1.1\r\n", "\r\n\r\n"},
		{"POST", "{\"a\":1}", "POST /ok?x=1 HTTP/1.1\r\n", "\r\n\r\n{\"a\":1}"},
		{"POST", NULL, "POST /ok?x=1 HTTP/1.1\r\n", "\r\n\r\n"},
		{"PUT", "{}", "PUT /ok?x=1 HTTP/1.1\r\n", "\r\n\r\n{}"},
		{"PATCH", "{}", "PATCH /ok?x=1 HTTP/1.1\r\n", "\r\n\r\n{}"},
		{"DELETE", NULL, "DELETE /ok?x=1 HTTP/1.1\r\n", "\r\n\r\n"},
		{"GET", NULL, "GET /ok?x=1 HTTP/1.1\r\n", "\r\n\r\n"},
	};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct callerid_answer answer;
		const char *sent = world->server.request;
		size_t end = strlen(cases[i].end);

		assert_int_equal(callerid_client_request(world->client, cases[i].method, "/ok?x=1",
							 cases[i].json, &answer, NULL),
				 CALLERID_OK);
		callerid_answer_clear(&answer);
		assert_int_equal(strncmp(sent, cases[i].start, strlen(cases[i].start)), 0);
		assert_string_equal(sent + strlen(sent) - end, cases[i].end);
		assert_non_null(strstr(sent, "\r\nAuthorization: Bearer " KEY "\r\n"));
		assert_true(!strstr(sent, "\r\nContent-Type:") == !cases[i].json);
		assert_true(!strstr(sent, "\r\nIdempotency-Key: ") == (cases[i].method[1] != 'O'));
		assert_null(strstr(sent, "Expect"));
		assert_true(cases[i].method[0] != 'G' || !strstr(sent, "Content-Length"));
	}
}

static void upload_sends_its_bytes_and_leaves_later_requests_alone(void **state)
{
	const struct callerid_upload upload = {"image/png", "a\0b", 3};
	struct world *world = *state;
	const char *sent = world->server.request;
	struct callerid_answer answer;

	assert_int_equal(callerid_client_upload(world->client, "/ok", &upload, &answer, NULL), 0);
	callerid_answer_clear(&answer);
	assert_int_equal(strncmp(sent, "POST /ok HTTP/1.1\r\n", 19), 0);
	assert_non_null(strstr(sent, "\r\nContent-Type: image/png\r\n"));
	assert_non_null(strstr(sent, "\r\nAuthorization: Bearer " KEY));
	assert_memory_equal(strstr(sent, "\r\n\r\n") + 4, "a\0b", 3);
	assert_int_equal(get(world->client, "/ok", NULL), 200);
	assert_null(strstr(sent, "image/png"));
}

static void connection_is_kept_alive(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < 50; i++)
		assert_int_equal(get(world->client, "/ok", NULL), 200);
	assert_int_equal(world->server.connections, 1);
}

static void connection_that_the_server_closed_is_made_anew(void **state)
{
	struct world *world = *state;

	assert_int_equal(get(world->client, "/last", NULL), 200);
	assert_int_equal(get(world->client, "/ok", NULL), 200);
	assert_int_equal(world->server.connections, 2);
}

static void silence_ends_at_the_timeout_and_says_so(void **state)
{
	static const char *const paths[] = {"/silence", "/drip"};
	struct world *world = *state;
	struct callerid_client *client = client_for(world, 50);
	struct callerid_error err;
	char expected[100];

	snprintf(expected, sizeof(expected), "no answer from %s in 50 ms", world->authority);
	for (size_t i = 0; i < 2; i++) {
		int64_t began = real_ms();
		int status = get(client, paths[i], &err);
		int64_t took = real_ms() - began;

		assert_int_equal(status, CALLERID_EIO);
		assert_int_equal(err.status, CALLERID_EIO);
		assert_string_equal(err.text, expected);
		assert_in_range(took, 49, 150);
	}
	/* The connection on which an answer may still come is not used again. */
	assert_int_equal(get(client, "/ok", &err), 200);
	assert_int_equal(world->server.connections, 3);
	callerid_client_free(client);
}

static void answer_of_1_mib_is_taken_and_more_is_not(void **state)
{
	static const char *const paths[] = {"/over", "/endless", "/headers"};
	struct world *world = *state;
	struct callerid_answer answer;
	struct callerid_error err;

	assert_int_equal(
		callerid_client_request(world->client, "GET", "/exact", NULL, &answer, &err),
		CALLERID_OK);
	assert_int_equal(answer.body_len, MIB);
	assert_int_equal(strlen(answer.body), MIB);
	callerid_answer_clear(&answer);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(get(world->client, paths[i], &err), CALLERID_ELIMIT);
		assert_non_null(strstr(err.text, "over 1 MiB"));
	}
	assert_int_equal(get(world->client, "/ok", &err), 200);
}

static void broken_answer_is_an_error_that_names_the_server(void **state)
{
	static const char *const paths[] = {"/close", "/short"};
	struct world *world = *state;

	for (size_t i = 0; i < 2; i++) {
		struct callerid_error err;

		assert_int_equal(get(world->client, paths[i], &err), CALLERID_EIO);
		assert_non_null(strstr(err.text, world->authority));
		assert_null(strstr(err.text, KEY));
	}
}

static void absent_server_is_an_error_that_names_it(void **state)
{
	struct callerid_client_params params = {.base_url = "http://127.0.0.1:1"};
	struct callerid_client *client = NULL;
	struct callerid_error err;

	(void)state;
	assert_int_equal(callerid_client_new(&params, &client, &err), CALLERID_OK);
	assert_int_equal(get(client, "/ok", &err), CALLERID_EIO);
	assert_string_equal(err.where, "client");
	assert_non_null(strstr(err.text, "no answer from 127.0.0.1:1: "));
	callerid_client_free(client);
}

static void redirect_is_not_followed(void **state)
{
	struct world *world = *state;

	assert_int_equal(get(world->client, "/302", NULL), 302);
	assert_non_null(strstr(world->server.request, "GET /302 "));
}

static void proxy_of_the_environment_is_ignored(void **state)
{
	struct world *world = *state;

	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	assert_int_equal(get(world->client, "/ok", NULL), 200);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}

static void no_key_sends_no_authorization(void **state)
{
	struct world *world = *state;
	struct callerid_client_params params = {.base_url = world->base_url};
	struct callerid_client *client = NULL;

	assert_int_equal(callerid_client_new(&params, &client, NULL), CALLERID_OK);
	assert_int_equal(get(client, "/ok", NULL), 200);
	assert_null(strstr(world->server.request, "Authorization"));
	callerid_client_free(client);
}

static void wrong_parameters_are_refused_without_showing_the_key(void **state)
{
	static const struct {
		struct callerid_client_params params;
		enum callerid_status status;
	} cases[] = {
		{{.base_url = NULL}, CALLERID_EINVAL},
		{{.base_url = ""}, CALLERID_EINVAL},
		{{.base_url = "ftp://127.0.0.1"}, CALLERID_EINVAL},
		{{.base_url = "http://"}, CALLERID_EINVAL},
		{{.base_url = "http:///x"}, CALLERID_EINVAL},
		{{.base_url = "http://127.0.0.1/"}, CALLERID_EINVAL},
		{{.base_url = "http://user:pass@127.0.0.1"}, CALLERID_EINVAL},
		{{.base_url = "http://127.0.0.1?x"}, CALLERID_EINVAL},
		{{.base_url = "http://127.0.0.1\r\nX: y"}, CALLERID_EINVAL},
		{{.base_url = "http://127.0.0.1", .api_key = ""}, CALLERID_EINVAL},
		{{.base_url = "http://127.0.0.1", .api_key = KEY "\r\nX: y"}, CALLERID_EINVAL},
		{{.base_url = "http://127.0.0.1", .timeout_ms = -1}, CALLERID_EINVAL},
		{{.base_url = "http://127.0.0.1", .ca_file = "/nonexistent"}, CALLERID_EIO},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct callerid_client *client = NULL;
		struct callerid_error err = {.text = ""};

		assert_int_equal(callerid_client_new(&cases[i].params, &client, &err),
				 cases[i].status);
		assert_null(client);
		assert_true(err.text[0] != 0);
		assert_null(strstr(err.text, "ak_secret"));
	}
	callerid_client_free(NULL);
}

static void wrong_request_is_refused_before_it_is_sent(void **state)
{
	static const char *const cases[][2] = {
		{"BREW", "/ok"}, {"GET ", "/ok"},	{"GET", "ok"},	     {"GET", ""},
		{"GET", "/a b"}, {"GET", "/a\r\nX: y"}, {"GET", "/\xc3\xa4"}};
	struct world *world = *state;
	char path[2048];
	struct callerid_answer answer;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(callerid_client_request(world->client, cases[i][0], cases[i][1],
							 NULL, &answer, NULL),
				 CALLERID_EINVAL);
	memset(path, '/', sizeof(path));
	path[sizeof(path) - 1] = 0;
	assert_int_equal(callerid_client_request(world->client, "GET", path, NULL, &answer, NULL),
			 CALLERID_EINVAL);
	assert_int_equal(world->server.connections, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answer_has_status_and_body),
		TEST(any_status_is_an_answer),
		TEST(request_is_sent_as_asked),
		TEST(upload_sends_its_bytes_and_leaves_later_requests_alone),
		TEST(connection_is_kept_alive),
		TEST(connection_that_the_server_closed_is_made_anew),
		TEST(silence_ends_at_the_timeout_and_says_so),
		TEST(answer_of_1_mib_is_taken_and_more_is_not),
		TEST(broken_answer_is_an_error_that_names_the_server),
		TEST(absent_server_is_an_error_that_names_it),
		TEST(redirect_is_not_followed),
		TEST(proxy_of_the_environment_is_ignored),
		TEST(no_key_sends_no_authorization),
		TEST(wrong_parameters_are_refused_without_showing_the_key),
		TEST(wrong_request_is_refused_before_it_is_sent),
	};

	if (callerid_client_global_init() != CALLERID_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
