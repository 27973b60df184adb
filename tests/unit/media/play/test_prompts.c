/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that reads announcements: what it may read, what it keeps, that it never waits. */
#include "media/play/prompts.h"

#include <fcntl.h>
#include <semaphore.h>
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

#define N(array) (sizeof(array) / sizeof(*(array)))

struct room {
	char folder[64];
	struct prompts *prompts;
};

static int open_room(void **state)
{
	struct room *room = calloc(1, sizeof(*room));
	char err[200];

	snprintf(room->folder, sizeof(room->folder), "/tmp/test-prompts-XXXXXX");
	if (!mkdtemp(room->folder))
		return -1;
	room->prompts = prompts_start(room->folder, err, sizeof(err));
	*state = room;
	return room->prompts ? 0 : -1;
}

static void path_of(const struct room *room, const char *name, char out[200])
{
	snprintf(out, 200, "%s/%s", room->folder, name);
}

static int close_room(void **state)
{
	static const char *const names[] = {"a.wav", "big.wav", "link.wav", "pipe"};
	struct room *room = *state;
	char path[200];

	prompts_stop(room->prompts);
	for (size_t i = 0; i < N(names); i++) {
		path_of(room, names[i], path);
		unlink(path);
	}
	rmdir(room->folder);
	free(room);
	return 0;
}

/* A WAV file of 8000 Hz, 16 bits: that many samples. */
static size_t make_wav(uint8_t *out, uint32_t samples)
{
	static const uint8_t head[] = "RIFF\0\0\0\0WAVEfmt \20\0\0\0\1\0\1\0\100\37\0\0\200\76\0\0"
				      "\2\0\20\0data";
	uint32_t bytes = samples * 2;

	memcpy(out, head, 40);
	memcpy(out + 40, &bytes, 4);
	memset(out + 44, 0x11, bytes);
	return 44 + bytes;
}

static void write_wav(const struct room *room, const char *name, uint32_t samples)
{
	uint8_t wav[44 + 2 * 8000];
	char path[200];
	size_t n = make_wav(wav, samples);
	int fd;

	path_of(room, name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, wav, n), n);
	close(fd);
}

struct waiting {
	struct prompt_order order; /* first */
	sem_t done;
};

static void post_done(struct prompt_order *order)
{
	sem_post(&((struct waiting *)order)->done);
}

/* Has it read, and waits. */
static struct prompt_order ask(struct room *room, struct prompt_order order)
{
	struct waiting waiting = {.order = order};

	waiting.order.done = post_done;
	sem_init(&waiting.done, 0, 0);
	prompts_read(room->prompts, &waiting.order);
	sem_wait(&waiting.done);
	sem_destroy(&waiting.done);
	assert_true(waiting.order.ended);
	assert_true((waiting.order.prompt == NULL) == (waiting.order.why != NULL));
	return waiting.order;
}

static struct prompt_order ask_file(struct room *room, const char *name)
{
	return ask(room, (struct prompt_order){.name = name, .name_len = strlen(name)});
}

