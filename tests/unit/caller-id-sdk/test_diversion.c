/* SPDX-License-Identifier: Apache-2.0 */
/* How PASSporTs of forwarded calls are linked: chains by hand, no signatures. */
#include "tests/kit/forward.h"
#include "tests/kit/graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(name) static void name(void **state)

TEST(a_call_that_was_not_forwarded_is_in_no_chain)
{
	struct graph g = {0};

	(void)state;
	run(&g, "2");
	origin(&g, "2");
	origin(&g, "3");
	run(&g, "2");
	expect(&g, 0, CID_LINK_NONE, CALLERID_REASON_OK);
	expect(&g, 1, CID_LINK_NONE, CALLERID_REASON_OK);
}

/* Every order of six, by exchanges (Heap). */
static void permute(size_t n, size_t *order, void (*look)(const size_t *order))
{
	if (n == 1) {
		look(order);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		size_t j = n % 2 == 0 ? i : 0, kept;

		permute(n - 1, order, look);
		kept = order[j];
		order[j] = order[n - 1];
		order[n - 1] = kept;
	}
}

static void look_at_order(const size_t *order)
{
	struct graph g = {0};
	size_t place[6];

	for (size_t k = 0; k < 6; k++)
		place[order[k]] = order[k] == 0
					  ? origin(&g, kit_hop[0])
					  : divert(&g, kit_hop[order[k] - 1], kit_hop[order[k]]);
	run(&g, kit_hop[5]);
	for (size_t k = 0; k < 6; k++) {
		const struct cid_link *link = &g.links[place[k]];

		expect(&g, place[k], CID_LINK_WHOLE, CALLERID_REASON_OK);
		assert_int_equal(link->hop, k);
		assert_int_equal(link->hops, 5);
		assert_int_equal(link->outermost, k == 5);
		assert_int_equal(link->inside, k < 5);
		assert_int_equal(link->last, k == 5);
		assert_int_equal(g.read.before[place[k]], k == 0 ? 0 : 1u << place[k - 1]);
	}
}

TEST(dv8_five_forwards_link_in_each_of_the_720_orders)
{
	size_t order[6] = {0, 1, 2, 3, 4, 5};

	(void)state;
	permute(6, order, look_at_order);
}

TEST(dv3_a_missing_link_breaks_the_chain_and_leaves_the_origin_alone)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	divert(&g, "3", "4");
	run(&g, "4");
	expect(&g, 0, CID_LINK_NONE, CALLERID_REASON_OK);
	expect(&g, 1, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
	assert_non_null(strstr(g.links[1].why, "missing"));
}

TEST(dv3_a_diversion_without_any_origin_is_broken)
{
	struct graph g = {0};

	(void)state;
	divert(&g, "2", "3");
	divert(&g, "3", "4");
	expect_broken(&g, "4", "missing");
}

TEST(dv4_the_outermost_dest_is_the_called_party)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	divert(&g, "2", "3");
	divert(&g, "3", "4");
	expect_broken(&g, "5", "do not lead to the called party");
	run(&g, "4");
	expect(&g, 2, CID_LINK_WHOLE, CALLERID_REASON_OK);
}

/* That the call went on from there does not undo that it came there; nor can who sends it to us be
 * kept from leaving that out. */
TEST(dv4_a_forward_beyond_the_called_party_proves_nothing_and_breaks_nothing)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	divert(&g, "2", "3");
	divert(&g, "3", "4");
	run(&g, "3");
	expect(&g, 0, CID_LINK_WHOLE, CALLERID_REASON_OK);
	expect(&g, 1, CID_LINK_WHOLE, CALLERID_REASON_OK);
	assert_true(g.links[1].outermost);
	assert_false(g.links[1].last);
	expect(&g, 2, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
	/* It names the first called one itself: no forward is needed, and none leads there. */
	expect_broken(&g, "2", "do not lead to the called party");
}

TEST(dv4_no_called_party_is_nobody)
{
	struct graph g = {0};
	struct callerid_party nobody = {.kind = CALLERID_PARTY_NONE};

	(void)state;
	origin(&g, "2");
	divert(&g, "2", "3");
	run_to(&g, &nobody);
	expect(&g, 1, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
}

TEST(dv5_orig_is_the_same_through_the_whole_chain)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	divert(&g, "2", "3");
	add(&g, CID_NODE_DIV, "9", "3", "4");
	run(&g, "4");
	expect(&g, 2, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
	assert_non_null(strstr(g.links[2].why, "orig"));
	/* and what came before it leads nowhere */
	expect(&g, 0, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
}

TEST(dv8_a_loop_is_told_as_a_loop)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	divert(&g, "2", "3");
	divert(&g, "3", "2");
	run(&g, "2");
	for (size_t i = 0; i < g.n; i++)
		expect(&g, i, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_LOOP);
}

TEST(dv8_a_forward_to_itself_is_a_loop)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	divert(&g, "2", "2");
	run(&g, "2");
	expect(&g, 1, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_LOOP);
}

