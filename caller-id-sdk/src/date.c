/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 1123 dates by own calendar arithmetic: no locale, no time zone, no library surprises. */
#include <callerid/date.h>

#include <stdbool.h>
#include <string.h>

#include "fail.h"

#define DAY_S	  INT64_C(86400)
#define EPOCH_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static const char WEEKDAYS[] = "SunMonTueWedThuFriSat";
static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const int64_t MONTH_DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
	return MONTH_DAYS[month] + (month == 1 && is_leap(year) ? 1 : 0);
}

/* Days from 1970-01-01 to the first of January. */
static int64_t days_before_year(int64_t year)
{
	int64_t past = year - 1;

	return 365 * (year - 1970) + (past / 4 - past / 100 + past / 400) - (1969 / 4 - 19 + 4);
}

/* Weekday, 0 is Sunday; 1970-01-01 was a Thursday. */
static int64_t weekday(int64_t days)
{
	return (days + 4) % 7;
}

/* Decimal of exactly n digits, -1 when it is not. */
static int64_t digits(const char *text, size_t n)
{
	int64_t value = 0;

	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

/* Index of a three-letter name, -1: none. RFC 3261 §20.17: "An RFC 1123 date is case-sensitive". */
static int64_t name_index(const char *names, const char *text)
{
	for (int64_t i = 0; names[i * 3] != '\0'; i++) {
		if (memcmp(names + i * 3, text, 3) == 0)
			return i;
	}
	return -1;
}

/* The fixed characters of "Sat, 13 Nov 2010 23:29:00 GMT"; '?' stands for any. */
static bool shape_is_right(const char *text)
{
	static const char shape[] = "???, ?? ??? ???? ??:??:?? GMT";

	for (size_t i = 0; i < CALLERID_DATE_LEN; i++) {
		if (shape[i] != '?' && shape[i] != text[i])
			return false;
	}
	return true;
}

/* White space around the value is the header's, not the date's. */
static void trim(const char **text, size_t *len)
{
	while (*len > 0 && (**text == ' ' || **text == '\t')) {
		(*text)++;
		(*len)--;
	}
	while (*len > 0 && ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t'))
		(*len)--;
}

static enum callerid_status refuse(struct callerid_error *err, const char *what)
{
	return cid_fail(err, CALLERID_ESYNTAX, "date", "%s", what);
}

/* The fields as they stand, -1 where one is not a number or not a name. */
struct fields {
	int64_t year, month, day, hour, minute, second;
};

static const char *date_trouble(const struct fields *f)
{
	if (f->year < 1970)
		return f->year < 0 ? "no year" : "before 1970";
	if (f->month < 0)
		return "no month";
	if (f->day < 1 || f->day > days_in_month(f->year, f->month))
		return "no such day in that month";
	return NULL;
}

static bool time_is_right(const struct fields *f)
{
	return f->hour >= 0 && f->hour <= 23 && f->minute >= 0 && f->minute <= 59 &&
	       f->second >= 0 && f->second <= 59;
}

enum callerid_status callerid_date_parse(const char *text, size_t len, int64_t *epoch_out,
					 struct callerid_error *err)
{
	struct fields f;
	const char *trouble;
	int64_t days;

	trim(&text, &len);
	/* RFC 3261 §25.1: rfc1123-date = wkday "," SP date1 SP time SP "GMT"; single spaces. */
	if (len != CALLERID_DATE_LEN || !shape_is_right(text))
		return refuse(err, "not of the form \"Sat, 13 Nov 2010 23:29:00 GMT\"");
	f = (struct fields){.year = digits(text + 12, 4),
			    .month = name_index(MONTHS, text + 8),
			    .day = digits(text + 5, 2),
			    .hour = digits(text + 17, 2),
			    .minute = digits(text + 20, 2),
			    .second = digits(text + 23, 2)};
	trouble = date_trouble(&f);
	if (trouble != NULL)
		return refuse(err, trouble);
	if (!time_is_right(&f))
		return refuse(err, "no such time of day");
	days = days_before_year(f.year) + f.day - 1;
	for (int64_t m = 0; m < f.month; m++)
		days += days_in_month(f.year, m);
	if (name_index(WEEKDAYS, text) != weekday(days))
		return refuse(err, "the weekday is wrong");
	*epoch_out = days * DAY_S + f.hour * 3600 + f.minute * 60 + f.second;
	return CALLERID_OK;
}

static void put_digits(char *out, int64_t value, size_t n)
{
	for (; n > 0; n--) {
		out[n - 1] = (char)('0' + value % 10);
		value /= 10;
	}
}

enum callerid_status callerid_date_format(int64_t epoch, char text_out[CALLERID_DATE_LEN + 1])
{
	int64_t days, second, year, month = 0;

	if (epoch < 0 || epoch > EPOCH_MAX)
		return CALLERID_EINVAL;
	days = epoch / DAY_S;
	second = epoch % DAY_S;
	/* No year is shorter than 365 days: never too low, and at most 6 too high by 9999. */
	year = 1970 + days / 365;
	while (days_before_year(year) > days)
		year--;
	memcpy(text_out, "Sun, 00 Jan 0000 00:00:00 GMT", CALLERID_DATE_LEN + 1);
	memcpy(text_out, WEEKDAYS + weekday(days) * 3, 3);
	days -= days_before_year(year);
	while (days >= days_in_month(year, month))
		days -= days_in_month(year, month++);
	put_digits(text_out + 5, days + 1, 2);
	memcpy(text_out + 8, MONTHS + month * 3, 3);
	put_digits(text_out + 12, year, 4);
	put_digits(text_out + 17, second / 3600, 2);
	put_digits(text_out + 20, second / 60 % 60, 2);
	put_digits(text_out + 23, second % 60, 2);
	return CALLERID_OK;
}
