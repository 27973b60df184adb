/* SPDX-License-Identifier: Apache-2.0 */
/* ICE: a lite agent of ours against a full one of ours, restarts, consent, strangers, RFC 5769. */
#include "media/ice/ice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS     1000000ULL
#define SECOND (1000 * MS)

struct ends {
	struct ice *lite, *full;
	struct address lite_at, full_at;
	uint64_t now;
	unsigned lite_events, full_events, sent;
};

static struct address at(const char *ip, uint16_t port)
{
	struct address address;

	assert_true(address_parse(ip, strlen(ip), port, &address));
	return address;
}

static void introduce(struct ends *ends)
{
	bool restarted;

	assert_true(
		ice_set_remote(ends->lite, ice_ufrag(ends->full), ice_pwd(ends->full), &restarted));
	assert_false(restarted);
	assert_true(
		ice_set_remote(ends->full, ice_ufrag(ends->lite), ice_pwd(ends->lite), &restarted));
	assert_true(ice_add_candidate(ends->full, 1, 100, &ends->lite_at));
}

static struct ends ends_new(void)
{
	const struct ice_params lite = {.lite = true, .components = 1, .seed = 1};
	const struct ice_params full = {.controlling = true, .components = 1, .seed = 2};
	struct ends ends = {
		.lite = ice_new(&lite),
		.full = ice_new(&full),
		.lite_at = at("192.0.2.1", 4000),
		.full_at = at("2001:db8::2", 5000),
		.now = SECOND,
	};

	assert_non_null(ends.lite);
	assert_non_null(ends.full);
	return ends;
}

static void ends_free(struct ends *ends)
{
	ice_free(ends->lite);
	ice_free(ends->full);
}

/* Lets the full end send what is due; the network takes it to the lite end and back. */
static uint64_t run(struct ends *ends, bool lost)
{
	struct ice_out check, answer;
	uint64_t next;
	unsigned events;

	while (ice_poll(ends->full, ends->now, &check, &events, &next)) {
		ends->full_events |= events;
		ends->sent++;
		assert_true(address_equal(&check.to, &ends->lite_at));
		if (lost)
			continue;
		assert_int_equal(ice_receive(ends->lite, 1, &ends->full_at, check.data, check.len,
					     ends->now, &answer, &events),
				 ICE_ANSWER);
		ends->lite_events |= events;
		assert_true(address_equal(&answer.to, &ends->full_at));
		assert_int_equal(ice_receive(ends->full, 1, &ends->lite_at, answer.data, answer.len,
					     ends->now, &check, &events),
				 ICE_NOTHING);
		ends->full_events |= events;
	}
	ends->full_events |= events;
	return next;
}

static void run_until(struct ends *ends, uint64_t end, bool lost)
{
	while (ends->now < end) {
		uint64_t next = run(ends, lost);
		ends->now = next < end ? next : end;
	}
	run(ends, lost);
}

static void a_lite_and_a_full_agent_connect(void **state)
{
	(void)state;
	struct ends ends = ends_new();

	introduce(&ends);
	assert_string_equal(ice_state(ends.lite), "new");
	assert_false(ice_is_valid(ends.lite, 1, &ends.full_at));
	assert_null(ice_selected(ends.lite, 1));
	run_until(&ends, 2 * SECOND, false);
	assert_true(ice_is_valid(ends.lite, 1, &ends.full_at));
	assert_true(address_equal(ice_selected(ends.lite, 1), &ends.full_at));
	assert_true(address_equal(ice_selected(ends.full, 1), &ends.lite_at));
	assert_int_equal(ends.lite_events, ICE_NEW_VALID | ICE_NEW_SELECTED);
	assert_int_equal(ends.full_events, ICE_NEW_VALID | ICE_NEW_SELECTED);
	assert_string_equal(ice_state(ends.lite), "connected");
	assert_int_equal(ends.sent, 2); /* one check, one that nominates */
	ends_free(&ends);
}

