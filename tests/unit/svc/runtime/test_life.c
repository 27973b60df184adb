/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of a daemon's life: what is logged, what systemd and /readyz hear, and when a drain ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "svc/runtime/life.h"
#include "svc/runtime/sections.h"
#include "svc/runtime/signal.h"

#define PROGRAM "program=attestel-test"

static const struct conf_section sections[] = {SECTIONS_LOG, SECTIONS_ADMIN};
static const struct conf_schema schema = {sections, 2};
static const struct metric_def defs[] = {{"t_total", METRIC_COUNTER, {NULL}, NULL, "Help."}};

struct fixture {
	struct life life;
	struct conf *conf;
	int stderr_fd; /* the test's own */
	FILE *log;
	int manager; /* where systemd would listen */
	char text[8192];
};

static struct conf *load(const char *text)
{
	char path[] = "/tmp/life-XXXXXX";
	struct conf_error err = {0};
	int fd = mkstemp(path);

	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	struct conf *conf = conf_load(path, &schema, &err);
	unlink(path);
	if (conf == NULL)
		fail_msg("%s", err.text);
	return conf;
}

static int open_manager(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char name[64];
	int n = snprintf(name, sizeof(name), "@life-%d", (int)getpid());
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	memcpy(address.sun_path + 1, name + 1, (size_t)n - 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n)),
			 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct life_params params = {
		.program = "attestel-test", .start = "test.start", .metrics = defs, .n_metrics = 1};

	fixture->manager = open_manager();
	fixture->log = tmpfile();
	fixture->stderr_fd = dup(2);
	dup2(fileno(fixture->log), 2);
	fixture->conf = load("[log]\nlevel = warning\n[admin]\nlisten = 127.0.0.1:0\n");
	params.conf = fixture->conf;
	*state = fixture;
	return life_open(&fixture->life, &params) ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	life_close(&fixture->life);
	dup2(fixture->stderr_fd, 2);
	close(fixture->stderr_fd);
	fclose(fixture->log);
	close(fixture->manager);
	unsetenv("NOTIFY_SOCKET");
	conf_free(fixture->conf);
	free(fixture);
	return 0;
}

static const char *logged(struct fixture *fixture)
{
	ssize_t n = pread(fileno(fixture->log), fixture->text, sizeof(fixture->text) - 1, 0);

	fixture->text[n > 0 ? n : 0] = '\0';
	return fixture->text;
}

static const char *told(struct fixture *fixture)
{
	ssize_t n = recv(fixture->manager, fixture->text, sizeof(fixture->text) - 1, 0);

	fixture->text[n > 0 ? n : 0] = '\0';
	return fixture->text;
}

/* The status of /readyz. */
static int ready_status(struct fixture *fixture)
{
	static const char ask[] = "GET /readyz HTTP/1.0\r\n\r\n";
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(admin_port(fixture->life.admin)),
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	char answer[64] = "";
	int status = 0, fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(send(fd, ask, sizeof(ask) - 1, 0), sizeof(ask) - 1);
	assert_true(recv(fd, answer, sizeof(answer) - 1, MSG_WAITALL) > 0);
	close(fd);
	assert_int_equal(sscanf(answer, "HTTP/1.%*d %d", &status), 1);
	return status;
}

static void ready_is_said_while_it_serves_and_not_before_or_after(void **state)
{
	struct fixture *fixture = *state;
	struct life *life = &fixture->life;

	assert_true(life_admin(life, fixture->conf, NULL, NULL));
	assert_int_equal(ready_status(fixture), 503);
	assert_string_equal(told(fixture), "");
	life_serve(life);
	assert_int_equal(ready_status(fixture), 200);
	assert_string_equal(told(fixture), "READY=1\nSTATUS=serving");
	life_leave(life);
	assert_int_equal(ready_status(fixture), 503);
	assert_string_equal(told(fixture), "STOPPING=1");
	life_admin_stop(life);
	assert_null(life->admin);
}

static bool never(void *magic, char *why, size_t size)
{
	snprintf(why, size, "%s", (const char *)magic);
	return false;
}

static void a_daemon_may_have_an_answer_of_its_own(void **state)
{
	static char why[] = "no database";
	struct fixture *fixture = *state;

	assert_true(life_admin(&fixture->life, fixture->conf, never, why));
	life_serve(&fixture->life);
	assert_int_equal(ready_status(fixture), 503);
}

