/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of the certificate lint: one row each. docs/certificate-lint.md is made from it. */
#include "certlint.h"

#define ROOT CALLERID_CERTLINT_ROOT
#define CA   CALLERID_CERTLINT_CA
#define EE   CALLERID_CERTLINT_END_ENTITY
#define ALL  (ROOT | CA | EE)

#define E CALLERID_CERTLINT_ERROR
#define W CALLERID_CERTLINT_WARNING
#define N CALLERID_CERTLINT_NOTICE

/* Its text is not public: see certlint.h. */
#define ATIS	  "ATIS-1000080 §6.4.1 as encoded by public linters"
#define US_POLICY "US SHAKEN certificate policy as encoded by public linters"

/* clang-format off */
const struct cid_lint_rule cid_lint_rules[] = {
	/* encoding, version, serial number */
	{{"der_encoding", ALL, E, "RFC 5280 §4.1; X.690 §10 and §11",
	  "The certificate and its extensions' values are DER: shortest lengths and integers, no default spelled out."},
	 cid_lint_der_encoding},
	{{"version_3", ALL, E, ATIS "; RFC 5280 §4.1.2.1", "The version is 3."}, cid_lint_version},
	{{"serial_positive", ALL, E, ATIS "; RFC 5280 §4.1.2.2", "The serial number is above zero."},
	 cid_lint_serial_positive},
	{{"serial_minimal", ALL, E, "X.690 §8.3.2",
	  "The serial number is written without padding; one zero octet before a set top bit is none."},
	 cid_lint_serial_minimal},
	{{"serial_length", ALL, E, ATIS "; RFC 5280 §4.1.2.2", "The serial number has at most 20 octets."},
	 cid_lint_serial_length},
	{{"serial_entropy", ALL, E, ATIS,
	  "The serial number has room for 64 random bits: 8 octets, not counting a zero in front."},
	 cid_lint_serial_entropy},

	/* algorithms and key */
	{{"signature_algorithm", CA | EE, E, ATIS, "The certificate is signed with ecdsa-with-SHA256."},
	 cid_lint_signature_algorithm},
	{{"root_signature_algorithm", ROOT, W, ATIS "; RFC 5280 §6.1.1 (d)",
	  "A root is signed with ecdsa-with-SHA256; nobody needs its signature, and listed roots differ."},
	 cid_lint_signature_algorithm},
	{{"signature_same", ALL, E, "RFC 5280 §4.1.1.2",
	  "The signature algorithm inside the signed part is the one outside."}, cid_lint_signature_same},
	{{"signature_parameters", ALL, E, "RFC 5758 §3.2",
	  "The algorithm identifier of an ECDSA signature has no parameters."}, cid_lint_signature_parameters},
	{{"key_p256", CA | EE, E, ATIS "; RFC 8226 §4; RFC 5480 §2.1.1",
	  "The key is id-ecPublicKey on the named curve P-256, which ES256 needs."}, cid_lint_key_p256},
	{{"root_key_p256", ROOT, W, ATIS "; RFC 8226 §4",
	  "A root's key is on P-256; a root of the US trust list is on P-384."}, cid_lint_key_p256},
	{{"key_point", ALL, E, "RFC 5480 §2.2", "The key can be read: its point is on its curve."},
	 cid_lint_key_point},
	{{"root_signature", ROOT, E, "RFC 5280 §3.2", "A root verifies with its own key."},
	 cid_lint_root_signature},

	/* validity */
	{{"validity_encoding", ALL, E, "RFC 5280 §4.1.2.5",
	  "Dates are in UTC with seconds: UTCTime through 2049, GeneralizedTime from 2050."},
	 cid_lint_validity_encoding},
	{{"validity_order", ALL, E, "RFC 5280 §4.1.2.5", "The validity does not end before it begins."},
	 cid_lint_validity_order},

	/* names */
	{{"issuer_c", ALL, E, ATIS, "The issuer has one country: two capital letters, a PrintableString."},
	 cid_lint_issuer_c},
	{{"issuer_o", ALL, E, ATIS, "The issuer has one organization."}, cid_lint_issuer_o},
	{{"issuer_cn", ALL, E, ATIS, "The issuer has one common name."}, cid_lint_issuer_cn},
	{{"subject_c", ALL, E, ATIS, "The subject has one country: two capital letters, a PrintableString."},
	 cid_lint_subject_c},
	{{"subject_o", ALL, E, ATIS, "The subject has one organization."}, cid_lint_subject_o},
	{{"subject_cn", ALL, E, ATIS, "The subject has one common name."}, cid_lint_subject_cn},
	{{"name_encoding", ALL, E, "RFC 5280 §4.1.2.4 and Appendix A.1",
	  "Names are PrintableStrings or UTF8Strings; country and serial number are PrintableStrings."},
	 cid_lint_name_encoding},
	{{"name_length", ALL, W, "RFC 5280 Appendix A.1",
	  "Common name, organization and serial number have at most 64 bytes each."}, cid_lint_name_length},
	{{"ca_cn_shaken", ROOT | CA, E, ATIS, "An authority's common name contains \"SHAKEN\"."}, cid_lint_ca_cn},
	{{"cn_shaken_spc", EE, E, ATIS,
	  "A signer's common name is \"SHAKEN\", one space, and a code of digits and capital letters."},
	 cid_lint_ee_cn},
	{{"cn_spc_same", EE, E, ATIS, "The code of the common name is the code of the TNAuthList."},
	 cid_lint_ee_cn_spc},
	{{"subject_serial_number", EE, W, US_POLICY, "The subject has one serialNumber attribute."},
	 cid_lint_subject_serial},
	{{"subject_other_attributes", ALL, W, US_POLICY,
	  "The subject has no attributes but C, O, CN and serialNumber."}, cid_lint_subject_other},
	{{"unique_ids", ALL, E, "RFC 5280 §4.1.2.8", "There are no unique identifiers."}, cid_lint_unique_ids},

	/* extensions of every profile */
	{{"ext_once", ALL, E, "RFC 5280 §4.2", "No extension is there twice."}, cid_lint_ext_once},
	{{"ext_critical", ALL, E, ATIS, "No extension but basicConstraints and keyUsage is critical."},
	 cid_lint_ext_critical},
	{{"ext_only", ALL, E, ATIS, "There are no extensions that the profile does not name."}, cid_lint_ext_only},
	{{"basic_present", ALL, E, ATIS "; RFC 5280 §4.2.1.9", "There is a basicConstraints extension."},
	 cid_lint_basic_present},
	{{"basic_critical", ALL, E, ATIS "; RFC 5280 §4.2.1.9", "basicConstraints is critical."},
	 cid_lint_basic_critical},
	{{"basic_is_ca", ROOT | CA, E, ATIS "; RFC 5280 §4.2.1.9", "An authority has cA TRUE."},
	 cid_lint_basic_is_ca},
	{{"basic_is_signer", EE, E, ATIS, "A signer has cA FALSE."}, cid_lint_basic_is_ee},
	{{"basic_path_length", ALL, E, "RFC 5280 §4.2.1.9",
	  "A pathLenConstraint stands only with cA TRUE and keyCertSign."}, cid_lint_basic_pathlen},
	{{"key_usage_present", ALL, E, ATIS "; RFC 5280 §4.2.1.3", "There is a keyUsage extension."},
	 cid_lint_usage_present},
	{{"key_usage_critical", ALL, E, ATIS, "keyUsage is critical."}, cid_lint_usage_critical},
	{{"key_usage_signer", EE, E, ATIS, "A signer's keyUsage is digitalSignature and nothing else."},
	 cid_lint_usage_ee},
	{{"key_usage_cert_sign", ROOT | CA, E, ATIS "; RFC 5280 §4.2.1.3",
	  "An authority's keyUsage has keyCertSign."}, cid_lint_usage_cert_sign},
	{{"key_usage_ca_only", ROOT | CA, E, ATIS,
	  "An authority's keyUsage has nothing but keyCertSign, digitalSignature and cRLSign."},
	 cid_lint_usage_ca_only},
	{{"key_usage_crl_sign", ROOT | CA, N, ATIS,
	  "An authority has no use for cRLSign where the policy administrator signs the CRL."},
	 cid_lint_usage_crl_sign},
	{{"subject_key_id", ALL, E, ATIS "; RFC 5280 §4.2.1.2", "There is a subjectKeyIdentifier."},
	 cid_lint_ski_present},
	{{"subject_key_id_size", ALL, E, ATIS, "The subjectKeyIdentifier has 160 bits."}, cid_lint_ski_size},
	{{"subject_key_id_sha1", ALL, W, ATIS "; RFC 5280 §4.2.1.2",
	  "The subjectKeyIdentifier is SHA-1 of the key."}, cid_lint_ski_sha1},
	{{"authority_key_id", CA | EE, E, ATIS "; RFC 5280 §4.2.1.1",
	  "There is an authorityKeyIdentifier with a key identifier."}, cid_lint_aki_present},
	{{"root_authority_key_id", ROOT, E, ATIS "; RFC 5280 §4.2.1.1",
	  "A root's authorityKeyIdentifier is absent or its own subjectKeyIdentifier."}, cid_lint_root_aki},

	/* policies, CRL, TNAuthList */
	{{"policy_present", CA | EE, E, ATIS, "There is a certificatePolicies extension."},
	 cid_lint_policy_present},
	{{"policy_one", CA | EE, E, ATIS, "There is exactly one policy."}, cid_lint_policy_one},
	{{"policy_arc", CA | EE, E, ATIS, "The policy is one of 2.16.840.1.114569.1.1, SHAKEN's."},
	 cid_lint_policy_arc},
	{{"root_policy_none", ROOT, E, ATIS, "A root has no certificatePolicies extension."},
	 cid_lint_policy_none},
	{{"crl_present", CA | EE, E, ATIS, "There is a CRL distribution point."}, cid_lint_crl_present},
	{{"crl_one", CA | EE, E, ATIS, "There is one distribution point with one URI and nothing else."},
	 cid_lint_crl_one},
	{{"crl_scheme", CA | EE, E, ATIS "; RFC 5280 §4.2.1.13",
	  "The distribution point is an http or https URI."}, cid_lint_crl_scheme},
	{{"crl_sti_pa", CA | EE, W, ATIS,
	  "The distribution point is that of the US policy administrator; other countries have their own."},
	 cid_lint_crl_sti_pa},
	{{"crl_issuer", CA | EE, E, ATIS "; RFC 5280 §4.2.1.13",
	  "The distribution point names its cRLIssuer, since the CRL is not signed by the certificate's issuer."},
	 cid_lint_crl_issuer},
	{{"tnauth_present", EE, E, ATIS "; RFC 8226 §9", "A signer has a TNAuthList."}, cid_lint_tnauth_present},
	{{"tnauth_syntax", ALL, E, "RFC 8226 §9",
	  "The TNAuthList is as RFC 8226 writes it: at least one entry, none empty, nothing behind."},
	 cid_lint_tnauth_syntax},
	{{"tnauth_one_spc", EE, E, ATIS,
	  "The TNAuthList is one service provider code: no second one, no number, no range."},
	 cid_lint_tnauth_one_spc},
	{{"tnauth_spc_alphabet", EE, E, ATIS, "The code has digits and capital letters only."},
	 cid_lint_tnauth_alphabet},
	{{"ca_tnauth_none", ROOT | CA, E, ATIS,
	  "An authority has no TNAuthList; those that issue delegate certificates follow another profile."},
	 cid_lint_tnauth_none},

	/* a file with several: the signer first, each issuer behind */
	{{"chain_name", ALL, E, "RFC 5280 §6.1.3 (a)(4); RFC 9060 §7",
	  "The certificate behind it in the file is its issuer's: the names are the same."}, cid_lint_chain_name},
	{{"chain_ca", ALL, E, "RFC 5280 §6.1.4 (k) and (n)",
	  "The certificate behind it is an authority's: cA TRUE, and keyCertSign where there is a keyUsage."},
	 cid_lint_chain_ca},
	{{"chain_key_id", ALL, E, "RFC 9060 §7; RFC 5280 §4.2.1.1",
	  "Its authorityKeyIdentifier is the subjectKeyIdentifier of the certificate behind it."},
	 cid_lint_chain_key_id},
	{{"chain_signature", ALL, E, "RFC 5280 §6.1.3 (a)(1)",
	  "It verifies with the key of the certificate behind it."}, cid_lint_chain_signature},
	{{"chain_path_length", ROOT | CA, E, "RFC 5280 §4.2.1.9",
	  "No more authorities stand in front of it than its pathLenConstraint allows."},
	 cid_lint_chain_path_length},
};
/* clang-format on */

const size_t cid_lint_n_rules = sizeof(cid_lint_rules) / sizeof(cid_lint_rules[0]);
