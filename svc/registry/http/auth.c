/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the key that a proof stands for. */

/* Each request's key is hashed: EVP takes five times as long, most of it to find the algorithm. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "svc/registry/http/auth.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#define READ_MS 1000 /* for a key that is not cached: the caller's own limit is not known yet */

bool auth_random_id(const char *prefix, char id_out[ID_MAX + 1])
{
	uint8_t random[ID_RANDOM];

	/* the kernel's: each request has an identifier, and OpenSSL's generator takes thrice as
	 * long */
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return false;
	id_encode(prefix, random, id_out);
	OPENSSL_cleanse(random, sizeof random);
	return true;
}

bool auth_hash(const char *key, uint8_t hash_out[KEY_HASH])
{
	SHA256_CTX sha;

	bool done = SHA256_Init(&sha) == 1 && SHA256_Update(&sha, key, strlen(key)) == 1 &&
		    SHA256_Final(hash_out, &sha) == 1;
	OPENSSL_cleanse(&sha, sizeof sha);
	return done;
}

/* RFC 6750 §2.1: "Bearer" 1*SP b64token. NULL when it is anything else. */
static const char *bearer(const char *authorization)
{
	static const char scheme[] = "Bearer ";

	if (strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
		return NULL;
	const char *text = authorization + sizeof scheme - 1;
	return text + strspn(text, " ");
}

/* A key is asked for by its hash, or by its identifier when a token names it. */
struct search {
	uint8_t name[KEY_HASH]; /* in the cache: the hash, or that of the identifier */
	const char *id;		/* NULL: by hash */
};

static enum store_status load_in(struct db *db, const struct search *search,
				 struct key_row *row_out)
{
	const struct db_scope scope = {DB_READ, DB_ACROSS, ""};
	enum store_status status = db_begin(db, &scope);

	if (status != STORE_OK)
		return status;
	status = search->id != NULL ? store_keys_get(db, search->id, row_out)
				    : store_keys_by_hash(db, search->name, row_out);
	enum store_status ended = db_end(db, STORE_OK);
	return status == STORE_OK ? ended : status;
}

/* Whoever makes keys up must not keep the database busy: what was found once is asked for freely,
 * anything else as often as its sender may guess. */
static enum problem load(const struct auth *auth, const struct search *search,
			 const struct auth_proof *proof, struct key_row *row_out)
{
	if (keycache_get(auth->cache, search->name, proof->now_ms, row_out))
		return PROBLEM_NONE;
	if (!keycache_knew(auth->cache, search->name) && !proof->may_search(proof->magic))
		return PROBLEM_RATE_LIMITED;
	struct db *db = store_take(auth->store, auth->wait_ms);
	if (db == NULL)
		return PROBLEM_BUSY;
	db_limit(db, db_clock_ms() + READ_MS);
	enum store_status status = load_in(db, search, row_out);
	store_give(auth->store, db);
	if (status == STORE_NONE)
		return PROBLEM_UNAUTHENTICATED;
	if (status != STORE_OK)
		return status == STORE_BUSY ? PROBLEM_BUSY : PROBLEM_INTERNAL;
	keycache_put(auth->cache, search->name, proof->now_ms, row_out);
	return PROBLEM_NONE;
}

/* The token's own end counts when it comes first. */
static void limit_life(struct key_row *row, const struct token *token)
{
	int64_t expires_ms = token->expires_s * 1000;

	if (expires_ms != 0 && (row->expires_ms == 0 || expires_ms < row->expires_ms))
		row->expires_ms = expires_ms;
}

/* The row of the proof, and what the proof itself narrows the key's permissions to. */
static enum problem find_key(const struct auth *auth, const struct auth_proof *proof,
			     struct key_row *row_out)
{
	struct search search = {.id = NULL};
	struct token token = {.permissions = ~UINT64_C(0)};
	const char *text = proof->authorization != NULL ? bearer(proof->authorization) : NULL;

	if (proof->authorization != NULL && text == NULL)
		return PROBLEM_UNAUTHENTICATED;
	if (text == NULL) {
		if (proof->certificate == NULL)
			return PROBLEM_UNAUTHENTICATED;
		memcpy(search.name, proof->certificate, KEY_HASH);
	} else if (id_is(ID_SECRET, text, strnlen(text, ID_MAX + 1))) {
		if (!auth_hash(text, search.name))
			return PROBLEM_INTERNAL;
	} else {
		if (!token_read(auth->token_key, text, proof->now_ms / 1000, &token))
			return PROBLEM_UNAUTHENTICATED;
		search.id = token.key;
		if (!auth_hash(token.key, search.name))
			return PROBLEM_INTERNAL;
	}
	enum problem problem = load(auth, &search, proof, row_out);
	row_out->permissions &= token.permissions;
	limit_life(row_out, &token);
	/* a certificate's hash is public: sent as a key it must not pass */
	if (problem == PROBLEM_NONE && search.id == NULL &&
	    (row_out->kind == KEY_CERTIFICATE) != (text == NULL))
		return PROBLEM_UNAUTHENTICATED;
	return problem;
}

static bool is_live(const struct key_row *row, int64_t now_ms)
{
	return row->revoked_ms == 0 && (row->expires_ms == 0 || row->expires_ms > now_ms);
}

enum problem auth_check(const struct auth *auth, const struct auth_proof *proof,
			uint64_t permissions, struct http_caller *caller_out)
{
	struct key_row row;

	memset(&row, 0, sizeof row);
	enum problem problem = find_key(auth, proof, &row);
	if (problem != PROBLEM_NONE)
		return problem;
	if (!is_live(&row, proof->now_ms))
		return PROBLEM_UNAUTHENTICATED;
	*caller_out = (struct http_caller){
		.role = row.role,
		.permissions = row.permissions,
		.vouched = row.vouched,
		.expires_ms = row.expires_ms,
		.device = row.has_callee,
	};
	memcpy(caller_out->tenant, row.tenant, sizeof row.tenant);
	memcpy(caller_out->key, row.id, sizeof row.id);
	memcpy(caller_out->user, row.user, sizeof row.user);
	memcpy(caller_out->callee, row.callee, sizeof row.callee);
	if (permissions != ROUTE_ANY && (row.permissions & permissions) == 0)
		return PROBLEM_PERMISSION_MISSING;
	return PROBLEM_NONE;
}
