/* SPDX-License-Identifier: Apache-2.0 */
/* The system may take or give a part of what was asked, or be interrupted. */
#include "svc/runtime/whole.h"

#include <errno.h>
#include <unistd.h>

bool whole_write(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

ssize_t whole_read(int fd, void *out, size_t size)
{
	char *p = out;
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, p + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}
