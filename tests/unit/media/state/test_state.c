/* SPDX-License-Identifier: Apache-2.0 */
/* All calls to the file and back; and files that hold anything else. */
#include "state_kit.h"

#include <stdio.h>
#include <sys/stat.h>

#include "media/state/state.h"

static void begin_three(struct kit *kit, struct desk *desk)
{
	char id[32];

	for (unsigned i = 0, n = 0; n < 3; i++) {
		snprintf(id, sizeof(id), "call %u", i);
		if (desk_hash(kit->sessions, id, strlen(id)) % 2 != desk->index)
			continue;
		kit_call(kit, desk, id);
		n++;
	}
}

static void end_all(struct kit *kit, struct desk *desk)
{
	(void)kit;
	while (desk->calls)
		call_free(desk->calls, END_STOP);
}

static struct state_file file_of(char path[64])
{
	struct state_file file = {.key = {{1, 2, 3}}};

	char folder[] = "/tmp/state.XXXXXX";

	assert_non_null(mkdtemp(folder));
	snprintf(path, 64, "%s/calls", folder);
	file.path = path;
	return file;
}

static void remove_all(char path[64])
{
	unlink(path);
	*strrchr(path, '/') = 0;
	assert_int_equal(rmdir(path), 0);
}

static void test_calls_that_are_saved_are_gone_and_come_back_once(void **state)
{
	struct kit *kit = *state;
	struct state_outcome out;
	char path[64], err[200] = "";
	struct state_file file = file_of(path);
	size_t saved;

	for (unsigned i = 0; i < 2; i++)
		kit_run(kit, i, begin_three);
	assert_int_equal(sessions_calls(kit->sessions), 6);
	assert_true(state_save(kit->sessions, &file, &out, err, sizeof(err)));
	assert_int_equal(out.calls, 6);
	assert_int_equal(out.lost, 0);
	assert_int_equal(sessions_calls(kit->sessions), 0);
	assert_int_equal(port_pool_used(kit->pool), 0);
	saved = out.calls;
	assert_true(state_restore(kit->sessions, &file, &out, err, sizeof(err)));
	assert_int_equal(out.calls, saved);
	assert_int_equal(out.lost, 0);
	assert_int_equal(sessions_calls(kit->sessions), saved);
	for (unsigned i = 0; i < 2; i++)
		kit_run(kit, i, end_all);
	assert_true(state_restore(kit->sessions, &file, &out, err, sizeof(err)));
	assert_int_equal(out.calls + out.lost, 0);
	remove_all(path);
}

static void test_where_the_file_cannot_be_written_calls_go_on(void **state)
{
	struct kit *kit = *state;
	struct state_outcome out;
	struct state_file file = {.path = "/nowhere/at/all"};
	char err[200] = "";

	kit_run(kit, 0, begin_three);
	assert_false(state_save(kit->sessions, &file, &out, err, sizeof(err)));
	assert_non_null(strstr(err, "/nowhere/at/all"));
	assert_int_equal(sessions_calls(kit->sessions), 3);
	kit_run(kit, 0, end_all);
}

/* lost: so many lines are told of; -1: the file is refused. */
static void expect(struct kit *kit, const char *text, size_t n, int lost)
{
	struct state_outcome out;
	char path[64], err[200] = "";
	struct state_file file = file_of(path);
	bool ok;

	assert_true(seal_write(path, &file.key, (const uint8_t *)text, n, err, sizeof(err)));
	ok = state_restore(kit->sessions, &file, &out, err, sizeof(err));
	assert_int_equal(ok, lost >= 0);
	assert_int_equal(err[0] == 0, ok);
	if (ok)
		assert_int_equal(out.lost, lost);
	assert_int_equal(out.calls, 0);
	assert_int_equal(sessions_calls(kit->sessions), 0);
	assert_int_equal(port_pool_used(kit->pool), 0);
	remove_all(path);
}

#define HEAD                                                                                       \
	"{\"version\":4,\"seed\":[1,2],\"loop\":\"000000000000000000000000\",\"certificates\":[]}" \
	"\n"

static void test_a_file_of_anything_else_is_refused_or_its_lines_are(void **state)
{
	static const struct {
		const char *text;
		int lost;
	} rows[] = {
		{"", -1},
		{"\n", -1},
		{"{}\n", -1},
		{"{\"version\":4}", -1},
		{"{\"version\":5,\"seed\":[1,2],\"loop\":\"000000000000000000000000\"}\n", -1},
		{"{\"version\":4,\"seed\":[1,\"2\"],\"loop\":\"000000000000000000000000\"}\n", -1},
		{"{\"version\":4,\"seed\":[1,2],\"loop\":\"00000000000000000000000\"}\n", -1},
		{"{\"version\":4,\"seed\":[1,2],\"loop\":\"000000000000000000000000\","
		 "\"certificates\":[{}]}\n",
		 -1},
		{"{\"version\":4,\"seed\":[1,2],\"loop\":\"000000000000000000000000\","
		 "\"certificates\":[{\"x509\":\"3000\",\"x509_len\":2,\"key\":\"3000\",\"key_len\":"
		 "2}]}\n",
		 -1},
		{HEAD, 0},
		{HEAD "\n", 1},
		{HEAD "nothing\nof\nall\n", 3},
		{HEAD "0000000000000000 {}\n0000000000000001 {}\n", 2},
		{HEAD "0000000000000000 {\"id\":\"x\"}", 1},
		{HEAD "0000000000000000 {\"id\":\"x\",\"parties\":[{}]", 1},
		{HEAD "0000000000000000 {\"id\":\"\",\"parties\":[{}]}", 1},
		{HEAD "0000000000000001 {\"id\":\"x\",\"parties\":[{\"streams\":[{\"leg\":0}]}]}",
		 1},
		{HEAD "0000000000000001 {\"id\":\"x\",\"parties\":[{}],\"bonds\":[{\"offerer\":0,"
		      "\"answerer\":0}]}",
		 1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		expect(*state, rows[i].text, strlen(rows[i].text), rows[i].lost);
	expect(*state, HEAD "0000000000000000 \0\0\0\n", strlen(HEAD) + 21, 1);
}

/* Those of before knew neither of passthrough, nor of what an SRTP source had counted, nor of whom
 * a subscriber hears. */
static void test_a_file_of_another_version_is_refused_in_words(void **state)
{
	static const char *const versions[] = {"0", "1", "2", "3", "-2", "9223372036854775807"};
	struct kit *kit = *state;
	struct state_outcome out;

	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		char path[64], text[200], err[200] = "";
		struct state_file file = file_of(path);
		const int n = snprintf(text, sizeof(text),
				       "{\"version\":%s,\"seed\":[1,2],"
				       "\"loop\":\"000000000000000000000000\","
				       "\"certificates\":[]}\n"
				       "0000000000000001 {\"id\":\"x\",\"parties\":[{}]}\n",
				       versions[i]);

		assert_true(seal_write(path, &file.key, (const uint8_t *)text, (size_t)n, err,
				       sizeof(err)));
		assert_false(state_restore(kit->sessions, &file, &out, err, sizeof(err)));
		assert_non_null(strstr(err, ": written by another version of the relay"));
		assert_int_equal(out.calls + out.lost, 0);
		assert_int_equal(access(path, F_OK), -1);
		remove_all(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls_that_are_saved_are_gone_and_come_back_once),
		cmocka_unit_test(test_where_the_file_cannot_be_written_calls_go_on),
		cmocka_unit_test(test_a_file_of_anything_else_is_refused_or_its_lines_are),
		cmocka_unit_test(test_a_file_of_another_version_is_refused_in_words),
	};

	return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
