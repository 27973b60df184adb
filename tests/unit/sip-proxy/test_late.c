/* SPDX-License-Identifier: Apache-2.0 */
/* Calls without an offer are found by Call-ID, and those that strangers chose no more slowly. */
#include "sip-proxy/late.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/kit/collide.h"

#define CALLS	10000
#define LONGEST 40 /* of a chain; uthash aims at 10 */

static struct call *late_call(struct proxy *proxy, const char *call_id, bool journey)
{
	struct call *call = calloc(1, sizeof(*call));

	assert_non_null(call);
	call->proxy = proxy;
	call->journey = journey;
	snprintf(call->record.call_id, sizeof(call->record.call_id), "%s", call_id);
	late_begin(call);
	return call;
}

static void a_call_is_found_by_its_call_id_while_it_lasts(void **state)
{
	struct proxy proxy = {.late = NULL};
	struct call *a, *b;

	(void)state;
	assert_true(siphash_key_make(&proxy.late_secret));
	assert_false(late_is(&proxy, "a@h"));
	a = late_call(&proxy, "a@h", true);
	b = late_call(&proxy, "b@h", false);
	assert_true(late_is(&proxy, "a@h"));
	assert_false(late_is(&proxy, "A@h"));
	assert_false(late_is(&proxy, "b@h")); /* a re-INVITE: its dialog is none of the new ones */
	late_end(b);
	late_end(a);
	assert_false(late_is(&proxy, "a@h"));
	free(a);
	free(b);
}

static void what_was_cut_in_the_record_is_found_by_the_whole_call_id(void **state)
{
	struct proxy proxy = {.late = NULL};
	char longer[RECORD_CALL_ID_MAX + 50];
	struct call *call;

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	assert_true(siphash_key_make(&proxy.late_secret));
	call = calloc(1, sizeof(*call));
	assert_non_null(call);
	call->proxy = &proxy;
	call->journey = true;
	memcpy(call->record.call_id, longer, RECORD_CALL_ID_MAX);
	late_begin(call);
	assert_true(late_is(&proxy, longer));
	late_end(call);
	free(call);
}

static void call_ids_that_a_stranger_has_made_fall_into_no_one_chain(void **state)
{
	collide_word *ids = collide_words(CALLS);
	struct proxy proxy = {.late = NULL};
	struct call **calls = calloc(CALLS, sizeof(struct call *));
	unsigned longest = 0;

	(void)state;
	assert_non_null(calls);
	assert_true(siphash_key_make(&proxy.late_secret));
	for (size_t i = 0; i < CALLS; i++)
		calls[i] = late_call(&proxy, ids[i], true);
	assert_int_equal(HASH_CNT(late_hh, proxy.late), CALLS);
	for (size_t i = 0; i < proxy.late->late_hh.tbl->num_buckets; i++)
		if (proxy.late->late_hh.tbl->buckets[i].count > longest)
			longest = proxy.late->late_hh.tbl->buckets[i].count;
	assert_in_range(longest, 1, LONGEST);
	for (size_t i = 0; i < CALLS; i++) {
		assert_true(late_is(&proxy, ids[i]));
		late_end(calls[i]);
		free(calls[i]);
	}
	free(calls);
	free(ids);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_found_by_its_call_id_while_it_lasts),
		cmocka_unit_test(what_was_cut_in_the_record_is_found_by_the_whole_call_id),
		cmocka_unit_test(call_ids_that_a_stranger_has_made_fall_into_no_one_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
