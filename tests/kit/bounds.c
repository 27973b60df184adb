/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: what it may cost, in CPU and in memory, and what is said of it. */
#include "tests/kit/bounds.h"

#include "tests/kit/heap.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* make coverage: what counts each line takes its time. */
#ifndef KIT_UNMEASURED
#define KIT_UNMEASURED false
#endif

#define RUNS	  5
#define RUNS_BUSY 40 /* while each was over its time: another program may have been to blame */

static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void kit_bounded(struct kit_bounds bounds, void (*part)(void *data), void (*before)(void *data),
		 void *data)
{
	int64_t best = INT64_MAX;
	size_t most = 0;

	if (!kit_heap_is_counted() || KIT_UNMEASURED) {
		if (before != NULL)
			before(data);
		part(data);
		print_message("  under a sanitizer or gcov: time and memory are not measured\n");
		return;
	}
	for (int i = 0; i < RUNS || (i < RUNS_BUSY && best > bounds.us); i++) {
		int64_t spent;

		if (before != NULL)
			before(data);
		kit_heap_mark();
		spent = cpu_us();
		part(data);
		spent = cpu_us() - spent;
		if (spent < best)
			best = spent;
		if (kit_heap_rise() > most)
			most = kit_heap_rise();
	}
	print_message("  %lld us, %zu bytes\n", (long long)best, most);
	assert_in_range(best, 0, bounds.us);
	assert_in_range(most, 0, bounds.bytes);
}

/* The same anchors again: what was known of certificates is forgotten. */
static void forget(void *data)
{
	struct scene *s = data;

	callerid_verification_free(s->v);
	s->v = NULL;
	assert_int_equal(callerid_context_add_anchors(s->ctx, "test-list", s->world.anchors,
						      strlen(s->world.anchors), NULL),
			 CALLERID_OK);
}

static void verify(void *data)
{
	char *json = callerid_verdict_json(scene_verify(data));

	assert_non_null(json);
	free(json);
}

void bounded_verify_within(struct scene *s, size_t bytes)
{
	enum callerid_mode replay = s->policy.mode[CALLERID_CHECK_REPLAY];

	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF; /* it runs several times */
	kit_bounded((struct kit_bounds){KIT_CPU_US_MAX, bytes}, verify, forget, s);
	s->policy.mode[CALLERID_CHECK_REPLAY] = replay;
}

void bounded_verify(struct scene *s)
{
	bounded_verify_within(s, KIT_HEAP_MAX);
}

void bounded_expect(struct scene *s, enum callerid_reason reason, enum callerid_check by,
		    const char *why)
{
	const struct callerid_verdict *verdict;
	char said[CALLERID_WHY_MAX + 1];

	scene_expect(s, reason, by);
	verdict = callerid_verification_verdict(s->v);
	memcpy(said, verdict->passport[verdict->decided_by].check[by].why, sizeof(said));
	said[strnlen(why, CALLERID_WHY_MAX)] = '\0';
	assert_string_equal(said, why);
	bounded_verify(s);
}

char *bad_repeat(const char *start, const char *what, size_t n, const char *end)
{
	size_t from = strlen(start), one = strlen(what), to = strlen(end);
	char *text = calloc(1, from + n * one + to + 1);

	assert_non_null(text);
	memcpy(text, start, from);
	for (size_t i = 0; i < n; i++)
		memcpy(text + from + i * one, what, one);
	memcpy(text + from + n * one, end, to);
	return text;
}

void bad_serve(struct scene *s, char *chain)
{
	free(s->own_chain);
	s->own_chain = chain;
	s->chain = chain;
	if (s->call.n_identity == 0)
		scene_add_token(s, SCENE_HEADER, SCENE_PAYLOAD);
}

struct kit_spec bad_leaf(const struct kit_cert *issuer)
{
	return (struct kit_spec){
		.cn = "SHAKEN 1234", .issuer = issuer, .tnauth = kit_numbers, .n_tnauth = 2};
}

void bad_put_token(struct scene *s, const struct bad_row *row)
{
	scene_add_token(s, row->header != NULL ? row->header : SCENE_HEADER,
			row->payload != NULL ? row->payload : SCENE_PAYLOAD);
}

/* cmocka hands initial_state to setup; what setup leaves there goes to the test. */
struct row_test {
	const struct bad_row *row;
	bad_put *put;
};

struct row_state {
	const struct row_test *test;
	void *scene;
};

static int row_setup(void **state)
{
	struct row_state *both = calloc(1, sizeof(*both));

	both->test = *state;
	*state = both;
	return scene_setup(&both->scene);
}

static int row_teardown(void **state)
{
	struct row_state *both = *state;
	int rc = scene_teardown(&both->scene);

	free(both);
	return rc;
}

static void row_run(void **state)
{
	const struct row_state *both = *state;
	const struct bad_row *row = both->test->row;

	both->test->put(both->scene, row);
	if (row->why != NULL) {
		bounded_expect(both->scene, row->reason, row->by, row->why);
		return;
	}
	scene_expect_passed(both->scene);
	bounded_verify(both->scene);
}

int bad_run(const struct bad_table *tables, size_t n_tables, const struct CMUnitTest *more,
	    size_t n_more)
{
	struct row_test rows[BAD_TESTS_MAX];
	struct CMUnitTest tests[BAD_TESTS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < n_tables; i++) {
		for (size_t k = 0; k < tables[i].n && n < BAD_TESTS_MAX; k++, n++) {
			rows[n] = (struct row_test){&tables[i].row[k], tables[i].put};
			tests[n] = (struct CMUnitTest){tables[i].row[k].name, row_run, row_setup,
						       row_teardown, &rows[n]};
		}
	}
	for (size_t i = 0; i < n_more && n < BAD_TESTS_MAX; i++)
		tests[n++] = more[i];
	return _cmocka_run_group_tests("tests", tests, n, NULL, NULL);
}
