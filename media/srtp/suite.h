/* SPDX-License-Identifier: Apache-2.0 */
/* SRTP protection profiles: one table for DTLS-SRTP (RFC 5764, RFC 7714) and SDES (RFC 4568). */
#ifndef MEDIA_SRTP_SUITE_H
#define MEDIA_SRTP_SUITE_H

#include <stddef.h>
#include <stdint.h>

/* In the order in which we offer them: GCM costs a quarter of what AES-CM with HMAC-SHA1 does. */
enum srtp_suite {
	SUITE_NONE,
	SUITE_AEAD_AES_128_GCM,
	SUITE_AEAD_AES_256_GCM,
	SUITE_AES_CM_128_HMAC_SHA1_80,
	SUITE_AES_CM_128_HMAC_SHA1_32,
	SUITE_COUNT
};

struct srtp_suite_info {
	const char *sdes;    /* "AES_CM_128_HMAC_SHA1_80" */
	const char *openssl; /* SSL_CTX_set_tlsext_use_srtp's name */
	size_t key_len, salt_len;
};
const struct srtp_suite_info *srtp_suite_info(enum srtp_suite suite);
enum srtp_suite srtp_suite_named(const char *sdes, size_t len); /* SUITE_NONE: not one of ours */

/* Master key and salt, one behind the other. */
struct srtp_key {
	uint8_t bytes[48];
	size_t len;
};

#endif
