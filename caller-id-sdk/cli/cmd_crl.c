/* SPDX-License-Identifier: Apache-2.0 */
/* attestel pki crl: the revocation lists of the STI authorities in a folder. */
#include "io.h"
#include "pki.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define DAY_S		86400
#define AUTHORITIES_MAX 64
#define CRL_NUMBER_BITS 64

enum { CRL_REVOKE, CRL_DAYS, CRL_NOW };

const struct opt cli_pki_crl_options[] = {
	[CRL_REVOKE] = {"revoke", OPT_TEXT, OPT_MANY, "NAME", .help = "certificate to revoke"},
	[CRL_DAYS] = {"days", OPT_NUMBER, OPT_ONCE, "N", 1, 3650,
		      .help = "days until the next CRL is due; default: 30"},
	[CRL_NOW] = {"now", OPT_NUMBER, OPT_ONCE, "EPOCH", 0, 253402300799,
		     .help = "time of the CRL; default: the clock's"},
	{0},
};

/* One run of the command. */
struct crl_run {
	const char *dir;
	int64_t now, days;
	STACK_OF(X509_CRL) * old;
	X509 *revoke[OPT_VALUES_MAX];
	bool done[OPT_VALUES_MAX]; /* the issuer was found */
	size_t n_revoke;
	BIO *out;
};

static STACK_OF(X509_CRL) * parse_crls(const struct io_bytes *pem)
{
	STACK_OF(X509_CRL) *list = sk_X509_CRL_new_null();
	BIO *bio = BIO_new_mem_buf(pem->p, (int)pem->n);
	X509_CRL *crl;

	while (bio != NULL && list != NULL && sk_X509_CRL_num(list) <= AUTHORITIES_MAX &&
	       (crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)) != NULL)
		if (sk_X509_CRL_push(list, crl) <= 0)
			X509_CRL_free(crl);
	BIO_free(bio);
	return list;
}

/* The CRLs of the last run; none when there was none. */
static bool load_old(struct crl_run *run, const char *path)
{
	struct io_bytes pem = {0};
	FILE *probe = fopen(path, "re");

	if (probe == NULL) {
		run->old = sk_X509_CRL_new_null();
		return run->old != NULL;
	}
	fclose(probe);
	if (!io_read_file(path, IO_FILE_MAX, &pem))
		return false;
	run->old = parse_crls(&pem);
	io_bytes_clear(&pem);
	if (run->old != NULL && sk_X509_CRL_num(run->old) > 0)
		return true;
	/* Going on would forget what was revoked. */
	cli_say(CLI_FAILED, "%s holds no readable CRL", path);
	return false;
}

static X509_CRL *find_old(const struct crl_run *run, const struct pki_issuer *issuer)
{
	for (int i = 0; i < sk_X509_CRL_num(run->old); i++) {
		X509_CRL *crl = sk_X509_CRL_value(run->old, i);

		if (X509_CRL_verify(crl, issuer->key) == 1)
			return crl;
	}
	return NULL;
}

/* Takes entry, which may be NULL. What is there already stays as it is. */
static bool add_entry(X509_CRL *crl, X509_REVOKED *entry)
{
	X509_REVOKED *known = NULL;
	ASN1_INTEGER *serial = NULL;
	bool ok = entry != NULL;

	if (ok)
		serial = (ASN1_INTEGER *)(uintptr_t)X509_REVOKED_get0_serialNumber(entry);
	if (ok && X509_CRL_get0_by_serial(crl, &known, serial) != 1) {
		ok = X509_CRL_add0_revoked(crl, entry) == 1;
		if (ok)
			return true;
	}
	X509_REVOKED_free(entry);
	return ok;
}

static bool copy_entries(X509_CRL *crl, X509_CRL *old)
{
	STACK_OF(X509_REVOKED) *entries = old != NULL ? X509_CRL_get_REVOKED(old) : NULL;

	for (int i = 0; i < sk_X509_REVOKED_num(entries); i++)
		if (!add_entry(crl, X509_REVOKED_dup(sk_X509_REVOKED_value(entries, i))))
			return false;
	return true;
}

/* RFC 5280 §5.3.3: whose certificate an entry of an indirect CRL is about. */
static bool set_certificate_issuer(X509_REVOKED *entry, X509 *cert)
{
	GENERAL_NAMES *names = pki_directory_name(X509_get_issuer_name(cert));
	bool ok = names != NULL && X509_REVOKED_add1_ext_i2d(entry, NID_certificate_issuer, names,
							     1, X509V3_ADD_DEFAULT) == 1;

	GENERAL_NAMES_free(names);
	return ok;
}

