/* SPDX-License-Identifier: Apache-2.0 */
/* The replay window, RFC 8224 §12.1 (VS5): fixed, keyed, and only for what was signed. */
#include "replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(name) static void name(void **state)

static struct cid_replay *window(size_t entries)
{
	struct cid_replay *replay = NULL;

	assert_int_equal(cid_replay_new(entries, &replay, NULL), CALLERID_OK);
	return replay;
}

static struct cid_replay_key key_of(struct cid_replay *replay, const char *text, uint8_t r,
				    uint8_t s)
{
	uint8_t raw[CID_ES256_LEN];
	struct cid_replay_key key;

	memset(raw, r, 32);
	memset(raw + 32, s, 32);
	assert_true(cid_replay_key(replay, (struct callerid_span){text, strlen(text)}, raw, &key));
	return key;
}

TEST(vs5_what_was_remembered_is_seen_until_it_expires)
{
	struct cid_replay *replay = window(64);
	struct cid_replay_key key = key_of(replay, "a.b", 1, 2);
	int64_t age_s = -1;

	(void)state;
	assert_false(cid_replay_seen(replay, &key, 1000, &age_s));
	cid_replay_remember(replay, &key, 1000, 1060);
	assert_true(cid_replay_seen(replay, &key, 1000, &age_s));
	assert_int_equal(age_s, 0);
	assert_true(cid_replay_seen(replay, &key, 1060, &age_s));
	assert_int_equal(age_s, 60);
	assert_false(cid_replay_seen(replay, &key, 1061, &age_s));
	cid_replay_free(replay);
}

TEST(vs5_the_other_spelling_of_a_signature_is_the_same_passport)
{
	struct cid_replay *replay = window(64);
	/* (R, S) and (R, n - S) both verify: only S differs. */
	struct cid_replay_key one = key_of(replay, "a.b", 1, 2);
	struct cid_replay_key other = key_of(replay, "a.b", 1, 3);

	(void)state;
	assert_memory_equal(&one, &other, sizeof(one));
	cid_replay_free(replay);
}

TEST(vs5_other_claims_or_another_signature_is_another_passport)
{
	struct cid_replay *replay = window(64);
	struct cid_replay_key one = key_of(replay, "a.b", 1, 2);
	struct cid_replay_key claims = key_of(replay, "a.c", 1, 2);
	struct cid_replay_key signature = key_of(replay, "a.b", 9, 2);
	int64_t age_s;

	(void)state;
	cid_replay_remember(replay, &one, 1, 60);
	assert_false(cid_replay_seen(replay, &claims, 1, &age_s));
	assert_false(cid_replay_seen(replay, &signature, 1, &age_s));
	cid_replay_free(replay);
}

TEST(vs5_two_windows_place_the_same_passport_differently)
{
	struct cid_replay *a = window(64), *b = window(64);
	struct cid_replay_key x = key_of(a, "a.b", 1, 2), y = key_of(b, "a.b", 1, 2);

	(void)state;
	assert_memory_not_equal(&x, &y, sizeof(x));
	cid_replay_free(a);
	cid_replay_free(b);
}

TEST(vs5_a_window_holds_nearly_as_many_as_it_was_made_for)
{
	struct cid_replay *replay = window(4096);
	unsigned lost = 0;
	int64_t age_s;
	char text[32];

	(void)state;
	for (unsigned i = 0; i < 3600; i++) {
		struct cid_replay_key key;

		snprintf(text, sizeof(text), "passport.%u", i);
		key = key_of(replay, text, 1, 2);
		cid_replay_remember(replay, &key, 1, 60);
	}
	for (unsigned i = 0; i < 3600; i++) {
		struct cid_replay_key key;

		snprintf(text, sizeof(text), "passport.%u", i);
		key = key_of(replay, text, 1, 2);
		lost += !cid_replay_seen(replay, &key, 1, &age_s);
	}
	assert_in_range(lost, 0, 36); /* 88 % full: 1 % at most */
	cid_replay_free(replay);
}

TEST(vs5_a_full_window_gives_up_what_expires_first)
{
	struct cid_replay *replay = window(1); /* one bucket of eight */
	struct cid_replay_key first, key;
	int64_t age_s;
	char text[32];

	(void)state;
	first = key_of(replay, "first", 1, 2);
	cid_replay_remember(replay, &first, 1, 50);
	for (unsigned i = 0; i < 8; i++) {
		snprintf(text, sizeof(text), "passport.%u", i);
		key = key_of(replay, text, 1, 2);
		cid_replay_remember(replay, &key, 1, 100);
	}
	assert_false(cid_replay_seen(replay, &first, 1, &age_s));
	assert_true(cid_replay_seen(replay, &key, 1, &age_s));
	cid_replay_free(replay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vs5_what_was_remembered_is_seen_until_it_expires),
		cmocka_unit_test(vs5_the_other_spelling_of_a_signature_is_the_same_passport),
		cmocka_unit_test(vs5_other_claims_or_another_signature_is_another_passport),
		cmocka_unit_test(vs5_two_windows_place_the_same_passport_differently),
		cmocka_unit_test(vs5_a_window_holds_nearly_as_many_as_it_was_made_for),
		cmocka_unit_test(vs5_a_full_window_gives_up_what_expires_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
