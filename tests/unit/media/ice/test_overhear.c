/* SPDX-License-Identifier: Apache-2.0 */
/* Checks between two ends, as a third hears them that knows what SDP said. */
#include "media/ice/overhear.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/ice/ice.h"

#define SECOND 1000000000ULL

/* The end that asks, the one that is asked, and a check on its way. */
struct scene {
	struct ice *asking, *asked;
	struct ice_out check, answer;
	struct ice_ends ends;
	struct address asked_at, asking_at;
};

static void open_scene(struct scene *scene)
{
	const struct ice_params full = {.controlling = true, .components = 1, .seed = 2};
	const struct ice_params lite = {.lite = true, .components = 1, .seed = 1};
	uint64_t next;
	unsigned events;
	bool restarted;

	assert_true(address_parse("192.0.2.1", 9, 4000, &scene->asked_at));
	assert_true(address_parse("2001:db8::2", 11, 5000, &scene->asking_at));
	scene->asking = ice_new(&full);
	scene->asked = ice_new(&lite);
	assert_true(ice_set_remote(scene->asking, ice_ufrag(scene->asked), ice_pwd(scene->asked),
				   &restarted));
	assert_true(ice_set_remote(scene->asked, ice_ufrag(scene->asking), ice_pwd(scene->asking),
				   &restarted));
	assert_true(ice_add_candidate(scene->asking, 1, 100, &scene->asked_at));
	assert_true(ice_poll(scene->asking, SECOND, &scene->check, &events, &next));
	assert_int_equal(ice_receive(scene->asked, 1, &scene->asking_at, scene->check.data,
				     scene->check.len, SECOND, &scene->answer, &events),
			 ICE_ANSWER);
	scene->ends = (struct ice_ends){.asked = ice_ufrag(scene->asked),
					.asking = ice_ufrag(scene->asking),
					.pwd = ice_pwd(scene->asked)};
}

static void close_scene(struct scene *scene)
{
	ice_free(scene->asking);
	ice_free(scene->asked);
}

static struct ice_overheard hear(const struct ice_ends *ends, const struct ice_out *out)
{
	struct ice_overheard heard;

	assert_true(ice_overhear(ends, out->data, out->len, &heard));
	return heard;
}

static void test_rfc8445_a_check_under_the_signalled_password_is_authentic(void **state)
{
	struct scene scene;
	struct ice_overheard check, answer;

	(void)state;
	open_scene(&scene);
	check = hear(&scene.ends, &scene.check);
	assert_int_equal(check.kind, ICE_HEARD_REQUEST);
	assert_true(check.authentic);
	answer = hear(&scene.ends, &scene.answer);
	assert_int_equal(answer.kind, ICE_HEARD_RESPONSE);
	assert_false(answer.authentic || answer.nominates);
	assert_memory_equal(check.transaction, answer.transaction, ICE_TRANSACTION_LEN);
	close_scene(&scene);
}

static void test_another_name_or_password_is_not(void **state)
{
	struct scene scene;
	struct ice_ends ends;

	(void)state;
	open_scene(&scene);
	ends = scene.ends;
	ends.pwd = "0123456789012345678901234567";
	assert_false(hear(&ends, &scene.check).authentic);
	ends = scene.ends;
	ends.asked = "another";
	assert_false(hear(&ends, &scene.check).authentic);
	ends = scene.ends;
	ends.asking = "";
	assert_false(hear(&ends, &scene.check).authentic);
	close_scene(&scene);
}

static void test_a_byte_that_was_changed_on_the_way_makes_it_another(void **state)
{
	struct scene scene;

	(void)state;
	open_scene(&scene);
	/* Behind the header, whose class and transaction are read as they are. */
	for (size_t i = 20; i < scene.check.len; i++) {
		struct ice_out changed = scene.check;
		struct ice_overheard heard;

		changed.data[i] ^= 1;
		assert_false(ice_overhear(&scene.ends, changed.data, changed.len, &heard) &&
			     heard.authentic);
	}
	close_scene(&scene);
}

static void test_the_nomination_of_rfc8445_is_seen_only_where_it_is_authentic(void **state)
{
	struct scene scene;
	struct ice_out next = {.len = 0};
	struct ice_ends wrong;
	uint64_t now = SECOND, due;
	unsigned events;

	(void)state;
	open_scene(&scene);
	assert_false(hear(&scene.ends, &scene.check).nominates);
	ice_receive(scene.asking, 1, &scene.asked_at, scene.answer.data, scene.answer.len, now,
		    &next, &events);
	for (int i = 0; i < 100 && !ice_poll(scene.asking, now, &next, &events, &due); i++)
		now += SECOND / 20;
	assert_true(hear(&scene.ends, &next).nominates);
	wrong = scene.ends;
	wrong.pwd = "0123456789012345678901234567";
	assert_false(hear(&wrong, &next).nominates);
	close_scene(&scene);
}

static void test_what_is_no_stun_is_nothing(void **state)
{
	uint8_t junk[40] = {0, 1, 0, 20, 0, 0, 0, 0, 0,	   0,	 0, 0,
			    0, 0, 0, 0,	 0, 0, 0, 0, 0x80, 0x22, 0, 16};
	struct scene scene;
	struct ice_overheard heard;

	(void)state;
	open_scene(&scene);
	assert_false(ice_overhear(&scene.ends, junk, 0, &heard));
	for (size_t len = 0; len < scene.check.len; len++)
		assert_false(ice_overhear(&scene.ends, scene.check.data, len, &heard));
	/* RFC 8489 §5: the magic cookie is part of each message. */
	for (uint8_t class = 0; class < 4; class ++) {
		junk[0] = class >> 1;
		junk[1] = (uint8_t)((class & 1) << 4 | 1);
		assert_false(ice_overhear(&scene.ends, junk, sizeof(junk), &heard));
		memcpy(junk + 4, "\x21\x12\xa4\x42", 4);
		assert_true(ice_overhear(&scene.ends, junk, sizeof(junk), &heard));
		assert_false(heard.authentic);
		memset(junk + 4, 0, 4);
	}
	close_scene(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc8445_a_check_under_the_signalled_password_is_authentic),
		cmocka_unit_test(test_another_name_or_password_is_not),
		cmocka_unit_test(test_a_byte_that_was_changed_on_the_way_makes_it_another),
		cmocka_unit_test(test_the_nomination_of_rfc8445_is_seen_only_where_it_is_authentic),
		cmocka_unit_test(test_what_is_no_stun_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
