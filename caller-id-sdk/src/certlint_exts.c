/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the certificate lint: which extensions there are, and those that every profile has. */
#include "certlint.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/sha.h>

#define SKI_OCTETS 20 /* 160 bits */

enum callerid_certlint_result cid_lint_ext_once(const struct cid_lint_case *c, char *why)
{
	const struct cid_lint_cert *cert = c->cert;
	char oid[CID_LINT_OID_TEXT];

	for (size_t i = 0; i < cert->n_ext; i++)
		for (size_t k = i + 1; k < cert->n_ext; k++)
			if (cid_der_same(cert->ext[i].oid, cert->ext[k].oid)) {
				cid_lint_oid(cert->ext[i].oid, oid, sizeof(oid));
				return cid_lint_say(CID_LINT_FAIL, why, "%s is there again", oid);
			}
	return cid_lint_say(CID_LINT_PASS, why, "%zu extensions", cert->n_ext);
}

enum callerid_certlint_result cid_lint_ext_critical(const struct cid_lint_case *c, char *why)
{
	for (size_t i = 0; i < c->cert->n_ext; i++) {
		const struct cid_lint_ext *ext = &c->cert->ext[i];
		char oid[CID_LINT_OID_TEXT];

		if (!ext->critical || cid_lint_is(ext->oid, CID_OID_BASIC) ||
		    cid_lint_is(ext->oid, CID_OID_USAGE))
			continue;
		cid_lint_oid(ext->oid, oid, sizeof(oid));
		return cid_lint_say(CID_LINT_FAIL, why, "%s is critical", oid);
	}
	return cid_lint_say(CID_LINT_PASS, why, "no other extension is critical");
}

enum callerid_certlint_result cid_lint_ext_only(const struct cid_lint_case *c, char *why)
{
	static const enum cid_lint_oid known[] = {CID_OID_BASIC,   CID_OID_USAGE, CID_OID_SKI,
						  CID_OID_AKI,	   CID_OID_CRLDP, CID_OID_TNAUTH,
						  CID_OID_POLICIES};

	for (size_t i = 0; i < c->cert->n_ext; i++) {
		char oid[CID_LINT_OID_TEXT];
		bool found = false;

		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			found = found || cid_lint_is(c->cert->ext[i].oid, known[k]);
		if (found)
			continue;
		cid_lint_oid(c->cert->ext[i].oid, oid, sizeof(oid));
		return cid_lint_say(CID_LINT_FAIL, why, "%s is none of the profile's", oid);
	}
	return cid_lint_say(CID_LINT_PASS, why, "%zu extensions of the profile", c->cert->n_ext);
}

/* There, and readable. */
static enum callerid_certlint_result is_there(enum cid_lint_state state, char *why)
{
	static const char *const text[] = {"absent", "its value cannot be read", "present"};

	return cid_lint_say(cid_lint_if(state == CID_LINT_GOOD), why, "%s", text[state]);
}

static enum callerid_certlint_result is_critical(const struct cid_lint_cert *cert,
						 enum cid_lint_oid which, char *why)
{
	const struct cid_lint_ext *ext = cid_lint_ext(cert, which);

	if (ext == NULL)
		return cid_lint_say(CID_LINT_NA, why, "absent");
	return cid_lint_say(cid_lint_if(ext->critical), why, "%s",
			    ext->critical ? "critical" : "not critical");
}

enum callerid_certlint_result cid_lint_basic_present(const struct cid_lint_case *c, char *why)
{
	struct cid_lint_basic basic;

	return is_there(cid_lint_basic(c->cert, &basic), why);
}

enum callerid_certlint_result cid_lint_basic_critical(const struct cid_lint_case *c, char *why)
{
	return is_critical(c->cert, CID_OID_BASIC, why);
}

static enum callerid_certlint_result ca_is(const struct cid_lint_case *c, bool wanted, char *why)
{
	struct cid_lint_basic basic;

	if (cid_lint_basic(c->cert, &basic) != CID_LINT_GOOD)
		return cid_lint_say(CID_LINT_NA, why, "there is no readable basicConstraints");
	return cid_lint_say(cid_lint_if(basic.ca == wanted), why, "cA is %s",
			    basic.ca ? "TRUE" : "FALSE");
}

enum callerid_certlint_result cid_lint_basic_is_ca(const struct cid_lint_case *c, char *why)
{
	return ca_is(c, true, why);
}

enum callerid_certlint_result cid_lint_basic_is_ee(const struct cid_lint_case *c, char *why)
{
	return ca_is(c, false, why);
}

/* RFC 5280 §4.2.1.9: only with cA TRUE and keyCertSign. */
enum callerid_certlint_result cid_lint_basic_pathlen(const struct cid_lint_case *c, char *why)
{
	struct cid_lint_basic basic;
	unsigned usage;

	if (cid_lint_basic(c->cert, &basic) != CID_LINT_GOOD || !basic.has_path_len)
		return cid_lint_say(CID_LINT_NA, why, "there is no pathLenConstraint");
	(void)cid_lint_usage(c->cert, &usage);
	return cid_lint_say(cid_lint_if(basic.ca && (usage & CID_USE_CERT_SIGN) != 0), why,
			    "pathLenConstraint %u, cA %s, keyUsage %s keyCertSign", basic.path_len,
			    basic.ca ? "TRUE" : "FALSE",
			    (usage & CID_USE_CERT_SIGN) != 0 ? "with" : "without");
}

