/* SPDX-License-Identifier: Apache-2.0 */
/* A transport address: what a packet came from or goes to, small enough to be a key. */
#ifndef MEDIA_PATH_ADDRESS_H
#define MEDIA_PATH_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDRESS_TEXT_MAX 64 /* "[v6]:port" and its NUL */

/* Without padding and with unused bytes zero, so that equal addresses are equal bytes. */
struct address {
	uint8_t ip[16]; /* network order; IPv4 in the first four bytes */
	uint16_t port;	/* host order; 0: none, or discard */
	uint8_t family; /* 4, 6; 0: no address */
	uint8_t zero;
};

/* "192.0.2.1", "2001:db8::1", without brackets. false: no literal address. port stays as given. */
bool address_parse(const char *text, size_t len, uint16_t port, struct address *out);
/* An address mapped from IPv4 (RFC 4291 §2.5.5.2) becomes that IPv4 address. */
void address_from_sockaddr(const struct sockaddr_storage *sa, struct address *out);
socklen_t address_to_sockaddr(const struct address *address, struct sockaddr_storage *out);
bool address_equal(const struct address *a, const struct address *b);
bool address_same_ip(const struct address *a, const struct address *b);
bool address_is_unspecified(const struct address *address); /* 0.0.0.0, :: */
/* IP alone, and IP with port ("[::1]:5000"). Return text_out. */
const char *address_ip_text(const struct address *address, char text_out[ADDRESS_TEXT_MAX]);
const char *address_text(const struct address *address, char text_out[ADDRESS_TEXT_MAX]);
uint32_t address_hash(const struct address *address, uint64_t seed);

#endif
