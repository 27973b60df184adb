/* SPDX-License-Identifier: Apache-2.0 */
/* The copy of the directory: numbers, blocks, bounds, and what a million numbers take. */
#include "sip-proxy/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct snapshot_limits small = {.entries = 1000, .bytes = 1 << 20};

static struct snapshot_entry entry_of(const char *number, const char *name)
{
	struct snapshot_entry entry = {.customer = "biz_1",
				       .brand = "brd_1",
				       .name = name,
				       .logo_url = "https://l.example/1.png",
				       .logo_sha256 = "ab"};

	snprintf(entry.number, sizeof(entry.number), "%s", number);
	return entry;
}

static void put(struct snapshot *snapshot, const char *number, const char *name)
{
	struct snapshot_entry entry = entry_of(number, name);

	assert_int_equal(snapshot_put(snapshot, &entry), SNAPSHOT_OK);
}

static const char *name_of(const struct snapshot *snapshot, const char *number)
{
	struct snapshot_entry entry;

	return snapshot_find(snapshot, number, &entry) ? entry.name : NULL;
}

static void the_narrowest_of_four_entries_is_found(void **state)
{
	struct snapshot *snapshot = snapshot_new(&small);

	(void)state;
	put(snapshot, "12155551212", "one");
	put(snapshot, "1215555121x", "ten");
	put(snapshot, "121555512xx", "hundred");
	put(snapshot, "12155551xxx", "thousand");
	assert_string_equal(name_of(snapshot, "12155551212"), "one");
	assert_string_equal(name_of(snapshot, "12155551213"), "ten");
	assert_string_equal(name_of(snapshot, "12155551299"), "hundred");
	assert_string_equal(name_of(snapshot, "12155551000"), "thousand");
	assert_null(name_of(snapshot, "12155552000"));
	assert_null(name_of(snapshot, "121555512123"));
	assert_null(name_of(snapshot, "1215555121"));
	assert_true(snapshot_remove(snapshot, "12155551212"));
	assert_string_equal(name_of(snapshot, "12155551212"), "ten");
	assert_false(snapshot_remove(snapshot, "12155551212"));
	assert_int_equal(snapshot_count(snapshot), 3);
	snapshot_free(snapshot);
}

static void an_entry_has_all_that_was_put_and_its_last_version(void **state)
{
	struct snapshot *snapshot = snapshot_new(&small);
	struct snapshot_entry entry = entry_of("12155551212", "first"), found;

	(void)state;
	assert_int_equal(snapshot_put(snapshot, &entry), SNAPSHOT_OK);
	entry = (struct snapshot_entry){.number = "12155551212",
					.customer = "biz_2",
					.brand = "brd_2",
					.name = "second",
					.logo_url = "",
					.logo_sha256 = "",
					.strict = true};
	assert_int_equal(snapshot_put(snapshot, &entry), SNAPSHOT_OK);
	assert_int_equal(snapshot_count(snapshot), 1);
	assert_true(snapshot_find(snapshot, "12155551212", &found));
	assert_string_equal(found.number, "12155551212");
	assert_string_equal(found.customer, "biz_2");
	assert_string_equal(found.brand, "brd_2");
	assert_string_equal(found.name, "second");
	assert_string_equal(found.logo_url, "");
	assert_string_equal(found.logo_sha256, "");
	assert_true(found.strict);
	snapshot_free(snapshot);
}

static void a_customer_is_known_while_it_has_a_number(void **state)
{
	struct snapshot *snapshot = snapshot_new(&small);

	(void)state;
	assert_false(snapshot_knows(snapshot, "biz_1"));
	put(snapshot, "12155551212", "one");
	put(snapshot, "12155551213", "another");
	assert_true(snapshot_knows(snapshot, "biz_1"));
	assert_false(snapshot_knows(snapshot, "biz_"));
	snapshot_remove(snapshot, "12155551212");
	assert_true(snapshot_knows(snapshot, "biz_1"));
	snapshot_remove(snapshot, "12155551213");
	assert_false(snapshot_knows(snapshot, "biz_1"));
	snapshot_free(snapshot);
}

