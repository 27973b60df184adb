/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate source against real TLS servers; this program is its own helper process. */
#include "svc/certs/certs.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/svc/certs/tls_server.h"

#define ANSWER_WAIT_MS 10000 /* a test that waits longer has failed */
#define TIMEOUT_MS     400

struct world {
	struct pki pki;
	struct server *servers[SERVER_KINDS];
	struct log *log;
	int64_t clock_ms; /* what certs believes */
	struct certs_settings settings;
	struct certs *certs;
};

struct inbox {
	int n;
	enum certs_status status;
	bool cached;
	char why[200];
	char body[CERTS_BODY_MAX + 1];
};

static int64_t read_clock(void *magic, clockid_t clock)
{
	const struct world *world = magic;

	/* So far apart that mixing them up shows. */
	return world->clock_ms + (clock == CLOCK_REALTIME ? 1700000000000 : 0);
}

static int64_t real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * (int64_t)1000 + now.tv_nsec / 1000000;
}

static int make_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct log_settings log = {.level = LOG_ERROR, .fd = 2};

	if (!pki_make(&world->pki))
		return -1;
	world->log = log_new("test_certs", &log);
	/* Where a proxy would be asked for, if the environment counted. */
	setenv("https_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	*state = world;
	return 0;
}

static int end_world(void **state)
{
	struct world *world = *state;

	log_free(world->log);
	pki_free(&world->pki);
	free(world);
	return 0;
}

static struct server *server_of(struct world *world, enum server_kind kind)
{
	struct certs_url_rules *rules = &world->settings.url;

	if (!world->servers[kind]) {
		world->servers[kind] = server_start(kind, &world->pki);
		rules->ports[rules->n_ports++] = world->servers[kind]->port;
	}
	return world->servers[kind];
}

/* Every test has its own good server and settings, and starts certs when these are complete. */
static int set_up(void **state)
{
	struct world *world = *state;

	world->clock_ms = 5000000;
	world->settings = (struct certs_settings){
		.url = {.test_addresses = {"127.0.0.1"}, .n_test_addresses = 1},
		.tls_ca_file = world->pki.ca_file,
		.timeout_ms = 5000,
		.per_second_max = 1000,
		.per_host_max = 1000,
		.clock_ms = read_clock,
		.clock_magic = world,
	};
	server_of(world, SERVER_GOOD);
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	certs_free(world->certs);
	world->certs = NULL;
	for (size_t i = 0; i < SERVER_KINDS; i++) {
		if (world->servers[i])
			server_stop(world->servers[i]);
		world->servers[i] = NULL;
	}
	return 0;
}

static void start(struct world *world)
{
	world->certs = certs_new(&world->settings, world->log);
	assert_non_null(world->certs);
}

static void take(void *magic, const struct certs_answer *answer)
{
	struct inbox *inbox = magic;

	inbox->n++;
	inbox->status = answer->status;
	inbox->cached = answer->cached;
	snprintf(inbox->why, sizeof(inbox->why), "%s", answer->why);
	inbox->body[0] = 0;
	if (answer->body) {
		memcpy(inbox->body, answer->body, answer->len);
		inbox->body[answer->len] = 0;
	}
}

static void run_until(struct world *world, const struct inbox *inbox, int n)
{
	int64_t end = real_ms() + ANSWER_WAIT_MS;

	while (inbox->n < n && real_ms() < end) {
		struct pollfd wait = {.fd = certs_fd(world->certs), .events = POLLIN};

		if (poll(&wait, 1, 100) == 1)
			certs_dispatch(world->certs);
	}
	assert_int_equal(inbox->n, n);
}

static const char *url_at(const struct server *server, const char *path)
{
	static char url[200];

	snprintf(url, sizeof(url), "https://localhost:%u%s", server->port, path);
	return url;
}

/* Asks and waits. */
static struct inbox ask(struct world *world, const char *url)
{
	struct inbox inbox = {.n = 0};

	certs_get(world->certs, url, take, &inbox);
	run_until(world, &inbox, 1);
	return inbox;
}

