/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 8226 §9 TNAuthLists: strict DER both ways, and what a list covers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/tnauthlist.h>

/* Hex with spaces to bytes. */
static size_t bytes_of(const char *hex, uint8_t *out)
{
	size_t n = 0;

	for (; *hex != '\0'; hex++) {
		unsigned value;

		if (*hex == ' ')
			continue;
		assert_int_equal(sscanf(hex++, "%2x", &value), 1);
		out[n++] = (uint8_t)value;
	}
	return n;
}

static enum callerid_status parse(const char *hex, struct callerid_tnauthlist **list)
{
	uint8_t der[512], *copy;
	size_t n = bytes_of(hex, der);
	enum callerid_status status;

	copy = malloc(n + 1); /* of exactly its size, for the sanitizer */
	assert_non_null(copy);
	memcpy(copy + 1, der, n);
	status = callerid_tnauthlist_parse(copy + 1, n, list, NULL);
	free(copy);
	return status;
}

static void test_CE3_the_three_kinds_are_read(void **state)
{
	struct callerid_tnauthlist *list = NULL;
	const struct callerid_tnauth_entry *e;

	(void)state;
	assert_int_equal(parse("30 25"
			       "a0 06 16 04 31323334"
			       "a1 0e 30 0c 16 06 313231353030 02 02 03e8"
			       "a2 0b 16 09 313231352a23393939",
			       &list),
			 CALLERID_OK);
	assert_int_equal(callerid_tnauthlist_count(list), 3);
	e = callerid_tnauthlist_at(list, 0);
	assert_int_equal(e->kind, CALLERID_TNAUTH_SPC);
	assert_string_equal(e->text, "1234");
	e = callerid_tnauthlist_at(list, 1);
	assert_int_equal(e->kind, CALLERID_TNAUTH_RANGE);
	assert_string_equal(e->text, "121500");
	assert_int_equal(e->count, 1000);
	e = callerid_tnauthlist_at(list, 2);
	assert_int_equal(e->kind, CALLERID_TNAUTH_ONE);
	assert_string_equal(e->text, "1215*#999");
	assert_null(callerid_tnauthlist_at(list, 3));
	callerid_tnauthlist_free(list);
	callerid_tnauthlist_free(NULL);
}

