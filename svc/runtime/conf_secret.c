/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a secret from a file that nobody else may read. */
#include "svc/runtime/conf_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "svc/runtime/whole.h"

/* Owned by us or by root, who can read it anyway, and closed to everybody else. */
static bool is_private(int fd, const char *path, struct conf_error *err)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		conf_fail(err, path, 0, "%s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		conf_fail(err, path, 0, "is not a regular file");
	else if (st.st_uid != geteuid() && st.st_uid != 0)
		conf_fail(err, path, 0, "belongs to user %u; allowed: user %u or root",
			  (unsigned)st.st_uid, (unsigned)geteuid());
	else if (st.st_mode & 077)
		conf_fail(err, path, 0,
			  "has mode %04o, others may use it; allowed: 0600 or 0400 (chmod 0400)",
			  (unsigned)st.st_mode & 07777);
	else
		return true;
	return false;
}

/* One line end is cut. false: what remains is no secret. */
static bool trim(char *secret, size_t len, size_t size, const char *path, struct conf_error *err)
{
	if (len > 0 && secret[len - 1] == '\n')
		len--;
	if (len > 0 && secret[len - 1] == '\r')
		len--;
	if (len == 0)
		conf_fail(err, path, 0, "is empty; allowed: 1..%zu bytes", size - 1);
	else if (len >= size)
		conf_fail(err, path, 0, "is too long; allowed: 1..%zu bytes", size - 1);
	else if (memchr(secret, '\0', len))
		conf_fail(err, path, 0, "holds a NUL byte; allowed: text");
	else {
		secret[len] = '\0';
		return true;
	}
	return false;
}

bool conf_read_secret(const char *path, char *secret_out, size_t size, struct conf_error *err)
{
	enum { SECRET_MAX = 4096 };
	char buffer[SECRET_MAX + 3]; /* one byte too many, and a line end */
	if (size > SECRET_MAX + 1)
		size = SECRET_MAX + 1;
	secret_out[0] = '\0';
	/* O_NONBLOCK: a FIFO in its place must not hold the daemon up. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		conf_fail(err, path, 0, "cannot be opened: %s", strerror(errno));
		return false;
	}
	bool fine = is_private(fd, path, err);
	ssize_t len = fine ? whole_read(fd, buffer, size + 2) : 0;
	if (len < 0)
		conf_fail(err, path, 0, "cannot be read: %s", strerror(errno));
	fine = fine && len >= 0 && trim(buffer, (size_t)len, size, path, err);
	if (fine)
		memcpy(secret_out, buffer, strlen(buffer) + 1);
	explicit_bzero(buffer, sizeof(buffer));
	close(fd);
	return fine;
}