static void checks_may_come_before_the_peers_credentials(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	bool restarted;

	assert_true(
		ice_set_remote(ends.full, ice_ufrag(ends.lite), ice_pwd(ends.lite), &restarted));
	assert_true(ice_add_candidate(ends.full, 1, 100, &ends.lite_at));
	run_until(&ends, 2 * SECOND, false);
	assert_true(ice_is_valid(ends.lite, 1, &ends.full_at));
	ends_free(&ends);
}

static void lost_checks_are_sent_again_and_then_given_up(void **state)
{
	(void)state;
	struct ends ends = ends_new();

	introduce(&ends);
	run_until(&ends, 4 * SECOND, true);
	assert_int_equal(ends.sent, 3); /* at 0, 500 and 1500 ms */
	run_until(&ends, 5 * SECOND, false);
	assert_string_equal(ice_state(ends.full), "connected");
	ends_free(&ends);
	ends = ends_new();
	introduce(&ends);
	run_until(&ends, 60 * SECOND, true);
	assert_int_equal(ends.sent, 7);
	assert_true(ends.full_events & ICE_FAILED);
	assert_string_equal(ice_state(ends.full), "failed");
	ends_free(&ends);
}

static void consent_is_renewed_and_ends_after_30_seconds_of_silence(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	struct ice_out out;
	uint64_t next;
	unsigned events;

	introduce(&ends);
	run_until(&ends, 62 * SECOND, false);
	assert_in_range(ends.sent, 2 + 60 / 6, 2 + 60 / 4);
	assert_string_equal(ice_state(ends.lite), "connected");
	ends.full_events = 0;
	run_until(&ends, 62 * SECOND + 24 * SECOND, true);
	assert_int_equal(ends.full_events & ICE_LOST, 0);
	run_until(&ends, 62 * SECOND + 31 * SECOND, true);
	assert_true(ends.full_events & ICE_LOST);
	assert_null(ice_selected(ends.full, 1));
	assert_false(ice_poll(ends.lite, ends.now, &out, &events, &next));
	assert_true(events & ICE_LOST);
	assert_false(ice_is_valid(ends.lite, 1, &ends.full_at));
	assert_string_equal(ice_state(ends.lite), "lost");
	ends_free(&ends);
}

/* A browser restarts: new credentials on both sides; the pair of before works until the new one
 * does. */
static void a_restart_keeps_the_old_pair_until_the_new_one_works(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	const struct ice_params full = {.controlling = true, .components = 1, .seed = 3};
	char before[ICE_UFRAG_LEN + 1];
	bool restarted;

	introduce(&ends);
	run_until(&ends, 2 * SECOND, false);
	snprintf(before, sizeof(before), "%s", ice_ufrag(ends.lite));
	struct ice *renewed = ice_new(&full);
	assert_true(ice_set_remote(ends.lite, ice_ufrag(renewed), ice_pwd(renewed), &restarted));
	assert_true(restarted);
	assert_string_not_equal(before, ice_ufrag(ends.lite));
	assert_true(address_equal(ice_selected(ends.lite, 1), &ends.full_at));
	/* consent of the old session still counts */
	run_until(&ends, 40 * SECOND, false);
	assert_true(ice_is_valid(ends.lite, 1, &ends.full_at));
	ice_free(ends.full);
	ends.full = renewed;
	struct address old = ends.full_at;
	ends.full_at = at("198.51.100.7", 1);
	assert_true(ice_set_remote(renewed, ice_ufrag(ends.lite), ice_pwd(ends.lite), &restarted));
	assert_true(ice_add_candidate(renewed, 1, 100, &ends.lite_at));
	run_until(&ends, 42 * SECOND, false);
	assert_true(address_equal(ice_selected(ends.lite, 1), &ends.full_at));
	assert_false(ice_is_valid(ends.lite, 1, &old));
	ends_free(&ends);
}

/* RFC 8445 §9: media goes on over the pair of before until one of the new session is selected, and
 * that a check came, which nominates nothing, selects none. */
