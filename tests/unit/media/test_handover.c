/* SPDX-License-Identifier: Apache-2.0 */
/* Calls handed from one process to the next: whose key, what is told, and what is left in memory.
 */
#include "media/handover.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "svc/runtime/wipe.h"
#include "tests/kit/memory.h"
#include "tests/unit/media/state/state_kit.h"

struct place {
	char folder[40], file[64], key[64];
	struct kit *kit;
	struct log *log;
	int told; /* what the log says */
};

static struct place place_open(void **state)
{
	struct place place = {.folder = "/tmp/handover.XXXXXX", .kit = *state};
	struct log_settings log = {.level = LOG_DEBUG, .per_second_max = 1000};

	assert_non_null(mkdtemp(place.folder));
	snprintf(place.file, sizeof(place.file), "%s/calls", place.folder);
	snprintf(place.key, sizeof(place.key), "%s/key", place.folder);
	place.told = log.fd = memfd_create("log", MFD_CLOEXEC);
	place.log = log_new("test", &log);
	return place;
}

static void place_close(struct place *place)
{
	log_free(place->log);
	close(place->told);
	unlink(place->file);
	unlink(place->key);
	assert_int_equal(rmdir(place->folder), 0);
}

static bool is_told(const struct place *place, const char *text)
{
	char all[8192];
	ssize_t n = pread(place->told, all, sizeof(all) - 1, 0);

	all[n > 0 ? n : 0] = '\0';
	return strstr(all, text) != NULL;
}

static void make_key(const struct place *place)
{
	FILE *file = fopen(place->key, "w");

	assert_non_null(file);
	assert_int_equal(fchmod(fileno(file), 0400), 0);
	fputs("32 bytes that are nobody else's.", file);
	fclose(file);
}

static struct state_file opened(const struct place *place)
{
	const struct state_options options = {.file = place->file, .key_file = place->key};
	struct state_file file;
	char err[300] = "";

	make_key(place);
	if (!handover_open(&options, &file, err, sizeof(err)))
		fail_msg("%s", err);
	return file;
}

static double restored(struct kit *kit, const char *result)
{
	char line[100], *at, *text;
	size_t len;
	double value;

	snprintf(line, sizeof(line), "calls_restored_total{result=\"%s\"} ", result);
	text = metrics_text(kit->metrics, &len);
	at = strstr(text, line);
	value = at ? strtod(at + strlen(line), NULL) : 0;
	free(text);
	return value;
}

static void begin_one(struct kit *kit, struct desk *desk)
{
	char id[32];

	for (unsigned i = 0; !desk->calls; i++) {
		snprintf(id, sizeof(id), "call %u", i);
		if (desk_hash(kit->sessions, id, strlen(id)) % 2 == desk->index)
			kit_call(kit, desk, id);
	}
}

static void end_all(struct kit *kit, struct desk *desk)
{
	(void)kit;
	while (desk->calls)
		call_free(desk->calls, END_STOP);
}

static void without_a_file_no_key_is_asked_for_and_nothing_is_taken(void **state)
{
	const struct state_options options = {.key_file = "/nowhere/key"};
	struct place place = place_open(state);
	struct state_file file = {.path = "x"};
	char err[300] = "";

	assert_true(handover_open(&options, &file, err, sizeof(err)));
	assert_null(file.path);
	handover_take(place.kit->sessions, &file, place.log, place.kit->metrics);
	assert_false(is_told(&place, "state."));
	place_close(&place);
}

static void a_key_is_made_in_memory_alone_and_never_for_a_credential(void **state)
{
	char folder[] = "/run/attestel-handover.XXXXXX", made[64], err[300] = "";
	struct place place = place_open(state);
	struct state_options options = {.file = place.file, .key_file = place.key};
	struct state_file file;
	struct stat st;

	assert_false(handover_open(&options, &file, err, sizeof(err)));
	assert_non_null(strstr(err, "openssl rand -out FILE 32"));
	assert_null(file.path);
	assert_int_not_equal(access(place.key, F_OK), 0);
	options.key_file = "/run/credentials/attestel-test.service/key";
	assert_false(handover_open(&options, &file, err, sizeof(err)));
	assert_non_null(strstr(err, options.key_file));
	assert_non_null(strstr(err, "none is made here"));
	options.key_file = "/run/attestel-that-is-missing/key";
	assert_false(handover_open(&options, &file, err, sizeof(err)));
	assert_non_null(strstr(err, "install -d -m 700 -o USER /run/attestel-that-is-missing"));
	place_close(&place);
	if (!mkdtemp(folder))
		skip(); /* /run is root's */
	snprintf(made, sizeof(made), "%s/key", folder);
	options.key_file = made;
	assert_true(handover_open(&options, &file, err, sizeof(err)));
	assert_int_equal(stat(made, &st), 0);
	assert_int_equal(st.st_size, SEAL_KEY_LEN);
	assert_int_equal(st.st_mode & 07777, 0600);
	handover_close(&file);
	assert_int_equal(unlink(made) + rmdir(folder), 0);
}

