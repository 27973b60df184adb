/* SPDX-License-Identifier: Apache-2.0 */
/* One verification as the command line asks it; "verify" and "verify --batch" share it. */
#include "verify.h"

#include <string.h>
#include <strings.h>
#include <time.h>

static bool add_cert(struct verify_setup *setup, const char *text)
{
	/* The last "=": a URL may hold one, in a query that a verdict then names as wrong. */
	const char *equals = strrchr(text, '=');
	struct verify_cert *cert = &setup->cert[setup->n_certs];

	if (equals == NULL || equals == text || equals[1] == '\0') {
		cli_say(CLI_USAGE, "--cert %.80s: allowed is URL=FILE", text);
		return false;
	}
	/* A file over the limit of a certificate is supplied too: the verdict says what is wrong.
	 */
	if (!io_read_file(equals + 1, IO_FILE_MAX, &cert->body))
		return false;
	cert->url = text;
	cert->url_len = (size_t)(equals - text);
	setup->n_certs++;
	return true;
}

static bool add_anchors(struct verify_setup *setup, const char *path)
{
	struct callerid_error err = {0};
	struct io_bytes pem = {0};
	bool ok;

	if (!io_read_file(path, IO_FILE_MAX, &pem))
		return false;
	/* Not the path: a list's name is short, and a path may be long. */
	ok = callerid_context_add_anchors(setup->ctx, "--anchor", pem.p, pem.n, &err) ==
	     CALLERID_OK;
	io_bytes_clear(&pem);
	if (!ok)
		cli_say_error(CLI_USAGE, path, &err);
	return ok;
}

/* NAME=FILE or NAME@VERSION=FILE. */
static bool add_anchor_list(struct verify_setup *setup, const char *text)
{
	const char *equals = strchr(text, '=');
	char name[2 * CALLERID_LIST_NAME_MAX + 2];
	struct callerid_error err = {0};
	struct io_bytes pem = {0};
	char *version;
	bool ok;

	if (equals == NULL || equals == text || equals[1] == '\0' ||
	    (size_t)(equals - text) >= sizeof(name)) {
		cli_say(CLI_USAGE, "--anchor-list %.80s: allowed is NAME=FILE or NAME@VERSION=FILE",
			text);
		return false;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
	version = strchr(name, '@');
	if (version != NULL)
		*version++ = '\0';
	if (!io_read_file(equals + 1, IO_FILE_MAX, &pem))
		return false;
	ok = callerid_context_set_anchors(setup->ctx, name, version, pem.p, pem.n, &err) ==
	     CALLERID_OK;
	io_bytes_clear(&pem);
	if (!ok)
		cli_say_error(CLI_USAGE, equals + 1, &err);
	return ok;
}

/* What the context takes as a PEM text. */
typedef enum callerid_status add_pem(struct callerid_context *ctx, const char *pem, size_t len,
				     struct callerid_error *err);

static bool add_file(struct verify_setup *setup, const char *path, add_pem *add)
{
	struct callerid_error err = {0};
	struct io_bytes pem = {0};
	bool ok;

	if (!io_read_file(path, IO_FILE_MAX, &pem))
		return false;
	ok = add(setup->ctx, pem.p, pem.n, &err) == CALLERID_OK;
	io_bytes_clear(&pem);
	if (!ok)
		cli_say_error(CLI_USAGE, path, &err);
	return ok;
}

static bool add_crl(struct verify_setup *setup, const char *path)
{
	return add_file(setup, path, callerid_context_add_crl);
}

static bool add_crl_issuer(struct verify_setup *setup, const char *path)
{
	return add_file(setup, path, callerid_context_add_crl_issuers);
}

static bool add_jcl(struct verify_setup *setup, const char *text)
{
	return io_contents_add(&setup->contents, "jcl", text);
}

static bool add_icon(struct verify_setup *setup, const char *text)
{
	return io_contents_add(&setup->contents, "icon", text);
}

static bool add_content(struct verify_setup *setup, const char *text)
{
	return io_contents_add(&setup->contents, "content", text);
}

static bool add_sdp(struct verify_setup *setup, const char *path)
{
	return io_read_file(path, CALLERID_SDP_MAX, &setup->sdp);
}

enum cli_exit verify_setup_open(struct verify_setup *setup, const struct args *args)
{
	static const struct {
		size_t row;
		bool (*add)(struct verify_setup *setup, const char *text);
	} sources[] = {
		{VERIFY_CERT, add_cert},
		{VERIFY_ANCHOR, add_anchors},
		{VERIFY_ANCHOR_LIST, add_anchor_list},
		{VERIFY_CRL, add_crl},
		{VERIFY_CRL_ISSUER, add_crl_issuer},
		{VERIFY_JCL, add_jcl},
		{VERIFY_ICON, add_icon},
		{VERIFY_CONTENT, add_content},
		{VERIFY_SDP, add_sdp},
	};
	/* A command verifies few calls: it needs no memory for a million of them. */
	const struct callerid_limits limits = {.cached_keys = 256, .replay_entries = 65536};
	struct callerid_error err = {0};

	memset(setup, 0, sizeof(*setup));
	if (callerid_context_new(&limits, &setup->ctx, &err) != CALLERID_OK)
		return cli_say_error(CLI_FAILED, "the verifier", &err);
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		const struct opt_given *given = &args->given[sources[i].row];

		for (size_t k = 0; k < given->n; k++)
			if (!sources[i].add(setup, given->text[k]))
				return CLI_USAGE;
	}
	return CLI_OK;
}

