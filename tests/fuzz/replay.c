/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds a fuzz target the files of its seeds and prints TAP. The program's name, replay_<target>,
 * says which: tests/fuzz/seeds/<target>, from the top of the tree. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX ((size_t)1 << 24)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* In memory of exactly its size, so that a sanitizer sees the first byte after it. */
static uint8_t *read_whole(const char *path, size_t *size_out)
{
	FILE *file = fopen(path, "rb");
	long size = -1;
	uint8_t *data = NULL;

	if (file == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0)
		size = ftell(file);
	if (size >= 0 && (size_t)size <= INPUT_MAX && fseek(file, 0, SEEK_SET) == 0)
		data = malloc(size > 0 ? (size_t)size : 1);
	if (data != NULL && fread(data, 1, (size_t)size, file) != (size_t)size) {
		free(data);
		data = NULL;
	}
	fclose(file);
	*size_out = (size_t)size;
	return data;
}

/* A target that finds something wrong aborts, here as under libFuzzer. */
static int replay(const char *folder, const char *name)
{
	char path[512];
	size_t size = 0;
	uint8_t *data;
	int rc;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	data = read_whole(path, &size);
	if (data == NULL)
		return -1;
	fprintf(stderr, "%s\n", path);
	rc = LLVMFuzzerTestOneInput(data, size);
	free(data);
	return rc;
}

int main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	struct dirent **names = NULL;
	char folder[256];
	int n, failed = 0;

	if (slash == NULL || strncmp(slash, "/replay_", 8) != 0)
		return 2;
	snprintf(folder, sizeof(folder), "tests/fuzz/seeds/%s", slash + 8);
	n = scandir(folder, &names, is_input, alphasort);
	if (n <= 0) {
		fprintf(stderr, "no seeds in %s\n", folder);
		return 1;
	}
	printf("1..%d\n", n);
	for (int i = 0; i < n; i++) {
		int rc = replay(folder, names[i]->d_name);

		printf("%s %d - %s\n", rc == 0 ? "ok" : "not ok", i + 1, names[i]->d_name);
		fflush(stdout);
		failed += rc != 0;
		free(names[i]);
	}
	free(names);
	return failed > 0;
}
