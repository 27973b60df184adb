/* SPDX-License-Identifier: Apache-2.0 */
/* What a subscriber's answer changes. */
#include "tests/unit/media/state/state_kit.h"
#include "media/session/command.h"

#define SDP                                                                                        \
	"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"                \
	"m=audio 9 RTP/AVP 0\r\n"

static struct call *subscribed(struct desk *desk, struct bond **bond_out)
{
	struct ng_text id = kit_text("call"), publisher = kit_text("a"), subscriber = kit_text("s");
	struct call *call = call_new(desk, &id);
	struct party *from = call ? party_new(call) : NULL, *to = call ? party_new(call) : NULL;

	*bond_out = from && to ? bond_new(call, from, to) : NULL;
	if (!*bond_out || !party_set_tag(from, &publisher) || !party_set_tag(to, &subscriber))
		abort();
	(*bond_out)->subscription = true;
	return call;
}

struct bench {
	struct kit kit; /* first: the kit gives it back */
	const char *refused, *taken;
	bool answered_when_refused, answered_when_taken;
};

static void answer_twice(struct kit *kit, struct desk *desk)
{
	struct bench *bench = (struct bench *)kit;
	struct ng_request request = {
		.tos = -1, .sdp = kit_text(SDP), .to_tag = kit_text("s"), .identity_given = true};
	struct bond *bond;
	struct command_run run = {
		.desk = desk, .request = &request, .call = subscribed(desk, &bond)};

	request.identity_bad = true;
	bench->refused = command_subscribe_answer(&run);
	bench->answered_when_refused = bond->answered;
	request.identity_bad = false;
	bench->taken = command_subscribe_answer(&run);
	bench->answered_when_taken = bond->answered;
	call_free(run.call, END_DELETE);
}

static void an_answer_that_is_refused_answers_nothing(void **state)
{
	struct bench bench;

	(void)state;
	kit_open(&bench.kit, 1);
	kit_run(&bench.kit, 0, answer_twice);
	kit_close(&bench.kit);
	assert_non_null(bench.refused);
	assert_false(bench.answered_when_refused);
	assert_null(bench.taken);
	assert_true(bench.answered_when_taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_that_is_refused_answers_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