void verify_setup_close(struct verify_setup *setup)
{
	callerid_context_free(setup->ctx);
	for (size_t i = 0; i < setup->n_certs; i++)
		io_bytes_clear(&setup->cert[i].body);
	io_contents_clear(&setup->contents);
	io_bytes_clear(&setup->sdp);
}

bool verify_set_check(struct callerid_policy *policy, const char *name, const char *mode,
		      char problem[OPT_ERROR_MAX])
{
	enum callerid_check check;
	enum callerid_mode value;
	int n;

	if (!callerid_check_by_name(name, &check)) {
		n = snprintf(problem, OPT_ERROR_MAX, "%.40s is not a check; allowed:", name);
		for (int i = 0; i < CALLERID_CHECK_COUNT && n > 0 && n < OPT_ERROR_MAX; i++)
			n += snprintf(problem + n, OPT_ERROR_MAX - (size_t)n, " %s",
				      callerid_check_name((enum callerid_check)i));
		return false;
	}
	if (!callerid_mode_by_name(mode, &value)) {
		snprintf(problem, OPT_ERROR_MAX, "%.40s is not a mode; allowed: off warn enforce",
			 mode);
		return false;
	}
	policy->mode[check] = value;
	return true;
}

static bool add_check(struct callerid_policy *policy, const char *text)
{
	const char *equals = strchr(text, '=');
	char problem[OPT_ERROR_MAX];
	char name[41];

	if (equals == NULL) {
		cli_say(CLI_USAGE, "--check %.60s: allowed is NAME=off, NAME=warn, NAME=enforce",
			text);
		return false;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(equals - text > 40 ? 40 : equals - text), text);
	if (verify_set_check(policy, name, equals + 1, problem))
		return true;
	cli_say(CLI_USAGE, "--check: %s", problem);
	return false;
}

static struct callerid_span span_of(const char *text)
{
	return (struct callerid_span){text, text != NULL ? strlen(text) : 0};
}

/* The options that verify_set_text() reads. */
static bool set_texts(struct verify_question *question, const struct args *args)
{
	static const size_t rows[] = {VERIFY_ALSO_FROM,		VERIFY_REQUEST_URI,
				      VERIFY_RESOURCE_PRIORITY, VERIFY_SPC,
				      VERIFY_NAMESPACE,		VERIFY_CALL_INFO};
	char problem[OPT_ERROR_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct opt_given *given = &args->given[rows[i]];

		for (size_t k = 0; k < given->n; k++) {
			const struct callerid_span text = span_of(given->text[k]);

			if (verify_set_text(question, cli_verify_options[rows[i]].name, &text,
					    problem))
				continue;
			cli_say(CLI_USAGE, "--%s", problem);
			return false;
		}
	}
	return true;
}

enum cli_exit verify_question_init(struct verify_question *question, const struct args *args)
{
	const struct opt_given *checks = &args->given[VERIFY_CHECK];
	struct callerid_policy *policy = &question->policy;

	memset(question, 0, sizeof(*question));
	question->from = span_of(opt_text(args, VERIFY_FROM));
	question->to = span_of(opt_text(args, VERIFY_TO));
	question->date = span_of(opt_text(args, VERIFY_DATE));
	question->now = opt_number(args, VERIFY_NOW, time(NULL));
	question->priority = span_of(opt_text(args, VERIFY_PRIORITY));
	question->display_name = span_of(opt_text(args, VERIFY_DISPLAY_NAME));
	policy->max_age_s = opt_number(args, VERIFY_MAX_AGE, 0);
	policy->max_diverted_age_s = opt_number(args, VERIFY_MAX_DIVERTED_AGE, 0);
	policy->max_signatures = (unsigned)opt_number(args, VERIFY_MAX_SIGNATURES, 0);
	policy->max_cost = (unsigned)opt_number(args, VERIFY_MAX_COST, 0);
	policy->accept_spc = opt_flag(args, VERIFY_ACCEPT_SPC);
	policy->accept_x5c = opt_flag(args, VERIFY_ACCEPT_X5C);
	policy->accept_tn_list = opt_flag(args, VERIFY_ACCEPT_TN_LIST);
	policy->require_crl = opt_flag(args, VERIFY_REQUIRE_CRL);
	for (size_t i = 0; i < checks->n; i++)
		if (!add_check(policy, checks->text[i]))
			return CLI_USAGE;
	return set_texts(question, args) ? CLI_OK : CLI_USAGE;
}

