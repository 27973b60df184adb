/* SPDX-License-Identifier: Apache-2.0 */
/* The small rules: identifiers, scopes, intents, lookups, attestation, taxonomy, logos, tags. */
#include "fixture.h"

#include "svc/registry/domain/attestation.h"
#include "svc/registry/domain/e164.h"
#include "svc/registry/domain/intent.h"
#include "svc/registry/domain/logo.h"
#include "svc/registry/domain/lookup.h"
#include "svc/registry/domain/pemchain.h"
#include "svc/registry/domain/scope.h"
#include "svc/registry/domain/taxonomy.h"
#include "svc/registry/domain/text.h"

static void an_id_carries_all_its_130_bits(void **state)
{
	uint8_t random[ID_RANDOM] = {0};
	char zero[ID_MAX + 1], one[ID_MAX + 1];

	(void)state;
	id_encode(ID_BRAND, random, zero);
	assert_string_equal(zero, "brd_aaaaaaaaaaaaaaaaaaaaaaaaaa");
	for (size_t bit = 0; bit < 130; bit++) {
		memset(random, 0, sizeof random);
		random[bit / 8] = (uint8_t)(0x80 >> bit % 8);
		id_encode(ID_BRAND, random, one);
		assert_string_not_equal(zero, one);
		assert_true(id_is(ID_BRAND, one, strlen(one)));
	}
	memset(random, 0xff, sizeof random);
	id_encode(ID_SECRET, random, one);
	assert_string_equal(one, "ak_77777777777777777777777777");
}

static void what_is_not_an_id_is_not_taken_for_one(void **state)
{
	static const char *const wrong[] = {"",
					    "brd_",
					    "brd_aaaaaaaaaaaaaaaaaaaaaaaaa",
					    "brd_aaaaaaaaaaaaaaaaaaaaaaaaaaa",
					    "biz_aaaaaaaaaaaaaaaaaaaaaaaaaa",
					    "brd_Aaaaaaaaaaaaaaaaaaaaaaaaaa",
					    "brd_1aaaaaaaaaaaaaaaaaaaaaaaaa"};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_false(id_is(ID_BRAND, wrong[i], strlen(wrong[i])));
}

static void scopes_are_read_whole_or_not_at_all(void **state)
{
	(void)state;
	assert_int_equal(scope_parse("operator"), SCOPE_OPERATOR);
	assert_int_equal(scope_parse("lookup,attest"), SCOPE_LOOKUP | SCOPE_ATTEST);
	assert_int_equal(scope_parse("operator,manage,intents,lookup,attest,publish"), SCOPE_ALL);
	assert_int_equal(scope_parse(""), 0);
	assert_int_equal(scope_parse("lookup,"), 0);
	assert_int_equal(scope_parse("lookup,root"), 0);
	assert_int_equal(scope_parse("look"), 0);
}

static void an_intent_leaves_announced_once_and_for_good(void **state)
{
	(void)state;
	for (int from = 0; from < INTENT_STATES; from++) {
		for (int to = 0; to < INTENT_STATES; to++) {
			bool may = from == INTENT_ANNOUNCED && to != INTENT_ANNOUNCED;
			assert_int_equal(intent_may_become(from, to), may);
		}
	}
}

static void an_intent_expires_at_its_end_unless_it_ended_before(void **state)
{
	(void)state;
	assert_int_equal(intent_state_at(INTENT_ANNOUNCED, 1000, 999), INTENT_ANNOUNCED);
	assert_int_equal(intent_state_at(INTENT_ANNOUNCED, 1000, 1000), INTENT_EXPIRED);
	assert_int_equal(intent_state_at(INTENT_MATCHED, 1000, 5000), INTENT_MATCHED);
	assert_int_equal(intent_state_at(INTENT_CANCELLED, 1000, 5000), INTENT_CANCELLED);
	assert_string_equal(intent_state_name(INTENT_EXPIRED), "expired");
}

