/* SPDX-License-Identifier: Apache-2.0 */
/* CE8, CE1, CE3: every rule of the certificate lint passes and fails, on certificates made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <callerid/certlint.h>

#include "tests/kit/dertext.h"
#include "tests/kit/pki.h"

#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

/* The certificates of the chain, in the order of the file. */
enum who { EE, CA, ROOT, WHO_COUNT };

static const enum callerid_certlint_kind kind_of[WHO_COUNT] = {
	CALLERID_CERTLINT_END_ENTITY,
	CALLERID_CERTLINT_CA,
	CALLERID_CERTLINT_ROOT,
};

/* The parts of a certificate, in the order of its bytes; SIGNER is no part. */
enum field {
	V,
	SERIAL,
	SIG_IN,
	ISSUER,
	VALID,
	SUBJECT,
	SPKI,
	UID,
	BC,
	KU,
	SKI,
	AKI,
	CP,
	CRL,
	TN,
	EXTRA,
	SIG_OUT,
	SIGNER,
	FIELD_COUNT
};

/* Parts are written in the notation of tests/kit/dertext.h; P is a P-384 key. */
#define ATTR(oid, tag, text)	 "31{30{0603" oid tag "{'" text "'}}}"
#define C(text)			 ATTR("550406", "13", text)
#define O(text)			 ATTR("55040a", "0c", text)
#define CN(text)		 ATTR("550403", "13", text)
#define SN(text)		 ATTR("550405", "13", text)
#define NAME(attributes)	 "30{" attributes "}"
#define NAME_ROOT		 NAME(C("US") O("Test") CN("SHAKEN Root"))
#define NAME_CA			 NAME(C("US") O("Test") CN("SHAKEN Intermediate"))
#define NAME_EE			 NAME(C("US") O("Test") CN("SHAKEN 1234") SN("1"))
#define SHA256			 "30{06082a8648ce3d040302}"
#define SHA384			 "30{06082a8648ce3d040303}"
#define EXT(oid, value)		 "30{06" oid " 04{" value "}}"
#define EXT_CRITICAL(oid, value) "30{06" oid " 0101ff 04{" value "}}"
#define BASIC(value)		 EXT_CRITICAL("03551d13", "30{" value "}")
#define USAGE(bits)		 EXT_CRITICAL("03551d0f", "03{" bits "}")
#define SKI_OF(id)		 EXT("03551d0e", "04{" id "}")
#define AKI_OF(id)		 EXT("03551d23", "30{80{" id "}}")
#define OTHER_ID		 "'01234567890123456789'"
#define POLICY(last)		 "30{06{6086480186ff090101" last "}}"
#define POLICIES(list)		 EXT("03551d20", "30{" list "}")
#define URI(text)		 "86{'" text "'}"
#define POINT(names)		 "30{a0{a0{" names "}}a2{a4{" NAME_ROOT "}}}"
#define POINTS(list)		 EXT("03551d1f", "30{" list "}")
#define STI_PA			 "https://authenticate-api.iconectiv.com/download/v1/crl"
#define TN_OF(value)		 EXT("082b0601050507011a", value)