static void a_check_after_a_restart_that_nominates_nothing_leaves_the_selected_pair(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	const struct ice_params full = {.controlling = true, .components = 1, .seed = 3};
	const struct address old = ends.full_at, fresh = at("198.51.100.7", 1);
	struct ice_out check, answer;
	bool restarted;
	unsigned events;
	uint64_t next;

	introduce(&ends);
	run_until(&ends, 2 * SECOND, false);
	struct ice *before = ends.full, *renewed = ice_new(&full);
	assert_true(ice_set_remote(ends.lite, ice_ufrag(renewed), ice_pwd(renewed), &restarted));
	assert_true(ice_set_remote(renewed, ice_ufrag(ends.lite), ice_pwd(ends.lite), &restarted));
	assert_true(ice_add_candidate(renewed, 1, 100, &ends.lite_at));
	assert_true(ice_poll(renewed, ends.now, &check, &events, &next));
	assert_int_equal(ice_receive(ends.lite, 1, &fresh, check.data, check.len, ends.now, &answer,
				     &events),
			 ICE_ANSWER);
	assert_int_equal(events, ICE_NEW_VALID);
	assert_true(ice_is_valid(ends.lite, 1, &fresh));
	assert_non_null(ice_selected(ends.lite, 1));
	assert_true(address_equal(ice_selected(ends.lite, 1), &old));
	/* Consent to it is still asked for, and given, in the session of before. */
	run_until(&ends, ends.now + 40 * SECOND, false);
	assert_true(ice_is_valid(ends.lite, 1, &old));
	assert_true(address_equal(ice_selected(ends.lite, 1), &old));
	ends.full = renewed;
	ends.full_at = fresh;
	run_until(&ends, ends.now + 2 * SECOND, false);
	assert_true(address_equal(ice_selected(ends.lite, 1), &fresh));
	assert_false(ice_is_valid(ends.lite, 1, &old));
	ice_free(before);
	ends_free(&ends);
}

/* A browser that has restarted, and has not our new names yet, checks from a new port by its new
 * name and our old one. Were that answered, it would send from there, and nothing makes that pair
 * valid. */
static void a_check_by_our_old_name_and_the_peers_new_one_is_not_answered(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	const struct ice_params full = {.controlling = true, .components = 1, .seed = 3};
	const struct address fresh = at("198.51.100.7", 1);
	struct ice_out check, answer;
	bool restarted;
	unsigned events;
	uint64_t next;

	introduce(&ends);
	run_until(&ends, 2 * SECOND, false);
	struct ice *renewed = ice_new(&full);
	assert_true(ice_set_remote(renewed, ice_ufrag(ends.lite), ice_pwd(ends.lite), &restarted));
	assert_true(ice_add_candidate(renewed, 1, 100, &ends.lite_at));
	assert_true(ice_set_remote(ends.lite, ice_ufrag(renewed), ice_pwd(renewed), &restarted));
	assert_true(restarted);
	assert_true(ice_poll(renewed, ends.now, &check, &events, &next));
	assert_int_equal(ice_receive(ends.lite, 1, &fresh, check.data, check.len, ends.now, &answer,
				     &events),
			 ICE_REFUSED);
	assert_false(ice_is_valid(ends.lite, 1, &fresh));
	ice_free(renewed);
	ends_free(&ends);
}

/* The lite peer restarts: we check anew at once, and send where we did meanwhile. */
static void a_restart_of_a_lite_peer_is_checked_at_once(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	const struct ice_params lite = {.lite = true, .components = 1, .seed = 5};
	const struct address old = ends.lite_at;
	bool restarted;

	introduce(&ends);
	run_until(&ends, 2 * SECOND, false);
	ice_free(ends.lite);
	ends.lite = ice_new(&lite);
	ends.lite_at = at("192.0.2.1", 4002);
	assert_true(
		ice_set_remote(ends.full, ice_ufrag(ends.lite), ice_pwd(ends.lite), &restarted));
	assert_true(restarted);
	assert_true(
		ice_set_remote(ends.lite, ice_ufrag(ends.full), ice_pwd(ends.full), &restarted));
	assert_true(ice_add_candidate(ends.full, 1, 100, &ends.lite_at));
	assert_true(address_equal(ice_selected(ends.full, 1), &old));
	run_until(&ends, 3 * SECOND, false);
	assert_true(address_equal(ice_selected(ends.full, 1), &ends.lite_at));
	assert_true(address_equal(ice_selected(ends.lite, 1), &ends.full_at));
	assert_false(ice_is_valid(ends.full, 1, &old));
	/* and consent to the new pair is asked for */
	run_until(&ends, 60 * SECOND, false);
	assert_string_equal(ice_state(ends.full), "connected");
	ends_free(&ends);
}

