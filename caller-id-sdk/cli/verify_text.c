/* SPDX-License-Identifier: Apache-2.0 */
/* What a question says in texts with a meaning of their own: the same for options and batches. */
#include "verify.h"

#include <string.h>

static bool refuse(char problem[OPT_ERROR_MAX], const char *name, const char *what)
{
	snprintf(problem, OPT_ERROR_MAX, "%s: %s", name, what);
	return false;
}

/* A party that cannot be read is refused: "not given" would mean something else. */
static bool set_party(struct callerid_party *party, const struct callerid_span *text,
		      const char *name, char problem[OPT_ERROR_MAX])
{
	struct callerid_error err = {0};

	if (callerid_party_parse(text->p, text->n, NULL, party, &err) == CALLERID_OK)
		return true;
	return refuse(problem, name, err.text);
}

static bool set_also_from(struct verify_question *question, const struct callerid_span *text,
			  char problem[OPT_ERROR_MAX])
{
	return set_party(&question->also_from, text, "also-from", problem);
}

static bool set_request_uri(struct verify_question *question, const struct callerid_span *text,
			    char problem[OPT_ERROR_MAX])
{
	return set_party(&question->request_uri, text, "request-uri", problem);
}

static bool set_resource_priority(struct verify_question *question,
				  const struct callerid_span *text, char problem[OPT_ERROR_MAX])
{
	if (question->n_resource_priority == VERIFY_PARTS_MAX)
		return refuse(problem, "resource-priority", "more than 16 values");
	question->resource_priority[question->n_resource_priority++] = *text;
	return true;
}

/* Both sides of "A=B", neither empty and B at most max bytes. */
static bool split(const struct callerid_span *text, size_t max, struct callerid_span *left,
		  struct callerid_span *right)
{
	const char *equals = text->n > 0 ? memchr(text->p, '=', text->n) : NULL;

	if (equals == NULL)
		return false;
	*left = (struct callerid_span){text->p, (size_t)(equals - text->p)};
	*right = (struct callerid_span){equals + 1, text->n - left->n - 1};
	return left->n > 0 && right->n > 0 && right->n <= max;
}

static bool set_spc(struct verify_question *question, const struct callerid_span *text,
		    char problem[OPT_ERROR_MAX])
{
	struct verify_code *code = &question->code[question->n_codes];
	struct callerid_span tn, spc;

	if (question->n_codes == VERIFY_CODES_MAX)
		return refuse(problem, "spc", "more than 64 numbers");
	if (!split(text, CALLERID_SPC_MAX, &tn, &spc) ||
	    callerid_party_parse(tn.p, tn.n, NULL, &code->tn, NULL) != CALLERID_OK ||
	    code->tn.kind != CALLERID_PARTY_TN)
		return refuse(problem, "spc", "allowed is TN=CODE, CODE of 1 to 15 characters");
	memcpy(code->code, spc.p, spc.n);
	code->code[spc.n] = '\0';
	question->n_codes++;
	return true;
}

static bool set_namespace(struct verify_question *question, const struct callerid_span *text,
			  char problem[OPT_ERROR_MAX])
{
	struct verify_namespace *namespace = &question->namespace[question->n_namespaces];
	struct callerid_span list, name;

	if (question->n_namespaces == VERIFY_PARTS_MAX)
		return refuse(problem, "namespace", "more than 16 of them");
	/* A list added with --anchor is named by its file. */
	if (!split(text, CALLERID_RPH_LEN, &list, &name) || list.n > CALLERID_LIST_NAME_MAX)
		return refuse(problem, "namespace", "allowed is LIST=NAME, as in sti-pa=ets");
	memcpy(namespace->list, list.p, list.n);
	namespace->list[list.n] = '\0';
	memcpy(namespace->name, name.p, name.n);
	namespace->name[name.n] = '\0';
	question->n_namespaces++;
	return true;
}

/* RFC 9796 §6: the first call-reason is the call's. A field may hold several values. */
static bool set_call_info(struct verify_question *question, const struct callerid_span *text,
			  char problem[OPT_ERROR_MAX])
{
	struct callerid_span rest = *text, value;
	struct callerid_callinfo info;
	struct callerid_error err = {0};

	while (callerid_identity_next(&rest, &value)) {
		if (callerid_callinfo_parse(value.p, value.n, &info, &err) != CALLERID_OK)
			return refuse(problem, "call-info", err.text);
		if (question->call_reason[0] == '\0')
			memcpy(question->call_reason, info.reason, sizeof(info.reason));
	}
	return true;
}

bool verify_set_text(struct verify_question *question, const char *name,
		     const struct callerid_span *text, char problem[OPT_ERROR_MAX])
{
	static const struct {
		const char *name;
		bool (*set)(struct verify_question *question, const struct callerid_span *text,
			    char problem[OPT_ERROR_MAX]);
	} rows[] = {
		{"also-from", set_also_from},
		{"request-uri", set_request_uri},
		{"resource-priority", set_resource_priority},
		{"spc", set_spc},
		{"namespace", set_namespace},
		{"call-info", set_call_info},
	};

	if (memchr(text->p, '\0', text->n) != NULL)
		return refuse(problem, name, "a NUL stands in it");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].set(question, text, problem);
	return refuse(problem, name, "not a text");
}