static void without_an_address_there_is_no_admin_listener_and_no_mistake(void **state)
{
	struct fixture *fixture = *state;
	struct conf *conf = load("");

	assert_true(life_admin(&fixture->life, conf, NULL, NULL));
	assert_null(fixture->life.admin);
	conf_free(conf);
}

static void an_address_that_is_not_ours_fails_the_start_and_says_which(void **state)
{
	struct fixture *fixture = *state;
	struct conf *conf = load("[admin]\nlisten = 192.0.2.1:9\n");

	assert_false(life_admin(&fixture->life, conf, NULL, NULL));
	assert_non_null(strstr(logged(fixture), "event=test.start " PROGRAM " what=admin why="));
	conf_free(conf);
}

static void a_drain_ends_when_nothing_is_left_or_its_time_is_over(void **state)
{
	struct fixture *fixture = *state;
	struct life *life = &fixture->life;

	life_serve(life);
	assert_false(life_is_drained(life, 0, 5000));
	assert_true(life_drain(life, 1000, 500));
	assert_false(atomic_load(&life->serving));
	assert_false(life_is_drained(life, 1, 1499));
	assert_true(life_is_drained(life, 0, 1001));
	assert_true(life_is_drained(life, 1, 1500));
	/* A second one does not begin the time anew. */
	assert_false(life_drain(life, 1400, 500));
	assert_true(life_is_drained(life, 1, 1500));
}

static void a_reload_tells_what_changed_and_changes_the_log(void **state)
{
	struct fixture *fixture = *state;
	struct life *life = &fixture->life;
	struct conf *next = load("[log]\nlevel = info\nformat = json\n");

	log_event(life->log, LOG_INFO, "unseen");
	assert_true(life_reload(life, fixture->conf, next, NULL));
	log_event(life->log, LOG_INFO, "seen");
	logged(fixture);
	assert_null(strstr(fixture->text, "unseen"));
	assert_non_null(strstr(fixture->text,
			       "event=config.needs_restart " PROGRAM " section=admin "
			       "option=listen"));
	assert_non_null(strstr(fixture->text, "\"event\":\"seen\""));
	conf_free(next);
}

static void a_refused_reload_is_told_and_changes_nothing(void **state)
{
	static const struct conf_error err = {2, "a.conf:2: [log] level: what"};
	struct fixture *fixture = *state;

	assert_false(life_reload(&fixture->life, fixture->conf, NULL, &err));
	assert_non_null(strstr(logged(fixture),
			       "event=config.refused " PROGRAM " why=\"a.conf:2: [log] level: "
			       "what\""));
	assert_false(log_wants(fixture->life.log, LOG_INFO));
}

static void after_a_reload_systemd_hears_what_is_so(void **state)
{
	struct fixture *fixture = *state;

	life_serve(&fixture->life);
	assert_non_null(strstr(told(fixture), "READY=1"));
	life_reloaded(&fixture->life);
	assert_non_null(strstr(told(fixture), "READY=1"));
	assert_true(life_drain(&fixture->life, 0, 1));
	assert_string_equal(told(fixture), "STOPPING=1");
	life_reloaded(&fixture->life);
	assert_string_equal(told(fixture), "STOPPING=1");
}

static void signals_are_events_from_the_first_moment(void **state)
{
	struct fixture *fixture = *state;

	kill(getpid(), SIGHUP);
	assert_int_equal(signal_next(fixture->life.signal_fd), SIGNAL_RELOAD);
}

static void a_warning_is_a_line_of_the_log(void **state)
{
	struct fixture *fixture = *state;

	life_warn(&fixture->life, "[x] y: z");
	assert_non_null(
		strstr(logged(fixture), "event=config.warning " PROGRAM " what=\"[x] y: z\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ready_is_said_while_it_serves_and_not_before_or_after),
		TEST(a_daemon_may_have_an_answer_of_its_own),
		TEST(without_an_address_there_is_no_admin_listener_and_no_mistake),
		TEST(an_address_that_is_not_ours_fails_the_start_and_says_which),
		TEST(a_drain_ends_when_nothing_is_left_or_its_time_is_over),
		TEST(a_reload_tells_what_changed_and_changes_the_log),
		TEST(a_refused_reload_is_told_and_changes_nothing),
		TEST(after_a_reload_systemd_hears_what_is_so),
		TEST(signals_are_events_from_the_first_moment),
		TEST(a_warning_is_a_line_of_the_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
