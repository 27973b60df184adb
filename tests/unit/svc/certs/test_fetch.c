/* SPDX-License-Identifier: Apache-2.0 */
/* What a fetch refuses, shown by real TLS servers; this program is its own helper process. */
#include "tests/unit/svc/certs/world.h"

#define TIMEOUT_MS 400

static void request_tells_nothing_but_host_and_path(void **state)
{
	struct world *world = *state;
	char expected[300];

	start(world);
	ask_path(world, "/good.pem");
	snprintf(expected, sizeof(expected),
		 "GET /good.pem HTTP/1.1\r\nHost: localhost:%u\r\nAccept: */*\r\n\r\n",
		 world->servers[SERVER_GOOD]->port);
	assert_string_equal(world->servers[SERVER_GOOD]->request, expected);
}

static void vs11_bad_answer_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *path;
		enum certs_status status;
		const char *why;
	} cases[] = {
		{"/four.pem", CERTS_OK, ""},
		{"/404.pem", CERTS_HTTP, "404"},
		{"/302.pem", CERTS_HTTP, "302"},
		{"/huge.pem", CERTS_TOO_LARGE, "16 KB"},
		{"/endless.pem", CERTS_TOO_LARGE, "16 KB"},
		{"/headers.pem", CERTS_TOO_LARGE, "16 KB"},
		{"/spaces.pem", CERTS_TOO_LARGE, "16 KB"},
		{"/ten.pem", CERTS_TOO_LARGE, "more than 4"},
		{"/html.pem", CERTS_NOT_PEM, "not a certificate"},
		{"/empty.pem", CERTS_NOT_PEM, "not a certificate"},
		{"/gzip.pem", CERTS_NOT_PEM, "not a certificate"},
		{"/short.pem", CERTS_UNREACHED, "before the end"},
		{"/http09.pem", CERTS_HTTP, "not HTTP/1"},
		{"/nothing.pem", CERTS_UNREACHED, "without an answer"},
	};
	const size_t n = sizeof(cases) / sizeof(cases[0]);
	struct world *world = *state;

	start(world);
	for (size_t i = 0; i < n; i++) {
		struct inbox inbox = ask_path(world, cases[i].path);

		if (inbox.status != cases[i].status || !strstr(inbox.why, cases[i].why))
			fail_msg("%s: %s: %s", cases[i].path, certs_status_name(inbox.status),
				 inbox.why);
	}
	/* One connection each: the redirect was not followed. What was sent filled buffers only. */
	assert_int_equal(world->servers[SERVER_GOOD]->connections, (int)n);
	assert_true(world->servers[SERVER_GOOD]->sent < 20000000);
}

static void server_that_tls_does_not_trust_is_refused(void **state)
{
	static const struct {
		enum server_kind kind;
		const char *why;
	} cases[] = {
		{SERVER_WRONG_NAME, "another name"}, {SERVER_EXPIRED, "expired"},
		{SERVER_SELF_SIGNED, "self-signed"}, {SERVER_TLS_1_1, "handshake"},
		{SERVER_CLOSES, "TLS handshake"},    {SERVER_PLAIN, "TLS handshake"},
	};
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		server_of(world, cases[i].kind);
	start(world);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct server *server = world->servers[cases[i].kind];
		struct inbox inbox = ask(world, url_at(server, "/good.pem"));

		if (inbox.status != CERTS_UNREACHED || !strstr(inbox.why, cases[i].why))
			fail_msg("kind %d: %s: %s", (int)cases[i].kind,
				 certs_status_name(inbox.status), inbox.why);
		assert_int_equal(server->connections, 1);
		assert_string_equal(server->request, "");
	}
}

static void own_anchors_count_only_when_given(void **state)
{
	struct world *world = *state;
	struct inbox inbox;

	/* Our CA is not among the system's. */
	world->settings.tls_ca_file = NULL;
	start(world);
	inbox = ask_path(world, "/good.pem");
	assert_int_equal(inbox.status, CERTS_UNREACHED);
	assert_non_null(strstr(inbox.why, "TLS: "));
}

