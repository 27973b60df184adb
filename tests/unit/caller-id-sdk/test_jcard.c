/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 7095 as RFC 9795 and RFC 9796 use it: which jCards are read, and which URIs they hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jcard.h"

#define VERSION	   "[\"version\",{},\"text\",\"4.0\"]"
#define FN	   "[\"fn\",{},\"text\",\"Q Branch\"]"
#define CARD(more) "[\"vcard\",[" VERSION "," FN more "]]"

static enum callerid_status load(const char *text, struct cid_jcard *card)
{
	struct callerid_error err = {.text = ""};
	json_t *root = NULL;
	enum callerid_status status = cid_jcard_load(text, strlen(text), &root, card, &err);

	assert_int_equal(status == CALLERID_OK, root != NULL);
	assert_int_equal(status == CALLERID_OK, err.text[0] == '\0');
	json_decref(root);
	return status;
}

static void test_RC3_cards_of_every_legal_shape_are_read(void **state)
{
	static const char *const good[] = {
		CARD(""),
		CARD(",[\"org\",{},\"text\",\"MI6;Q\"]"),
		CARD(",[\"adr\",{\"label\":\"x\",\"type\":[\"work\",\"home\"]},\"text\","
		     "[\"\",\"\",[\"a\",\"b\"],\"c\"]]"),
		CARD(",[\"categories\",{},\"text\",\"a\",\"b\"]"),
		CARD(",[\"x-number\",{},\"integer\",1,2.5]"),
		CARD(",[\"x-flag\",{\"group\":\"g\"},\"boolean\",true]"),
	};
	struct cid_jcard card;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(load(good[i], &card), CALLERID_OK);
		assert_int_equal(card.n_uris, 0);
	}
}

static void test_RC3_other_shapes_are_refused(void **state)
{
	static const char *const wrong[] = {
		"{}",
		"[]",
		"\"vcard\"",
		"[\"vcard\"]",
		"[\"vcard\",{}]",
		"[\"vcalendar\",[" VERSION "," FN "]]",
		"[\"vcard\",[" VERSION "," FN "],1]",
		"[" CARD("") "," CARD("") "]", /* RFC 9796 §5: one jCard */
		"[\"vcard\",[]]",
		"[\"vcard\",[" FN "]]",
		"[\"vcard\",[" VERSION "]]",
		"[\"vcard\",[" VERSION "," VERSION "," FN "]]",
		"[\"vcard\",[[\"version\",{},\"text\",\"3.0\"]," FN "]]",
		"[\"vcard\",[[\"version\",{},\"text\",4.0]," FN "]]",
		CARD(",{}"),
		CARD(",[\"org\",{},\"text\"]"),
		CARD(",[\"org\",[],\"text\",\"x\"]"),
		CARD(",[\"org\",{\"a\":1},\"text\",\"x\"]"),
		CARD(",[\"org\",{\"a\":[1]},\"text\",\"x\"]"),
		CARD(",[\"org\",{\"a\":[]},\"text\",\"x\"]"),
		CARD(",[\"ORG\",{},\"text\",\"x\"]"),
		CARD(",[\"\",{},\"text\",\"x\"]"),
		CARD(",[1,{},\"text\",\"x\"]"),
		CARD(",[\"org\",{},\"te xt\",\"x\"]"),
		CARD(",[\"org\",{},\"text\",null]"),
		CARD(",[\"org\",{},\"text\",{}]"),
		CARD(",[\"org\",{},\"text\",[]]"),
		CARD(",[\"org\",{},\"text\",[[]]]"),
		CARD(",[\"org\",{},\"text\",[[[\"x\"]]]]"),
		"[\"vcard\",[" VERSION "," FN "]", /* no JSON */
		"",
	};
	struct cid_jcard card;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (load(wrong[i], &card) != CALLERID_ESYNTAX)
			fail_msg("read: %s", wrong[i]);
	}
}

