/* SPDX-License-Identifier: Apache-2.0 */
/* What a stranger adds to a forwarded call: it never breaks a good chain, nor mends a bad one. */
#include "tests/kit/forwarded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST(name) static void name(void **state)
#define FAR_URL	   "https://far.example.org/signer.pem"
#define OTHER	   "12155559009" /* another caller, of the same provider */

/* Takes back what was added beyond the first n. */
static void keep(struct scene *s, size_t n)
{
	while (s->n_texts > n)
		free(s->texts[--s->n_texts]);
	s->call.n_identity = n;
}

static struct kit_step hop(size_t i)
{
	if (i == 0)
		return (struct kit_step){.dest = kit_hop[0]};
	return (struct kit_step){.div = kit_hop[i - 1], .dest = kit_hop[i]};
}

/*
 * What can be added to a chain of n forwards; variant i is about its PASSporT number i, at most n.
 * False: there is no such variant.
 */
typedef bool kind_add(struct scene *s, size_t n, size_t i);

static bool forged(struct scene *s, size_t n, size_t i)
{
	(void)n;
	step(s, hop(i));
	spoil(s, s->n_texts - 1, true);
	return true;
}

/* A copy under another signature: 64 bytes of zero, as if nobody had signed. R and S of it are out
 * of their range (SEC 1 §4.1.4), so that it costs nothing. */
static bool unsigned_copy(struct scene *s, size_t n, size_t i)
{
	char *text, *at;

	(void)n;
	text = strdup(s->texts[i]);
	for (at = strchr(strchr(text, '.') + 1, '.') + 1; *at != ';'; at++)
		*at = 'A';
	scene_add(s, text);
	return true;
}

static bool no_signature(struct scene *s, size_t n, size_t i)
{
	char *text = NULL;
	int length = (int)(strrchr(s->texts[i], ';') - s->texts[i]); /* all but ppt */
	const char *dot = strchr(strchr(s->texts[i], '.') + 1, '.');

	(void)n;
	assert_true(length > 0);
	assert_true(asprintf(&text, "%.*s%s", (int)(dot - s->texts[i] + 1), s->texts[i],
			     strchr(s->texts[i], ';')) > 0);
	scene_add(s, text);
	return true;
}

static bool another_payload(struct scene *s, size_t n, size_t i)
{
	(void)n;
	scene_add(s, strdup(s->texts[i]));
	spoil(s, s->n_texts - 1, false);
	return true;
}

static bool with_parameter(struct scene *s, size_t i, const char *parameter)
{
	char *text = NULL;

	assert_true(asprintf(&text, "%s%s", s->texts[i], parameter) > 0);
	scene_add(s, text);
	return true;
}

static bool same_again(struct scene *s, size_t n, size_t i)
{
	(void)n;
	return with_parameter(s, i, ";x=y");
}

static bool another_alg(struct scene *s, size_t n, size_t i)
{
	char *text = strdup(s->texts[i]), *alg = strstr(text, "ES256");

	(void)n;
	assert_non_null(alg);
	memcpy(alg, "ES384", 5);
	scene_add(s, text);
	return true;
}

static bool another_url(struct scene *s, size_t n, size_t i)
{
	struct callerid_signer *signer = kit_signer_at(&s->world.leaf, FAR_URL);
	struct kit_step what = hop(i);

	(void)n;
	scene_add(s, kit_step(signer, &what));
	spoil(s, s->n_texts - 1, true);
	callerid_signer_free(signer);
	return true;
}

static bool another_caller(struct scene *s, size_t n, size_t i)
{
	struct kit_step what = hop(i);

	(void)n;
	what.orig = OTHER;
	step(s, what);
	return true;
}

static bool stale(struct scene *s, size_t n, size_t i)
{
	struct kit_step what = hop(i);

	what.iat = KIT_NOW - (i == n ? 61 : 10801);
	step(s, what);
	return true;
}

