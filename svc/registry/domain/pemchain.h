/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate chain that is to be published: certificates and nothing else. */
#ifndef REGISTRY_PEMCHAIN_H
#define REGISTRY_PEMCHAIN_H

#include <stddef.h>
#include <stdint.h>

#define PEMCHAIN_BYTES_MAX	  16384
#define PEMCHAIN_CERTIFICATES_MAX 4

struct pemchain {
	char *pem; /* the certificates alone, encoded anew; malloc'ed, pemchain_clear() frees it */
	size_t len;
	int64_t not_after; /* of the first, seconds since 1970 */
};

/*
 * NULL when it is fine, else a stable code: "private_key", "too_long", "not_pem",
 * "too_many_certificates", "expired", "no_memory". A private key anywhere in the text is refused
 * whatever surrounds it. now is in seconds. *chain_out is filled only on success.
 */
const char *pemchain_read(const char *text, size_t len, int64_t now, struct pemchain *chain_out);
void pemchain_clear(struct pemchain *chain);

#endif