TEST(dv8_a_loop_without_an_origin_ends)
{
	struct graph g = {0};

	(void)state;
	divert(&g, "2", "3");
	divert(&g, "3", "2");
	run(&g, "2");
	expect(&g, 0, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_LOOP);
	expect(&g, 1, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_LOOP);
}

TEST(dv8_a_good_chain_with_a_loop_beside_it_holds)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	divert(&g, "2", "3");
	divert(&g, "3", "2"); /* back to where it was before: 2, 3, 2, and 3 again */
	divert(&g, "5", "5");
	run(&g, "3");
	expect(&g, 0, CID_LINK_WHOLE, CALLERID_REASON_OK);
	expect(&g, 1, CID_LINK_WHOLE, CALLERID_REASON_OK);
	assert_int_equal(g.links[1].hop, 1);
	assert_int_equal(g.links[1].hops, 1);
	expect(&g, 2, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_LOOP);
	expect(&g, 3, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_LOOP);
}

/* RFC 8946 §4.2 asks for one chain to the Request-URI; that the number also rang elsewhere, as a
 * forking proxy has it, is for the other leg to say. */
TEST(dv8_of_a_fork_the_branch_to_the_called_party_holds)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	divert(&g, "2", "3");
	divert(&g, "2", "4");
	for (size_t called = 1; called < 3; called++) {
		run(&g, called == 1 ? "3" : "4");
		expect(&g, 0, CID_LINK_WHOLE, CALLERID_REASON_OK);
		expect(&g, called, CID_LINK_WHOLE, CALLERID_REASON_OK);
		expect(&g, 3 - called, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
		assert_true(g.links[3 - called].last);
	}
	expect_broken(&g, "7", "do not lead to the called party");
}

/* "a chain may terminate at more than one innermost PASSporT": §4.1 has one diversion made for each
 * that differs, and either continues what has its div in dest. */
TEST(rfc8946_4_2_5_a_diversion_continues_all_that_have_its_div_in_dest)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	origin(&g, "2");
	g.claims[1].dest[1] = party("7");
	g.claims[1].n_dest = 2;
	divert(&g, "2", "3");
	divert(&g, "2", "3");
	run(&g, "3");
	for (size_t i = 0; i < g.n; i++)
		expect(&g, i, CID_LINK_WHOLE, CALLERID_REASON_OK);
	assert_int_equal(g.read.before[2], 3);
	assert_int_equal(g.read.before[3], 3);
	run(&g, "7");
	expect(&g, 2, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
}

TEST(dv8_of_two_innermost_of_two_callers_the_diversion_continues_its_own)
{
	struct graph g = {0};

	(void)state;
	add(&g, CID_NODE_ORIGIN, "9", NULL, "2");
	origin(&g, "2");
	divert(&g, "2", "3");
	run(&g, "3");
	expect(&g, 0, CID_LINK_NONE, CALLERID_REASON_OK);
	expect(&g, 1, CID_LINK_WHOLE, CALLERID_REASON_OK);
	assert_int_equal(g.read.before[2], 2);
}

TEST(dv2_one_diversion_serves_several_originals_of_the_same_orig_and_dest)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	origin(&g, "2");
	divert(&g, "2", "3");
	run(&g, "3");
	for (size_t i = 0; i < g.n; i++)
		expect(&g, i, CID_LINK_WHOLE, CALLERID_REASON_OK);
	assert_int_equal(g.read.before[2], 3);
}

TEST(dv2_one_diversion_a_pair_and_one_for_both_behind_them)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	origin(&g, "sip:b@example.com");
	divert(&g, "2", "3");
	divert(&g, "sip:b@example.com", "3");
	divert(&g, "3", "4");
	run(&g, "4");
	for (size_t i = 0; i < g.n; i++)
		expect(&g, i, CID_LINK_WHOLE, CALLERID_REASON_OK);
	assert_int_equal(g.read.before[4], 1 << 2 | 1 << 3);
	assert_int_equal(g.links[4].hop, 2);
}

