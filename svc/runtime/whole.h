/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing that does not stop half-way. */
#ifndef RUNTIME_WHOLE_H
#define RUNTIME_WHOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* false: errno says why, and some of it may be written. */
bool whole_write(int fd, const void *data, size_t len);
/* Bytes read: size, or fewer where the file ends before. -1: errno says why. */
ssize_t whole_read(int fd, void *out, size_t size);

#endif
