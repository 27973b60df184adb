/* SPDX-License-Identifier: Apache-2.0 */
/* attestel passport verify: an Identity value on stdin, a verdict on stdout. */
#include "verify.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH_MAX 253402300799 /* 9999-12-31 23:59:59 */

const struct opt cli_verify_options[] = {
	[VERIFY_FROM] = {"from", OPT_TEXT, OPT_ONCE, "TN|URI",
			 .help = "who calls, by P-Asserted-Identity or From"},
	[VERIFY_TO] = {"to", OPT_TEXT, OPT_ONCE, "TN|URI", .help = "who is called, by To"},
	[VERIFY_NOW] = {"now", OPT_NUMBER, OPT_ONCE, "EPOCH", 0, EPOCH_MAX,
			.help = "time of the verification; default: the clock's"},
	[VERIFY_MAX_AGE] = {"max-age", OPT_NUMBER, OPT_ONCE, "SECONDS", 1, 1000000000,
			    .help = "how far iat and Date may be off, both ways; default: 60"},
	[VERIFY_DATE] = {"date", OPT_TEXT, OPT_ONCE, "TEXT", .help = "the Date header"},
	[VERIFY_CERT] = {"cert", OPT_FILE, OPT_MANY, "URL=FILE",
			 .help = "what x5u URL serves; nothing is fetched"},
	[VERIFY_ANCHOR] = {"anchor", OPT_FILE, OPT_MANY, "FILE",
			   .help = "trust anchors, PEM; nothing else is trusted"},
	[VERIFY_CRL] = {"crl", OPT_FILE, OPT_MANY, "FILE", .help = "revocation lists, PEM"},
	[VERIFY_CHECK] = {"check", OPT_TEXT, OPT_MANY, "NAME=MODE",
			  .help = "off, warn or enforce; default: enforce"},
	[VERIFY_ACCEPT_SPC] = {"accept-spc", OPT_FLAG, OPT_ONCE,
			       .help = "a service provider code covers any number"},
	[VERIFY_JSON] = {"json", OPT_FLAG, OPT_ONCE, .help = "one JSON object"},
	[VERIFY_BATCH] = {"batch", OPT_FLAG, OPT_ONCE,
			  .help = "one JSON object a line in, one a line out"},
	[VERIFY_ALSO_FROM] = {"also-from", OPT_TEXT, OPT_ONCE, "TN|URI",
			      .help = "the caller's other P-Asserted-Identity"},
	[VERIFY_REQUEST_URI] = {"request-uri", OPT_TEXT, OPT_ONCE, "TN|URI",
				.help = "where a forwarded call goes now; default: --to"},
	[VERIFY_SDP] = {"sdp", OPT_FILE, OPT_ONCE, "FILE",
			.help = "body of the request, for mky; an empty file: no SDP"},
	[VERIFY_RESOURCE_PRIORITY] = {"resource-priority", OPT_TEXT, OPT_MANY, "VALUE",
				      .help = "the Resource-Priority header, for rph"},
	[VERIFY_PRIORITY] = {"priority", OPT_TEXT, OPT_ONCE, "VALUE",
			     .help = "the Priority header, for sph"},
	[VERIFY_DISPLAY_NAME] = {"display-name", OPT_TEXT, OPT_ONCE, "TEXT",
				 .help = "name that the signalling gives, against nam of rcd"},
	[VERIFY_JCL] = {"jcl", OPT_FILE, OPT_MANY, "URL=FILE", .help = "the jCard of a jcl URL"},
	[VERIFY_ICON] = {"icon", OPT_FILE, OPT_MANY, "URL=FILE", .help = "the image of an icn URL"},
	[VERIFY_CONTENT] = {"content", OPT_FILE, OPT_MANY, "URL=FILE",
			    .help = "what another URL holds, in a jCard"},
	[VERIFY_REQUIRE_CRL] = {"require-crl", OPT_FLAG, OPT_ONCE,
				.help = "no certificate passes without a current CRL"},
	[VERIFY_ACCEPT_X5C] = {"accept-x5c", OPT_FLAG, OPT_ONCE,
			       .help = "certificates may come in the token (x5c)"},
	[VERIFY_ACCEPT_TN_LIST] = {"accept-tn-list", OPT_FLAG, OPT_ONCE,
				   .help = "a certificate may name the URL of its TNAuthList, "
					   "which is --cert URL=FILE too"},
	[VERIFY_SPC] = {"spc", OPT_TEXT, OPT_MANY, "TN=CODE",
			.help = "the number belongs to this provider; goes before --accept-spc"},
	[VERIFY_ANCHOR_LIST] = {"anchor-list", OPT_FILE, OPT_MANY, "NAME=FILE",
				.help = "anchors under a name; NAME@VERSION=FILE: with a version"},
	[VERIFY_CRL_ISSUER] = {"crl-issuer", OPT_FILE, OPT_MANY, "FILE",
			       .help = "certificates that may sign indirect CRLs, PEM"},
	[VERIFY_NAMESPACE] = {"namespace", OPT_TEXT, OPT_MANY, "LIST=NAME",
			      .help = "signers below that list may give such priorities: pa=ets"},
	[VERIFY_MAX_SIGNATURES] = {"max-signatures", OPT_NUMBER, OPT_ONCE, "N", 1,
				   CALLERID_PASSPORTS_MAX,
				   .help = "signatures verified; default: 4; five forwards need 6"},
	[VERIFY_MAX_COST] =
		{"max-cost", OPT_NUMBER, OPT_ONCE, "N", 1, VERIFY_COST_MAX,
		 .help = "CPU in signatures, a new certificate being 6; default: enough"},
	[VERIFY_MAX_DIVERTED_AGE] =
		{"max-diverted-age", OPT_NUMBER, OPT_ONCE, "SECONDS", 1, VERIFY_AGE_MAX,
		 .help = "age of what a forwarded call began with; default: 10800"},
	[VERIFY_CALL_INFO] = {"call-info", OPT_TEXT, OPT_MANY, "VALUE",
			      .help = "the Call-Info header; its call-reason is compact crn"},
	{0},
};

