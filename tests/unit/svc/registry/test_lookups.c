/* SPDX-License-Identifier: Apache-2.0 */
/* Intents and lookups: what is shown, to whom, how often, and what the file keeps of it. */
#include "world.h"

#include <pthread.h>
#include <sys/stat.h>

#define LOOKUPS 8

static void an_unverified_call_shows_the_name_as_a_claim_and_uses_no_intent(void **state)
{
	static const char *const unverified[] = {
		"{\"verstat\":\"TN-Validation-Passed\",\"attest\":\"B\"}",
		"{\"verstat\":\"TN-Validation-Passed\",\"attest\":\"C\"}",
		"{\"verstat\":\"TN-Validation-Passed\"}",
		"{\"verstat\":\"TN-Validation-Failed\",\"attest\":\"A\"}",
		"{\"verstat\":\"No-TN-Validation\",\"attest\":\"A\"}",
	};
	struct world *world = *state;
	char intent[128];

	announce(world, "+12155550010", intent);
	for (size_t i = 0; i < sizeof unverified / sizeof unverified[0]; i++) {
		struct reply reply;
		lookup(world, "+12155550010", "call", unverified[i], &reply);
		json_t *brand = json_object_get(reply.json, "brand");
		assert_true(json_is_false(json_object_get(reply.json, "verified")));
		assert_string_equal(json_string_value(json_object_get(brand, "name")),
				    "Example Dental");
		assert_true(json_is_null(json_object_get(brand, "logo_url")));
		assert_true(json_is_null(json_object_get(brand, "logo_sha256")));
		assert_true(json_is_null(json_object_get(reply.json, "reason")));
		reply_clear(&reply);
	}
	expect_state(world, intent, "announced");
}

static void an_intent_is_matched_once_and_seen_again_by_the_same_call(void **state)
{
	struct world *world = *state;
	char intent[128], route[200];
	struct reply reply;

	announce(world, "+12155550011", intent);
	for (int i = 0; i < 2; i++) {
		lookup(world, "+12155550011", "one", PASSED_A, &reply);
		assert_string_equal(shown_intent(&reply), intent);
		assert_non_null(json_string_value(
			json_object_get(json_object_get(reply.json, "brand"), "logo_url")));
		reply_clear(&reply);
	}
	lookup(world, "+12155550011", "two", PASSED_A, &reply);
	assert_null(shown_intent(&reply));
	reply_clear(&reply);
	expect_state(world, intent, "matched");
	snprintf(route, sizeof route, "DELETE /v1/intents/%s", intent);
	fixture_json(&world->fixture, world->a, route, NULL, &reply);
	assert_int_equal(reply.status, 409);
	assert_string_equal(reply_text(&reply, "code"), "intent_used");
	reply_clear(&reply);
}

static void an_intent_is_for_its_callee_only_and_not_after_its_end(void **state)
{
	struct world *world = *state;
	char intent[128];
	struct reply reply;

	announce(world, "+12155550012", intent);
	lookup(world, "+12155550013", "x", PASSED_A, &reply);
	assert_null(shown_intent(&reply));
	reply_clear(&reply);
	world->fixture.skew_ms += INT64_C(121) * 1000;
	lookup(world, "+12155550012", "x", PASSED_A, &reply);
	assert_null(shown_intent(&reply));
	reply_clear(&reply);
	expect_state(world, intent, "expired");
}

static void a_lookup_that_does_not_consume_leaves_the_intent_announced(void **state)
{
	struct world *world = *state;
	char intent[128];
	struct reply reply;

	announce(world, "+12155550016", intent);
	for (int i = 0; i < 2; i++) {
		fixture_json(&world->fixture, world->b, "POST /v1/lookups",
			     "{\"from\":\"" CALLER "\",\"to\":\"+12155550016\",\"consume\":false,"
			     "\"verification\":" PASSED_A "}",
			     &reply);
		assert_int_equal(reply.status, 200);
		assert_string_equal(shown_intent(&reply), intent);
		reply_clear(&reply);
		expect_state(world, intent, "announced");
	}
}

static void a_cancelled_intent_is_not_matched(void **state)
{
	struct world *world = *state;
	char intent[128], route[200];
	struct reply reply;

	announce(world, "+12155550014", intent);
	snprintf(route, sizeof route, "DELETE /v1/intents/%s", intent);
	fixture_json(&world->fixture, world->a, route, NULL, &reply);
	assert_int_equal(reply.status, 204);
	reply_clear(&reply);
	lookup(world, "+12155550014", "x", PASSED_A, &reply);
	assert_null(shown_intent(&reply));
	reply_clear(&reply);
	expect_state(world, intent, "cancelled");
}

struct racer {
	struct world *world;
	const char *to;
	char call[16];
	bool shown;
};

