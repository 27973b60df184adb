/* SPDX-License-Identifier: Apache-2.0 */
/* What keys that nobody made may cost: no read of the database without leave. */
#include "tests/unit/svc/registry/fixture.h"

#define NOW INT64_C(1700000000000)

struct scene {
	struct fixture fixture;
	struct store *store; /* of one connection: who holds it keeps everybody from reading */
	struct auth auth;
	char key[ID_MAX + 1];
	unsigned asked, allowed; /* searches; how many may be made */
};

static int start(void **state)
{
	struct scene *scene = calloc(1, sizeof *scene);
	char err[400] = "";

	fixture_prepare(&scene->fixture);
	fixture_key(&scene->fixture, "A", ROLE_OWNER, scene->key);
	const struct store_params params = {scene->fixture.database, 1};
	scene->store = store_open(&params, err, sizeof err);
	assert_non_null(scene->store);
	scene->auth = (struct auth){.store = scene->store, .cache = keycache_new()};
	*state = scene;
	return 0;
}

static int stop(void **state)
{
	struct scene *scene = *state;

	keycache_free(scene->auth.cache);
	store_close(scene->store);
	fixture_clear(&scene->fixture);
	free(scene);
	return 0;
}

static bool may_search(void *magic)
{
	struct scene *scene = magic;

	scene->asked++;
	if (scene->allowed == 0)
		return false;
	scene->allowed--;
	return true;
}

static enum problem check(struct scene *scene, const char *key, int64_t now_ms)
{
	char authorization[64];
	struct http_caller caller;
	const struct auth_proof proof = {.authorization = authorization,
					 .now_ms = now_ms,
					 .may_search = may_search,
					 .magic = scene};

	snprintf(authorization, sizeof authorization, "Bearer %s", key);
	return auth_check(&scene->auth, &proof, ROUTE_ANY, &caller);
}

/* The nth key of the right form that nobody made. */
static const char *made_up(unsigned n, char key_out[ID_MAX + 1])
{
	uint8_t random[ID_RANDOM] = {(uint8_t)(n >> 8), (uint8_t)n};

	id_encode(ID_SECRET, random, key_out);
	return key_out;
}

static void a_flood_of_unknown_keys_reads_as_often_as_it_may_and_no_more(void **state)
{
	struct scene *scene = *state;
	char key[ID_MAX + 1];

	scene->allowed = 7;
	for (unsigned n = 0; n < 500; n++)
		assert_int_equal(check(scene, made_up(n, key), NOW),
				 n < 7 ? PROBLEM_UNAUTHENTICATED : PROBLEM_RATE_LIMITED);
	assert_int_equal(scene->asked, 500);
	/* not even one more: with the database out of reach the answer is the same */
	struct db *held = store_take(scene->store, 0);
	assert_int_equal(check(scene, made_up(0, key), NOW), PROBLEM_RATE_LIMITED);
	scene->allowed = 1;
	assert_int_equal(check(scene, made_up(0, key), NOW), PROBLEM_BUSY);
	store_give(scene->store, held);
}

static void a_key_that_was_good_once_goes_on_whatever_its_neighbours_send(void **state)
{
	struct scene *scene = *state;
	char key[ID_MAX + 1];

	scene->allowed = 1;
	assert_int_equal(check(scene, scene->key, NOW), PROBLEM_NONE);
	for (unsigned n = 0; n < 500; n++)
		assert_int_equal(check(scene, made_up(n, key), NOW), PROBLEM_RATE_LIMITED);
	scene->asked = 0;
	assert_int_equal(check(scene, scene->key, NOW), PROBLEM_NONE);
	/* no longer at hand: it is read again, and nobody is asked for leave */
	assert_int_equal(check(scene, scene->key, NOW + KEYCACHE_MS), PROBLEM_NONE);
	assert_int_equal(check(scene, scene->key, NOW + 24 * 3600 * 1000), PROBLEM_NONE);
	keycache_clear(scene->auth.cache);
	assert_int_equal(check(scene, scene->key, NOW), PROBLEM_NONE);
	assert_int_equal(scene->asked, 0);
}

#define AUTH_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AUTH_TEST(a_flood_of_unknown_keys_reads_as_often_as_it_may_and_no_more),
		AUTH_TEST(a_key_that_was_good_once_goes_on_whatever_its_neighbours_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
