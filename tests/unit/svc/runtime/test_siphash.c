/* SPDX-License-Identifier: Apache-2.0 */
/* The hash is SipHash-2-4, of any length and alignment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "svc/runtime/siphash.h"

/* Key 00..0f and message 00..0e: appendix A of the paper. */
static const struct siphash_key key = {{0x0706050403020100, 0x0f0e0d0c0b0a0908}};

static void the_paper_s_example_hashes_to_what_the_paper_says(void **state)
{
	uint8_t message[15];

	(void)state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)i;
	assert_int_equal(siphash(&key, message, sizeof(message)), 0xa129ca6149be45e5);
}

static void where_the_bytes_lie_does_not_matter(void **state)
{
	uint8_t room[48];
	uint8_t message[40];

	(void)state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(7 * i);
	for (size_t len = 0; len <= sizeof(message); len++)
		for (size_t shift = 0; shift < 8; shift++) {
			memset(room, 0xaa, sizeof(room));
			memcpy(room + shift, message, len);
			assert_int_equal(siphash(&key, room + shift, len),
					 siphash(&key, message, len));
		}
}

static void another_key_or_length_is_another_hash(void **state)
{
	static const uint8_t zeros[24];
	const struct siphash_key other = {{key.words[0], key.words[1] ^ 1}};

	(void)state;
	for (size_t len = 0; len < sizeof(zeros); len++) {
		assert_int_not_equal(siphash(&key, zeros, len), siphash(&key, zeros, len + 1));
		assert_int_not_equal(siphash(&key, zeros, len), siphash(&other, zeros, len));
	}
}

static void every_table_has_a_secret_of_its_own(void **state)
{
	struct siphash_key a, b;

	(void)state;
	assert_true(siphash_key_make(&a));
	assert_true(siphash_key_make(&b));
	assert_true(a.words[0] != b.words[0] && a.words[1] != b.words[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_paper_s_example_hashes_to_what_the_paper_says),
		cmocka_unit_test(where_the_bytes_lie_does_not_matter),
		cmocka_unit_test(another_key_or_length_is_another_hash),
		cmocka_unit_test(every_table_has_a_secret_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
