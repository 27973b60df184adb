/* SPDX-License-Identifier: Apache-2.0 */
/* Which signers' keys came back, and the tables kept for them: bounded, built when there is time.
 */
#ifndef CID_KEYTABLE_H
#define CID_KEYTABLE_H

#include "jws.h"
#include "p256.h"

struct cid_keytables; /* one thread at a time */

/*
 * At most max tables, of 148 KB each and 464 KB once for all, in pieces of 2 MB; 0: none ever. At
 * most max_keys keys are remembered, of about 200 bytes each. NULL: no memory, or no randomness.
 */
struct cid_keytables *cid_keytables_new(size_t max, size_t max_keys);
void cid_keytables_free(struct cid_keytables *tables); /* NULL is fine */

struct cid_signer_key {
	const EVP_PKEY_CTX *verifier; /* cid_es256_verifier() */
	const uint8_t *point;	      /* CID_P256_POINT_LEN bytes; NULL: it never gets a table */
};

/*
 * cid_es256_verify_with(), by the key's table when it has one. A good signature counts as a use of
 * the key, and from its second use on a key waits for its table. Give the point of those keys only
 * that a trusted path leads to: strangers must not fill the places. tables may be NULL.
 */
enum cid_verified cid_keytables_verify(struct cid_keytables *tables,
				       const struct cid_signer_key *key, struct callerid_span data,
				       const uint8_t raw[CID_ES256_LEN]);

/*
 * Builds at most one table, about 1 ms (4 ms the first time). Call it when there is nothing else to
 * do. true: there is more to do.
 */
bool cid_keytables_maintain(struct cid_keytables *tables);

bool cid_keytables_has(const struct cid_keytables *tables, const uint8_t point[CID_P256_POINT_LEN]);

/* Tables of keys, and the bytes kept for all tables. */
size_t cid_keytables_count(const struct cid_keytables *tables);
size_t cid_keytables_bytes(const struct cid_keytables *tables);

#endif
