/* SPDX-License-Identifier: Apache-2.0 */
/* What strangers may cost the server: time, connections, bytes, depth. */
#include "fixture.h"

#include "svc/registry/domain/role.h"
#include "svc/registry/http/jsontext.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#define HEADERS_MS  400
#define BODY_MS	    600
#define SLACK_MS    400
#define PER_ADDRESS 6

struct limited {
	struct fixture fixture;
	char key[ID_MAX + 1];
};

static int start(void **state)
{
	struct limited *limited = calloc(1, sizeof *limited);

	fixture_prepare(&limited->fixture);
	fixture_key(&limited->fixture, "A", ROLE_OPERATOR, limited->key);
	limited->fixture.limits.headers_ms = HEADERS_MS;
	limited->fixture.limits.body_ms = BODY_MS;
	limited->fixture.limits.answer_ms = BODY_MS;
	limited->fixture.limits.per_address_max = PER_ADDRESS;
	fixture_start(&limited->fixture);
	*state = limited;
	return 0;
}

static int stop(void **state)
{
	struct limited *limited = *state;

	fixture_clear(&limited->fixture);
	free(limited);
	return 0;
}

static int64_t monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int dial_port(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static int dial(struct limited *limited)
{
	return dial_port(registry_api_port(limited->fixture.registry));
}

/* Sends text one byte every 20 ms until the peer closes; how long that took. -1: it never did. */
static int64_t drip(int fd, const char *text)
{
	int64_t start_ms = monotonic_ms();

	for (size_t i = 0; monotonic_ms() - start_ms < 3000; i++) {
		struct pollfd wait = {.fd = fd, .events = POLLIN};
		if (poll(&wait, 1, 20) > 0)
			return monotonic_ms() - start_ms;
		if (send(fd, &text[i % strlen(text)], 1, MSG_NOSIGNAL) < 0)
			return monotonic_ms() - start_ms;
	}
	return -1;
}

static size_t read_all(int fd, char *text, size_t size)
{
	size_t at = 0;
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	while (at < size - 1 && poll(&wait, 1, 2000) > 0) {
		ssize_t n = recv(fd, text + at, size - 1 - at, 0);
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	text[at] = 0;
	return at;
}

static void headers_sent_byte_by_byte_end_at_the_absolute_deadline(void **state)
{
	int fd = dial(*state);
	int64_t ms =
		drip(fd, "GET /v1/reason-codes HTTP/1.1\r\nHost: a\r\nX-Long: "
			 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");

	close(fd);
	assert_in_range(ms, HEADERS_MS, HEADERS_MS + SLACK_MS);
}

static void a_silent_client_is_closed_at_the_same_deadline(void **state)
{
	int fd = dial(*state);
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	int64_t start_ms = monotonic_ms();

	assert_int_equal(poll(&wait, 1, 3000), 1);
	assert_in_range(monotonic_ms() - start_ms, HEADERS_MS, HEADERS_MS + SLACK_MS);
	close(fd);
}

static void a_client_that_never_begins_tls_is_closed_too(void **state)
{
	struct limited *limited = *state;
	int fd = dial_port(registry_public_port(limited->fixture.registry));
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	int64_t start_ms = monotonic_ms();

	assert_int_equal(poll(&wait, 1, 3000), 1);
	assert_in_range(monotonic_ms() - start_ms, HEADERS_MS, HEADERS_MS + SLACK_MS);
	close(fd);
}

static void a_body_sent_byte_by_byte_ends_at_the_absolute_deadline(void **state)
{
	struct limited *limited = *state;
	int fd = dial(limited);
	char head[512];

	int n = snprintf(head, sizeof head,
			 "POST /v1/lookups HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
			 "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n",
			 limited->key);
	assert_int_equal(send(fd, head, (size_t)n, 0), n);
	int64_t ms = drip(fd, " ");
	close(fd);
	assert_in_range(ms, BODY_MS, BODY_MS + SLACK_MS);
}

static void others_are_served_while_slow_clients_hold_their_connections(void **state)
{
	struct limited *limited = *state;
	int slow[PER_ADDRESS - 1];
	struct reply reply;

	for (size_t i = 0; i < PER_ADDRESS - 1; i++) {
		slow[i] = dial(limited);
		assert_int_equal(send(slow[i], "GET /", 5, 0), 5);
	}
	int64_t start_ms = monotonic_ms();
	fixture_json(&limited->fixture, limited->key, "GET /v1/reason-codes", NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(monotonic_ms() - start_ms < 200);
	reply_clear(&reply);
	for (size_t i = 0; i < PER_ADDRESS - 1; i++)
		close(slow[i]);
}

/* Several threads accept, so it need not be the last one that is refused. */
static void one_address_has_a_limit_of_connections(void **state)
{
	struct pollfd waits[PER_ADDRESS + 1];
	int64_t start_ms = monotonic_ms();

	for (size_t i = 0; i <= PER_ADDRESS; i++)
		waits[i] = (struct pollfd){.fd = dial(*state), .events = POLLIN};
	/* at once, not by its deadline */
	assert_int_equal(poll(waits, PER_ADDRESS + 1, HEADERS_MS / 2), 1);
	assert_true(monotonic_ms() - start_ms < HEADERS_MS);
	for (size_t i = 0; i <= PER_ADDRESS; i++)
		close(waits[i].fd);
}

static void send_body(struct limited *limited, const char *path, const char *type, const void *body,
		      size_t len, bool chunked, struct reply *reply)
{
	const struct request request = {.key = limited->key,
					.method = "POST",
					.path = path,
					.type = type,
					.body = body,
					.len = len,
					.chunked = chunked};

	fixture_send(&limited->fixture, &request, reply);
}

static void a_body_over_the_routes_limit_gets_413(void **state)
{
	static const struct {
		const char *path, *type;
		size_t len;
	} bodies[] = {
		{"/v1/lookups", "application/json", 262145},
		{"/v1/logos", "image/png", 262145},
		{"/v1/certificates", "application/x-pem-file", 16385},
	};
	struct limited *limited = *state;
	char *body = malloc(262145);

	memset(body, ' ', 262145);
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		for (int chunked = 0; chunked < 2; chunked++) {
			struct reply reply;
			send_body(limited, bodies[i].path, bodies[i].type, body, bodies[i].len,
				  chunked, &reply);
			assert_int_equal(reply.status, 413);
			reply_clear(&reply);
			/* one byte less is read, and judged by what it says */
			send_body(limited, bodies[i].path, bodies[i].type, body, bodies[i].len - 1,
				  chunked, &reply);
			assert_in_range(reply.status, 400, 422);
			assert_int_not_equal(reply.status, 413);
			reply_clear(&reply);
		}
	}
	free(body);
}

static void a_body_announced_as_huge_is_not_read(void **state)
{
	struct limited *limited = *state;
	int fd = dial(limited);
	char text[4096];

	int n = snprintf(text, sizeof text,
			 "POST /v1/lookups HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
			 "Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n",
			 limited->key);
	assert_int_equal(send(fd, text, (size_t)n, 0), n);
	read_all(fd, text, sizeof text);
	close(fd);
	assert_non_null(strstr(text, "413"));
}

static void json_bombs_are_refused_before_they_are_built(void **state)
{
	static const char *const codes[] = {"json_too_deep", "json_too_deep", "json_too_many_keys"};
	struct limited *limited = *state;
	char *bombs[3];

	for (size_t i = 0; i < 3; i++) {
		bombs[i] = calloc(1, 200001);
		for (size_t at = 0; i < 2 && at < (i == 0 ? 1000 : 100000); at++)
			bombs[i][at] = '[';
	}
	size_t len = (size_t)snprintf(bombs[2], 200001, "{");
	for (int key = 0; key <= JSONTEXT_KEYS_MAX; key++)
		len += (size_t)snprintf(bombs[2] + len, 200001 - len, "\"k%d\":0,", key);
	for (size_t i = 0; i < 3; i++) {
		struct reply reply;
		int64_t start_ms = monotonic_ms();
		send_body(limited, "/v1/lookups", "application/json", bombs[i], strlen(bombs[i]),
			  false, &reply);
		assert_int_equal(reply.status, 400);
		assert_string_equal(reply_text(&reply, "code"), codes[i]);
		assert_true(monotonic_ms() - start_ms < 500);
		reply_clear(&reply);
		free(bombs[i]);
	}
}

static void a_route_takes_its_own_content_type_only(void **state)
{
	static const char *const types[] = {NULL, "text/plain", "application/jsonx",
					    "application/x-www-form-urlencoded"};
	struct limited *limited = *state;
	struct reply reply;

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		send_body(limited, "/v1/lookups", types[i] != NULL ? types[i] : "", "{}", 2, false,
			  &reply);
		assert_int_equal(reply.status, 415);
		reply_clear(&reply);
	}
	send_body(limited, "/v1/lookups", "Application/JSON; charset=utf-8", "{}", 2, false,
		  &reply);
	assert_int_equal(reply.status, 422);
	reply_clear(&reply);
}

/* RFC 9112 §6.3: two ways to tell a body's length are a way to smuggle a request. */
static void ambiguous_framing_is_refused(void **state)
{
	static const char *const extra[] = {
		"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
		"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
		"Content-Length: 2\r\nContent-Length: 3\r\n",
		"Content-Length: 2\r\nHost: b\r\n",
		"Content-Length: 2\r\nAuthorization: Bearer x\r\n",
		"Content-Length: -2\r\n",
		"Content-Length: 2a\r\n",
	};
	struct limited *limited = *state;
	char text[4096];

	for (size_t i = 0; i < sizeof extra / sizeof extra[0]; i++) {
		int fd = dial(limited);
		bool chunked = strstr(extra[i], "chunked") != NULL;
		int n = snprintf(
			text, sizeof text,
			"POST /v1/lookups HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
			"Content-Type: application/json\r\nConnection: close\r\n%s\r\n%s",
			limited->key, extra[i], chunked ? "2\r\n{}\r\n0\r\n\r\n" : "{}");
		assert_int_equal(send(fd, text, (size_t)n, 0), n);
		read_all(fd, text, sizeof text);
		close(fd);
		if (strncmp(text, "HTTP/1.1 400", 12) != 0)
			fail_msg("%s answered: %.60s", extra[i], text);
	}
}

static void a_query_that_is_not_known_is_refused(void **state)
{
	static const char *const routes[] = {
		"GET /v1/reason-codes?number=12155551212",
		"GET /v1/businesses?limit=0",
		"GET /v1/businesses?limit=251",
		"GET /v1/businesses?limit=1x",
		"GET /v1/businesses?limit",
		"GET /v1/businesses?other=1",
	};
	struct limited *limited = *state;

	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
		struct reply reply;
		fixture_json(&limited->fixture, limited->key, routes[i], NULL, &reply);
		assert_int_equal(reply.status, 400);
		assert_string_equal(reply_text(&reply, "code"), "query_not_allowed");
		reply_clear(&reply);
	}
}

/* A server each: a connection that one test closed may still count for a moment. */
#define LIMIT_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIMIT_TEST(headers_sent_byte_by_byte_end_at_the_absolute_deadline),
		LIMIT_TEST(a_silent_client_is_closed_at_the_same_deadline),
		LIMIT_TEST(a_client_that_never_begins_tls_is_closed_too),
		LIMIT_TEST(a_body_sent_byte_by_byte_ends_at_the_absolute_deadline),
		LIMIT_TEST(others_are_served_while_slow_clients_hold_their_connections),
		LIMIT_TEST(one_address_has_a_limit_of_connections),
		LIMIT_TEST(a_body_over_the_routes_limit_gets_413),
		LIMIT_TEST(a_body_announced_as_huge_is_not_read),
		LIMIT_TEST(json_bombs_are_refused_before_they_are_built),
		LIMIT_TEST(a_route_takes_its_own_content_type_only),
		LIMIT_TEST(ambiguous_framing_is_refused),
		LIMIT_TEST(a_query_that_is_not_known_is_refused),
	};

	curl_global_init(CURL_GLOBAL_ALL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return failed;
}