static void test_CE3_what_is_not_strict_der_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"30",
		"3000",						      /* SIZE (1..MAX) */
		"31 08 a0 06 16 04 31323334",			      /* a SET */
		"30 08 a0 06 16 04 313233",			      /* cut short */
		"30 08 a0 06 16 04 31323334 00",		      /* trailing byte */
		"30 09 a0 06 16 04 31323334",			      /* length past the end */
		"30 80 a0 06 16 04 31323334 0000",		      /* indefinite */
		"30 81 08 a0 06 16 04 31323334",		      /* not the shortest length */
		"30 82 0008 a0 06 16 04 31323334",		      /* nor this */
		"30 84 00000008 a0 06 16 04 31323334",		      /* nor this */
		"30 09 a0 81 06 16 04 31323334",		      /* inside */
		"30 09 a0 07 16 04 31323334 00",		      /* behind the value */
		"30 08 a3 06 16 04 31323334",			      /* [3] */
		"30 08 80 06 16 04 31323334",			      /* implicit or primitive */
		"30 06 80 04 31323334",				      /* IMPLICIT tags */
		"30 08 a0 06 0c 04 31323334",			      /* UTF8String */
		"30 08 a0 06 13 04 31323334",			      /* PrintableString */
		"30 04 a0 02 16 00",				      /* empty code */
		"30 04 a2 02 16 00",				      /* empty number */
		"30 08 a0 06 16 04 31320034",			      /* NUL */
		"30 08 a0 06 16 04 31320a34",			      /* line end */
		"30 08 a0 06 16 04 313280ff",			      /* not IA5 */
		"30 08 a2 06 16 04 3132332b",			      /* "+" */
		"30 08 a2 06 16 04 31323341",			      /* a letter */
		"30 14 a2 12 16 10 31323334353637383930313233343536", /* 16 digits */
		"30 0d a1 0b 30 09 16 04 31323030 02 01 01",	      /* count 1 */
		"30 0d a1 0b 30 09 16 04 31323030 02 01 00",	      /* count 0 */
		"30 0d a1 0b 30 09 16 04 31323030 02 01 ff",	      /* count -1 */
		"30 0e a1 0c 30 0a 16 04 31323030 02 02 0002",	      /* not the shortest */
		"30 0c a1 0a 30 08 16 04 31323030 02 00",	      /* no content */
		"30 0d a1 0b 30 09 16 04 31323030 0a 01 02",	      /* ENUMERATED */
		"30 0a a1 08 30 06 16 04 31323030",		      /* no count */
		"30 0d a1 0b 30 09 16 04 3132302a 02 01 02",	      /* "*" with a count */
		"30 0d a1 0b 30 09 16 04 23323030 02 01 02",	      /* "#" with a count */
		"30 0e a1 0c 30 0a 16 04 31323030 02 01 02 05",	      /* no DER behind count */
		"30 0f a1 0d 30 0b 16 04 31323030 02 01 02 0501",     /* nor this */
		"30 10 a1 0e 30 09 16 04 31323030 02 01 02 04 01 31", /* behind the range */
		"30 0d a1 0b 31 09 16 04 31323030 02 01 02",	      /* SET for SEQUENCE */
		"30 0d a1 0b 30 09 16 04 39393939 02 01 02",	      /* 9999 + 2 */
		"30 0d a1 0b 30 09 16 04 39393938 02 01 02",	      /* 9998 + 2 = 10^4 */
		"30 14 a1 12 30 10 16 04 31323030 02 08 7fffffffffffffff",
		"30 15 a1 13 30 11 16 04 31323030 02 09 00ffffffffffffffff",
		"30 16 a1 14 30 12 16 04 31323030 02 0a 00ffffffffffffffffff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct callerid_tnauthlist *list = NULL;

		if (parse(wrong[i], &list) != CALLERID_ESYNTAX)
			fail_msg("not refused: %s", wrong[i]);
		assert_null(list);
	}
}

/* TelephoneNumberRange ends with "...": what a later version puts there is passed over. */
static void test_CE3_rfc8226_9_additions_to_a_range_are_passed_over_and_change_nothing(void **state)
{
	static const char *const added[] = {
		"30 0f a1 0d 30 0b 16 04 31323030 02 01 64 0500",
		"30 13 a1 11 30 0f 16 04 31323030 02 01 64 a0 04 16 02 3132",
		"30 16 a1 14 30 12 16 04 31323030 02 01 64 0500 04 02 ffff 0101ff",
	};
	struct callerid_tnauthlist *plain = NULL;

	(void)state;
	assert_int_equal(parse("30 0d a1 0b 30 09 16 04 31323030 02 01 64", &plain), CALLERID_OK);
	for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++) {
		const struct callerid_tnauth_entry *e;
		struct callerid_tnauthlist *list = NULL;

		if (parse(added[i], &list) != CALLERID_OK)
			fail_msg("refused: %s", added[i]);
		assert_int_equal(callerid_tnauthlist_count(list), 1);
		e = callerid_tnauthlist_at(list, 0);
		assert_int_equal(e->kind, CALLERID_TNAUTH_RANGE);
		assert_string_equal(e->text, "1200");
		assert_int_equal(e->count, 100);
		assert_int_equal(callerid_tnauthlist_match(list, "1199"),
				 CALLERID_TNAUTH_NOT_COVERED);
		assert_int_equal(callerid_tnauthlist_match(list, "1200"), CALLERID_TNAUTH_COVERED);
		assert_int_equal(callerid_tnauthlist_match(list, "1299"), CALLERID_TNAUTH_COVERED);
		assert_int_equal(callerid_tnauthlist_match(list, "1300"),
				 CALLERID_TNAUTH_NOT_COVERED);
		assert_int_equal(callerid_tnauthlist_encompasses(plain, list),
				 CALLERID_TNAUTH_COVERED);
		callerid_tnauthlist_free(list);
	}
	callerid_tnauthlist_free(plain);
}

