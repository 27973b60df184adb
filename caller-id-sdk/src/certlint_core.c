/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of the certificate lint: encoding, version, serial number, algorithms, key, dates. */
#include "certlint.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#define SERIAL_OCTETS_MAX 20 /* RFC 5280 §4.1.2.2 */
#define SERIAL_OCTETS_MIN 8  /* 64 random bits */

/* X.690 §11.2.2: a list of named bits ends with a set one. */
static bool usage_ends_in_zero(const struct cid_lint_cert *cert)
{
	const struct cid_lint_ext *ext = cid_lint_ext(cert, CID_OID_USAGE);
	struct cid_der bits;

	if (ext == NULL || !cid_der_only(ext->value, CID_TAG_BITS, &bits) || bits.n < 2 ||
	    bits.p[0] > 7)
		return false;
	return (bits.p[bits.n - 1] & 1U << bits.p[0]) == 0;
}

enum callerid_certlint_result cid_lint_der_encoding(const struct cid_lint_case *c, char *why)
{
	struct cid_lint_basic basic;
	const char *found = cid_der_deviation(c->cert->whole, c->cert->serial.p);

	/* OCTET STRINGs are not walked into; those of extensions hold DER. */
	for (size_t i = 0; found == NULL && i < c->cert->n_ext; i++)
		found = cid_der_deviation(c->cert->ext[i].value, NULL);
	if (found != NULL)
		return cid_lint_say(CID_LINT_FAIL, why, "%s", found);
	if (usage_ends_in_zero(c->cert))
		return cid_lint_say(CID_LINT_FAIL, why, "keyUsage ends in zero bits");
	(void)cid_lint_basic(c->cert, &basic);
	if (c->cert->version_default || c->cert->critical_default || basic.ca_default)
		return cid_lint_say(CID_LINT_FAIL, why, "a default is spelled out: %s",
				    c->cert->version_default	? "version v1"
				    : c->cert->critical_default ? "critical FALSE"
								: "cA FALSE");
	return cid_lint_say(CID_LINT_PASS, why, "%zu bytes of DER", c->cert->whole.n);
}

enum callerid_certlint_result cid_lint_version(const struct cid_lint_case *c, char *why)
{
	return cid_lint_say(cid_lint_if(c->cert->version == 3), why, "version %d",
			    c->cert->version);
}

/* The value without its sign octet, and whether there is one. */
static struct cid_der magnitude(struct cid_der serial)
{
	while (serial.n > 0 && serial.p[0] == 0) {
		serial.p++;
		serial.n--;
	}
	return serial;
}

static bool is_negative(struct cid_der serial)
{
	return serial.n > 0 && serial.p[0] >= 0x80;
}

enum callerid_certlint_result cid_lint_serial_positive(const struct cid_lint_case *c, char *why)
{
	const struct cid_der serial = c->cert->serial;

	if (is_negative(serial))
		return cid_lint_say(CID_LINT_FAIL, why, "negative: its first octet is %02X",
				    serial.p[0]);
	if (magnitude(serial).n == 0)
		return cid_lint_say(CID_LINT_FAIL, why, "zero");
	return cid_lint_say(CID_LINT_PASS, why, "positive, first octet %02X", serial.p[0]);
}

/* X.690 §8.3.2: the first nine bits are neither all zero nor all one. */
enum callerid_certlint_result cid_lint_serial_minimal(const struct cid_lint_case *c, char *why)
{
	const struct cid_der s = c->cert->serial;

	if (s.n == 0)
		return cid_lint_say(CID_LINT_FAIL, why, "empty");
	if (s.n > 1 && ((s.p[0] == 0 && s.p[1] < 0x80) || (s.p[0] == 0xff && s.p[1] >= 0x80)))
		return cid_lint_say(CID_LINT_FAIL, why, "padded: begins with %02X %02X", s.p[0],
				    s.p[1]);
	return cid_lint_say(CID_LINT_PASS, why, "%zu octets, none for padding", s.n);
}

