/* SPDX-License-Identifier: Apache-2.0 */
/* What libmicrohttpd and its TLS know of a peer. */
#include "svc/registry/http/peer.h"

#include "svc/registry/domain/spki.h"

#include <string.h>

#include <gnutls/gnutls.h>
#include <openssl/x509.h>

static const char *write_address(struct MHD_Connection *connection, size_t v6_bytes,
				 char text[PEER_ADDRESS_SIZE])
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	if (info == NULL || info->client_addr == NULL)
		return NULL;
	if (info->client_addr->sa_family != AF_INET6)
		return inet_ntop(AF_INET,
				 &((const struct sockaddr_in *)info->client_addr)->sin_addr, text,
				 PEER_ADDRESS_SIZE);
	struct in6_addr v6 = ((const struct sockaddr_in6 *)info->client_addr)->sin6_addr;
	if (!IN6_IS_ADDR_V4MAPPED(&v6))
		memset(v6.s6_addr + v6_bytes, 0, sizeof v6.s6_addr - v6_bytes);
	return inet_ntop(AF_INET6, &v6, text, PEER_ADDRESS_SIZE);
}

const char *peer_address(struct MHD_Connection *connection, char text[PEER_ADDRESS_SIZE])
{
	return write_address(connection, sizeof(struct in6_addr), text);
}

const char *peer_network(struct MHD_Connection *connection, char text[PEER_ADDRESS_SIZE])
{
	return write_address(connection, sizeof(struct in6_addr) / 2, text);
}

bool peer_certificate(struct MHD_Connection *connection, uint8_t hash_out[KEY_HASH])
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	unsigned n = 0, faults = 0;

	if (info == NULL || info->tls_session == NULL)
		return false;
	gnutls_session_t session = (gnutls_session_t)info->tls_session;
	const gnutls_datum_t *list = gnutls_certificate_get_peers(session, &n);
	if (list == NULL || n == 0)
		return false;
	/* libmicrohttpd lets everybody in: whose chain leads elsewhere, or is over, shows nothing
	 */
	if (gnutls_certificate_verify_peers2(session, &faults) != 0 || faults != 0)
		return false;
	const unsigned char *der = list[0].data;
	X509 *x509 = d2i_X509(NULL, &der, (long)list[0].size);
	bool made = x509 != NULL && spki_hash(x509, hash_out);
	X509_free(x509);
	return made;
}