static void *race(void *magic)
{
	struct racer *racer = magic;
	struct reply reply;

	lookup(racer->world, racer->to, racer->call, PASSED_A, &reply);
	racer->shown = shown_intent(&reply) != NULL;
	reply_clear(&reply);
	return NULL;
}

static size_t race_all(struct world *world, const char *to, bool same_call)
{
	struct racer racers[LOOKUPS];
	pthread_t threads[LOOKUPS];
	size_t shown = 0;

	for (size_t i = 0; i < LOOKUPS; i++) {
		racers[i] = (struct racer){.world = world, .to = to};
		snprintf(racers[i].call, sizeof racers[i].call, "race%zu", same_call ? 0 : i);
		assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
	}
	for (size_t i = 0; i < LOOKUPS; i++) {
		pthread_join(threads[i], NULL);
		shown += racers[i].shown;
	}
	return shown;
}

static void eight_lookups_at_once_match_an_intent_exactly_once(void **state)
{
	struct world *world = *state;
	char intent[128], to[16];

	for (int round = 0; round < 10; round++) {
		snprintf(to, sizeof to, "+121555501%02d", round);
		announce(world, to, intent);
		assert_int_equal(race_all(world, to, false), 1);
		expect_state(world, intent, "matched");
	}
	announce(world, "+12155550120", intent);
	assert_int_equal(race_all(world, "+12155550120", true), LOOKUPS);
}

static void one_call_takes_one_intent_however_often_it_asks_at_once(void **state)
{
	struct world *world = *state;
	char first[128], second[128], to[16];

	for (int round = 0; round < 10; round++) {
		snprintf(to, sizeof to, "+121555502%02d", round);
		announce(world, to, first);
		announce(world, to, second);
		assert_int_equal(race_all(world, to, true), LOOKUPS);
		expect_state(world, second, "matched");
		expect_state(world, first, "announced");
	}
}

/* When the write-ahead log was last written. */
static struct timespec written(const struct world *world)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof path, "%s-wal", world->fixture.database);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mtim;
}

static void a_lookup_writes_only_when_it_matches_an_intent(void **state)
{
	struct world *world = *state;
	char intent[128];
	struct reply reply;

	announce(world, "+12155550017", intent);
	struct timespec before = written(world);
	for (int i = 0; i < 20; i++) {
		lookup(world, "+12155550018", "call", PASSED_A, &reply);
		reply_clear(&reply);
	}
	struct timespec after = written(world);
	assert_memory_equal(&before, &after, sizeof before);
	lookup(world, "+12155550017", "call", PASSED_A, &reply);
	assert_string_equal(shown_intent(&reply), intent);
	reply_clear(&reply);
	after = written(world);
	assert_memory_not_equal(&before, &after, sizeof before);
}

static void the_database_does_not_hold_who_is_called(void **state)
{
	static const char callee[] = "12155550031", call[] = "call-id-that-is-private";
	struct world *world = *state;
	char intent[128], path[128];
	struct reply reply;
	size_t bytes = 0;

	announce(world, "+12155550031", intent);
	lookup(world, "+12155550031", call, PASSED_A, &reply);
	assert_string_equal(shown_intent(&reply), intent);
	reply_clear(&reply);
	for (int i = 0; i < 2; i++) {
		static const char *const names[] = {"registry.db", "registry.db-wal"};
		static char content[4 * 1024 * 1024];
		snprintf(path, sizeof path, "%s/%s", world->fixture.dir, names[i]);
		FILE *file = fopen(path, "re");
		assert_non_null(file);
		size_t n = fread(content, 1, sizeof content, file);
		fclose(file);
		assert_true(n < sizeof content);
		bytes += n;
		assert_null(memmem(content, n, callee, sizeof callee - 1));
		assert_null(memmem(content, n, call, sizeof call - 1));
		assert_null(memmem(content, n, world->a, strlen(world->a)));
	}
	assert_true(bytes > 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unverified_call_shows_the_name_as_a_claim_and_uses_no_intent),
		cmocka_unit_test(an_intent_is_matched_once_and_seen_again_by_the_same_call),
		cmocka_unit_test(an_intent_is_for_its_callee_only_and_not_after_its_end),
		cmocka_unit_test(a_lookup_that_does_not_consume_leaves_the_intent_announced),
		cmocka_unit_test(a_cancelled_intent_is_not_matched),
		cmocka_unit_test(eight_lookups_at_once_match_an_intent_exactly_once),
		cmocka_unit_test(one_call_takes_one_intent_however_often_it_asks_at_once),
		cmocka_unit_test(a_lookup_writes_only_when_it_matches_an_intent),
		cmocka_unit_test(the_database_does_not_hold_who_is_called),
	};

	curl_global_init(CURL_GLOBAL_ALL);
	int failed = cmocka_run_group_tests(tests, make_world, free_world);
	curl_global_cleanup();
	return failed;
}