/* The end of the field that starts at from: a line end that no white space follows (folding). */
static size_t field_end(const char *p, size_t from, size_t n)
{
	size_t at = from;

	while (at < n) {
		const char *line_end = memchr(p + at, '\n', n - at);

		if (line_end == NULL)
			return n;
		at = (size_t)(line_end - p) + 1;
		if (at >= n || (p[at] != ' ' && p[at] != '\t'))
			return at;
	}
	return n;
}

static size_t skip_space(const char *p, size_t at, size_t n)
{
	while (at < n && isspace((unsigned char)p[at]))
		at++;
	return at;
}

/* Standard input is one Identity field or several, each with or without its name. */
void verify_question_fields(struct verify_question *question, const char *p, size_t n)
{
	size_t at = skip_space(p, 0, n);

	while (at < n && question->n_identity < VERIFY_VALUES_MAX) {
		size_t end = field_end(p, at, n);
		size_t stop = end;

		at += verify_field_name(p + at, n - at);
		while (stop > at && isspace((unsigned char)p[stop - 1]))
			stop--;
		if (stop > at)
			verify_question_add(question, p + at, stop - at);
		at = end;
	}
}

static enum cli_exit print_verdict(const struct callerid_verdict *verdict, bool json)
{
	char *text = json ? callerid_verdict_json(verdict) : callerid_verdict_explain(verdict);
	size_t n;

	if (text == NULL || verdict->status != CALLERID_OK) {
		free(text);
		return cli_say(CLI_FAILED, "no memory");
	}
	n = strlen(text);
	fputs(text, stdout);
	if (n == 0 || text[n - 1] != '\n')
		putchar('\n');
	free(text);
	return verdict->verstat == CALLERID_VERSTAT_PASSED ? CLI_OK : CLI_FAILED;
}

static enum cli_exit verify_one(struct verify_setup *setup, struct verify_question *question,
				bool json)
{
	struct callerid_verification *v = NULL;
	struct callerid_error err = {0};
	struct io_bytes input = {0};
	enum cli_exit status;

	if (question->from.p == NULL || question->to.p == NULL)
		return cli_say(CLI_USAGE, "--%s TN|URI is missing",
			       question->from.p == NULL ? "from" : "to");
	if (!io_read_stdin(IO_STDIN_MAX, &input))
		return CLI_USAGE;
	verify_question_fields(question, input.p, input.n);
	if (verify_ask(setup, question, &v, &err) == CALLERID_OK)
		status = print_verdict(callerid_verification_verdict(v), json);
	else
		status = cli_say_error(CLI_FAILED, "the verification", &err);
	callerid_verification_free(v);
	io_bytes_clear(&input);
	return status;
}

enum cli_exit cli_passport_verify(const struct command *command, const struct args *args)
{
	struct verify_question question;
	struct verify_setup setup = {0};
	enum cli_exit status;

	(void)command;
	status = verify_question_init(&question, args);
	if (status == CLI_OK)
		status = verify_setup_open(&setup, args);
	if (status == CLI_OK && opt_flag(args, VERIFY_BATCH))
		status = verify_batch(&setup, &question);
	else if (status == CLI_OK)
		status = verify_one(&setup, &question, opt_flag(args, VERIFY_JSON));
	verify_setup_close(&setup);
	return status;
}