static bool too_early(struct scene *s, size_t n, size_t i)
{
	struct kit_step what = hop(i);

	(void)n;
	what.iat = KIT_NOW + 61;
	step(s, what);
	return true;
}

/* A fork: a good signature, and leads nowhere. */
static bool elsewhere(struct scene *s, size_t n, size_t i)
{
	(void)n;
	divert(s, kit_hop[i], kit_hop[7]);
	return true;
}

static bool forged_elsewhere(struct scene *s, size_t n, size_t i)
{
	(void)n;
	divert(s, kit_hop[i], kit_hop[7]);
	spoil(s, s->n_texts - 1, true);
	return true;
}

static bool missing_link(struct scene *s, size_t n, size_t i)
{
	if (i != 0)
		return false;
	divert(s, kit_hop[8], kit_hop[n]);
	return true;
}

/* From the called party back to every one before. */
static bool loop(struct scene *s, size_t n, size_t i)
{
	if (i == n)
		return false;
	divert(s, kit_hop[n], kit_hop[i]);
	return true;
}

static bool forged_loop(struct scene *s, size_t n, size_t i)
{
	if (!loop(s, n, i))
		return false;
	spoil(s, s->n_texts - 1, true);
	return true;
}

/* Round about inside the chain, each step signed. */
static bool detour(struct scene *s, size_t n, size_t i)
{
	if (i + 1 > n || i == 0)
		return false;
	divert(s, kit_hop[i], kit_hop[0]);
	return true;
}

static bool rubbish(struct scene *s, size_t n, size_t i)
{
	static const char *const texts[] = {
		"rubbish",
		"e30.e30.AAAA;info=<" KIT_URL ">;ppt=div",
		"..AAAA;info=<" KIT_URL ">;ppt=div",
		"..AAAA;info=<" KIT_URL ">;ppt=shaken",
		"e30.e30.AAAA;info=<" KIT_URL ">;ppt=other",
		"",
	};

	(void)n;
	scene_add(s, strdup(texts[i % 6]));
	return true;
}

/* A div-o to the called party around something: i 0, what is good; 1, what is forged; 2, rubbish of
 * ten levels. */
static bool around(struct scene *s, size_t n, size_t i)
{
	struct callerid_signer *signer = kit_signer(&s->world.leaf, false);
	struct kit_step what = {.div = kit_hop[0], .dest = kit_hop[n]};
	char *inner = strdup(s->texts[0]), *at;

	for (size_t k = 0; i == 2 && k < 6; k++) {
		struct kit_step more = {.div = kit_hop[7], .dest = kit_hop[6], .inner = inner};
		char *outer = kit_step(signer, &more);

		free(inner);
		inner = outer;
	}
	at = inner + strcspn(inner, ";") - 20;
	if (i == 1)
		*at = *at == 'A' ? 'B' : 'A';
	what.inner = inner;
	if (i < 3)
		scene_add(s, kit_step(signer, &what));
	if (i < 3)
		spoil(s, s->n_texts - 1, true);
	free(inner);
	callerid_signer_free(signer);
	return i < 3;
}

struct kind {
	const char *name;
	kind_add *add;
	unsigned costs; /* signatures: what nothing but its signature tells from the real ones */
};

static const struct kind kinds[] = {
	{"forged", forged, 1},
	{"unsigned_copy", unsigned_copy, 0},
	{"no_signature", no_signature, 0},
	{"another_payload", another_payload, 0},
	{"same_again", same_again, 0},
	{"another_alg", another_alg, 0},
	{"another_url", another_url, 1},
	{"another_caller", another_caller, 0},
	{"stale", stale, 0},
	{"too_early", too_early, 0},
	{"elsewhere", elsewhere, 0},
	{"forged_elsewhere", forged_elsewhere, 0},
	{"missing_link", missing_link, 0},
	{"loop", loop, 0},
	{"forged_loop", forged_loop, 0},
	{"detour", detour, 1},
	{"rubbish", rubbish, 0},
	{"around", around, 2},
};

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	for (text = strstr(text, word); text != NULL; text = strstr(text + 1, word))
		n++;
	return n;
}

