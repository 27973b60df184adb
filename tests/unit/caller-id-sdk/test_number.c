/* SPDX-License-Identifier: Apache-2.0 */
/* URIs and numbers as phones, switches and forgers write them, and what each must become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <callerid/number.h>

static const struct callerid_dialplan NANP = {"1", "1", "011", 0};
static const struct callerid_dialplan UK = {"44", "0", "00", 0};

struct row {
	const char *in;
	const char *out; /* NULL: CALLERID_ESYNTAX */
	enum callerid_party_kind kind;
};

static void check(const struct row *rows, size_t n, const struct callerid_dialplan *plan)
{
	for (size_t i = 0; i < n; i++) {
		struct callerid_party party = {.kind = CALLERID_PARTY_NONE};
		enum callerid_status status =
			callerid_party_parse(rows[i].in, strlen(rows[i].in), plan, &party, NULL);

		if (rows[i].out == NULL) {
			if (status != CALLERID_ESYNTAX)
				fail_msg("\"%s\" gave %d, \"%s\"", rows[i].in, status, party.text);
			assert_int_equal(party.kind, CALLERID_PARTY_NONE);
			continue;
		}
		if (status != CALLERID_OK || party.kind != rows[i].kind ||
		    strcmp(party.text, rows[i].out) != 0)
			fail_msg("\"%s\" gave %d, kind %d, \"%s\"", rows[i].in, status, party.kind,
				 party.text);
	}
}

#define CHECK(rows, plan) check(rows, sizeof(rows) / sizeof((rows)[0]), plan)
#define TN		  CALLERID_PARTY_TN
#define URI		  CALLERID_PARTY_URI

static void test_CN1_what_is_a_number_and_what_a_uri(void **state)
{
	static const struct row rows[] = {
		{"tel:+12155551212", "12155551212", TN},
		{"TEL:+12155551212", "12155551212", TN},
		{"sip:12155551212@example.com;user=phone", "12155551212", TN},
		{"sip:12155551212@example.com;transport=udp;USER=Phone", "12155551212", TN},
		{"sip:+12155551212@example.com", "12155551212", TN},
		{"sips:+12155551212@example.com", "12155551212", TN},
		{"sip:2155551212@example.com", "2155551212", TN},
		{"sip:1000@pbx", "sip:1000@pbx", URI},
		{"sip:1000@pbx;user=phone", "1000", TN},
		{"sip:*98@pbx;user=phone", "*98", TN},
		{"sip:*98@pbx", "sip:*98@pbx", URI},
		{"sip:alice@example.com", "sip:alice@example.com", URI},
		{"sip:alice@example.com;user=phone", "sip:alice@example.com", URI},
		{"sip:alice@example.com?user=phone", "sip:alice@example.com", URI},
		{"sip:+1alice@example.com", "sip:+1alice@example.com", URI},
		{"sip:---@example.com", "sip:---@example.com", URI},
		{"sip:example.com", "sip:example.com", URI},
		{"sip:12345", "sip:12345", URI},
		{"urn:service:sos", "urn:service:sos", URI},
		{"URN:service:sos", "urn:service:sos", URI},
		{"+12155551212", "12155551212", TN},
		{"911", "911", TN},
	};

	(void)state;
	CHECK(rows, NULL);
}

static void test_CN2_rfc8224_8_3_drops_everything_but_digits_hash_and_star(void **state)
{
	static const struct row rows[] = {
		{"sip:+1-(215)-555-1212@h;user=phone", "12155551212", TN},
		{"sip:+1.215.555.1212@h", "12155551212", TN},
		{"+1 (215) 555-1212", "12155551212", TN},
		{"sip:+1 215 555 1212@h;user=phone", "12155551212", TN},
		{"sip:%2B12155551212@h", "12155551212", TN},
		{"sip:+1%20215%20555-1212@h", "12155551212", TN},
		{"tel:++12155551212", "12155551212", TN},
		{"tel:#31#2155551212", "#31#2155551212", TN},
		{"sip:%2a67@h;user=phone", "*67", TN},
	};

	(void)state;
	CHECK(rows, NULL);
}

