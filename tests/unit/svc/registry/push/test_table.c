/* SPDX-License-Identifier: Apache-2.0 */
/* The table of what everybody may know, the regions that are made of it, the ring of changes,
 * positions. */
#include "svc/registry/push/reader.h"
#include "svc/registry/push/regions.h"
#include "svc/registry/push/ring.h"
#include "svc/registry/push/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void put(struct table *table, const char *number, const char *brand, const char *name)
{
	struct directory_row row = {.gone = name == NULL};

	snprintf(row.number, sizeof row.number, "%s", number);
	snprintf(row.brand, sizeof row.brand, "%s", brand);
	snprintf(row.name, sizeof row.name, "%s", name != NULL ? name : "");
	assert_true(table_put_brand(table, &row));
}

/* What a binding becomes whose brand is not shown. */
static void hide(struct table *table, const char *number)
{
	struct directory_row row = {.gone = true, .serial = 7};

	snprintf(row.number, sizeof row.number, "%s", number);
	assert_true(table_put_brand(table, &row));
}

static void put_strict(struct table *table, const char *number, const char *name)
{
	struct directory_row row = {.strict = true, .brand = "brd_strict"};

	snprintf(row.number, sizeof row.number, "%s", number);
	snprintf(row.name, sizeof row.name, "%s", name);
	assert_true(table_put_brand(table, &row));
}

/* "number=name/label;" of all that a region has; "-" for a name that is hidden. */
static bool show(void *magic, const struct table_view *view)
{
	char *text = magic;
	size_t len = strlen(text);

	snprintf(text + len, 512 - len, "%s=%s/%s;", view->number,
		 view->name != NULL ? view->name : (view->hides ? "-" : ""),
		 view->label != NULL ? view->label : "none");
	return true;
}

static const char *all(struct table *table, const char *region)
{
	static char text[512];

	text[0] = '\0';
	assert_true(table_each(table, region, show, text) >= 0);
	return text;
}

static int begin(void **state)
{
	struct table *table = table_new();

	assert_non_null(table);
	*state = table;
	return 0;
}

static int end(void **state)
{
	table_free(*state);
	return 0;
}

static void before_its_first_version_a_table_tells_nothing(void **state)
{
	struct table *table = *state;
	struct table_state now;
	char text[512] = "";

	table_begin(table);
	put(table, "12155551212", "brd_a", "A");
	table_end(table, -1);
	assert_null(table_bucket(table, 0, &now));
	assert_int_equal(now.version, -1);
	assert_int_equal(table_each(table, "", show, text), -1);
	table_begin(table);
	table_end(table, 5);
	assert_string_equal(all(table, ""), "12155551212=A/none;");
}

static void entries_come_in_the_order_of_their_texts_and_of_their_region(void **state)
{
	struct table *table = *state;

	table_begin(table);
	put(table, "442079460999", "brd_b", "B");
	put(table, "1215555121x", "brd_a", "A");
	put(table, "12155551212", "brd_b", "B");
	assert_true(table_put_label(table, "12155551999", "fraud"));
	table_end(table, 1);
	assert_string_equal(
		all(table, ""),
		"12155551212=B/none;1215555121x=A/none;12155551999=/fraud;442079460999=B/none;");
	assert_string_equal(all(table, "44"), "442079460999=B/none;");
	assert_string_equal(all(table, "45"), "");
}

static void what_has_neither_brand_nor_label_is_gone(void **state)
{
	struct table *table = *state;
	struct table_state now;

	table_begin(table);
	put(table, "12155551212", "brd_a", "A");
	assert_true(table_put_label(table, "12155551212", "survey"));
	put(table, "12155551212", "", NULL);
	table_end(table, 1);
	assert_string_equal(all(table, ""), "12155551212=/survey;");
	table_begin(table);
	assert_true(table_put_label(table, "12155551212", "none"));
	assert_true(table_put_label(table, "12155551213", ""));
	put(table, "12155551214", "", NULL);
	table_end(table, 2);
	table_state(table, &now);
	assert_int_equal(now.numbers, 0);
	assert_int_equal(now.version, 2);
}

static void a_brands_new_name_is_that_of_all_its_numbers(void **state)
{
	struct table *table = *state;

	table_begin(table);
	put(table, "12155551212", "brd_a", "A");
	put(table, "12155551213", "brd_a", "A");
	put(table, "12155551213", "brd_a", "New");
	put(table, "12155551214", "brd_b", "B");
	put(table, "12155551214", "", NULL);
	put(table, "12155551215", "brd_c", "C"); /* takes the place that brd_b left */
	table_end(table, 1);
	assert_string_equal(all(table, ""),
			    "12155551212=New/none;12155551213=New/none;12155551215=C/none;");
}

