/* SPDX-License-Identifier: Apache-2.0 */
/* API keys: making one, and knowing who sends one. */
#ifndef REGISTRY_AUTH_H
#define REGISTRY_AUTH_H

#include "svc/registry/http/call.h"
#include "svc/registry/store/tenants.h"

/* A random identifier or key of the prefix. false: no randomness. */
bool auth_random_id(const char *prefix, char id_out[ID_MAX + 1]);

/* SHA-256: how a key is stored, since 130 random bits need no slow hash. */
bool auth_hash(const char *key, uint8_t hash_out[KEY_HASH]);

/*
 * Who sends this Authorization header (NULL: none). PROBLEM_NONE fills caller_out;
 * PROBLEM_UNAUTHENTICATED whatever is wrong with the key, PROBLEM_SCOPE_MISSING,
 * PROBLEM_INTERNAL when the database failed.
 */
enum problem auth_check(struct db *db, const char *authorization, uint32_t scopes,
			struct http_caller *caller_out);

#endif
