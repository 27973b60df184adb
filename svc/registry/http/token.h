/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bearer tokens: JWTs (RFC 7519) that the registry signs with ES256 and nobody else makes. A token
 * stands for the key that asked for it and ends with it.
 */
#ifndef REGISTRY_TOKEN_H
#define REGISTRY_TOKEN_H

#include "svc/registry/domain/ids.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOKEN_S_MAX 3600 /* seconds */
#define TOKEN_MAX   1024 /* characters of one */

struct token_key {
	const char *private_pem, *public_pem; /* P-256; borrowed */
	const char *issuer;		      /* the registry's public URL */
};

struct token {
	char key[ID_MAX + 1]; /* the key it came from */
	uint64_t permissions;
	int64_t issued_s, expires_s; /* since 1970 */
};

/* malloc'ed; NULL: libjwt or OpenSSL refused. */
char *token_make(const struct token_key *key, const struct token *token);

/* false whatever is wrong: another algorithm than ES256, the signature, issuer, audience, a claim
 * that is missing or out of range, not yet or no longer valid at now_s. */
bool token_read(const struct token_key *key, const char *text, int64_t now_s,
		struct token *token_out);

#endif
