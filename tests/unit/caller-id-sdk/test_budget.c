/* SPDX-License-Identifier: Apache-2.0 */
/* Several PASSporTs of one request: what they may cost, how they are told, and that order is
 * nothing. */
#include "tests/kit/forwarded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)

TEST(vs1_the_same_token_in_two_headers_is_verified_once)
{
	struct scene *s = *state;
	char *again = NULL;

	scene_add_good(s);
	assert_true(asprintf(&again, "%s;x=y", s->texts[0]) > 0);
	scene_add(s, again);
	s->policy.max_signatures = 1;
	scene_expect_passed(s);
	assert_int_equal(callerid_verification_verdict(s->v)->n_passports, 2);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(reason_of(&callerid_verification_verdict(s->v)->passport[i]),
				    "ok");
}

/* A shaken PASSporT of the world's signer that names another URL. */
static void at_url(struct scene *s, const char *url)
{
	struct callerid_signer *signer = kit_signer_at(&s->world.leaf, url);

	scene_add(s, kit_step(signer, &(struct kit_step){.dest = KIT_TO}));
	callerid_signer_free(signer);
}

TEST(vs1_all_missing_certificates_are_told_at_once_each_url_once)
{
	struct scene *s = *state;
	const char *urls[4] = {NULL};

	at_url(s, "https://a.example/1");
	at_url(s, "https://b.example/2");
	at_url(s, "https://a.example/1");
	assert_int_equal(callerid_verification_new(s->ctx, &s->call, &s->v, NULL), CALLERID_OK);
	assert_int_equal(callerid_verification_wants_all(s->v, urls, 4), 2);
	assert_string_not_equal(urls[0], urls[1]);
	assert_null(urls[2]);
	assert_string_equal(urls[0], callerid_verification_wants(s->v));
	assert_int_equal(callerid_verification_wants_all(s->v, NULL, 0), 2);
	for (size_t i = 0; i < 2; i++) {
		char *url = strdup(urls[i]);

		callerid_verification_supply(s->v, url, s->chain, strlen(s->chain));
		free(url);
	}
	assert_int_equal(callerid_verification_wants_all(s->v, urls, 4), 0);
	assert_int_equal(callerid_verification_verdict(s->v)->verstat, CALLERID_VERSTAT_PASSED);
}

TEST(vs3_the_cost_of_certificates_is_bounded_too)
{
	struct scene *s = *state;
	const struct callerid_verdict *verdict;
	unsigned good = 0, left = 0;

	at_url(s, "https://a.example/1");
	at_url(s, "https://b.example/2");
	at_url(s, "https://c.example/3");
	s->policy.max_cost = 2 * (1 + CALLERID_COST_CERT) + 1;
	scene_expect_passed(s);
	verdict = callerid_verification_verdict(s->v);
	for (size_t i = 0; i < 3; i++) {
		good += verdict->passport[i].reason == CALLERID_REASON_OK;
		left += verdict->passport[i].reason == CALLERID_REASON_LIMIT;
	}
	assert_int_equal(good, 2);
	assert_int_equal(left, 1);
	assert_int_equal(s->asked, 2);
}

TEST(vs3_no_money_at_all_is_a_limit_not_a_pass)
{
	struct scene *s = *state;

	scene_add_good(s);
	s->policy.max_cost = 1;
	expect_reason(s, CALLERID_REASON_LIMIT);
	assert_int_equal(s->asked, 0);
}

TEST(a_policy_over_the_maximum_is_the_maximum)
{
	struct scene *s = *state;

	forwarded(s, 9);
	retarget(s);
	s->policy.max_signatures = 4000000000u;
	scene_expect_passed(s);
}

/* An rcd PASSporT of the caller, by the world's signer. */
static void add_rcd(struct scene *s, const char *dest)
{
	char *payload = NULL;

	assert_true(asprintf(&payload,
			     "{\"dest\":{\"tn\":[\"%s\"]},\"iat\":1800000000,\"orig\":{\"tn\":"
			     "\"" KIT_FROM "\"},\"rcd\":{\"nam\":\"Somebody\"}}",
			     dest) > 0);
	scene_add(s, scene_join(kit_token(s->world.leaf.key,
					  "{\"alg\":\"ES256\",\"ppt\":\"rcd\",\"typ\":"
					  "\"passport\",\"x5u\":\"" KIT_URL "\"}",
					  payload),
				";info=<" KIT_URL ">;alg=ES256;ppt=rcd"));
	free(payload);
}