static struct inbox ask_path(struct world *world, const char *path)
{
	return ask(world, url_at(world->servers[SERVER_GOOD], path));
}

static void good_body_is_fetched_once_then_cached(void **state)
{
	struct world *world = *state;
	struct inbox first, second;

	start(world);
	first = ask_path(world, "/good.pem");
	assert_int_equal(first.status, CERTS_OK);
	assert_string_equal(first.why, "");
	assert_string_equal(first.body, world->pki.leaf_pem);
	assert_false(first.cached);
	second = ask_path(world, "/good.pem");
	assert_int_equal(second.status, CERTS_OK);
	assert_string_equal(second.body, world->pki.leaf_pem);
	assert_true(second.cached);
	assert_int_equal(world->servers[SERVER_GOOD]->connections, 1);
}

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

static void bad_answer_is_refused_with_its_reason(void **state)
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

static void every_line_of_the_ssrf_list_is_refused_without_a_connection(void **state)
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

static void thousand_who_ask_share_one_fetch(void **state)
{
	struct world *world = *state;
	const char *url = url_at(world->servers[SERVER_GOOD], "/gate.pem");
	struct certs_request *requests[1000];
	struct inbox inbox = {.n = 0}, never = {.n = 0};

	start(world);
	for (size_t i = 0; i < 1000; i++) {
		requests[i] = certs_get(world->certs, url, take, i % 10 == 0 ? &never : &inbox);
		assert_non_null(requests[i]);
	}
	for (size_t i = 0; i < 1000; i += 10)
		certs_cancel(requests[i]);
	world->servers[SERVER_GOOD]->gate = true;
	run_until(world, &inbox, 900);
	assert_int_equal(inbox.status, CERTS_OK);
	assert_false(inbox.cached);
	assert_int_equal(never.n, 0);
	assert_int_equal(world->servers[SERVER_GOOD]->connections, 1);
}

static void cancelled_fetch_still_fills_the_cache(void **state)
{
	struct world *world = *state;
	struct server *server = world->servers[SERVER_GOOD];
	struct inbox never = {.n = 0}, inbox = {.n = 0};

	start(world);
	certs_cancel(certs_get(world->certs, url_at(server, "/gate.pem"), take, &never));
	certs_get(world->certs, url_at(server, "/gate.pem"), take, &inbox);
	server->gate = true;
	run_until(world, &inbox, 1);
	assert_true(ask_path(world, "/gate.pem").cached);
	assert_int_equal(never.n, 0);
	assert_int_equal(server->connections, 1);
}

static void more_fetches_than_allowed_are_busy_and_not_remembered(void **state)
{
	struct world *world = *state;
	struct server *server = world->servers[SERVER_GOOD];
	struct inbox waiting = {.n = 0}, busy = {.n = 0};

	world->settings.in_flight_max = 2;
	start(world);
	assert_non_null(certs_get(world->certs, url_at(server, "/gate.pem1"), take, &waiting));
	assert_non_null(certs_get(world->certs, url_at(server, "/gate.pem2"), take, &waiting));
	assert_null(certs_get(world->certs, url_at(server, "/good.pem"), take, &busy));
	assert_int_equal(busy.status, CERTS_BUSY);
	/* Who asks for one of the two is not refused. */
	assert_non_null(certs_get(world->certs, url_at(server, "/gate.pem1"), take, &waiting));
	server->gate = true;
	run_until(world, &waiting, 3);
	assert_int_equal(ask_path(world, "/good.pem").status, CERTS_OK);
}

