/* SPDX-License-Identifier: Apache-2.0 */
/* kill -9 at any moment: what was answered is kept, and the file is whole. */
#include "fixture.h"

#include "svc/registry/domain/scope.h"

#include <signal.h>
#include <sys/wait.h>

#define ROUNDS	       6
#define WRITES_A_ROUND 40 /* the killing comes somewhere after the first of them */
#define KEPT_MAX       (ROUNDS * WRITES_A_ROUND)

struct crash {
	struct fixture fixture;
	char key[ID_MAX + 1];
	char kept[KEPT_MAX][ID_MAX + 1]; /* acknowledged */
	size_t n_kept;
};

/* The server in a process of its own; its port comes through the pipe. */
static pid_t start_child(struct crash *crash, uint16_t *port_out)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		fixture_start(&crash->fixture);
		uint16_t port = registry_api_port(crash->fixture.registry);
		if (write(ends[1], &port, sizeof port) != sizeof port)
			_exit(1);
		for (;;)
			pause();
	}
	assert_true(child > 0);
	assert_int_equal(read(ends[0], port_out, sizeof *port_out), sizeof *port_out);
	close(ends[0]);
	close(ends[1]);
	return child;
}

static size_t take(char *data, size_t size, size_t n, void *magic)
{
	char *text = magic;
	size_t len = strlen(text);

	if (len + size * n >= TEXT_MAX)
		return 0;
	memcpy(text + len, data, size * n);
	text[len + size * n] = 0;
	return size * n;
}

/* Makes businesses one after the other until the server is gone. */
static void write_until_killed(struct crash *crash, CURL *curl, pid_t child, int kill_after)
{
	for (int i = 0; i < WRITES_A_ROUND; i++) {
		char text[TEXT_MAX] = "";
		long status = 0;
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);
		/* the kernel stops the server at some instruction of the writes that follow */
		if (i == kill_after)
			assert_int_equal(kill(child, SIGKILL), 0);
		if (curl_easy_perform(curl) != CURLE_OK)
			return;
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
		assert_int_equal(status, 201);
		json_t *json = json_loads(text, 0, NULL);
		snprintf(crash->kept[crash->n_kept++], ID_MAX + 1, "%s",
			 json_string_value(json_object_get(json, "id")));
		json_decref(json);
	}
	fail_msg("the server answered after it was killed");
}

static CURL *make_client(struct crash *crash, uint16_t port, struct curl_slist **headers_out)
{
	CURL *curl = curl_easy_init();
	char url[128], line[128];

	snprintf(url, sizeof url, "http://127.0.0.1:%u/v1/businesses", port);
	snprintf(line, sizeof line, "Authorization: Bearer %s", crash->key);
	*headers_out = curl_slist_append(NULL, line);
	*headers_out = curl_slist_append(*headers_out, "Content-Type: application/json");
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *headers_out);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "{\"name\":\"Example\",\"country\":\"US\"}");
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 5000L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	return curl;
}

/* One writer's answers tell only of moments between writes; the noise is killed within them. */
static pid_t start_noise(struct crash *crash, uint16_t port)
{
	pid_t noise = fork();

	if (noise == 0) {
		struct curl_slist *headers;
		CURL *curl = make_client(crash, port, &headers);
		char text[TEXT_MAX];
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);
		do {
			text[0] = 0;
		} while (curl_easy_perform(curl) == CURLE_OK);
		_exit(0);
	}
	return noise;
}

static void crash_once(struct crash *crash, int round)
{
	uint16_t port;
	struct curl_slist *headers;
	pid_t child = start_child(crash, &port);
	pid_t noise = start_noise(crash, port);
	CURL *curl = make_client(crash, port, &headers);

	write_until_killed(crash, curl, child, 1 + round * 5);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(waitpid(noise, NULL, 0), noise);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
}

static void expect_whole(const struct crash *crash)
{
	char err[200], text[64];
	struct db *db = db_open(crash->fixture.database, false, NULL, err, sizeof err);

	assert_non_null(db);
	struct db_query *check = db_query(db, "PRAGMA integrity_check");
	assert_int_equal(db_step(check), STORE_OK);
	db_text(check, 0, text, sizeof text);
	assert_string_equal(text, "ok");
	db_done(check);
	for (size_t i = 0; i < crash->n_kept; i++) {
		struct db_query *find = db_query(db, "SELECT 1 FROM businesses WHERE id = :id");
		db_bind_text(find, ":id", crash->kept[i]);
		assert_int_equal(db_step(find), STORE_OK);
		db_done(find);
	}
	db_close(db);
}

static void what_was_answered_survives_kill_9_and_the_database_is_whole(void **state)
{
	struct crash *crash = calloc(1, sizeof *crash);

	(void)state;
	fixture_prepare(&crash->fixture);
	fixture_key(&crash->fixture, "A", SCOPE_ALL, crash->key);
	for (int round = 0; round < ROUNDS; round++) {
		size_t before = crash->n_kept;
		crash_once(crash, round);
		assert_true(crash->n_kept > before);
		expect_whole(crash);
	}
	fixture_clear(&crash->fixture);
	free(crash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_answered_survives_kill_9_and_the_database_is_whole),
	};

	curl_global_init(CURL_GLOBAL_ALL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	curl_global_cleanup();
	return failed;
}