static void what_is_no_entry_is_refused(void **state)
{
	static const char *const numbers[] = {"",
					      "x",
					      "xxx",
					      "1x1",
					      "1215555xxxx",
					      "+12155551212",
					      "12155551 12",
					      "1215555121212121",
					      "1215555121X"};
	struct snapshot *snapshot = snapshot_new(&small);
	char long_name[SNAPSHOT_FIELD_MAX + 2];
	struct snapshot_entry entry;

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		entry = entry_of("", "x");
		memcpy(entry.number, numbers[i],
		       strlen(numbers[i]) < sizeof(entry.number) ? strlen(numbers[i]) + 1
								 : sizeof(entry.number));
		if (snapshot_put(snapshot, &entry) != SNAPSHOT_BAD)
			fail_msg("%s is taken", numbers[i]);
	}
	entry = entry_of("12155551212", "tab\tnewline\n");
	assert_int_equal(snapshot_put(snapshot, &entry), SNAPSHOT_BAD);
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = 0;
	entry = entry_of("12155551212", long_name);
	assert_int_equal(snapshot_put(snapshot, &entry), SNAPSHOT_BAD);
	entry = entry_of("12155551212", "x");
	entry.customer = "";
	assert_int_equal(snapshot_put(snapshot, &entry), SNAPSHOT_BAD);
	assert_int_equal(snapshot_count(snapshot), 0);
	snapshot_free(snapshot);
}

static void no_more_entries_and_bytes_are_taken_than_allowed(void **state)
{
	struct snapshot *snapshot = snapshot_new(&small);
	struct snapshot_entry entry;
	size_t n = 0;

	(void)state;
	for (char number[16]; n < 2000; n++) {
		snprintf(number, sizeof(number), "1215%07zu", n);
		entry = entry_of(number, "x");
		if (snapshot_put(snapshot, &entry) != SNAPSHOT_OK)
			break;
	}
	assert_int_equal(n, 1000);
	assert_int_equal(snapshot_count(snapshot), 1000);
	/* one that is there may change all the same */
	put(snapshot, "12150000007", "another");
	snapshot_free(snapshot);

	snapshot = snapshot_new(&(struct snapshot_limits){.entries = 1000, .bytes = 100000});
	for (n = 0; n < 1000; n++) {
		char name[SNAPSHOT_FIELD_MAX];

		snprintf(name, sizeof(name), "%0400zu", n);
		snprintf(entry.number, sizeof(entry.number), "1215%07zu", n);
		entry.name = name;
		if (snapshot_put(snapshot, &entry) != SNAPSHOT_OK)
			break;
	}
	assert_in_range(n, 50, 250);
	assert_true(snapshot_bytes(snapshot) <= 100000);
	assert_int_equal(snapshot_count(snapshot), n);
	snapshot_free(snapshot);
	assert_null(snapshot_new(&(struct snapshot_limits){.entries = 1000, .bytes = 1000}));
}

/* Against a plain array, with many removals: probing must never lose what stands behind a gap. */
static void puts_and_removals_in_any_order_leave_what_they_should(void **state)
{
	enum { NUMBERS = 3000 };
	struct snapshot *snapshot =
		snapshot_new(&(struct snapshot_limits){.entries = NUMBERS, .bytes = 1 << 24});
	static int version[NUMBERS]; /* 0: not there */
	unsigned random = 12345;
	size_t there = 0;

	(void)state;
	for (int step = 1; step < 40000; step++) {
		char number[16], name[16];
		size_t i;

		random = random * 1103515245 + 12345;
		i = (random >> 8) % NUMBERS;
		snprintf(number, sizeof(number), "4420%07zu", i);
		snprintf(name, sizeof(name), "n%d", step % 200);
		there += version[i] == 0;
		if (random >> 28 < 7) {
			assert_int_equal(snapshot_remove(snapshot, number), version[i] != 0);
			version[i] = 0;
			there--;
		} else {
			put(snapshot, number, name);
			version[i] = step;
		}
		assert_int_equal(snapshot_count(snapshot), there);
	}
	for (size_t i = 0; i < NUMBERS; i++) {
		char number[16], name[16];

		snprintf(number, sizeof(number), "4420%07zu", i);
		snprintf(name, sizeof(name), "n%d", version[i] % 200);
		if (version[i] == 0)
			assert_null(name_of(snapshot, number));
		else
			assert_string_equal(name_of(snapshot, number), name);
	}
	for (size_t i = 0; i < NUMBERS; i++) {
		char number[16];

		snprintf(number, sizeof(number), "4420%07zu", i);
		(void)snapshot_remove(snapshot, number);
	}
	assert_int_equal(snapshot_count(snapshot), 0);
	assert_false(snapshot_knows(snapshot, "biz_1"));
	snapshot_free(snapshot);
}

