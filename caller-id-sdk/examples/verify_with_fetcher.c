/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Example: verify a call, with a certificate fetcher of your own.
 *
 *	verify_with_fetcher ANCHORS.pem FOLDER FROM TO < identity
 *
 * The library does no I/O. It says which URL it wants; here a folder that mirrors certificates by
 * the last part of their URL answers. A program that fetches over https does it at the same place.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <callerid/callerid.h>

#define FILE_MAX 65536

static size_t read_all(FILE *file, char *text, size_t size)
{
	size_t n = file != NULL ? fread(text, 1, size, file) : 0;

	if (file != NULL && file != stdin)
		fclose(file);
	return n;
}

/* The URL is a stranger's: only a plain file name is taken from it. */
static FILE *open_mirrored(const char *folder, const char *url)
{
	const char *name = strrchr(url, '/');
	char path[4096];

	if (name == NULL || name[1] == '\0' || name[1] == '.' || strlen(name) > 100)
		return NULL;
	snprintf(path, sizeof(path), "%s%s", folder, name);
	return fopen(path, "r");
}

static void fetch(struct callerid_verification *v, const char *folder, const char *url)
{
	char body[FILE_MAX];
	size_t n = read_all(open_mirrored(folder, url), body, sizeof(body));

	if (n > 0)
		callerid_verification_supply(v, url, body, n);
	else
		callerid_verification_unavailable(v, url, "not in the folder");
}

static bool set_parties(struct callerid_call *call, const char *from, const char *to,
			struct callerid_error *err)
{
	call->n_orig = 1;
	return callerid_party_parse(from, strlen(from), NULL, &call->orig[0], err) == CALLERID_OK &&
	       callerid_party_parse(to, strlen(to), NULL, &call->dest, err) == CALLERID_OK;
}

/* 0 passed, 1 not passed, 2 could not be done. */
static int verify(struct callerid_context *ctx, const struct callerid_call *call,
		  const char *folder)
{
	const struct callerid_verdict *verdict;
	struct callerid_verification *v = NULL;
	struct callerid_error err = {0};
	const char *url;
	int passed;

	if (callerid_verification_new(ctx, call, &v, &err) != CALLERID_OK) {
		fprintf(stderr, "verify: %s\n", err.text);
		return 2;
	}
	while ((url = callerid_verification_wants(v)) != NULL)
		fetch(v, folder, url);
	verdict = callerid_verification_verdict(v);
	passed = verdict->verstat == CALLERID_VERSTAT_PASSED;
	printf("%s: %s\n", callerid_verstat_name(verdict->verstat),
	       callerid_reason_info(verdict->reason)->text);
	callerid_verification_free(v);
	return passed ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct callerid_call call = {.now = time(NULL)};
	struct callerid_span field, values[CALLERID_IDENTITIES_MAX];
	struct callerid_context *ctx = NULL;
	struct callerid_error err = {0};
	char anchors[FILE_MAX];
	char input[CALLERID_IDENTITY_MAX];
	int status = 2;
	size_t n;

	if (argc != 5) {
		fprintf(stderr, "usage: verify_with_fetcher ANCHORS.pem FOLDER FROM TO\n");
		return 2;
	}
	field = (struct callerid_span){input, read_all(stdin, input, sizeof(input))};
	while (call.n_identity < CALLERID_IDENTITIES_MAX &&
	       callerid_identity_next(&field, &values[call.n_identity]))
		call.n_identity++;
	call.identity = values;
	n = read_all(fopen(argv[1], "r"), anchors, sizeof(anchors));
	if (!set_parties(&call, argv[3], argv[4], &err) ||
	    callerid_context_new(NULL, &ctx, &err) != CALLERID_OK ||
	    callerid_context_add_anchors(ctx, "anchors", anchors, n, &err) != CALLERID_OK)
		fprintf(stderr, "verify: %s\n", err.text);
	else
		status = verify(ctx, &call, argv[2]);
	callerid_context_free(ctx);
	return status;
}
