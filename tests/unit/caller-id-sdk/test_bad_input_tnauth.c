/* SPDX-License-Identifier: Apache-2.0 */
/* Bad input: TNAuthLists, in a signer's certificate, to the parser, the lint and the signer. */
#include "tests/kit/bounds.h"
#include "tests/kit/dertext.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

#define OID_TNAUTHLIST "1.3.6.1.5.5.7.1.26"
#define NOT_AUTHORIZED CALLERID_REASON_NOT_AUTHORIZED, CALLERID_CHECK_AUTHORITY
#define LIST	       NOT_AUTHORIZED, "TNAuthList of certificate 1 of the path: "

/* A signer's certificate with these bytes for its TNAuthList. */
static struct kit_cert leaf_with(const struct kit_cert *issuer, const uint8_t *der, size_t len)
{
	return kit_cert(&(struct kit_spec){.cn = "SHAKEN 1234",
					   .issuer = issuer,
					   .basic = "critical,CA:FALSE",
					   .usage = "critical,digitalSignature",
					   .extra_oid = OID_TNAUTHLIST,
					   .extra_der = der,
					   .extra_len = len});
}

struct bytes {
	const void *p;
	size_t n;
	enum callerid_status expected;
};

static void parse(void *data)
{
	const struct bytes *bytes = data;
	struct callerid_tnauthlist *list = NULL;
	struct callerid_error err = {.text = ""};

	assert_int_equal(callerid_tnauthlist_parse(bytes->p, bytes->n, &list, &err),
			 bytes->expected);
	if (bytes->expected != CALLERID_OK)
		assert_string_not_equal(err.text, "");
	callerid_tnauthlist_free(list);
}

static void lint(void *data)
{
	const struct bytes *bytes = data;
	struct callerid_certlint *lint = NULL;
	struct callerid_error err = {.text = ""};

	assert_int_equal(callerid_certlint_run(bytes->p, bytes->n, CALLERID_CERTLINT_END_ENTITY,
					       &lint, &err),
			 bytes->expected);
	if (bytes->expected == CALLERID_OK)
		assert_true(callerid_certlint_failures(lint, 0, CALLERID_CERTLINT_ERROR) > 0);
	else
		assert_string_not_equal(err.text, "");
	callerid_certlint_free(lint);
}

struct signing {
	const char *key, *cert;
	enum callerid_status expected;
};

static void sign(void *data)
{
	const struct signing *what = data;
	struct callerid_signer *signer = NULL;
	struct callerid_error err = {.text = ""};

	assert_int_equal(
		callerid_signer_new(&(struct callerid_signer_params){.key_pem = what->key,
								     .key_len = strlen(what->key),
								     .cert_pem = what->cert,
								     .cert_len = strlen(what->cert),
								     .x5u = KIT_URL},
				    &signer, &err),
		what->expected);
	assert_string_not_equal(err.text, "");
	callerid_signer_free(signer);
}

static const struct kit_bounds bounds = {KIT_CPU_US_MAX, KIT_HEAP_MAX};

/* Whoever meets a certificate with it refuses it, or says so. */
static void refused_by_all(const struct kit_cert *leaf, enum callerid_status in_lint,
			   enum callerid_status in_signer)
{
	char *pem = kit_pem(leaf, NULL, NULL), *key = kit_key_pem(leaf->key);
	struct bytes bytes = {pem, strlen(pem), in_lint};
	struct signing signing = {key, pem, in_signer};

	kit_bounded(bounds, lint, NULL, &bytes);
	kit_bounded(bounds, sign, NULL, &signing);
	free(pem);
	free(key);
}

/* In the scene: its signer has such a certificate from now on. */
static void put_der(struct scene *s, const uint8_t *der, size_t len)
{
	struct kit_cert leaf = leaf_with(&s->world.inter, der, len);

	kit_cert_free(&s->world.leaf);
	s->world.leaf = leaf;
	free(s->own_chain);
	s->own_chain = kit_pem(&leaf, &s->world.inter, NULL);
	s->chain = s->own_chain;
	scene_add_token(s, SCENE_HEADER, SCENE_PAYLOAD);
}

