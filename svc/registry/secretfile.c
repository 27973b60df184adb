/* SPDX-License-Identifier: Apache-2.0 */
/* Files with mode 0600 from their first moment. */
#include "svc/registry/secretfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

bool secretfile_create(const char *path, const char *text, char *err, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0) {
		snprintf(err, size, "%s: %s", path,
			 errno == EEXIST ? "exists already; nothing is overwritten"
					 : strerrordesc_np(errno));
		return false;
	}
	struct iovec parts[] = {{(void *)text, strlen(text)}, {(void *)"\n", 1}};
	bool written = writev(fd, parts, 2) == (ssize_t)strlen(text) + 1 && fsync(fd) == 0;
	if (!written)
		snprintf(err, size, "%s: %m", path);
	if (close(fd) != 0 && written) {
		snprintf(err, size, "%s: %m", path);
		written = false;
	}
	if (!written)
		unlink(path);
	return written;
}
