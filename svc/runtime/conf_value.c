/* SPDX-License-Identifier: Apache-2.0 */
/* The types of options: text to value, value to text, comparison, and what is allowed. */
#include "svc/runtime/conf_private.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct value {
	struct conf *conf;
	const struct conf_option *option;
	const char *text;
	struct conf_reason *reason;
};

struct value_type {
	const char *name;
	bool (*parse)(const struct value *v, void *slot);
	bool (*format)(const struct conf_option *option, const void *slot, size_t i, char *out,
		       size_t size);
	bool (*equal)(const void *a, const void *b);
	void (*allowed)(const struct conf_option *option, char *out, size_t size);
};

static const struct {
	const char *name;
	int64_t ms;
} units[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

static const struct {
	const char *name;
	bool value;
} booleans[] = {{"yes", true}, {"no", false},  {"true", true}, {"false", false},
		{"on", true},  {"off", false}, {"1", true},    {"0", false}};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool refuse(const struct value *v, const char *wrong)
{
	snprintf(v->reason->wrong, sizeof(v->reason->wrong), "\"%.60s\" %s", v->text, wrong);
	conf_value_allowed(v->option, v->reason->allowed, sizeof(v->reason->allowed));
	return false;
}

static bool no_memory(const struct value *v)
{
	snprintf(v->reason->wrong, sizeof(v->reason->wrong), "no memory");
	v->reason->allowed[0] = '\0';
	return false;
}

static bool checked(const struct value *v)
{
	const char *allowed = v->option->check ? v->option->check(v->text) : NULL;
	if (!allowed)
		return true;
	refuse(v, "is not allowed");
	snprintf(v->reason->allowed, sizeof(v->reason->allowed), "%s", allowed);
	return false;
}

/* Decimal digits with an optional sign; *end_out is what follows them. */
static bool number_parse(const char *text, int64_t *number_out, char **end_out)
{
	const char *digits = text[0] == '-' ? text + 1 : text;
	if (!isdigit((unsigned char)digits[0]))
		return false;
	errno = 0;
	long long number = strtoll(text, end_out, 10);
	*number_out = number;
	return errno == 0;
}

/* A table row without a range takes all that is not negative. */
static int64_t range_max(const struct conf_option *option)
{
	return option->min == 0 && option->max == 0 ? INT64_MAX : option->max;
}

static bool in_range(const struct conf_option *option, int64_t number)
{
	return number >= option->min && number <= range_max(option);
}

static bool string_parse(const struct value *v, void *slot)
{
	if (v->option->type == CONF_PATH && v->text[0] == '\0')
		return refuse(v, "is empty");
	if (!checked(v))
		return false;
	const char *copy = conf_copy(v->conf, v->text, strlen(v->text));
	if (!copy)
		return no_memory(v);
	*(const char **)slot = copy;
	return true;
}

static bool string_format(const struct conf_option *option, const void *slot, size_t i, char *out,
			  size_t size)
{
	(void)option;
	const char *text = *(const char *const *)slot;
	if (!text || i > 0)
		return false;
	snprintf(out, size, "%s", text);
	return true;
}

static bool string_equal(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	return x == y || (x && y && strcmp(x, y) == 0);
}

static void string_allowed(const struct conf_option *option, char *out, size_t size)
{
	snprintf(out, size, "%s", option->type == CONF_PATH ? "a path" : "");
}

static bool bool_parse(const struct value *v, void *slot)
{
	for (size_t i = 0; i < COUNT(booleans); i++) {
		if (strcasecmp(v->text, booleans[i].name) == 0) {
			*(bool *)slot = booleans[i].value;
			return checked(v);
		}
	}
	return refuse(v, "is neither yes nor no");
}

static bool bool_format(const struct conf_option *option, const void *slot, size_t i, char *out,
			size_t size)
{
	(void)option;
	snprintf(out, size, "%s", *(const bool *)slot ? "yes" : "no");
	return i == 0;
}

static bool bool_equal(const void *a, const void *b)
{
	return *(const bool *)a == *(const bool *)b;
}

static void bool_allowed(const struct conf_option *option, char *out, size_t size)
{
	(void)option;
	snprintf(out, size, "yes, no, true, false, on, off, 1, 0");
}

static bool int_parse(const struct value *v, void *slot)
{
	int64_t number;
	char *end;
	if (!number_parse(v->text, &number, &end) || *end)
		return refuse(v, "is not a whole number");
	if (!in_range(v->option, number))
		return refuse(v, "is out of range");
	*(int64_t *)slot = number;
	return checked(v);
}

static bool int_format(const struct conf_option *option, const void *slot, size_t i, char *out,
		       size_t size)
{
	(void)option;
	snprintf(out, size, "%" PRId64, *(const int64_t *)slot);
	return i == 0;
}

static bool int_equal(const void *a, const void *b)
{
	return *(const int64_t *)a == *(const int64_t *)b;
}

static void int_allowed(const struct conf_option *option, char *out, size_t size)
{
	const char *unit = option->unit ? option->unit : "";
	snprintf(out, size, "%" PRId64 "..%" PRId64 "%s%s", option->min, range_max(option),
		 unit[0] ? " " : "", unit);
}

static bool duration_parse(const struct value *v, void *slot)
{
	int64_t number, ms = -1;
	char *end;
	if (!number_parse(v->text, &number, &end))
		return refuse(v, "is not a duration");
	for (size_t i = 0; i < COUNT(units) && ms < 0; i++) {
		if (strcmp(end, units[i].name) == 0 &&
		    (number < 0 || __builtin_mul_overflow(number, units[i].ms, &ms)))
			return refuse(v, "is out of range");
	}
	if (ms < 0)
		return refuse(v, "has no unit that is known (ms, s, m, h)");
	if (!in_range(v->option, ms))
		return refuse(v, "is out of range");
	*(int64_t *)slot = ms;
	return checked(v);
}

static void duration_text(int64_t ms, char *out, size_t size)
{
	size_t i = 0;
	while (i + 1 < COUNT(units) && (ms == 0 || ms % units[i].ms))
		i++;
	snprintf(out, size, "%" PRId64 "%s", ms / units[i].ms, units[i].name);
}

static bool duration_format(const struct conf_option *option, const void *slot, size_t i, char *out,
			    size_t size)
{
	(void)option;
	duration_text(*(const int64_t *)slot, out, size);
	return i == 0;
}

static void duration_allowed(const struct conf_option *option, char *out, size_t size)
{
	char min[32], max[32] = "any";
	duration_text(option->min, min, sizeof(min));
	if (range_max(option) != INT64_MAX)
		duration_text(option->max, max, sizeof(max));
	snprintf(out, size, "%s..%s", min, max);
}

static bool choice_parse(const struct value *v, void *slot)
{
	for (int i = 0; v->option->choices[i]; i++) {
		if (strcmp(v->text, v->option->choices[i]) == 0) {
			*(int *)slot = i;
			return checked(v);
		}
	}
	return refuse(v, "is not one of the choices");
}

static bool choice_format(const struct conf_option *option, const void *slot, size_t i, char *out,
			  size_t size)
{
	snprintf(out, size, "%s", option->choices[*(const int *)slot]);
	return i == 0;
}

static bool choice_equal(const void *a, const void *b)
{
	return *(const int *)a == *(const int *)b;
}

static void choice_allowed(const struct conf_option *option, char *out, size_t size)
{
	size_t used = 0;
	out[0] = '\0';
	for (size_t i = 0; option->choices[i] && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "",
					 option->choices[i]);
}

static bool port_parse(const char *text, int64_t *port_out)
{
	char *end;
	return text[0] != '-' && number_parse(text, port_out, &end) && !*end && *port_out <= 65535;
}

static bool address_split(const char *text, char *host, size_t size, int64_t *port_out)
{
	const char *colon = strrchr(text, ':');
	unsigned char binary[16];
	if (!colon || !port_parse(colon + 1, port_out))
		return false;
	bool v6 = text[0] == '[';
	size_t len = (size_t)(colon - text);
	if (v6 && (len < 2 || text[len - 1] != ']'))
		return false;
	const char *begin = v6 ? text + 1 : text;
	len -= v6 ? 2 : 0;
	if (len >= size)
		return false;
	memcpy(host, begin, len);
	host[len] = '\0';
	return inet_pton(v6 ? AF_INET6 : AF_INET, host, binary) == 1;
}

/* Empty text takes back a default: no address. */
static bool address_parse(const struct value *v, void *slot)
{
	struct conf_address *address = slot;
	char host[INET6_ADDRSTRLEN];
	int64_t port;
	*address = (struct conf_address){0};
	if (v->text[0] == '\0')
		return true;
	if (!address_split(v->text, host, sizeof(host), &port))
		return refuse(v, "is not a literal address and port");
	if (!checked(v))
		return false;
	address->host = conf_copy(v->conf, host, strlen(host));
	address->port = (uint16_t)port;
	return address->host ? true : no_memory(v);
}

static bool address_format(const struct conf_option *option, const void *slot, size_t i, char *out,
			   size_t size)
{
	(void)option;
	const struct conf_address *address = slot;
	if (!address->host)
		out[0] = '\0';
	else
		snprintf(out, size, strchr(address->host, ':') ? "[%s]:%u" : "%s:%u", address->host,
			 address->port);
	return i == 0;
}

static bool address_equal(const void *a, const void *b)
{
	const struct conf_address *x = a, *y = b;
	return x->port == y->port && string_equal(&x->host, &y->host);
}

static void address_allowed(const struct conf_option *option, char *out, size_t size)
{
	(void)option;
	snprintf(out, size, "address:port, as 127.0.0.1:5060 or [::1]:5060; port 0: any free one");
}

static bool list_add(const struct value *v, struct conf_list *list, size_t len)
{
	char text[CONF_LINE_MAX + 1];
	const struct value item = {v->conf, v->option, text, v->reason};
	snprintf(text, sizeof(text), "%.*s", (int)len, v->text);
	if (len == 0)
		return refuse(v, "has an empty value in a list");
	if (list->n >= CONF_LIST_MAX)
		return refuse(v, "is one value too many");
	if (!checked(&item))
		return false;
	const char **items = (const char **)list->items;
	if ((list->n & (list->n - 1)) == 0) { /* full at every power of two */
		items = conf_alloc(v->conf, (list->n ? 2 * list->n : 1) * sizeof(*items));
		if (!items)
			return no_memory(v);
		for (size_t i = 0; i < list->n; i++)
			items[i] = list->items[i];
	}
	items[list->n] = conf_copy(v->conf, text, strlen(text));
	if (!items[list->n])
		return no_memory(v);
	list->items = items;
	list->n++;
	return true;
}

static bool list_parse(const struct value *v, void *slot)
{
	const char *p = v->text;
	if (*p == '\0')
		return true;
	for (;;) {
		p += strspn(p, " \t");
		size_t whole = strcspn(p, ","), len = whole;
		while (len > 0 && (p[len - 1] == ' ' || p[len - 1] == '\t'))
			len--;
		const struct value item = {v->conf, v->option, p, v->reason};
		if (!list_add(&item, slot, len))
			return false;
		if (p[whole] == '\0')
			return true;
		p += whole + 1;
	}
}

static bool list_format(const struct conf_option *option, const void *slot, size_t i, char *out,
			size_t size)
{
	(void)option;
	const struct conf_list *list = slot;
	if (i > 0 && i >= list->n)
		return false;
	snprintf(out, size, "%s", list->n ? list->items[i] : "");
	return true;
}

static bool list_equal(const void *a, const void *b)
{
	const struct conf_list *x = a, *y = b;
	for (size_t i = 0; x->n == y->n && i < x->n; i++) {
		if (strcmp(x->items[i], y->items[i]) != 0)
			return false;
	}
	return x->n == y->n;
}

static void list_allowed(const struct conf_option *option, char *out, size_t size)
{
	(void)option;
	snprintf(out, size, "values separated by commas");
}

static const struct value_type types[] = {
	[CONF_STRING] = {"text", string_parse, string_format, string_equal, string_allowed},
	[CONF_PATH] = {"path", string_parse, string_format, string_equal, string_allowed},
	[CONF_BOOL] = {"yes or no", bool_parse, bool_format, bool_equal, bool_allowed},
	[CONF_INT] = {"number", int_parse, int_format, int_equal, int_allowed},
	[CONF_DURATION] = {"duration", duration_parse, duration_format, int_equal,
			   duration_allowed},
	[CONF_CHOICE] = {"choice", choice_parse, choice_format, choice_equal, choice_allowed},
	[CONF_ADDRESS] = {"address", address_parse, address_format, address_equal, address_allowed},
	[CONF_LIST] = {"list", list_parse, list_format, list_equal, list_allowed},
};

bool conf_value_parse(struct conf *conf, const struct conf_option *option, const char *text,
		      void *slot, struct conf_reason *reason)
{
	const struct value v = {conf, option, text, reason};
	if (option->required && text[0] == '\0')
		return refuse(&v, "is empty");
	return types[option->type].parse(&v, slot);
}

bool conf_value_equal(const struct conf_option *option, const void *a, const void *b)
{
	return types[option->type].equal(a, b);
}

bool conf_value_format(const struct conf_option *option, const void *slot, size_t i, char *text_out,
		       size_t size)
{
	return types[option->type].format(option, slot, i, text_out, size);
}

const char *conf_value_type(const struct conf_option *option)
{
	return types[option->type].name;
}

void conf_value_allowed(const struct conf_option *option, char *text_out, size_t size)
{
	types[option->type].allowed(option, text_out, size);
}
