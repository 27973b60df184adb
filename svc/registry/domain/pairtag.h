/* SPDX-License-Identifier: Apache-2.0 */
/* Keyed tags: the database recognises a called number or a Call-ID without holding it. */
#ifndef REGISTRY_PAIRTAG_H
#define REGISTRY_PAIRTAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAIRTAG_KEY  32
#define PAIRTAG_SIZE 32

struct pairtag_key {
	uint8_t bytes[PAIRTAG_KEY];
};

/* HMAC-SHA256 over kind, a and b, each with its NUL. false: OpenSSL refused. */
bool pairtag_make(const struct pairtag_key *key, const char *kind, const char *a, const char *b,
		  uint8_t tag_out[PAIRTAG_SIZE]);

/* 64 hexadecimal digits, as they stand in the key file. */
bool pairtag_key_parse(const char *hex, struct pairtag_key *key_out);

#endif
