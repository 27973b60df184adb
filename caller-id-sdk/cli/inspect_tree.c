/* SPDX-License-Identifier: Apache-2.0 */
/* Draws PASSporTs as a tree, by what they say of themselves: nothing here is proven. */
#include "inspect.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include <callerid/date.h>
#include <callerid/passport.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SHOWN_MAX 300 /* characters of one text */

void inspect_indent(char prefix_out[INSPECT_PREFIX_MAX], const char *prefix, bool last)
{
	snprintf(prefix_out, INSPECT_PREFIX_MAX, "%s%-*s", prefix, INSPECT_INDENT, last ? "" : "|");
}

void inspect_line(const char *prefix, const char *label, const char *text)
{
	printf("%s%-*s", prefix, *text != '\0' ? 9 : 0, label);
	for (size_t i = 0; text[i] != '\0' && i < SHOWN_MAX; i++)
		putchar(isprint((unsigned char)text[i]) ? text[i] : '?');
	putchar('\n');
}

void inspect_time(const char *prefix, const char *label, int64_t at, int64_t now)
{
	static const struct {
		int64_t below, unit;
		const char *name;
	} units[] = {
		{120, 1, "s"}, {7200, 60, "min"}, {172800, 3600, "h"}, {INT64_MAX, 86400, "d"}};
	char date[CALLERID_DATE_LEN + 1], text[CALLERID_DATE_LEN + 40];
	int64_t age;
	size_t i = 0;

	/* The formatter refuses what has no four-digit year, so the difference cannot overflow. */
	if (callerid_date_format(at, date) != CALLERID_OK)
		return;
	age = now > at ? now - at : at - now;
	while (age >= units[i].below)
		i++;
	snprintf(text, sizeof(text), "%s, %s%" PRId64 " %s%s", date, now < at ? "in " : "",
		 age / units[i].unit, units[i].name, now < at ? "" : " ago");
	inspect_line(prefix, label, text);
}

static const char *ppt_of(const struct inspect_passport *passport)
{
	const char *ppt = json_string_value(json_object_get(passport->header, "ppt"));

	/* RFC 8225 §7: the compact form says it beside the token. */
	if (ppt == NULL)
		ppt = json_string_value(json_object_get(passport->parameters, "ppt"));
	return ppt != NULL ? ppt : "";
}

/* Whether identities, as dest has them, hold the one of div. */
static bool holds(json_t *identities, json_t *div)
{
	static const char *const kinds[] = {"tn", "uri"};

	for (size_t k = 0; k < COUNT(kinds); k++) {
		json_t *wanted = json_object_get(div, kinds[k]);
		json_t *list = json_object_get(identities, kinds[k]);

		for (size_t i = 0; wanted != NULL && i < json_array_size(list); i++)
			if (json_equal(json_array_get(list, i), wanted))
				return true;
	}
	return false;
}

/* RFC 8946 §4.2: div was a dest of what it continues, and orig is the same. */
static bool continues(const struct inspect_passport *later, const struct inspect_passport *earlier)
{
	static const char *const types[] = {"", "shaken", "msec", "div", "div-o"};
	bool may = false;

	for (size_t i = 0; i < COUNT(types); i++)
		may = may || strcmp(types[i], ppt_of(earlier)) == 0;
	return may &&
	       json_equal(json_object_get(later->claims, "orig"),
			  json_object_get(earlier->claims, "orig")) &&
	       holds(json_object_get(earlier->claims, "dest"),
		     json_object_get(later->claims, "div"));
}

/* What passport i continues; i itself when that is nothing here. */
static size_t parent_of(const struct inspect_set *set, size_t i)
{
	const struct inspect_passport *passport = &set->passport[i];

	if (passport->opt >= 0)
		return (size_t)passport->opt;
	if (json_object_get(passport->claims, "div") == NULL)
		return i;
	for (size_t k = 0; k < set->n; k++)
		if (k != i && continues(passport, &set->passport[k]))
			return k;
	return i;
}

/* {"tn":...}: each identity a line; one or a list of them. */
static void draw_party(const char *prefix, const char *label, json_t *object)
{
	const char *kind;
	json_t *value;

	json_object_foreach(object, kind, value)
	{
		if (strcmp(kind, "tn") != 0 && strcmp(kind, "uri") != 0)
			continue;
		if (!json_is_array(value))
			inspect_line(prefix, label,
				     json_is_string(value) ? json_string_value(value) : "?");
		for (size_t i = 0; i < json_array_size(value) && i < CALLERID_DEST_MAX; i++) {
			const char *text = json_string_value(json_array_get(value, i));

			inspect_line(prefix, label, text != NULL ? text : "?");
		}
	}
}

static void draw_attest(const char *prefix, json_t *attest)
{
	static const struct {
		const char *value, *meaning;
	} rows[] = {
		{"A", "A: the customer is known and may use this number"},
		{"B", "B: the customer is known, the number is not"},
		{"C", "C: only the point of entry is known"},
	};
	const char *value = json_string_value(attest);

	for (size_t i = 0; value != NULL && i < COUNT(rows); i++)
		if (strcmp(value, rows[i].value) == 0)
			inspect_line(prefix, "attest", rows[i].meaning);
}