void verify_question_add(struct verify_question *question, const char *text, size_t n)
{
	struct callerid_span rest = {text, n};
	struct callerid_span value;

	while (question->n_identity < VERIFY_VALUES_MAX && callerid_identity_next(&rest, &value))
		question->identity[question->n_identity++] = value;
}

size_t verify_field_name(const char *p, size_t n)
{
	static const char *const names[] = {"identity", "y"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t at = strlen(names[i]);

		if (n <= at || strncasecmp(p, names[i], at) != 0)
			continue;
		while (at < n && (p[at] == ' ' || p[at] == '\t'))
			at++;
		if (at < n && p[at] == ':')
			return at + 1;
	}
	return 0;
}

/* A party that cannot be read is nobody: the verdict says so. */
static struct callerid_party party_of(const struct callerid_span *text)
{
	struct callerid_party party = {0};

	if (text->p == NULL ||
	    callerid_party_parse(text->p, text->n, NULL, &party, NULL) != CALLERID_OK)
		party = (struct callerid_party){0};
	return party;
}

static void supply(struct verify_setup *setup, struct callerid_verification *v, const char *url)
{
	size_t n = strlen(url);

	for (size_t i = 0; i < setup->n_certs; i++) {
		const struct verify_cert *cert = &setup->cert[i];

		if (cert->url_len == n && memcmp(cert->url, url, n) == 0) {
			callerid_verification_supply(v, url, cert->body.p, cert->body.n);
			return;
		}
	}
	callerid_verification_unavailable(v, url, "no --cert gives this URL");
}

/* A callerid_spc_of: whose number tn is, by the question. */
static bool code_of(void *data, const char *tn, char spc_out[CALLERID_SPC_MAX + 1])
{
	const struct verify_question *question = data;

	for (size_t i = 0; i < question->n_codes; i++)
		if (strcmp(question->code[i].tn.text, tn) == 0) {
			memcpy(spc_out, question->code[i].code, sizeof(question->code[i].code));
			return true;
		}
	return false;
}

/* The pointers of the policy, into the question as it stands now. */
static void set_policy(struct verify_question *question)
{
	struct callerid_policy *policy = &question->policy;

	for (size_t i = 0; i < question->n_namespaces; i++)
		question->namespaces[i] = (struct callerid_namespace){question->namespace[i].list,
								      question->namespace[i].name};
	policy->namespaces = question->namespaces;
	policy->n_namespaces = question->n_namespaces;
	policy->spc_of = question->n_codes > 0 ? code_of : NULL;
	policy->spc_data = question;
}

enum callerid_status verify_ask(struct verify_setup *setup, struct verify_question *question,
				struct callerid_verification **v_out, struct callerid_error *err)
{
	const struct callerid_span sdp = {setup->sdp.p, setup->sdp.n};
	struct callerid_call call = {
		.identity = question->identity,
		.n_identity = question->n_identity,
		.orig = {party_of(&question->from)},
		.n_orig = 1,
		.dest = party_of(&question->to),
		.request_uri = question->request_uri,
		.date = question->date,
		.sdp = question->sdp.p != NULL ? question->sdp : sdp,
		.resource_priority = question->resource_priority,
		.n_resource_priority = question->n_resource_priority,
		.priority = question->priority,
		.display_name = question->display_name,
		.call_reason = span_of(question->call_reason),
		.contents = setup->contents.at,
		.n_contents = setup->contents.n,
		.now = question->now,
		.policy = &question->policy,
	};
	enum callerid_status status;
	const char *url;

	if (call.orig[0].kind == CALLERID_PARTY_NONE)
		call.n_orig = 0;
	if (question->also_from.kind != CALLERID_PARTY_NONE)
		call.orig[call.n_orig++] = question->also_from;
	set_policy(question);
	status = callerid_verification_new(setup->ctx, &call, v_out, err);
	if (status != CALLERID_OK)
		return status;
	/* Each header may want one certificate; the bound is against a bug of ours. */
	for (int i = 0; i < 2 * CALLERID_IDENTITIES_MAX; i++) {
		url = callerid_verification_wants(*v_out);
		if (url == NULL)
			break;
		supply(setup, *v_out, url);
	}
	return CALLERID_OK;
}