static X509_REVOKED *new_entry(X509 *cert, const ASN1_TIME *when, bool indirect)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_INTEGER *serial = X509_get_serialNumber(cert);

	if (entry != NULL && X509_REVOKED_set_serialNumber(entry, serial) == 1 &&
	    X509_REVOKED_set_revocationDate(entry, (ASN1_TIME *)(uintptr_t)when) == 1 &&
	    (!indirect || set_certificate_issuer(entry, cert)))
		return entry;
	X509_REVOKED_free(entry);
	return NULL;
}

/* An issuer's CRL has what it issued; an indirect one what any authority did, whose turn was
 * before.
 */
static bool add_new_entries(X509_CRL *crl, struct crl_run *run, const struct pki_issuer *issuer,
			    bool indirect)
{
	ASN1_TIME *when = ASN1_TIME_set(NULL, (time_t)run->now);
	bool ok = when != NULL;

	for (size_t i = 0; ok && i < run->n_revoke; i++) {
		if (!indirect && X509_verify(run->revoke[i], issuer->key) == 1)
			run->done[i] = true;
		else if (!indirect || !run->done[i])
			continue;
		ok = add_entry(crl, new_entry(run->revoke[i], when, indirect));
	}
	ASN1_TIME_free(when);
	return ok;
}

/* RFC 5280 §5.2.5. */
static bool set_indirect(X509_CRL *crl)
{
	ISSUING_DIST_POINT *scope = ISSUING_DIST_POINT_new();
	bool ok;

	if (scope != NULL)
		scope->indirectCRL = 0xff;
	ok = scope != NULL && X509_CRL_add1_ext_i2d(crl, NID_issuing_distribution_point, scope, 1,
						    X509V3_ADD_DEFAULT) == 1;
	ISSUING_DIST_POINT_free(scope);
	return ok;
}

/* RFC 5280 §5.2.3: monotonically increasing. */
static bool set_number(X509_CRL *crl, X509_CRL *old)
{
	ASN1_INTEGER *number =
		old != NULL ? X509_CRL_get_ext_d2i(old, NID_crl_number, NULL, NULL) : NULL;
	BIGNUM *value = number != NULL ? ASN1_INTEGER_to_BN(number, NULL) : BN_new();
	bool ok;

	ASN1_INTEGER_free(number);
	number = NULL;
	ok = value != NULL && BN_num_bits(value) <= CRL_NUMBER_BITS && BN_add_word(value, 1) &&
	     (number = BN_to_ASN1_INTEGER(value, NULL)) != NULL &&
	     X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, X509V3_ADD_DEFAULT) == 1;
	ASN1_INTEGER_free(number);
	BN_free(value);
	return ok;
}

static bool set_authority(X509_CRL *crl, X509 *issuer)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	bool ok;

	X509V3_set_ctx(&context, issuer, NULL, NULL, crl, 0);
	extension =
		X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
	ok = extension != NULL && X509_CRL_add_ext(crl, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return ok;
}

static bool set_times(X509_CRL *crl, const struct crl_run *run)
{
	ASN1_TIME *last = ASN1_TIME_set(NULL, (time_t)(run->now - PKI_BACKDATE_S));
	ASN1_TIME *next = ASN1_TIME_set(NULL, (time_t)(run->now + run->days * DAY_S));
	bool ok = last != NULL && next != NULL && X509_CRL_set1_lastUpdate(crl, last) == 1 &&
		  X509_CRL_set1_nextUpdate(crl, next) == 1;

	ASN1_TIME_free(last);
	ASN1_TIME_free(next);
	return ok;
}

static bool write_crl(struct crl_run *run, const struct pki_issuer *issuer, bool indirect)
{
	X509_CRL *old = find_old(run, issuer);
	X509_CRL *crl = X509_CRL_new();
	bool ok;

	ok = crl != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
	     X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->cert)) == 1 &&
	     set_times(crl, run) && set_authority(crl, issuer->cert) && set_number(crl, old) &&
	     (!indirect || set_indirect(crl)) && copy_entries(crl, old) &&
	     add_new_entries(crl, run, issuer, indirect) && X509_CRL_sort(crl) == 1 &&
	     X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0 &&
	     PEM_write_bio_X509_CRL(run->out, crl) == 1;
	X509_CRL_free(crl);
	if (!ok)
		pki_say_openssl(CLI_FAILED, "making the CRL");
	return ok;
}