static const struct callerid_passport_verdict *of_type(struct scene *s, const char *ppt)
{
	const struct callerid_verdict *verdict = callerid_verification_verdict(s->v);

	for (size_t i = 0; i < verdict->n_passports; i++) {
		if (strcmp(verdict->passport[i].claims.ppt, ppt) == 0)
			return &verdict->passport[i];
	}
	fail_msg("no PASSporT of type %s", ppt);
	return NULL;
}

TEST(vs3_what_names_the_caller_is_paid_before_what_only_adds_to_it)
{
	struct scene *s = *state;
	struct callerid_signer *signer = kit_signer_at(&s->world.leaf, "https://far.example/1");

	scene_add_good(s); /* makes the world's signer a known one */
	scene_expect_passed(s);
	s->call.n_identity = 0;
	add_rcd(s, kit_hop[0]);
	divert(s, kit_hop[0], kit_hop[1]);
	scene_add(s, kit_step(signer, &(struct kit_step){.dest = kit_hop[0]}));
	callerid_signer_free(signer);
	s->call.dest = s->call.request_uri = tn(kit_hop[1]);
	s->policy.max_signatures = 2;
	scene_expect_passed(s);
	assert_string_equal(reason_of(of_type(s, "rcd")), "limit");
}

TEST(vs3_what_a_chain_leaves_goes_to_the_rest)
{
	struct scene *s = *state;

	forwarded(s, 2);
	add_rcd(s, kit_hop[0]);
	s->call.request_uri = tn(kit_hop[2]);
	s->policy.max_signatures = 3;
	scene_expect_passed(s);
	assert_string_equal(reason_of(of_type(s, "div")), "ok");
	assert_string_equal(reason_of(of_type(s, "rcd")), "limit");
}

TEST(vs3_what_is_too_dear_leaves_the_rest_what_it_costs)
{
	struct scene *s = *state;

	scene_add_good(s);
	scene_expect_passed(s); /* its signer is known now */
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	at_url(s, "https://a.example/1");
	add_rcd(s, KIT_TO);
	s->policy.max_cost = 2;
	scene_expect_passed(s);
	assert_string_equal(reason_of(of_type(s, "rcd")), "ok");
	assert_int_equal(s->asked, 0);
}

TEST(vs3_no_certificate_is_asked_for_when_a_step_failed_a_cheap_check)
{
	struct scene *s = *state;

	shaken(s, kit_hop[0]);
	step(s, (struct kit_step){.div = kit_hop[0], .dest = kit_hop[1], .iat = KIT_NOW + 61});
	divert(s, kit_hop[1], kit_hop[2]);
	s->call.dest = s->call.request_uri = tn(kit_hop[2]);
	expect_reason(s, CALLERID_REASON_DIVERSION_BROKEN);
	assert_int_equal(s->asked, 0);
}

struct property {
	struct scene *s;
	struct callerid_span order[5];
	size_t n;
	char *json; /* of the first order */
};

static void permute(struct property *p, size_t n)
{
	if (n <= 1) {
		char *text = json_alone(p->s, p->order, p->n);

		if (p->json == NULL)
			p->json = strdup(text);
		assert_string_equal(text, p->json);
		free(text);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		size_t j = n % 2 == 0 ? i : 0;
		struct callerid_span kept;

		permute(p, n - 1);
		kept = p->order[j];
		p->order[j] = p->order[n - 1];
		p->order[n - 1] = kept;
	}
}

/* All orders of what stands in the scene. */
static void expect_same_in_every_order(struct scene *s)
{
	struct property p = {.s = s, .n = s->call.n_identity};

	assert_in_range(p.n, 2, 5);
	memcpy(p.order, s->identity, p.n * sizeof(p.order[0]));
	permute(&p, p.n);
	free(p.json);
	s->call.n_identity = 0;
}

TEST(vs7_the_order_of_headers_never_changes_the_verdict_good_ones)
{
	struct scene *s = *state;

	forwarded(s, 3);
	retarget(s);
	expect_same_in_every_order(s);
	forwarded(s, 4); /* one too many for four signatures */
	expect_same_in_every_order(s);
	for (size_t i = 0; i < 5; i++)
		step(s, (struct kit_step){.dest = KIT_TO, .iat = KIT_NOW - (int64_t)i});
	s->call.dest = tn(KIT_TO);
	expect_same_in_every_order(s);
}