/* Every combination of facts. */
static void logo_and_reason_are_shown_for_a_verified_call_only(void **state)
{
	(void)state;
	for (int bits = 0; bits < 3 * 4 * 2 * 2 * 5; bits++) {
		const struct lookup_facts facts = {bits % 3, bits / 3 % 4, bits / 12 % 2 != 0,
						   bits / 24 % 2 != 0, bits / 48};
		bool earned = facts.verstat == LOOKUP_PASSED && facts.attest == LOOKUP_A;
		struct lookup_view view;
		lookup_compose(&facts, &view);
		assert_int_equal(view.verified, earned);
		assert_int_equal(view.brand, facts.bound);
		assert_int_equal(view.logo, facts.bound && earned);
		if (!earned || !facts.bound || !facts.callee)
			assert_false(view.reason);
		assert_int_equal(lookup_seeks_intent(&facts),
				 earned && facts.bound && facts.callee);
		assert_in_range(view.n_reasons, 2, LOOKUP_REASONS_MAX);
		for (size_t i = 0; i < view.n_reasons; i++)
			assert_non_null(view.reasons[i]);
		assert_int_equal(view.cache_s == 0, facts.callee);
	}
}

static void as10_attestation_is_a_for_their_number_b_for_a_customer_else_c(void **state)
{
	(void)state;
	assert_string_equal(attestation_for(&(struct attestation_facts){true, true}).attest, "A");
	assert_string_equal(attestation_for(&(struct attestation_facts){true, false}).attest, "B");
	assert_string_equal(attestation_for(&(struct attestation_facts){false, false}).attest, "C");
	/* a number of nobody known is nobody's */
	assert_string_equal(attestation_for(&(struct attestation_facts){false, true}).attest, "C");
}

static void the_taxonomy_has_sixteen_codes_in_both_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < REASON_CODES; i++) {
		assert_string_equal(reason_codes[i].code, reason_code_names[i]);
		assert_true(strlen(reason_codes[i].text) > 0);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(reason_codes[i].code, reason_codes[j].code);
	}
	assert_null(reason_code_names[REASON_CODES]);
}

static void a_logo_is_judged_by_its_header(void **state)
{
	uint8_t png[64], other[64];
	size_t n = make_png(png, 4096, 4096);

	(void)state;
	assert_null(logo_check(png, n));
	make_png(other, 4097, 1);
	assert_string_equal(logo_check(other, n), "too_many_pixels");
	make_png(other, 1, 0xffffffff);
	assert_string_equal(logo_check(other, n), "too_many_pixels");
	make_png(other, 0, 16);
	assert_string_equal(logo_check(other, n), "not_png");
	for (size_t i = 0; i < 16; i++) {
		memcpy(other, png, sizeof png);
		other[i] ^= 1;
		assert_string_equal(logo_check(other, n), "not_png");
	}
	for (size_t len = 0; len < 57; len++)
		assert_string_equal(logo_check(png, len), "not_png");
	memcpy(other, png, sizeof png);
	other[25] = 5; /* no such colour type */
	assert_string_equal(logo_check(other, n), "not_png");
	assert_string_equal(logo_check((const uint8_t *)"<svg/>", 6), "not_png");
}

static void a_logo_over_its_limit_is_refused(void **state)
{
	uint8_t *large = calloc(1, LOGO_BYTES_MAX + 1);

	(void)state;
	make_png(large, 16, 16);
	assert_null(logo_check(large, LOGO_BYTES_MAX));
	assert_string_equal(logo_check(large, LOGO_BYTES_MAX + 1), "too_long");
	free(large);
}

