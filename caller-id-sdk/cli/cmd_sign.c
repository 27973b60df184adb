/* SPDX-License-Identifier: Apache-2.0 */
/* attestel passport sign: claims from the command line, the value of an Identity header out. */
#include "io.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <callerid/pkcs11.h>
#include <callerid/signer.h>
#include <callerid/tnauthlist.h>

enum {
	SIGN_KEY,
	SIGN_CERT,
	SIGN_X5U,
	SIGN_FROM,
	SIGN_TO,
	SIGN_ATTEST,
	SIGN_ORIGID,
	SIGN_IAT,
	SIGN_ANY_NUMBER,
	SIGN_KEY_URI,
	SIGN_PIN_FILE
};

const struct opt cli_sign_options[] = {
	[SIGN_KEY] = {"key", OPT_FILE, OPT_ONCE, "FILE",
		      .help = "P-256 private key, PEM, mode 0600; or --key-uri"},
	[SIGN_CERT] = {"cert", OPT_FILE, OPT_MUST, "FILE",
		       .help = "its certificate (and path), PEM"},
	[SIGN_X5U] = {"x5u", OPT_TEXT, OPT_MUST, "URL",
		      .help = "https URL that serves the certificate"},
	[SIGN_FROM] = {"from", OPT_TEXT, OPT_MUST, "TN|URI", .help = "who calls"},
	[SIGN_TO] = {"to", OPT_TEXT, OPT_MOST, "TN|URI", .help = "who is called"},
	[SIGN_ATTEST] = {"attest", OPT_TEXT, OPT_ONCE, "A|B|C",
			 .help = "attestation; without it: a base PASSporT, no shaken"},
	[SIGN_ORIGID] = {"origid", OPT_TEXT, OPT_ONCE, "UUID", .help = "default: a random one"},
	[SIGN_IAT] = {"iat", OPT_NUMBER, OPT_ONCE, "EPOCH", 0, 253402300799,
		      "time of the signature; default: the clock's"},
	[SIGN_ANY_NUMBER] = {"any-number", OPT_FLAG, OPT_ONCE,
			     .help = "use the SPC of a certificate that names numbers, too"},
	[SIGN_KEY_URI] = {"key-uri", OPT_TEXT, OPT_ONCE, "URI",
			  .help = "key in a token: pkcs11:token=T;object=KEY?module-path=FILE"},
	[SIGN_PIN_FILE] = {"pin-file", OPT_FILE, OPT_ONCE, "FILE",
			   .help = "the token's PIN, mode 0600; with --key-uri"},
	{0},
};

static bool set_party(struct callerid_party *party, const char *option, const char *text)
{
	struct callerid_error err = {0};

	if (callerid_party_parse(text, strlen(text), NULL, party, &err) == CALLERID_OK)
		return true;
	cli_say(CLI_USAGE, "--%s %.60s: %s", option, text, err.text);
	return false;
}

/* Sorted as RFC 8225 §5.2.1 wants it is the library's matter; here only syntax. */
static bool set_parties(struct callerid_claims *claims, const struct args *args)
{
	const struct opt_given *to = &args->given[SIGN_TO];

	if (to->n > CALLERID_DEST_MAX) {
		cli_say(CLI_USAGE, "--to can be given %d times at most", CALLERID_DEST_MAX);
		return false;
	}
	for (size_t i = 0; i < to->n; i++)
		if (!set_party(&claims->dest[claims->n_dest++], "to", to->text[i]))
			return false;
	return set_party(&claims->orig, "from", opt_text(args, SIGN_FROM));
}

/* RFC 8588 §4: attest and origid belong together. */
static bool set_shaken(struct callerid_claims *claims, const struct args *args)
{
	const char *attest = opt_text(args, SIGN_ATTEST);
	const char *origid = opt_text(args, SIGN_ORIGID);

	if (attest == NULL && origid == NULL)
		return true;
	if (attest == NULL || strlen(attest) != 1 || strchr("ABC", *attest) == NULL) {
		cli_say(CLI_USAGE, "--attest: allowed are A, B and C");
		return false;
	}
	snprintf(claims->ppt, sizeof(claims->ppt), "shaken");
	claims->attest = (enum callerid_attest) * attest;
	if (origid == NULL)
		return callerid_origid_random(claims->origid) == CALLERID_OK;
	if (strlen(origid) > CALLERID_ORIGID_MAX) {
		cli_say(CLI_USAGE, "--origid: at most %d characters", CALLERID_ORIGID_MAX);
		return false;
	}
	snprintf(claims->origid, sizeof(claims->origid), "%s", origid);
	return true;
}

/* Nothing but service provider codes: which numbers are theirs, such a list does not say. */
static bool has_only_codes(const struct callerid_tnauthlist *list)
{
	size_t n = callerid_tnauthlist_count(list);

	for (size_t i = 0; i < n; i++)
		if (callerid_tnauthlist_at(list, i)->kind != CALLERID_TNAUTH_SPC)
			return false;
	return n > 0;
}