/* TNEntry, a CHOICE, has no "...": one entry that is none of the three, and it is no list. */
static void test_CE3_rfc8226_9_an_entry_that_is_none_of_the_three_spoils_the_list(void **state)
{
	static const char *const wrong[] = {
		"30 10 a0 06 16 04 31323334 a3 06 16 04 31323334",
		"30 10 a3 06 16 04 31323334 a0 06 16 04 31323334",
		"30 0a a0 06 16 04 31323334 0500",
		"30 0e a0 06 16 04 31323334 16 04 31323334",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct callerid_tnauthlist *list = NULL;

		if (parse(wrong[i], &list) != CALLERID_ESYNTAX)
			fail_msg("not refused: %s", wrong[i]);
		assert_null(list);
	}
}

static void test_limits(void **state)
{
	static uint8_t der[CALLERID_TNAUTH_DER_MAX + 8];
	struct callerid_tnauthlist *list = NULL;
	const size_t n = CALLERID_TNAUTH_ENTRIES_MAX + 1;

	(void)state;
	assert_int_equal(callerid_tnauthlist_parse(der, sizeof(der), &list, NULL), CALLERID_ELIMIT);
	/* 1001 entries of five bytes: [2] "1" */
	der[0] = 0x30;
	der[1] = 0x82;
	der[2] = (uint8_t)(n * 5 >> 8);
	der[3] = (uint8_t)(n * 5);
	for (size_t i = 0; i < n; i++)
		memcpy(der + 4 + i * 5, "\xa2\x03\x16\x01\x31", 5);
	assert_int_equal(callerid_tnauthlist_parse(der, 4 + n * 5, &list, NULL), CALLERID_ELIMIT);
	der[2] = (uint8_t)((n - 1) * 5 >> 8);
	der[3] = (uint8_t)((n - 1) * 5);
	assert_int_equal(callerid_tnauthlist_parse(der, 4 + (n - 1) * 5, &list, NULL), CALLERID_OK);
	assert_int_equal(callerid_tnauthlist_count(list), CALLERID_TNAUTH_ENTRIES_MAX);
	callerid_tnauthlist_free(list);
	/* a provider code of 16 */
	assert_int_equal(parse("30 14 a0 12 16 10 41414141414141414141414141414141", &list),
			 CALLERID_ELIMIT);
	/* a text of 33 */
	assert_int_equal(parse("30 25 a0 23 16 21 414141414141414141414141414141414141414141414141"
			       "414141414141414141",
			       &list),
			 CALLERID_ELIMIT);
}

static struct callerid_tnauthlist *list_of(const struct callerid_tnauth_entry *entries, size_t n)
{
	struct callerid_tnauthlist *list = NULL;
	uint8_t *der = NULL;
	size_t len = 0;

	assert_int_equal(callerid_tnauthlist_encode(entries, n, &der, &len, NULL), CALLERID_OK);
	assert_int_equal(callerid_tnauthlist_parse(der, len, &list, NULL), CALLERID_OK);
	free(der);
	return list;
}

