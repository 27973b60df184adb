/* SPDX-License-Identifier: Apache-2.0 */
/* Which parties a command means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "media/session/command.h"

static struct sessions sessions;
static struct desk desk = {.sessions = &sessions};

struct words {
	const char *from, *to, *branch;
};

static struct ng_request request_of(const struct words *words)
{
	struct ng_request request = {.tos = -1};

	if (words->from)
		request.from_tag = (struct ng_text){words->from, strlen(words->from)};
	if (words->to)
		request.to_tag = (struct ng_text){words->to, strlen(words->to)};
	if (words->branch)
		request.via_branch = (struct ng_text){words->branch, strlen(words->branch)};
	return request;
}

static struct party *offer(struct call *call, struct words words, struct party **from_out)
{
	struct ng_request request = request_of(&words);
	struct party *from = NULL, *to = NULL;

	assert_true(dialogue_offer(call, &request, &from, &to));
	assert_ptr_not_equal(from, to);
	if (from_out)
		*from_out = from;
	return to;
}

static struct party *answer(struct call *call, struct words words)
{
	struct ng_request request = request_of(&words);
	struct party *offerer = NULL, *answerer = NULL;
	const char *why = NULL;

	if (!dialogue_answer(call, &request, &offerer, &answerer, &why)) {
		assert_non_null(why);
		return NULL;
	}
	assert_true(party_has_tag(offerer, &request.from_tag));
	assert_true(text_is(&request.to_tag, answerer->tag));
	bond_of(call, offerer, answerer)->answered = true;
	bond_of(call, offerer, answerer)->heard = true;
	return answerer;
}

static void end(struct call *call)
{
	while (call->parties)
		party_free(call->parties);
	assert_null(call->bonds);
	assert_int_equal(call->n_parties, 0);
}

static void test_an_answer_names_the_party_that_was_offered_something(void **state)
{
	struct call call = {.desk = &desk};
	struct party *caller, *callee;

	(void)state;
	callee = offer(&call, (struct words){.from = "a"}, &caller);
	assert_null(callee->tag);
	assert_string_equal(caller->tag, "a");
	assert_ptr_equal(answer(&call, (struct words){.from = "a", .to = "b"}), callee);
	assert_int_equal(call.n_parties, 2);
	/* 183 and then 200: the same once more. */
	assert_ptr_equal(answer(&call, (struct words){.from = "a", .to = "b"}), callee);
	end(&call);
}

static void test_an_offer_that_is_sent_again_makes_nobody_new(void **state)
{
	struct call call = {.desk = &desk};
	struct party *callee = offer(&call, (struct words){.from = "a"}, NULL);

	(void)state;
	assert_ptr_equal(offer(&call, (struct words){.from = "a"}, NULL), callee);
	answer(&call, (struct words){.from = "a", .to = "b"});
	assert_ptr_equal(offer(&call, (struct words){.from = "a"}, NULL), callee);
	assert_int_equal(call.n_parties, 2);
	end(&call);
}

static void test_a_re_invite_of_either_side_finds_both(void **state)
{
	struct call call = {.desk = &desk};
	struct party *caller, *callee, *from;

	(void)state;
	callee = offer(&call, (struct words){.from = "a"}, &caller);
	answer(&call, (struct words){.from = "a", .to = "b"});
	assert_ptr_equal(offer(&call, (struct words){.from = "a", .to = "b"}, &from), callee);
	assert_ptr_equal(from, caller);
	assert_ptr_equal(offer(&call, (struct words){.from = "b", .to = "a"}, &from), caller);
	assert_ptr_equal(from, callee);
	assert_ptr_equal(answer(&call, (struct words){.from = "b", .to = "a"}), caller);
	assert_int_equal(call.n_parties, 2);
	end(&call);
}

static void test_branches_of_a_fork_are_told_apart_by_via_branch(void **state)
{
	struct call call = {.desk = &desk};
	struct party *one = offer(&call, (struct words){.from = "a", .branch = "1"}, NULL);
	struct party *two = offer(&call, (struct words){.from = "a", .branch = "2"}, NULL);

	(void)state;
	assert_ptr_not_equal(one, two);
	assert_ptr_equal(offer(&call, (struct words){.from = "a", .branch = "1"}, NULL), one);
	assert_ptr_equal(answer(&call, (struct words){"a", "y", "2"}), two);
	assert_ptr_equal(answer(&call, (struct words){"a", "x", "1"}), one);
	/* from now on the tags suffice */
	assert_ptr_equal(offer(&call, (struct words){.from = "a", .to = "y"}, NULL), two);
	assert_string_equal(offer(&call, (struct words){.from = "x", .to = "a"}, NULL)->tag, "a");
	assert_int_equal(call.n_parties, 3);
	end(&call);
}

