/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens through libjwt. */
#include "svc/registry/http/token.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jwt.h>

#define AUDIENCE    "attestel-registry"
#define SKEW_S	    5  /* between the clocks of two processes of one registry */
#define PERMISSIONS 20 /* digits */

static bool add_claims(jwt_t *jwt, const struct token_key *key, const struct token *token)
{
	char permissions[PERMISSIONS + 1];

	/* a string: JSON's numbers are exact only up to 2^53 */
	snprintf(permissions, sizeof permissions, "%" PRIu64, token->permissions);
	return jwt_add_grant(jwt, "iss", key->issuer) == 0 &&
	       jwt_add_grant(jwt, "aud", AUDIENCE) == 0 &&
	       jwt_add_grant(jwt, "sub", token->key) == 0 &&
	       jwt_add_grant(jwt, "permissions", permissions) == 0 &&
	       jwt_add_grant_int(jwt, "iat", (long)token->issued_s) == 0 &&
	       jwt_add_grant_int(jwt, "exp", (long)token->expires_s) == 0;
}

char *token_make(const struct token_key *key, const struct token *token)
{
	char *text = NULL;
	jwt_t *jwt;

	if (jwt_new(&jwt) != 0)
		return NULL;
	if (add_claims(jwt, key, token) &&
	    jwt_set_alg(jwt, JWT_ALG_ES256, (const unsigned char *)key->private_pem,
			(int)strlen(key->private_pem)) == 0)
		text = jwt_encode_str(jwt);
	jwt_free(jwt);
	return text;
}

static bool grant_is(jwt_t *jwt, const char *name, const char *wanted)
{
	const char *value = jwt_get_grant(jwt, name);

	return value != NULL && strcmp(value, wanted) == 0;
}

static bool read_permissions(jwt_t *jwt, uint64_t *permissions_out)
{
	const char *text = jwt_get_grant(jwt, "permissions");

	if (text == NULL || strspn(text, "0123456789") != strlen(text) || text[0] == 0)
		return false;
	errno = 0;
	*permissions_out = strtoull(text, NULL, 10);
	return errno == 0;
}

static bool read_claims(jwt_t *jwt, const struct token_key *key, int64_t now_s,
			struct token *token_out)
{
	const char *subject = jwt_get_grant(jwt, "sub");

	if (!grant_is(jwt, "iss", key->issuer) || !grant_is(jwt, "aud", AUDIENCE) ||
	    subject == NULL || !id_is(ID_KEY, subject, strlen(subject)) ||
	    !read_permissions(jwt, &token_out->permissions))
		return false;
	snprintf(token_out->key, sizeof token_out->key, "%s", subject);
	token_out->issued_s = jwt_get_grant_int(jwt, "iat");
	token_out->expires_s = jwt_get_grant_int(jwt, "exp");
	return token_out->issued_s > 0 && token_out->issued_s <= now_s + SKEW_S &&
	       token_out->expires_s > now_s &&
	       token_out->expires_s - token_out->issued_s <= TOKEN_S_MAX;
}

bool token_read(const struct token_key *key, const char *text, int64_t now_s,
		struct token *token_out)
{
	jwt_t *jwt = NULL;

	if (strnlen(text, TOKEN_MAX + 1) > TOKEN_MAX ||
	    jwt_decode(&jwt, text, (const unsigned char *)key->public_pem,
		       (int)strlen(key->public_pem)) != 0)
		return false;
	/* libjwt verifies with whatever algorithm the token names: an HS256 token made with the
	 * public key's text as its secret has come this far. Only ours goes on. */
	bool valid = jwt_get_alg(jwt) == JWT_ALG_ES256 && read_claims(jwt, key, now_s, token_out);
	jwt_free(jwt);
	return valid;
}