/* The same of the first certificate of a PEM text. */
static bool is_provider(const struct io_bytes *pem)
{
	BIO *bio = BIO_new_mem_buf(pem->p, (int)pem->n);
	X509 *cert = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.5.5.7.1.26", 1);
	int at = cert != NULL ? X509_get_ext_by_OBJ(cert, oid, -1) : -1;
	struct callerid_tnauthlist *list = NULL;
	ASN1_OCTET_STRING *data;
	bool found = false;

	if (at >= 0) {
		data = X509_EXTENSION_get_data(X509_get_ext(cert, at));
		/* A list that cannot be parsed is the signer's to refuse. */
		found = callerid_tnauthlist_parse(ASN1_STRING_get0_data(data),
						  (size_t)ASN1_STRING_length(data), &list,
						  NULL) == CALLERID_OK &&
			has_only_codes(list);
	}
	callerid_tnauthlist_free(list);
	ASN1_OBJECT_free(oid);
	X509_free(cert);
	BIO_free(bio);
	return found;
}

static enum cli_exit sign(const struct callerid_signer_params *params,
			  const struct callerid_claims *claims)
{
	struct callerid_signer *signer = NULL;
	struct callerid_error err = {0};
	char *identity = NULL;
	enum cli_exit status;

	if (callerid_signer_new(params, &signer, &err) != CALLERID_OK)
		return cli_say_error(CLI_FAILED, "the signer", &err);
	if (callerid_signer_sign(signer, claims, &identity, &err) != CALLERID_OK)
		status = cli_say_error(CLI_FAILED, "signing", &err);
	else
		status = printf("%s\n", identity) > 0 ? CLI_OK : CLI_FAILED;
	free(identity);
	callerid_signer_free(signer);
	return status;
}

/* What a key needs as long as it signs. */
struct key {
	struct io_bytes pem;
	struct callerid_pkcs11 *token;
};

static enum cli_exit open_token(const struct args *args, struct key *key)
{
	struct callerid_pkcs11_params params = {.uri = opt_text(args, SIGN_KEY_URI)};
	const char *pin_file = opt_text(args, SIGN_PIN_FILE);
	struct callerid_error err = {0};
	struct io_bytes pin = {0};
	enum cli_exit status = CLI_OK;

	if (pin_file != NULL) {
		if (!io_read_secret(pin_file, IO_KEY_MAX, &pin))
			return CLI_USAGE;
		pin.p[strcspn(pin.p, "\r\n")] = '\0';
		params.pin = pin.p;
	}
	if (callerid_pkcs11_open(&params, &key->token, &err) != CALLERID_OK)
		status = cli_say_error(CLI_FAILED, "--key-uri", &err);
	io_bytes_clear(&pin);
	return status;
}

static enum cli_exit open_key(const struct args *args, struct callerid_signer_params *params,
			      struct key *key)
{
	const char *file = opt_text(args, SIGN_KEY);
	enum cli_exit status;

	if ((file == NULL) == (opt_text(args, SIGN_KEY_URI) == NULL))
		return cli_say(CLI_USAGE, "needed: one of --key FILE and --key-uri URI");
	if (file != NULL && opt_text(args, SIGN_PIN_FILE) != NULL)
		return cli_say(CLI_USAGE, "--pin-file belongs to --key-uri");
	if (file == NULL) {
		status = open_token(args, key);
		params->sign = callerid_pkcs11_sign;
		params->magic = key->token;
		return status;
	}
	if (!io_read_secret(file, IO_KEY_MAX, &key->pem))
		return CLI_USAGE;
	params->key_pem = key->pem.p;
	params->key_len = key->pem.n;
	return CLI_OK;
}

enum cli_exit cli_passport_sign(const struct command *command, const struct args *args)
{
	struct callerid_claims claims = {.iat = opt_number(args, SIGN_IAT, time(NULL))};
	struct callerid_signer_params params = {.x5u = opt_text(args, SIGN_X5U)};
	struct io_bytes cert = {0};
	struct key key = {0};
	enum cli_exit status = CLI_USAGE;

	(void)command;
	if (!set_parties(&claims, args) || !set_shaken(&claims, args) ||
	    !io_read_file(opt_text(args, SIGN_CERT), IO_FILE_MAX, &cert))
		return CLI_USAGE;
	status = open_key(args, &params, &key);
	if (status == CLI_OK) {
		params.cert_pem = cert.p;
		params.cert_len = cert.n;
		params.any_number = opt_flag(args, SIGN_ANY_NUMBER) || is_provider(&cert);
		status = sign(&params, &claims);
	}
	callerid_pkcs11_close(key.token);
	io_bytes_clear(&key.pem);
	io_bytes_clear(&cert);
	return status;
}
