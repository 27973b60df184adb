/* SPDX-License-Identifier: Apache-2.0 */
/* Saving and loading. A brand's texts stand in a line of their own in front of its first number. */
#include "sip-proxy/snapshot_file.h"

#include <openssl/evp.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD	   "attestel-snapshot 1"
#define LINE_MAX_  4096
#define PATH_MAX_  4096
#define DIGEST_HEX 64
#define FIELDS	   6 /* of a brand's line: group, customer, brand, name, URL, digest */

/* A file and the digest of what went through it. */
struct stream {
	FILE *file;
	EVP_MD_CTX *digest;
	bool failed;
	char line[LINE_MAX_];
	size_t len;
};

static bool stream_open(struct stream *stream, int fd, const char *mode)
{
	*stream = (struct stream){.file = fd >= 0 ? fdopen(fd, mode) : NULL};
	stream->digest = EVP_MD_CTX_new();
	if (stream->file == NULL && fd >= 0)
		close(fd);
	return stream->file != NULL && stream->digest != NULL &&
	       EVP_DigestInit_ex(stream->digest, EVP_sha256(), NULL) == 1;
}

static bool stream_close(struct stream *stream)
{
	bool ok = stream->file != NULL && fclose(stream->file) == 0;

	EVP_MD_CTX_free(stream->digest);
	return ok;
}

static void stream_digest(struct stream *stream, char hex_out[DIGEST_HEX + 1])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	hex_out[0] = 0;
	if (EVP_DigestFinal_ex(stream->digest, digest, &n) != 1)
		n = 0;
	for (unsigned i = 0; i < n && 2 * i < DIGEST_HEX; i++)
		snprintf(hex_out + 2 * i, 3, "%02x", digest[i]);
}

__attribute__((format(printf, 2, 3))) static void put(struct stream *stream, const char *format,
						      ...)
{
	char line[LINE_MAX_];
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (n < 0 || (size_t)n >= sizeof(line) ||
	    EVP_DigestUpdate(stream->digest, line, (size_t)n) != 1 ||
	    fwrite(line, 1, (size_t)n, stream->file) != (size_t)n)
		stream->failed = true;
}

static void put_entry(struct stream *stream, const struct snapshot_entry *entry, uint8_t *written)
{
	uint8_t bit = (uint8_t)(1u << entry->group % 8);

	if ((written[entry->group / 8] & bit) == 0)
		put(stream, "b\t%" PRIu32 "\t%s\t%s\t%s\t%s\t%s\n", entry->group, entry->customer,
		    entry->brand, entry->name, entry->logo_url, entry->logo_sha256);
	written[entry->group / 8] |= bit;
	put(stream, "%c\t%" PRIu32 "\t%s\n", entry->strict ? 's' : 'n', entry->group,
	    entry->number);
}

static void write_all(struct stream *stream, const struct snapshot *snapshot,
		      const struct snapshot_state *state)
{
	uint8_t *written = calloc(snapshot_groups(snapshot) / 8 + 1, 1);
	struct snapshot_entry entry;
	char hex[DIGEST_HEX + 1];
	size_t at = 0;

	stream->failed = written == NULL;
	put(stream, HEAD "\t%" PRId64 "\t%" PRId64 "\t%zu\t%s\n", state->serial, state->fresh_ms,
	    snapshot_count(snapshot), state->source);
	while (!stream->failed && snapshot_next(snapshot, &at, &entry))
		put_entry(stream, &entry, written);
	free(written);
	stream_digest(stream, hex);
	if (fprintf(stream->file, "sha256\t%s\n", hex) < 0 || fflush(stream->file) != 0 ||
	    fsync(fileno(stream->file)) != 0)
		stream->failed = true;
}

/* The rename lasts once the folder is written. */
static void sync_folder(const char *path)
{
	char folder[PATH_MAX_];
	char *slash;
	int fd;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	if (slash != NULL)
		slash[slash == folder ? 1 : 0] = 0;
	fd = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

bool snapshot_file_save(const char *path, const struct snapshot *snapshot,
			const struct snapshot_state *state, char why[128])
{
	char beside[PATH_MAX_];
	struct stream stream;
	bool ok;

	if ((size_t)snprintf(beside, sizeof(beside), "%s.new", path) >= sizeof(beside)) {
		snprintf(why, 128, "its name is too long");
		return false;
	}
	(void)unlink(beside); /* what a crash has left */
	ok = stream_open(&stream,
			 open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600),
			 "w");
	if (ok)
		write_all(&stream, snapshot, state);
	ok = ok && !stream.failed;
	ok = stream_close(&stream) && ok && rename(beside, path) == 0;
	if (ok) {
		sync_folder(path);
		return true;
	}
	snprintf(why, 128, "%s", strerror(errno));
	(void)unlink(beside);
	return false;
}

/* The next line without its end; false at the end of the file, and for what is no line of ours. */
static bool get(struct stream *stream)
{
	if (fgets(stream->line, sizeof(stream->line), stream->file) == NULL)
		return false;
	stream->len = strlen(stream->line);
	return stream->len > 0 && stream->line[stream->len - 1] == '\n';
}

/* Cuts the line at its tabs; how many fields there are. */
static size_t cut(char *line, char *fields_out[FIELDS + 1])
{
	size_t n = 0;

	line[strcspn(line, "\n")] = 0;
	for (char *at = line; at != NULL && n <= FIELDS; n++) {
		char *tab = strchr(at, '\t');

		fields_out[n] = at;
		if (tab != NULL)
			*tab++ = 0;
		at = tab;
	}
	return n;
}

