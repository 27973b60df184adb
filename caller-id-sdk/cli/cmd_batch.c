/* SPDX-License-Identifier: Apache-2.0 */
/* attestel passport verify --batch: one JSON object a line in, one a line out, whatever comes. */
#include "verify.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define EPOCH_MAX   253402300799
#define MAX_AGE_MAX VERIFY_AGE_MAX

/* Why a line cannot be answered with a verdict. */
struct complaint {
	char text[OPT_ERROR_MAX];
};

__attribute__((format(printf, 2, 3))) static bool complain(struct complaint *why,
							   const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(why->text, sizeof(why->text), format, list);
	va_end(list);
	return false;
}

static bool take_span(json_t *value, const char *name, struct callerid_span *span,
		      struct complaint *why)
{
	if (!json_is_string(value))
		return complain(why, "%s: a string is needed", name);
	*span = (struct callerid_span){json_string_value(value), json_string_length(value)};
	return true;
}

static bool take_from(json_t *value, struct verify_question *question, struct complaint *why)
{
	return take_span(value, "from", &question->from, why);
}

static bool take_to(json_t *value, struct verify_question *question, struct complaint *why)
{
	return take_span(value, "to", &question->to, why);
}

static bool take_date(json_t *value, struct verify_question *question, struct complaint *why)
{
	return take_span(value, "date", &question->date, why);
}

static bool take_identity(json_t *value, struct verify_question *question, struct complaint *why)
{
	size_t n = json_is_array(value) ? json_array_size(value) : 1;

	if (n > VERIFY_VALUES_MAX)
		return complain(why, "identity: at most %d values", VERIFY_VALUES_MAX);
	for (size_t i = 0; i < n; i++) {
		json_t *one = json_is_array(value) ? json_array_get(value, i) : value;

		if (!json_is_string(one))
			return complain(why, "identity: a string or an array of strings is needed");
		verify_question_add(question, json_string_value(one), json_string_length(one));
	}
	return true;
}

static bool take_integer(json_t *value, int64_t min, int64_t max, int64_t *to)
{
	if (!json_is_integer(value) || json_integer_value(value) < min ||
	    json_integer_value(value) > max)
		return false;
	*to = json_integer_value(value);
	return true;
}

static bool take_now(json_t *value, struct verify_question *question, struct complaint *why)
{
	return take_integer(value, 0, EPOCH_MAX, &question->now) ||
	       complain(why, "now: an integer from 0 to %lld is needed", (long long)EPOCH_MAX);
}

static bool take_max_age(json_t *value, struct verify_question *question, struct complaint *why)
{
	return take_integer(value, 1, MAX_AGE_MAX, &question->policy.max_age_s) ||
	       complain(why, "max_age: an integer from 1 to %d is needed", MAX_AGE_MAX);
}

static bool take_max_diverted(json_t *value, struct verify_question *question,
			      struct complaint *why)
{
	return take_integer(value, 1, MAX_AGE_MAX, &question->policy.max_diverted_age_s) ||
	       complain(why, "max_diverted_age: an integer from 1 to %d is needed", MAX_AGE_MAX);
}

static bool take_count(json_t *value, int64_t max, unsigned *to)
{
	int64_t number = 0;

	if (!take_integer(value, 1, max, &number))
		return false;
	*to = (unsigned)number;
	return true;
}

static bool take_signatures(json_t *value, struct verify_question *question, struct complaint *why)
{
	return take_count(value, CALLERID_PASSPORTS_MAX, &question->policy.max_signatures) ||
	       complain(why, "max_signatures: an integer from 1 to %d is needed",
			CALLERID_PASSPORTS_MAX);
}

static bool take_cost(json_t *value, struct verify_question *question, struct complaint *why)
{
	return take_count(value, VERIFY_COST_MAX, &question->policy.max_cost) ||
	       complain(why, "max_cost: an integer from 1 to %d is needed", VERIFY_COST_MAX);
}