static const char *const base[WHO_COUNT][FIELD_COUNT] = {
	[EE] = {[V] = "a0{020102}",
		[SERIAL] = "02{00 ff01020304050607}",
		[SIG_IN] = SHA256,
		[ISSUER] = NAME_CA,
		[VALID] = "30{17{'250101000000Z'}18{'20500101000000Z'}}",
		[SUBJECT] = NAME_EE,
		[SPKI] = "30{30{06072a8648ce3d020106082a8648ce3d030107}03{00K}}",
		[UID] = "",
		[BC] = BASIC(""),
		[KU] = USAGE("0780"),
		[SKI] = SKI_OF("S"),
		[AKI] = AKI_OF("A"),
		[CP] = POLICIES(POLICY("03")),
		[CRL] = POINTS(POINT(URI(STI_PA))),
		[TN] = TN_OF("30{a0{16{'1234'}}}"),
		[EXTRA] = "",
		[SIG_OUT] = SHA256},
	[CA] = {[V] = "a0{020102}",
		[SERIAL] = "02{1102030405060708}",
		[SIG_IN] = SHA256,
		[ISSUER] = NAME_ROOT,
		[VALID] = "30{17{'250101000000Z'}17{'490101000000Z'}}",
		[SUBJECT] = NAME_CA,
		[SPKI] = "30{30{06072a8648ce3d020106082a8648ce3d030107}03{00K}}",
		[UID] = "",
		[BC] = BASIC("0101ff 020100"),
		[KU] = USAGE("0204"),
		[SKI] = SKI_OF("S"),
		[AKI] = AKI_OF("A"),
		[CP] = POLICIES(POLICY("03")),
		[CRL] = POINTS(POINT(URI(STI_PA))),
		[TN] = "",
		[EXTRA] = "",
		[SIG_OUT] = SHA256},
	[ROOT] = {[V] = "a0{020102}",
		  [SERIAL] = "02{2102030405060708}",
		  [SIG_IN] = SHA256,
		  [ISSUER] = NAME_ROOT,
		  [VALID] = "30{17{'250101000000Z'}17{'490101000000Z'}}",
		  [SUBJECT] = NAME_ROOT,
		  [SPKI] = "30{30{06072a8648ce3d020106082a8648ce3d030107}03{00K}}",
		  [UID] = "",
		  [BC] = BASIC("0101ff 020101"),
		  [KU] = USAGE("0284"),
		  [SKI] = SKI_OF("S"),
		  [AKI] = AKI_OF("A"),
		  [CP] = "",
		  [CRL] = "",
		  [TN] = "",
		  [EXTRA] = "",
		  [SIG_OUT] = SHA256},
};

/* One violation: what becomes of one part of one certificate, and all the rules that then fail. */
struct violation {
	const char *fails; /* the rule that it is for, then those that cannot but fail too */
	enum who judged, changed;
	enum field field;
	const char *with;
};

