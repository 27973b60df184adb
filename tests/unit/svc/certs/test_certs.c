/* SPDX-License-Identifier: Apache-2.0 */
/* Caches, single flight, limits and the helper's death; this program is its own helper process. */
#include "tests/unit/svc/certs/world.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>

static void vs11_good_body_is_fetched_once_then_cached(void **state)
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

static void vs11_body_is_fetched_anew_after_24_h(void **state)
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

/*
 * It is started at most once a second, and nothing is remembered against the URL meanwhile. No
 * tick: asking and dispatching are enough.
 */
static struct inbox ask_until_restarted(struct world *world)
{
	struct inbox inbox = {.status = CERTS_UNREACHED};

	for (int64_t end = real_ms() + 3000; real_ms() < end && inbox.status == CERTS_UNREACHED;) {
		inbox = ask_path(world, "/good.pem");
		assert_false(inbox.cached);
		poll(NULL, 0, 20);
	}
	return inbox;
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
		char path[32];

		snprintf(path, sizeof(path), "/hold%d", i);
		certs_get(world->certs, url_at(server, path), take, &inbox);
	}
	assert_true(find_helper() > 0);
	kill(find_helper(), SIGKILL);
	run_until(world, &inbox, 5);
	assert_int_equal(inbox.status, CERTS_UNREACHED);
	assert_string_equal(inbox.why, "the certificate helper has died");
	assert_int_equal(certs_fd(world->certs), fd);
	assert_int_equal(ask_until_restarted(world).status, CERTS_OK);
}

/* Our CA stands last, behind 900 KB of text, which PEM allows between certificates. */
static void write_big_ca(const char *from_path, char *path)
{
	FILE *from = fopen(from_path, "r"), *to = fdopen(mkstemp(path), "w");
	char line[80], ca[2048];
	size_t len = fread(ca, 1, sizeof(ca), from);

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < 900000 / 80; i++)
		fwrite(line, 1, sizeof(line), to);
	fwrite(ca, 1, len, to);
	fclose(from);
	fclose(to);
}

static void anchors_of_many_messages_arrive_whole_after_a_restart_too(void **state)
{
	struct world *world = *state;
	char path[] = "/tmp/test_certs_big.XXXXXX";

	write_big_ca(world->pki.ca_file, path);
	world->settings.tls_ca_file = path;
	start(world);
	unlink(path);
	assert_int_equal(ask_path(world, "/good.pem1").status, CERTS_OK);
	kill(find_helper(), SIGKILL);
	assert_int_equal(ask_until_restarted(world).status, CERTS_OK);
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

/* An operator has to learn from the log why no certificate of a peer can be had. */
static void a_refused_url_stands_in_the_log_with_the_reason(void **state)
{
	struct world *world = *state;
	struct log_settings file = {.level = LOG_INFO, .fd = memfd_create("log", 0)};
	struct inbox inbox = {.n = 0};
	char text[1024] = "";

	log_free(world->log);
	world->log = log_new("test_certs", &file);
	start(world);
	assert_null(certs_get(world->certs, "https://peer.example:9443/a.pem", take, &inbox));
	assert_int_equal(inbox.status, CERTS_REFUSED);
	assert_true(pread(file.fd, text, sizeof(text) - 1, 0) > 0);
	assert_non_null(strstr(text, "event=certs.refused"));
	assert_non_null(strstr(text, "https://peer.example:9443/a.pem"));
	assert_non_null(strstr(text, inbox.why));
	close(file.fd);
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(vs11_good_body_is_fetched_once_then_cached),
		TEST(thousand_who_ask_share_one_fetch),
		TEST(cancelled_fetch_still_fills_the_cache),
		TEST(more_fetches_than_allowed_are_busy_and_not_remembered),
		TEST(flood_of_new_urls_is_held_to_the_quota_and_cached_ones_are_not),
		TEST(failure_is_remembered_30_s_then_60_s_up_to_10_min),
		TEST(vs11_body_is_fetched_anew_after_24_h),
		TEST(body_on_disk_outlives_a_restart_but_not_its_day),
		TEST(disk_holds_no_more_than_memory),
		TEST(dead_helper_answers_all_and_comes_back),
		TEST(anchors_of_many_messages_arrive_whole_after_a_restart_too),
		TEST(stuck_helper_is_not_waited_for),
		TEST(callback_may_cancel_and_ask_again),
		TEST(end_cancels_without_an_answer),
		TEST(url_over_512_bytes_is_refused),
		TEST(a_refused_url_stands_in_the_log_with_the_reason),
		TEST(unusable_settings_end_the_start),
	};

	certs_helper_main(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_world, end_world);
}
