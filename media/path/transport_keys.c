/* SPDX-License-Identifier: Apache-2.0 */
/* SRTP of a transport: where its keys come from, and how long they are kept. */
#include "media/path/inside.h"

#include <openssl/crypto.h>

/* The same key again goes on where it is: beginning anew would lose the rollover counter, and use
 * a GCM index twice. */
bool crypto_set(struct crypto *crypto, enum srtp_suite suite, const struct srtp_key *key,
		bool inbound)
{
	struct srtp_context *made;

	if (crypto->context && crypto->suite == suite && crypto->key.len == key->len &&
	    CRYPTO_memcmp(crypto->key.bytes, key->bytes, key->len) == 0)
		return true;
	made = srtp_context_new(suite, key, inbound);
	if (!made)
		return false;
	srtp_context_free(crypto->context);
	crypto->context = made;
	crypto->suite = suite;
	crypto->key = *key;
	return true;
}

void crypto_clear(struct crypto *crypto)
{
	srtp_context_free(crypto->context);
	OPENSSL_cleanse(&crypto->key, sizeof(crypto->key));
	crypto->context = NULL;
	crypto->suite = SUITE_NONE;
}

static void clear(struct transport *transport)
{
	dtls_side_clear(transport);
	crypto_clear(&transport->in);
	crypto_clear(&transport->out);
}

bool transport_use_sdes(struct transport *transport, const struct sdes *local,
			const struct sdes *remote)
{
	if (transport->security != SECURITY_SDES)
		clear(transport);
	transport->security = SECURITY_SDES;
	return crypto_set(&transport->out, local->suite, &local->key, false) &&
	       (!remote || crypto_set(&transport->in, remote->suite, &remote->key, true));
}

void transport_use_plain(struct transport *transport)
{
	clear(transport);
	transport->security = SECURITY_NONE;
}