static const struct violation violations[] = {
	{"der_encoding", CA, CA, BC, EXT_CRITICAL("03551d13", "3081060101ff020100")},
	{"der_encoding", EE, EE, SKI, "30{0603551d0e 010100 04{04{S}}}"},
	{"der_encoding", EE, EE, BC, BASIC("010100")},
	{"der_encoding", CA, CA, BC, BASIC("010101 020100")},
	{"der_encoding", EE, EE, KU, USAGE("0781")},
	{"der_encoding", EE, EE, KU, USAGE("0080")},
	{"der_encoding", CA, CA, BC, BASIC("0101ff 02020000")},
	{"der_encoding version_3", EE, EE, V, "a0{020100}"},
	{"version_3", EE, EE, V, ""},
	{"version_3", CA, CA, V, "a0{020101}"},
	{"serial_positive", EE, EE, SERIAL, "02{800102030405060708}"},
	{"serial_positive serial_entropy", EE, EE, SERIAL, "020100"},
	{"serial_minimal", EE, EE, SERIAL, "02{000102030405060708}"},
	{"serial_minimal serial_positive", EE, EE, SERIAL, "02{ffff02030405060708}"},
	{"serial_length", EE, EE, SERIAL, "02{'abcdefghijklmnopqrstu'}"},
	{"serial_entropy", EE, EE, SERIAL, "02{00ff020304050607}"},
	{"signature_algorithm signature_same", CA, CA, SIG_OUT, SHA384},
	{"root_signature_algorithm signature_same root_signature", ROOT, ROOT, SIG_OUT, SHA384},
	{"signature_same", EE, EE, SIG_IN, SHA384},
	{"signature_parameters signature_same", EE, EE, SIG_OUT, "30{06082a8648ce3d0403020500}"},
	{"key_p256 subject_key_id_sha1", EE, EE, SPKI, "P"},
	{"root_key_p256 subject_key_id_sha1 root_signature", ROOT, ROOT, SPKI, "P"},
	{"key_point subject_key_id_sha1", EE, EE, SPKI,
	 "30{30{06072a8648ce3d020106082a8648ce3d030107}03{0004" OTHER_ID OTHER_ID OTHER_ID
	 "'abcd'}}"},
	{"root_signature", ROOT, ROOT, SIGNER, "other"},
	{"validity_encoding", EE, EE, VALID, "30{18{'20250101000000Z'}17{'260101000000Z'}}"},
	{"validity_encoding", EE, EE, VALID, "30{17{'2501010000Z'}17{'260101000000Z'}}"},
	{"validity_encoding", EE, EE, VALID, "30{17{'251301000000Z'}17{'260101000000Z'}}"},
	{"validity_order", EE, EE, VALID, "30{17{'260101000000Z'}17{'250101000000Z'}}"},
	{"issuer_c", EE, EE, ISSUER, NAME(O("Test") CN("SHAKEN Intermediate"))},
	{"issuer_o", EE, EE, ISSUER, NAME(C("US") CN("SHAKEN Intermediate"))},
	{"issuer_cn", EE, EE, ISSUER, NAME(C("US") O("Test"))},
	{"subject_c", EE, EE, SUBJECT, NAME(C("us") O("Test") CN("SHAKEN 1234") SN("1"))},
	{"subject_c", EE, EE, SUBJECT, NAME(C("USA") O("Test") CN("SHAKEN 1234") SN("1"))},
	{"subject_o", EE, EE, SUBJECT, NAME(C("US") O("A") O("B") CN("SHAKEN 1234") SN("1"))},
	{"subject_cn", EE, EE, SUBJECT, NAME(C("US") O("Test") SN("1"))},
	{"name_encoding", EE, EE, SUBJECT,
	 NAME(C("US") ATTR("55040a", "14", "Test") CN("SHAKEN 1234") SN("1"))},
	{"name_encoding", EE, EE, SUBJECT,
	 NAME(C("US") ATTR("55040a", "13", "Te*st") CN("SHAKEN 1234") SN("1"))},
	{"name_length", EE, EE, SUBJECT,
	 NAME(C("US") O("0123456789012345678901234567890123456789012345678901234567890123 ")
		      CN("SHAKEN 1234") SN("1"))},
	{"ca_cn_shaken", CA, CA, SUBJECT, NAME(C("US") O("Test") CN("Intermediate"))},
	{"cn_shaken_spc", EE, EE, SUBJECT, NAME(C("US") O("Test") CN("SHAKEN 12a4") SN("1"))},
	{"cn_shaken_spc", EE, EE, SUBJECT, NAME(C("US") O("Test") CN("A SHAKEN 1234") SN("1"))},
	{"cn_spc_same", EE, EE, SUBJECT, NAME(C("US") O("Test") CN("SHAKEN 1235") SN("1"))},
	{"subject_serial_number", EE, EE, SUBJECT, NAME(C("US") O("Test") CN("SHAKEN 1234"))},
	{"subject_other_attributes", EE, EE, SUBJECT,
	 NAME(C("US") O("Test") CN("SHAKEN 1234") SN("1") ATTR("55040b", "13", "Unit"))},
	{"subject_other_attributes", EE, EE, SUBJECT,
	 NAME(C("US") O("Test") CN("SHAKEN 1234") SN("1") "31{30{06{ff}13{'x'}}}")},
	{"unique_ids", EE, EE, UID, "81{00ff}"},
	{"ext_once", EE, EE, EXTRA, SKI_OF("S")},
	{"ext_critical", EE, EE, SKI, EXT_CRITICAL("03551d0e", "04{S}")},
	{"ext_only", EE, EE, EXTRA, EXT("03551d25", "30{06042a030405}")},
	{"basic_present", EE, EE, BC, ""},
	{"basic_critical", EE, EE, BC, EXT("03551d13", "30{}")},
	{"basic_is_ca basic_path_length", CA, CA, BC, BASIC("020100")},
	{"basic_is_signer", EE, EE, BC, BASIC("0101ff")},
	{"basic_path_length", EE, EE, BC, BASIC("020100")},
	{"key_usage_present", EE, EE, KU, ""},
	{"key_usage_critical", EE, EE, KU, EXT("03551d0f", "03{0780}")},
	{"key_usage_signer", EE, EE, KU, USAGE("0490")},
	{"key_usage_signer", EE, EE, KU, USAGE("0410")},
	{"key_usage_cert_sign basic_path_length", CA, CA, KU, USAGE("0780")},
	{"key_usage_ca_only", CA, CA, KU, USAGE("0214")},
	{"key_usage_crl_sign", CA, CA, KU, USAGE("0106")},
	{"subject_key_id", EE, EE, SKI, ""},
	{"subject_key_id_size subject_key_id_sha1", EE, EE, SKI, SKI_OF("'short'")},
	{"subject_key_id_sha1", EE, EE, SKI, SKI_OF(OTHER_ID)},
	{"authority_key_id", EE, EE, AKI, ""},
	{"authority_key_id", CA, CA, AKI, EXT("03551d23", "30{}")},
	{"root_authority_key_id", ROOT, ROOT, AKI, AKI_OF(OTHER_ID)},
	{"policy_present", EE, EE, CP, ""},
	{"policy_one", EE, EE, CP, POLICIES(POLICY("03") POLICY("04"))},
	{"policy_arc", EE, EE, CP, POLICIES("30{06042a030405}")},
	{"root_policy_none", ROOT, ROOT, CP, POLICIES(POLICY("03"))},
	{"crl_present", EE, EE, CRL, ""},
	{"crl_one", EE, EE, CRL, POINTS(POINT(URI(STI_PA) URI(STI_PA)))},
	{"crl_one", EE, EE, CRL, POINTS(POINT(URI(STI_PA)) POINT(URI(STI_PA)))},
	{"crl_scheme crl_sti_pa", EE, EE, CRL, POINTS(POINT(URI("ftp://example.org/crl")))},
	{"crl_sti_pa", EE, EE, CRL, POINTS(POINT(URI("https://example.org/crl")))},
	{"crl_issuer", EE, EE, CRL, POINTS("30{a0{a0{" URI(STI_PA) "}}}")},
	{"tnauth_present", EE, EE, TN, ""},
	{"tnauth_syntax", EE, EE, TN, TN_OF("30{}")},
	{"tnauth_syntax", EE, EE, TN, TN_OF("30{a0{16{}}}")},
	{"tnauth_syntax der_encoding", EE, EE, TN, TN_OF("30{a0{16{'1234'}}}00")},
	{"tnauth_one_spc", EE, EE, TN, TN_OF("30{a2{16{'12155551212'}}}")},
	{"tnauth_one_spc", EE, EE, TN, TN_OF("30{a0{16{'1234'}}a0{16{'1234'}}}")},
	{"tnauth_spc_alphabet cn_spc_same", EE, EE, TN, TN_OF("30{a0{16{'abcd'}}}")},
	{"ca_tnauth_none", CA, CA, TN, TN_OF("30{a0{16{'1234'}}}")},
	{"chain_name", EE, EE, ISSUER, NAME(C("US") O("Test") CN("SHAKEN Other"))},
	{"chain_name", EE, CA, SUBJECT, NAME(C("US") O("Test") CN("SHAKEN Other"))},
	{"chain_ca", EE, CA, BC, BASIC("")},
	{"chain_ca", EE, CA, KU, USAGE("0780")},
	{"chain_key_id", EE, EE, AKI, AKI_OF(OTHER_ID)},
	{"chain_signature", EE, EE, SIGNER, "other"},
	{"chain_path_length", ROOT, ROOT, BC, BASIC("0101ff 020100")},
};

