/* SPDX-License-Identifier: Apache-2.0 */
/* Checking API keys. */
#include "svc/registry/http/auth.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

bool auth_random_id(const char *prefix, char id_out[ID_MAX + 1])
{
	uint8_t random[ID_RANDOM];

	if (RAND_bytes(random, sizeof random) != 1)
		return false;
	id_encode(prefix, random, id_out);
	OPENSSL_cleanse(random, sizeof random);
	return true;
}

bool auth_hash(const char *key, uint8_t hash_out[KEY_HASH])
{
	return EVP_Digest(key, strlen(key), hash_out, NULL, EVP_sha256(), NULL) == 1;
}

/* RFC 6750 §2.1: "Bearer" 1*SP b64token. NULL when it is anything but one of our keys. */
static const char *bearer_key(const char *authorization)
{
	static const char scheme[] = "Bearer ";

	if (authorization == NULL || strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
		return NULL;
	const char *key = authorization + sizeof scheme - 1;
	key += strspn(key, " ");
	return id_is(ID_SECRET, key, strnlen(key, ID_MAX + 1)) ? key : NULL;
}

enum problem auth_check(struct db *db, const char *authorization, uint32_t scopes,
			struct http_caller *caller_out)
{
	const char *key = bearer_key(authorization);
	uint8_t hash[KEY_HASH];
	struct key_row row;

	if (key == NULL)
		return PROBLEM_UNAUTHENTICATED;
	if (!auth_hash(key, hash))
		return PROBLEM_INTERNAL;
	enum store_status status = store_keys_by_hash(db, hash, &row);
	if (status == STORE_NONE)
		return PROBLEM_UNAUTHENTICATED;
	if (status != STORE_OK)
		return status == STORE_BUSY ? PROBLEM_BUSY : PROBLEM_INTERNAL;
	if (CRYPTO_memcmp(row.hash, hash, KEY_HASH) != 0)
		return PROBLEM_UNAUTHENTICATED;
	if ((row.scopes & scopes) == 0)
		return PROBLEM_SCOPE_MISSING;
	memcpy(caller_out->tenant, row.tenant, sizeof row.tenant);
	memcpy(caller_out->key, row.id, sizeof row.id);
	caller_out->scopes = row.scopes;
	return PROBLEM_NONE;
}