/* The chain of n forwards passes, whatever else there is; every one of its PASSporTs is good. */
static void expect_chain(const char *json, size_t n, const char *what)
{
	if (strstr(json, "\"verstat\":\"TN-Validation-Passed\",\"attest\":\"A\"") == NULL ||
	    count(json, "\"ppt\":\"div\",\"reason\":\"ok\"") < n)
		fail_msg("%s broke a chain of %zu: %s", what, n, json);
}

/* With the last Identity value at every place among the others. */
static void at_every_place(struct scene *s, size_t n, const char *what)
{
	struct callerid_span order[32];
	size_t all = s->call.n_identity;
	char *first = NULL;

	for (size_t at = 0; at < all; at++) {
		char *json;

		for (size_t k = 0, from = 0; k < all; k++)
			order[k] = s->identity[k == at ? all - 1 : from++];
		json = json_alone(s, order, all);
		expect_chain(json, n, what);
		if (first == NULL)
			first = strdup(json);
		assert_string_equal(json, first);
		free(json);
	}
	free(first);
}

static void add_to(struct scene *s, size_t n, const struct kind *kind)
{
	keep(s, 0);
	forwarded(s, n);
	retarget(s);
	s->policy.max_signatures = (unsigned)n + 1 + kind->costs;
	for (size_t i = 0; i <= n; i++) {
		if (kind->add(s, n, i))
			at_every_place(s, n, kind->name);
		keep(s, n + 1);
	}
}

TEST(rfc8946_4_2_no_bad_header_at_any_place_breaks_a_chain_of_one_to_five)
{
	for (size_t n = 1; n <= 5; n++) {
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			add_to(*state, n, &kinds[k]);
	}
}

/* By the default of four signatures, with all that costs none: 13 headers beside a chain of 3. */
TEST(vs3_junk_on_no_path_takes_no_signature_from_a_chain)
{
	struct scene *s = *state;
	char *json;

	forwarded(s, 3);
	retarget(s);
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		if (kinds[k].costs == 0 && s->call.n_identity < CALLERID_IDENTITIES_MAX)
			(void)kinds[k].add(s, 3, 0);
	}
	assert_in_range(s->call.n_identity, 14, CALLERID_IDENTITIES_MAX);
	json = json_alone(s, s->identity, s->call.n_identity);
	expect_chain(json, 3, "all of them");
	free(json);
}

/* A signer that is known costs less, and so comes first: strangers' certificates take nothing. */
TEST(vs3_forwards_of_unknown_signers_come_after_those_of_known_ones)
{
	struct scene *s = *state;

	forwarded(s, 3);
	retarget(s);
	scene_expect_passed(s);
	s->policy.mode[CALLERID_CHECK_REPLAY] = CALLERID_MODE_OFF;
	for (size_t i = 0; i < 4; i++)
		another_url(s, 3, i);
	scene_expect_passed(s);
	assert_int_equal(s->asked, 0);
}

/* What nothing but its signature tells from the real one can take its place, never its label. */
TEST(vs3_a_chain_that_cannot_be_afforded_is_not_proven)
{
	struct scene *s = *state;

	forwarded(s, 3);
	retarget(s);
	for (size_t i = 0; i < 4; i++) {
		for (size_t k = 0; k < 3; k++) {
			step(s, (struct kit_step){.div = i == 0 ? NULL : kit_hop[i - 1],
						  .dest = kit_hop[i],
						  .iat = KIT_NOW - 1 - (int64_t)k});
			spoil(s, s->n_texts - 1, true);
		}
	}
	assert_int_equal(s->call.n_identity, CALLERID_IDENTITIES_MAX);
	(void)scene_verify(s);
	assert_int_not_equal(callerid_verification_verdict(s->v)->verstat, CALLERID_VERSTAT_PASSED);
	s->policy.max_signatures = CALLERID_PASSPORTS_MAX;
	scene_expect_passed(s);
}