struct world {
	EVP_PKEY *key[WHO_COUNT];
	EVP_PKEY *other; /* P-384 */
};

static void sign(struct kit_der *tbs, EVP_PKEY *key, struct kit_der *bits_out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = sizeof(bits_out->p) - 1;

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(EVP_DigestSign(ctx, bits_out->p + 1, &n, tbs->p, tbs->n), 1);
	bits_out->p[0] = 0;
	bits_out->n = n + 1;
	EVP_MD_CTX_free(ctx);
}

/* The certificate whose parts are the base's, but for what v changes. */
static void make(const struct world *w, enum who who, const struct violation *v,
		 struct kit_der *der_out)
{
	struct kit_der part = {0}, exts = {0}, list = {0}, tbs = {0}, bits = {0}, all = {0};
	const char *text[FIELD_COUNT];
	const struct kit_der_keys keys = {w->key[who], w->key[who == ROOT ? ROOT : who + 1],
					  w->other};

	memcpy(text, base[who], sizeof(text));
	if (v != NULL && v->changed == who)
		text[v->field] = v->with;
	for (int f = V; f <= UID; f++)
		kit_der_compile(text[f], &keys, &part);
	for (int f = BC; f <= EXTRA; f++)
		kit_der_compile(text[f], &keys, &exts);
	kit_der_put_tlv(&list, 0x30, &exts);
	kit_der_put_tlv(&part, 0xa3, &list);
	kit_der_put_tlv(&tbs, 0x30, &part);
	sign(&tbs, text[SIGNER] != NULL ? w->other : keys.issuer, &bits);
	kit_der_put(&all, tbs.p, tbs.n);
	kit_der_compile(text[SIG_OUT], &keys, &all);
	kit_der_put_tlv(&all, 0x03, &bits);
	der_out->n = 0;
	kit_der_put_tlv(der_out, 0x30, &all);
}