static void draw_texts(const char *prefix, json_t *object, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_object_get(object, names[i]));

		if (text != NULL)
			inspect_line(prefix, names[i], text);
	}
}

static void draw_count(const char *prefix, const char *label, size_t n, const char *what)
{
	char text[60];

	if (n == 0)
		return;
	snprintf(text, sizeof(text), "%zu %s%s", n, what, n == 1 ? "" : "s");
	inspect_line(prefix, label, text);
}

static void draw_claims(const char *prefix, const struct inspect_passport *passport, int64_t now)
{
	static const char *const own[] = {"origid", "iss", "crn", "sph"};
	static const char *const rich[] = {"nam", "apn", "icn", "jcl"};
	json_t *claims = passport->claims, *rcd = json_object_get(claims, "rcd");
	json_t *div = json_object_get(claims, "div"), *iat = json_object_get(claims, "iat");
	json_t *auth = json_object_get(json_object_get(claims, "rph"), "auth");

	draw_party(prefix, "from", json_object_get(claims, "orig"));
	draw_party(prefix, "diverted", div);
	draw_party(prefix, "to", json_object_get(claims, "dest"));
	draw_texts(prefix, div, (const char *const[]){"hi"}, 1);
	draw_attest(prefix, json_object_get(claims, "attest"));
	draw_texts(prefix, claims, own, COUNT(own));
	draw_texts(prefix, rcd, rich, COUNT(rich));
	if (json_object_get(rcd, "jcd") != NULL)
		inspect_line(prefix, "jcd", "a jCard, inside");
	draw_count(prefix, "rcdi", json_object_size(json_object_get(claims, "rcdi")), "digest");
	draw_count(prefix, "mky", json_array_size(json_object_get(claims, "mky")), "media key");
	for (size_t i = 0; i < json_array_size(auth) && i < CALLERID_RPH_MAX; i++) {
		const char *text = json_string_value(json_array_get(auth, i));

		inspect_line(prefix, "rph", text != NULL ? text : "?");
	}
	if (json_is_integer(iat))
		inspect_time(prefix, "signed", json_integer_value(iat), now);
	draw_texts(prefix, passport->header, (const char *const[]){"x5u"}, 1);
	if (passport->compact)
		inspect_line(prefix, "compact", "header and claims are left to the signalling");
}

/* What remains to be drawn, and what continues what. */
struct drawing {
	const struct inspect_set *set;
	size_t parent[INSPECT_PASSPORTS_MAX];
	bool drawn[INSPECT_PASSPORTS_MAX];
};

/* The next passport after i, from -1, that hangs below parent; -1: there is none. */
static int next_below(const struct drawing *drawing, int parent, int i)
{
	for (i++; i < (int)drawing->set->n; i++)
		if (!drawing->drawn[i] && drawing->parent[i] == (size_t)parent && i != parent)
			return i;
	return -1;
}

static void draw_passport(struct drawing *drawing, size_t i, const char *prefix, bool last)
{
	const struct inspect_passport *passport = &drawing->set->passport[i];
	const char *ppt = ppt_of(passport);
	char below[INSPECT_PREFIX_MAX], head[INSPECT_PREFIX_MAX + 4];
	int child;

	drawing->drawn[i] = true; /* a loop of forwards ends here */
	snprintf(head, sizeof(head), "%s%s", prefix, last ? "`- " : "|- ");
	inspect_line(head, *ppt != '\0' ? ppt : "base", passport->inner ? "(inside div-o)" : "");
	inspect_indent(below, prefix, last);
	draw_claims(below, passport, drawing->set->now);
	if (json_object_get(passport->claims, "div") != NULL && drawing->parent[i] == i)
		inspect_line(below, "follows", "none of these");
	child = next_below(drawing, (int)i, -1);
	while (child >= 0) {
		int next = next_below(drawing, (int)i, child);

		draw_passport(drawing, (size_t)child, below, next < 0);
		child = next;
	}
}

/* The next that has to be drawn at the top, after i: one that continues nothing; with all set, any
 * that is left, which only loops leave. */
static int next_top(const struct drawing *drawing, int i, bool all)
{
	for (i++; i < (int)drawing->set->n; i++)
		if (!drawing->drawn[i] && (all || drawing->parent[i] == (size_t)i))
			return i;
	return -1;
}

void inspect_draw(const struct inspect_set *set)
{
	struct drawing drawing = {.set = set};
	int i, next;

	for (size_t k = 0; k < set->n; k++)
		drawing.parent[k] = parent_of(set, k);
	puts("says, unproven:");
	for (i = next_top(&drawing, -1, false); i >= 0; i = next) {
		next = next_top(&drawing, i, false);
		draw_passport(&drawing, (size_t)i, "", next < 0);
	}
	while ((i = next_top(&drawing, -1, true)) >= 0)
		draw_passport(&drawing, (size_t)i, "", true);
}