/* The PASSporTs of two calls: the one that is made, over hops 0 to 3, and another, of another
 * caller over the same hops, or of the same caller over others. */
static void add_other(struct scene *s, bool same_caller)
{
	for (size_t i = 0; i < 4; i++) {
		struct kit_step what = hop(i);

		if (same_caller) {
			what.dest = kit_hop[i + 4];
			what.div = i == 0 ? NULL : kit_hop[i + 3];
		} else {
			what.orig = OTHER;
		}
		step(s, what);
	}
}

/* Any of the first four with any of the others: the call passes just with all four. */
static void mix(struct scene *s, bool same_caller)
{
	unsigned passed = 0;

	forwarded(s, 3);
	retarget(s);
	add_other(s, same_caller);
	s->policy.max_signatures = CALLERID_PASSPORTS_MAX;
	for (unsigned set = 1; set < 256; set++) {
		struct callerid_span order[8];
		size_t n = 0;
		char *json;
		bool good;

		for (unsigned i = 0; i < 8; i++) {
			if ((set & 1u << i) != 0)
				order[n++] = s->identity[i];
		}
		json = json_alone(s, order, n);
		good = strstr(json, "\"verstat\":\"TN-Validation-Passed\"") != NULL;
		assert_int_equal(good, (set & 15) == 15);
		passed += good;
		free(json);
	}
	assert_int_equal(passed, 16);
}

TEST(dv5_no_mixture_with_another_callers_call_mends_a_chain)
{
	mix(*state, false);
}

TEST(dv3_no_mixture_with_another_call_of_the_same_caller_mends_a_chain)
{
	mix(*state, true);
}

/* Whatever is bad may stand beside a chain with a gap: it stays a chain with a gap. */
TEST(dv3_no_bad_header_fills_a_gap)
{
	struct scene *s = *state;

	for (size_t gap = 0; gap < 4; gap++) {
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			char *json;

			/* No bad one; and an original is as good inside a forged forward. */
			if (kinds[k].add == same_again || (kinds[k].add == around && gap == 0))
				continue;
			keep(s, 0);
			forwarded(s, 3);
			retarget(s);
			s->policy.max_signatures = CALLERID_PASSPORTS_MAX;
			for (size_t i = 0; i < 4; i++)
				(void)kinds[k].add(s, 3, i);
			s->identity[gap] = s->identity[--s->call.n_identity];
			json = json_alone(s, s->identity, s->call.n_identity);
			if (strstr(json, "TN-Validation-Passed") != NULL)
				fail_msg("%s filled gap %zu: %s", kinds[k].name, gap, json);
			free(json);
		}
	}
}

/* Small numbers that are the same everywhere (xorshift). */
static uint32_t any(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	return *seed ^= *seed << 5;
}

TEST(vs7_no_order_of_a_full_request_changes_the_verdict)
{
	struct scene *s = *state;
	uint32_t seed = 8946;

	for (unsigned budget = 2; budget <= 14; budget += 4) {
		char *first = NULL;

		keep(s, 0);
		forwarded(s, 3);
		for (size_t k = 0; k < 12; k++)
			(void)kinds[any(&seed) % (sizeof(kinds) / sizeof(kinds[0]))].add(
				s, 3, any(&seed) % 4);
		s->policy.max_signatures = budget;
		for (unsigned round = 0; round < 30; round++) {
			char *json = json_alone(s, s->identity, s->call.n_identity);

			if (first == NULL)
				first = strdup(json);
			assert_string_equal(json, first);
			free(json);
			for (size_t i = s->call.n_identity; i-- > 1;) {
				size_t j = any(&seed) % (i + 1);
				struct callerid_span kept = s->identity[i];

				s->identity[i] = s->identity[j];
				s->identity[j] = kept;
			}
		}
		free(first);
	}
}