static void flood_of_new_urls_is_held_to_the_quota_and_cached_ones_are_not(void **state)
{
	struct world *world = *state;
	struct server *server = world->servers[SERVER_GOOD];
	struct inbox inbox = {.n = 0};
	char path[32];

	world->settings.per_second_max = 0; /* the default */
	world->settings.per_host_max = 0;
	start(world);
	for (int i = 0; i < 500; i++) {
		snprintf(path, sizeof(path), "/good.pem%d", i);
		certs_get(world->certs, url_at(server, path), take, &inbox);
	}
	run_until(world, &inbox, 500);
	assert_int_equal(server->connections, 20);
	assert_true(ask_path(world, "/good.pem0").cached);
	assert_int_equal(ask_path(world, "/good.pem499").status, CERTS_BUSY);
	assert_int_equal(ask_path(world, "/good.pem498").status, CERTS_BUSY);
	/* Being over the quota is not remembered as a failure of the URL. */
	world->clock_ms += 1000;
	for (int i = 490; i < 500; i++) {
		snprintf(path, sizeof(path), "/good.pem%d", i);
		assert_int_equal(ask_path(world, path).status, i < 495 ? CERTS_OK : CERTS_BUSY);
	}
	assert_int_equal(server->connections, 25);
}

static void failure_is_remembered_30_s_then_60_s_up_to_10_min(void **state)
{
	static const int64_t wait_s[] = {30, 60, 120, 240, 480, 600, 600};
	struct world *world = *state;
	struct server *server = world->servers[SERVER_GOOD];

	start(world);
	for (int i = 0; i < 7; i++) {
		struct inbox inbox = ask_path(world, "/404.pem");

		assert_int_equal(inbox.status, CERTS_HTTP);
		assert_false(inbox.cached);
		assert_int_equal(server->connections, i + 1);
		world->clock_ms += wait_s[i] * 1000 - 1;
		inbox = ask_path(world, "/404.pem");
		assert_int_equal(inbox.status, CERTS_HTTP);
		assert_string_equal(inbox.why, "HTTP status 404");
		assert_true(inbox.cached);
		assert_int_equal(server->connections, i + 1);
		world->clock_ms += 1;
	}
}

static void body_is_fetched_anew_after_24_h(void **state)
{
	struct world *world = *state;

	start(world);
	ask_path(world, "/good.pem");
	world->clock_ms += 24 * 3600 * 1000 - 1;
	assert_true(ask_path(world, "/good.pem").cached);
	world->clock_ms += 1;
	assert_false(ask_path(world, "/good.pem").cached);
	assert_int_equal(world->servers[SERVER_GOOD]->connections, 2);
}

static void remove_dir(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *found;

	while ((found = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), found->d_name, 0);
	closedir(dir);
	rmdir(path);
}

static void restart(struct world *world)
{
	certs_free(world->certs);
	start(world);
}

static void body_on_disk_outlives_a_restart_but_not_its_day(void **state)
{
	struct world *world = *state;
	struct server *server = world->servers[SERVER_GOOD];
	char dir[] = "/tmp/test_certs.XXXXXX";

	assert_non_null(mkdtemp(dir));
	world->settings.cache_dir = dir;
	start(world);
	ask_path(world, "/good.pem");
	ask_path(world, "/404.pem");
	world->clock_ms += 23 * 3600 * 1000;
	restart(world);
	struct inbox inbox = ask_path(world, "/good.pem");
	assert_true(inbox.cached);
	assert_string_equal(inbox.body, world->pki.leaf_pem);
	assert_int_equal(server->connections, 2);
	/* Failures are not kept over a restart. */
	assert_false(ask_path(world, "/404.pem").cached);
	assert_int_equal(server->connections, 3);
	/* The day began with the fetch, not with the restart. */
	world->clock_ms += 3600 * 1000;
	assert_false(ask_path(world, "/good.pem").cached);
	world->clock_ms += 24 * 3600 * 1000;
	restart(world);
	assert_false(ask_path(world, "/good.pem").cached);
	remove_dir(dir);
}

static void disk_holds_no_more_than_memory(void **state)
{
	struct world *world = *state;
	char dir[] = "/tmp/test_certs.XXXXXX", path[32];
	int cached = 0;

	assert_non_null(mkdtemp(dir));
	world->settings.cache_dir = dir;
	world->settings.memory_max = 3;
	start(world);
	for (int i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "/good.pem%d", i);
		assert_int_equal(ask_path(world, path).status, CERTS_OK);
	}
	world->settings.memory_max = 10;
	restart(world);
	for (int i = 2; i < 5; i++) {
		snprintf(path, sizeof(path), "/good.pem%d", i);
		cached += ask_path(world, path).cached;
	}
	assert_int_equal(cached, 3);
	assert_false(ask_path(world, "/good.pem0").cached);
	remove_dir(dir);
}

