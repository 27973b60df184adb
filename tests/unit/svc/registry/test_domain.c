/* SPDX-License-Identifier: Apache-2.0 */
/* The small rules: identifiers, roles, intents, lookups, attestation, taxonomy, logos, tags. */
#include "fixture.h"

#include "svc/registry/domain/attestation.h"
#include "svc/registry/domain/e164.h"
#include "svc/registry/domain/intent.h"
#include "svc/registry/domain/logo.h"
#include "svc/registry/domain/lookup.h"
#include "svc/registry/domain/pemchain.h"
#include "svc/registry/domain/block.h"
#include "svc/registry/domain/claim.h"
#include "svc/registry/domain/review.h"
#include "svc/registry/domain/role.h"
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

/* The table's own rules; each cell of it is tried through the API. */
static void a_role_may_do_what_its_row_says_and_no_more(void **state)
{
	enum role role;

	(void)state;
	assert_int_equal(role_permissions(ROLES), 0);
	for (int i = 0; i < ROLES; i++) {
		assert_true(role_find(role_names[i], &role));
		assert_int_equal(role, i);
		assert_int_equal(role_permissions(role) & ~role_permissions(ROLE_OPERATOR), 0);
	}
	assert_false(role_find("root", &role));
	assert_int_equal(role_permissions(ROLE_SUPPORT),
			 PERMIT(BUSINESS_READ) | PERMIT(NUMBER_READ));
	assert_int_equal(role_permissions(ROLE_CALLER) & PERMIT(NUMBER_WRITE), 0);
	for (int i = 0; i < PERMISSIONS; i++)
		assert_non_null(permission_names[i]);
}

static void nobody_gives_a_role_that_may_do_more(void **state)
{
	(void)state;
	for (enum role giver = 0; giver < ROLES; giver++) {
		for (enum role given = 0; given < ROLES; given++) {
			uint64_t more = role_permissions(given) & ~role_permissions(giver);
			if (role_may_grant(giver, given) && given != ROLE_DEVICE)
				assert_int_equal(more, 0);
		}
		assert_int_equal(role_may_grant(giver, ROLE_OPERATOR), giver == ROLE_OPERATOR);
		assert_int_equal(role_may_grant(giver, ROLE_DEVICE), giver == ROLE_APP);
	}
	assert_false(role_may_grant(ROLE_ADMIN, ROLE_OWNER));
	assert_true(role_may_grant(ROLE_OWNER, ROLE_ADMIN));
}

static void a_users_keys_may_do_nothing_that_the_user_may_not(void **state)
{
	(void)state;
	for (enum role user = 0; user < ROLES; user++) {
		assert_true(role_is_within(user, user));
		assert_int_equal(role_is_within(ROLE_OPERATOR, user), user == ROLE_OPERATOR);
		for (enum role role = 0; role < ROLES; role++) {
			uint64_t more = role_permissions(role) & ~role_permissions(user);
			if (role_is_within(role, user))
				assert_int_equal(more, 0);
		}
	}
	assert_true(role_is_within(ROLE_SUPPORT, ROLE_VETTER));
	assert_false(role_is_within(ROLE_ADMIN, ROLE_CALLER));
	assert_false(role_is_within(ROLE_OWNER, ROLE_ADMIN));
}

/* A call goes forward: each state's successors, and nothing else. */
static void an_intent_goes_forward_only(void **state)
{
	static const struct {
		enum intent_state from, to;
	} allowed[] = {
		{INTENT_ANNOUNCED, INTENT_MATCHED},    {INTENT_ANNOUNCED, INTENT_CANCELLED},
		{INTENT_ANNOUNCED, INTENT_CONFLICT},   {INTENT_ANNOUNCED, INTENT_EXPIRED},
		{INTENT_ANNOUNCED, INTENT_MISMATCHED}, {INTENT_MATCHED, INTENT_DISPLAYED},
		{INTENT_MATCHED, INTENT_SCREENED},     {INTENT_MATCHED, INTENT_ANSWERED},
		{INTENT_DISPLAYED, INTENT_SCREENED},   {INTENT_DISPLAYED, INTENT_ANSWERED},
		{INTENT_SCREENED, INTENT_ANSWERED},
	};
	size_t found = 0;

	(void)state;
	for (enum intent_state from = 0; from < INTENT_STATES; from++)
		for (enum intent_state to = 0; to < INTENT_STATES; to++)
			found += intent_may_become(from, to);
	assert_int_equal(found, sizeof allowed / sizeof allowed[0]);
	for (size_t i = 0; i < found; i++)
		assert_true(intent_may_become(allowed[i].from, allowed[i].to));
	assert_false(intent_may_become(INTENT_STATES, INTENT_MATCHED));
}

