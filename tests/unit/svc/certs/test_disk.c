/* SPDX-License-Identifier: Apache-2.0 */
/* The disk cache gives back whole bodies of the URL they belong to, and nothing else. */
#include "svc/certs/disk.h"

#include <dirent.h>
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

#define BODY "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
#define URL  "https://cert.example.org/a.pem"
/* printf %s https://cert.example.org/a.pem | sha256sum */
#define URL_SHA256 "350717c3f7d5d08377fff46192131210d85f4324ec0ee00f1d9087dcd552856c"

struct place {
	char dir[64];
	struct certs_disk *disk;
};

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	char why[256];

	snprintf(place->dir, sizeof(place->dir), "/tmp/test_disk.XXXXXX");
	if (!mkdtemp(place->dir))
		return -1;
	place->disk = certs_disk_open(place->dir, why, sizeof(why));
	*state = place;
	return place->disk ? 0 : -1;
}

/* Calls remove when it is true; the number of files either way. */
static size_t count_files(const struct place *place, bool removing)
{
	DIR *dir = opendir(place->dir);
	struct dirent *found;
	size_t n = 0;

	while ((found = readdir(dir)) != NULL) {
		if (found->d_type == DT_DIR)
			continue;
		n++;
		if (removing)
			unlinkat(dirfd(dir), found->d_name, 0);
	}
	closedir(dir);
	return n;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	certs_disk_close(place->disk);
	count_files(place, true);
	rmdir(place->dir);
	free(place);
	return 0;
}

static void put_at(struct place *place, const char *url, int64_t fetched_s)
{
	struct certs_disk_body body = {
		.url = url, .body = BODY, .len = sizeof(BODY) - 1, .fetched_s = fetched_s};

	assert_true(certs_disk_put(place->disk, &body));
}

struct seen {
	size_t n;
	char url[64];
	char body[128];
	int64_t fetched_s;
};

static void see(void *magic, const struct certs_disk_body *body)
{
	struct seen *seen = magic;

	seen->n++;
	snprintf(seen->url, sizeof(seen->url), "%s", body->url);
	snprintf(seen->body, sizeof(seen->body), "%.*s", (int)body->len, body->body);
	seen->fetched_s = body->fetched_s;
}

static struct seen load(struct place *place, size_t max, int64_t now_s)
{
	struct certs_disk_range range = {.max = max, .now_s = now_s, .max_age_s = 100};
	struct seen seen = {.n = 0};

	size_t n = certs_disk_load(place->disk, &range, see, &seen);

	assert_int_equal(n, seen.n);
	return seen;
}

static void path_of(const struct place *place, const char *name, char *path_out, size_t size)
{
	snprintf(path_out, size, "%s/%s", place->dir, name);
}

static void body_comes_back_with_its_url_and_time(void **state)
{
	struct seen seen;

	put_at(*state, URL, 1000);
	seen = load(*state, 10, 1001);
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.url, URL);
	assert_string_equal(seen.body, BODY);
	assert_int_equal(seen.fetched_s, 1000);
}

static void file_is_private_and_named_by_sha256_of_url(void **state)
{
	char path[200];
	struct stat st;

	put_at(*state, URL, 1000);
	path_of(*state, URL_SHA256, path, sizeof(path));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(count_files(*state, false), 1);
}

static void newer_body_replaces_the_older(void **state)
{
	put_at(*state, URL, 1000);
	put_at(*state, URL, 1050);
	assert_int_equal(count_files(*state, false), 1);
	assert_int_equal(load(*state, 10, 1060).fetched_s, 1050);
}

static void old_and_future_bodies_are_removed(void **state)
{
	put_at(*state, URL, 1000);
	put_at(*state, URL "2", 1101);
	assert_int_equal(load(*state, 10, 1099).n, 1); /* the one of 1101 is in the future */
	assert_int_equal(load(*state, 10, 1100).n, 0); /* 100 s old is too old */
	assert_int_equal(count_files(*state, false), 0);
}

static void files_beyond_max_are_removed(void **state)
{
	char url[64];

	for (int i = 0; i < 5; i++) {
		snprintf(url, sizeof(url), URL "%d", i);
		put_at(*state, url, 1000);
	}
	assert_int_equal(load(*state, 3, 1001).n, 3);
	assert_int_equal(count_files(*state, false), 3);
}