TEST(vs7_the_order_of_headers_never_changes_the_verdict_bad_ones)
{
	struct scene *s = *state;

	forwarded(s, 3);
	spoil(s, 2, true);
	scene_add(s, strdup("rubbish"));
	expect_same_in_every_order(s);
	shaken(s, kit_hop[0]);
	divert(s, kit_hop[0], kit_hop[1]);
	divert(s, kit_hop[0], kit_hop[2]);
	scene_add(s, strdup("e30.e30.AAAA;info=<" KIT_URL ">;ppt=other"));
	step(s, (struct kit_step){.dest = kit_hop[0], .iat = KIT_NOW - 100});
	expect_same_in_every_order(s);
	nested(s, 2);
	divert(s, kit_hop[2], kit_hop[1]);
	scene_add(s, strdup(s->texts[s->n_texts - 1]));
	scene_add(s, strdup("..AAAA;info=<" KIT_URL ">;ppt=shaken"));
	expect_same_in_every_order(s);
}

TEST(dv8_an_explanation_draws_the_forwards_as_a_tree)
{
	struct scene *s = *state;
	char *text;

	forwarded(s, 2);
	text = callerid_verdict_explain(scene_verify(s));
	assert_non_null(strstr(text, "PASSporTs (* decided)\n"
				     "* shaken  " KIT_FROM " -> 12155559000  ok\n"
				     "     `- div  12155559000 -> 12155559001  ok\n"
				     "        `- div  12155559001 -> 12155559002  ok\n"));
	free(text);
}

TEST(dv8_a_loop_is_drawn_once_and_ends)
{
	struct scene *s = *state;
	char *text;

	divert(s, kit_hop[0], kit_hop[1]);
	divert(s, kit_hop[1], kit_hop[0]);
	s->call.dest = tn(kit_hop[0]);
	text = callerid_verdict_explain(scene_verify(s));
	assert_non_null(strstr(text, "12155559000 -> 12155559001  diversion_loop"));
	assert_non_null(strstr(text, "12155559001 -> 12155559000  diversion_loop"));
	free(text);
}

TEST(dv8_json_lists_each_passport_with_its_links)
{
	struct scene *s = *state;
	char *text;

	forwarded(s, 1);
	text = callerid_verdict_json(scene_verify(s));
	assert_non_null(strstr(text,
			       "\"passports\":[{\"ppt\":\"shaken\",\"reason\":\"ok\","
			       "\"code\":0,\"x5u\":\"" KIT_URL "\",\"inner\":false,\"links\":[]"));
	assert_non_null(strstr(text,
			       "{\"ppt\":\"div\",\"reason\":\"ok\",\"code\":0,\"x5u\":\"" KIT_URL
			       "\",\"inner\":false,\"links\":[0]"));
	assert_non_null(strstr(text, "\"div\":{\"tn\":\"12155559000\"}"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(vs1_the_same_token_in_two_headers_is_verified_once),
		SCENE_TEST(vs1_all_missing_certificates_are_told_at_once_each_url_once),
		SCENE_TEST(vs3_the_cost_of_certificates_is_bounded_too),
		SCENE_TEST(vs3_no_money_at_all_is_a_limit_not_a_pass),
		SCENE_TEST(a_policy_over_the_maximum_is_the_maximum),
		SCENE_TEST(vs3_what_names_the_caller_is_paid_before_what_only_adds_to_it),
		SCENE_TEST(vs3_what_a_chain_leaves_goes_to_the_rest),
		SCENE_TEST(vs3_what_is_too_dear_leaves_the_rest_what_it_costs),
		SCENE_TEST(vs3_no_certificate_is_asked_for_when_a_step_failed_a_cheap_check),
		SCENE_TEST(vs7_the_order_of_headers_never_changes_the_verdict_good_ones),
		SCENE_TEST(vs7_the_order_of_headers_never_changes_the_verdict_bad_ones),
		SCENE_TEST(dv8_an_explanation_draws_the_forwards_as_a_tree),
		SCENE_TEST(dv8_a_loop_is_drawn_once_and_ends),
		SCENE_TEST(dv8_json_lists_each_passport_with_its_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