/* PEM of the whole chain; the caller frees it. */
static char *make_chain(const struct world *w, const struct violation *v)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL, *text;
	long n;

	for (enum who who = EE; who < WHO_COUNT; who++) {
		struct kit_der der;

		make(w, who, v, &der);
		assert_true(PEM_write_bio(bio, "CERTIFICATE", "", der.p, (long)der.n) > 0);
	}
	n = BIO_get_mem_data(bio, &data);
	text = strndup(data, (size_t)n);
	assert_non_null(text);
	BIO_free(bio);
	return text;
}

static struct callerid_certlint *lint(const void *body, size_t len,
				      enum callerid_certlint_kind kind)
{
	struct callerid_certlint *found = NULL;
	struct callerid_error err = {0};

	if (callerid_certlint_run(body, len, kind, &found, &err) != CALLERID_OK)
		fail_msg("%s: %s", err.where, err.text);
	return found;
}

/* The failed rules, in the table's order. */
static void failed(const struct callerid_certlint *found, size_t i, char out[1024])
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t r = 0; r < callerid_certlint_rule_count(); r++) {
		const struct callerid_certlint_answer *a = callerid_certlint_answer(found, i, r);

		assert_true(a->why[0] != '\0');
		if (a->result == CALLERID_CERTLINT_FAIL)
			at += (size_t)snprintf(out + at, 1024 - at, "%s ", a->rule->id);
	}
}

/* Every word of wanted is a word of found, and there are no others. */
static void expect(const char *wanted, const char *found, const struct violation *v)
{
	char word[64];
	size_t total = 0;

	for (const char *p = wanted; *p != '\0'; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		snprintf(word, sizeof(word), "%.*s ", (int)n, p);
		if (strstr(found, word) == NULL)
			fail_msg("%s by %s: found %s", wanted, v->with, found);
		total += n + 1;
		p += n;
	}
	if (total != strlen(found))
		fail_msg("%s by %s: found %s", wanted, v->with, found);
}

/* Alone, as what it is meant to be; a rule about the file needs all of it. */
static void try(const struct world *w, const struct violation *v)
{
	bool chain = strncmp(v->fails, "chain_", 6) == 0;
	struct callerid_certlint *found;
	struct kit_der der;
	char text[1024];

	if (chain) {
		char *pem = make_chain(w, v);

		found = lint(pem, strlen(pem), CALLERID_CERTLINT_AUTO);
		free(pem);
	} else {
		make(w, v->changed, v, &der);
		found = lint(der.p, der.n, kind_of[v->changed]);
	}
	failed(found, chain ? v->judged : 0, text);
	expect(v->fails, text, v);
	callerid_certlint_free(found);
}

TEST(ce8_each_violation_fails_its_rule_and_no_other)
{
	for (size_t i = 0; i < sizeof(violations) / sizeof(violations[0]); i++)
		try(*state, &violations[i]);
}

TEST(ce8_every_rule_has_a_violation)
{
	(void)state;
	for (size_t r = 0; r < callerid_certlint_rule_count(); r++) {
		const char *id = callerid_certlint_rule_at(r)->id;
		size_t n = 0;

		for (size_t i = 0; i < sizeof(violations) / sizeof(violations[0]); i++)
			n += strncmp(violations[i].fails, id, strlen(id)) == 0 &&
			     strspn(violations[i].fails + strlen(id),
				    "_abcdefghijklmnopqrstuvwxyz0123456789") == 0;
		if (n == 0)
			fail_msg("%s never fails", id);
	}
}