static void the_fullest_bucket_decides_for_all(void **state)
{
	struct table *table = *state;
	struct table_state now;
	char number[32];

	table_begin(table);
	for (int i = 0; i < 17; i++) {
		snprintf(number, sizeof number, "121555512%02d", i);
		put(table, number, "brd_a", "A");
	}
	table_end(table, 1);
	uint8_t *bytes = table_bucket(table, 0, &now);
	assert_non_null(bytes);
	assert_int_equal(now.entries, 32);
	free(bytes);
	table_begin(table);
	put(table, "12155551216", "", NULL);
	table_end(table, 2);
	table_state(table, &now);
	assert_int_equal(now.entries, 16);
	table_begin(table);
	table_clear(table);
	table_end(table, 3);
	table_state(table, &now);
	assert_int_equal(now.numbers, 0);
}

static void a_number_that_is_none_is_refused(void **state)
{
	struct table *table = *state;
	struct directory_row row = {.number = "1215555121a", .name = "A", .brand = "brd_a"};

	table_begin(table);
	assert_false(table_put_brand(table, &row));
	assert_false(table_put_label(table, "12345678901234567", "fraud"));
	table_end(table, 1);
	assert_string_equal(all(table, ""), "");
}

static void regions_are_calling_codes_and_their_counts(void **state)
{
	struct table *table = *state;
	struct regions *regions = malloc(sizeof *regions);

	table_begin(table);
	put(table, "442079460999", "brd_a", "A");
	put(table, "35812345xxx", "brd_a", "A");
	put(table, "12155551212", "brd_a", "A");
	put(table, "12155551213", "brd_a", "A");
	table_end(table, 9);
	assert_true(regions_count(table, regions));
	assert_int_equal(regions->version, 9);
	assert_int_equal(regions->n, 3);
	assert_string_equal(regions->list[0].region, "1");
	assert_int_equal(regions->list[0].entries, 2);
	assert_string_equal(regions->list[1].region, "358");
	assert_string_equal(regions->list[2].region, "44");
	assert_true(regions_has(regions, "44") && !regions_has(regions, "442"));
	free(regions);
}

static void a_region_with_too_many_entries_is_split(void **state)
{
	struct table *table = *state;
	struct regions *regions = malloc(sizeof *regions);
	char number[32];

	table_begin(table);
	for (int i = 0; i <= REGION_ENTRIES; i++) {
		snprintf(number, sizeof number, "1%03d%07d", i % 3 == 0 ? 303 : 215, i);
		put(table, number, "brd_a", "A");
	}
	table_end(table, 1);
	assert_true(regions_count(table, regions));
	assert_int_equal(regions->n, 2);
	assert_string_equal(regions->list[0].region, "12");
	assert_string_equal(regions->list[1].region, "13");
	assert_int_equal(regions->list[0].entries + regions->list[1].entries, REGION_ENTRIES + 1);
	free(regions);
}

static void add(struct ring *ring, int64_t serial, const char *tenant)
{
	struct change change = {.serial = serial, .kind = FOLLOW_TENANT, .data = strdup("{}")};

	snprintf(change.tenant, sizeof change.tenant, "%s", tenant);
	ring_add(ring, &change);
}

static void a_ring_keeps_the_newest_and_knows_what_it_lost(void **state)
{
	const struct follow_scope a = {.kind = FOLLOW_TENANT, .tenant = "ten_a"};
	struct ring *ring = malloc(sizeof *ring);

	(void)state;
	ring_init(ring, 10);
	assert_null(ring_find(ring, 10, &a));
	add(ring, 11, "ten_a");
	add(ring, 13, "ten_b");
	add(ring, 14, "ten_a");
	assert_int_equal(ring_find(ring, 10, &a)->serial, 11);
	assert_int_equal(ring_find(ring, 11, &a)->serial, 14);
	assert_null(ring_find(ring, 14, &a));
	assert_int_equal(ring->floor, 10);
	for (int i = 0; i < RING_CHANGES; i++)
		add(ring, 20 + i, "ten_b");
	assert_int_equal(ring->floor, 14);
	assert_null(ring_find(ring, 10, &a));
	assert_int_equal(ring->newest, 20 + RING_CHANGES - 1);
	ring_clear(ring);
	free(ring);
}

static void a_position_is_a_serial_or_a_part_of_one(void **state)
{
	static const char *const wrong[] = {"",	    "-",  "-1", "1-", "1-2-3",
					    "x",    "1x", " 1", "+1", "1234567890123456789",
					    "1- 2", "0x1"};
	static const char *const right[] = {"0", "17", "17-203", "123456789012345678"};
	struct reader_position at;
	char text[READER_POSITION_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(reader_position_parse(wrong[i], &at));
	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
		assert_true(reader_position_parse(right[i], &at));
		reader_position_write(&at, text);
		assert_string_equal(text, right[i]);
	}
}