static void test_CE4_numbers_and_ranges_cover_exactly_what_they_say(void **state)
{
	static const struct callerid_tnauth_entry entries[] = {
		{CALLERID_TNAUTH_RANGE, "12155550100", 100},
		{CALLERID_TNAUTH_ONE, "442079460000", 0},
		{CALLERID_TNAUTH_ONE, "*67", 0},
		{CALLERID_TNAUTH_RANGE, "000", 10},
	};
	static const struct {
		const char *tn;
		enum callerid_tnauth_match match;
	} rows[] = {
		{"12155550099", CALLERID_TNAUTH_NOT_COVERED},
		{"12155550100", CALLERID_TNAUTH_COVERED},
		{"12155550199", CALLERID_TNAUTH_COVERED},
		{"12155550200", CALLERID_TNAUTH_NOT_COVERED},
		{"2155550150", CALLERID_TNAUTH_NOT_COVERED},
		{"012155550150", CALLERID_TNAUTH_NOT_COVERED},
		{"121555501500", CALLERID_TNAUTH_NOT_COVERED},
		{"442079460000", CALLERID_TNAUTH_COVERED},
		{"442079460001", CALLERID_TNAUTH_NOT_COVERED},
		{"*67", CALLERID_TNAUTH_COVERED},
		{"*68", CALLERID_TNAUTH_NOT_COVERED},
		{"009", CALLERID_TNAUTH_COVERED},
		{"010", CALLERID_TNAUTH_NOT_COVERED},
		{"9", CALLERID_TNAUTH_NOT_COVERED},
		{"", CALLERID_TNAUTH_NOT_COVERED},
		{"1215555015x", CALLERID_TNAUTH_NOT_COVERED},
		{"99999999999999999999999999999999", CALLERID_TNAUTH_NOT_COVERED},
	};
	struct callerid_tnauthlist *list = list_of(entries, 4);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (callerid_tnauthlist_match(list, rows[i].tn) != rows[i].match)
			fail_msg("%s", rows[i].tn);
	}
	callerid_tnauthlist_free(list);
}

static void test_CE4_a_provider_code_covers_only_as_such(void **state)
{
	static const struct callerid_tnauth_entry entries[] = {
		{CALLERID_TNAUTH_SPC, "12155550100", 0},
		{CALLERID_TNAUTH_ONE, "12155550101", 0},
	};
	struct callerid_tnauthlist *list = list_of(entries, 2);

	(void)state;
	assert_int_equal(callerid_tnauthlist_match(list, "12155550100"), CALLERID_TNAUTH_SPC_ONLY);
	assert_int_equal(callerid_tnauthlist_match(list, "12155550101"), CALLERID_TNAUTH_COVERED);
	assert_int_equal(callerid_tnauthlist_match(list, "19995550101"), CALLERID_TNAUTH_SPC_ONLY);
	callerid_tnauthlist_free(list);
}

static void test_encoding_is_der_byte_for_byte(void **state)
{
	static const struct callerid_tnauth_entry entries[] = {
		{CALLERID_TNAUTH_SPC, "1234", 0},
		{CALLERID_TNAUTH_RANGE, "1200", 200},
		{CALLERID_TNAUTH_ONE, "12155551212", 0},
	};
	uint8_t want[64], *der = NULL;
	size_t n = bytes_of("30 25 a0 06 16 04 31323334"
			    "a1 0c 30 0a 16 04 31323030 02 02 00c8"
			    "a2 0d 16 0b 3132313535353531323132",
			    want),
	       len = 0;

	(void)state;
	assert_int_equal(callerid_tnauthlist_encode(entries, 3, &der, &len, NULL), CALLERID_OK);
	assert_int_equal(len, n);
	assert_memory_equal(der, want, n);
	free(der);
}

static void test_lists_of_every_length_come_back_the_same(void **state)
{
	static struct callerid_tnauth_entry entries[CALLERID_TNAUTH_ENTRIES_MAX];
	static const size_t sizes[] = {1, 3, 4, 5, 6, 8, 9, 10, 100, 1000};

	(void)state;
	for (size_t i = 0; i < CALLERID_TNAUTH_ENTRIES_MAX; i++) {
		entries[i].kind = CALLERID_TNAUTH_RANGE;
		snprintf(entries[i].text, sizeof(entries[i].text), "%015zu", i * 1000);
		entries[i].count = (uint64_t)2 << (i % 49);
	}
	for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		struct callerid_tnauthlist *list = list_of(entries, sizes[k]);

		assert_int_equal(callerid_tnauthlist_count(list), sizes[k]);
		for (size_t i = 0; i < sizes[k]; i++)
			assert_memory_equal(callerid_tnauthlist_at(list, i), &entries[i],
					    sizeof(entries[i]));
		callerid_tnauthlist_free(list);
	}
}