enum callerid_certlint_result cid_lint_serial_length(const struct cid_lint_case *c, char *why)
{
	return cid_lint_say(cid_lint_if(c->cert->serial.n <= SERIAL_OCTETS_MAX), why, "%zu octets",
			    c->cert->serial.n);
}

/* Of 64 random bits the first octet is zero once in 256 times, and the number still random; two
 * certificates of one authority tell that from a counter, one does not. */
enum callerid_certlint_result cid_lint_serial_entropy(const struct cid_lint_case *c, char *why)
{
	const struct cid_der number = magnitude(c->cert->serial);

	return cid_lint_say(cid_lint_if(number.n >= SERIAL_OCTETS_MIN), why,
			    "a number of %zu octets, %zu bits at most", number.n, 8 * number.n);
}

/* The OBJECT IDENTIFIER of an AlgorithmIdentifier and what stands behind it. */
static struct cid_der algorithm_of(struct cid_der algorithm, struct cid_der *parameters_out)
{
	struct cid_der oid = {NULL, 0};

	(void)cid_der_take(&algorithm, CID_TAG_OID, &oid);
	*parameters_out = algorithm;
	return oid;
}

enum callerid_certlint_result cid_lint_signature_algorithm(const struct cid_lint_case *c, char *why)
{
	char text[CID_LINT_OID_TEXT];
	struct cid_der rest;
	struct cid_der oid = algorithm_of(c->cert->signature, &rest);

	if (cid_lint_is(oid, CID_OID_ECDSA_SHA256))
		return cid_lint_say(CID_LINT_PASS, why, "ecdsa-with-SHA256");
	cid_lint_oid(oid, text, sizeof(text));
	return cid_lint_say(CID_LINT_FAIL, why, "%s (%s)", text,
			    oid.n > 0 && oid.n <= 16 ? OBJ_nid2ln(OBJ_txt2nid(text)) : "unknown");
}

enum callerid_certlint_result cid_lint_signature_same(const struct cid_lint_case *c, char *why)
{
	bool same = cid_der_same(c->cert->signed_as, c->cert->signature);

	return cid_lint_say(cid_lint_if(same), why, "inside and outside %s",
			    same ? "are the same" : "differ");
}

/* RFC 5758 §3.2: the AlgorithmIdentifier of ecdsa-with-SHA2 has no parameters, not even NULL. */
enum callerid_certlint_result cid_lint_signature_parameters(const struct cid_lint_case *c,
							    char *why)
{
	struct cid_der rest;
	struct cid_der oid = algorithm_of(c->cert->signature, &rest);

	if (!cid_lint_begins(oid, CID_OID_ECDSA))
		return cid_lint_say(CID_LINT_NA, why, "not signed with ECDSA");
	return cid_lint_say(cid_lint_if(rest.n == 0), why, "%zu bytes of parameters", rest.n);
}

enum callerid_certlint_result cid_lint_key_p256(const struct cid_lint_case *c, char *why)
{
	char text[CID_LINT_OID_TEXT];
	struct cid_der rest, curve;
	struct cid_der oid = algorithm_of(c->cert->key_algorithm, &rest);

	cid_lint_oid(oid, text, sizeof(text));
	if (!cid_lint_is(oid, CID_OID_EC_KEY))
		return cid_lint_say(CID_LINT_FAIL, why, "algorithm %s, not id-ecPublicKey", text);
	if (!cid_der_only(rest, CID_TAG_OID, &curve))
		return cid_lint_say(CID_LINT_FAIL, why, "the curve is spelled out, not named");
	cid_lint_oid(curve, text, sizeof(text));
	if (!cid_lint_is(curve, CID_OID_P256))
		return cid_lint_say(CID_LINT_FAIL, why, "curve %s, not P-256", text);
	return cid_lint_say(CID_LINT_PASS, why, "id-ecPublicKey on P-256");
}