static void test_CN2_letters_are_never_dropped_from_a_number(void **state)
{
	/* "1-800-FLOWERS" without its letters would be another number. */
	static const struct row rows[] = {
		{"tel:+1-800-FLOWERS", NULL, 0},
		{"tel:+1215a", NULL, 0},
		{"sip:+1-800-FLOWERS@h;user=phone", "sip:+1-800-flowers@h", URI},
		{"tel:+1*2", NULL, 0},
		{"tel:1+2", NULL, 0},
		{"sip:1%002@h", "sip:1%002@h", URI},
		{"sip:%31%32@h;user=phone", "12", TN},
	};

	(void)state;
	CHECK(rows, NULL);
}

/* RFC 8224 §8.1: explicit labels; without them local policy, "+" or digits that can be dialled. */
static void test_CN1_rfc8224_8_1_a_short_sip_user_is_a_uri_unless_it_is_labeled(void **state)
{
	static const struct row rows[] = {
		{"sip:1234@host", "sip:1234@host", URI},
		{"sips:1234@host", "sips:1234@host", URI},
		{"<sip:1234@host>;tag=1", "sip:1234@host", URI},
		{"sip:1234@host;user=phone", "1234", TN},
		{"sip:1234@host;user=ip", "sip:1234@host", URI},
		{"sip:1234@host?user=phone", "sip:1234@host", URI},
		{"sip:1234;user=phone@host", "sip:1234;user=phone@host", URI},
		{"sip:1234;phone-context=+1215555@host", "12155551234", TN},
		{"sip:1234;phone-context=%2B1215555@host", "12155551234", TN},
		{"sip:1234;phone-context=%41bc@host", "sip:1234;phone-context=abc@host", URI},
		{"sip:1234;phone-context=%2@host", NULL, 0},
		{"sip:1234;phone-context=pbx.example@host",
		 "sip:1234;phone-context=pbx.example@host", URI},
		{"sip:+1234@host", "1234", TN},
		{"tel:1234", "1234", TN},
		{"1234", "1234", TN},
		{"sip:1@h", "sip:1@h", URI},
		{"sip:12@h", "sip:12@h", URI},
		{"sip:112@h", "112", TN}, /* §8.3: nationally specific service numbers */
		{"sip:12345@h", "sip:12345@h", URI},
		{"sip:123-456@h", "sip:123-456@h", URI},
		{"sip:%31234@h", "sip:1234@h", URI},
		{"sip:1234567@h", "1234567", TN},
		{"sip:123.45-67@h", "1234567", TN},
		{"sip:123456789012345@h", "123456789012345", TN},
		{"sip:1234567890123456@h", "sip:1234567890123456@h", URI},
		{"sip:+123456789012345@h", "123456789012345", TN},
		{"sip:+1234567890123456@h", "sip:+1234567890123456@h", URI},
		{"sip:123456789012345678901234567890123@h",
		 "sip:123456789012345678901234567890123@h", URI},
		{"sip:1234567890123456@h;user=phone", "1234567890123456", TN},
	};

	(void)state;
	CHECK(rows, NULL);
}

/* "implementations ... MAY follow local policies for identifying telephone numbers". */
static void test_CN1_rfc8224_8_1_how_many_digits_make_a_number_is_local_policy(void **state)
{
	static const struct callerid_dialplan four = {NULL, NULL, NULL, 4},
					      one = {"44", "0", "00", 1},
					      never = {"1", "1", "011", 16};
	static const struct row as_four[] = {
		{"sip:1234@host", "1234", TN},
		{"sip:12@host", "sip:12@host", URI},
		{"sip:911@host", "911", TN},
	};
	static const struct row as_one[] = {
		{"sip:12@host", "12", TN},
		{"sip:1234@host", "441234", TN},
		/* Counted as dialled, and no E.164 number when it is not one in the end. */
		{"sip:12345678901234@host", "sip:12345678901234@host", URI},
		{"sip:alice@host", "sip:alice@host", URI},
	};
	static const struct row as_never[] = {
		{"sip:12155551212@host", "sip:12155551212@host", URI},
		{"sip:+12155551212@host", "12155551212", TN},
		{"sip:2155551212@host;user=phone", "12155551212", TN},
		{"sip:911@host", "911", TN},
		{"2155551212", "12155551212", TN},
	};

	(void)state;
	CHECK(as_four, &four);
	CHECK(as_one, &one);
	CHECK(as_never, &never);
}

