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
	ok = callerid_context_add_anchors(setup->ctx, path, pem.p, pem.n, &err) == CALLERID_OK;
	io_bytes_clear(&pem);
	if (!ok)
		cli_say_error(CLI_USAGE, path, &err);
	return ok;
}

static bool add_crl(struct verify_setup *setup, const char *path)
{
	struct callerid_error err = {0};
	struct io_bytes pem = {0};
	bool ok;

	if (!io_read_file(path, IO_FILE_MAX, &pem))
		return false;
	ok = callerid_context_add_crl(setup->ctx, pem.p, pem.n, &err) == CALLERID_OK;
	io_bytes_clear(&pem);
	if (!ok)
		cli_say_error(CLI_USAGE, path, &err);
	return ok;
}

enum cli_exit verify_setup_open(struct verify_setup *setup, const struct args *args)
{
	static const struct {
		size_t row;
		bool (*add)(struct verify_setup *setup, const char *text);
	} sources[] = {
		{VERIFY_CERT, add_cert}, {VERIFY_ANCHOR, add_anchors}, {VERIFY_CRL, add_crl}};
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

enum cli_exit verify_question_init(struct verify_question *question, const struct args *args)
{
	const struct opt_given *checks = &args->given[VERIFY_CHECK];

	memset(question, 0, sizeof(*question));
	question->from = span_of(opt_text(args, VERIFY_FROM));
	question->to = span_of(opt_text(args, VERIFY_TO));
	question->date = span_of(opt_text(args, VERIFY_DATE));
	question->now = opt_number(args, VERIFY_NOW, time(NULL));
	question->policy.max_age_s = opt_number(args, VERIFY_MAX_AGE, 0);
	question->policy.accept_spc = opt_flag(args, VERIFY_ACCEPT_SPC);
	for (size_t i = 0; i < checks->n; i++)
		if (!add_check(&question->policy, checks->text[i]))
			return CLI_USAGE;
	return CLI_OK;
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

enum callerid_status verify_ask(struct verify_setup *setup, const struct verify_question *question,
				struct callerid_verification **v_out, struct callerid_error *err)
{
	struct callerid_call call = {
		.identity = question->identity,
		.n_identity = question->n_identity,
		.orig = {party_of(&question->from)},
		.n_orig = 1,
		.dest = party_of(&question->to),
		.date = question->date,
		.now = question->now,
		.policy = &question->policy,
	};
	enum callerid_status status;
	const char *url;

	if (call.orig[0].kind == CALLERID_PARTY_NONE)
		call.n_orig = 0;
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