static void test_a_fork_behind_us_answers_with_the_ports_that_all_were_given(void **state)
{
	struct call call = {.desk = &desk};
	struct party *callee = offer(&call, (struct words){.from = "a"}, NULL);
	struct ng_text first = {"b1", 2};

	(void)state;
	assert_ptr_equal(answer(&call, (struct words){.from = "a", .to = "b1"}), callee);
	assert_ptr_equal(answer(&call, (struct words){.from = "a", .to = "b2"}), callee);
	assert_string_equal(callee->tag, "b2");
	assert_true(party_has_tag(callee, &first));
	/* and back: it answers again */
	assert_ptr_equal(answer(&call, (struct words){.from = "a", .to = "b1"}), callee);
	assert_int_equal(call.n_parties, 2);
	assert_true(party_drop_alias(callee, &first) || party_has_tag(callee, &first));
	end(&call);
}

static void test_an_answer_to_nothing_is_refused(void **state)
{
	struct call call = {.desk = &desk};

	(void)state;
	assert_null(answer(&call, (struct words){.from = "a", .to = "b"}));
	offer(&call, (struct words){.from = "a"}, NULL);
	assert_null(answer(&call, (struct words){.from = "z", .to = "b"}));
	end(&call);
}

static void test_a_party_answers_itself_never(void **state)
{
	struct call call = {.desk = &desk};

	(void)state;
	offer(&call, (struct words){.from = "a", .to = "a"}, NULL);
	end(&call);
}

static void test_a_thousand_forks_stop_at_the_limit(void **state)
{
	struct call call = {.desk = &desk};
	size_t made = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		char branch[8] = {(char)('0' + i / 100), (char)('0' + i / 10 % 10),
				  (char)('0' + i % 10), 0};
		struct words words = {.from = "a", .branch = branch};
		struct ng_request request = request_of(&words);
		struct party *from, *to;

		made += dialogue_offer(&call, &request, &from, &to);
	}
	assert_int_equal(made, CALL_PARTIES_MAX - 1);
	assert_int_equal(call.n_parties, CALL_PARTIES_MAX);
	end(&call);
}

static void test_when_the_heard_branch_goes_another_that_answered_is_heard(void **state)
{
	struct call call = {.desk = &desk};
	struct party *caller, *one, *two;

	(void)state;
	one = offer(&call, (struct words){.from = "a", .branch = "1"}, &caller);
	two = offer(&call, (struct words){.from = "a", .branch = "2"}, NULL);
	answer(&call, (struct words){"a", "x", "1"});
	answer(&call, (struct words){"a", "y", "2"});
	bond_of(&call, caller, one)->heard = false;
	party_free(two);
	assert_true(bond_of(&call, caller, one)->heard);
	end(&call);
}

static void test_sinks_follow_the_bonds(void **state)
{
	struct call call = {.desk = &desk};
	struct party *caller, *one, *two;

	(void)state;
	one = offer(&call, (struct words){.from = "a", .branch = "1"}, &caller);
	two = offer(&call, (struct words){.from = "a", .branch = "2"}, NULL);
	for (struct party *party = call.parties; party; party = party->next)
		assert_non_null(party_stream(party, 1));
	answer(&call, (struct words){"a", "y", "2"});
	call_wire(&call);
	/* The caller hears both, since either may ring; it is heard by who answered. */
	assert_int_equal(caller->streams[0]->n_sinks, 1);
	assert_ptr_equal(caller->streams[0]->sinks[0], two->streams[0]);
	assert_ptr_equal(caller->streams[1]->sinks[0], two->streams[1]);
	assert_ptr_equal(one->streams[0]->sinks[0], caller->streams[0]);
	assert_ptr_equal(two->streams[1]->sinks[0], caller->streams[1]);
	party_free(two);
	call_wire(&call);
	assert_int_equal(caller->streams[0]->n_sinks, 0);
	end(&call);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_answer_names_the_party_that_was_offered_something),
		cmocka_unit_test(test_an_offer_that_is_sent_again_makes_nobody_new),
		cmocka_unit_test(test_a_re_invite_of_either_side_finds_both),
		cmocka_unit_test(test_branches_of_a_fork_are_told_apart_by_via_branch),
		cmocka_unit_test(test_a_fork_behind_us_answers_with_the_ports_that_all_were_given),
		cmocka_unit_test(test_an_answer_to_nothing_is_refused),
		cmocka_unit_test(test_a_party_answers_itself_never),
		cmocka_unit_test(test_a_thousand_forks_stop_at_the_limit),
		cmocka_unit_test(test_when_the_heard_branch_goes_another_that_answered_is_heard),
		cmocka_unit_test(test_sinks_follow_the_bonds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