static bool is_dropped(int byte)
{
	return byte != 0 && strchr("-.() ", byte) != NULL;
}

/* The number that text is, "" for none. */
static const char *number_of(const char *text, size_t len, struct callerid_party *party)
{
	*party = (struct callerid_party){.kind = CALLERID_PARTY_NONE};
	if (callerid_party_parse(text, len, NULL, party, NULL) != CALLERID_OK ||
	    party->kind != CALLERID_PARTY_TN)
		return "";
	return party->text;
}

/*
 * RFC 8224 §8.3 drops what only helps the eye; RFC 3966 §3 says what that is, and that nothing else
 * can stand in a number. Global numbers are digits, local ones "#" and "*" too.
 */
static void test_CN2_rfc8224_8_3_each_byte_is_kept_dropped_or_no_part_of_a_number(void **state)
{
	static const struct {
		const char *before, *after;
		bool global;
	} forms[] = {
		{"tel:+1215", "5551212", true},
		{"tel:1215", "5551212", false},
		{"sip:+1215", "5551212@h;user=phone", true},
		{"sip:1215", "5551212@h;user=phone", false},
		{"+1215", "5551212", true},
		{"1215", "5551212", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		for (int byte = 0; byte < 256; byte++) {
			bool kept = (byte >= '0' && byte <= '9') ||
				    (!forms[i].global && (byte == '#' || byte == '*'));
			char text[64], escaped[64], wanted[32] = "";
			struct callerid_party party;
			int n = snprintf(text, sizeof(text), "%s%c%s", forms[i].before, byte,
					 forms[i].after);

			if (is_dropped(byte))
				snprintf(wanted, sizeof(wanted), "12155551212");
			else if (kept)
				snprintf(wanted, sizeof(wanted), "1215%c5551212", byte);
			snprintf(escaped, sizeof(escaped), "%s%%%02x%s", forms[i].before,
				 (unsigned)byte, forms[i].after);
			if (strcmp(number_of(escaped, strlen(escaped), &party), wanted) != 0)
				fail_msg("%s gave \"%s\"", escaped, party.text);
			/* ";" and ":" end the number where they stand raw. */
			if (byte == ';' || (byte == ':' && forms[i].before[0] == 's'))
				snprintf(wanted, sizeof(wanted), "1215");
			if (strcmp(number_of(text, (size_t)n, &party), wanted) != 0)
				fail_msg("byte %d in %s gave \"%s\"", byte, forms[i].before,
					 party.text);
		}
	}
}

static void test_CN3_north_american_dial_strings_become_e164(void **state)
{
	static const struct row rows[] = {
		{"2155551212", "12155551212", TN},
		{"12155551212", "12155551212", TN},
		{"+12155551212", "12155551212", TN},
		{"011442079460000", "442079460000", TN},
		{"sip:(215) 555-1212@h;user=phone", "12155551212", TN},
		{"tel:2155551212", "12155551212", TN},
	};

	(void)state;
	CHECK(rows, &NANP);
}

static void test_CN3_british_dial_strings_become_e164(void **state)
{
	static const struct row rows[] = {
		{"02079460000", "442079460000", TN},
		{"0012155551212", "12155551212", TN},
		{"+442079460000", "442079460000", TN},
		{"sip:020 7946 0000@h;user=phone", "442079460000", TN},
		{"999", "999", TN},
		{"112", "112", TN},
	};

	(void)state;
	CHECK(rows, &UK);
}

static void test_CN3_service_codes_are_untouched_by_any_plan_or_context(void **state)
{
	static const struct row rows[] = {
		{"911", "911", TN},
		{"112", "112", TN},
		{"211", "211", TN},
		{"311", "311", TN},
		{"411", "411", TN},
		{"511", "511", TN},
		{"611", "611", TN},
		{"711", "711", TN},
		{"811", "811", TN},
		{"tel:911", "911", TN},
		{"tel:911;phone-context=+1", "911", TN},
		{"sip:911@psap.example.com", "911", TN},
		{"sip:911@psap.example.com;user=phone", "911", TN},
		{"*672155551212", "*672155551212", TN},
		{"#31#2155551212", "#31#2155551212", TN},
	};

	(void)state;
	CHECK(rows, &NANP);
	CHECK(rows, &UK);
}

static void test_CN3_a_plan_with_parts_missing_does_what_it_can(void **state)
{
	static const struct callerid_dialplan only_cc = {"1", NULL, NULL, 0},
					      none = {NULL, NULL, NULL, 0};
	static const struct callerid_dialplan no_cc = {NULL, "0", "00", 0};
	struct callerid_party party;

	(void)state;
	assert_int_equal(callerid_party_parse("2155551212", 10, &only_cc, &party, NULL), 0);
	assert_string_equal(party.text, "12155551212");
	assert_int_equal(callerid_party_parse("2155551212", 10, &none, &party, NULL), 0);
	assert_string_equal(party.text, "2155551212");
	assert_int_equal(callerid_party_parse("02155551212", 11, &no_cc, &party, NULL), 0);
	assert_string_equal(party.text, "02155551212");
	assert_int_equal(callerid_party_parse("0012155551212", 13, &no_cc, &party, NULL), 0);
	assert_string_equal(party.text, "12155551212");
}

static void test_a_plan_that_is_not_digits_is_the_callers_bug(void **state)
{
	static const struct callerid_dialplan plus = {"+1", "1", "011", 0};
	static const struct callerid_dialplan longer = {"1", "1", "011011011", 0};
	struct callerid_party party;

	(void)state;
	assert_int_equal(callerid_party_parse("2155551212", 10, &plus, &party, NULL),
			 CALLERID_EINVAL);
	assert_int_equal(callerid_party_parse("2155551212", 10, &longer, &party, NULL),
			 CALLERID_EINVAL);
}

static void test_CN4_parameters_never_reach_the_number(void **state)
{
	static const struct row rows[] = {
		{"tel:+12155551212;npdi;rn=+12155550000", "12155551212", TN},
		{"tel:+12155551212;ext=42", "12155551212", TN},
		{"sip:+12155551212;npdi;rn=+12155550000@h;user=phone", "12155551212", TN},
		{"sip:2155551212;ext=42@h", "2155551212", TN},
		{"tel:+12155551212;isub=1;phone-context=+44", "12155551212", TN},
	};

	(void)state;
	CHECK(rows, NULL);
}

static void test_CN4_phone_context_completes_local_numbers(void **state)
{
	static const struct row rows[] = {
		{"tel:863-1234;phone-context=+1-914-555", "19145558631234", TN},
		{"tel:2155551212;phone-context=+1", "12155551212", TN},
		{"tel:2155551212;PHONE-CONTEXT=+1", "12155551212", TN},
		{"tel:2155551212;ext=3;phone-context=%2B1", "12155551212", TN},
		{"sip:2155551212;phone-context=+1@h;user=phone", "12155551212", TN},
		{"tel:7042;phone-context=example.com", "7042", TN},
		{"tel:2155551212;phone-context=+x", NULL, 0},
	};
	struct callerid_party party;

	(void)state;
	CHECK(rows, NULL);
	/* The context comes first: the plan is for numbers that say nothing themselves. */
	assert_int_equal(
		callerid_party_parse("tel:2079460000;phone-context=+44", 32, &NANP, &party, NULL),
		CALLERID_OK);
	assert_string_equal(party.text, "442079460000");
}

static void test_CN5_rfc8224_8_5_canonical_uris(void **state)
{
	static const struct row rows[] = {
		{"SIP:Al%69ce:secret@EXAMPLE.com:5060;transport=tcp?Subject=x",
		 "sip:alice@example.com", URI},
		{"sips:Alice@Example.COM", "sips:alice@example.com", URI},
		{"sip:alice;day=tuesday@example.com", "sip:alice;day=tuesday@example.com", URI},
		{"sip:al%2fice@h", "sip:al%2Fice@h", URI},
		{"sip:al%2Dice@h", "sip:al-ice@h", URI},
		{"sip:%E2%82%AC@h", "sip:%E2%82%AC@h", URI},
		{"sip:alice@[2001:DB8::1]:5070;lr", "sip:alice@[2001:db8::1]", URI},
		{"sip:alice@192.0.2.1", "sip:alice@192.0.2.1", URI},
		{"sip:anonymous@anonymous.invalid", "sip:anonymous@anonymous.invalid", URI},
		{"sip:null-%00-null@example.com", "sip:null-%00-null@example.com", URI},
	};

	(void)state;
	CHECK(rows, NULL);
}

static void test_name_addr_forms(void **state)
{
	static const struct row rows[] = {
		{"<sip:alice@example.com>", "sip:alice@example.com", URI},
		{"Alice <sip:alice@example.com>;tag=1", "sip:alice@example.com", URI},
		{"\"Alice\" <sip:alice@example.com>", "sip:alice@example.com", URI},
		{"\"<sip:mallory@evil>\" <sip:alice@example.com>", "sip:alice@example.com", URI},
		{"\"a \\\" <tel:+1>\"<sip:alice@example.com>;x", "sip:alice@example.com", URI},
		{"  <tel:+12155551212> ; tag=88", "12155551212", TN},
		{"sip:alice@example.com;tag=887s", "sip:alice@example.com", URI},
		{"\"Alice\"\r\n <sip:alice@example.com>", "sip:alice@example.com", URI},
		{"\"Alice sip:alice@example.com", NULL, 0},
		{"\"Alice\" sip:alice@example.com", NULL, 0},
		{"\"Alice\" x <sip:alice@example.com>", NULL, 0},
		{"<sip:alice@example.com", NULL, 0},
		{"<sip:alice@example.com> <sip:bob@example.com>", NULL, 0},
		{"<>", NULL, 0},
		{"\"", NULL, 0},
		{"\"\\", NULL, 0},
	};

	(void)state;
	CHECK(rows, NULL);
}

static void test_what_is_no_uri_and_no_number_is_refused(void **state)
{
	static const struct row rows[] = {
		{" ", NULL, 0},
		{"anonymous", NULL, 0},
		{"alice@example.com", NULL, 0},
		{"12155551212@example.com", NULL, 0},
		{"+", NULL, 0},
		{"tel:", NULL, 0},
		{"tel:+", NULL, 0},
		{"tel:;ext=1", NULL, 0},
		{"sip:", NULL, 0},
		{"sip:@example.com", NULL, 0},
		{"sip::secret@example.com", NULL, 0},
		{"sip:alice@", NULL, 0},
		{"sip:alice@example.com@evil.example", NULL, 0},
		{"sip:alice@example.com:port", NULL, 0},
		{"sip:alice@example.com:", NULL, 0},
		{"sip:alice@example.com:500000", NULL, 0},
		{"sip:alice@exa mple.com", NULL, 0},
		{"sip:alice@[::1", NULL, 0},
		{"sip:alice@[]", NULL, 0},
		{"sip:al%6@h", NULL, 0},
		{"sip:al%zz@h", NULL, 0},
		{"sip:al%", NULL, 0},
		{"sip:al\xc3\xa9@h", NULL, 0},
		{"sip:al\"ice@h", NULL, 0},
		{"urn:", NULL, 0},
		{"http://exa mple", NULL, 0},
	};

	(void)state;
	CHECK(rows, NULL);
}

static void test_nul_and_empty_are_refused(void **state)
{
	struct callerid_party party;

	(void)state;
	assert_int_equal(callerid_party_parse("", 0, NULL, &party, NULL), CALLERID_ESYNTAX);
	assert_int_equal(callerid_party_parse("tel:+1215\0", 10, NULL, &party, NULL),
			 CALLERID_ESYNTAX);
}

static void test_limits(void **state)
{
	static char text[70000];
	struct callerid_party party = {.kind = CALLERID_PARTY_NONE};
	struct callerid_error err;

	(void)state;
	memset(text, '1', sizeof(text));
	assert_int_equal(callerid_party_parse(text, CALLERID_TN_MAX, NULL, &party, &err),
			 CALLERID_OK);
	assert_int_equal(strlen(party.text), CALLERID_TN_MAX);
	assert_int_equal(callerid_party_parse(text, CALLERID_TN_MAX + 1, NULL, &party, &err),
			 CALLERID_ELIMIT);
	assert_int_equal(callerid_party_parse(text, CALLERID_TN_MAX, &NANP, &party, &err),
			 CALLERID_OK); /* national "1" off, country code "1" on */
	assert_int_equal(callerid_party_parse(text, CALLERID_TN_MAX, &UK, &party, &err),
			 CALLERID_ELIMIT);
	assert_int_equal(callerid_party_parse(text, sizeof(text), NULL, &party, &err),
			 CALLERID_ELIMIT);
	memset(text, 'a', sizeof(text));
	memcpy(text, "sip:", 4);
	assert_int_equal(callerid_party_parse(text, CALLERID_URI_MAX, NULL, &party, &err),
			 CALLERID_OK);
	assert_int_equal(strlen(party.text), CALLERID_URI_MAX);
	assert_int_equal(callerid_party_parse(text, CALLERID_URI_MAX + 1, NULL, &party, &err),
			 CALLERID_ELIMIT);
	assert_string_equal(err.where, "number");
}

static void test_parties_are_equal_by_kind_and_text_and_unknown_is_nobody(void **state)
{
	struct callerid_party tn = {CALLERID_PARTY_TN, "12155551212"};
	struct callerid_party same = {CALLERID_PARTY_TN, "12155551212"};
	struct callerid_party other = {CALLERID_PARTY_TN, "12155551213"};
	struct callerid_party uri = {CALLERID_PARTY_URI, "12155551212"};
	struct callerid_party none = {.kind = CALLERID_PARTY_NONE};

	(void)state;
	assert_true(callerid_party_equal(&tn, &same));
	assert_false(callerid_party_equal(&tn, &other));
	assert_false(callerid_party_equal(&tn, &uri));
	assert_false(callerid_party_equal(&none, &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_CN1_what_is_a_number_and_what_a_uri),
		cmocka_unit_test(test_CN2_rfc8224_8_3_drops_everything_but_digits_hash_and_star),
		cmocka_unit_test(test_CN2_letters_are_never_dropped_from_a_number),
		cmocka_unit_test(
			test_CN1_rfc8224_8_1_a_short_sip_user_is_a_uri_unless_it_is_labeled),
		cmocka_unit_test(
			test_CN1_rfc8224_8_1_how_many_digits_make_a_number_is_local_policy),
		cmocka_unit_test(
			test_CN2_rfc8224_8_3_each_byte_is_kept_dropped_or_no_part_of_a_number),
		cmocka_unit_test(test_CN3_north_american_dial_strings_become_e164),
		cmocka_unit_test(test_CN3_british_dial_strings_become_e164),
		cmocka_unit_test(test_CN3_service_codes_are_untouched_by_any_plan_or_context),
		cmocka_unit_test(test_CN3_a_plan_with_parts_missing_does_what_it_can),
		cmocka_unit_test(test_a_plan_that_is_not_digits_is_the_callers_bug),
		cmocka_unit_test(test_CN4_parameters_never_reach_the_number),
		cmocka_unit_test(test_CN4_phone_context_completes_local_numbers),
		cmocka_unit_test(test_CN5_rfc8224_8_5_canonical_uris),
		cmocka_unit_test(test_name_addr_forms),
		cmocka_unit_test(test_what_is_no_uri_and_no_number_is_refused),
		cmocka_unit_test(test_nul_and_empty_are_refused),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_parties_are_equal_by_kind_and_text_and_unknown_is_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