static void cover(struct table *table, const char *number, const char *wanted)
{
	struct directory_row row;

	assert_int_equal(table_cover(table, number, &row), 1);
	assert_string_equal(row.gone ? "" : row.name, wanted);
}

static void the_narrowest_binding_covers_a_number_whatever_its_state(void **state)
{
	struct table *table = *state;
	struct directory_row row;

	assert_int_equal(table_cover(table, "12155551212", &row), -1);
	table_begin(table);
	put(table, "12155551xxx", "brd_a", "thousand");
	put(table, "1215555121x", "brd_b", "ten");
	put(table, "12155551212", "brd_c", "one");
	hide(table, "12155551211");
	table_end(table, 1);
	cover(table, "12155551212", "one");
	cover(table, "12155551213", "ten");
	cover(table, "12155551299", "thousand");
	cover(table, "12155551211", "");
	cover(table, "12155552212", "");
	cover(table, "1215555121", ""); /* a block is of numbers as long as it is */
	table_begin(table);
	put(table, "12155551211", "", NULL); /* unbound */
	put(table, "1215555121x", "", NULL);
	table_end(table, 1);
	cover(table, "12155551211", "thousand");
	cover(table, "12155551212", "one");
	cover(table, "12155551213", "thousand");
	table_begin(table);
	table_clear(table);
	table_end(table, 1);
	cover(table, "12155551212", "");
}

/* "number:flags/label;" of the entries for these texts in the bucket of 12155551xxx, which all of
 * them share; "" for one that has none. */
static const char *in_bucket(struct table *table, const char *const *texts)
{
	static char text[512];
	struct table_state now;
	uint8_t tag[BUCKET_TAG];
	uint16_t at;

	text[0] = '\0';
	assert_true(bucket_of("12155551xxx", &at));
	uint8_t *bytes = table_bucket(table, at, &now);
	assert_non_null(bytes);
	assert_int_equal(now.entries, BUCKET_ENTRIES_MIN);
	for (; *texts != NULL; texts++) {
		assert_true(bucket_tag(*texts, tag));
		for (size_t i = 0; i < now.entries; i++) {
			const uint8_t *entry = bytes + i * BUCKET_ENTRY;
			size_t len = strlen(text);
			if (entry[8] != 0 && memcmp(entry, tag, sizeof tag) == 0)
				snprintf(text + len, sizeof text - len, "%s:%d/%d;", *texts,
					 entry[8], entry[9]);
		}
	}
	for (size_t i = 1; i < now.entries; i++)
		assert_false(bytes[(i - 1) * BUCKET_ENTRY + 8] == 0 &&
			     bytes[i * BUCKET_ENTRY + 8] != 0);
	free(bytes);
	return text;
}

static const char *const in_one_bucket[] = {"12155551211", "12155551212", "1215555121x",
					    "121555512xx", "12155551xxx", NULL};

static void a_hidden_number_has_an_entry_where_a_block_would_show(void **state)
{
	struct table *table = *state;

	table_begin(table);
	put(table, "12155551xxx", "brd_a", "A");
	hide(table, "12155551211");
	table_end(table, 1);
	assert_string_equal(in_bucket(table, in_one_bucket), "12155551211:17/0;12155551xxx:3/0;");
	assert_string_equal(all(table, ""), "12155551211=-/none;12155551xxx=A/none;");
	table_begin(table);
	assert_true(table_put_label(table, "12155551211", "fraud"));
	table_end(table, 2);
	assert_string_equal(in_bucket(table, in_one_bucket), "12155551211:17/1;12155551xxx:3/0;");
	assert_string_equal(all(table, ""), "12155551211=-/fraud;12155551xxx=A/none;");
	table_begin(table);
	put(table, "12155551211", "brd_a", "A");
	table_end(table, 3);
	assert_string_equal(in_bucket(table, in_one_bucket), "12155551211:3/1;12155551xxx:3/0;");
}

static void a_hidden_number_is_nothing_to_anybody_where_no_block_would_show(void **state)
{
	struct table *table = *state;

	table_begin(table);
	hide(table, "12155551211");
	table_end(table, 1);
	assert_string_equal(in_bucket(table, in_one_bucket), "");
	assert_string_equal(all(table, ""), "");
	table_begin(table);
	hide(table, "12155551xxx");
	table_end(table, 2);
	assert_string_equal(in_bucket(table, in_one_bucket), "");
	assert_string_equal(all(table, ""), "");
	table_begin(table);
	put(table, "12155551xxx", "brd_a", "A");
	table_end(table, 3);
	assert_string_equal(in_bucket(table, in_one_bucket), "12155551211:17/0;12155551xxx:3/0;");
	table_begin(table);
	put(table, "12155551211", "", NULL);
	table_end(table, 4);
	assert_string_equal(in_bucket(table, in_one_bucket), "12155551xxx:3/0;");
}

