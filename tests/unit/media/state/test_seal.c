/* SPDX-License-Identifier: Apache-2.0 */
/* The state file: read once, by the right key, unchanged, fresh. */
#include "media/state/seal.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	char folder[32], file[64], key[64];
};

static int make_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	snprintf(place->folder, sizeof(place->folder), "/tmp/seal.XXXXXX");
	if (!mkdtemp(place->folder))
		return -1;
	snprintf(place->file, sizeof(place->file), "%s/state", place->folder);
	snprintf(place->key, sizeof(place->key), "%s/key", place->folder);
	*state = place;
	return 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;

	unlink(place->file);
	unlink(place->key);
	rmdir(place->folder);
	free(place);
	return 0;
}

static struct seal_key key_of(const struct place *place)
{
	struct seal_key key;
	char err[256];

	assert_true(seal_key_load(place->key, true, &key, err, sizeof(err)));
	return key;
}

static void write_state(const struct place *place, const struct seal_key *key)
{
	char err[256] = "";

	if (!seal_write(place->file, key, (const uint8_t *)"two calls", 9, err, sizeof(err)))
		fail_msg("%s", err);
}

static void what_was_sealed_is_read_once(void **state)
{
	struct place *place = *state;
	struct seal_key key = key_of(place);
	char err[256];
	size_t n;
	struct stat st;

	write_state(place, &key);
	assert_int_equal(stat(place->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	uint8_t *data = seal_take(place->file, &key, &n, err, sizeof(err));
	assert_non_null(data);
	assert_int_equal(n, 9);
	assert_memory_equal(data, "two calls", 10);
	free(data);
	assert_int_not_equal(access(place->file, F_OK), 0);
	assert_null(seal_take(place->file, &key, &n, err, sizeof(err)));
	assert_string_equal(err, "");
}

static void the_key_stays_the_same_and_is_nobody_elses(void **state)
{
	struct place *place = *state;
	struct seal_key one = key_of(place), two = key_of(place);
	char err[256];

	assert_memory_equal(one.bytes, two.bytes, SEAL_KEY_LEN);
	assert_int_equal(chmod(place->key, 0640), 0);
	assert_false(seal_key_load(place->key, false, &two, err, sizeof(err)));
	assert_non_null(strstr(err, "chmod 0400"));
	assert_int_equal(chmod(place->key, 0600), 0);
	assert_int_equal(truncate(place->key, 31), 0);
	assert_false(seal_key_load(place->key, true, &two, err, sizeof(err)));
	assert_int_equal(unlink(place->key), 0);
	assert_false(seal_key_load(place->key, false, &two, err, sizeof(err)));
}

static void a_key_that_is_missing_is_made_or_the_message_says_how(void **state)
{
	struct place *place = *state;
	struct seal_key key;
	char path[128], err[256];

	assert_false(seal_key_load(place->key, false, &key, err, sizeof(err)));
	assert_non_null(strstr(err, place->key));
	assert_non_null(strstr(err, "openssl rand -out FILE 32"));
	snprintf(path, sizeof(path), "%s/missing/key", place->folder);
	assert_false(seal_key_load(path, true, &key, err, sizeof(err)));
	assert_non_null(strstr(err, path));
	*strrchr(path, '/') = '\0';
	assert_non_null(strstr(err, "install -d -m 700 -o USER "));
	assert_string_equal(strstr(err, "USER ") + 5, path);
	/* and where it is, it is made */
	assert_true(seal_key_load(place->key, true, &key, err, sizeof(err)));
}

static void another_key_or_a_changed_byte_is_refused_and_the_file_is_gone(void **state)
{
	struct place *place = *state;
	struct seal_key key = key_of(place), other = key;
	char err[256];
	size_t n, len = 16 + 12 + 8 + 9 + 16;

	other.bytes[7] ^= 1;
	write_state(place, &key);
	assert_null(seal_take(place->file, &other, &n, err, sizeof(err)));
	assert_non_null(strstr(err, "another key"));
	assert_int_not_equal(access(place->file, F_OK), 0);
	for (size_t at = 0; at < len; at++) {
		uint8_t byte;
		write_state(place, &key);
		int fd = open(place->file, O_RDWR);
		assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
		byte ^= 0x10;
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
		close(fd);
		assert_null(seal_take(place->file, &key, &n, err, sizeof(err)));
		write_state(place, &key);
		assert_int_equal(truncate(place->file, (off_t)at), 0);
		assert_null(seal_take(place->file, &key, &n, err, sizeof(err)));
		assert_string_not_equal(err, "");
		assert_int_not_equal(access(place->file, F_OK), 0);
	}
}

static void a_file_that_cannot_be_written_is_told(void **state)
{
	struct place *place = *state;
	struct seal_key key = key_of(place);
	char err[256];

	assert_false(seal_write("/nowhere/state", &key, (const uint8_t *)"x", 1, err, sizeof(err)));
	assert_non_null(strstr(err, "/nowhere/state"));
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(what_was_sealed_is_read_once),
		IN_PLACE(the_key_stays_the_same_and_is_nobody_elses),
		IN_PLACE(a_key_that_is_missing_is_made_or_the_message_says_how),
		IN_PLACE(another_key_or_a_changed_byte_is_refused_and_the_file_is_gone),
		IN_PLACE(a_file_that_cannot_be_written_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
