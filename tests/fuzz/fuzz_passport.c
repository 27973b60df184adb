/* SPDX-License-Identifier: Apache-2.0 */
/* PASSporT tokens: what parses can be written again and then says the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "b64url.h"
#include "claims.h"
#include "ppt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define X5U "https://cert.example.org/p.cer"

static int differ(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a != b : strcmp(a, b);
}

static int is_same(const struct callerid_claims *a, const struct callerid_claims *b)
{
	return a->iat == b->iat && callerid_party_equal(&a->orig, &b->orig) &&
	       a->n_dest == b->n_dest && a->attest == b->attest &&
	       strcmp(a->origid, b->origid) == 0 && !differ(a->rcd, b->rcd) &&
	       !differ(a->rcdi, b->rcdi) && !differ(a->crn, b->crn) && !differ(a->iss, b->iss) &&
	       !differ(a->opt, b->opt);
}

/* false: claims are too long to be written; canonical, a number can be longer than it was. */
static int write_token(const struct callerid_claims *claims, struct cid_writer *w)
{
	enum callerid_status status = cid_claims_signing_input(w, claims, X5U, NULL);

	if (status == CALLERID_ELIMIT)
		return 0;
	cid_write_text(w, ".AA");
	if (status != CALLERID_OK || w->full)
		abort();
	return 1;
}

/* Writes claims, reads them back, compares. */
static void round_trip(const struct callerid_claims *claims)
{
	char text[CALLERID_TOKEN_MAX];
	struct callerid_claims again;
	struct cid_token token;
	struct cid_writer w;
	struct cid_jws jws;
	char why[CALLERID_WHY_MAX + 1];

	cid_writer_init(&w, text, sizeof(text));
	if (!write_token(claims, &w))
		return;
	if (cid_jws_split((struct callerid_span){text, w.len}, &jws, NULL) != CALLERID_OK ||
	    cid_token_parse(&jws, &token, why, sizeof(why)) != CALLERID_REASON_OK)
		abort();
	if (strcmp(token.x5u, X5U) != 0 || strcmp(token.ppt, claims->ppt) != 0)
		abort();
	if (cid_claims_parse(&jws, token.ppt, &again, why, sizeof(why)) != CALLERID_REASON_OK ||
	    !is_same(&again, claims))
		abort();
	cid_claims_clear(&again);
}

static void read_claims(const struct cid_jws *jws, const char *ppt)
{
	struct callerid_claims claims;
	char why[CALLERID_WHY_MAX + 1] = "";

	if (cid_claims_parse(jws, ppt, &claims, why, sizeof(why)) != CALLERID_REASON_OK) {
		if (why[0] == '\0' || strchr(why, '\n') != NULL)
			abort();
		return;
	}
	if (claims.iat > 0)
		round_trip(&claims);
	cid_claims_clear(&claims);
}

static void read_token(const char *text, size_t len)
{
	uint8_t raw[CID_ES256_LEN];
	struct cid_token token;
	struct cid_jws jws;
	char why[CALLERID_WHY_MAX + 1] = "";

	if (cid_jws_split((struct callerid_span){text, len}, &jws, NULL) != CALLERID_OK)
		return;
	(void)cid_jws_signature(&jws, raw);
	if (cid_token_parse(&jws, &token, why, sizeof(why)) != CALLERID_REASON_OK && why[0] == '\0')
		abort();
	read_claims(&jws, "");
	read_claims(&jws, "shaken");
	read_claims(&jws, "rcd");
}

/* The input as a token, and as the JSON of header and payload: base64url hides JSON well. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[CALLERID_TOKEN_MAX];
	const size_t head = size / 2;
	size_t n;

	read_token((const char *)data, size);
	if (size > 4096)
		return 0;
	n = cid_b64url_encode(data, head, text);
	text[n++] = '.';
	n += cid_b64url_encode(data + head, size - head, text + n);
	memcpy(text + n, ".AA", 3);
	read_token(text, n + 3);
	memcpy(text, "e30.", 4);
	n = 4 + cid_b64url_encode(data, size, text + 4);
	memcpy(text + n, ".AA", 3);
	read_token(text, n + 3);
	n = cid_b64url_encode(data, size, text);
	memcpy(text + n, ".e30.AA", 7);
	read_token(text, n + 7);
	return 0;
}