static void a_hidden_block_hides_for_the_hidden_ones_inside_it(void **state)
{
	struct table *table = *state;

	table_begin(table);
	put(table, "12155551xxx", "brd_a", "A");
	hide(table, "1215555121x");
	hide(table, "12155551211");
	put(table, "12155551212", "brd_b", "B");
	table_end(table, 1);
	assert_string_equal(in_bucket(table, in_one_bucket),
			    "12155551212:3/0;1215555121x:17/0;12155551xxx:3/0;");
	cover(table, "12155551211", "");
	cover(table, "12155551213", "");
}

static void offline_a_strict_number_hides_a_block_and_a_strict_block_shows_nothing(void **state)
{
	struct table *table = *state;

	table_begin(table);
	put(table, "121555512xx", "brd_a", "A");
	put_strict(table, "1215555121x", "S");
	hide(table, "12155551211");
	table_end(table, 1);
	assert_string_equal(in_bucket(table, in_one_bucket),
			    "12155551211:17/0;1215555121x:11/0;121555512xx:3/0;");
	assert_string_equal(all(table, ""), "1215555121x=-/none;121555512xx=A/none;");
	table_begin(table);
	put(table, "121555512xx", "", NULL);
	table_end(table, 2);
	assert_string_equal(all(table, ""), "");
	assert_string_equal(in_bucket(table, in_one_bucket), "12155551211:17/0;1215555121x:11/0;");
}

static void a_block_names_those_inside_it_that_may_hide_it(void **state)
{
	struct table *table = *state;
	char text[512] = "";

	table_begin(table);
	hide(table, "12155551211");
	hide(table, "12155551311");
	put_strict(table, "1215555121x", "S");
	put(table, "121555512xx", "brd_a", "A");
	put(table, "12155551212", "brd_a", "A");
	table_end(table, 1);
	assert_int_equal(table_each_hidden(table, "121555512xx", show, text), 1);
	assert_true(strcmp(text, "12155551211=/none;1215555121x=-/none;") == 0 ||
		    strcmp(text, "1215555121x=-/none;12155551211=/none;") == 0);
	text[0] = '\0';
	assert_int_equal(table_each_hidden(table, "1215555121x", show, text), 1);
	assert_string_equal(text, "12155551211=/none;");
	assert_int_equal(table_each_hidden(table, "no", show, text), -1);
}

static void what_no_list_has_is_in_no_regions_count(void **state)
{
	struct table *table = *state;
	struct regions *regions = malloc(sizeof *regions);

	table_begin(table);
	hide(table, "442079460999");
	put_strict(table, "35812345xxx", "S");
	put(table, "12155551212", "brd_a", "A");
	table_end(table, 9);
	assert_true(regions_count(table, regions));
	assert_int_equal(regions->n, 1);
	assert_string_equal(regions->list[0].region, "1");
	free(regions);
}

#define TABLE_TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TABLE_TEST(before_its_first_version_a_table_tells_nothing),
		TABLE_TEST(entries_come_in_the_order_of_their_texts_and_of_their_region),
		TABLE_TEST(what_has_neither_brand_nor_label_is_gone),
		TABLE_TEST(a_brands_new_name_is_that_of_all_its_numbers),
		TABLE_TEST(the_fullest_bucket_decides_for_all),
		TABLE_TEST(a_number_that_is_none_is_refused),
		TABLE_TEST(the_narrowest_binding_covers_a_number_whatever_its_state),
		TABLE_TEST(a_hidden_number_has_an_entry_where_a_block_would_show),
		TABLE_TEST(a_hidden_number_is_nothing_to_anybody_where_no_block_would_show),
		TABLE_TEST(a_hidden_block_hides_for_the_hidden_ones_inside_it),
		TABLE_TEST(offline_a_strict_number_hides_a_block_and_a_strict_block_shows_nothing),
		TABLE_TEST(a_block_names_those_inside_it_that_may_hide_it),
		TABLE_TEST(regions_are_calling_codes_and_their_counts),
		TABLE_TEST(what_no_list_has_is_in_no_regions_count),
		TABLE_TEST(a_region_with_too_many_entries_is_split),
		cmocka_unit_test(a_ring_keeps_the_newest_and_knows_what_it_lost),
		cmocka_unit_test(a_position_is_a_serial_or_a_part_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