/* row->payload in the notation of dertext.h; row->header: the parser's status is ELIMIT. */
static void put_list(struct scene *s, const struct bad_row *row)
{
	struct kit_der der = {.n = 0};
	struct bytes bytes = {der.p, 0, row->header == NULL ? CALLERID_ESYNTAX : CALLERID_ELIMIT};

	kit_der_compile(row->payload, &(struct kit_der_keys){.own = NULL}, &der);
	bytes.n = der.n;
	kit_bounded(bounds, parse, NULL, &bytes);
	put_der(s, der.p, der.n);
	refused_by_all(&s->world.leaf, CALLERID_OK, CALLERID_EPERM);
}

#define ONE		    "a2{16{'12155551212'}}"
#define RANGE(start, count) "30{a1{30{16{'" start "'} 02{" count "}}}}"

/* RFC 8226 §9: count INTEGER (2..MAX), "telephone numbers in the range [...] start to start+count";
 * X.690 §10.1: definite lengths in their shortest form. */
static const struct bad_row lists[] = {
	{"count_minus_1", NULL, RANGE("12155551212", "ff"), LIST},
	{"count_minus_the_largest", NULL, RANGE("12155551212", "8000000000000000"), LIST},
	{"count_0", NULL, RANGE("12155551212", "00"), LIST},
	{"count_1", NULL, RANGE("12155551212", "01"), LIST},
	{"count_without_bytes", NULL, RANGE("12155551212", ""), LIST},
	{"count_with_a_leading_zero", NULL, RANGE("12155551212", "0002"), LIST},
	{"count_that_leaves_the_length_of_start", NULL, RANGE("99999999990", "0a"), LIST},
	{"count_of_2_to_the_63", NULL, RANGE("12155551212", "008000000000000000"), LIST},
	{"count_that_overflows_64_bits_with_start", NULL,
	 RANGE("999999999999999", "00ffffffffffffffff"), LIST},
	{"count_over_64_bits", NULL, RANGE("12155551212", "010000000000000000"), LIST},
	{"count_of_100_bytes", NULL,
	 RANGE("12155551212", "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
			      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
			      "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
			      "ffffffff"),
	 LIST},
	{"count_that_is_a_string", NULL, "30{a1{30{16{'12155551212'} 16{'2'}}}}", LIST},
	{"range_without_a_count", NULL, "30{a1{30{16{'12155551212'}}}}", LIST},
	{"range_with_an_extension_that_is_no_der", NULL,
	 "30{a1{30{16{'12155551212'} 02{02} 0205}}}", LIST},
	{"range_from_a_star", NULL, RANGE("*12", "02"), LIST},
	{"number_of_16_digits", NULL, "30{a2{16{'1234567890123456'}}}", LIST},
	{"number_that_is_empty", NULL, "30{a2{16{}}}", LIST},
	{"number_with_a_plus", NULL, "30{a2{16{'+12155551212'}}}", LIST},
	{"number_with_a_nul", NULL, "30{a2{16{'12155551212' 00}}}", LIST},
	{"number_that_is_utf8string", NULL, "30{a2{0c{'12155551212'}}}", LIST},
	{"number_of_200_characters", "limit",
	 "30{a2{16{'12345678901234567890123456789012345678901234567890'"
	 "'12345678901234567890123456789012345678901234567890'"
	 "'12345678901234567890123456789012345678901234567890'"
	 "'12345678901234567890123456789012345678901234567890'}}}",
	 LIST},
	{"code_of_20_characters", "limit", "30{a0{16{'12345678901234567890'}}}", LIST},
	{"entry_of_an_unknown_kind", NULL, "30{a3{16{'12155551212'}}}", LIST},
	{"entry_with_an_implicit_tag", NULL, "30{82{'12155551212'}}", LIST},
	{"empty_list", NULL, "30{}", LIST},
	{"list_that_is_a_set", NULL, "31{" ONE "}", LIST},
	{"list_with_something_behind_it", NULL, "30{" ONE "} 0500", LIST},
	{"list_in_a_list", NULL, "30{30{" ONE "}}", LIST},
	{"list_of_indefinite_length", NULL, "3080" ONE "0000", LIST},
	{"entry_of_indefinite_length", NULL, "30{a280 16{'12155551212'} 0000}", LIST},
	{"string_of_indefinite_length", NULL, "30{a2{3680 16{'12155551212'} 0000}}", LIST},
	{"length_that_is_not_the_shortest", NULL, "30810f" ONE, LIST},
	{"length_over_what_is_there", NULL, "3020" ONE, LIST},
	{"length_of_four_bytes", NULL, "308400000010" ONE, LIST},
	{"length_of_2_gigabytes", NULL, "30847fffffff" ONE, LIST},
	{"length_of_126_bytes", NULL, "30fe" ONE, LIST},
	{"nothing_at_all", NULL, "", LIST},
};

