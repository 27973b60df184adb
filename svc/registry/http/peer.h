/* SPDX-License-Identifier: Apache-2.0 */
/* The other end of a connection. */
#ifndef REGISTRY_PEER_H
#define REGISTRY_PEER_H

#include "svc/registry/store/keys.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>

#include <microhttpd.h>

#define PEER_ADDRESS_SIZE INET6_ADDRSTRLEN

/* Its address as text in the buffer; NULL: none. */
const char *peer_address(struct MHD_Connection *connection, char text[PEER_ADDRESS_SIZE]);

/* The network that is one peer for the counting of requests: the address, of IPv6 its first 64
 * bits, since one subscriber has all of them. */
const char *peer_network(struct MHD_Connection *connection, char text[PEER_ADDRESS_SIZE]);

/*
 * SHA-256 of the public key (SubjectPublicKeyInfo, DER) of its certificate, of which TLS has proved
 * that it has the private one. false: it showed none. Who signed the certificate does not matter:
 * a key is registered by its hash.
 */
bool peer_certificate(struct MHD_Connection *connection, uint8_t hash_out[KEY_HASH]);

#endif
