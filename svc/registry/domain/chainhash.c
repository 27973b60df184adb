/* SPDX-License-Identifier: Apache-2.0 */
/* Hashing one audit row. */
#include "svc/registry/domain/chainhash.h"

#include <string.h>

#include <openssl/evp.h>

static bool add_int(EVP_MD_CTX *md, int64_t value)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)value >> (56 - 8 * i));
	return EVP_DigestUpdate(md, bytes, sizeof bytes) == 1;
}

bool chainhash_make(const uint8_t before[CHAINHASH_SIZE], int64_t serial, int64_t at_ms,
		    const char *const texts[], size_t n, uint8_t hash_out[CHAINHASH_SIZE])
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool done = md != NULL && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 &&
		    EVP_DigestUpdate(md, before, CHAINHASH_SIZE) == 1 && add_int(md, serial) &&
		    add_int(md, at_ms);

	for (size_t i = 0; done && i < n; i++)
		done = EVP_DigestUpdate(md, texts[i], strlen(texts[i]) + 1) == 1;
	done = done && EVP_DigestFinal_ex(md, hash_out, NULL) == 1;
	EVP_MD_CTX_free(md);
	return done;
}