TEST(list_that_is_good_passes)
{
	struct kit_der der = {.n = 0};
	struct scene *s = *state;

	kit_der_compile("30{" ONE "}", &(struct kit_der_keys){.own = NULL}, &der);
	put_der(s, der.p, der.n);
	scene_expect_passed(s);
	bounded_verify(s);
}

TEST(list_cut_at_every_byte)
{
	static const struct callerid_tnauth_entry entries[] = {
		{.kind = CALLERID_TNAUTH_SPC, .text = "1234"},
		{.kind = CALLERID_TNAUTH_RANGE, .text = "12155559000", .count = 1000},
		{.kind = CALLERID_TNAUTH_ONE, .text = KIT_FROM},
	};
	uint8_t *der = NULL;
	size_t len = 0;

	(void)state;
	assert_int_equal(callerid_tnauthlist_encode(entries, 3, &der, &len, NULL), CALLERID_OK);
	for (size_t n = 0; n < len; n++) {
		struct callerid_tnauthlist *list = NULL;
		uint8_t *part = malloc(n + 1);

		memcpy(part, der, n);
		assert_int_equal(callerid_tnauthlist_parse(part, n, &list, NULL), CALLERID_ESYNTAX);
		free(part);
	}
	free(der);
}

/* The same with a length that says where it was cut: what is inside does not end there. */
TEST(list_cut_at_every_byte_whose_length_agrees)
{
	struct kit_der der = {.n = 0};
	size_t good = 0;

	(void)state;
	kit_der_compile("30{a0{16{'1234'}} a1{30{16{'12155559000'} 02{0a}}} " ONE "}",
			&(struct kit_der_keys){.own = NULL}, &der);
	for (size_t n = 0; n < (size_t)der.n - 2; n++) {
		struct callerid_tnauthlist *list = NULL;
		uint8_t *part = malloc(n + 2);

		memcpy(part, der.p, n + 2);
		part[1] = (uint8_t)n;
		if (callerid_tnauthlist_parse(part, n + 2, &list, NULL) == CALLERID_OK)
			good++;
		callerid_tnauthlist_free(list);
		free(part);
	}
	assert_int_equal(good, 2); /* behind the first entry, and behind the second */
}

/* n numbers of the shortest form; the caller's. */
static uint8_t *many(size_t n, size_t *len_out)
{
	static const uint8_t one[] = {0xa2, 0x03, 0x16, 0x01, '7'};
	size_t body = n * sizeof(one), head = body > 0xffff ? 5 : 4;
	uint8_t *der = malloc(body + head), *p = der;

	*p++ = 0x30;
	*p++ = (uint8_t)(0x80 | (head - 2));
	if (body > 0xffff)
		*p++ = (uint8_t)(body >> 16);
	*p++ = (uint8_t)(body >> 8);
	*p++ = (uint8_t)body;
	for (size_t i = 0; i < n; i++, p += sizeof(one))
		memcpy(p, one, sizeof(one));
	*len_out = body + head;
	return der;
}

TEST(list_of_100000_entries_to_the_parser)
{
	struct bytes bytes = {.expected = CALLERID_ELIMIT};
	uint8_t *der = many(100000, &bytes.n);

	(void)state;
	bytes.p = der;
	kit_bounded(bounds, parse, NULL, &bytes);
	free(der);
}

