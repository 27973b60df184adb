/* SPDX-License-Identifier: Apache-2.0 */
/* Forwarded calls path by path: what is complete, what it lacks, what it costs. */
#include "tests/kit/graph.h"

#include <stdlib.h>

#define TEST(name) static void name(void **state)

/* Two origins, each with its way: what falls out takes only the paths through it. */
TEST(rfc8946_4_2_one_complete_path_is_enough)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	origin(&g, "5");
	divert(&g, "2", "3");
	divert(&g, "5", "3");
	divert(&g, "3", "4");
	g.gone.wrong = 1 << 2;
	run(&g, "4");
	expect(&g, 0, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
	expect(&g, 1, CID_LINK_WHOLE, CALLERID_REASON_OK);
	expect(&g, 2, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
	expect(&g, 3, CID_LINK_WHOLE, CALLERID_REASON_OK);
	expect(&g, 4, CID_LINK_WHOLE, CALLERID_REASON_OK);
	g.gone.wrong |= 1 << 1;
	run(&g, "4");
	for (size_t i = 0; i < g.n; i++)
		expect(&g, i, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
}

TEST(rfc8946_4_2_the_reason_is_what_the_best_path_lacks)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	divert(&g, "2", "3");
	divert(&g, "2", "3");
	divert(&g, "2", "3");
	g.gone = (struct cid_gone){.wrong = 1 << 1, .no_cert = 1 << 2, .dear = 1 << 3};
	run(&g, "3");
	expect(&g, 0, CID_LINK_BROKEN, CALLERID_REASON_LIMIT);
	expect(&g, 3, CID_LINK_BROKEN, CALLERID_REASON_LIMIT);
	expect(&g, 2, CID_LINK_BROKEN, CALLERID_REASON_CERT_UNAVAILABLE);
	expect(&g, 1, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
	assert_non_null(strstr(g.links[1].why, "did not pass"));
	g.gone.dear = 0;
	g.gone.wrong |= 1 << 3;
	run(&g, "3");
	expect(&g, 0, CID_LINK_BROKEN, CALLERID_REASON_CERT_UNAVAILABLE);
}

TEST(a_broken_node_stays_as_it_was_told)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	divert(&g, "2", "3");
	g.gone.dear = 1 << 1;
	run(&g, "3");
	expect(&g, 0, CID_LINK_BROKEN, CALLERID_REASON_LIMIT);
	g.gone.wrong = 1 << 0;
	cid_graph_link(&g.read, &g.gone, g.links);
	expect(&g, 0, CID_LINK_BROKEN, CALLERID_REASON_LIMIT);
	expect(&g, 1, CID_LINK_BROKEN, CALLERID_REASON_LIMIT);
}

/* RFC 8946 §4.2.4: the outermost is fresh. What leads to two parties can be the last forward, and
 * one before the last. */
TEST(dv6_what_may_not_end_a_path_may_stand_inside_one)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	divert(&g, "2", "3");
	g.claims[1].dest[1] = party("4");
	g.claims[1].n_dest = 2;
	divert(&g, "3", "4");
	g.gone.no_end = 1 << 1;
	run(&g, "4");
	for (size_t i = 0; i < g.n; i++)
		expect(&g, i, CID_LINK_WHOLE, CALLERID_REASON_OK);
	assert_false(g.links[1].outermost);
	assert_true(g.links[1].inside);
	assert_true(g.links[2].outermost);
	g.gone.no_end |= 1 << 2;
	run(&g, "4");
	for (size_t i = 0; i < g.n; i++)
		expect(&g, i, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
	/* Two that may not end a path, each before the other, do not save each other. */
	g.claims[2].dest[1] = party("2");
	g.claims[2].n_dest = 2;
	run(&g, "4");
	for (size_t i = 0; i < g.n; i++)
		expect(&g, i, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
}

TEST(dv7_no_path_ends_with_what_came_inside_another)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	divert(&g, "2", "3");
	g.nodes[1].is_inner = true;
	run(&g, "3");
	expect(&g, 1, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
}

/* Small numbers that are the same everywhere (xorshift). */
static unsigned any(uint32_t *seed, unsigned below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % below;
}

/* Tries every path by hand: from i inwards, never to a party twice. */
static bool walks(const struct graph *g, size_t i, const struct callerid_party *at, unsigned seen)
{
	const struct callerid_claims *claims = &g->claims[i];

	if ((seen & 1u << (at->text[0] - '0')) != 0 || (g->gone.wrong & 1u << i) != 0)
		return false;
	if (g->nodes[i].kind == CID_NODE_ORIGIN)
		return true;
	seen |= 1u << (at->text[0] - '0');
	for (size_t j = 0; j < g->n; j++) {
		if ((g->read.before[i] & 1u << j) != 0 && walks(g, j, &claims->div, seen))
			return true;
	}
	return false;
}

/* Whether some path without a party twice proves the origin at 0, found without any cleverness. */
static bool has_path(const struct graph *g, const struct callerid_party *called)
{
	for (size_t i = 1; i < g->n; i++) {
		if ((g->read.ends & 1u << i) != 0 && walks(g, i, called, 0))
			return true;
	}
	return false;
}

static void fill(struct graph *g, uint32_t *seed, size_t n)
{
	static const char *const names[] = {"2", "3", "4", "5", "6"};

	origin(g, names[any(seed, 5)]);
	while (g->n < n) {
		size_t i = divert(g, names[any(seed, 5)], names[any(seed, 5)]);

		g->claims[i].dest[1] = party(names[any(seed, 5)]);
		g->claims[i].n_dest = 1 + any(seed, 2);
		g->gone.wrong |= any(seed, 4) == 0 ? 1u << i : 0;
	}
}

TEST(rfc8946_4_2_an_origin_is_proven_just_when_some_path_is_complete)
{
	uint32_t seed = 20210212;
	unsigned whole = 0;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct callerid_party called = party("6");
		struct graph g = {0};

		fill(&g, &seed, 2 + any(&seed, 6));
		run_to(&g, &called);
		assert_int_equal(g.links[0].state == CID_LINK_WHOLE, has_path(&g, &called));
		whole += g.links[0].state == CID_LINK_WHOLE;
	}
	assert_in_range(whole, 1000, 19000); /* both kinds were there */
}

TEST(rfc8946_4_2_nothing_that_is_added_takes_a_path_away)
{
	uint32_t seed = 8946;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		struct graph g = {0};
		struct cid_link before[CALLERID_PASSPORTS_MAX];
		size_t n = 2 + any(&seed, 6);

		fill(&g, &seed, n);
		run(&g, "6");
		memcpy(before, g.links, sizeof(before));
		fill(&g, &seed, n + 1 + any(&seed, 4));
		run(&g, "6");
		for (size_t i = 0; i < n; i++)
			assert_true(before[i].state != CID_LINK_WHOLE ||
				    g.links[i].state == CID_LINK_WHOLE);
	}
}