static const char *read_chain(const char *a, const char *b, size_t copies)
{
	char text[32768] = "";
	size_t len = (size_t)snprintf(text, sizeof text, "%s", b);
	struct pemchain chain = {.pem = NULL};

	for (size_t i = 0; i < copies; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s", a);
	const char *code = pemchain_read(text, len, time(NULL), &chain);
	assert_int_equal(code == NULL, chain.pem != NULL);
	if (chain.pem != NULL)
		assert_true(chain.not_after > time(NULL));
	pemchain_clear(&chain);
	return code;
}

static void a_published_chain_is_one_to_four_certificates_and_never_a_key(void **state)
{
	char *certificate, *key, *expired, *expired_key;

	(void)state;
	make_certificate(3600, &certificate, &key);
	make_certificate(-3600, &expired, &expired_key);
	assert_null(read_chain(certificate, "", 1));
	assert_null(read_chain(certificate, "", 4));
	assert_string_equal(read_chain(certificate, "", 5), "too_many_certificates");
	assert_string_equal(read_chain(certificate, key, 1), "private_key");
	assert_string_equal(read_chain(key, "", 1), "private_key");
	assert_string_equal(read_chain(certificate, "x -----BEGIN ENCRYPTED PRIVATE KEY-----", 1),
			    "private_key");
	assert_string_equal(read_chain(expired, "", 1), "expired");
	assert_string_equal(read_chain("", "", 1), "not_pem");
	assert_string_equal(read_chain("hello", "", 1), "not_pem");
	assert_string_equal(
		read_chain("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "", 1),
		"not_pem");
	certificate[40] = certificate[40] == 'A' ? 'B' : 'A';
	assert_string_equal(read_chain(certificate, "", 1), "not_pem");
	free(certificate);
	free(key);
	free(expired);
	free(expired_key);
}

static void what_stands_beside_certificates_is_not_published(void **state)
{
	char *certificate, *key, text[8192];
	struct pemchain chain;

	(void)state;
	make_certificate(3600, &certificate, &key);
	snprintf(text, sizeof text, "<script>x</script>\n%s", certificate);
	assert_null(pemchain_read(text, strlen(text), time(NULL), &chain));
	assert_int_equal(chain.len, strlen(certificate));
	assert_memory_equal(chain.pem, certificate, chain.len);
	pemchain_clear(&chain);
	free(certificate);
	free(key);
}

/* DER of a certificate that is good for an hour and has a comment of n bytes. */
static int make_large_der(size_t n, unsigned char **der_out)
{
	X509 *x509 = X509_new();
	EVP_PKEY *key = EVP_EC_gen("P-256");
	ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.99999.1", 1);
	uint8_t *comment = calloc(1, n);

	assert_int_equal(ASN1_OCTET_STRING_set(data, comment, (int)n), 1);
	X509_EXTENSION *ext = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, data);
	assert_int_equal(X509_set_version(x509, X509_VERSION_3), 1);
	assert_int_equal(X509_add_ext(x509, ext, -1), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x509), 0));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x509), 3600));
	assert_int_equal(X509_set_pubkey(x509, key), 1);
	assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
	int len = i2d_X509(x509, der_out);
	X509_EXTENSION_free(ext);
	ASN1_OBJECT_free(oid);
	ASN1_OCTET_STRING_free(data);
	EVP_PKEY_free(key);
	X509_free(x509);
	free(comment);
	return len;
}

/* What is published has to be what a verifier reads: no more than 16 KB. */
static void a_chain_that_grows_over_its_limit_when_it_is_encoded_anew_is_refused(void **state)
{
	unsigned char *der = NULL, base64[20000];
	char text[20000];
	struct pemchain chain = {.pem = NULL};
	int n = make_large_der(11850, &der), chars = EVP_EncodeBlock(base64, der, n);
	size_t len = (size_t)snprintf(text, sizeof text, "-----BEGIN CERTIFICATE-----\n");

	(void)state;
	for (int at = 0; at < chars; at += 250)
		len += (size_t)snprintf(text + len, sizeof text - len, "%.250s\n", base64 + at);
	len += (size_t)snprintf(text + len, sizeof text - len, "-----END CERTIFICATE-----\n");
	assert_true(len <= PEMCHAIN_BYTES_MAX);
	assert_true(len - (size_t)chars / 250 + (size_t)chars / 64 > PEMCHAIN_BYTES_MAX);
	assert_string_equal(pemchain_read(text, len, time(NULL), &chain), "too_long");
	assert_null(chain.pem);
	OPENSSL_free(der);
}

