/* SPDX-License-Identifier: Apache-2.0 */
/* a=crypto of SDP (RFC 4568): read, chosen, made. */
#ifndef MEDIA_SRTP_SDES_H
#define MEDIA_SRTP_SDES_H

#include "media/srtp/suite.h"

#include <stdbool.h>
#include <stddef.h>

#define SDES_LINE_MAX 256 /* bytes of the value of a=crypto, NUL included */

struct sdes {
	unsigned tag; /* 1..999999999 */
	enum srtp_suite suite;
	struct srtp_key key;
};

/* The value of a=crypto. Refuses a suite that is not ours, more than one key, an MKI, session
 * parameters that we do not do (KDR, UNENCRYPTED_*, UNAUTHENTICATED_*, FEC_*); lifetime is
 * accepted. Constant time in the key's bytes is not needed: the peer chose them. */
bool sdes_parse(const char *value, size_t len, struct sdes *out);
/* A fresh key from the system's randomness. */
bool sdes_make(unsigned tag, enum srtp_suite suite, struct sdes *out);
/* "1 AEAD_AES_128_GCM inline:..."; returns text_out. */
const char *sdes_format(const struct sdes *sdes, char text_out[SDES_LINE_MAX]);

#endif
