/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings: what tcpdump's format says of them, their names, their bounds. */
#include "media/record/pcap.h"
#include "media/record/recorder.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define AT (1700000000ULL * 1000000000ULL + 123456789)

static struct address at(const char *ip, uint16_t port)
{
	struct address address;

	assert_true(address_parse(ip, strlen(ip), port, &address));
	return address;
}

static int make_folder(void **state)
{
	char *folder = strdup("/tmp/recorder.XXXXXX");

	*state = mkdtemp(folder);
	return *state ? 0 : -1;
}

static int remove_folder(void **state)
{
	char path[512];
	DIR *dir = opendir(*state);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", (char *)*state, entry->d_name);
		unlink(path);
	}
	closedir(dir);
	rmdir(*state);
	free(*state);
	return 0;
}

static size_t read_file(const char *folder, const char *name, uint8_t *out, size_t size)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	const size_t n = fread(out, 1, size, file);
	fclose(file);
	return n;
}

/* The ones' complement sum of a header or datagram that is right is 0xffff (RFC 1071). */
static uint32_t ones_sum(const uint8_t *p, size_t n, uint32_t total)
{
	for (size_t i = 0; i < n; i++)
		total += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total;
}

static void a_recording_is_a_pcap_file_of_what_was_sent(void **state)
{
	(void)state;
	char err[256], name[RECORDING_NAME_MAX];
	struct recorder *recorder = recorder_start(*state, err, sizeof(err));
	struct recording *recording = recording_start(recorder, AT, name);
	struct address a = at("192.0.2.1", 4000), b = at("192.0.2.2", 5000);
	static uint8_t file[4096];

	assert_non_null(recording);
	recording_packet(recording, &a, &b, (const uint8_t *)"hello", 5, AT);
	recording_stop(recording);
	assert_int_equal(recorder_lost(recorder), 0);
	recorder_stop(recorder);
	assert_memory_equal(name, "20231114T221320Z-", 17);
	assert_int_equal(read_file(*state, name, file, sizeof(file)), 24 + 16 + 20 + 8 + 5);
	uint32_t head[4];
	memcpy(head, file, 4);
	assert_int_equal(head[0], 0xa1b23c4d);
	memcpy(head, file + 24, 16);
	assert_int_equal(head[0], 1700000000);
	assert_int_equal(head[1], 123456789);
	assert_int_equal(head[2], 33);
	const uint8_t *ip = file + 40;
	assert_int_equal(ones_sum(ip, 20, 0), 0xffff);
	assert_memory_equal(ip + 12, "\xc0\0\2\1\xc0\0\2\2\x0f\xa0\x13\x88\0\x0d", 14);
	assert_int_equal(ones_sum(ip + 20, 13, ones_sum(ip + 12, 8, 17 + 13)), 0xffff);
	assert_memory_equal(ip + 28, "hello", 5);
}

static void ip6_has_headers_of_its_own(void **state)
{
	(void)state;
	uint8_t headers[PCAP_HEADERS_MAX];
	struct address a = at("2001:db8::1", 4000), b = at("2001:db8::2", 5000);

	assert_int_equal(pcap_headers(&a, &b, (const uint8_t *)"hello", 5, AT, headers), 64);
	const uint8_t *ip = headers + 16;
	assert_int_equal(ip[0], 0x60);
	assert_int_equal(ip[5], 13);
	uint32_t total = ones_sum(ip + 8, 32, 17 + 13);
	total = ones_sum((const uint8_t *)"hello", 5, ones_sum(ip + 40, 8, total));
	assert_int_equal(total, 0xffff);
}

static void files_are_nobody_elses_and_never_overwritten(void **state)
{
	char err[256], one[RECORDING_NAME_MAX], two[RECORDING_NAME_MAX], path[512];
	struct recorder *recorder = recorder_start(*state, err, sizeof(err));
	struct stat st;

	recording_stop(recording_start(recorder, AT, one));
	recording_stop(recording_start(recorder, AT, two));
	recorder_stop(recorder);
	assert_string_not_equal(one, two);
	snprintf(path, sizeof(path), "%s/%s", (char *)*state, one);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, PCAP_FILE_HEADER);
}

static void recordings_are_bounded_and_come_back(void **state)
{
	char err[256], name[RECORDING_NAME_MAX];
	struct recorder *recorder = recorder_start(*state, err, sizeof(err));
	static struct recording *all[RECORDINGS_MAX];

	for (size_t i = 0; i < RECORDINGS_MAX; i++)
		assert_non_null(all[i] = recording_start(recorder, AT, name));
	assert_null(recording_start(recorder, AT, name));
	for (size_t i = 0; i < RECORDINGS_MAX; i++)
		recording_stop(all[i]);
	struct recording *again = NULL;
	for (int i = 0; i < 500 && !again; i++) {
		again = recording_start(recorder, AT, name);
		usleep(again ? 0 : 10000);
	}
	assert_non_null(again);
	recording_stop(again);
	recorder_stop(recorder);
}

static void what_the_disk_refuses_is_counted(void **state)
{
	char err[256], name[RECORDING_NAME_MAX];
	struct recorder *recorder = recorder_start(*state, err, sizeof(err));
	struct address a = at("192.0.2.1", 4000);

	remove_folder(state);
	assert_int_equal(make_folder(state), 0);
	struct recording *recording = recording_start(recorder, AT, name);
	recording_packet(recording, &a, &a, (const uint8_t *)"x", 1, AT);
	recording_stop(recording);
	for (int i = 0; i < 500 && recorder_lost(recorder) < 2; i++)
		usleep(10000);
	assert_int_equal(recorder_lost(recorder), 2);
	recorder_stop(recorder);
}

static void a_folder_that_is_not_there_is_told(void **state)
{
	(void)state;
	char err[256];

	assert_null(recorder_start("/nowhere/at/all", err, sizeof(err)));
	assert_non_null(strstr(err, "/nowhere/at/all"));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(a_recording_is_a_pcap_file_of_what_was_sent),
		cmocka_unit_test(ip6_has_headers_of_its_own),
		IN_FOLDER(files_are_nobody_elses_and_never_overwritten),
		IN_FOLDER(recordings_are_bounded_and_come_back),
		IN_FOLDER(what_the_disk_refuses_is_counted),
		cmocka_unit_test(a_folder_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