static void an_intent_ends_expired_or_mismatched_by_the_clock(void **state)
{
	const struct intent_life live = {INTENT_ANNOUNCED, 1000, 0};
	const struct intent_life tried = {INTENT_ANNOUNCED, 1000, 2};
	const struct intent_life matched = {INTENT_MATCHED, 1000, 2};

	(void)state;
	assert_int_equal(intent_state_at(&live, 999), INTENT_ANNOUNCED);
	assert_int_equal(intent_state_at(&live, 1000), INTENT_EXPIRED);
	assert_int_equal(intent_state_at(&tried, 999), INTENT_ANNOUNCED);
	assert_int_equal(intent_state_at(&tried, 1000), INTENT_MISMATCHED);
	assert_int_equal(intent_state_at(&matched, 5000), INTENT_MATCHED);
}

/* Every combination of what a call proved and what the registry knows. */
static void brand_and_reason_are_shown_for_a_verified_call_only(void **state)
{
	struct lookup_facts facts;
	struct lookup_view view;

	(void)state;
	for (unsigned bits = 0; bits < 3 * 4 * 32; bits++) {
		facts = (struct lookup_facts){
			.verstat = (enum lookup_verstat)(bits % 3),
			.attest = (enum lookup_attest)(bits / 3 % 4),
			.oob = bits / 12 & 1,
			.delegate = bits / 24 & 1,
			.bound = bits / 48 & 1,
			.strict = bits / 96 & 1,
			.callee = bits / 192 & 1,
			.intent = LOOKUP_INTENT_SEEN,
		};
		bool passed = facts.verstat == LOOKUP_PASSED;
		bool verified =
			facts.oob || (passed && (facts.attest == LOOKUP_A || facts.delegate));
		lookup_compose(&facts, &view);
		assert_int_equal(view.verified, verified);
		assert_int_equal(view.brand, verified && facts.bound);
		assert_int_equal(view.reason, verified);
		assert_int_equal(view.claimed,
				 facts.bound && !verified && facts.verstat != LOOKUP_FAILED);
		assert_int_equal(view.provenance, verified ? PROVENANCE_VERIFIED
						  : passed ? PROVENANCE_CLAIMED
							   : PROVENANCE_SPOOFED);
		assert_int_equal(view.cache_s, facts.callee ? 0 : 30);
		assert_true(view.n_reasons >= 2 && view.n_reasons <= LOOKUP_REASONS_MAX);
	}
}

static void a_strict_brand_is_shown_for_announced_calls_only(void **state)
{
	struct lookup_facts facts = {.verstat = LOOKUP_PASSED,
				     .attest = LOOKUP_A,
				     .bound = true,
				     .strict = true,
				     .callee = true};
	struct lookup_view view;

	(void)state;
	for (enum lookup_intent intent = 0; intent <= LOOKUP_INTENT_LATE; intent++) {
		bool announced = intent == LOOKUP_INTENT_MATCHED ||
				 intent == LOOKUP_INTENT_SAME_CALL || intent == LOOKUP_INTENT_SEEN;
		facts.intent = intent;
		lookup_compose(&facts, &view);
		assert_int_equal(view.brand, announced);
		assert_int_equal(view.partial, intent == LOOKUP_INTENT_LATE);
	}
}

/* A receipt speaks of one look-up, and of nothing else after the least change. */
static void a_receipt_comes_back_whole_or_not_at_all(void **state)
{
	const struct pairtag_key key = {{1, 2, 3}}, other = {{1, 2, 4}};
	struct receipt receipt = {.number = "12155551212",
				  .key = "key_aaaaaaaaaaaaaaaaaaaaaaaaaa",
				  .intent = "int_bbbbbbbbbbbbbbbbbbbbbbbbbb",
				  .provenance = PROVENANCE_SPOOFED,
				  .issued_s = 1000,
				  .nonce = {9, 8, 7}};
	struct receipt read;
	char text[RECEIPT_MAX + 1];

	(void)state;
	assert_true(receipt_write(&key, &receipt, text));
	assert_true(receipt_read(&key, text, 1000, &read));
	assert_memory_equal(read.nonce, receipt.nonce, RECEIPT_NONCE);
	assert_string_equal(read.intent, receipt.intent);
	assert_string_equal(read.key, receipt.key);
	assert_string_equal(read.number, receipt.number);
	assert_int_equal(read.provenance, PROVENANCE_SPOOFED);
	assert_true(receipt_read(&key, text, 1000 + RECEIPT_S, &read));
	assert_false(receipt_read(&key, text, 1001 + RECEIPT_S, &read));
	assert_false(receipt_read(&key, text, 999, &read));
	assert_false(receipt_read(&other, text, 1000, &read));
	for (size_t i = 0, n = strlen(text); i < n; i++) {
		text[i] ^= 1;
		assert_false(receipt_read(&key, text, 1000, &read));
		text[i] ^= 1;
		char c = text[i];
		text[i] = 0;
		assert_false(receipt_read(&key, text, 1000, &read));
		text[i] = c;
	}
}

