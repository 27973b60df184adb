/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's own memory BIO joins datagrams, and DTLS lives by their bounds (RFC 6347 §4.1.1). */
#include "media/dtls/bio.h"

#include <stdlib.h>
#include <string.h>

static int datagram_write(BIO *bio, const char *data, int len)
{
	struct datagrams *d = BIO_get_data(bio);

	if (!d->out)
		d->out = calloc(DATAGRAM_OUT_MAX, sizeof(*d->out));
	/* As a network does it: what has no room is lost, and sent again later. */
	if (!d->out || d->n == DATAGRAM_OUT_MAX || len < 0 || (size_t)len > DATAGRAM_SIZE)
		return len;
	const size_t at = (d->first + d->n++) % DATAGRAM_OUT_MAX;
	memcpy(d->out[at].data, data, (size_t)len);
	d->out[at].len = (size_t)len;
	return len;
}

static int datagram_read(BIO *bio, char *out, int size)
{
	struct datagrams *d = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	if (!d->in || size <= 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	const size_t n = d->in_len < (size_t)size ? d->in_len : (size_t)size;
	memcpy(out, d->in, n);
	d->in = NULL;
	return (int)n;
}

static long datagram_ctrl(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	switch (command) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_DGRAM_QUERY_MTU:
	case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
		return DATAGRAM_MTU;
	default:
		return 0;
	}
}

BIO_METHOD *datagrams_method(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "datagrams");

	if (method && BIO_meth_set_write(method, datagram_write) &&
	    BIO_meth_set_read(method, datagram_read) && BIO_meth_set_ctrl(method, datagram_ctrl))
		return method;
	BIO_meth_free(method);
	return NULL;
}

BIO *datagrams_bio(const BIO_METHOD *method, struct datagrams *datagrams)
{
	BIO *bio = BIO_new(method);

	if (bio) {
		BIO_set_data(bio, datagrams);
		BIO_set_init(bio, 1);
	}
	return bio;
}

size_t datagrams_take(struct datagrams *d, uint8_t *out, size_t size)
{
	if (d->n == 0)
		return 0;
	size_t len = d->out[d->first].len;
	if (len > size)
		len = 0;
	memcpy(out, d->out[d->first].data, len);
	d->first = (d->first + 1) % DATAGRAM_OUT_MAX;
	d->n--;
	return len;
}

void datagrams_clear(struct datagrams *d)
{
	free(d->out);
	*d = (struct datagrams){0};
}