static void only_plain_names_are_names_of_files(void **state)
{
	static const struct {
		const char *name;
		size_t len;
		bool ok;
	} rows[] = {
		{"a.wav", 5, true},
		{"Menu_2-en.opus", 14, true},
		{"", 0, false},
		{".", 1, false},
		{"..", 2, false},
		{".a", 2, false},
		{"a/b", 3, false},
		{"../a", 4, false},
		{"a\0b", 3, false},
		{"a b", 3, false},
		{"a\\b", 3, false},
		{"a%2fb", 5, false},
		{"\303\244.wav", 6, false},
	};
	char longest[PROMPT_NAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		if (prompts_name_ok(rows[i].name, rows[i].len) != rows[i].ok)
			fail_msg("%s", rows[i].name);
	memset(longest, 'a', sizeof(longest));
	assert_true(prompts_name_ok(longest, PROMPT_NAME_MAX));
	assert_false(prompts_name_ok(longest, PROMPT_NAME_MAX + 1));
}

static void a_file_is_read_once_and_again_when_it_has_changed(void **state)
{
	struct room *room = *state;
	struct prompt_order first, second, third;

	write_wav(room, "a.wav", 800);
	first = ask_file(room, "a.wav");
	second = ask_file(room, "a.wav");
	assert_int_equal(prompt_ms(first.prompt), 100);
	assert_ptr_equal(first.prompt, second.prompt);
	write_wav(room, "a.wav", 1600);
	third = ask_file(room, "a.wav");
	assert_int_equal(prompt_ms(third.prompt), 200);
	assert_int_equal(prompt_ms(first.prompt), 100);
	prompt_unref(first.prompt);
	prompt_unref(second.prompt);
	prompt_unref(third.prompt);
}

static void bytes_need_no_file(void **state)
{
	uint8_t wav[44 + 1600];
	size_t n = make_wav(wav, 800);
	struct prompt_order order = ask(*state, (struct prompt_order){.data = wav, .len = n});

	assert_int_equal(prompt_ms(order.prompt), 100);
	prompt_unref(order.prompt);
	order = ask(*state, (struct prompt_order){.data = wav, .len = 10});
	assert_string_equal(order.why, "neither WAV nor Ogg Opus");
}

static void nothing_but_a_file_of_the_folder_is_opened(void **state)
{
	struct room *room = *state;
	char path[200];

	path_of(room, "link.wav", path);
	assert_int_equal(symlink("/etc/hostname", path), 0);
	assert_string_equal(ask_file(room, "link.wav").why, "No such file in media_dir");
	path_of(room, "pipe", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_string_equal(ask_file(room, "pipe").why, "The file cannot be read, or is none");
	assert_string_equal(ask_file(room, "../etc").why,
			    "A file is named as it stands in media_dir, without a path");
	assert_string_equal(ask_file(room, "none").why, "No such file in media_dir");
	path_of(room, "big.wav", path);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(ftruncate(fd, PROMPT_BYTES_MAX + 1), 0);
	close(fd);
	assert_string_equal(ask_file(room, "big.wav").why, "The file is longer than 16 MiB");
}

/* More files than are kept: the oldest go, and what was handed out stays good. */
static void no_more_is_kept_than_there_is_room_for(void **state)
{
	struct room *room = *state;
	struct prompt_order first;

	write_wav(room, "a.wav", 800);
	first = ask_file(room, "a.wav");
	for (int i = 0; i < 2 * PROMPTS_KEPT; i++) {
		char name[32], path[200];

		snprintf(name, sizeof(name), "n%d.wav", i);
		write_wav(room, name, 80);
		prompt_unref(ask_file(room, name).prompt);
		path_of(room, name, path);
		unlink(path);
	}
	struct prompt_order again = ask_file(room, "a.wav");
	assert_ptr_not_equal(first.prompt, again.prompt);
	assert_int_equal(prompt_ms(first.prompt), 100);
	prompt_unref(first.prompt);
	prompt_unref(again.prompt);
}

static void a_folder_that_is_none_is_said_at_the_start(void **state)
{
	char err[200] = "";
	struct prompts *prompts;
	struct room room = {.folder = ""};

	(void)state;
	assert_null(prompts_start("/nowhere", err, sizeof(err)));
	assert_string_equal(err, "media_dir /nowhere: No such file or directory");
	prompts = prompts_start(NULL, err, sizeof(err));
	assert_non_null(prompts);
	room.prompts = prompts;
	assert_string_equal(ask_file(&room, "a.wav").why, "No media_dir is configured");
	prompts_stop(prompts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_plain_names_are_names_of_files),
		cmocka_unit_test_setup_teardown(a_file_is_read_once_and_again_when_it_has_changed,
						open_room, close_room),
		cmocka_unit_test_setup_teardown(bytes_need_no_file, open_room, close_room),
		cmocka_unit_test_setup_teardown(nothing_but_a_file_of_the_folder_is_opened,
						open_room, close_room),
		cmocka_unit_test_setup_teardown(no_more_is_kept_than_there_is_room_for, open_room,
						close_room),
		cmocka_unit_test(a_folder_that_is_none_is_said_at_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
