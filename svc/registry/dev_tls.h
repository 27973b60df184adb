/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate for loopback under an authority that signs nothing else. */
#ifndef REGISTRY_DEV_TLS_H
#define REGISTRY_DEV_TLS_H

#include <stdbool.h>

/*
 * Three PEM texts, malloc'ed: the authority's certificate, the server's for 127.0.0.1, ::1 and
 * localhost, the server's key. The authority's key is forgotten. false: OpenSSL refused.
 */
struct dev_tls {
	char *ca, *certificate, *key;
};
bool dev_tls_make(struct dev_tls *tls_out);
void dev_tls_clear(struct dev_tls *tls); /* wipes the key */

#endif
