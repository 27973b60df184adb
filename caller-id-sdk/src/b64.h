/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 with the standard alphabet (RFC 4648 §4), strict: one text for each byte string, but that
 * the padding may be left out. */
#ifndef CID_B64_H
#define CID_B64_H

#include "b64url.h"

/* As cid_b64url_decode(); "=" only where RFC 4648 has it, and then all of it. */
bool cid_b64_decode(const char *text, size_t len, uint8_t *out, size_t size, size_t *len_out);

/* Writes CID_B64URL_LEN(len) characters, no padding, no NUL; returns how many. */
size_t cid_b64_encode(const void *data, size_t len, char *out);

#endif
