/* SPDX-License-Identifier: Apache-2.0 */
/* Files and standard input, every read with a bound, every new file with its mode. */
#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

void io_bytes_clear(struct io_bytes *bytes)
{
	if (bytes->p != NULL)
		OPENSSL_cleanse(bytes->p, bytes->n);
	free(bytes->p);
	*bytes = (struct io_bytes){0};
}

static bool say(const char *path, const char *what)
{
	cli_say(CLI_FAILED, "%s: %s", path, what);
	return false;
}

/* Room for max + 1 bytes is asked for at once: the system commits only what is used. */
static bool read_all(int fd, const char *path, size_t max, struct io_bytes *bytes_out)
{
	struct io_bytes bytes = {.p = malloc(max + 2)};
	ssize_t got = 1;

	if (bytes.p == NULL)
		return say(path, "no memory");
	while (got != 0 && bytes.n <= max) {
		got = read(fd, bytes.p + bytes.n, max + 1 - bytes.n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		bytes.n += (size_t)got;
	}
	if (got < 0 || bytes.n > max) {
		io_bytes_clear(&bytes);
		if (got < 0)
			return say(path, strerror(errno));
		cli_say(CLI_FAILED, "%s: longer than %zu bytes", path, max);
		return false;
	}
	bytes.p[bytes.n] = '\0';
	*bytes_out = bytes;
	return true;
}

void io_say_waiting(void)
{
	if (isatty(STDIN_FILENO))
		cli_say(CLI_OK, "reading standard input; Ctrl-D ends it");
}

bool io_read_stdin(size_t max, struct io_bytes *bytes_out)
{
	io_say_waiting();
	return read_all(STDIN_FILENO, "standard input", max, bytes_out);
}

bool io_read_file(const char *path, size_t max, struct io_bytes *bytes_out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return say(path, strerror(errno));
	ok = read_all(fd, path, max, bytes_out);
	close(fd);
	return ok;
}

static bool is_private(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return say(path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return say(path, "not a regular file");
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return say(path, "belongs to another user");
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return say(path, "open to others: it holds a secret, its mode must be 0600");
	return true;
}

bool io_read_secret(const char *path, size_t max, struct io_bytes *bytes_out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ok;

	if (fd < 0)
		return say(path, strerror(errno));
	ok = is_private(fd, path) && read_all(fd, path, max, bytes_out);
	close(fd);
	return ok;
}

static bool write_all(int fd, const char *data, size_t n)
{
	while (n > 0) {
		ssize_t put = write(fd, data, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		data += put;
		n -= (size_t)put;
	}
	return fsync(fd) == 0;
}

bool io_create(const char *path, mode_t mode, const void *data, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	bool ok;

	if (fd < 0)
		return say(path, errno == EEXIST ? "exists already; nothing is overwritten"
						 : strerror(errno));
	ok = write_all(fd, data, n);
	ok = close(fd) == 0 && ok;
	if (!ok) {
		say(path, "could not be written");
		unlink(path);
	}
	return ok;
}

bool io_replace(const char *path, mode_t mode, const void *data, size_t n)
{
	char new_path[PATH_MAX];

	if ((size_t)snprintf(new_path, sizeof(new_path), "%s.new", path) >= sizeof(new_path))
		return say(path, "the path is too long");
	unlink(new_path); /* left by a run that was cut off */
	if (!io_create(new_path, mode, data, n))
		return false;
	if (rename(new_path, path) != 0) {
		say(path, strerror(errno));
		unlink(new_path);
		return false;
	}
	return true;
}

void io_contents_clear(struct io_contents *contents)
{
	for (size_t i = 0; i < contents->n; i++) {
		free(contents->url[i]);
		io_bytes_clear(&contents->body[i]);
	}
	contents->n = 0;
}

bool io_contents_add(struct io_contents *contents, const char *option, const char *text)
{
	/* The last "=": a URL may hold one. */
	const char *equals = strrchr(text, '=');
	size_t i = contents->n;

	if (equals == NULL || equals == text || equals[1] == '\0') {
		cli_say(CLI_USAGE, "--%s %.80s: allowed is URL=FILE", option, text);
		return false;
	}
	if (i == CALLERID_CONTENTS_MAX) {
		cli_say(CLI_USAGE, "--%s: at most %d contents", option, CALLERID_CONTENTS_MAX);
		return false;
	}
	if (!io_read_file(equals + 1, CALLERID_CONTENT_MAX, &contents->body[i]))
		return false;
	contents->url[i] = strndup(text, (size_t)(equals - text));
	if (contents->url[i] == NULL) {
		io_bytes_clear(&contents->body[i]);
		return say(option, "no memory");
	}
	contents->at[i] = (struct callerid_content){contents->url[i], contents->body[i].p,
						    contents->body[i].n};
	contents->n++;
	return true;
}

bool io_lines_open(FILE *from, struct io_lines *lines_out)
{
	*lines_out = (struct io_lines){.from = from, .line = malloc(IO_LINE_MAX + 1)};
	return lines_out->line != NULL;
}

void io_lines_close(struct io_lines *lines)
{
	free(lines->line);
	lines->line = NULL;
}

bool io_lines_next(struct io_lines *lines)
{
	bool any = false;
	int c;

	lines->n = 0;
	lines->too_long = false;
	while ((c = getc_unlocked(lines->from)) != EOF) {
		any = true;
		if (c == '\n')
			break;
		if (lines->n == IO_LINE_MAX)
			lines->too_long = true;
		else
			lines->line[lines->n++] = (char)c;
	}
	lines->line[lines->n] = '\0';
	return any;
}
