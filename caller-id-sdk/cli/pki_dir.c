/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of the development PKI: keys and certificates under names that cannot leave it. */
#include "io.h"
#include "pki.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define CHAIN_MAX 65536 /* bytes of one NAME.pem */

void pki_issuer_clear(struct pki_issuer *issuer)
{
	X509_free(issuer->cert);
	EVP_PKEY_free(issuer->key);
	free(issuer->chain);
	*issuer = (struct pki_issuer){0};
}

bool pki_name_is_safe(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";
	size_t n = strlen(name);

	return n > 0 && n <= PKI_NAME_MAX && *name != '.' && strspn(name, allowed) == n;
}

bool pki_path(char path[PATH_MAX], const char *dir, const char *name, const char *suffix)
{
	int n = snprintf(path, PATH_MAX, "%s/%s%s", dir, name, suffix);

	if (n > 0 && n < PATH_MAX)
		return true;
	cli_say(CLI_USAGE, "the path of the folder is too long");
	return false;
}

static X509 *parse_first(const struct io_bytes *pem, const char *path)
{
	BIO *bio = BIO_new_mem_buf(pem->p, (int)pem->n);
	X509 *cert = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	if (cert == NULL)
		pki_say_openssl(CLI_FAILED, path);
	return cert;
}

X509 *pki_load_certificate(const char *dir, const char *name)
{
	struct io_bytes pem = {0};
	char path[PATH_MAX];
	X509 *cert;

	if (!pki_path(path, dir, name, ".pem") || !io_read_file(path, CHAIN_MAX, &pem))
		return NULL;
	cert = parse_first(&pem, path);
	io_bytes_clear(&pem);
	return cert;
}

/* No pass phrase is ever asked for: an encrypted key is refused. */
static int no_passphrase(char *text, int size, int writing, void *arg)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static EVP_PKEY *load_key(const char *dir, const char *name)
{
	struct io_bytes pem = {0};
	char path[PATH_MAX];
	EVP_PKEY *key;
	BIO *bio;

	if (!pki_path(path, dir, name, ".key") || !io_read_secret(path, IO_KEY_MAX, &pem))
		return NULL;
	bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
	BIO_free(bio);
	io_bytes_clear(&pem);
	if (key == NULL)
		pki_say_openssl(CLI_FAILED, path);
	return key;
}

static char *load_chain(const char *dir, const char *name, X509 *cert)
{
	struct io_bytes pem = {0};
	char path[PATH_MAX];

	/* RFC 9060 §6: the path without its root, which a relying party has or does not trust. */
	if (X509_self_signed(cert, 0) == 1)
		return strdup("");
	if (!pki_path(path, dir, name, ".pem") || !io_read_file(path, CHAIN_MAX, &pem))
		return NULL;
	return pem.p;
}

bool pki_load_signer(const char *dir, const char *name, struct pki_issuer *signer_out)
{
	struct pki_issuer issuer = {0};

	issuer.cert = pki_load_certificate(dir, name);
	issuer.key = issuer.cert != NULL ? load_key(dir, name) : NULL;
	issuer.chain = issuer.key != NULL ? load_chain(dir, name, issuer.cert) : NULL;
	if (issuer.chain == NULL) {
		pki_issuer_clear(&issuer);
		return false;
	}
	if (X509_check_private_key(issuer.cert, issuer.key) != 1) {
		cli_say(CLI_FAILED, "%s in %s does not have its own key", name, dir);
		pki_issuer_clear(&issuer);
		return false;
	}
	*signer_out = issuer;
	return true;
}

bool pki_load_issuer(const char *dir, const char *name, struct pki_issuer *issuer_out)
{
	if (!pki_load_signer(dir, name, issuer_out))
		return false;
	if (X509_check_ca(issuer_out->cert) == 1)
		return true;
	cli_say(CLI_FAILED, "%s in %s is not an authority", name, dir);
	pki_issuer_clear(issuer_out);
	return false;
}

EVP_PKEY *pki_load_public_key(const char *path)
{
	struct io_bytes pem = {0};
	EVP_PKEY *key = NULL;
	char group[32] = "";
	BIO *bio;

	if (!io_read_file(path, IO_KEY_MAX, &pem))
		return NULL;
	bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	if (bio != NULL)
		key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	BIO_free(bio);
	io_bytes_clear(&pem);
	if (key != NULL && EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
	    strcmp(group, "prime256v1") == 0)
		return key;
	EVP_PKEY_free(key);
	cli_say(CLI_FAILED, "%s: not a public key, PEM, on the curve P-256", path);
	return NULL;
}

/* What a memory BIO holds, as a text of its own. */
static char *take_text(BIO *bio)
{
	char *data = NULL;
	long n = BIO_get_mem_data(bio, &data);

	return n > 0 ? strndup(data, (size_t)n) : NULL;
}

char *pki_certificate_pem(X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;

	if (bio != NULL && PEM_write_bio_X509(bio, cert) == 1)
		text = take_text(bio);
	BIO_free(bio);
	return text;
}

/* BIO_s_secmem() wipes what it held. */
static bool store_key(const char *path, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *data = NULL;
	bool ok = false;
	long n;

	if (bio == NULL || PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1) {
		pki_say_openssl(CLI_FAILED, "writing the key");
	} else {
		n = BIO_get_mem_data(bio, &data);
		ok = n > 0 && io_create(path, S_IRUSR | S_IWUSR, data, (size_t)n);
	}
	BIO_free(bio);
	return ok;
}

bool pki_store(const char *dir, const char *name, EVP_PKEY *key, X509 *cert, const char *chain)
{
	char key_path[PATH_MAX];
	char path[PATH_MAX];
	char *pem = pki_certificate_pem(cert);
	char *text = NULL;
	bool ok = false;

	if (pem != NULL && asprintf(&text, "%s%s", pem, chain != NULL ? chain : "") > 0 &&
	    pki_path(key_path, dir, name, ".key") && pki_path(path, dir, name, ".pem")) {
		ok = key == NULL || store_key(key_path, key);
		/* A key without its certificate would stand in the way of the next try. */
		if (ok && !io_create(path, 0644, text, strlen(text))) {
			if (key != NULL)
				unlink(key_path);
			ok = false;
		}
	}
	free(text);
	free(pem);
	return ok;
}
