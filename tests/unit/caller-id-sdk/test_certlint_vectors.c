/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CE8 on 75 certificates that another linter was tested with; a file's name states what is wrong
 * with it. They are not part of this repository: without them (ATTESTEL_VECTORS, else
 * ../shared/vectors) the test is skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <callerid/certlint.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EE	 CALLERID_CERTLINT_END_ENTITY
#define CA	 CALLERID_CERTLINT_CA
#define ROOT	 CALLERID_CERTLINT_ROOT
#define FILE_MAX 16384
#define LIST_MAX 1024

struct expectation {
	const char *file;
	enum callerid_certlint_kind kind; /* as found out */
	const char *named;  /* the rule for what the name states; NULL: it states no defect */
	const char *others; /* all others that it fails */
};

/*
 * Where a name and the rules disagree, the rules are right, for these reasons
 * (docs/certificate-lint.md tells them at length):
 * - Cert and Ca are not clean: no distribution point here names the CRL's issuer, which RFC 5280
 *   §4.2.1.13 wants of one who is not the certificate's. Ca's key identifier is no SHA-1.
 * - SerialNumberPadded is rightly padded, by X.690 §8.3.3; what it lacks is length: 7 octets.
 * - RootNoAKI may be without: RFC 5280 §4.2.1.1.
 * - CaKeyUsageCertSignDigSign is allowed, CaKeyUsageWCRL and ...CertSignCRLSignDigSign too: a
 * notice.
 * - CRLPointGet and CRLPointUnreachable: a lint asks no network; both are not the STI-PA's address.
 * - CP1_1 to CP1_4 name versions of the policy, all in its arc; what they lack is something else.
 *   CP1_4WSHA384 would be no signer: ES256 needs P-256 (RFC 7518 §3.4).
 * - Subject and CaSubject have good subjects, and a poor issuer and few extensions.
 */
