/* SPDX-License-Identifier: Apache-2.0 */
/* A call whose TNAuthList stands at a URL, with the n-th allocation failing. */
#include "tests/kit/oom_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 19999 /* of kit_oom_each() */

static void each(void (*part)(void *data), void *data)
{
	assert_in_range(kit_oom_each(part, data), 1, STEPS_MAX);
}

/* The world's signer, but with its list at a URL, where entry stands. */
static void verify_listed(struct scene *s, const struct callerid_tnauth_entry *entry, bool passes)
{
	struct kit_cert leaf = kit_cert(&(struct kit_spec){
		.cn = "SHAKEN 1234",
		.issuer = &s->world.inter,
		.basic = "critical,CA:FALSE",
		.usage = "critical,digitalSignature",
		.access = "1.3.6.1.5.5.7.48.14;URI:https://ca.example.org/tn/17"});
	struct oom_call call = {.scene = s, .passes = passes};
	char *identity =
		scene_join(kit_token(leaf.key, SCENE_HEADER, SCENE_PAYLOAD), SCENE_PARAMETERS);
	char *chain = kit_pem(&leaf, &s->world.inter, NULL);
	uint8_t *der = NULL;

	s->policy.accept_tn_list = true;
	s->list_url = "https://ca.example.org/tn/17";
	assert_int_equal(callerid_tnauthlist_encode(entry, 1, &der, &s->list.n, NULL), CALLERID_OK);
	s->list.p = (const char *)der;
	s->chain = chain;
	call.identity = identity;
	oom_open(&call);
	each(oom_verify, &call);
	oom_close(&call);
	free(der);
	free(chain);
	free(identity);
	kit_cert_free(&leaf);
}

static void ce7_a_call_whose_list_stands_at_a_url_without_memory_ends_in_a_verdict(void **state)
{
	verify_listed(*state, kit_numbers, true);
}

static void ce7_no_failed_allocation_lets_a_list_cover_more_than_it_has(void **state)
{
	static const struct callerid_tnauth_entry other = {.kind = CALLERID_TNAUTH_ONE,
							   .text = "12155550000"};

	verify_listed(*state, &other, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(ce7_a_call_whose_list_stands_at_a_url_without_memory_ends_in_a_verdict),
		SCENE_TEST(ce7_no_failed_allocation_lets_a_list_cover_more_than_it_has),
	};

	return kit_oom_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