static void a_tag_depends_on_key_kind_and_both_numbers(void **state)
{
	const struct pairtag_key a = {{1}}, b = {{2}};
	uint8_t tag[PAIRTAG_SIZE], other[PAIRTAG_SIZE];

	(void)state;
	assert_true(pairtag_make(&a, "callee", "12", "34", tag));
	assert_true(pairtag_make(&a, "callee", "12", "34", other));
	assert_memory_equal(tag, other, PAIRTAG_SIZE);
	assert_true(pairtag_make(&b, "callee", "12", "34", other));
	assert_memory_not_equal(tag, other, PAIRTAG_SIZE);
	assert_true(pairtag_make(&a, "call", "12", "34", other));
	assert_memory_not_equal(tag, other, PAIRTAG_SIZE);
	assert_true(pairtag_make(&a, "callee", "123", "4", other));
	assert_memory_not_equal(tag, other, PAIRTAG_SIZE);
	assert_true(pairtag_make(&a, "callee", "1", "234", other));
	assert_memory_not_equal(tag, other, PAIRTAG_SIZE);
}

static void a_tag_key_file_holds_64_digits(void **state)
{
	static const char digits[] = "000102030405060708090a0b0c0d0e0f"
				     "101112131415161718191a1b1c1d1e1f";
	struct pairtag_key key;
	char text[80];

	(void)state;
	assert_true(pairtag_key_parse(digits, &key));
	assert_int_equal(key.bytes[31], 31);
	for (size_t len = 0; len < 64; len++) {
		snprintf(text, sizeof text, "%.*s", (int)len, digits);
		assert_false(pairtag_key_parse(text, &key));
	}
	snprintf(text, sizeof text, "%s0", digits);
	assert_false(pairtag_key_parse(text, &key));
}

static void a_number_is_what_libcallerid_says_and_e164_when_it_is_bound(void **state)
{
	static const struct {
		const char *text, *canonical;
		bool e164;
	} cases[] = {
		{"+12155551212", "12155551212", true},
		{"12155551212", "12155551212", true},
		{"+1 (215) 555-1212", "12155551212", true},
		{"911", "911", false},
		{"+1234567890123456", "1234567890123456", false},
		{"02155551212", "02155551212", false},
		{"*67#", "*67#", false},
		{"sip:12155551212@example.com", NULL, false},
		{"tel:+12155551212", NULL, false},
		{"alice", NULL, false},
		{"", NULL, false},
	};
	struct tn tn;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		bool read = tn_read(cases[i].text, strlen(cases[i].text), &tn);
		if (read != (cases[i].canonical != NULL))
			fail_msg("%s: %d", cases[i].text, read);
		if (!read)
			continue;
		assert_string_equal(tn.text, cases[i].canonical);
		assert_int_equal(tn_is_e164(&tn), cases[i].e164);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_carries_all_its_130_bits),
		cmocka_unit_test(what_is_not_an_id_is_not_taken_for_one),
		cmocka_unit_test(scopes_are_read_whole_or_not_at_all),
		cmocka_unit_test(an_intent_leaves_announced_once_and_for_good),
		cmocka_unit_test(an_intent_expires_at_its_end_unless_it_ended_before),
		cmocka_unit_test(logo_and_reason_are_shown_for_a_verified_call_only),
		cmocka_unit_test(as10_attestation_is_a_for_their_number_b_for_a_customer_else_c),
		cmocka_unit_test(the_taxonomy_has_sixteen_codes_in_both_lists),
		cmocka_unit_test(a_logo_is_judged_by_its_header),
		cmocka_unit_test(a_logo_over_its_limit_is_refused),
		cmocka_unit_test(a_published_chain_is_one_to_four_certificates_and_never_a_key),
		cmocka_unit_test(what_stands_beside_certificates_is_not_published),
		cmocka_unit_test(
			a_chain_that_grows_over_its_limit_when_it_is_encoded_anew_is_refused),
		cmocka_unit_test(a_tag_depends_on_key_kind_and_both_numbers),
		cmocka_unit_test(a_tag_key_file_holds_64_digits),
		cmocka_unit_test(a_number_is_what_libcallerid_says_and_e164_when_it_is_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