static void test_RC6_uris_are_found_with_their_pointers(void **state)
{
	struct cid_jcard card;

	(void)state;
	assert_int_equal(load(CARD(",[\"photo\",{},\"uri\",\"https://example.com/q.png\"]"
				   ",[\"note\",{},\"text\",\"https://example.com/not\"]"
				   ",[\"logo\",{},\"uri\",\"https://example.com/a.jpg\","
				   "\"data:image/png;base64,AAAA\"]"
				   ",[\"tel\",{},\"uri\",\"tel:+12155551212\"]"),
			      &card),
			 CALLERID_OK);
	assert_int_equal(card.n_uris, 4);
	assert_string_equal(card.uri[0].pointer, "/1/2/3");
	assert_true(card.uri[0].fetched);
	assert_string_equal(card.uri[1].pointer, "/1/4/3");
	assert_string_equal(card.uri[2].pointer, "/1/4/4");
	assert_false(card.uri[2].fetched);
	assert_string_equal(card.uri[3].pointer, "/1/5/3");
	assert_false(card.uri[3].fetched);
}

static void test_RC3_a_uri_is_one_and_not_plain_http(void **state)
{
	static const char *const wrong[] = {
		"\"http://example.com/q.png\"",
		"\"HTTP://example.com/q.png\"",
		"\"q.png\"",
		"\"https://example.com/q png\"",
		"\"\"",
		"[\"https://example.com/q.png\"]",
		"1",
	};
	struct cid_jcard card;
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), CARD(",[\"logo\",{},\"uri\",%s]"), wrong[i]);
		if (load(text, &card) != CALLERID_ESYNTAX)
			fail_msg("read: %s", text);
	}
}

/* "a transport that can validate the integrity of the source of the resource" (§5). */
static void test_RC3_rfc9796_5_an_http_uri_is_refused_with_a_reason_that_says_so(void **state)
{
	static const char card[] = CARD(",[\"photo\",{},\"uri\",\"HTTP://example.com/q.png\"]");
	struct callerid_error err = {.text = ""};
	struct cid_jcard read;
	json_t *root = NULL;

	(void)state;
	assert_int_equal(cid_jcard_load(card, strlen(card), &root, &read, &err), CALLERID_ESYNTAX);
	assert_string_equal(
		err.text, "a uri of the jCard is http, which is never fetched: it has to be https");
	assert_null(root);
}

/* A card with n times the same piece behind the name. */
static enum callerid_status load_many(const char *before, const char *piece, size_t n,
				      const char *after)
{
	size_t size = 256 + strlen(before) + n * strlen(piece) + strlen(after);
	char *text = calloc(1, size);
	struct cid_jcard card;
	enum callerid_status status;
	size_t at;

	at = (size_t)snprintf(text, size, "[\"vcard\",[%s,%s%s", VERSION, FN, before);
	for (size_t i = 0; i < n; i++, at += strlen(piece))
		memcpy(text + at, piece, strlen(piece));
	memcpy(text + at, after, strlen(after));
	status = load(text, &card);
	free(text);
	return status;
}

static void test_properties_values_uris_depth_and_bytes_are_bounded(void **state)
{
	(void)state;
	assert_int_equal(load_many("", ",[\"a\",{},\"text\",\"\"]", 98, "]]"), CALLERID_OK);
	assert_int_equal(load_many("", ",[\"a\",{},\"text\",\"\"]", 99, "]]"), CALLERID_ESYNTAX);
	assert_int_equal(load_many(",[\"a\",{},\"text\"", ",\"\"", 32, "]]]"), CALLERID_OK);
	assert_int_equal(load_many(",[\"a\",{},\"text\"", ",\"\"", 33, "]]]"), CALLERID_ESYNTAX);
	assert_int_equal(load_many(",[\"a\",{},\"uri\"", ",\"a:b\"", 16, "]]]"), CALLERID_OK);
	assert_int_equal(load_many(",[\"a\",{},\"uri\"", ",\"a:b\"", 17, "]]]"), CALLERID_ESYNTAX);
	assert_int_equal(load_many(",[\"a\",{},\"text\",", "[", 100, "]]]"), CALLERID_ELIMIT);
	assert_int_equal(load_many(",[\"a\",{},\"text\",\"", "x", 65000, "\"]]]"), CALLERID_OK);
	assert_int_equal(load_many(",[\"a\",{},\"text\",\"", "x", 65536, "\"]]]"), CALLERID_ELIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_RC3_cards_of_every_legal_shape_are_read),
		cmocka_unit_test(test_RC3_other_shapes_are_refused),
		cmocka_unit_test(test_RC6_uris_are_found_with_their_pointers),
		cmocka_unit_test(test_RC3_a_uri_is_one_and_not_plain_http),
		cmocka_unit_test(
			test_RC3_rfc9796_5_an_http_uri_is_refused_with_a_reason_that_says_so),
		cmocka_unit_test(test_properties_values_uris_depth_and_bytes_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