/* OpenSSL refuses a point that is not on its curve. */
enum callerid_certlint_result cid_lint_key_point(const struct cid_lint_case *c, char *why)
{
	const unsigned char *p = c->cert->spki.p;
	EVP_PKEY *key;
	bool good, no_memory;

	ERR_clear_error();
	key = d2i_PUBKEY(NULL, &p, (long)c->cert->spki.n);
	good = key != NULL;
	no_memory = cid_lint_no_memory();
	EVP_PKEY_free(key);
	if (!good && no_memory)
		return cid_lint_say(CID_LINT_NA, why, "no memory to read it");
	return cid_lint_say(cid_lint_if(good), why,
			    good ? "%zu bytes" : "OpenSSL refuses its %zu bytes",
			    c->cert->key_bits.n - 1);
}

/* RFC 5280 §4.1.2.5: YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ, nothing else. A day of 20500101 is
 * returned as that number; -1: not so written. */
static int64_t date_of(const struct cid_tlv *tlv, int64_t *seconds_out)
{
	size_t digits = tlv->tag == CID_TAG_UTCTIME ? 12 : 14;
	int64_t number = 0, year;

	if (tlv->content.n != digits + 1 || tlv->content.p[digits] != 'Z')
		return -1;
	for (size_t i = 0; i < digits; i++) {
		if (tlv->content.p[i] < '0' || tlv->content.p[i] > '9')
			return -1;
		number = 10 * number + (tlv->content.p[i] - '0');
	}
	year = number / INT64_C(10000000000);
	/* RFC 5280 §4.1.2.5.1: 50 to 99 are of the last century. */
	if (digits == 12)
		number += (year >= 50 ? 1900 : 2000) * INT64_C(10000000000);
	*seconds_out = number;
	return number / INT64_C(10000000000);
}

static bool is_calendar(int64_t number)
{
	int64_t second = number % 100, minute = number / 100 % 100, hour = number / 10000 % 100;
	int64_t day = number / 1000000 % 100, month = number / 100000000 % 100;

	return second < 60 && minute < 60 && hour < 24 && day >= 1 && day <= 31 && month >= 1 &&
	       month <= 12;
}

static bool is_date(const struct cid_tlv *tlv, int64_t *number_out)
{
	int64_t year = date_of(tlv, number_out);

	return year >= 0 && is_calendar(*number_out);
}

enum callerid_certlint_result cid_lint_validity_encoding(const struct cid_lint_case *c, char *why)
{
	const struct cid_tlv *dates[] = {&c->cert->not_before, &c->cert->not_after};
	char text[CID_LINT_SHORT];

	for (size_t i = 0; i < 2; i++) {
		int64_t number = 0;
		bool early;

		cid_lint_text(dates[i]->content, text, sizeof(text));
		if (!is_date(dates[i], &number))
			return cid_lint_say(CID_LINT_FAIL, why,
					    "%s is not a date in UTC with seconds", text);
		early = number / INT64_C(10000000000) < 2050;
		if (early != (dates[i]->tag == CID_TAG_UTCTIME))
			return cid_lint_say(CID_LINT_FAIL, why, "%s should be a %s", text,
					    early ? "UTCTime" : "GeneralizedTime");
	}
	return cid_lint_say(CID_LINT_PASS, why, "until %s", text);
}

enum callerid_certlint_result cid_lint_validity_order(const struct cid_lint_case *c, char *why)
{
	int64_t from, until;

	if (!is_date(&c->cert->not_before, &from) || !is_date(&c->cert->not_after, &until))
		return cid_lint_say(CID_LINT_NA, why, "the dates cannot be read");
	return cid_lint_say(cid_lint_if(from <= until), why, "from %lld until %lld",
			    (long long)from, (long long)until);
}

enum callerid_certlint_result cid_lint_unique_ids(const struct cid_lint_case *c, char *why)
{
	return cid_lint_say(cid_lint_if(!c->cert->unique_ids), why, "%s",
			    c->cert->unique_ids ? "present" : "none");
}