/* name without ".pem" when the file is an STI authority's certificate. */
static bool is_authority(const struct crl_run *run, const char *file, char name[PKI_NAME_MAX + 1])
{
	CLI_CLEANUP(pki_x509_free) X509 *cert = NULL;
	size_t n = strlen(file);

	if (n <= 4 || n - 4 > PKI_NAME_MAX || strcmp(file + n - 4, ".pem") != 0)
		return false;
	memcpy(name, file, n - 4);
	name[n - 4] = '\0';
	/* crl.pem is what we write; the TLS root is no STI authority. */
	if (!pki_name_is_safe(name) || strcmp(name, "crl") == 0 || strcmp(name, "tls-root") == 0)
		return false;
	cert = pki_load_certificate(run->dir, name);
	return cert != NULL && X509_check_ca(cert) == 1;
}

/* The CRL that certificates name: of all authorities, by the CRL issuer. */
static bool write_indirect(struct crl_run *run)
{
	struct pki_issuer signer = {0};
	bool ok = pki_load_signer(run->dir, "crl-issuer", &signer) && write_crl(run, &signer, true);

	pki_issuer_clear(&signer);
	return ok;
}

static bool write_all(struct crl_run *run)
{
	DIR *stream = opendir(run->dir);
	struct dirent *entry;
	char name[PKI_NAME_MAX + 1];
	bool ok = stream != NULL;
	int n = 0;

	while (ok && (entry = readdir(stream)) != NULL) {
		struct pki_issuer issuer = {0};

		if (!is_authority(run, entry->d_name, name))
			continue;
		ok = ++n <= AUTHORITIES_MAX && pki_load_issuer(run->dir, name, &issuer) &&
		     write_crl(run, &issuer, false);
		pki_issuer_clear(&issuer);
	}
	if (stream != NULL)
		closedir(stream);
	ok = ok && (n == 0 || write_indirect(run));
	if (ok && n == 0)
		cli_say(CLI_FAILED, "%s holds no authority: attestel pki init makes them",
			run->dir);
	else if (!ok)
		cli_say(CLI_FAILED, "%s: the CRLs could not be made", run->dir);
	return ok && n > 0;
}

static bool load_revoked(struct crl_run *run, const struct opt_given *names)
{
	for (size_t i = 0; i < names->n; i++) {
		if (!pki_name_is_safe(names->text[i])) {
			cli_say(CLI_USAGE, "--revoke %.70s: not the name of a certificate",
				names->text[i]);
			return false;
		}
		run->revoke[i] = pki_load_certificate(run->dir, names->text[i]);
		if (run->revoke[i] == NULL)
			return false;
		run->n_revoke++;
	}
	return true;
}

static bool all_done(const struct crl_run *run, const struct opt_given *names)
{
	for (size_t i = 0; i < run->n_revoke; i++)
		if (!run->done[i]) {
			cli_say(CLI_FAILED, "%s was not issued by an STI authority of %s",
				names->text[i], run->dir);
			return false;
		}
	return true;
}

static bool run_crl(struct crl_run *run, const struct opt_given *names, const char *path)
{
	char *data = NULL;
	long n;

	if (run->out == NULL || !load_revoked(run, names) || !load_old(run, path) ||
	    !write_all(run) || !all_done(run, names))
		return false;
	n = BIO_get_mem_data(run->out, &data);
	return io_replace(path, 0644, data, (size_t)n);
}

enum cli_exit cli_pki_crl(const struct command *command, const struct args *args)
{
	struct crl_run run = {.dir = args->word[0]};
	char path[PATH_MAX];
	bool ok;

	(void)command;
	if (!pki_path(path, run.dir, "crl", ".pem"))
		return CLI_USAGE;
	run.now = opt_number(args, CRL_NOW, time(NULL));
	run.days = opt_number(args, CRL_DAYS, 30);
	run.out = BIO_new(BIO_s_mem());
	ok = run_crl(&run, &args->given[CRL_REVOKE], path);
	for (size_t i = 0; i < run.n_revoke; i++)
		X509_free(run.revoke[i]);
	sk_X509_CRL_pop_free(run.old, X509_CRL_free);
	BIO_free(run.out);
	if (!ok)
		return CLI_FAILED;
	printf("CRLs  %s\n", path);
	return CLI_OK;
}
