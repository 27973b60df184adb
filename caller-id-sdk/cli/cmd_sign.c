/* SPDX-License-Identifier: Apache-2.0 */
/* attestel passport sign: claims from the command line, the value of an Identity header out. */
#include "claims.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <callerid/pkcs11.h>
#include <callerid/signer.h>
#include <callerid/tnauthlist.h>

const struct opt cli_sign_options[] = {
	[SIGN_KEY] = {"key", OPT_FILE, OPT_ONCE, "FILE",
		      .help = "P-256 private key, PEM, mode 0600; or --key-uri"},
	[SIGN_CERT] = {"cert", OPT_FILE, OPT_MUST, "FILE",
		       .help = "its certificate (and path), PEM"},
	[SIGN_X5U] = {"x5u", OPT_TEXT, OPT_MUST, "URL",
		      .help = "https URL that serves the certificate"},
	[SIGN_FROM] = {"from", OPT_TEXT, OPT_ONCE, "TN|URI", .help = "who calls (orig)"},
	[SIGN_TO] = {"to", OPT_TEXT, OPT_MANY, "TN|URI", .help = "who is called (dest)"},
	[SIGN_ATTEST] = {"attest", OPT_TEXT, OPT_ONCE, "A|B|C", .help = "attestation, of shaken"},
	[SIGN_ORIGID] = {"origid", OPT_TEXT, OPT_ONCE, "UUID", .help = "default: a random one"},
	[SIGN_IAT] = {"iat", OPT_NUMBER, OPT_ONCE, "EPOCH", 0, 253402300799,
		      .help = "time of the signature; default: the clock's"},
	[SIGN_ANY_NUMBER] = {"any-number", OPT_FLAG, OPT_ONCE,
			     .help = "use the SPC of a certificate that names numbers, too"},
	[SIGN_KEY_URI] = {"key-uri", OPT_TEXT, OPT_ONCE, "URI",
			  .help = "key in a token: pkcs11:token=T;object=KEY?module-path=FILE"},
	[SIGN_PIN_FILE] = {"pin-file", OPT_FILE, OPT_ONCE, "FILE",
			   .help = "the token's PIN, mode 0600; with --key-uri"},
	[SIGN_PPT] =
		{"ppt", OPT_TEXT, OPT_ONCE, "TYPE",
		 .help = "base, shaken, div, div-o, rcd, rph, msec or rsp; default: by claims"},
	[SIGN_DIV] = {"div", OPT_TEXT, OPT_ONCE, "TN|URI",
		      .help = "who was called before; --to is who is called now"},
	[SIGN_HI] = {"hi", OPT_TEXT, OPT_ONCE, "INDEX", .help = "History-Info index of --div"},
	[SIGN_OPT] = {"opt", OPT_FILE, OPT_ONCE, "FILE",
		      .help = "Identity value or token that div-o continues"},
	[SIGN_SDP] = {"sdp", OPT_FILE, OPT_ONCE, "FILE",
		      .help = "the body; its fingerprints become mky"},
	[SIGN_RCD] = {"rcd", OPT_FILE, OPT_ONCE, "FILE",
		      .help = "the rcd claim, JSON; its members may also be given by options"},
	[SIGN_NAM] = {"nam", OPT_TEXT, OPT_ONCE, "TEXT", .help = "name of the caller, in rcd"},
	[SIGN_ICN] = {"icn", OPT_TEXT, OPT_ONCE, "URL", .help = "https URL of the logo, in rcd"},
	[SIGN_JCL] = {"jcl", OPT_TEXT, OPT_ONCE, "URL", .help = "https URL of the jCard, in rcd"},
	[SIGN_APN] = {"apn", OPT_TEXT, OPT_ONCE, "TN", .help = "number to call back, in rcd"},
	[SIGN_CRN] = {"crn", OPT_TEXT, OPT_ONCE, "TEXT", .help = "reason for the call"},
	[SIGN_ISS] = {"iss", OPT_TEXT, OPT_ONCE, "TEXT",
		      .help = "the signer is a third party: its certificate's subject"},
	[SIGN_RCDI] = {"rcdi", OPT_FILE, OPT_ONCE, "auto|FILE",
		       .help = "digests: computed (also sha384, sha512), or JSON in a file"},
	[SIGN_CONTENT] = {"content", OPT_FILE, OPT_MANY, "URL=FILE",
			  .help = "what a URL of rcd holds, for --rcdi auto"},
	[SIGN_RPH] = {"rph", OPT_TEXT, OPT_MANY, "VALUE,VALUE",
		      .help = "values of Resource-Priority that are authorised"},
	[SIGN_SPH] = {"sph", OPT_TEXT, OPT_ONCE, "psap-callback",
		      .help = "so is that Priority; needs an esnet value in --rph"},
	[SIGN_NAMESPACE] = {"namespace", OPT_TEXT, OPT_MANY, "NAME",
			    .help = "of --rph, that this signer may vouch for: ets"},
	[SIGN_CLAIMS] = {"claims", OPT_FILE, OPT_ONCE, "FILE",
			 .help = "claims as JSON; options go before it"},
	[SIGN_COMPACT] = {"compact", OPT_FLAG, OPT_ONCE,
			  .help = "only the signature, for base and rcd; Date has to say iat"},
	[SIGN_DISPLAY_NAME] = {"display-name", OPT_TEXT, OPT_ONCE, "TEXT",
			       .help = "what From will show; --compact needs it to be nam"},
	{0},
};

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

#define NAMESPACES_MAX 254 /* bytes of --namespace, joined */

/* The names joined by spaces, as the library takes them. */
static bool set_namespaces(char to[NAMESPACES_MAX + 1], const struct opt_given *given)
{
	size_t used = 0;

	to[0] = '\0';
	for (size_t i = 0; i < given->n; i++) {
		int n = snprintf(to + used, NAMESPACES_MAX + 1 - used, "%s%s", i > 0 ? " " : "",
				 given->text[i]);

		if (n < 0 || (size_t)n > NAMESPACES_MAX - used) {
			cli_say(CLI_USAGE, "--namespace: more than %d characters together",
				NAMESPACES_MAX);
			return false;
		}
		used += (size_t)n;
	}
	return true;
}

static enum cli_exit sign_claims(const struct args *args, const struct callerid_claims *claims,
				 const struct io_bytes *cert)
{
	char namespaces[NAMESPACES_MAX + 1];
	struct callerid_signer_params params = {
		.x5u = opt_text(args, SIGN_X5U),
		.cert_pem = cert->p,
		.cert_len = cert->n,
		.any_number = opt_flag(args, SIGN_ANY_NUMBER) || is_provider(cert),
	};
	struct key key = {0};
	enum cli_exit status;

	if (!set_namespaces(namespaces, &args->given[SIGN_NAMESPACE]))
		return CLI_USAGE;
	params.namespaces = *namespaces != '\0' ? namespaces : NULL;
	status = open_key(args, &params, &key);
	if (status == CLI_OK)
		status = sign(&params, claims);
	callerid_pkcs11_close(key.token);
	io_bytes_clear(&key.pem);
	return status;
}

enum cli_exit cli_passport_sign(const struct command *command, const struct args *args)
{
	struct io_bytes cert = {0};
	struct claims claims;
	enum cli_exit status;

	(void)command;
	status = claims_read(&claims, args);
	if (status == CLI_OK && !io_read_file(opt_text(args, SIGN_CERT), IO_FILE_MAX, &cert))
		status = CLI_USAGE;
	if (status == CLI_OK)
		status = sign_claims(args, &claims.claims, &cert);
	io_bytes_clear(&cert);
	claims_clear(&claims);
	return status;
}
