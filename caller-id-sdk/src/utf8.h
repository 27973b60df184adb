/* SPDX-License-Identifier: Apache-2.0 */
/* One character of UTF-8 at a time (RFC 3629), in and out. */
#ifndef CID_UTF8_H
#define CID_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Length of the sequence at p, 0 when it is not one: overlong, a surrogate, cut, above U+10FFFF. */
size_t cid_utf8_length(const uint8_t *p, size_t n);

/* The code point of a sequence of that length. */
uint32_t cid_utf8_read(const uint8_t *p, size_t length);

#endif