TEST(ce8_a_chain_as_it_should_be_is_clean_and_every_rule_passes_somewhere_in_it)
{
	char *pem = make_chain(*state, NULL);
	struct callerid_certlint *found = lint(pem, strlen(pem), CALLERID_CERTLINT_AUTO);
	char text[1024];

	assert_int_equal(callerid_certlint_count(found), WHO_COUNT);
	for (size_t i = 0; i < WHO_COUNT; i++) {
		failed(found, i, text);
		assert_string_equal(text, "");
		assert_int_equal(callerid_certlint_kind_of(found, i), kind_of[i]);
		assert_int_equal(callerid_certlint_failures(found, i, CALLERID_CERTLINT_ERROR), 0);
	}
	for (size_t r = 0; r < callerid_certlint_rule_count(); r++) {
		size_t n = 0;

		for (size_t i = 0; i < WHO_COUNT; i++)
			n += callerid_certlint_answer(found, i, r)->result ==
			     CALLERID_CERTLINT_PASS;
		if (n == 0)
			fail_msg("%s never passes", callerid_certlint_rule_at(r)->id);
	}
	assert_string_equal(callerid_certlint_subject(found, 0),
			    "C=US, O=Test, CN=SHAKEN 1234, serialNumber=1");
	callerid_certlint_free(found);
	free(pem);
}

TEST(the_answer_names_the_value_found_and_counts_by_severity)
{
	const struct violation v = {"", EE, EE, SUBJECT, NAME(C("US") O("Test") CN("\a") SN("1"))};
	struct callerid_certlint *found;
	struct kit_der der;
	size_t n = 0;

	make(*state, EE, &v, &der);
	found = lint(der.p, der.n, CALLERID_CERTLINT_AUTO);
	for (size_t r = 0; r < callerid_certlint_rule_count(); r++) {
		const struct callerid_certlint_answer *a = callerid_certlint_answer(found, 0, r);

		if (strcmp(a->rule->id, "cn_shaken_spc") == 0) {
			/* A control character reaches no terminal. */
			assert_string_equal(a->why, "\"?\"");
			assert_int_equal(a->result, CALLERID_CERTLINT_FAIL);
			n++;
		}
	}
	assert_int_equal(n, 1);
	/* cn_shaken_spc, and name_encoding: BEL is not printable. */
	assert_int_equal(callerid_certlint_failures(found, 0, CALLERID_CERTLINT_ERROR), 2);
	assert_int_equal(callerid_certlint_failures(found, 0, CALLERID_CERTLINT_WARNING), 0);
	assert_int_equal(callerid_certlint_failures(found, 1, CALLERID_CERTLINT_ERROR), 0);
	assert_null(callerid_certlint_answer(found, 1, 0));
	assert_null(callerid_certlint_answer(found, 0, callerid_certlint_rule_count()));
	assert_null(callerid_certlint_rule_at(callerid_certlint_rule_count()));
	callerid_certlint_free(found);
}

static void refuse(const void *body, size_t len, enum callerid_status status)
{
	struct callerid_certlint *found = NULL;
	struct callerid_error err = {0};

	assert_int_equal(callerid_certlint_run(body, len, CALLERID_CERTLINT_AUTO, &found, &err),
			 status);
	assert_null(found);
	assert_true(err.text[0] != '\0');
}

TEST(what_is_no_certificate_is_refused)
{
	struct callerid_certlint *found = NULL;
	struct kit_der der;

	make(*state, EE, NULL, &der);
	refuse("", 0, CALLERID_ESYNTAX);
	refuse("no certificate", 14, CALLERID_ESYNTAX);
	refuse("-----BEGIN CERTIFICATE-----\nMIIC", 32, CALLERID_ESYNTAX);
	for (size_t n = 1; n < der.n; n++)
		refuse(der.p, n, CALLERID_ESYNTAX);
	kit_der_put(&der, "\0", 1);
	refuse(der.p, der.n, CALLERID_ESYNTAX);
	assert_int_equal(
		callerid_certlint_run(der.p, der.n, CALLERID_CERTLINT_ROOT | 2, &found, NULL),
		CALLERID_EINVAL);
}

