/* SPDX-License-Identifier: Apache-2.0 */
/* Call-ids come from strangers: none of them are slower to find than others. */
#include <setjmp.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/session/call.h"

#include "tests/kit/collide.h"

#define CALLS	10000
#define LONGEST 40 /* of a chain; uthash aims at 10 */

struct flood {
	struct sessions *sessions;
	collide_word *ids;
	unsigned longest;
	sem_t done;
};

static void fill(struct worker *worker, void *magic)
{
	struct flood *flood = magic;
	struct desk *desk = flood->sessions->desks[0];

	(void)worker;
	for (size_t i = 0; i < CALLS; i++) {
		struct ng_text id = {flood->ids[i], COLLIDE_LEN};

		if (call_find(desk, &id) || !call_new(desk, &id) || !call_find(desk, &id))
			break;
	}
	for (size_t i = 0; i < desk->calls->hh.tbl->num_buckets; i++)
		if (desk->calls->hh.tbl->buckets[i].count > flood->longest)
			flood->longest = desk->calls->hh.tbl->buckets[i].count;
	sem_post(&flood->done);
}

static void test_call_ids_that_a_stranger_has_made_fall_into_no_one_chain(void **state)
{
	struct session_settings settings = {.workers = 1, .timeouts = {60, 3600, 3600, 0, 30}};
	struct log_settings quiet = {.level = LOG_ERROR};
	struct flood flood = {.ids = collide_words(CALLS)};
	struct metrics *metrics = metrics_new(media_metrics, MEDIA_METRIC_COUNT);
	struct log *log = log_new("test", &quiet);
	struct interface interface;
	struct port_pool *pool;
	const char *why;
	char err[200];

	(void)state;
	assert_true(interface_parse("127.0.0.1", &interface, &why));
	pool = port_pool_new(&interface, 1, 17310, 17319);
	flood.sessions = sessions_start(&settings, pool, log, metrics, err, sizeof(err));
	assert_non_null(flood.sessions);
	sem_init(&flood.done, 0, 0);
	assert_true(worker_post(flood.sessions->desks[0]->worker, fill, &flood));
	sem_wait(&flood.done);
	assert_int_equal(sessions_calls(flood.sessions), CALLS);
	assert_in_range(flood.longest, 1, LONGEST);
	sessions_stop(flood.sessions);
	sem_destroy(&flood.done);
	port_pool_free(pool);
	metrics_free(metrics);
	log_free(log);
	free(flood.ids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call_ids_that_a_stranger_has_made_fall_into_no_one_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