static bool take_flag(json_t *value, const char *name, bool *flag, struct complaint *why)
{
	if (!json_is_boolean(value))
		return complain(why, "%s: true or false is needed", name);
	*flag = json_is_true(value);
	return true;
}

static bool take_accept_spc(json_t *value, struct verify_question *question, struct complaint *why)
{
	return take_flag(value, "accept_spc", &question->policy.accept_spc, why);
}

static bool take_accept_x5c(json_t *value, struct verify_question *question, struct complaint *why)
{
	return take_flag(value, "accept_x5c", &question->policy.accept_x5c, why);
}

static bool take_accept_tn_list(json_t *value, struct verify_question *question,
				struct complaint *why)
{
	return take_flag(value, "accept_tn_list", &question->policy.accept_tn_list, why);
}

static bool take_require_crl(json_t *value, struct verify_question *question, struct complaint *why)
{
	return take_flag(value, "require_crl", &question->policy.require_crl, why);
}

static bool take_sdp(json_t *value, struct verify_question *question, struct complaint *why)
{
	return take_span(value, "sdp", &question->sdp, why);
}

static bool take_priority(json_t *value, struct verify_question *question, struct complaint *why)
{
	return take_span(value, "priority", &question->priority, why);
}

static bool take_display_name(json_t *value, struct verify_question *question,
			      struct complaint *why)
{
	return take_span(value, "display_name", &question->display_name, why);
}

/* A text or an array of texts, each spelled as the option of that name is. */
static bool take_texts(json_t *value, const char *option, struct verify_question *question,
		       struct complaint *why)
{
	size_t n = json_is_array(value) ? json_array_size(value) : 1;

	for (size_t i = 0; i < n; i++) {
		json_t *one = json_is_array(value) ? json_array_get(value, i) : value;
		struct callerid_span text;

		if (!take_span(one, option, &text, why) ||
		    !verify_set_text(question, option, &text, why->text))
			return false;
	}
	return true;
}

static bool take_also_from(json_t *value, struct verify_question *question, struct complaint *why)
{
	return take_texts(value, "also-from", question, why);
}

static bool take_request_uri(json_t *value, struct verify_question *question, struct complaint *why)
{
	return take_texts(value, "request-uri", question, why);
}

/* What a line says of these takes the place of what the options said. */
static bool take_resource_priority(json_t *value, struct verify_question *question,
				   struct complaint *why)
{
	question->n_resource_priority = 0;
	return take_texts(value, "resource-priority", question, why);
}

static bool take_spc(json_t *value, struct verify_question *question, struct complaint *why)
{
	question->n_codes = 0;
	return take_texts(value, "spc", question, why);
}

static bool take_namespace(json_t *value, struct verify_question *question, struct complaint *why)
{
	question->n_namespaces = 0;
	return take_texts(value, "namespace", question, why);
}

static bool take_call_info(json_t *value, struct verify_question *question, struct complaint *why)
{
	question->call_reason[0] = '\0';
	return take_texts(value, "call-info", question, why);
}

static bool take_checks(json_t *value, struct verify_question *question, struct complaint *why)
{
	const char *name;
	json_t *mode;

	if (!json_is_object(value))
		return complain(why, "checks: an object {NAME: off|warn|enforce} is needed");
	json_object_foreach(value, name, mode)
	{
		if (!json_is_string(mode))
			return complain(why, "checks: each mode is a string");
		if (!verify_set_check(&question->policy, name, json_string_value(mode), why->text))
			return false;
	}
	return true;
}

static const struct field {
	const char *name;
	bool (*take)(json_t *value, struct verify_question *question, struct complaint *why);
} fields[] = {
	{"identity", take_identity},
	{"from", take_from},
	{"to", take_to},
	{"now", take_now},
	{"max_age", take_max_age},
	{"date", take_date},
	{"accept_spc", take_accept_spc},
	{"checks", take_checks},
	{"also_from", take_also_from},
	{"request_uri", take_request_uri},
	{"sdp", take_sdp},
	{"resource_priority", take_resource_priority},
	{"priority", take_priority},
	{"display_name", take_display_name},
	{"require_crl", take_require_crl},
	{"accept_x5c", take_accept_x5c},
	{"accept_tn_list", take_accept_tn_list},
	{"spc", take_spc},
	{"namespace", take_namespace},
	{"max_signatures", take_signatures},
	{"max_cost", take_cost},
	{"max_diverted_age", take_max_diverted},
	{"call_info", take_call_info},
};
#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