TEST(dv6_a_chain_whose_innermost_type_is_unknown_is_ignored)
{
	struct graph g = {0};

	(void)state;
	add(&g, CID_NODE_UNKNOWN, "1", NULL, "2");
	divert(&g, "2", "3");
	divert(&g, "3", "4");
	run(&g, "4");
	assert_int_equal(cid_graph_ignored(&g.read), 1 << 1 | 1 << 2);
	/* Another caller's says nothing here. */
	g.claims[0].orig = party("9");
	run(&g, "4");
	assert_int_equal(cid_graph_ignored(&g.read), 0);
	expect(&g, 1, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
}

TEST(dv6_one_innermost_of_a_known_type_keeps_the_chain)
{
	struct graph g = {0};

	(void)state;
	add(&g, CID_NODE_UNKNOWN, "1", NULL, "2");
	divert(&g, "2", "3");
	origin(&g, "2");
	divert(&g, "9", "3");
	run(&g, "3");
	assert_int_equal(cid_graph_ignored(&g.read), 0);
	cid_graph_keep(&g.read, ~1u);
	assert_int_equal(g.read.n, 3);
	assert_int_equal(g.read.before[0], 1 << 1);
	assert_int_equal(g.read.after[1], 1 << 0);
	assert_int_equal(g.read.ends, 1 << 0 | 1 << 2);
	memset(g.links, 0, sizeof(g.links));
	cid_graph_link(&g.read, &g.gone, g.links);
	expect(&g, 0, CID_LINK_WHOLE, CALLERID_REASON_OK);
	expect(&g, 1, CID_LINK_WHOLE, CALLERID_REASON_OK);
	expect(&g, 2, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
}

TEST(dv7_a_div_o_continues_what_it_carries_and_nothing_else)
{
	struct graph g = {0};
	size_t inner;

	(void)state;
	origin(&g, "2");
	inner = origin(&g, "9");
	divert(&g, "2", "3");
	g.nodes[2].has_inner = true;
	g.nodes[2].inner = inner;
	run(&g, "3");
	expect(&g, 2, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_BROKEN);
	expect(&g, 0, CID_LINK_NONE, CALLERID_REASON_OK);
	g.nodes[2].inner = 0;
	run(&g, "3");
	expect(&g, 2, CID_LINK_WHOLE, CALLERID_REASON_OK);
}

TEST(dv7_a_div_o_that_was_not_looked_into_is_a_limit)
{
	struct graph g = {0};

	(void)state;
	origin(&g, "2");
	divert(&g, "2", "3");
	g.nodes[1].has_inner = true;
	g.nodes[1].inner = CALLERID_PASSPORTS_MAX;
	run(&g, "3");
	expect(&g, 1, CID_LINK_BROKEN, CALLERID_REASON_LIMIT);
}

TEST(dv8_a_full_set_of_diversions_among_themselves_ends)
{
	struct graph g = {0};

	(void)state;
	for (size_t i = 0; i < CALLERID_PASSPORTS_MAX; i++) {
		divert(&g, "2", "2");
		for (size_t k = 1; k < CALLERID_DEST_MAX; k++)
			g.claims[i].dest[k] = party(kit_hop[k]);
		g.claims[i].n_dest = CALLERID_DEST_MAX;
	}
	run(&g, "2");
	for (size_t i = 0; i < g.n; i++)
		expect(&g, i, CID_LINK_BROKEN, CALLERID_REASON_DIVERSION_LOOP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_that_was_not_forwarded_is_in_no_chain),
		cmocka_unit_test(dv8_five_forwards_link_in_each_of_the_720_orders),
		cmocka_unit_test(dv3_a_missing_link_breaks_the_chain_and_leaves_the_origin_alone),
		cmocka_unit_test(dv3_a_diversion_without_any_origin_is_broken),
		cmocka_unit_test(dv4_the_outermost_dest_is_the_called_party),
		cmocka_unit_test(
			dv4_a_forward_beyond_the_called_party_proves_nothing_and_breaks_nothing),
		cmocka_unit_test(dv4_no_called_party_is_nobody),
		cmocka_unit_test(dv5_orig_is_the_same_through_the_whole_chain),
		cmocka_unit_test(dv8_a_loop_is_told_as_a_loop),
		cmocka_unit_test(dv8_a_forward_to_itself_is_a_loop),
		cmocka_unit_test(dv8_a_loop_without_an_origin_ends),
		cmocka_unit_test(dv8_a_good_chain_with_a_loop_beside_it_holds),
		cmocka_unit_test(dv8_of_a_fork_the_branch_to_the_called_party_holds),
		cmocka_unit_test(rfc8946_4_2_5_a_diversion_continues_all_that_have_its_div_in_dest),
		cmocka_unit_test(
			dv8_of_two_innermost_of_two_callers_the_diversion_continues_its_own),
		cmocka_unit_test(
			dv2_one_diversion_serves_several_originals_of_the_same_orig_and_dest),
		cmocka_unit_test(dv2_one_diversion_a_pair_and_one_for_both_behind_them),
		cmocka_unit_test(dv6_a_chain_whose_innermost_type_is_unknown_is_ignored),
		cmocka_unit_test(dv6_one_innermost_of_a_known_type_keeps_the_chain),
		cmocka_unit_test(dv7_a_div_o_continues_what_it_carries_and_nothing_else),
		cmocka_unit_test(dv7_a_div_o_that_was_not_looked_into_is_a_limit),
		cmocka_unit_test(dv8_a_full_set_of_diversions_among_themselves_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