static void test_encoding_refuses_what_parsing_would_refuse(void **state)
{
	static const struct callerid_tnauth_entry wrong[] = {
		{CALLERID_TNAUTH_SPC, "", 0},
		{CALLERID_TNAUTH_SPC, "12 34", 0},
		{CALLERID_TNAUTH_ONE, "+1215", 0},
		{CALLERID_TNAUTH_ONE, "1234567890123456", 0},
		{CALLERID_TNAUTH_RANGE, "1200", 1},
		{CALLERID_TNAUTH_RANGE, "12*0", 2},
		{CALLERID_TNAUTH_RANGE, "9999", 2},
		{CALLERID_TNAUTH_RANGE, "1200", UINT64_MAX},
		{(enum callerid_tnauth_kind)3, "1200", 0},
	};
	static const struct callerid_tnauth_entry longer = {CALLERID_TNAUTH_SPC, "ABCDEFGHIJKLMNOP",
							    0};
	uint8_t *der = NULL;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (callerid_tnauthlist_encode(&wrong[i], 1, &der, &len, NULL) != CALLERID_ESYNTAX)
			fail_msg("wrote entry %zu", i);
		assert_null(der);
	}
	assert_int_equal(callerid_tnauthlist_encode(&longer, 1, &der, &len, NULL), CALLERID_ELIMIT);
	assert_int_equal(callerid_tnauthlist_encode(wrong, 0, &der, &len, NULL), CALLERID_ESYNTAX);
	assert_int_equal(callerid_tnauthlist_encode(wrong, CALLERID_TNAUTH_ENTRIES_MAX + 1, &der,
						    &len, NULL),
			 CALLERID_ELIMIT);
}

/* The entries of two lists, and whether the first encompasses the second. */
struct pair {
	struct callerid_tnauth_entry parent[4], child[3];
	size_t n_parent, n_child;
	enum callerid_tnauth_match match;
};

#define ONE(text)                                                                                  \
	{                                                                                          \
		CALLERID_TNAUTH_ONE, text, 0                                                       \
	}
#define SPC(text)                                                                                  \
	{                                                                                          \
		CALLERID_TNAUTH_SPC, text, 0                                                       \
	}
#define RANGE(text, count)                                                                         \
	{                                                                                          \
		CALLERID_TNAUTH_RANGE, text, count                                                 \
	}