static bool complain_unknown(struct complaint *why, const char *name)
{
	size_t used;

	complain(why, "%.40s is not a field; allowed:", name);
	for (size_t i = 0; i < N_FIELDS; i++) {
		used = strlen(why->text);
		snprintf(why->text + used, sizeof(why->text) - used, " %s", fields[i].name);
	}
	return false;
}

static bool take_field(const char *name, json_t *value, struct verify_question *question,
		       struct complaint *why)
{
	for (size_t i = 0; i < N_FIELDS; i++)
		if (strcmp(fields[i].name, name) == 0)
			/* null is how many programs write "not there" */
			return json_is_null(value) || fields[i].take(value, question, why);
	return complain_unknown(why, name);
}

/* The question borrows its texts from object. */
static bool take_object(json_t *object, struct verify_question *question, struct complaint *why)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return complain(why, "a JSON object is needed");
	json_object_foreach(object, name, value)
	{
		if (!take_field(name, value, question, why))
			return false;
	}
	if (question->from.p == NULL || question->to.p == NULL)
		return complain(why, "%s is missing", question->from.p == NULL ? "from" : "to");
	return true;
}

/* true: passed. answer is malloc'ed, NULL without memory or after a complaint. */
static bool ask(struct verify_setup *setup, struct verify_question *question, char **answer,
		struct complaint *why)
{
	struct callerid_verification *v = NULL;
	struct callerid_error err = {0};
	bool passed = false;

	if (verify_ask(setup, question, &v, &err) == CALLERID_OK) {
		const struct callerid_verdict *verdict = callerid_verification_verdict(v);

		passed = verdict->verstat == CALLERID_VERSTAT_PASSED;
		*answer = callerid_verdict_json(verdict);
	} else {
		complain(why, "%s", err.text);
	}
	callerid_verification_free(v);
	return passed;
}

static void print_complaint(const struct complaint *why)
{
	json_t *object = json_object();
	/* The text may quote half a character of the input. */
	json_t *text = json_string(why->text);
	char *line;

	if (text == NULL)
		text = json_string("the line holds what cannot be read");
	json_object_set_new(object, "error", text);
	line = json_dumps(object, JSON_COMPACT);
	puts(line != NULL ? line : "{\"error\":\"no memory\"}");
	free(line);
	json_decref(object);
}

static bool answer_line(struct verify_setup *setup, const struct verify_question *defaults,
			const struct io_lines *lines)
{
	struct complaint why = {"no memory"};
	struct verify_question question = *defaults;
	json_error_t error;
	json_t *object = NULL;
	char *answer = NULL;
	bool passed = false;

	if (lines->too_long)
		complain(&why, "the line is longer than %d bytes", IO_LINE_MAX);
	else if ((object = json_loadb(lines->line, lines->n,
				      JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error)) == NULL)
		complain(&why, "not JSON: %s", error.text);
	else if (take_object(object, &question, &why))
		passed = ask(setup, &question, &answer, &why);
	if (answer != NULL)
		puts(answer);
	else
		print_complaint(&why);
	free(answer);
	json_decref(object);
	return passed;
}

enum cli_exit verify_batch(struct verify_setup *setup, const struct verify_question *defaults)
{
	struct io_lines lines;
	bool all_passed = true;

	io_say_waiting();
	if (!io_lines_open(stdin, &lines))
		return cli_say(CLI_FAILED, "no memory");
	while (io_lines_next(&lines)) {
		all_passed = answer_line(setup, defaults, &lines) && all_passed;
		if (fflush(stdout) != 0)
			break;
	}
	io_lines_close(&lines);
	return all_passed ? CLI_OK : CLI_FAILED;
}