enum callerid_certlint_result cid_lint_usage_present(const struct cid_lint_case *c, char *why)
{
	unsigned usage;

	return is_there(cid_lint_usage(c->cert, &usage), why);
}

enum callerid_certlint_result cid_lint_usage_critical(const struct cid_lint_case *c, char *why)
{
	return is_critical(c->cert, CID_OID_USAGE, why);
}

/* The bits' names of RFC 5280 §4.2.1.3. */
static void usage_text(unsigned usage, char *out, size_t size)
{
	static const char *const names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
					    "dataEncipherment", "keyAgreement",	  "keyCertSign",
					    "cRLSign",		"encipherOnly",	  "decipherOnly"};
	size_t at = 0;

	cid_lint_text((struct cid_der){(const uint8_t *)"none", 4}, out, size);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && at < size; i++) {
		size_t n = strlen(names[i]);

		if ((usage & 1U << i) == 0 || at + n + 2 > size)
			continue;
		if (at > 0)
			out[at++] = ' ';
		memcpy(out + at, names[i], n + 1);
		at += n;
	}
}

/* All of must and nothing outside may. */
static enum callerid_certlint_result usage_is(const struct cid_lint_case *c, unsigned must,
					      unsigned may, char *why)
{
	char text[CALLERID_CERTLINT_WHY_MAX];
	unsigned usage;

	if (cid_lint_usage(c->cert, &usage) != CID_LINT_GOOD)
		return cid_lint_say(CID_LINT_NA, why, "there is no readable keyUsage");
	usage_text(usage, text, sizeof(text));
	return cid_lint_say(cid_lint_if((usage & must) == must && (usage & ~(must | may)) == 0),
			    why, "%s", text);
}

enum callerid_certlint_result cid_lint_usage_ee(const struct cid_lint_case *c, char *why)
{
	return usage_is(c, CID_USE_SIGN, 0, why);
}

enum callerid_certlint_result cid_lint_usage_cert_sign(const struct cid_lint_case *c, char *why)
{
	return usage_is(c, CID_USE_CERT_SIGN, ~0U, why);
}

enum callerid_certlint_result cid_lint_usage_ca_only(const struct cid_lint_case *c, char *why)
{
	return usage_is(c, 0, CID_USE_CERT_SIGN | CID_USE_CRL_SIGN | CID_USE_SIGN, why);
}

enum callerid_certlint_result cid_lint_usage_crl_sign(const struct cid_lint_case *c, char *why)
{
	return usage_is(c, 0, ~CID_USE_CRL_SIGN, why);
}

enum callerid_certlint_result cid_lint_ski_present(const struct cid_lint_case *c, char *why)
{
	struct cid_der id;

	return is_there(cid_lint_ski(c->cert, &id), why);
}

enum callerid_certlint_result cid_lint_ski_size(const struct cid_lint_case *c, char *why)
{
	struct cid_der id;

	if (cid_lint_ski(c->cert, &id) != CID_LINT_GOOD)
		return cid_lint_say(CID_LINT_NA, why, "there is no readable subjectKeyIdentifier");
	return cid_lint_say(cid_lint_if(id.n == SKI_OCTETS), why, "%zu bits", 8 * id.n);
}

/* RFC 5280 §4.2.1.2 method 1: SHA-1 of the BIT STRING without tag, length and unused bits. */
enum callerid_certlint_result cid_lint_ski_sha1(const struct cid_lint_case *c, char *why)
{
	uint8_t digest[SHA_DIGEST_LENGTH];
	struct cid_der id;
	bool same;

	if (cid_lint_ski(c->cert, &id) != CID_LINT_GOOD)
		return cid_lint_say(CID_LINT_NA, why, "there is no readable subjectKeyIdentifier");
	if (EVP_Digest(c->cert->key_bits.p + 1, c->cert->key_bits.n - 1, digest, NULL, EVP_sha1(),
		       NULL) != 1)
		return cid_lint_say(CID_LINT_NA, why, "SHA-1 is not available here");
	same = cid_der_same(id, (struct cid_der){digest, sizeof(digest)});
	return cid_lint_say(cid_lint_if(same), why, "%02X%02X%02X%02X... %s SHA-1 of the key",
			    id.p[0], id.n > 1 ? id.p[1] : 0, id.n > 2 ? id.p[2] : 0,
			    id.n > 3 ? id.p[3] : 0, same ? "is" : "is not");
}

enum callerid_certlint_result cid_lint_aki_present(const struct cid_lint_case *c, char *why)
{
	struct cid_der id;

	return is_there(cid_lint_aki(c->cert, &id), why);
}

/* RFC 5280 §4.2.1.1: a self-signed certificate may leave it out. */
enum callerid_certlint_result cid_lint_root_aki(const struct cid_lint_case *c, char *why)
{
	struct cid_der aki, ski;
	bool same;

	switch (cid_lint_aki(c->cert, &aki)) {
	case CID_LINT_ABSENT:
		return cid_lint_say(CID_LINT_PASS, why, "absent, as a root's may be");
	case CID_LINT_BAD:
		return cid_lint_say(CID_LINT_FAIL, why, "its value cannot be read");
	case CID_LINT_GOOD:
		break;
	}
	same = cid_lint_ski(c->cert, &ski) == CID_LINT_GOOD && cid_der_same(aki, ski);
	return cid_lint_say(cid_lint_if(same), why, "%s the subjectKeyIdentifier",
			    same ? "is" : "is not");
}
