/* SPDX-License-Identifier: Apache-2.0 */
/* Hashing a public key. */
#include "svc/registry/domain/spki.h"

#include <openssl/evp.h>

bool spki_hash(const X509 *x509, uint8_t hash_out[SPKI_HASH])
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &der);
	bool made =
		len > 0 && EVP_Digest(der, (size_t)len, hash_out, NULL, EVP_sha256(), NULL) == 1;

	OPENSSL_free(der);
	return made;
}
