/* SPDX-License-Identifier: Apache-2.0 */
/* From what people and switches write to 1*("#" / "*" / DIGIT). */
#include "tn.h"

#include <string.h>

#define PLAN_DIGITS_MAX 8

/* A number under way: digits, and whether a "+" said that it is E.164 already. */
struct number {
	char text[CALLERID_TN_MAX];
	size_t n;
	bool global;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * RFC 3966 §3: visual-separator is "-", ".", "(" and ")"; and the space that E.123 prints, which
 * RFC 8224 §8.3 has dropped too ("without whitespace or visual separators"). Nothing else: §8.3
 * drops "other non-numeric characters" from what has been identified as a telephone number, and
 * with "/",
 * "_" or a letter in it RFC 3966 has no such number.
 */
static bool is_separator(char c)
{
	return c == '-' || c == '.' || c == '(' || c == ')' || c == ' ';
}

bool callerid_tn_is_canonical(const char *text, size_t len)
{
	if (len == 0 || len > CALLERID_TN_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_digit(text[i]) && text[i] != '#' && text[i] != '*')
			return false;
	}
	return true;
}

size_t cid_tn_dialable_digits(struct callerid_span text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (!is_digit(text.p[i]) && !is_separator(text.p[i]))
			return 0;
		n += is_digit(text.p[i]);
	}
	return n;
}

static bool plan_string_is_valid(const char *text)
{
	size_t n = text == NULL ? 0 : strnlen(text, PLAN_DIGITS_MAX + 1);

	if (n > PLAN_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_digit(text[i]))
			return false;
	}
	return true;
}

bool cid_dialplan_is_valid(const struct callerid_dialplan *plan)
{
	return plan == NULL || (plan_string_is_valid(plan->country_code) &&
				plan_string_is_valid(plan->national_prefix) &&
				plan_string_is_valid(plan->international_prefix));
}

/* RFC 8224 §8.3: drops leading "+" and separators; keeps digits, "#" and "*". */
static enum cid_tn collect(struct callerid_span text, struct number *number)
{
	size_t i = 0;

	*number = (struct number){.n = 0};
	while (i < text.n && text.p[i] == '+')
		i++;
	number->global = i > 0;
	for (; i < text.n; i++) {
		char c = text.p[i];

		if (is_separator(c))
			continue;
		if (!is_digit(c) && (number->global || (c != '#' && c != '*')))
			return CID_TN_NOT;
		if (number->n == CALLERID_TN_MAX)
			return CID_TN_LONG;
		number->text[number->n++] = c;
	}
	return number->n > 0 ? CID_TN_OK : CID_TN_NOT;
}

/* Length of prefix when the number starts with it and goes on, else 0. */
static size_t prefix_length(const struct number *number, const char *prefix)
{
	size_t n = prefix == NULL ? 0 : strlen(prefix);

	return n > 0 && n < number->n && memcmp(number->text, prefix, n) == 0 ? n : 0;
}

/* Puts prefix in place of the number's first drop characters. */
static enum cid_tn replace(struct number *number, size_t drop, const char *prefix, size_t len)
{
	if (number->n - drop + len > CALLERID_TN_MAX)
		return CID_TN_LONG;
	memmove(number->text + len, number->text + drop, number->n - drop);
	memcpy(number->text, prefix, len);
	number->n = number->n - drop + len;
	number->global = true;
	return CID_TN_OK;
}

/*
 * RFC 8224 §8.3: numbers that cannot be E.164 stay as dialled. Three digits or fewer: 911, 112, the
 * N11 codes and their national cousins (999, 000). "#" and "*": a feature code.
 */
static bool is_service_code(const struct number *number)
{
	return number->n <= 3 || memchr(number->text, '#', number->n) != NULL ||
	       memchr(number->text, '*', number->n) != NULL;
}

/* RFC 3966 §5.1.5: a global phone-context completes a local number. */
static enum cid_tn apply_context(struct number *number, struct callerid_span context)
{
	struct number prefix;

	if (context.n == 0 || context.p[0] != '+')
		return CID_TN_OK; /* a domain: says whose number it is, not what is missing */
	if (collect(context, &prefix) != CID_TN_OK)
		return CID_TN_NOT;
	return replace(number, 0, prefix.text, prefix.n);
}

/* RFC 8224 §8.3: "adding a country code if necessary", by the trunk's rules. */
static enum cid_tn apply_plan(struct number *number, const struct callerid_dialplan *plan)
{
	size_t inter = prefix_length(number, plan->international_prefix);
	size_t national = prefix_length(number, plan->national_prefix);
	const char *cc = plan->country_code == NULL ? "" : plan->country_code;

	/* "00" also starts with "0": the longer prefix is the one that was dialled. */
	if (inter > 0 && inter >= national)
		return replace(number, inter, "", 0);
	if (cc[0] == '\0')
		return CID_TN_OK;
	return replace(number, national, cc, strlen(cc));
}

enum cid_tn cid_tn_canonical(struct callerid_span text, struct callerid_span context,
			     const struct callerid_dialplan *plan, char tn_out[CALLERID_TN_MAX + 1])
{
	struct number number;
	enum cid_tn result = collect(text, &number);

	if (result == CID_TN_OK && !number.global && !is_service_code(&number)) {
		result = apply_context(&number, context);
		if (result == CID_TN_OK && !number.global && plan != NULL)
			result = apply_plan(&number, plan);
	}
	if (result != CID_TN_OK)
		return result;
	memcpy(tn_out, number.text, number.n);
	tn_out[number.n] = '\0';
	return CID_TN_OK;
}
