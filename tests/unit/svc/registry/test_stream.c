/* SPDX-License-Identifier: Apache-2.0 */
/* Streams and those who do not read them. */
#include "svc/registry/store/events.h"
#include "svc/registry/store/tenants.h"
#include "tests/unit/svc/registry/fixture.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#define STREAM_MS 400
#define EVENTS	  600
#define BODY	  32768 /* together more than any socket buffers */

struct followed {
	struct fixture fixture;
	char key[ID_MAX + 1];
};

static int begin_with(void **state, int64_t stream_ms)
{
	struct followed *followed = calloc(1, sizeof *followed);

	assert_non_null(followed);
	fixture_prepare(&followed->fixture);
	followed->fixture.limits.stream_ms = stream_ms;
	fixture_start(&followed->fixture);
	fixture_key(&followed->fixture, "follower", ROLE_CALLER, followed->key);
	*state = followed;
	return 0;
}

static int begin(void **state)
{
	return begin_with(state, 60000);
}

static int begin_impatient(void **state)
{
	return begin_with(state, STREAM_MS);
}

static int end(void **state)
{
	struct followed *followed = *state;

	fixture_clear(&followed->fixture);
	free(followed);
	return 0;
}

static enum store_status add_events(struct db *db, void *magic)
{
	struct tenant_row tenant;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	struct event_row row = {
		.kind = "test", .object = "x", .body = magic, .at_ms = (int64_t)now.tv_sec * 1000};
	enum store_status status = store_tenants_by_name(db, "follower", &tenant);

	memcpy(row.tenant, tenant.id, sizeof row.tenant);
	for (int i = 0; status == STORE_OK && i < EVENTS; i++)
		status = store_events_add(db, &row);
	return status;
}

/* Past the API: what no single request makes. */
static void fill_events(struct fixture *fixture)
{
	const struct store_params params = {fixture->database, 1};
	const struct db_scope scope = {DB_WRITE, DB_ACROSS, ""};
	char err[256] = "", *body = calloc(1, BODY + 1);
	struct store *store = store_open(&params, err, sizeof err);

	assert_non_null(store);
	memset(body, 'b', BODY);
	body[0] = body[BODY - 1] = '"';
	struct db *db = store_take(store, 0);
	assert_int_equal(db_transact(db, &scope, add_events, body), STORE_OK);
	store_give(store, db);
	store_close(store);
	free(body);
}

static int open_stream(const struct followed *followed)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port =
					      htons(registry_api_port(followed->fixture.registry)),
				      .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM, 0), small = 4096;
	char request[256];

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	int n = snprintf(
		request, sizeof request,
		"GET /v1/stream?since=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n",
		followed->key);
	assert_int_equal(send(fd, request, (size_t)n, MSG_NOSIGNAL), n);
	return fd;
}

/* What comes until the other end closes, at most wait_ms after the byte before. */
static size_t read_to_end(int fd, int wait_ms, bool *closed_out)
{
	struct pollfd wait = {fd, POLLIN, 0};
	char buffer[65536];
	size_t total = 0;
	ssize_t n = 1;

	while (n > 0 && poll(&wait, 1, wait_ms) == 1) {
		n = recv(fd, buffer, sizeof buffer, 0);
		total += n > 0 ? (size_t)n : 0;
	}
	*closed_out = n <= 0;
	return total;
}

static void a_follower_who_does_not_read_is_dropped(void **state)
{
	struct followed *followed = *state;
	bool closed;

	fill_events(&followed->fixture);
	int fd = open_stream(followed);
	/* the time itself is what is tested */
	assert_int_equal(poll(NULL, 0, 4 * STREAM_MS), 0);
	size_t got = read_to_end(fd, 5000, &closed);
	assert_true(closed);
	assert_true(got > 0 && got < (size_t)EVENTS * BODY);
	close(fd);
}

static void a_follower_who_reads_gets_all_of_it(void **state)
{
	struct followed *followed = *state;
	bool closed;

	fill_events(&followed->fixture);
	int fd = open_stream(followed);
	size_t got = read_to_end(fd, 5000, &closed);
	assert_true(got > (size_t)EVENTS * BODY);
	close(fd);
}

static void a_stream_under_way_does_not_keep_the_registry_from_stopping(void **state)
{
	struct followed *followed = *state;
	bool closed;

	int fd = open_stream(followed);
	struct pollfd wait = {fd, POLLIN, 0};
	assert_int_equal(poll(&wait, 1, 5000), 1);
	registry_stop(followed->fixture.registry, 5000);
	followed->fixture.registry = NULL;
	read_to_end(fd, 5000, &closed);
	assert_true(closed);
	close(fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_follower_who_does_not_read_is_dropped,
						begin_impatient, end),
		cmocka_unit_test_setup_teardown(a_follower_who_reads_gets_all_of_it, begin, end),
		cmocka_unit_test_setup_teardown(
			a_stream_under_way_does_not_keep_the_registry_from_stopping, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
