/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks: by API key, by token, or by client certificate. */
#ifndef REGISTRY_AUTH_H
#define REGISTRY_AUTH_H

#include "svc/registry/http/call.h"
#include "svc/registry/http/keycache.h"
#include "svc/registry/http/token.h"
#include "svc/registry/store/keys.h"
#include "svc/registry/store/store.h"

/* A random identifier or key of the prefix. false: no randomness. */
bool auth_random_id(const char *prefix, char id_out[ID_MAX + 1]);

/* SHA-256: how a key is stored, since 130 random bits need no slow hash. */
bool auth_hash(const char *key, uint8_t hash_out[KEY_HASH]);

/* What the daemon authenticates with; outlives every request. */
struct auth {
	struct store *store;
	struct keycache *cache;
	const struct token_key *token_key;
	int64_t wait_ms; /* for a connection */
};

/* What a request shows. */
struct auth_proof {
	const char *authorization;  /* the header; NULL: none */
	const uint8_t *certificate; /* KEY_HASH bytes of the verified client certificate's public
				     * key; NULL: none. A header, if there is one, goes first. */
	int64_t now_ms;
	/* Whether a key that was never found here may cost a read of the database now. */
	bool (*may_search)(void *magic);
	void *magic;
};

/*
 * PROBLEM_NONE fills caller_out. PROBLEM_UNAUTHENTICATED whatever is wrong with the proof: unknown,
 * expired and revoked look alike; PROBLEM_PERMISSION_MISSING when the caller has none of
 * permissions; PROBLEM_RATE_LIMITED when may_search() said no; PROBLEM_BUSY, PROBLEM_INTERNAL when
 * the database did not answer.
 */
enum problem auth_check(const struct auth *auth, const struct auth_proof *proof,
			uint64_t permissions, struct http_caller *caller_out);

#endif
