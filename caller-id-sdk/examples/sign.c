/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Example: sign a call.
 *
 *	sign KEY.pem CERT.pem https://certs.example.com/cert.pem FROM TO
 *
 * prints the value of an Identity header with attestation A.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <callerid/callerid.h>

#define FILE_MAX 65536

static int fail(const char *what, const struct callerid_error *err)
{
	fprintf(stderr, "sign: %s: %s\n", what, err->text);
	return 1;
}

static size_t read_file(const char *path, char text[FILE_MAX])
{
	FILE *file = fopen(path, "r");
	size_t n;

	if (file == NULL)
		return 0;
	n = fread(text, 1, FILE_MAX, file);
	fclose(file);
	return n;
}

/* The claims of a call from one number to another, made now. */
static int fill(struct callerid_claims *claims, const char *from, const char *to,
		struct callerid_error *err)
{
	*claims = (struct callerid_claims){
		.ppt = "shaken",
		.iat = time(NULL),
		.n_dest = 1,
		.attest = CALLERID_ATTEST_A,
	};
	if (callerid_origid_random(claims->origid) != CALLERID_OK ||
	    callerid_party_parse(from, strlen(from), NULL, &claims->orig, err) != CALLERID_OK)
		return -1;
	return callerid_party_parse(to, strlen(to), NULL, &claims->dest[0], err) == CALLERID_OK
		       ? 0
		       : -1;
}

int main(int argc, char **argv)
{
	char key[FILE_MAX];
	char cert[FILE_MAX];
	struct callerid_signer_params params = {.key_pem = key, .cert_pem = cert};
	struct callerid_signer *signer = NULL;
	struct callerid_claims claims;
	struct callerid_error err = {0};
	char *identity = NULL;
	enum callerid_status status;

	if (argc != 6) {
		fprintf(stderr, "usage: sign KEY.pem CERT.pem URL FROM TO\n");
		return 2;
	}
	params.key_len = read_file(argv[1], key);
	params.cert_len = read_file(argv[2], cert);
	params.x5u = argv[3];
	/* A daemon makes the signer once; it may be used by any number of threads. */
	status = callerid_signer_new(&params, &signer, &err);
	explicit_bzero(key, sizeof(key)); /* the signer has its own copy */
	if (status != CALLERID_OK)
		return fail("the key and its certificate", &err);
	if (fill(&claims, argv[4], argv[5], &err) != 0 ||
	    callerid_signer_sign(signer, &claims, &identity, &err) != CALLERID_OK) {
		callerid_signer_free(signer);
		return fail("signing", &err);
	}
	printf("%s\n", identity);
	free(identity);
	callerid_signer_free(signer);
	return 0;
}