/* Changes one byte of the file at each place in turn, then cuts it at each length. */
static void damaged_file_is_ignored_wherever_the_damage_is(void **state)
{
	char path[200], whole[512];
	size_t len;
	FILE *file;

	path_of(*state, URL_SHA256, path, sizeof(path));
	put_at(*state, URL, 1000);
	file = fopen(path, "rb");
	len = fread(whole, 1, sizeof(whole), file);
	fclose(file);
	assert_true(len > sizeof(BODY) && len < sizeof(whole));
	for (size_t i = 0; i < 2 * len; i++) {
		char changed[512];
		struct seen seen;

		memcpy(changed, whole, len);
		changed[i % len] ^= 0x10;
		file = fopen(path, "wb");
		fwrite(i < len ? changed : whole, 1, i < len ? len : i - len, file);
		fclose(file);
		seen = load(*state, 10, 1001);
		/* Only a changed time can pass: it is not part of what is answered. */
		if (seen.n != 0 && (strcmp(seen.url, URL) != 0 || strcmp(seen.body, BODY) != 0))
			fail_msg("damage at %zu passed", i);
		if (seen.n != 0 && i >= len)
			fail_msg("a file cut to %zu bytes passed", i - len);
	}
}

static void file_under_another_name_is_ignored(void **state)
{
	char from[200], to[200];

	path_of(*state, URL_SHA256, from, sizeof(from));
	path_of(*state, "00000000000000000000000000000000000000000000000000000000000000ff", to,
		sizeof(to));
	put_at(*state, URL, 1000);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(load(*state, 10, 1001).n, 0);
	assert_int_equal(count_files(*state, false), 0);
}

static void symlink_is_not_followed(void **state)
{
	char from[200], aside[200];

	path_of(*state, URL_SHA256, from, sizeof(from));
	path_of(*state, "aside", aside, sizeof(aside));
	put_at(*state, URL, 1000);
	assert_int_equal(rename(from, aside), 0);
	assert_int_equal(symlink(aside, from), 0);
	assert_int_equal(load(*state, 10, 1001).n, 0);
}

static void files_of_others_stay_and_unfinished_ones_of_ours_go(void **state)
{
	static const char *const names[] = {"README", "abc", ".new-1-0"};
	char path[200];

	for (size_t i = 0; i < 3; i++) {
		path_of(*state, names[i], path, sizeof(path));
		close(open(path, O_CREAT | O_WRONLY, 0600));
	}
	assert_int_equal(load(*state, 10, 1001).n, 0);
	assert_int_equal(count_files(*state, false), 2);
}

static void dropped_body_is_gone(void **state)
{
	struct place *place = *state;

	put_at(place, URL, 1000);
	certs_disk_drop(place->disk, URL);
	certs_disk_drop(place->disk, URL);
	assert_int_equal(count_files(place, false), 0);
}

static void directory_that_others_may_write_is_refused(void **state)
{
	struct place *place = *state;
	char why[256] = "", path[200];
	struct certs_disk *disk;
	struct stat st;

	chmod(place->dir, 0770);
	assert_null(certs_disk_open(place->dir, why, sizeof(why)));
	assert_non_null(strstr(why, "others may write"));
	chmod(place->dir, 0700);
	path_of(place, "file", path, sizeof(path));
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_null(certs_disk_open(path, why, sizeof(why)));
	assert_non_null(strstr(why, path));
	path_of(place, "missing", path, sizeof(path));
	disk = certs_disk_open(path, why, sizeof(why));
	assert_non_null(disk);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	certs_disk_close(disk);
	rmdir(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(body_comes_back_with_its_url_and_time, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(file_is_private_and_named_by_sha256_of_url, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(newer_body_replaces_the_older, set_up, tear_down),
		cmocka_unit_test_setup_teardown(old_and_future_bodies_are_removed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(files_beyond_max_are_removed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damaged_file_is_ignored_wherever_the_damage_is,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(file_under_another_name_is_ignored, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(symlink_is_not_followed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_of_others_stay_and_unfinished_ones_of_ours_go,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(dropped_body_is_gone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(directory_that_others_may_write_is_refused, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
