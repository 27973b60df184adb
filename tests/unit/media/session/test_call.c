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

#define ROUNDS	 14 /* of the attacker: two to the power of it are the call-ids */
#define BLOCK	 8  /* hex digits that each of them adds */
#define ID_LEN	 (ROUNDS * BLOCK)
#define CALLS	 10000
#define TABLE	 (1 << 20)
#define LONGEST	 40 /* of a chain; uthash aims at 10 */
#define FNV_BASE 2166136261u

static uint32_t fnv(uint32_t state, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		state = (state ^ (uint8_t)text[i]) * 16777619u;
	return state;
}

/* Two blocks that take a state of FNV to the same next one, found by birthday; two such a round
 * make 2^ROUNDS words with one hash (Joux, Crypto 2004). */
struct pair {
	char block[2][BLOCK + 1];
};

static uint32_t collide(uint32_t state, uint32_t *seen, struct pair *out)
{
	char text[BLOCK + 1];

	memset(seen, 0, TABLE * sizeof(*seen));
	for (uint32_t i = 1;; i++) {
		uint32_t next, other;

		snprintf(text, sizeof(text), "%08x", i);
		next = fnv(state, text, BLOCK);
		other = seen[next % TABLE];
		snprintf(out->block[0], sizeof(out->block[0]), "%08x", other);
		if (other != 0 && fnv(state, out->block[0], BLOCK) == next) {
			memcpy(out->block[1], text, sizeof(text));
			return next;
		}
		seen[next % TABLE] = i;
	}
}

static void make_ids(char (*ids)[ID_LEN + 1])
{
	uint32_t *seen = calloc(TABLE, sizeof(*seen)), state = FNV_BASE;
	struct pair pairs[ROUNDS];

	assert_non_null(seen);
	for (int round = 0; round < ROUNDS; round++)
		state = collide(state, seen, &pairs[round]);
	free(seen);
	for (size_t i = 0; i < CALLS; i++) {
		for (int round = 0; round < ROUNDS; round++)
			memcpy(ids[i] + BLOCK * round, pairs[round].block[i >> round & 1], BLOCK);
		assert_int_equal(fnv(FNV_BASE, ids[i], ID_LEN), state);
	}
}

struct flood {
	struct sessions *sessions;
	char (*ids)[ID_LEN + 1];
	unsigned longest;
	sem_t done;
};

static void fill(struct worker *worker, void *magic)
{
	struct flood *flood = magic;
	struct desk *desk = flood->sessions->desks[0];

	(void)worker;
	for (size_t i = 0; i < CALLS; i++) {
		struct ng_text id = {flood->ids[i], ID_LEN};

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
	struct flood flood = {.ids = calloc(CALLS, sizeof(*flood.ids))};
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
	make_ids(flood.ids);
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
