/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets and regions: which numbers share one, and the bytes of an entry. */
#include "svc/registry/domain/bucket.h"
#include "svc/registry/domain/region.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static uint16_t bucket(const char *text)
{
	uint16_t at;

	assert_true(bucket_of(text, &at));
	return at;
}

static void all_numbers_and_blocks_of_a_thousand_share_a_bucket(void **state)
{
	(void)state;
	assert_int_equal(bucket("12155551212"), bucket("12155551999"));
	assert_int_equal(bucket("12155551212"), bucket("12155551xxx"));
	assert_int_equal(bucket("12155551212"), bucket("1215555121x"));
	assert_int_not_equal(bucket("12155551212"), bucket("12155552212"));
	/* SHA-256("attestel-bucket-1" 00 "12155551"), by sha256sum */
	assert_int_equal(bucket("12155551212"), 0x06d5);
}

static void a_tag_is_that_of_one_number_or_block_alone(void **state)
{
	static const uint8_t known[BUCKET_TAG] = {0x35, 0x89, 0xcf, 0xaa, 0x62, 0xd6, 0x08, 0x8b};
	uint8_t number[BUCKET_TAG], block[BUCKET_TAG];

	(void)state;
	assert_true(bucket_tag("12155551212", number));
	assert_true(bucket_tag("1215555121x", block));
	assert_memory_equal(number, known, sizeof known);
	assert_memory_not_equal(number, block, sizeof number);
}

static void a_prefix_is_four_lower_case_hexadecimal_digits(void **state)
{
	static const char *const wrong[] = {"", "012", "01234", "012G", "012A", "-123", " 123"};
	uint16_t at;

	(void)state;
	assert_true(bucket_parse("00ff", &at));
	assert_int_equal(at, 0x00ff);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(bucket_parse(wrong[i], &at));
}

static void an_entry_has_its_fields_at_fixed_places_and_zeros_elsewhere(void **state)
{
	const struct bucket_entry entry = {
		.tag = {1, 2, 3, 4, 5, 6, 7, 8},
		.flags = BUCKET_USED | BUCKET_BRAND | BUCKET_HAS_LOGO,
		.label = 3,
		.name = "Caf\xc3\xa9",
		.logo = {0xaa, [31] = 0xbb},
	};
	uint8_t bytes[BUCKET_ENTRY], expected[BUCKET_ENTRY] = {1, 2, 3, 4, 5, 6, 7, 8, 7, 3, 5};

	(void)state;
	expected[16] = 0xaa;
	expected[47] = 0xbb;
	memcpy(expected + 48, "Caf\xc3\xa9", 5);
	memset(bytes, 0xff, sizeof bytes);
	bucket_write(&entry, bytes);
	assert_memory_equal(bytes, expected, sizeof bytes);
}

static void a_name_that_is_too_long_stays_inside_its_entry(void **state)
{
	char name[2 * BUCKET_NAME];
	const struct bucket_entry entry = {.flags = BUCKET_USED | BUCKET_BRAND, .name = name};
	uint8_t bytes[BUCKET_ENTRY + 1];

	(void)state;
	memset(name, 'n', sizeof name);
	bytes[BUCKET_ENTRY] = 0x55;
	bucket_write(&entry, bytes);
	assert_int_equal(bytes[10], BUCKET_NAME);
	assert_int_equal(bytes[BUCKET_ENTRY], 0x55);
}

static void what_an_entry_does_not_have_is_zero(void **state)
{
	const struct bucket_entry entry = {
		.flags = BUCKET_USED, .label = 255, .name = "hidden", .logo = {9}};
	uint8_t bytes[BUCKET_ENTRY], expected[BUCKET_ENTRY] = {[8] = 1, [9] = 255};

	(void)state;
	bucket_write(&entry, bytes);
	assert_memory_equal(bytes, expected, sizeof bytes);
}

static void labels_have_the_numbers_of_the_taxonomy(void **state)
{
	(void)state;
	assert_int_equal(bucket_label("fraud"), 1);
	assert_int_equal(bucket_label("wanted"), 10);
	assert_int_equal(bucket_label("spoofed"), 255);
	assert_int_equal(bucket_label("none"), 0);
	assert_int_equal(bucket_label(""), 0);
	assert_int_equal(bucket_label("another"), 0);
	for (int i = 0; i < 256; i++) {
		const char *name = bucket_label_name((uint8_t)i);
		assert_int_equal(bucket_label(name), strcmp(name, "none") == 0 ? 0 : i);
	}
}

static void buckets_are_padded_to_a_power_of_two_of_at_least_sixteen(void **state)
{
	static const struct {
		size_t fullest, padded;
	} rows[] = {{0, 16}, {16, 16}, {17, 32}, {1000, 1024}, {1024, 1024}, {1025, 2048}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(bucket_padded(rows[i].fullest), rows[i].padded);
}

static void a_region_is_one_to_six_digits_that_do_not_begin_with_zero(void **state)
{
	static const char *const right[] = {"1", "44", "358", "121555"};
	static const char *const wrong[] = {"", "0", "01", "1234567", "4x", "+1", "1 "};

	(void)state;
	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
		assert_true(region_is(right[i]));
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(region_is(wrong[i]));
}

static void a_region_has_the_numbers_that_begin_with_it_and_blocks_that_reach_into_it(void **state)
{
	(void)state;
	assert_true(region_has("1215", "12155551212"));
	assert_false(region_has("1216", "12155551212"));
	assert_true(region_has("12345", "1234xxx"));
	assert_true(region_has("12349", "1234xxx"));
	assert_false(region_has("12355", "1234xxx"));
	assert_false(region_has("123456", "12345"));
	assert_true(region_has("", "12345"));
}

/* ITU-T E.164, list of assigned country codes */
static void calling_codes_have_one_two_or_three_digits(void **state)
{
	static const struct {
		const char *number;
		size_t len;
	} rows[] = {
		{"12155551212", 1}, {"79161234567", 1},	 {"442079460999", 2}, {"4930123456", 2},
		{"33123456789", 2}, {"358401234567", 3}, {"35312345678", 3},  {"8613812345678", 2},
		{"85212345678", 3}, {"2012345678", 2},	 {"21312345678", 3},  {"9112345678", 2},
		{"97212345678", 3}, {"6512345678", 2},	 {"6801234567", 3},   {"5511987654321", 2},
		{"50612345678", 3}, {"99012345678", 3},	 {"88212345678", 3}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(region_code_length(rows[i].number), rows[i].len);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_numbers_and_blocks_of_a_thousand_share_a_bucket),
		cmocka_unit_test(a_tag_is_that_of_one_number_or_block_alone),
		cmocka_unit_test(a_prefix_is_four_lower_case_hexadecimal_digits),
		cmocka_unit_test(an_entry_has_its_fields_at_fixed_places_and_zeros_elsewhere),
		cmocka_unit_test(a_name_that_is_too_long_stays_inside_its_entry),
		cmocka_unit_test(what_an_entry_does_not_have_is_zero),
		cmocka_unit_test(labels_have_the_numbers_of_the_taxonomy),
		cmocka_unit_test(buckets_are_padded_to_a_power_of_two_of_at_least_sixteen),
		cmocka_unit_test(a_region_is_one_to_six_digits_that_do_not_begin_with_zero),
		cmocka_unit_test(
			a_region_has_the_numbers_that_begin_with_it_and_blocks_that_reach_into_it),
		cmocka_unit_test(calling_codes_have_one_two_or_three_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
