/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Example: what would each check say? ("shadow mode")
 *
 *	explain FROM TO NOW < identity
 *
 * Every check only warns, so that all of them run; nothing is fetched, so those that need a
 * certificate say that they have none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/callerid.h>

static void print(const struct callerid_verdict *verdict)
{
	const struct callerid_check_result *checks = verdict->passport[0].check;
	char *text = callerid_verdict_explain(verdict);
	int warned = 0;

	for (int i = 0; i < CALLERID_CHECK_COUNT; i++)
		warned += checks[i].result == CALLERID_RESULT_WARNED;
	printf("%s\n%d of %d checks would have failed the call:\n", text != NULL ? text : "",
	       warned, CALLERID_CHECK_COUNT);
	for (int i = 0; i < CALLERID_CHECK_COUNT; i++)
		if (checks[i].result == CALLERID_RESULT_WARNED)
			printf("  %s: SIP code %d\n", callerid_check_name((enum callerid_check)i),
			       callerid_reason_info(checks[i].reason)->code);
	free(text);
}

int main(int argc, char **argv)
{
	char input[CALLERID_IDENTITY_MAX];
	struct callerid_span value = {.p = input};
	struct callerid_policy policy = {.accept_spc = true};
	struct callerid_call call = {
		.identity = &value, .n_identity = 1, .n_orig = 1, .policy = &policy};
	struct callerid_context *ctx = NULL;
	struct callerid_verification *v = NULL;
	struct callerid_error err = {0};
	int status = 2;

	if (argc != 4) {
		fprintf(stderr, "usage: explain FROM TO NOW\n");
		return 2;
	}
	value.n = fread(input, 1, sizeof(input), stdin);
	call.now = strtoll(argv[3], NULL, 10);
	for (int i = 0; i < CALLERID_CHECK_COUNT; i++)
		policy.mode[i] = CALLERID_MODE_WARN;
	if (callerid_party_parse(argv[1], strlen(argv[1]), NULL, &call.orig[0], &err) !=
		    CALLERID_OK ||
	    callerid_party_parse(argv[2], strlen(argv[2]), NULL, &call.dest, &err) != CALLERID_OK ||
	    callerid_context_new(NULL, &ctx, &err) != CALLERID_OK ||
	    callerid_verification_new(ctx, &call, &v, &err) != CALLERID_OK) {
		fprintf(stderr, "explain: %s\n", err.text);
	} else {
		print(callerid_verification_verdict(v));
		status = 0;
	}
	callerid_verification_free(v);
	callerid_context_free(ctx);
	return status;
}