static void hanging_server_costs_no_more_than_the_timeout(void **state)
{
	static const char *const paths[] = {"/drip.pem", "/hold"};
	struct world *world = *state;

	world->settings.timeout_ms = TIMEOUT_MS;
	server_of(world, SERVER_SILENT);
	start(world);
	for (size_t i = 0; i < 3; i++) {
		const char *url = i < 2 ? url_at(world->servers[SERVER_GOOD], paths[i])
					: url_at(world->servers[SERVER_SILENT], "/x");
		int64_t began = real_ms();
		struct inbox inbox = ask(world, url);
		int64_t took = real_ms() - began;

		assert_int_equal(inbox.status, CERTS_TIMEOUT);
		assert_string_equal(inbox.why, "no whole answer in 400 ms");
		assert_in_range(took, TIMEOUT_MS - 5, TIMEOUT_MS + 600);
	}
}

static void closed_port_is_unreached(void **state)
{
	struct world *world = *state;
	struct inbox inbox;
	char url[200];

	/* A port that nobody listens on: that of a server which has gone. */
	snprintf(url, sizeof(url), "%s", url_at(server_of(world, SERVER_CLOSES), "/x"));
	start(world);
	server_stop(world->servers[SERVER_CLOSES]);
	world->servers[SERVER_CLOSES] = NULL;
	inbox = ask(world, url);
	assert_int_equal(inbox.status, CERTS_UNREACHED);
	assert_string_equal(inbox.why, "no connection");
}

static void forbidden_address_sees_no_connection(void **state)
{
	struct world *world = *state;
	struct server *server = world->servers[SERVER_GOOD];
	struct inbox inbox;
	char url[64];

	world->settings.url.n_test_addresses = 0;
	start(world);
	inbox = ask_path(world, "/good.pem");
	assert_int_equal(inbox.status, CERTS_REFUSED);
	assert_non_null(strstr(inbox.why, "Loopback"));
	inbox.n = 0;
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/good.pem", server->port);
	assert_null(certs_get(world->certs, url, take, &inbox));
	assert_int_equal(inbox.n, 1);
	assert_int_equal(inbox.status, CERTS_REFUSED);
	snprintf(url, sizeof(url), "https://[::ffff:127.0.0.1]:%u/good.pem", server->port);
	assert_int_equal(ask(world, url).status, CERTS_REFUSED);
	assert_int_equal(server->connections, 0);
}

static void vs11_every_line_of_the_ssrf_list_is_refused_without_a_connection(void **state)
{
	FILE *list = fopen("../shared/vectors/ssrf/ssrf-urls.txt", "r");
	struct world *world = *state;
	char line[1024];
	int n = 0;

	if (!list) {
		print_message("ssrf-urls.txt is not here: skipped\n");
		skip();
	}
	/* The standard ports, and ours, so that a connection would be seen. */
	world->settings.url.n_test_addresses = 0;
	world->settings.url.ports[1] = 443;
	world->settings.url.ports[2] = 8443;
	world->settings.url.n_ports = 3;
	start(world);
	while (fgets(line, sizeof(line), list)) {
		line[strcspn(line, "\n")] = 0;
		if (line[0] == '#' || line[0] == 0)
			continue;
		struct inbox inbox = ask(world, line);
		if (inbox.status != CERTS_REFUSED)
			fail_msg("%s: %s: %s", line, certs_status_name(inbox.status), inbox.why);
		n++;
	}
	fclose(list);
	assert_int_equal(n, 76);
	assert_int_equal(world->servers[SERVER_GOOD]->connections, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(request_tells_nothing_but_host_and_path),
		TEST(vs11_bad_answer_is_refused_with_its_reason),
		TEST(server_that_tls_does_not_trust_is_refused),
		TEST(own_anchors_count_only_when_given),
		TEST(hanging_server_costs_no_more_than_the_timeout),
		TEST(closed_port_is_unreached),
		TEST(forbidden_address_sees_no_connection),
		TEST(vs11_every_line_of_the_ssrf_list_is_refused_without_a_connection),
	};

	certs_helper_main(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_world, end_world);
}