static bool number_of(const char *text, int64_t max, int64_t *number_out)
{
	char *end;

	errno = 0;
	*number_out = strtoll(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == 0 && errno == 0 && *number_out <= max;
}

/* Texts of the brands by their group, while the file is read. */
struct brands {
	char **lines; /* cut at its tabs */
	int64_t n;
};

static bool add_brand(struct brands *brands, char *fields[FIELDS + 1])
{
	int64_t group;
	size_t len;

	if (!number_of(fields[1], brands->n - 1, &group) || brands->lines[group] != NULL)
		return false;
	len = (size_t)(fields[FIELDS] - fields[2]) + strlen(fields[FIELDS]) + 1;
	brands->lines[group] = malloc(len);
	if (brands->lines[group] != NULL)
		memcpy(brands->lines[group], fields[2], len);
	return brands->lines[group] != NULL;
}

static bool add_number(const struct brands *brands, char *fields[FIELDS + 1],
		       struct snapshot *snapshot)
{
	struct snapshot_entry entry = {.strict = fields[0][0] == 's'};
	int64_t group;

	if (!number_of(fields[1], brands->n - 1, &group) || brands->lines[group] == NULL ||
	    strlen(fields[2]) > SNAPSHOT_NUMBER_MAX)
		return false;
	memcpy(entry.number, fields[2], strlen(fields[2]) + 1);
	entry.customer = brands->lines[group];
	entry.brand = entry.customer + strlen(entry.customer) + 1;
	entry.name = entry.brand + strlen(entry.brand) + 1;
	entry.logo_url = entry.name + strlen(entry.name) + 1;
	entry.logo_sha256 = entry.logo_url + strlen(entry.logo_url) + 1;
	return snapshot_put(snapshot, &entry) == SNAPSHOT_OK;
}

static const char *read_line(struct stream *stream, struct brands *brands,
			     struct snapshot *snapshot)
{
	char *fields[FIELDS + 1];
	size_t n;
	bool ok = EVP_DigestUpdate(stream->digest, stream->line, stream->len) == 1;

	n = cut(stream->line, fields);
	if (ok && n == FIELDS + 1 && strcmp(fields[0], "b") == 0)
		ok = add_brand(brands, fields);
	else
		ok = ok && n == 3 && strlen(fields[0]) == 1 && strchr("ns", fields[0][0]) != NULL &&
		     add_number(brands, fields, snapshot);
	return ok ? NULL : "a line cannot be read, or there are too many";
}

/* NULL: it was all read and is as it was written. */
static const char *read_lines(struct stream *stream, struct brands *brands,
			      struct snapshot *snapshot)
{
	char hex[DIGEST_HEX + 1];
	const char *trouble;

	while (get(stream)) {
		if (strncmp(stream->line, "sha256\t", 7) != 0) {
			trouble = read_line(stream, brands, snapshot);
			if (trouble != NULL)
				return trouble;
			continue;
		}
		stream_digest(stream, hex);
		return strncmp(stream->line + 7, hex, DIGEST_HEX) == 0 && fgetc(stream->file) == EOF
			       ? NULL
			       : "its digest is another one";
	}
	return "it is cut off";
}

static const char *read_head(struct stream *stream, struct snapshot_state *state, int64_t *count)
{
	char *fields[FIELDS + 1];

	if (!get(stream) || EVP_DigestUpdate(stream->digest, stream->line, stream->len) != 1 ||
	    cut(stream->line, fields) != 5 || strcmp(fields[0], HEAD) != 0 ||
	    !number_of(fields[1], INT64_MAX, &state->serial) ||
	    !number_of(fields[2], INT64_MAX, &state->fresh_ms) ||
	    !number_of(fields[3], SNAPSHOT_ENTRIES_MAX, count))
		return "it is no snapshot";
	return strcmp(fields[4], state->source) == 0 ? NULL : "it is of another registry";
}

static const char *read_all(struct stream *stream, struct snapshot *snapshot,
			    struct snapshot_state *state)
{
	struct brands brands = {.n = snapshot_groups_max(snapshot)};
	int64_t count = 0;
	const char *trouble = read_head(stream, state, &count);

	if (trouble != NULL)
		return trouble;
	brands.lines = calloc((size_t)brands.n, sizeof(brands.lines[0]));
	trouble = brands.lines == NULL ? "no memory" : read_lines(stream, &brands, snapshot);
	for (int64_t i = 0; brands.lines != NULL && i < brands.n; i++)
		free(brands.lines[i]);
	free(brands.lines);
	if (trouble == NULL && (int64_t)snapshot_count(snapshot) != count)
		trouble = "numbers are missing";
	return trouble;
}

/* Whoever can write it can have any number attested. */
static bool is_ours(int fd)
{
	struct stat at;

	return fstat(fd, &at) == 0 && S_ISREG(at.st_mode) && at.st_uid == geteuid() &&
	       (at.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

struct snapshot *snapshot_file_load(const char *path, const struct snapshot_limits *limits,
				    struct snapshot_state *state, char why[128])
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct snapshot *snapshot = NULL;
	const char *trouble = "no memory";
	struct stream stream;

	if (fd < 0) {
		snprintf(why, 128, "%s", errno == ENOENT ? "" : strerror(errno));
		return NULL;
	}
	if (!is_ours(fd)) {
		snprintf(why, 128, "others can change it, or it is no file");
		close(fd);
		return NULL;
	}
	if (stream_open(&stream, fd, "r"))
		snapshot = snapshot_new(limits);
	if (snapshot != NULL)
		trouble = read_all(&stream, snapshot, state);
	(void)stream_close(&stream);
	if (trouble == NULL)
		return snapshot;
	snprintf(why, 128, "%s", trouble);
	snapshot_free(snapshot);
	return NULL;
}
