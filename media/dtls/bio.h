/* SPDX-License-Identifier: Apache-2.0 */
/* A BIO that keeps the bounds of datagrams: one in at a time, a short queue out. */
#ifndef MEDIA_DTLS_BIO_H
#define MEDIA_DTLS_BIO_H

#include <openssl/bio.h>
#include <stddef.h>
#include <stdint.h>

#define DATAGRAM_OUT_MAX 16 /* a flight is of 6 at most; what does not fit is retransmitted */
#define DATAGRAM_SIZE	 1400
#define DATAGRAM_MTU	 1200 /* bytes of a datagram of ours: any path takes it (RFC 8831 §6.6) */

/* In the association; its BIO points to it. */
struct datagrams {
	const uint8_t *in; /* borrowed for one call */
	size_t in_len;
	struct {
		size_t len;
		uint8_t data[DATAGRAM_SIZE];
	} * out; /* a ring of DATAGRAM_OUT_MAX, there while a handshake runs */
	size_t first, n;
};

/* Of all BIOs that are made with it; freed with BIO_meth_free() after the last. NULL: no memory. */
BIO_METHOD *datagrams_method(void);
BIO *datagrams_bio(const BIO_METHOD *method, struct datagrams *datagrams); /* NULL: no memory */
size_t datagrams_take(struct datagrams *datagrams, uint8_t *out, size_t size);
void datagrams_clear(struct datagrams *datagrams);

#endif