TEST(a_route_is_the_cheapest_way_through_a_node)
{
	static const unsigned prices[] = {1, 1, 7, 1, 0};
	struct graph g = {0};
	struct cid_routes routes;

	(void)state;
	origin(&g, "2");
	divert(&g, "2", "3");
	divert(&g, "2", "3"); /* the same, dearer */
	divert(&g, "3", "4");
	divert(&g, "8", "4"); /* leads nowhere inwards */
	run(&g, "4");
	cid_graph_routes(&g.read, 31, 1 << 3 | 1 << 4, prices, &routes);
	assert_int_equal(routes.through[0], 3);
	assert_int_equal(routes.through[2], 9);
	assert_int_equal(routes.through[3], 3);
	assert_int_equal(routes.through[4], CID_ROUTE_NONE);
	assert_int_equal(cid_routes_path(&routes, 0), 1 << 0 | 1 << 1 | 1 << 3);
	assert_int_equal(cid_routes_path(&routes, 2), 1 << 0 | 1 << 2 | 1 << 3);
	cid_graph_routes(&g.read, 31 & ~(1 << 1), 1 << 3, prices, &routes);
	assert_int_equal(cid_routes_path(&routes, 0), 1 << 0 | 1 << 2 | 1 << 3);
	assert_int_equal(routes.through[1], CID_ROUTE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc8946_4_2_one_complete_path_is_enough),
		cmocka_unit_test(rfc8946_4_2_the_reason_is_what_the_best_path_lacks),
		cmocka_unit_test(a_broken_node_stays_as_it_was_told),
		cmocka_unit_test(dv6_what_may_not_end_a_path_may_stand_inside_one),
		cmocka_unit_test(dv7_no_path_ends_with_what_came_inside_another),
		cmocka_unit_test(rfc8946_4_2_an_origin_is_proven_just_when_some_path_is_complete),
		cmocka_unit_test(rfc8946_4_2_nothing_that_is_added_takes_a_path_away),
		cmocka_unit_test(a_route_is_the_cheapest_way_through_a_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