/* The helper is this process's only child. */
static pid_t find_helper(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *found;
	pid_t helper = 0;

	while ((found = readdir(dir)) != NULL) {
		char path[300];
		int pid = 0, parent = 0;

		snprintf(path, sizeof(path), "/proc/%s/stat", found->d_name);
		FILE *file = found->d_name[0] > '9' ? NULL : fopen(path, "r");
		if (!file)
			continue;
		if (fscanf(file, "%d (%*[^)]) %*c %d", &pid, &parent) == 2 && parent == getpid())
			helper = pid;
		fclose(file);
	}
	closedir(dir);
	return helper;
}

static void dead_helper_answers_all_and_comes_back(void **state)
{
	struct world *world = *state;
	struct server *server = world->servers[SERVER_GOOD];
	struct inbox inbox = {.n = 0};
	int fd;

	start(world);
	fd = certs_fd(world->certs);
	for (int i = 0; i < 5; i++) {
		char path[16];

		snprintf(path, sizeof(path), "/hold%d", i);
		certs_get(world->certs, url_at(server, path), take, &inbox);
	}
	assert_true(find_helper() > 0);
	kill(find_helper(), SIGKILL);
	run_until(world, &inbox, 5);
	assert_int_equal(inbox.status, CERTS_UNREACHED);
	assert_string_equal(inbox.why, "the certificate helper has died");
	assert_int_equal(certs_fd(world->certs), fd);
	/* It is started at most once a second; nothing is remembered against the URL meanwhile. */
	for (int64_t end = real_ms() + 3000; real_ms() < end && inbox.status != CERTS_OK;) {
		inbox = ask_path(world, "/good.pem");
		poll(NULL, 0, 20);
	}
	assert_int_equal(inbox.status, CERTS_OK);
	assert_false(inbox.cached);
}

static void stuck_helper_is_not_waited_for(void **state)
{
	struct world *world = *state;
	struct inbox inbox = {.n = 0};
	pid_t helper;

	start(world);
	helper = find_helper();
	kill(helper, SIGSTOP);
	certs_get(world->certs, url_at(world->servers[SERVER_GOOD], "/good.pem"), take, &inbox);
	world->clock_ms += 6999;
	certs_tick(world->certs);
	assert_int_equal(inbox.n, 0);
	world->clock_ms += 2;
	certs_tick(world->certs);
	assert_int_equal(inbox.n, 1);
	assert_int_equal(inbox.status, CERTS_TIMEOUT);
	/* Its late answer is for nobody. */
	kill(helper, SIGCONT);
	assert_int_equal(ask_path(world, "/good.pem1").status, CERTS_OK);
	assert_int_equal(inbox.n, 1);
}

struct reentrant {
	struct world *world;
	struct certs_request *other;
	struct inbox again;
	int n;
};

static void take_and_act(void *magic, const struct certs_answer *answer)
{
	struct reentrant *mine = magic;

	mine->n++;
	assert_int_equal(answer->status, CERTS_OK);
	certs_cancel(mine->other);
	mine->other = NULL;
	certs_get(mine->world->certs, url_at(mine->world->servers[SERVER_GOOD], "/gate.pem"), take,
		  &mine->again);
}

static void callback_may_cancel_and_ask_again(void **state)
{
	struct world *world = *state;
	const char *url = url_at(world->servers[SERVER_GOOD], "/gate.pem");
	struct reentrant mine = {.world = world};
	struct inbox never = {.n = 0}, last = {.n = 0};

	start(world);
	certs_get(world->certs, url, take_and_act, &mine);
	mine.other = certs_get(world->certs, url, take, &never);
	certs_get(world->certs, url, take, &last);
	world->servers[SERVER_GOOD]->gate = true;
	run_until(world, &last, 1);
	assert_int_equal(mine.n, 1);
	assert_int_equal(mine.again.n, 1);
	assert_true(mine.again.cached);
	assert_int_equal(never.n, 0);
}

