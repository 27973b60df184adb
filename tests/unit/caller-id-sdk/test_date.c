/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 1123 dates, day by day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <callerid/date.h>

static enum callerid_status parse(const char *text, int64_t *epoch)
{
	return callerid_date_parse(text, strlen(text), epoch, NULL);
}

/* A second calendar, counting day by day; it shares nothing with the code under test. */
struct day {
	int year, month, day, weekday;
	int64_t epoch;
};

static void next_day(struct day *d)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int leap = d->month == 2 && d->year % 4 == 0 && (d->year % 100 != 0 || d->year % 400 == 0);

	d->epoch += 86400;
	d->weekday = (d->weekday + 1) % 7;
	if (++d->day > days[d->month - 1] + leap) {
		d->day = 1;
		d->month++;
	}
	if (d->month > 12) {
		d->month = 1;
		d->year++;
	}
}

static void write_day(const struct day *d, const char *time, char *out, size_t size)
{
	static const char *const weekday[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const month[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	snprintf(out, size, "%s, %02d %s %04d %s GMT", weekday[d->weekday], d->day,
		 month[d->month - 1], d->year, time);
}

static void test_every_day_from_1970_to_2101_parses_and_formats(void **state)
{
	struct day d = {1970, 1, 1, 4, 0};
	char text[64], back[CALLERID_DATE_LEN + 1];
	int64_t epoch;

	(void)state;
	for (; d.year < 2101; next_day(&d)) {
		write_day(&d, "23:59:59", text, sizeof(text));
		epoch = -1;
		assert_int_equal(parse(text, &epoch), CALLERID_OK);
		assert_int_equal(epoch, d.epoch + 86399);
		assert_int_equal(callerid_date_format(epoch, back), CALLERID_OK);
		assert_string_equal(back, text);
	}
}

static void test_every_second_of_day_and_all_of_march_2028(void **state)
{
	struct day d = {2028, 3, 1, 3, INT64_C(1835481600)};
	char text[64], back[CALLERID_DATE_LEN + 1];
	int64_t epoch;

	(void)state;
	for (; d.month == 3; next_day(&d)) {
		for (int hour = 0; hour < 24; hour++) {
			char time[16];

			snprintf(time, sizeof(time), "%02d:30:07", hour);
			write_day(&d, time, text, sizeof(text));
			assert_int_equal(parse(text, &epoch), CALLERID_OK);
			assert_int_equal(epoch, d.epoch + hour * 3600 + 30 * 60 + 7);
			assert_int_equal(callerid_date_format(epoch, back), CALLERID_OK);
			assert_string_equal(back, text);
		}
	}
	for (int64_t second = 0; second < 86400; second++) {
		assert_int_equal(callerid_date_format(1835481600 + second, back), CALLERID_OK);
		assert_int_equal(parse(back, &epoch), CALLERID_OK);
		assert_int_equal(epoch, 1835481600 + second);
	}
}

static void test_known_dates(void **state)
{
	static const struct {
		const char *text;
		int64_t epoch;
	} known[] = {
		{"Thu, 01 Jan 1970 00:00:00 GMT", 0},
		{"Sat, 13 Nov 2010 23:29:00 GMT", 1289690940},
		{"Tue, 29 Feb 2000 12:00:00 GMT", 951825600},
		{"Tue, 29 Feb 2028 23:59:59 GMT", 1835481599},
		{"Wed, 01 Mar 2028 00:00:00 GMT", 1835481600},
		{"Sun, 28 Feb 2100 00:00:00 GMT", 4107456000},
		{"Mon, 01 Mar 2100 00:00:00 GMT", 4107542400},
		{"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
	};
	char back[CALLERID_DATE_LEN + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		int64_t epoch = -1;

		assert_int_equal(parse(known[i].text, &epoch), CALLERID_OK);
		assert_int_equal(epoch, known[i].epoch);
		assert_int_equal(callerid_date_format(epoch, back), CALLERID_OK);
		assert_string_equal(back, known[i].text);
	}
}

static void test_every_wrong_weekday_is_refused(void **state)
{
	static const char *const weekday[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri"};

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		char text[64];
		int64_t epoch = 7;

		snprintf(text, sizeof(text), "%s, 13 Nov 2010 23:29:00 GMT", weekday[i]);
		assert_int_equal(parse(text, &epoch), CALLERID_ESYNTAX);
		assert_int_equal(epoch, 7);
	}
}

static void test_rfc3261_20_17_only_gmt_and_the_exact_form(void **state)
{
	static const char *const wrong[] = {
		"",
		" ",
		"Sat, 13 Nov 2010 23:29:00",
		"Sat, 13 Nov 2010 23:29:00 UTC",
		"Sat, 13 Nov 2010 23:29:00 EST",
		"Sat, 13 Nov 2010 23:29:00 +0000",
		"Sat, 13 Nov 2010 23:29:00 gmt",
		"sat, 13 nov 2010 23:29:00 GMT",
		"Sat,  13 Nov 2010 23:29:00 GMT",
		"Sat, 13 Nov  2010 23:29:00 GMT",
		"Sat,13 Nov 2010 23:29:00 GMT",
		"Sat, 3 Nov 2010 23:29:00 GMT",
		"Sat, 13 Nov 10 23:29:00 GMT",
		"Saturday, 13 Nov 2010 23:29:00 GMT",
		"13 Nov 2010 23:29:00 GMT",
		"Sat, 13 November 2010 23:29 GMT",
		"Sat, 13 Xxx 2010 23:29:00 GMT",
		"Sat, -1 Nov 2010 23:29:00 GMT",
		"Sat, 13 Nov 2010 23:29:00 GMTx",
		"Sat, 13 Nov 2010 23:29:00\tGMT",
		"Sat, 13-Nov-2010 23:29:00 GMT",
		"2010-11-13T23:29:00Z and more",
		"Sat, 13 Nov 2010 2 :29:00 GMT",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int64_t epoch = 7;

		if (parse(wrong[i], &epoch) != CALLERID_ESYNTAX)
			fail_msg("accepted: %s", wrong[i]);
		assert_int_equal(epoch, 7);
	}
}

static void test_days_and_times_that_do_not_exist_are_refused(void **state)
{
	static const char *const wrong[] = {
		"Wed, 31 Dec 1969 23:59:59 GMT", "Fri, 00 Nov 2010 00:00:00 GMT",
		"Wed, 31 Nov 2010 00:00:00 GMT", "Mon, 29 Feb 2100 00:00:00 GMT",
		"Tue, 29 Feb 2011 00:00:00 GMT", "Wed, 30 Feb 2028 00:00:00 GMT",
		"Sat, 13 Nov 2010 24:00:00 GMT", "Sat, 13 Nov 2010 23:60:00 GMT",
		"Sat, 31 Dec 2016 23:59:60 GMT", "Sat, 13 Nov 2010 23:29:61 GMT",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int64_t epoch = 7;

		if (parse(wrong[i], &epoch) != CALLERID_ESYNTAX)
			fail_msg("accepted: %s", wrong[i]);
	}
}

static void test_white_space_around_the_value_is_the_headers(void **state)
{
	int64_t epoch = 0;

	(void)state;
	assert_int_equal(parse(" \tSat, 13 Nov 2010 23:29:00 GMT \t", &epoch), CALLERID_OK);
	assert_int_equal(epoch, 1289690940);
}

static void test_nul_inside_is_refused_and_nothing_is_read_behind_len(void **state)
{
	int64_t epoch;

	(void)state;
	assert_int_equal(callerid_date_parse("Sat, 13 Nov 2010 23:29:0\0 GMT", 29, &epoch, NULL),
			 CALLERID_ESYNTAX);
	assert_int_equal(callerid_date_parse("Sat, 13 Nov 2010 23:29:00 GMT", 28, &epoch, NULL),
			 CALLERID_ESYNTAX);
}

static void test_an_error_says_what_is_wrong(void **state)
{
	struct callerid_error err = {.status = CALLERID_OK};
	int64_t epoch;

	(void)state;
	assert_int_equal(callerid_date_parse("Sun, 13 Nov 2010 23:29:00 GMT", 29, &epoch, &err),
			 CALLERID_ESYNTAX);
	assert_int_equal(err.status, CALLERID_ESYNTAX);
	assert_string_equal(err.where, "date");
	assert_non_null(strstr(err.text, "weekday"));
}

static void test_format_refuses_what_has_no_four_digit_year(void **state)
{
	char text[CALLERID_DATE_LEN + 1];

	(void)state;
	assert_int_equal(callerid_date_format(-1, text), CALLERID_EINVAL);
	assert_int_equal(callerid_date_format(INT64_C(253402300800), text), CALLERID_EINVAL);
	assert_int_equal(callerid_date_format(INT64_MIN, text), CALLERID_EINVAL);
	assert_int_equal(callerid_date_format(INT64_MAX, text), CALLERID_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_day_from_1970_to_2101_parses_and_formats),
		cmocka_unit_test(test_every_second_of_day_and_all_of_march_2028),
		cmocka_unit_test(test_known_dates),
		cmocka_unit_test(test_every_wrong_weekday_is_refused),
		cmocka_unit_test(test_rfc3261_20_17_only_gmt_and_the_exact_form),
		cmocka_unit_test(test_days_and_times_that_do_not_exist_are_refused),
		cmocka_unit_test(test_white_space_around_the_value_is_the_headers),
		cmocka_unit_test(test_nul_inside_is_refused_and_nothing_is_read_behind_len),
		cmocka_unit_test(test_an_error_says_what_is_wrong),
		cmocka_unit_test(test_format_refuses_what_has_no_four_digit_year),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