static void the_same_credentials_are_no_restart(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	bool restarted;

	introduce(&ends);
	assert_true(
		ice_set_remote(ends.lite, ice_ufrag(ends.full), ice_pwd(ends.full), &restarted));
	assert_false(restarted);
	ends_free(&ends);
}

static void strangers_get_no_answer(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	const struct ice_params full = {.controlling = true, .components = 1, .seed = 9};
	struct ice *stranger = ice_new(&full);
	struct ice_out check, answer;
	unsigned events;
	uint64_t next;
	bool restarted;

	introduce(&ends);
	/* knows the ufrag, guesses the password */
	assert_true(ice_set_remote(stranger, ice_ufrag(ends.lite), "guessedguessedguessed22",
				   &restarted));
	assert_true(ice_add_candidate(stranger, 1, 1, &ends.lite_at));
	assert_true(ice_poll(stranger, ends.now, &check, &events, &next));
	assert_int_equal(ice_receive(ends.lite, 1, &ends.full_at, check.data, check.len, ends.now,
				     &answer, &events),
			 ICE_REFUSED);
	assert_int_equal(events, 0);
	assert_false(ice_is_valid(ends.lite, 1, &ends.full_at));
	ice_free(stranger);
	ends_free(&ends);
}

static void every_changed_byte_and_every_cut_of_a_check_is_refused(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	struct ice_out check, answer;
	unsigned events;
	uint64_t next;

	introduce(&ends);
	assert_true(ice_poll(ends.full, ends.now, &check, &events, &next));
	for (size_t i = 0; i < check.len; i++) {
		struct ice_out changed = check;
		changed.data[i] ^= 0x01;
		assert_int_equal(ice_receive(ends.lite, 1, &ends.full_at, changed.data, changed.len,
					     ends.now, &answer, &events),
				 ICE_REFUSED);
		assert_int_equal(ice_receive(ends.lite, 1, &ends.full_at, check.data, i, ends.now,
					     &answer, &events),
				 ICE_REFUSED);
	}
	assert_false(ice_is_valid(ends.lite, 1, &ends.full_at));
	ends_free(&ends);
}

static void an_answer_from_elsewhere_or_forged_makes_nothing_valid(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	struct ice_out check, answer, out;
	struct address elsewhere = at("203.0.113.9", 9);
	unsigned events;
	uint64_t next;

	introduce(&ends);
	assert_true(ice_poll(ends.full, ends.now, &check, &events, &next));
	assert_int_equal(ice_receive(ends.lite, 1, &ends.full_at, check.data, check.len, ends.now,
				     &answer, &events),
			 ICE_ANSWER);
	assert_int_equal(ice_receive(ends.full, 1, &elsewhere, answer.data, answer.len, ends.now,
				     &out, &events),
			 ICE_REFUSED);
	for (size_t i = 0; i < answer.len; i++) {
		struct ice_out changed = answer;
		changed.data[i] ^= 0x80;
		assert_int_equal(ice_receive(ends.full, 1, &ends.lite_at, changed.data, changed.len,
					     ends.now, &out, &events),
				 ICE_REFUSED);
	}
	assert_false(ice_is_valid(ends.full, 1, &ends.lite_at));
	ends_free(&ends);
}

