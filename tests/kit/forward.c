/* SPDX-License-Identifier: Apache-2.0 */
/* Forwarded calls: PASSporTs of one call from hop to hop. */
#include "tests/kit/forward.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const kit_hop[KIT_HOPS] = {
	"12155559000", "12155559001", "12155559002", "12155559003", "12155559004",
	"12155559005", "12155559006", "12155559007", "12155559008", "12155559009",
};

static struct callerid_party number(const char *digits)
{
	struct callerid_party party = {.kind = CALLERID_PARTY_TN};

	memcpy(party.text, digits, strlen(digits) + 1);
	return party;
}

static void must(enum callerid_status status, const struct callerid_error *err)
{
	if (status == CALLERID_OK)
		return;
	fprintf(stderr, "kit: %s\n", err->text);
	abort();
}

char *kit_step(const struct callerid_signer *signer, const struct kit_step *step)
{
	struct callerid_claims claims = kit_claims();
	struct callerid_error err;
	char *token = NULL, *identity = NULL;

	claims.dest[0] = number(step->dest);
	if (step->orig != NULL)
		claims.orig = number(step->orig);
	if (step->iat != 0)
		claims.iat = step->iat;
	if (step->div != NULL) {
		claims.div = number(step->div);
		memcpy(claims.ppt, "div", 4);
	}
	if (step->inner != NULL) {
		memcpy(claims.ppt, "div-o", 6);
		token = strndup(step->inner, strcspn(step->inner, ";"));
		claims.opt = token;
	}
	must(callerid_signer_sign(signer, &claims, &identity, &err), &err);
	free(token);
	return identity;
}

struct callerid_signer *kit_signer_at(const struct kit_cert *cert, const char *url)
{
	char *key = kit_key_pem(cert->key), *pem = kit_pem(cert, NULL, NULL);
	struct callerid_signer *signer = NULL;
	struct callerid_error err;
	struct callerid_signer_params params = {
		.key_pem = key,
		.key_len = strlen(key),
		.cert_pem = pem,
		.cert_len = strlen(pem),
		.x5u = url,
	};

	must(callerid_signer_new(&params, &signer, &err), &err);
	free(key);
	free(pem);
	return signer;
}
