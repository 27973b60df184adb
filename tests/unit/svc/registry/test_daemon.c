/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon as a process: configuration, set-up, signals, draining. */
#include "fixture.h"

#include "svc/registry/daemon.h"
#include "svc/registry/domain/role.h"
#include "svc/registry/http/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define WAIT_MS 5000

/* A daemon in a child process; its log comes through a pipe. */
struct child {
	struct fixture fixture;
	char config[96];
	char key[ID_MAX + 1];
	pid_t pid;
	int log;
	char text[65536]; /* of the log so far */
	size_t len;
	unsigned api_port, admin_port;
};

static void write_config(const char *path, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void write_config(const char *path, const char *format, ...)
{
	FILE *file = fopen(path, "we");
	va_list args;

	assert_non_null(file);
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	fclose(file);
}

#define BASE                                                                                       \
	"[registry]\ndatabase = %s\npair_key_file = %s\nsigning_key_file = %s\n"                   \
	"threads = %d\n[api]\n"                                                                    \
	"listen = 127.0.0.1:0\n[admin]\nlisten = 127.0.0.1:0\n[log]\nlevel = %s\n"

static void base_config(struct child *child, int threads, const char *level)
{
	write_config(child->config, BASE, child->fixture.database, child->fixture.pair_key_file,
		     child->fixture.signing_key_file, threads, level);
}

/* Reads the log until it holds words; fails when that does not come. */
static const char *wait_for(struct child *child, const char *words)
{
	struct pollfd wait = {.fd = child->log, .events = POLLIN};
	char *at;

	while ((at = strstr(child->text, words)) == NULL) {
		if (poll(&wait, 1, WAIT_MS) <= 0)
			fail_msg("no \"%s\" in: %s", words, child->text);
		ssize_t n = read(child->log, child->text + child->len,
				 sizeof child->text - 1 - child->len);
		if (n <= 0)
			fail_msg("ended without \"%s\": %s", words, child->text);
		child->len += (size_t)n;
	}
	return at;
}

static unsigned port_in(const char *line, const char *name)
{
	const char *at = strstr(line, name);

	assert_non_null(at);
	return (unsigned)strtoul(at + strlen(name), NULL, 10);
}

static int start(void **state)
{
	struct child *child = calloc(1, sizeof *child);
	int ends[2];

	fixture_prepare(&child->fixture);
	fixture_key(&child->fixture, "A", ROLE_OPERATOR, child->key);
	snprintf(child->config, sizeof child->config, "%s/registry.conf", child->fixture.dir);
	base_config(child, 2, "info");
	assert_int_equal(pipe(ends), 0);
	child->pid = fork();
	if (child->pid == 0) {
		struct conf_error err;
		dup2(ends[1], 2);
		struct conf *conf = config_load(child->config, &err);
		_exit(conf != NULL
			      ? daemon_run(child->config, conf, (struct daemon_ready){NULL, NULL})
			      : 3);
	}
	assert_true(child->pid > 0);
	close(ends[1]);
	child->log = ends[0];
	const char *line = wait_for(child, "registry.ready");
	wait_for(child, "admin_port=");
	child->api_port = port_in(line, "api_port=");
	child->admin_port = port_in(line, "admin_port=");
	*state = child;
	return 0;
}

static int end(void **state)
{
	struct child *child = *state;

	if (child->pid > 0) {
		kill(child->pid, SIGKILL);
		waitpid(child->pid, NULL, 0);
	}
	close(child->log);
	unlink(child->config);
	fixture_clear(&child->fixture);
	free(child);
	return 0;
}

static int wait_exit(struct child *child)
{
	int status = 0;

	/* the pipe ends with the process */
	struct pollfd wait = {.fd = child->log, .events = POLLIN};
	char rest[4096];
	while (poll(&wait, 1, WAIT_MS) > 0 && read(child->log, rest, sizeof rest) > 0)
		continue;
	assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
	child->pid = 0;
	return status;
}

static int dial(unsigned port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)port),
				      .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void expect_answer(int fd, const char *words)
{
	char text[4096] = "";
	size_t len = 0;
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	while (strstr(text, words) == NULL && poll(&wait, 1, WAIT_MS) > 0) {
		ssize_t n = recv(fd, text + len, sizeof text - 1 - len, 0);
		if (n <= 0)
			break;
		len += (size_t)n;
		text[len] = 0;
	}
	if (strstr(text, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, text);
}

static void the_admin_listener_says_ready_and_counts(void **state)
{
	static const char ready[] = "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n";
	static const char lookup[] = "GET /v1/reason-codes HTTP/1.1\r\nHost: a\r\n\r\n";
	static const char metrics[] = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
	struct child *child = *state;
	int admin = dial(child->admin_port), api = dial(child->api_port);

	assert_int_equal(send(admin, ready, sizeof ready - 1, 0), sizeof ready - 1);
	expect_answer(admin, "200");
	close(admin);
	assert_int_equal(send(api, lookup, sizeof lookup - 1, 0), sizeof lookup - 1);
	expect_answer(api, "401");
	close(api);
	wait_for(child, "code=unauthenticated");
	admin = dial(child->admin_port);
	assert_int_equal(send(admin, metrics, sizeof metrics - 1, 0), sizeof metrics - 1);
	expect_answer(admin, "attestel_registry_refusals_total{code=\"unauthenticated\"} 1");
	close(admin);
}

static void sighup_applies_what_it_can_and_names_what_needs_a_restart(void **state)
{
	struct child *child = *state;

	base_config(child, 3, "debug");
	assert_int_equal(kill(child->pid, SIGHUP), 0);
	wait_for(child, "config.loaded");
	assert_non_null(strstr(child->text, "event=config.changed"));
	assert_non_null(strstr(child->text, "option=level"));
	assert_non_null(strstr(child->text, "event=config.needs_restart"));
	assert_non_null(strstr(child->text, "option=threads"));
}

static void a_bad_file_on_sighup_changes_nothing(void **state)
{
	struct child *child = *state;
	static const char get[] = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

	write_config(child->config, "[registry]\nthreads = many\n");
	assert_int_equal(kill(child->pid, SIGHUP), 0);
	wait_for(child, "config.refused");
	wait_for(child, ":2:");
	int admin = dial(child->admin_port);
	assert_int_equal(send(admin, get, sizeof get - 1, 0), sizeof get - 1);
	expect_answer(admin, "200");
	close(admin);
}

static void sigterm_lets_a_request_under_way_be_answered(void **state)
{
	struct child *child = *state;
	int api = dial(child->api_port);
	char head[512];
	int n = snprintf(head, sizeof head,
			 "POST /v1/businesses HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
			 "Content-Type: application/json\r\nContent-Length: 30\r\n"
			 "Expect: 100-continue\r\n\r\n",
			 child->key);

	assert_int_equal(send(api, head, (size_t)n, 0), n);
	expect_answer(api, "100 Continue"); /* its headers are read */
	assert_int_equal(kill(child->pid, SIGTERM), 0);
	wait_for(child, "registry.stopping");
	assert_int_equal(send(api, "{\"name\":\"Late\",\"country\":\"US\"}", 30, 0), 30);
	expect_answer(api, "201 Created");
	close(api);
	int status = wait_exit(child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void sigterm_ends_an_idle_daemon_with_success(void **state)
{
	struct child *child = *state;

	assert_int_equal(kill(child->pid, SIGTERM), 0);
	int status = wait_exit(child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Two daemons that share a port would each get some of the requests, and nobody would notice. */
static void a_door_that_another_daemon_holds_is_refused(void **state)
{
	struct child *child = *state;
	const struct http_server_params params = {
		.listen = {"127.0.0.1", (uint16_t)child->api_port},
		.limits = {.threads = 1,
			   .connections_max = 64,
			   .per_address_max = 64,
			   .headers_ms = 1000,
			   .body_ms = 1000,
			   .answer_ms = 1000},
	};
	char err[200] = "";

	assert_null(http_server_start(&params, err, sizeof err));
	assert_non_null(strstr(err, "Address already in use"));
}

static void a_configuration_that_would_send_keys_in_clear_is_refused(void **state)
{
	static const struct {
		const char *text, *words; /* words NULL: fine */
	} cases[] = {
		{"", NULL},
		{"[api]\nlisten = [::1]:8080\n", NULL},
		{"[api]\nlisten = 0.0.0.0:8080\n", "[api] listen"},
		{"[api]\nlisten = 192.0.2.1:8080\n", "[api] listen"},
		{"[api]\nlisten = 0.0.0.0:8080\ntls_certificate_file = /a\ntls_key_file = /b\n",
		 NULL},
		{"[api]\ntls_certificate_file = /a\n", "come together"},
		{"[public]\nlisten = 127.0.0.1:8443\n", "[public] listen"},
		{"[registry]\npublic_url_base = http://a\n", "public_url_base"},
		{"[registry]\npublic_url_base = https://a/\n", "public_url_base"},
		{"[registry]\nthreads = 0\n", "threads"},
		{"[registry]\nunknown = 1\n", "unknown"},
	};
	char path[] = "/tmp/registry-conf-XXXXXX";

	(void)state;
	close(mkstemp(path));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct conf_error err = {.text = ""};
		write_config(path, "%s", cases[i].text);
		struct conf *conf = config_load(path, &err);
		if ((conf != NULL) != (cases[i].words == NULL))
			fail_msg("%s: %s", cases[i].text, err.text);
		if (conf == NULL)
			assert_non_null(strstr(err.text, cases[i].words));
		conf_free(conf);
	}
	unlink(path);
}

static void a_new_key_goes_to_a_private_file_that_is_never_overwritten(void **state)
{
	struct fixture fixture;
	char path[128], err[400] = "";
	struct stat st;

	(void)state;
	fixture_prepare(&fixture);
	const struct registry_section section = {.database = fixture.database};
	snprintf(path, sizeof path, "%s/new.key", fixture.dir);
	const struct setup_key key = {ROLE_CARRIER, "A", path};
	assert_true(setup_add_key(&section, &key, err, sizeof err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 3 + ID_BODY + 1);
	assert_false(setup_add_key(&section, &key, err, sizeof err));
	assert_non_null(strstr(err, path));
	/* and a key that nobody got does not exist */
	const struct store_params params = {fixture.database, 1};
	struct store *store = store_open(&params, err, sizeof err);
	struct db *db = store_take(store, STORE_WAIT_MS);
	const struct db_scope scope = {DB_READ, DB_ACROSS, ""};
	assert_int_equal(db_begin(db, &scope), STORE_OK);
	struct db_query *query = db_query(db, "SELECT count(*) FROM keys");
	assert_int_equal(db_step(query), STORE_OK);
	assert_int_equal(db_int(query, 0), 1);
	db_done(query);
	assert_int_equal(db_end(db, STORE_OK), STORE_OK);
	store_give(store, db);
	store_close(store);
	fixture_clear(&fixture);
}

#define CHILD_TEST(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHILD_TEST(the_admin_listener_says_ready_and_counts),
		CHILD_TEST(sighup_applies_what_it_can_and_names_what_needs_a_restart),
		CHILD_TEST(a_bad_file_on_sighup_changes_nothing),
		CHILD_TEST(sigterm_lets_a_request_under_way_be_answered),
		CHILD_TEST(sigterm_ends_an_idle_daemon_with_success),
		CHILD_TEST(a_door_that_another_daemon_holds_is_refused),
		cmocka_unit_test(a_configuration_that_would_send_keys_in_clear_is_refused),
		cmocka_unit_test(a_new_key_goes_to_a_private_file_that_is_never_overwritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