TEST(over_64_kb_8_certificates_64_extensions_or_32_attributes_is_over_the_limit)
{
	static char big[CALLERID_CERTLINT_BYTES_MAX + 1];
	char exts[65 * 24 + 1] = "", attrs[40 * 64] = NAME("");
	const struct violation many_exts = {"", EE, EE, EXTRA, exts};
	const struct violation many_attrs = {"", EE, EE, SUBJECT, attrs};
	char *pem = make_chain(*state, NULL);
	struct kit_der der;
	size_t at = 0;

	memset(big, '\n', sizeof(big));
	memcpy(big, pem, strlen(pem));
	callerid_certlint_free(lint(big, sizeof(big) - 1, CALLERID_CERTLINT_AUTO));
	refuse(big, sizeof(big), CALLERID_ELIMIT);
	for (size_t i = 0; i < 3; i++)
		memcpy(big + i * strlen(pem), pem, strlen(pem));
	refuse(big, 3 * strlen(pem), CALLERID_ELIMIT);
	free(pem);
	for (size_t i = 0; i < 65; i++)
		memcpy(exts + i * 17, "30{06022a40 0400}", 17);
	make(*state, EE, &many_exts, &der);
	refuse(der.p, der.n, CALLERID_ELIMIT);
	at = (size_t)snprintf(attrs, sizeof(attrs), "30{");
	for (size_t i = 0; i < 33; i++)
		at += (size_t)snprintf(attrs + at, sizeof(attrs) - at, "%s", SN("1"));
	snprintf(attrs + at, sizeof(attrs) - at, "}");
	make(*state, EE, &many_attrs, &der);
	refuse(der.p, der.n, CALLERID_ELIMIT);
}

TEST(a_key_in_the_same_file_is_no_certificate_and_disturbs_none)
{
	struct world *w = *state;
	char *key = kit_key_pem(w->key[EE]);
	char *pem = make_chain(w, NULL);
	char *both = calloc(1, strlen(key) + strlen(pem) + 1);
	struct callerid_certlint *found;

	memcpy(both, key, strlen(key));
	refuse(both, strlen(both), CALLERID_ESYNTAX);
	memcpy(both + strlen(key), pem, strlen(pem));
	found = lint(both, strlen(both), CALLERID_CERTLINT_AUTO);
	assert_int_equal(callerid_certlint_count(found), WHO_COUNT);
	callerid_certlint_free(found);
	free(both);
	free(pem);
	free(key);
}

TEST(rules_say_who_they_are_for_and_where_they_come_from)
{
	(void)state;
	for (size_t r = 0; r < callerid_certlint_rule_count(); r++) {
		const struct callerid_certlint_rule *rule = callerid_certlint_rule_at(r);

		assert_true(rule->applies != 0 && rule->applies <= 7);
		assert_true(strlen(rule->text) > 10 && rule->text[strlen(rule->text) - 1] == '.');
		assert_true(strstr(rule->source, "RFC ") != NULL ||
			    strstr(rule->source, "X.690") != NULL ||
			    strstr(rule->source, "as encoded by public linters") != NULL);
		for (size_t k = r + 1; k < callerid_certlint_rule_count(); k++)
			assert_string_not_equal(rule->id, callerid_certlint_rule_at(k)->id);
	}
	assert_string_equal(callerid_certlint_kind_name(CALLERID_CERTLINT_ROOT), "root");
	assert_string_equal(callerid_certlint_kind_name((enum callerid_certlint_kind)3), "?");
	assert_string_equal(callerid_certlint_severity_name((enum callerid_certlint_severity)9),
			    "?");
	assert_string_equal(callerid_certlint_result_name((enum callerid_certlint_result)9), "?");
}

static int set_up(void **state)
{
	static struct world w;

	for (enum who who = EE; who < WHO_COUNT; who++)
		w.key[who] = kit_key("P-256");
	w.other = kit_key("P-384");
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	for (enum who who = EE; who < WHO_COUNT; who++)
		EVP_PKEY_free(w->key[who]);
	EVP_PKEY_free(w->other);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ce8_each_violation_fails_its_rule_and_no_other),
		cmocka_unit_test(ce8_every_rule_has_a_violation),
		cmocka_unit_test(
			ce8_a_chain_as_it_should_be_is_clean_and_every_rule_passes_somewhere_in_it),
		cmocka_unit_test(the_answer_names_the_value_found_and_counts_by_severity),
		cmocka_unit_test(what_is_no_certificate_is_refused),
		cmocka_unit_test(
			over_64_kb_8_certificates_64_extensions_or_32_attributes_is_over_the_limit),
		cmocka_unit_test(a_key_in_the_same_file_is_no_certificate_and_disturbs_none),
		cmocka_unit_test(rules_say_who_they_are_for_and_where_they_come_from),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
