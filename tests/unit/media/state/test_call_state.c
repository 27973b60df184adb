/* SPDX-License-Identifier: Apache-2.0 */
/* A call as JSON and back: nothing of it is lost, and nothing that is wrong is taken up. */
#include "state_kit.h"

static json_t *saved_of(struct kit *kit, struct desk *desk)
{
	struct call *call = kit_call(kit, desk, "the call");
	json_t *json = call_save(call);

	assert_non_null(json);
	call_free(call, END_STOP);
	assert_int_equal(port_pool_used(kit->pool), 0);
	return json;
}

static void come_back_the_same(struct kit *kit, struct desk *desk)
{
	json_t *first = saved_of(kit, desk), *second;
	const struct ng_text id = kit_text("the call");
	const struct call *call;

	assert_null(call_restore(desk, first, &kit->certificates));
	call = call_find(desk, &id);
	assert_non_null(call);
	second = call_save(call);
	if (!json_equal(first, second)) {
		json_dumpf(first, stderr, JSON_SORT_KEYS | JSON_INDENT(1));
		json_dumpf(second, stderr, JSON_SORT_KEYS | JSON_INDENT(1));
	}
	assert_true(json_equal(first, second));
	assert_int_equal(party_identity(call->parties), DTLS_BOUND);
	assert_int_equal(call->parties->streams[0]->n_sinks, 1);
	assert_ptr_equal(call->parties->streams[0]->leg, call->parties->streams[1]->leg);
	assert_string_equal(call->parties->next->tag, "b\xfe");
	assert_string_equal(call->parties->next->aliases[0], "b of before");
	assert_true(call->parties->next->next->deleted > worker_now(desk->worker));
	assert_string_equal(call_restore(desk, first, &kit->certificates), "it was saved twice");
	call_free(call_find(desk, &id), END_STOP);
	json_decref(first);
	json_decref(second);
}

static void test_a_call_comes_back_as_it_was(void **state)
{
	kit_run(*state, 0, come_back_the_same);
}

/* What a member may be replaced by; NULL: it is left out. */
static json_t *instead(int turn)
{
	switch (turn) {
	case 0:
		return json_string("nonsense");
	case 1:
		return json_integer(-1);
	case 2:
		return json_pack("[[{}]]");
	default:
		return NULL;
	}
}
#define TURNS 4

struct damage {
	struct kit *kit;
	struct desk *desk;
	json_t *root;
	unsigned refused, taken;
};

static void try_it(struct damage *damage)
{
	const struct ng_text id = kit_text("the call");
	const char *why = call_restore(damage->desk, damage->root, &damage->kit->certificates);
	json_t *again;

	if (!why) {
		/* What can be taken up can be written down and let go. */
		if (!call_find(damage->desk, &id))
			return;
		again = call_save(call_find(damage->desk, &id));
		assert_non_null(again);
		json_decref(again);
		call_free(call_find(damage->desk, &id), END_STOP);
		damage->taken++;
	} else {
		damage->refused++;
	}
	while (damage->desk->calls)
		call_free(damage->desk->calls, END_STOP);
	assert_int_equal(port_pool_used(damage->kit->pool), 0);
}

static void damage_all(struct damage *damage, json_t *at);

static void damage_member(struct damage *damage, json_t *object, const char *key)
{
	json_t *value = json_incref(json_object_get(object, key));

	for (int turn = 0; turn < TURNS; turn++) {
		json_t *other = instead(turn);

		if (other)
			json_object_set_new(object, key, other);
		else
			json_object_del(object, key);
		try_it(damage);
		json_object_set(object, key, value);
	}
	damage_all(damage, value);
	json_decref(value);
}

static void damage_item(struct damage *damage, json_t *array, size_t i)
{
	json_t *value = json_incref(json_array_get(array, i));

	for (int turn = 0; turn < TURNS - 1; turn++) {
		json_array_set_new(array, i, instead(turn));
		try_it(damage);
	}
	json_array_set(array, i, value);
	damage_all(damage, value);
	json_decref(value);
}

/* Members change their order on the way: their names are noted first. */
static void damage_all(struct damage *damage, json_t *at)
{
	json_t *names = json_array(), *name, *value;
	const char *key;
	size_t i;

	json_object_foreach(at, key, value) json_array_append_new(names, json_string(key));
	json_array_foreach(names, i, name) damage_member(damage, at, json_string_value(name));
	for (i = 0; i < json_array_size(at); i++)
		damage_item(damage, at, i);
	json_decref(names);
}

static void be_damaged(struct kit *kit, struct desk *desk)
{
	struct damage damage = {.kit = kit, .desk = desk, .root = saved_of(kit, desk)};

	damage_all(&damage, damage.root);
	assert_true(damage.refused > 300);
	assert_true(damage.taken > 100);
	json_decref(damage.root);
}

/* Each member of each object is replaced by each kind of nonsense, and left out. */
static void test_whatever_stands_in_it_is_taken_up_whole_or_not_at_all(void **state)
{
	kit_run(*state, 0, be_damaged);
}

static void need_the_certificate(struct kit *kit, struct desk *desk)
{
	const struct call_certificates none = {.n = 0};
	json_t *json = saved_of(kit, desk);

	assert_string_equal(call_restore(desk, json, &none), "its certificate is not there");
	assert_null(desk->calls);
	json_decref(json);
}

static void test_without_our_certificate_there_is_no_call(void **state)
{
	kit_run(*state, 0, need_the_certificate);
}

static json_t *moving;

static void leave(struct kit *kit, struct desk *desk)
{
	moving = saved_of(kit, desk);
}

static void not_arrive(struct kit *kit, struct desk *desk)
{
	assert_string_equal(call_restore(desk, moving, &kit->certificates),
			    "its port is another worker's now");
	assert_null(desk->calls);
	json_decref(moving);
}

static void test_a_shared_port_is_its_worker_s(void **state)
{
	kit_run(*state, 0, leave);
	kit_run(*state, 1, not_arrive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_call_comes_back_as_it_was),
		cmocka_unit_test(test_whatever_stands_in_it_is_taken_up_whole_or_not_at_all),
		cmocka_unit_test(test_without_our_certificate_there_is_no_call),
		cmocka_unit_test(test_a_shared_port_is_its_worker_s),
	};

	return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
