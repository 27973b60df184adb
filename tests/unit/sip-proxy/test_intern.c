/* SPDX-License-Identifier: Apache-2.0 */
/* Shared strings: each once, counted, gone with the last count. */
#include "sip-proxy/intern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PLENTY	  (1 << 20)
#define FNV_BASE  14695981039346656037u
#define FNV_PRIME 1099511628211u
#define CROWD	  1000
#define SLOTS	  2048
#define FULLEST	  10 /* by chance hardly ever more than 7 */

static uint32_t take(struct intern *intern, const char *text, uint32_t link)
{
	return intern_take(intern, &(struct intern_key){text, strlen(text), link}, PLENTY);
}

static uint32_t find(const struct intern *intern, const char *text, uint32_t link)
{
	return intern_find(intern, &(struct intern_key){text, strlen(text), link});
}

static void the_same_string_is_kept_once_until_its_last_count(void **state)
{
	struct intern *intern = intern_new(10);
	uint32_t a = take(intern, "a", 1);
	struct intern_key key;

	(void)state;
	assert_int_equal(take(intern, "a", 1), a);
	assert_int_not_equal(take(intern, "a", 2), a);
	assert_int_equal(intern_count(intern), 2);
	intern_get(intern, a, &key);
	assert_string_equal(key.text, "a");
	assert_int_equal(key.len, 1);
	assert_int_equal(key.link, 1);
	intern_give(intern, a);
	assert_int_equal(find(intern, "a", 1), a);
	intern_give(intern, a);
	assert_int_equal(find(intern, "a", 1), INTERN_NONE);
	assert_int_not_equal(find(intern, "a", 2), INTERN_NONE);
	assert_int_equal(intern_count(intern), 1);
	intern_free(intern);
}

static void zeros_inside_belong_to_the_string(void **state)
{
	struct intern *intern = intern_new(10);
	uint32_t a = intern_take(intern, &(struct intern_key){"a\0b", 3, 0}, PLENTY);
	uint32_t b = intern_take(intern, &(struct intern_key){"a\0c", 3, 0}, PLENTY);

	(void)state;
	assert_int_not_equal(a, b);
	intern_free(intern);
}

static void no_more_strings_and_bytes_are_taken_than_there_is_room_for(void **state)
{
	struct intern *intern = intern_new(3);
	size_t bytes;

	(void)state;
	assert_int_not_equal(take(intern, "a", 0), INTERN_NONE);
	bytes = intern_bytes(intern);
	assert_int_equal(intern_take(intern, &(struct intern_key){"bcd", 3, 0}, bytes + 3),
			 INTERN_NONE);
	assert_int_equal(intern_bytes(intern), bytes);
	assert_int_not_equal(take(intern, "b", 0), INTERN_NONE);
	assert_int_not_equal(take(intern, "c", 0), INTERN_NONE);
	assert_int_equal(take(intern, "d", 0), INTERN_NONE);
	assert_int_not_equal(take(intern, "c", 0), INTERN_NONE);
	intern_give(intern, find(intern, "a", 0));
	assert_int_not_equal(take(intern, "d", 0), INTERN_NONE);
	intern_free(intern);
}

static void indices_of_strings_that_went_are_used_again(void **state)
{
	struct intern *intern = intern_new(1000);

	(void)state;
	for (int round = 0; round < 5; round++) {
		char text[16];

		for (int i = 0; i < 1000; i++) {
			snprintf(text, sizeof(text), "%d.%d", round, i);
			assert_int_not_equal(take(intern, text, 0), INTERN_NONE);
		}
		for (int i = 0; i < 1000; i++) {
			snprintf(text, sizeof(text), "%d.%d", round, i * 7 % 1000);
			uint32_t at = find(intern, text, 0);
			assert_int_not_equal(at, INTERN_NONE);
			intern_give(intern, at);
		}
		assert_int_equal(intern_count(intern), 0);
	}
	assert_int_equal(intern_end(intern), 1000);
	intern_free(intern);
}

static uint32_t fnv_slot(const struct siphash_key *known, const struct intern_key *key)
{
	uint64_t hash = (FNV_BASE ^ known->words[0]) + key->link;

	for (size_t i = 0; i < key->len; i++)
		hash = (hash ^ (unsigned char)key->text[i]) * FNV_PRIME;
	return (uint32_t)(hash ^ hash >> 32) % SLOTS;
}

/* By their texts, or by their links alone. */
static unsigned fullest_slot(const struct siphash_key *secret, bool by_link)
{
	unsigned counts[SLOTS] = {0}, fullest = 0;
	char text[20] = "one text";

	for (uint32_t i = 0, n = 0; n < CROWD; i++) {
		struct intern_key key = {text, strlen(text), by_link ? i : 0};

		if (!by_link)
			key.len = (size_t)snprintf(text, sizeof(text), "%08x", i);
		if (fnv_slot(secret, &key) != 7)
			continue;
		uint32_t slot = intern_hash(secret, &key) % SLOTS;

		fullest = ++counts[slot] > fullest ? counts[slot] : fullest;
		n++;
	}
	return fullest;
}

static void strings_that_fnv_puts_into_one_slot_fall_apart(void **state)
{
	const struct siphash_key secret = {{UINT64_C(0x243f6a8885a308d3), 0}};

	(void)state;
	assert_in_range(fullest_slot(&secret, false), 1, FULLEST);
	assert_in_range(fullest_slot(&secret, true), 1, FULLEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_string_is_kept_once_until_its_last_count),
		cmocka_unit_test(zeros_inside_belong_to_the_string),
		cmocka_unit_test(no_more_strings_and_bytes_are_taken_than_there_is_room_for),
		cmocka_unit_test(indices_of_strings_that_went_are_used_again),
		cmocka_unit_test(strings_that_fnv_puts_into_one_slot_fall_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