static void every_entry_is_listed_once(void **state)
{
	struct snapshot *snapshot = snapshot_new(&small);
	struct snapshot_entry entry;
	size_t at = 0, n = 0, sum = 0;

	(void)state;
	for (size_t i = 0; i < 500; i++) {
		char number[16];

		snprintf(number, sizeof(number), "1215%07zu", i);
		put(snapshot, number, i % 2 == 0 ? "even" : "odd");
	}
	while (snapshot_next(snapshot, &at, &entry)) {
		size_t i = strtoul(entry.number + 4, NULL, 10);

		n++;
		sum += i;
		assert_string_equal(entry.name, i % 2 == 0 ? "even" : "odd");
		assert_true(entry.group < snapshot_groups(snapshot));
	}
	assert_int_equal(n, 500);
	assert_int_equal(sum, 500 * 499 / 2);
	assert_int_equal(snapshot_groups(snapshot), 2);
	snapshot_free(snapshot);
}

static void a_block_is_written_by_its_first_number_and_size(void **state)
{
	static const struct {
		const char *number;
		int64_t size;
		const char *text; /* NULL: refused */
	} rows[] = {
		{"12155551212", 1, "12155551212"},
		{"12155551210", 10, "1215555121x"},
		{"12155551200", 100, "121555512xx"},
		{"12155551000", 1000, "12155551xxx"},
		{"12155551212", 10, NULL},
		{"12155551000", 10000, NULL},
		{"12155551000", 0, NULL},
		{"12155551000", -10, NULL},
		{"12155551000", 20, NULL},
		{"000", 1000, NULL},
		{"1215555121x", 1, NULL},
		{"1215555121212121", 1, NULL},
	};
	char text[SNAPSHOT_NUMBER_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool ok = snapshot_text(rows[i].number, rows[i].size, text);

		if (ok != (rows[i].text != NULL) || (ok && strcmp(text, rows[i].text) != 0))
			fail_msg("%s by %d", rows[i].number, (int)rows[i].size);
	}
}

/* What the manual of snapshot_memory says. */
static void a_million_numbers_of_a_hundred_thousand_brands_fit_into_100_mb(void **state)
{
	const struct snapshot_limits limits = {.entries = 1000000, .bytes = 512 << 20};
	struct snapshot *snapshot = snapshot_new(&limits);
	char customer[32], brand[32], name[32], logo[96], sha[65];
	size_t empty;

	(void)state;
	assert_non_null(snapshot);
	empty = snapshot_bytes(snapshot);
	for (size_t i = 0; i < 1000000; i++) {
		struct snapshot_entry entry = {.customer = customer,
					       .brand = brand,
					       .name = name,
					       .logo_url = logo,
					       .logo_sha256 = sha};

		snprintf(customer, sizeof(customer), "biz_%026zu", i % 100000);
		snprintf(brand, sizeof(brand), "brd_%026zu", i % 100000);
		snprintf(name, sizeof(name), "Example Company %zu", i % 100000);
		snprintf(sha, sizeof(sha), "%064zu", i % 100000);
		snprintf(logo, sizeof(logo), "https://l.example/%.64s.png", sha);
		snprintf(entry.number, sizeof(entry.number), "1%010zu", i);
		assert_int_equal(snapshot_put(snapshot, &entry), SNAPSHOT_OK);
	}
	print_message("empty %zu bytes, a million %zu: %.1f a number\n", empty,
		      snapshot_bytes(snapshot), (double)snapshot_bytes(snapshot) / 1e6);
	assert_true(snapshot_bytes(snapshot) < 100 * 1000 * 1000);
	snapshot_free(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_narrowest_of_four_entries_is_found),
		cmocka_unit_test(an_entry_has_all_that_was_put_and_its_last_version),
		cmocka_unit_test(a_customer_is_known_while_it_has_a_number),
		cmocka_unit_test(what_is_no_entry_is_refused),
		cmocka_unit_test(no_more_entries_and_bytes_are_taken_than_allowed),
		cmocka_unit_test(puts_and_removals_in_any_order_leave_what_they_should),
		cmocka_unit_test(every_entry_is_listed_once),
		cmocka_unit_test(a_block_is_written_by_its_first_number_and_size),
		cmocka_unit_test(a_million_numbers_of_a_hundred_thousand_brands_fit_into_100_mb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