/* clang-format off */
static const struct expectation expectations[] = {
	{"shakenBasicConstNo", EE, "basic_present", "key_usage_critical key_usage_signer subject_key_id policy_present crl_present"},
	{"shakenBasicConstNotCritical", EE, "basic_critical", "key_usage_critical key_usage_signer subject_key_id policy_present crl_present"},
	{"shakenCP1_1Cert", EE, NULL, "cn_shaken_spc subject_serial_number key_usage_present subject_key_id authority_key_id crl_present tnauth_present"},
	{"shakenCP1_2Cert", EE, NULL, "cn_shaken_spc subject_serial_number key_usage_present subject_key_id authority_key_id crl_present tnauth_present"},
	{"shakenCP1_3Cert", EE, NULL, "cn_shaken_spc subject_serial_number key_usage_present subject_key_id authority_key_id crl_present tnauth_present"},
	{"shakenCP1_4Cert", EE, NULL, "issuer_c issuer_o subject_c subject_o cn_shaken_spc subject_serial_number key_usage_present subject_key_id authority_key_id crl_present tnauth_present"},
	{"shakenCP1_4WSHA1", EE, "signature_algorithm", "issuer_c issuer_o subject_c subject_o cn_shaken_spc subject_serial_number key_usage_present subject_key_id authority_key_id crl_present tnauth_present"},
	{"shakenCP1_4WSHA384", EE, "signature_algorithm", "key_p256 issuer_c issuer_o subject_c subject_o cn_shaken_spc subject_serial_number key_usage_present subject_key_id authority_key_id crl_present tnauth_present"},
	{"shakenCRLPointFile", EE, "crl_scheme", "crl_sti_pa crl_issuer"},
	{"shakenCRLPointGet", EE, NULL, "crl_sti_pa crl_issuer"},
	{"shakenCRLPointMultiple", EE, "crl_one", "key_usage_critical crl_issuer"},
	{"shakenCRLPointUnreachable", EE, "crl_sti_pa", "subject_c key_usage_signer crl_issuer"},
	{"shakenCa", CA, NULL, "subject_key_id_sha1 crl_issuer"},
	{"shakenCaCertPolicyCritical", CA, "ext_critical", "issuer_c issuer_o issuer_cn subject_c subject_o subject_cn subject_key_id_sha1 crl_present"},
	{"shakenCaCertPolicyMultiple", CA, "policy_one", "issuer_c issuer_o issuer_cn subject_c subject_o subject_cn subject_key_id_sha1 crl_present"},
	{"shakenCaCertPolicyNo", CA, "policy_present", "issuer_c issuer_o issuer_cn subject_c subject_o subject_cn subject_key_id_sha1 crl_present"},
	{"shakenCaEmpty", CA, "key_usage_present", "issuer_c issuer_o issuer_cn subject_c subject_o subject_cn subject_key_id authority_key_id policy_present crl_present"},
	{"shakenCaExtOdd", CA, "ext_only", "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaIssuerWithoutC", CA, "issuer_c", "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaIssuerWithoutCN", CA, "issuer_cn", "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaIssuerWithoutO", CA, "issuer_o", "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaKeyAlgP384", CA, "key_p256", "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaKeyAlgRSA", CA, "key_p256", "signature_algorithm subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaKeyUsageCertSignCRLSignDigSign", CA, "key_usage_crl_sign", "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaKeyUsageCertSignDigSign", CA, NULL, "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaKeyUsageOddFlag", CA, "key_usage_ca_only", "key_usage_crl_sign subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaKeyUsageWCRL", CA, "key_usage_crl_sign", "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaKeyUsageWithoutCertSign", CA, "key_usage_cert_sign", "key_usage_crl_sign subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaSerialLess64bit", CA, "serial_entropy", "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaSerialNegative", CA, "serial_positive", "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaSigAlgSHA1", CA, "signature_algorithm", "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaSubject", CA, NULL, "issuer_c issuer_o key_usage_present subject_key_id authority_key_id policy_present crl_present"},
	{"shakenCaSubjectCN", CA, "ca_cn_shaken", "signature_algorithm subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaSubjectWEmail", CA, "subject_other_attributes", "issuer_c issuer_o key_usage_present subject_key_id authority_key_id policy_present crl_present"},
	{"shakenCaSubjectWithoutC", CA, "subject_c", "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaSubjectWithoutCN", CA, "subject_cn", "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaSubjectWithoutO", CA, "subject_o", "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCaVersion2", CA, "version_3", "subject_key_id_sha1 crl_sti_pa crl_issuer"},
	{"shakenCert", EE, NULL, "crl_issuer"},
	{"shakenCertEmpty", EE, "basic_present", "issuer_c issuer_o issuer_cn subject_c subject_o subject_cn subject_serial_number key_usage_present subject_key_id authority_key_id policy_present crl_present tnauth_present"},
	{"shakenCertPolicyCritical", EE, "ext_critical", "key_usage_critical crl_issuer"},
	{"shakenCertPolicyIncorrect", EE, "policy_arc", "key_usage_critical crl_issuer"},
	{"shakenCertPolicyMultiple", EE, "policy_one", "key_usage_critical crl_issuer"},
	{"shakenCertPolicyNo", EE, "policy_present", "key_usage_critical crl_issuer"},
	{"shakenCertV2", EE, "version_3", "key_usage_signer crl_sti_pa crl_issuer"},
	{"shakenExtOdd", EE, "ext_only", "key_usage_critical crl_sti_pa crl_issuer"},
	{"shakenIssuerWithoutC", EE, "issuer_c", "ext_only key_usage_critical crl_sti_pa crl_issuer"},
	{"shakenIssuerWithoutCN", EE, "issuer_cn", "ext_only key_usage_critical crl_sti_pa crl_issuer"},
	{"shakenIssuerWithoutO", EE, "issuer_o", "ext_only key_usage_critical crl_sti_pa crl_issuer"},
	{"shakenKeyAlgP384", EE, "key_p256", "cn_spc_same key_usage_signer crl_sti_pa crl_issuer"},
	{"shakenKeyAlgRSA", EE, "key_p256", "signature_algorithm cn_spc_same key_usage_signer crl_sti_pa crl_issuer"},
	{"shakenKeyUsageNotCritical", EE, "key_usage_critical", "ext_only crl_sti_pa crl_issuer"},
	{"shakenKeyUsageOdd", EE, "key_usage_signer", "crl_sti_pa crl_issuer"},
	{"shakenRoot", ROOT, NULL, ""},
	{"shakenRootAKIWrong", ROOT, "root_authority_key_id", ""},
	{"shakenRootCertPolicy", ROOT, "root_policy_none", "root_authority_key_id"},
	{"shakenRootExtOdd", ROOT, "ext_only", "root_authority_key_id root_policy_none"},
	{"shakenRootNoAKI", ROOT, NULL, ""},
	{"shakenSerialNumberLess64bit", EE, "serial_entropy", "key_usage_signer crl_sti_pa crl_issuer"},
	{"shakenSerialNumberNegative", EE, "serial_positive", "key_usage_signer crl_sti_pa crl_issuer"},
	{"shakenSerialNumberPadded", EE, "serial_entropy", "key_usage_signer crl_sti_pa crl_issuer"},
	{"shakenSigAlgSHA1", EE, "signature_algorithm", "key_usage_signer crl_sti_pa crl_issuer"},
	{"shakenSubject", EE, NULL, "issuer_c issuer_o key_usage_present subject_key_id authority_key_id policy_present crl_present"},
	{"shakenSubjectAmbiguous", EE, "cn_shaken_spc", "issuer_c issuer_o subject_c subject_o subject_serial_number key_usage_present subject_key_id authority_key_id policy_present crl_present"},
	{"shakenSubjectCN", EE, "cn_spc_same", "key_usage_signer crl_sti_pa crl_issuer"},
	{"shakenSubjectWEmail", EE, "subject_other_attributes", "issuer_c issuer_o key_usage_present subject_key_id authority_key_id policy_present crl_present tnauth_present"},
	{"shakenSubjectWSerialNumberMultiple", EE, "subject_serial_number", "issuer_c issuer_o key_usage_present subject_key_id authority_key_id policy_present crl_present"},
	{"shakenSubjectWithoutC", EE, "subject_c", "cn_spc_same key_usage_signer crl_sti_pa crl_issuer"},
	{"shakenSubjectWithoutCN", EE, "subject_cn", "key_usage_signer crl_sti_pa crl_issuer"},
	{"shakenSubjectWithoutO", EE, "subject_o", "cn_spc_same key_usage_signer crl_sti_pa crl_issuer"},
	{"shakenSubjectWithoutSerialNumber", EE, "subject_serial_number", "issuer_c issuer_o key_usage_present subject_key_id authority_key_id policy_present crl_present"},
	{"shakenTNAuthEmpty", EE, "tnauth_syntax", "subject_c key_usage_signer crl_sti_pa crl_issuer"},
	{"shakenTNAuthEmptyString", EE, "tnauth_syntax", "subject_c key_usage_signer crl_sti_pa crl_issuer"},
	{"shakenTNAuthMultiple", EE, "tnauth_one_spc", "subject_c key_usage_signer crl_sti_pa crl_issuer"},
	{"shakenTNAuthWithoutSPC", EE, "tnauth_one_spc", "subject_c key_usage_signer crl_sti_pa crl_issuer"},
};
/* clang-format on */

