/* SPDX-License-Identifier: Apache-2.0 */
/* Base64url without padding (RFC 7515 §2), strict: one text for each byte string. */
#ifndef CID_B64URL_H
#define CID_B64URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CID_B64URL_LEN(n)     (((n)*4 + 2) / 3) /* characters that n bytes take; no NUL */
#define CID_B64URL_DECODED(n) ((n) / 4 * 3 + ((n) % 4) * 3 / 4) /* bytes that n characters hold */

/*
 * false: a character outside the alphabet ('=', '+', '/' and white space included), an impossible
 * length, stray bits in the last character, or more than size bytes. *len_out set only on success.
 */
bool cid_b64url_decode(const char *text, size_t len, uint8_t *out, size_t size, size_t *len_out);

/* Writes CID_B64URL_LEN(len) characters, no NUL; returns how many. out and data must not overlap.
 */
size_t cid_b64url_encode(const void *data, size_t len, char *out);

#endif
