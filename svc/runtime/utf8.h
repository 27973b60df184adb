/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8, one character at a time, strictly (RFC 3629). For the runtime's own files only. */
#ifndef RUNTIME_UTF8_H
#define RUNTIME_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at p, which *cp_out then names; 0 when p[0..n) begins with none. */
size_t utf8_next(const char *p, size_t n, uint32_t *cp_out);

#endif