TEST(list_of_100000_entries_in_a_certificate)
{
	struct scene *s = *state;
	size_t len = 0;
	uint8_t *der = many(100000, &len);

	put_der(s, der, len);
	bounded_expect(s, CALLERID_REASON_LIMIT, CALLERID_CHECK_CERT, "more than 16384 bytes");
	refused_by_all(&s->world.leaf, CALLERID_ELIMIT, CALLERID_ELIMIT);
	free(der);
}

/* RFC 8226 §10.1: what stands at the URL that the certificate names. */
TEST(list_of_100000_entries_at_its_url)
{
	struct scene *s = *state;
	struct kit_cert leaf = kit_cert(
		&(struct kit_spec){.cn = "SHAKEN 1234",
				   .issuer = &s->world.inter,
				   .basic = "critical,CA:FALSE",
				   .usage = "critical,digitalSignature",
				   .access = "1.3.6.1.5.5.7.48.14;URI:https://ca.example.org/tn"});
	uint8_t *der = many(100000, &s->list.n);

	kit_cert_free(&s->world.leaf);
	s->world.leaf = leaf;
	bad_serve(s, kit_pem(&leaf, &s->world.inter, NULL));
	s->policy.accept_tn_list = true;
	s->list_url = "https://ca.example.org/tn";
	s->list.p = (const char *)der;
	bounded_expect(s, NOT_AUTHORIZED, "the TNAuthList at the certificate's URL: over ");
	free(der);
}

/* As many as fit in what may stand at x5u. */
TEST(list_of_2000_entries_in_a_certificate)
{
	struct scene *s = *state;
	size_t len = 0;
	uint8_t *der = many(2000, &len);

	put_der(s, der, len);
	bounded_expect(s, LIST "over 1000 entries");
	refused_by_all(&s->world.leaf, CALLERID_OK, CALLERID_EPERM);
	free(der);
}

#define N_RANGES 350

/* As many as fit, overlapping, of a delegate and of who delegates to it (RFC 9060 §4). */
TEST(lists_of_350_ranges_in_a_delegate_and_its_issuer)
{
	static struct callerid_tnauth_entry entries[N_RANGES];
	struct scene *s = *state;
	struct kit_cert parent;

	for (size_t i = 0; i < N_RANGES; i++) {
		entries[i] =
			(struct callerid_tnauth_entry){.kind = CALLERID_TNAUTH_RANGE, .count = 900};
		snprintf(entries[i].text, sizeof(entries[i].text), "%zu", 1000 + 17 * i % 8000);
	}
	entries[0] = kit_numbers[0];
	parent = kit_cert(&(struct kit_spec){.cn = "SP CA",
					     .issuer = &s->world.root,
					     .basic = "critical,CA:TRUE",
					     .usage = "critical,keyCertSign",
					     .tnauth = entries,
					     .n_tnauth = N_RANGES});
	kit_cert_free(&s->world.leaf);
	s->world.leaf = kit_cert(&(struct kit_spec){
		.cn = "Customer", .issuer = &parent, .tnauth = entries, .n_tnauth = N_RANGES});
	s->own_chain = kit_pem(&s->world.leaf, &parent, NULL);
	s->chain = s->own_chain;
	assert_in_range(strlen(s->chain), 14000, CALLERID_CERT_PEM_MAX);
	scene_add_token(s, SCENE_HEADER, SCENE_PAYLOAD);
	scene_expect_passed(s);
	bounded_verify(s);
	kit_cert_free(&parent);
}

static const struct CMUnitTest single[] = {
	SCENE_TEST(list_that_is_good_passes),
	cmocka_unit_test(list_cut_at_every_byte),
	cmocka_unit_test(list_cut_at_every_byte_whose_length_agrees),
	cmocka_unit_test(list_of_100000_entries_to_the_parser),
	SCENE_TEST(list_of_100000_entries_in_a_certificate),
	SCENE_TEST(list_of_100000_entries_at_its_url),
	SCENE_TEST(list_of_2000_entries_in_a_certificate),
	SCENE_TEST(lists_of_350_ranges_in_a_delegate_and_its_issuer),
};

int main(void)
{
	const struct bad_table tables[] = {BAD_TABLE(lists, put_list)};

	return bad_run(tables, BAD_N_OF(tables), single, BAD_N_OF(single));
}