/* The end of a chain is looked for among replays although a good PASSporT continues it again. */
TEST(vs5_no_loop_around_a_replay_hides_it)
{
	struct scene *s = *state;

	forwarded(s, 2);
	retarget(s);
	scene_expect_passed(s);
	divert(s, kit_hop[2], kit_hop[1]);
	expect_reason(s, CALLERID_REASON_DIVERSION_BROKEN);
	assert_string_equal(reason_of(to(callerid_verification_verdict(s->v), kit_hop[2])),
			    "replayed");
}

/* RFC 8946 §4.2.4 by a policy that only warns: what is too old to be the last is still told. */
TEST(dv6_an_old_last_forward_is_warned_of_where_age_only_warns)
{
	struct scene *s = *state;
	const struct callerid_passport_verdict *last;

	step(s, hop(0));
	step(s, (struct kit_step){.div = kit_hop[0], .dest = kit_hop[1], .iat = KIT_NOW - 61});
	s->call.dest = s->call.request_uri = tn(kit_hop[1]);
	s->policy.mode[CALLERID_CHECK_IAT] = CALLERID_MODE_WARN;
	scene_expect_passed(s);
	last = to(callerid_verification_verdict(s->v), kit_hop[1]);
	assert_int_equal(last->check[CALLERID_CHECK_IAT].result, CALLERID_RESULT_WARNED);
}

/* A base PASSporT in compact form may be either of two callers'. A forward that nobody signed does
 * not say whose it is. */
TEST(pp11_no_forged_forward_keeps_a_compact_passport_from_its_second_caller)
{
	struct scene *s = *state;
	char *payload = NULL, *token, *text = NULL;

	assert_true(asprintf(&payload,
			     "{\"dest\":{\"tn\":[\"%s\"]},\"iat\":1800000000,\"orig\":{\"tn\":"
			     "\"" KIT_FROM "\"}}",
			     kit_hop[0]) > 0);
	token = kit_token(s->world.leaf.key,
			  "{\"alg\":\"ES256\",\"typ\":\"passport\",\"x5u\":\"" KIT_URL "\"}",
			  payload);
	assert_true(asprintf(&text, "..%s;info=<" KIT_URL ">;alg=ES256", strrchr(token, '.') + 1) >
		    0);
	free(payload);
	free(token);
	scene_add(s, text);
	step(s, (struct kit_step){.orig = OTHER, .div = kit_hop[0], .dest = kit_hop[1]});
	spoil(s, 1, true);
	s->call.orig[0] = tn(OTHER);
	s->call.orig[1] = tn(KIT_FROM);
	s->call.n_orig = 2;
	s->call.dest = tn(kit_hop[0]);
	s->call.request_uri = tn(kit_hop[1]);
	scene_expect_passed(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENE_TEST(rfc8946_4_2_no_bad_header_at_any_place_breaks_a_chain_of_one_to_five),
		SCENE_TEST(vs3_junk_on_no_path_takes_no_signature_from_a_chain),
		SCENE_TEST(vs3_forwards_of_unknown_signers_come_after_those_of_known_ones),
		SCENE_TEST(vs3_a_chain_that_cannot_be_afforded_is_not_proven),
		SCENE_TEST(dv5_no_mixture_with_another_callers_call_mends_a_chain),
		SCENE_TEST(dv3_no_mixture_with_another_call_of_the_same_caller_mends_a_chain),
		SCENE_TEST(dv3_no_bad_header_fills_a_gap),
		SCENE_TEST(vs7_no_order_of_a_full_request_changes_the_verdict),
		SCENE_TEST(vs5_no_loop_around_a_replay_hides_it),
		SCENE_TEST(dv6_an_old_last_forward_is_warned_of_where_age_only_warns),
		SCENE_TEST(pp11_no_forged_forward_keeps_a_compact_passport_from_its_second_caller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
