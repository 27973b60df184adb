/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificate URLs may be dereferenced, and which addresses connected to. */
#ifndef CERTS_URL_H
#define CERTS_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define CERTS_URL_MAX	    512
#define CERTS_PORTS_MAX	    8
#define CERTS_ADDRESSES_MAX 16

/* A plain value: it travels to the helper as it is. */
struct certs_url_rules {
	uint16_t ports[CERTS_PORTS_MAX]; /* none given: 443 and 8443 */
	size_t n_ports;
	/* Special-purpose addresses allowed all the same, for tests: literal "127.0.0.1". */
	char test_addresses[CERTS_ADDRESSES_MAX][46];
	size_t n_test_addresses;
};

struct certs_url {
	char host[256]; /* a name, or a literal address without brackets */
	uint16_t port;
	char path[CERTS_URL_MAX + 1];
};

/*
 * Splits and checks url by the rules; NULL when it is allowed, else why not (static). Strict: no
 * spelling of an address but dotted quad and RFC 4291, no percent sign outside the path, no
 * control or non-ASCII byte anywhere.
 */
const char *certs_url_check(const char *url, size_t len, const struct certs_url_rules *rules,
			    struct certs_url *url_out);

/* NULL when address may be connected to, else the name of its special-purpose block (static). */
const char *certs_address_check(const struct sockaddr *address,
				const struct certs_url_rules *rules);

#endif
