/* SPDX-License-Identifier: Apache-2.0 */
/* The state file: what was saved is loaded, and nothing that was changed, cut or is another's. */
#include "sip-proxy/snapshot_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SOURCE "http://registry.example"
#define N      300

static const struct snapshot_limits limits = {.entries = 1000, .bytes = 1 << 20};

struct place {
	char folder[64], path[96];
	char *text; /* of the file that was saved */
	size_t len;
};

static void put(struct snapshot *snapshot, size_t i)
{
	char name[32];
	struct snapshot_entry entry = {.customer = "biz_1",
				       .brand = "brd_1",
				       .name = name,
				       .logo_url = i % 2 == 0 ? "https://l.example/1.png" : "",
				       .logo_sha256 = "",
				       .strict = i % 3 == 0};

	snprintf(name, sizeof(name), "Brand \"%zu\"", i % 10);
	snprintf(entry.number, sizeof(entry.number), i % 5 == 0 ? "1216%05zuxx" : "1215%07zu", i);
	assert_int_equal(snapshot_put(snapshot, &entry), SNAPSHOT_OK);
}

static void read_file(struct place *place)
{
	FILE *file = fopen(place->path, "r");

	assert_non_null(file);
	place->text = calloc(1, 1 << 20);
	place->len = fread(place->text, 1, 1 << 20, file);
	fclose(file);
}

static void write_file(const struct place *place, const char *text, size_t len)
{
	FILE *file = fopen(place->path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	struct snapshot *snapshot = snapshot_new(&limits);
	const struct snapshot_state saved = {SOURCE, 17, 1700000000123};
	char why[128];

	snprintf(place->folder, sizeof(place->folder), "/tmp/attestel-snapshot-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->path, sizeof(place->path), "%s/state", place->folder);
	for (size_t i = 0; i < N; i++)
		put(snapshot, i);
	assert_true(snapshot_file_save(place->path, snapshot, &saved, why));
	snapshot_free(snapshot);
	read_file(place);
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	unlink(place->path);
	rmdir(place->folder); /* fails, and the next test says so, if anything else was left */
	assert_int_not_equal(access(place->folder, F_OK), 0);
	free(place->text);
	free(place);
	return 0;
}

static struct snapshot *load(const struct place *place, const char *source, char why[128])
{
	struct snapshot_state state = {.source = source};
	struct snapshot *snapshot;

	why[0] = 0;
	snapshot = snapshot_file_load(place->path, &limits, &state, why);
	if (snapshot != NULL) {
		assert_int_equal(state.serial, 17);
		assert_int_equal(state.fresh_ms, 1700000000123);
	}
	return snapshot;
}

static void what_was_saved_is_loaded(void **state)
{
	struct place *place = *state;
	struct snapshot_entry entry, again;
	struct snapshot *expected = snapshot_new(&limits), *loaded;
	size_t at = 0, n = 0;
	char why[128];
	struct stat file;

	for (size_t i = 0; i < N; i++)
		put(expected, i);
	loaded = load(place, SOURCE, why);
	assert_non_null(loaded);
	assert_int_equal(snapshot_count(loaded), snapshot_count(expected));
	for (; snapshot_next(expected, &at, &entry); n++) {
		char number[SNAPSHOT_NUMBER_MAX + 1];

		memcpy(number, entry.number, sizeof(number));
		for (char *c = number; *c != 0; c++)
			*c = *c == 'x' ? '7' : *c;
		assert_true(snapshot_find(loaded, number, &again));
		assert_string_equal(again.number, entry.number);
		assert_string_equal(again.name, entry.name);
		assert_string_equal(again.logo_url, entry.logo_url);
		assert_int_equal(again.strict, entry.strict);
	}
	assert_int_equal(n, N);
	assert_int_equal(stat(place->path, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	snapshot_free(expected);
	snapshot_free(loaded);
}

static void no_change_of_any_byte_and_no_cut_goes_unseen(void **state)
{
	struct place *place = *state;
	char why[128];

	for (size_t i = 0; i < place->len; i += 7) {
		char old = place->text[i];

		place->text[i] = (char)(old ^ 1);
		write_file(place, place->text, place->len);
		if (load(place, SOURCE, why) != NULL)
			fail_msg("byte %zu", i);
		assert_string_not_equal(why, "");
		place->text[i] = old;
	}
	for (size_t len = 0; len < place->len; len += 101) {
		write_file(place, place->text, len);
		if (load(place, SOURCE, why) != NULL)
			fail_msg("%zu bytes", len);
	}
	write_file(place, "", 0);
	assert_null(load(place, SOURCE, why));
}

static void more_than_was_written_is_refused(void **state)
{
	struct place *place = *state;
	char why[128];

	memcpy(place->text + place->len, "n\t0\t12155559999\n", 16);
	write_file(place, place->text, place->len + 16);
	assert_null(load(place, SOURCE, why));
	assert_non_null(strstr(why, "digest"));
}

static void the_file_of_another_registry_is_of_no_use(void **state)
{
	char why[128];

	assert_null(load(*state, "http://registry.example:81", why));
	assert_non_null(strstr(why, "another registry"));
}

static void no_file_is_no_trouble(void **state)
{
	struct place *place = *state;
	char why[128] = "x";

	unlink(place->path);
	assert_null(load(place, SOURCE, why));
	assert_string_equal(why, "");
}

static void a_file_that_others_can_write_or_a_link_is_not_read(void **state)
{
	struct place *place = *state;
	char why[128], target[128];

	assert_int_equal(chmod(place->path, 0620), 0);
	assert_null(load(place, SOURCE, why));
	assert_string_not_equal(why, "");
	assert_int_equal(chmod(place->path, 0600), 0);
	snprintf(target, sizeof(target), "%s.real", place->path);
	assert_int_equal(rename(place->path, target), 0);
	assert_int_equal(symlink(target, place->path), 0);
	assert_null(load(place, SOURCE, why));
	assert_string_not_equal(why, "");
	unlink(target);
}

static void too_many_entries_for_the_limits_are_refused(void **state)
{
	struct place *place = *state;
	struct snapshot_state wanted = {.source = SOURCE};
	const struct snapshot_limits few = {.entries = N - 1, .bytes = 1 << 20};
	char why[128] = "";

	assert_null(snapshot_file_load(place->path, &few, &wanted, why));
	assert_string_not_equal(why, "");
}

static void a_save_that_fails_leaves_the_old_file(void **state)
{
	struct place *place = *state;
	struct snapshot *snapshot = snapshot_new(&limits);
	const struct snapshot_state newer = {SOURCE, 18, 1};
	char beside[128], why[128] = "";

	snprintf(beside, sizeof(beside), "%s.new", place->path);
	assert_int_equal(mkdir(beside, 0700), 0); /* so that it cannot be made */
	assert_false(snapshot_file_save(place->path, snapshot, &newer, why));
	assert_string_not_equal(why, "");
	assert_int_equal(rmdir(beside), 0);
	snapshot_free(snapshot);
	snapshot = load(place, SOURCE, why);
	assert_non_null(snapshot);
	snapshot_free(snapshot);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_saved_is_loaded),
		TEST(no_change_of_any_byte_and_no_cut_goes_unseen),
		TEST(more_than_was_written_is_refused),
		TEST(the_file_of_another_registry_is_of_no_use),
		TEST(no_file_is_no_trouble),
		TEST(a_file_that_others_can_write_or_a_link_is_not_read),
		TEST(too_many_entries_for_the_limits_are_refused),
		TEST(a_save_that_fails_leaves_the_old_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
