/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the certificate lint: a certificate and the one behind it in the file (RFC 9060 §7). */
#include "certlint.h"

#include <openssl/err.h>
#include <openssl/x509.h>

static X509 *open_cert(const struct cid_lint_cert *cert)
{
	const unsigned char *p = cert->whole.p;

	return d2i_X509(NULL, &p, (long)cert->whole.n);
}

bool cid_lint_no_memory(void)
{
	bool found = false;
	unsigned long code;

	while ((code = ERR_get_error()) != 0)
		found = found || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
	return found;
}

int cid_lint_verifies(const struct cid_lint_cert *cert, const struct cid_lint_cert *by)
{
	X509 *child = open_cert(cert);
	X509 *parent = open_cert(by);
	EVP_PKEY *key = parent != NULL ? X509_get0_pubkey(parent) : NULL;
	int verifies = -1;

	ERR_clear_error();
	if (child != NULL && key != NULL)
		verifies = X509_verify(child, key) == 1;
	X509_free(child);
	X509_free(parent);
	return cid_lint_no_memory() && verifies == 0 ? -1 : verifies;
}

/* A key that costs too much to verify with is not used: RSA over 8192 bits has over 1100 bytes. */
#define KEY_BYTES_MAX 1100

static enum callerid_certlint_result verify(const struct cid_lint_cert *cert,
					    const struct cid_lint_cert *by, char *why)
{
	int verifies;

	if (by->spki.n > KEY_BYTES_MAX)
		return cid_lint_say(CID_LINT_FAIL, why, "the key has %zu bytes, too many to try",
				    by->spki.n);
	verifies = cid_lint_verifies(cert, by);
	if (verifies < 0)
		return cid_lint_say(CID_LINT_NA, why, "OpenSSL cannot read certificate or key");
	return cid_lint_say(cid_lint_if(verifies == 1), why, "it %s",
			    verifies == 1 ? "verifies" : "does not verify");
}

enum callerid_certlint_result cid_lint_root_signature(const struct cid_lint_case *c, char *why)
{
	return verify(c->cert, c->cert, why);
}

static enum callerid_certlint_result last(char *why)
{
	return cid_lint_say(CID_LINT_NA, why, "no certificate stands behind it");
}

/* RFC 5280 §6.1.3 (a)(4); compared byte by byte, which every authority's own names satisfy. */
enum callerid_certlint_result cid_lint_chain_name(const struct cid_lint_case *c, char *why)
{
	char issuer[64], subject[64];

	if (c->next == NULL)
		return last(why);
	cid_lint_name_text(&c->cert->issuer, issuer, sizeof(issuer));
	cid_lint_name_text(&c->next->subject, subject, sizeof(subject));
	return cid_lint_say(cid_lint_if(cid_der_same(c->cert->issuer.der, c->next->subject.der)),
			    why, "issuer \"%s\", behind it \"%s\"", issuer, subject);
}

enum callerid_certlint_result cid_lint_chain_ca(const struct cid_lint_case *c, char *why)
{
	struct cid_lint_basic basic;
	unsigned usage;
	bool signs;

	if (c->next == NULL)
		return last(why);
	(void)cid_lint_basic(c->next, &basic);
	signs = cid_lint_usage(c->next, &usage) == CID_LINT_ABSENT ||
		(usage & CID_USE_CERT_SIGN) != 0;
	return cid_lint_say(cid_lint_if(basic.ca && signs), why, "cA %s, keyUsage %s",
			    basic.ca ? "TRUE" : "FALSE",
			    signs ? "lets it sign certificates" : "lacks keyCertSign");
}

enum callerid_certlint_result cid_lint_chain_key_id(const struct cid_lint_case *c, char *why)
{
	struct cid_der aki, ski;
	bool same;

	if (c->next == NULL)
		return last(why);
	if (cid_lint_aki(c->cert, &aki) != CID_LINT_GOOD ||
	    cid_lint_ski(c->next, &ski) != CID_LINT_GOOD)
		return cid_lint_say(CID_LINT_NA, why, "one of the key identifiers is absent");
	same = cid_der_same(aki, ski);
	return cid_lint_say(cid_lint_if(same), why, "they %s", same ? "are the same" : "differ");
}

enum callerid_certlint_result cid_lint_chain_signature(const struct cid_lint_case *c, char *why)
{
	return c->next == NULL ? last(why) : verify(c->cert, c->next, why);
}

/* RFC 5280 §4.2.1.9: how many authorities, not self-issued, may stand between it and the signer. */
enum callerid_certlint_result cid_lint_chain_path_length(const struct cid_lint_case *c, char *why)
{
	struct cid_lint_basic basic;

	if (cid_lint_basic(c->cert, &basic) != CID_LINT_GOOD || !basic.has_path_len)
		return cid_lint_say(CID_LINT_NA, why, "there is no pathLenConstraint");
	return cid_lint_say(cid_lint_if(c->below <= basic.path_len), why,
			    "%zu authorities below it, %u allowed", c->below, basic.path_len);
}
