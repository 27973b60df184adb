/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers and API keys: a prefix and 26 characters of lower-case base32, 130 random bits. */
#ifndef REGISTRY_IDS_H
#define REGISTRY_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_RANDOM  17 /* bytes of randomness that one takes; 130 bits of them are used */
#define ID_BODY	   26
#define ID_MAX	   30 /* characters, prefix included */
#define SHA256_HEX 64

#define ID_TENANT      "ten_"
#define ID_KEY	       "key_"
#define ID_BUSINESS    "biz_"
#define ID_BRAND       "brd_"
#define ID_USER	       "usr_"
#define ID_CLAIM       "clm_"
#define ID_BINDING     "bnd_"
#define ID_DECISION    "dec_"
#define ID_REPORT      "rep_"
#define ID_REASON      "rsn_"
#define ID_INTENT      "int_"
#define ID_CERTIFICATE "crt_"
#define ID_REQUEST     "req_"
#define ID_SECRET      "ak_" /* the API key itself, not its name */

/* prefix has at most 4 characters. */
void id_encode(const char *prefix, const uint8_t random[ID_RANDOM], char id_out[ID_MAX + 1]);

/* text is prefix and 26 characters of the alphabet. */
bool id_is(const char *prefix, const char *text, size_t len);

/* text is 64 lower-case hexadecimal digits. */
bool id_is_sha256(const char *text, size_t len);

/* Lower-case hexadecimal with its NUL: hex_out has 2 * len + 1 bytes. */
void id_hex(const uint8_t *bytes, size_t len, char *hex_out);

#endif