static void what_is_given_is_taken_once_and_both_are_told(void **state)
{
	struct place place = place_open(state);
	struct kit *kit = place.kit;
	struct state_file file = opened(&place);

	for (unsigned i = 0; i < 2; i++)
		kit_run(kit, i, begin_one);
	assert_true(handover_give(kit->sessions, &file, place.log));
	assert_true(is_told(&place, "event=state.saved program=test calls=2 lost=0 bytes="));
	assert_int_equal(sessions_calls(kit->sessions), 0);
	handover_take(kit->sessions, &file, place.log, kit->metrics);
	assert_true(is_told(&place, "event=state.restored program=test calls=2 lost=0 ms="));
	assert_int_equal(sessions_calls(kit->sessions), 2);
	assert_true(restored(kit, "restored") == 2 && restored(kit, "lost") == 0);
	assert_int_not_equal(access(place.file, F_OK), 0);
	handover_take(kit->sessions, &file, place.log, kit->metrics);
	assert_int_equal(sessions_calls(kit->sessions), 2);
	assert_true(restored(kit, "restored") == 2);
	for (unsigned i = 0; i < 2; i++)
		kit_run(kit, i, end_all);
	handover_close(&file);
	place_close(&place);
}

static void a_call_that_is_there_already_is_told_as_lost(void **state)
{
	struct place place = place_open(state);
	struct kit *kit = place.kit;
	struct state_file file = opened(&place);

	kit_run(kit, 0, begin_one);
	assert_true(handover_give(kit->sessions, &file, place.log));
	kit_run(kit, 0, begin_one);
	handover_take(kit->sessions, &file, place.log, kit->metrics);
	assert_true(is_told(&place, "event=state.restored program=test calls=0 lost=1 "));
	assert_true(restored(kit, "lost") == 1);
	kit_run(kit, 0, end_all);
	handover_close(&file);
	place_close(&place);
}

static void a_file_of_another_key_is_refused_with_its_name(void **state)
{
	struct place place = place_open(state);
	struct kit *kit = place.kit;
	struct state_file file = opened(&place);
	double before = restored(kit, "restored");

	kit_run(kit, 0, begin_one);
	assert_true(handover_give(kit->sessions, &file, place.log));
	file.key.bytes[0] ^= 1;
	handover_take(kit->sessions, &file, place.log, kit->metrics);
	assert_true(is_told(&place, "event=state.refused program=test why=\""));
	assert_true(is_told(&place, place.file));
	assert_true(is_told(&place, "was sealed with another key, or changed"));
	assert_false(is_told(&place, "state.restored"));
	assert_true(restored(kit, "restored") == before);
	assert_int_equal(sessions_calls(kit->sessions), 0);
	handover_close(&file);
	place_close(&place);
}

static void what_cannot_be_given_stays_and_is_told(void **state)
{
	struct place place = place_open(state);
	struct state_file file = opened(&place);

	file.path = "/nowhere/calls";
	kit_run(place.kit, 0, begin_one);
	assert_false(handover_give(place.kit->sessions, &file, place.log));
	assert_true(is_told(&place, "event=state.failed program=test why=\"/nowhere/calls: "));
	assert_int_equal(sessions_calls(place.kit->sessions), 1);
	kit_run(place.kit, 0, end_all);
	handover_close(&file);
	place_close(&place);
}

/* "aBcDeF...", which no program has. */
static char letter(int i)
{
	return (char)((i % 2 ? 'A' : 'a') + i * 5 % 26);
}

static bool is_secret(const char *at)
{
	for (int i = 0; i < 40; i++)
		if (at[i] != letter(i))
			return false;
	return true;
}

/* Through jansson, in and out, as the state goes. */
static void read_and_write_secrets(void)
{
	char *text = calloc(1, 4096), *again;
	size_t n = 0;
	json_t *json;

	for (int i = 0; i < 20; i++) {
		n += (size_t)snprintf(text + n, 4096 - n, "%s\"", i > 0 ? "," : "[");
		for (int k = 0; k < 40; k++)
			text[n++] = letter(k);
		text[n++] = '"';
	}
	text[n++] = ']';
	json = json_loadb(text, n, 0, NULL);
	assert_int_equal(json_array_size(json), 20);
	assert_true(memory_count(is_secret) >= 40);
	again = json_dumps(json, JSON_COMPACT);
	assert_string_equal(again, text);
	json_decref(json);
	wipe_free(again);
	wipe_free(text);
}

static void what_jansson_frees_is_wiped_and_the_key_in_the_end(void **state)
{
	struct place place = place_open(state);
	struct state_file file = opened(&place);
	const struct seal_key none = {.bytes = {0}};

	read_and_write_secrets();
	assert_int_equal(memory_count(is_secret), 0);
	handover_close(&file);
	assert_null(file.path);
	assert_memory_equal(&file.key, &none, sizeof(none));
	place_close(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_file_no_key_is_asked_for_and_nothing_is_taken),
		cmocka_unit_test(a_key_is_made_in_memory_alone_and_never_for_a_credential),
		cmocka_unit_test(what_is_given_is_taken_once_and_both_are_told),
		cmocka_unit_test(a_call_that_is_there_already_is_told_as_lost),
		cmocka_unit_test(a_file_of_another_key_is_refused_with_its_name),
		cmocka_unit_test(what_cannot_be_given_stays_and_is_told),
		cmocka_unit_test(what_jansson_frees_is_wiped_and_the_key_in_the_end),
	};

	return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
