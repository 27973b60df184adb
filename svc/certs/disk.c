/* SPDX-License-Identifier: Apache-2.0 */
/* The disk cache: written to a new file and renamed, checked by a digest when it is loaded. */
#include "svc/certs/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "svc/certs/body.h"
#include "svc/certs/url.h"
#include "svc/runtime/whole.h"

#define DIGEST_SIZE 32
#define NAME_SIZE   (2 * DIGEST_SIZE + 1)
/* The first two lines: the URL; then "attestel-cert 1 SECONDS LENGTH SHA256". */
#define HEAD_MAX   (CERTS_URL_MAX + 160)
#define FILE_MAX   (HEAD_MAX + CERTS_BODY_MAX)
#define NEW_PREFIX ".new-"

struct certs_disk {
	int dir;
	unsigned written; /* makes the names of new files differ */
};

static bool hex_digest(const void *data, size_t len, char name_out[NAME_SIZE])
{
	unsigned char digest[DIGEST_SIZE];

	if (EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL) != 1)
		return false;
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		snprintf(name_out + 2 * i, 3, "%02x", digest[i]);
	return true;
}

static const char *check_dir(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return strerror(errno);
	if (st.st_uid != geteuid())
		return "it belongs to another user";
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return "others may write to it";
	return faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) == 0 ? NULL : strerror(errno);
}

struct certs_disk *certs_disk_open(const char *dir, char *why, size_t size)
{
	const char *reason = NULL;
	struct certs_disk *disk = NULL;
	int fd = -1;

	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	reason = fd < 0 ? strerror(errno) : check_dir(fd);
	if (!reason) {
		disk = calloc(1, sizeof(*disk));
		reason = "no memory";
	}
	if (disk) {
		disk->dir = fd;
		return disk;
	}
	snprintf(why, size, "%s: %s", dir, reason);
	if (fd >= 0)
		close(fd);
	return NULL;
}

void certs_disk_close(struct certs_disk *disk)
{
	if (!disk)
		return;
	close(disk->dir);
	free(disk);
}

/*
 * No fsync: this runs in the daemon's loop, and a file that a power failure left half written
 * fails its digest and is fetched again.
 */
static bool write_file(struct certs_disk *disk, const char *name,
		       const struct certs_disk_body *body)
{
	char head[HEAD_MAX], digest[NAME_SIZE];
	int len, fd;

	if (!hex_digest(body->body, body->len, digest)) {
		errno = EIO;
		return false;
	}
	len = snprintf(head, sizeof(head), "%s\nattestel-cert 1 %" PRId64 " %zu %s\n", body->url,
		       body->fetched_s, body->len, digest);
	if (len < 0 || (size_t)len >= sizeof(head)) {
		errno = ENAMETOOLONG;
		return false;
	}
	fd = openat(disk->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	bool written = whole_write(fd, head, (size_t)len) && whole_write(fd, body->body, body->len);
	int saved = errno;
	if (close(fd) != 0 && written) {
		saved = errno;
		written = false;
	}
	errno = saved;
	return written;
}

bool certs_disk_put(struct certs_disk *disk, const struct certs_disk_body *body)
{
	char name[NAME_SIZE], fresh[64];

	if (body->len > CERTS_BODY_MAX || !hex_digest(body->url, strlen(body->url), name)) {
		errno = EINVAL;
		return false;
	}
	snprintf(fresh, sizeof(fresh), NEW_PREFIX "%ld-%u", (long)getpid(), disk->written++);
	if (write_file(disk, fresh, body) && renameat(disk->dir, fresh, disk->dir, name) == 0)
		return true;
	int saved = errno;
	unlinkat(disk->dir, fresh, 0);
	errno = saved;
	return false;
}

void certs_disk_drop(struct certs_disk *disk, const char *url)
{
	char name[NAME_SIZE];

	if (hex_digest(url, strlen(url), name))
		unlinkat(disk->dir, name, 0);
}

/* Bytes read, or 0 when it is no regular file of ours of a possible size. */
static size_t read_file(const struct certs_disk *disk, const char *name, char *data, size_t size)
{
	int fd = openat(disk->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	size_t have = 0;

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    st.st_size > 0 && (size_t)st.st_size <= size) {
		ssize_t got;
		while (have < size && (got = read(fd, data + have, size - have)) > 0)
			have += (size_t)got;
	}
	close(fd);
	return have;
}

/* Reads "attestel-cert 1 SECONDS LENGTH SHA256" and compares it with the body behind it. */
static bool check_record(const char *line, struct certs_disk_body *body)
{
	char stated[NAME_SIZE], found[NAME_SIZE];
	size_t len;
	const char *why;

	if (sscanf(line, "attestel-cert 1 %" SCNd64 " %zu %64[0-9a-f]", &body->fetched_s, &len,
		   stated) != 3)
		return false;
	return len == body->len && hex_digest(body->body, body->len, found) &&
	       strcmp(stated, found) == 0 &&
	       certs_body_check(body->body, body->len, &why) == CERTS_OK;
}

/* Splits a file in place. The name must be the digest of the URL that stands in it. */
static bool parse_file(const char *name, char *data, size_t len, struct certs_disk_body *body_out)
{
	char *url_end = memchr(data, '\n', len);
	char *line = url_end ? url_end + 1 : NULL;
	char *line_end = line ? memchr(line, '\n', len - (size_t)(line - data)) : NULL;
	char expected[NAME_SIZE];

	if (!line_end)
		return false;
	*url_end = 0;
	*line_end = 0;
	*body_out = (struct certs_disk_body){.url = data, .body = line_end + 1};
	body_out->len = len - (size_t)(body_out->body - data);
	if (memchr(data, 0, (size_t)(url_end - data)) || url_end - data > CERTS_URL_MAX)
		return false;
	return hex_digest(data, (size_t)(url_end - data), expected) &&
	       strcmp(expected, name) == 0 && check_record(line, body_out);
}

static bool is_ours(const char *name)
{
	if (strncmp(name, NEW_PREFIX, sizeof(NEW_PREFIX) - 1) == 0)
		return true;
	return strlen(name) == NAME_SIZE - 1 && strspn(name, "0123456789abcdef") == NAME_SIZE - 1;
}

struct loading {
	certs_disk_each *each;
	void *magic;
	char *data; /* FILE_MAX bytes: one file at a time */
};

/* Gives the body of one file. false: it is damaged, too old, or cannot be read. */
static bool load_file(const struct certs_disk *disk, const char *name,
		      const struct certs_disk_range *range, struct loading *loading)
{
	size_t len = read_file(disk, name, loading->data, FILE_MAX);
	struct certs_disk_body body;

	if (len == 0 || !parse_file(name, loading->data, len, &body))
		return false;
	if (body.fetched_s > range->now_s || body.fetched_s <= range->now_s - range->max_age_s)
		return false;
	loading->each(loading->magic, &body);
	return true;
}

size_t certs_disk_load(struct certs_disk *disk, const struct certs_disk_range *range,
		       certs_disk_each *each, void *magic)
{
	struct loading loading = {.each = each, .magic = magic, .data = malloc(FILE_MAX)};
	int fd = openat(disk->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *found;
	size_t n = 0;

	while (dir && loading.data && (found = readdir(dir)) != NULL) {
		if (!is_ours(found->d_name))
			continue;
		if (n < range->max && load_file(disk, found->d_name, range, &loading))
			n++;
		else
			unlinkat(disk->dir, found->d_name, 0);
	}
	free(loading.data);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	return n;
}