static void end_cancels_without_an_answer(void **state)
{
	struct world *world = *state;
	struct inbox never = {.n = 0};

	start(world);
	certs_get(world->certs, url_at(world->servers[SERVER_GOOD], "/hold"), take, &never);
	certs_free(world->certs);
	world->certs = NULL;
	assert_int_equal(never.n, 0);
	assert_int_equal(find_helper(), 0);
}

static void url_over_512_bytes_is_refused(void **state)
{
	struct world *world = *state;
	char url[2000];
	struct inbox inbox = {.n = 0};

	start(world);
	memset(url, 'a', sizeof(url));
	memcpy(url, "https://a/", 10);
	url[sizeof(url) - 1] = 0;
	assert_null(certs_get(world->certs, url, take, &inbox));
	assert_int_equal(inbox.n, 1);
	assert_int_equal(inbox.status, CERTS_REFUSED);
}

static void unusable_settings_end_the_start(void **state)
{
	struct world *world = *state;
	struct log_settings quiet = {.level = LOG_ERROR, .fd = open("/dev/null", O_WRONLY)};
	struct log *log = log_new("test_certs", &quiet);

	world->settings.tls_ca_file = "/nonexistent/ca.pem";
	assert_null(certs_new(&world->settings, log));
	world->settings.tls_ca_file = "/dev/null";
	assert_null(certs_new(&world->settings, log));
	world->settings.tls_ca_file = world->pki.ca_file;
	world->settings.cache_dir = "/dev/null";
	assert_null(certs_new(&world->settings, log));
	log_free(log);
	close(quiet.fd);
}

static void anchors_of_many_messages_arrive_whole(void **state)
{
	struct world *world = *state;
	char path[] = "/tmp/test_certs_big.XXXXXX", line[80], ca[2048];
	FILE *from = fopen(world->pki.ca_file, "r"), *to = fdopen(mkstemp(path), "w");
	size_t len = fread(ca, 1, sizeof(ca), from);

	/* Our CA stands last, behind 900 KB of text that PEM allows between certificates. */
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < 900000 / 80; i++)
		fwrite(line, 1, sizeof(line), to);
	fwrite(ca, 1, len, to);
	fclose(from);
	fclose(to);
	world->settings.tls_ca_file = path;
	start(world);
	assert_int_equal(ask_path(world, "/good.pem").status, CERTS_OK);
	unlink(path);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(good_body_is_fetched_once_then_cached),
		TEST(request_tells_nothing_but_host_and_path),
		TEST(bad_answer_is_refused_with_its_reason),
		TEST(server_that_tls_does_not_trust_is_refused),
		TEST(own_anchors_count_only_when_given),
		TEST(hanging_server_costs_no_more_than_the_timeout),
		TEST(closed_port_is_unreached),
		TEST(forbidden_address_sees_no_connection),
		TEST(every_line_of_the_ssrf_list_is_refused_without_a_connection),
		TEST(thousand_who_ask_share_one_fetch),
		TEST(cancelled_fetch_still_fills_the_cache),
		TEST(more_fetches_than_allowed_are_busy_and_not_remembered),
		TEST(flood_of_new_urls_is_held_to_the_quota_and_cached_ones_are_not),
		TEST(failure_is_remembered_30_s_then_60_s_up_to_10_min),
		TEST(body_is_fetched_anew_after_24_h),
		TEST(body_on_disk_outlives_a_restart_but_not_its_day),
		TEST(disk_holds_no_more_than_memory),
		TEST(dead_helper_answers_all_and_comes_back),
		TEST(stuck_helper_is_not_waited_for),
		TEST(callback_may_cancel_and_ask_again),
		TEST(end_cancels_without_an_answer),
		TEST(url_over_512_bytes_is_refused),
		TEST(unusable_settings_end_the_start),
		TEST(anchors_of_many_messages_arrive_whole),
	};

	certs_helper_main(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_world, end_world);
}
