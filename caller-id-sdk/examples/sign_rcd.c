/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Example: say who calls and show the logo (Rich Call Data, RFC 9795).
 *
 *	sign_rcd KEY.pem CERT.pem URL FROM TO NAME LOGO-URL LOGO-FILE
 *
 * prints the value of an Identity header that goes beside the one of example "sign". The digest of
 * the logo is signed, so that nobody can put another picture at its URL.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <callerid/callerid.h>

#define FILE_MAX 65536

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

/* A string that JSON takes as it stands; a program with a JSON library would escape it. */
static bool is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == '"' || *text == '\\')
			return false;
	return true;
}

/* {"icn":"https://...","nam":"..."}; false: it does not fit or cannot be written so. */
static bool write_rcd(char *out, size_t size, const char *name, const char *logo)
{
	int n = snprintf(out, size, "{\"icn\":\"%s\",\"nam\":\"%s\"}", logo, name);

	return n > 0 && (size_t)n < size && is_plain(name) && is_plain(logo);
}

/* The parties, the rcd claim and the digests of what it points to, made now. */
static enum callerid_status sign(const struct callerid_signer *signer, const char *const *words,
				 const char *rcd, struct callerid_error *err)
{
	char logo[FILE_MAX];
	struct callerid_content content = {words[3], logo, read_file(words[4], logo)};
	struct callerid_digest_params params = {.rcd = rcd, .contents = &content, .n_contents = 1};
	struct callerid_claims claims = {.ppt = "rcd", .iat = time(NULL), .n_dest = 1, .rcd = rcd};
	char *identity = NULL, *rcdi = NULL;
	enum callerid_status status;

	status = callerid_party_parse(words[0], strlen(words[0]), NULL, &claims.orig, err);
	if (status == CALLERID_OK)
		status = callerid_party_parse(words[1], strlen(words[1]), NULL, &claims.dest[0],
					      err);
	if (status == CALLERID_OK)
		status = callerid_rcd_digests(&params, &rcdi, err);
	if (status == CALLERID_OK) {
		claims.rcdi = rcdi; /* borrowed until the token is there */
		status = callerid_signer_sign(signer, &claims, &identity, err);
	}
	if (status == CALLERID_OK)
		printf("%s\n", identity);
	free(identity);
	free(rcdi);
	return status;
}

int main(int argc, char **argv)
{
	char key[FILE_MAX], cert[FILE_MAX], rcd[2048];
	struct callerid_signer_params params = {.key_pem = key, .cert_pem = cert};
	struct callerid_signer *signer = NULL;
	struct callerid_error err = {.text = "NAME or LOGO-URL cannot be used"};
	enum callerid_status status;

	if (argc != 9) {
		fprintf(stderr, "usage: sign_rcd KEY.pem CERT.pem URL FROM TO NAME LOGO-URL "
				"LOGO-FILE\n");
		return 2;
	}
	params.key_len = read_file(argv[1], key);
	params.cert_len = read_file(argv[2], cert);
	params.x5u = argv[3];
	status = CALLERID_EINVAL;
	if (write_rcd(rcd, sizeof(rcd), argv[6], argv[7]))
		status = callerid_signer_new(&params, &signer, &err);
	explicit_bzero(key, sizeof(key)); /* the signer has its own copy */
	if (status == CALLERID_OK)
		status = sign(signer, (const char *const *)&argv[4], rcd, &err);
	if (status != CALLERID_OK)
		fprintf(stderr, "sign_rcd: %s\n", err.text);
	callerid_signer_free(signer);
	return status == CALLERID_OK ? 0 : 1;
}