#define N_EXPECTATIONS (sizeof(expectations) / sizeof(expectations[0]))

static FILE *open_pem(const char *name)
{
	const char *folder = getenv("ATTESTEL_VECTORS");
	char path[1024];

	snprintf(path, sizeof(path), "%s/zlint-shaken/%s",
		 folder != NULL && folder[0] != '\0' ? folder : "../shared/vectors", name);
	return fopen(path, "rb");
}

static void skip_without(void)
{
	FILE *file = open_pem("INDEX.tsv");

	if (file == NULL) {
		print_message("skipped: zlint-shaken is not there (set ATTESTEL_VECTORS)\n");
		skip();
	}
	fclose(file);
}

static struct callerid_certlint *lint(const char *name)
{
	struct callerid_certlint *found = NULL;
	struct callerid_error err = {0};
	char path[128], body[FILE_MAX];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s.pem", name);
	file = open_pem(path);
	assert_non_null(file);
	n = fread(body, 1, sizeof(body), file);
	fclose(file);
	if (callerid_certlint_run(body, n, CALLERID_CERTLINT_AUTO, &found, &err) != CALLERID_OK)
		fail_msg("%s: %s", name, err.text);
	return found;
}

/* Is id one of the words of list? */
static bool has(const char *list, const char *id)
{
	size_t n = strlen(id);

	for (const char *p = list; (p = strstr(p, id)) != NULL; p += n)
		if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

static void check(const struct expectation *e)
{
	struct callerid_certlint *found = lint(e->file);

	assert_int_equal(callerid_certlint_count(found), 1);
	assert_int_equal(callerid_certlint_kind_of(found, 0), e->kind);
	for (size_t r = 0; r < callerid_certlint_rule_count(); r++) {
		const struct callerid_certlint_answer *a = callerid_certlint_answer(found, 0, r);
		bool wanted = has(e->others, a->rule->id) ||
			      (e->named != NULL && strcmp(e->named, a->rule->id) == 0);

		if (wanted != (a->result == CALLERID_CERTLINT_FAIL))
			fail_msg("%s: %s: %s: %s", e->file, a->rule->id,
				 callerid_certlint_result_name(a->result), a->why);
	}
	callerid_certlint_free(found);
}

static void ce8_the_defect_that_a_files_name_states_is_found_and_nothing_unexpected(void **state)
{
	(void)state;
	skip_without();
	for (size_t i = 0; i < N_EXPECTATIONS; i++)
		check(&expectations[i]);
}

static void every_rule_that_is_expected_exists(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_EXPECTATIONS; i++) {
		char list[LIST_MAX];
		size_t n = 0, words = 0;

		snprintf(list, sizeof(list), "%s %s",
			 expectations[i].named != NULL ? expectations[i].named : "",
			 expectations[i].others);
		for (size_t r = 0; r < callerid_certlint_rule_count(); r++)
			n += has(list, callerid_certlint_rule_at(r)->id);
		for (const char *p = list; *p != '\0'; p += strcspn(p, " ")) {
			p += strspn(p, " ");
			words += *p != '\0';
		}
		assert_int_equal(n, words);
	}
}

static void every_file_of_the_index_is_expected(void **state)
{
	char line[512];
	size_t n = 0;
	FILE *file;

	(void)state;
	skip_without();
	file = open_pem("INDEX.tsv");
	while (fgets(line, sizeof(line), file) != NULL) {
		bool found = false;

		line[strcspn(line, ".\t")] = '\0';
		for (size_t i = 0; i < N_EXPECTATIONS; i++)
			found = found || strcmp(line, expectations[i].file) == 0;
		n += found;
		if (!found)
			assert_string_equal(line, "file");
	}
	fclose(file);
	assert_int_equal(n, N_EXPECTATIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			ce8_the_defect_that_a_files_name_states_is_found_and_nothing_unexpected),
		cmocka_unit_test(every_rule_that_is_expected_exists),
		cmocka_unit_test(every_file_of_the_index_is_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