static void valid_addresses_are_bounded_and_the_selected_stays(void **state)
{
	(void)state;
	struct ends ends = ends_new();
	struct ice_out check, answer;
	unsigned events;
	uint64_t next;

	introduce(&ends);
	run_until(&ends, 2 * SECOND, false);
	run_until(&ends, 8 * SECOND, true);
	ends.now = 9 * SECOND;
	/* any address may hold the right password: a NAT that changes its mind */
	struct ice *full = ends.full;
	const struct ice_params params = {.controlling = true, .components = 1, .seed = 4};
	bool restarted;
	for (uint16_t i = 1; i <= 3 * ICE_VALID_MAX; i++) {
		struct address from = at("198.51.100.1", i);
		struct ice *again = ice_new(&params);
		char name[ICE_UFRAG_LEN + 1];
		snprintf(name, sizeof(name), "%s", ice_ufrag(full));
		assert_true(ice_restore(again, name, ice_pwd(full)));
		assert_true(ice_set_remote(again, ice_ufrag(ends.lite), ice_pwd(ends.lite),
					   &restarted));
		assert_true(ice_add_candidate(again, 1, 1, &ends.lite_at));
		assert_true(ice_poll(again, ends.now, &check, &events, &next));
		ends.now += SECOND / 10;
		assert_int_equal(ice_receive(ends.lite, 1, &from, check.data, check.len, ends.now,
					     &answer, &events),
				 ICE_ANSWER);
		ice_free(again);
	}
	assert_true(address_equal(ice_selected(ends.lite, 1), &ends.full_at));
	assert_true(ice_is_valid(ends.lite, 1, &ends.full_at));
	ends_free(&ends);
}

static size_t vector(const char *name, uint8_t *out, size_t size)
{
	const char *folder = getenv("ATTESTEL_VECTORS");
	char path[512];

	snprintf(path, sizeof(path), "%s/rfc5769/%s", folder ? folder : "../shared/vectors", name);
	FILE *file = fopen(path, "rb");
	size_t n = file ? fread(out, 1, size, file) : 0;
	if (file)
		fclose(file);
	return n;
}

/* RFC 5769 §2.1: a request with the short-term credentials of evtj and h6vY. */
static void the_request_of_rfc_5769_is_taken_and_none_of_its_corruptions(void **state)
{
	(void)state;
	const struct ice_params params = {.lite = true, .components = 1};
	uint8_t request[ICE_MESSAGE_MAX];
	size_t n = vector("2.1-request-shortterm.bin", request, sizeof(request));
	struct address from = at("192.0.2.1", 32853);
	struct ice_out out;
	unsigned events;
	bool restarted;

	if (n == 0) {
		print_message("skipped: no published vectors here\n");
		skip();
	}
	struct ice *ice = ice_new(&params);
	assert_true(ice_restore(ice, "evtj", "VOkJxbRl1RmTxUk/WvJxBt"));
	assert_true(ice_set_remote(ice, "h6vY", "unknownunknownunknown22", &restarted));
	/* it says that it is controlled, to one that is lite and controlled too: answered, 487 */
	assert_int_equal(ice_receive(ice, 1, &from, request, n, 1, &out, &events), ICE_ANSWER);
	for (size_t i = 0; i < n; i++) {
		request[i] ^= 0x20;
		if (ice_receive(ice, 1, &from, request, n, 1, &out, &events) != ICE_REFUSED)
			fail_msg("byte %zu changed, and taken", i);
		request[i] ^= 0x20;
	}
	ice_free(ice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lite_and_a_full_agent_connect),
		cmocka_unit_test(checks_may_come_before_the_peers_credentials),
		cmocka_unit_test(lost_checks_are_sent_again_and_then_given_up),
		cmocka_unit_test(consent_is_renewed_and_ends_after_30_seconds_of_silence),
		cmocka_unit_test(a_restart_keeps_the_old_pair_until_the_new_one_works),
		cmocka_unit_test(
			a_check_after_a_restart_that_nominates_nothing_leaves_the_selected_pair),
		cmocka_unit_test(a_check_by_our_old_name_and_the_peers_new_one_is_not_answered),
		cmocka_unit_test(a_restart_of_a_lite_peer_is_checked_at_once),
		cmocka_unit_test(the_same_credentials_are_no_restart),
		cmocka_unit_test(strangers_get_no_answer),
		cmocka_unit_test(every_changed_byte_and_every_cut_of_a_check_is_refused),
		cmocka_unit_test(an_answer_from_elsewhere_or_forged_makes_nothing_valid),
		cmocka_unit_test(valid_addresses_are_bounded_and_the_selected_stays),
		cmocka_unit_test(the_request_of_rfc_5769_is_taken_and_none_of_its_corruptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