static void blocks_are_aligned_and_a_number_finds_its_own(void **state)
{
	struct block block, keys[BLOCK_KEYS];
	char first[CALLERID_TN_MAX + 1];

	(void)state;
	assert_true(block_make("12155551000", 1000, &block));
	assert_string_equal(block.text, "12155551xxx");
	assert_int_equal(block_size(block.text), 1000);
	block_first(block.text, first);
	assert_string_equal(first, "12155551000");
	assert_false(block_make("12155551010", 1000, &block));
	assert_false(block_make("12155551000", 7, &block));
	assert_false(block_make("1215", 1, &block));
	assert_int_equal(block_size("1215555x212"), 0);
	assert_int_equal(block_size("121555xxxx"), 0);
	assert_int_equal(block_size(""), 0);
	block_keys("12155551212", keys);
	assert_string_equal(keys[0].text, "12155551212");
	assert_string_equal(keys[3].text, "12155551xxx");
	assert_true(block_overlaps("12155551xxx", "1215555121x"));
	assert_true(block_overlaps("12155551212", "12155551212"));
	assert_false(block_overlaps("12155551xxx", "12155552000"));
	assert_false(block_overlaps("1215555121x", "121555512120"));
}

static void reviews_follow_their_tables(void **state)
{
	enum business_state business;
	enum version_state version;

	(void)state;
	assert_true(review_business(BUSINESS_DRAFT, REVIEW_SUBMIT, false, &business));
	assert_int_equal(business, BUSINESS_SUBMITTED);
	assert_true(review_business(BUSINESS_DRAFT, REVIEW_SUBMIT, true, &business));
	assert_int_equal(business, BUSINESS_APPROVED);
	assert_false(review_business(BUSINESS_CLOSED, REVIEW_CLOSE, false, &business));
	assert_false(review_business(BUSINESS_DRAFT, REVIEW_APPROVE, true, &business));
	assert_false(review_business(BUSINESS_SUSPENDED, REVIEW_SUBMIT, true, &business));
	assert_true(review_version(VERSION_IN_REVIEW, REVIEW_AGREE, false, &version));
	assert_int_equal(version, VERSION_APPROVED);
	assert_true(review_version(VERSION_IN_REVIEW, REVIEW_VOUCH, true, &version));
	assert_int_equal(version, VERSION_LIVE);
	assert_false(review_version(VERSION_REJECTED, REVIEW_VOUCH, true, &version));
	assert_false(review_version(VERSION_REPLACED, REVIEW_VOUCH, true, &version));
	assert_true(review_version(VERSION_APPROVED, REVIEW_APPROVE, false, &version));
	assert_int_equal(version, VERSION_LIVE);
	assert_false(review_version(VERSION_REJECTED, REVIEW_APPROVE, true, &version));
	assert_false(review_version(VERSION_LIVE, REVIEW_SUSPEND, true, &version));
	assert_int_equal(review_business_at(BUSINESS_APPROVED, 10, 10), BUSINESS_EXPIRED);
	assert_int_equal(review_business_at(BUSINESS_APPROVED, 0, 10), BUSINESS_APPROVED);
	assert_int_equal(review_business_at(BUSINESS_SUSPENDED, 10, 10), BUSINESS_SUSPENDED);
	assert_int_equal(claim_state_at(CLAIM_VERIFIED, 10, 10), CLAIM_AGED_OUT);
	assert_int_equal(claim_state_at(CLAIM_VERIFIED, 0, 10), CLAIM_VERIFIED);
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
		cmocka_unit_test(a_role_may_do_what_its_row_says_and_no_more),
		cmocka_unit_test(nobody_gives_a_role_that_may_do_more),
		cmocka_unit_test(a_users_keys_may_do_nothing_that_the_user_may_not),
		cmocka_unit_test(an_intent_goes_forward_only),
		cmocka_unit_test(an_intent_ends_expired_or_mismatched_by_the_clock),
		cmocka_unit_test(a_strict_brand_is_shown_for_announced_calls_only),
		cmocka_unit_test(a_receipt_comes_back_whole_or_not_at_all),
		cmocka_unit_test(blocks_are_aligned_and_a_number_finds_its_own),
		cmocka_unit_test(reviews_follow_their_tables),
		cmocka_unit_test(brand_and_reason_are_shown_for_a_verified_call_only),
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