static void test_CE6_a_child_lies_inside_its_parent_or_does_not(void **state)
{
	static const struct pair pairs[] = {
		{{ONE("1200")}, {ONE("1200")}, 1, 1, CALLERID_TNAUTH_COVERED},
		{{ONE("1200")}, {ONE("1201")}, 1, 1, CALLERID_TNAUTH_NOT_COVERED},
		{{ONE("1200")}, {ONE("01200")}, 1, 1, CALLERID_TNAUTH_NOT_COVERED},
		{{ONE("*67")}, {ONE("*67")}, 1, 1, CALLERID_TNAUTH_COVERED},
		{{ONE("*67")}, {ONE("*68")}, 1, 1, CALLERID_TNAUTH_NOT_COVERED},
		{{RANGE("1200", 10)}, {RANGE("1200", 10)}, 1, 1, CALLERID_TNAUTH_COVERED},
		{{RANGE("1200", 10)}, {RANGE("1200", 11)}, 1, 1, CALLERID_TNAUTH_NOT_COVERED},
		{{RANGE("1200", 10)}, {RANGE("1199", 10)}, 1, 1, CALLERID_TNAUTH_NOT_COVERED},
		{{RANGE("1200", 10)}, {RANGE("1203", 2)}, 1, 1, CALLERID_TNAUTH_COVERED},
		{{RANGE("1200", 10)}, {ONE("1209")}, 1, 1, CALLERID_TNAUTH_COVERED},
		{{RANGE("1200", 10)}, {ONE("1210")}, 1, 1, CALLERID_TNAUTH_NOT_COVERED},
		/* Over several entries that touch, in any order, and over a gap. */
		{{RANGE("1204", 6), ONE("1203"), RANGE("1200", 3)},
		 {RANGE("1200", 10)},
		 3,
		 1,
		 CALLERID_TNAUTH_COVERED},
		{{RANGE("1204", 6), RANGE("1200", 3)},
		 {RANGE("1200", 10)},
		 2,
		 1,
		 CALLERID_TNAUTH_NOT_COVERED},
		{{RANGE("1200", 900), RANGE("1210", 2)},
		 {RANGE("1500", 2)},
		 2,
		 1,
		 CALLERID_TNAUTH_COVERED},
		/* One entry outside is enough. */
		{{RANGE("1200", 10)},
		 {ONE("1200"), ONE("1300")},
		 1,
		 2,
		 CALLERID_TNAUTH_NOT_COVERED},
		/* Codes. */
		{{SPC("1234")}, {SPC("1234")}, 1, 1, CALLERID_TNAUTH_COVERED},
		{{SPC("1234")}, {SPC("1235")}, 1, 1, CALLERID_TNAUTH_NOT_COVERED},
		{{SPC("1234")}, {ONE("1234")}, 1, 1, CALLERID_TNAUTH_SPC_ONLY},
		{{ONE("1234")}, {SPC("1234")}, 1, 1, CALLERID_TNAUTH_NOT_COVERED},
		{{SPC("A"), ONE("1200")}, {ONE("1200"), SPC("A")}, 2, 2, CALLERID_TNAUTH_COVERED},
		{{SPC("A"), ONE("1200")},
		 {ONE("1200"), ONE("1201"), SPC("A")},
		 2,
		 3,
		 CALLERID_TNAUTH_SPC_ONLY},
		{{SPC("A")}, {ONE("1200"), SPC("B")}, 1, 2, CALLERID_TNAUTH_NOT_COVERED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct callerid_tnauthlist *parent = list_of(pairs[i].parent, pairs[i].n_parent);
		struct callerid_tnauthlist *child = list_of(pairs[i].child, pairs[i].n_child);

		if (callerid_tnauthlist_encompasses(parent, child) != pairs[i].match)
			fail_msg("pair %zu", i);
		callerid_tnauthlist_free(parent);
		callerid_tnauthlist_free(child);
	}
}

static void test_CE4_a_code_is_found_by_all_of_its_characters(void **state)
{
	static const struct callerid_tnauth_entry entries[] = {SPC("1234"), ONE("99")};
	struct callerid_tnauthlist *list = list_of(entries, 2);

	(void)state;
	assert_true(callerid_tnauthlist_has_spc(list, "1234"));
	assert_false(callerid_tnauthlist_has_spc(list, "123"));
	assert_false(callerid_tnauthlist_has_spc(list, "12345"));
	assert_false(callerid_tnauthlist_has_spc(list, "99"));
	callerid_tnauthlist_free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_CE3_the_three_kinds_are_read),
		cmocka_unit_test(test_CE3_what_is_not_strict_der_is_refused),
		cmocka_unit_test(
			test_CE3_rfc8226_9_additions_to_a_range_are_passed_over_and_change_nothing),
		cmocka_unit_test(
			test_CE3_rfc8226_9_an_entry_that_is_none_of_the_three_spoils_the_list),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_CE4_numbers_and_ranges_cover_exactly_what_they_say),
		cmocka_unit_test(test_CE4_a_provider_code_covers_only_as_such),
		cmocka_unit_test(test_encoding_is_der_byte_for_byte),
		cmocka_unit_test(test_lists_of_every_length_come_back_the_same),
		cmocka_unit_test(test_encoding_refuses_what_parsing_would_refuse),
		cmocka_unit_test(test_CE6_a_child_lies_inside_its_parent_or_does_not),
		cmocka_unit_test(test_CE4_a_code_is_found_by_all_of_its_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
