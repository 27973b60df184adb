/* SPDX-License-Identifier: Apache-2.0 */
/* The map against an array that does the same slowly. */
#include "svc/registry/push/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KEYS  1500
#define STEPS 60000
#define CROWD 10000
#define RUN   300 /* of slots in use, at two of three: the longest by chance is about 100 */

static const struct siphash_key secret = {{17, 0}};

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void compare(const struct map *map, const uint64_t *values)
{
	size_t n = 0;

	for (uint64_t key = 1; key <= KEYS; key++) {
		uint64_t value = 0;
		bool found = map_get(map, key, &value);
		assert_int_equal(found, values[key] != 0);
		if (found)
			assert_int_equal(value, values[key]);
		n += found;
	}
	assert_int_equal(map->n, n);
}

static void whatever_was_put_and_removed_each_key_has_its_last_value(void **state)
{
	static uint64_t values[KEYS + 1]; /* 0: not there */
	uint64_t chance = 88172645463325252U;
	struct map map;

	(void)state;
	map_init(&map, &secret);
	for (int i = 0; i < STEPS; i++) {
		uint64_t key = 1 + next(&chance) % KEYS, value = 1 + next(&chance) % 1000;
		if (next(&chance) % 2 == 0) {
			assert_true(map_put(&map, key, value));
			values[key] = value;
		} else {
			map_remove(&map, key);
			values[key] = 0;
		}
		if (i % 5000 == 0)
			compare(&map, values);
	}
	compare(&map, values);
	map_keep(&map, 500);
	for (size_t key = 1; key <= KEYS; key++)
		values[key] = values[key] < 500 ? 0 : values[key];
	compare(&map, values);
	map_clear(&map);
	assert_int_equal(map.n, 0);
}

static void an_empty_map_has_nothing_and_nothing_to_remove(void **state)
{
	struct map map;
	uint64_t value = 7;

	(void)state;
	map_init(&map, &secret);
	assert_false(map_get(&map, 1, &value));
	map_remove(&map, 1);
	map_keep(&map, 1);
	assert_int_equal(value, 7);
	assert_true(map_put(&map, UINT64_MAX, UINT64_MAX));
	assert_true(map_get(&map, UINT64_MAX, &value));
	assert_int_equal(value, UINT64_MAX);
	map_clear(&map);
}

/* x from x ^ x >> shift. */
static uint64_t unfold(uint64_t folded, unsigned shift)
{
	uint64_t x = folded;

	for (unsigned known = shift; known < 64; known += shift)
		x = folded ^ x >> shift;
	return x;
}

/* The key that SplitMix64's finisher takes there when it knows the secret. */
static uint64_t made_for(uint64_t hash)
{
	hash = unfold(hash, 31) * UINT64_C(0x319642b2d24d8ec3);
	hash = unfold(hash, 27) * UINT64_C(0x96de1b173f119089);
	return unfold(hash, 30) ^ secret.words[0];
}

static void keys_made_for_one_place_by_their_bits_alone_fall_apart(void **state)
{
	size_t run = 0, longest = 0;
	struct map map;

	(void)state;
	map_init(&map, &secret);
	for (uint64_t i = 1; i <= CROWD; i++)
		assert_true(map_put(&map, made_for(i << 32), i));
	assert_int_equal(map.n, CROWD);
	for (size_t i = 0; i < map.size; i++) {
		run = map.slots[i].key != 0 ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	assert_in_range(longest, 1, RUN);
	map_clear(&map);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_was_put_and_removed_each_key_has_its_last_value),
		cmocka_unit_test(an_empty_map_has_nothing_and_nothing_to_remove),
		cmocka_unit_test(keys_made_for_one_place_by_their_bits_alone_fall_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
