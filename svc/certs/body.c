/* SPDX-License-Identifier: Apache-2.0 */
/* A quick look at a fetched body; the real reading of certificates is libcallerid's. */
#include "svc/certs/body.h"

#include <callerid/verification.h>

#include <string.h>

static size_t count_pem(const char *body, size_t len)
{
	static const char mark[] = "-----BEGIN CERTIFICATE-----";
	const char *end = body + len;
	size_t n = 0;

	while ((body = memmem(body, (size_t)(end - body), mark, sizeof(mark) - 1)) != NULL) {
		body += sizeof(mark) - 1;
		n++;
	}
	return n;
}

/* X.690 §8.1.3.5: one SEQUENCE with a length of two bytes that covers the whole body. */
static bool is_der(const char *body, size_t len)
{
	const unsigned char *b = (const unsigned char *)body;

	return len > 4 && b[0] == 0x30 && b[1] == 0x82 && (size_t)(b[2] << 8 | b[3]) + 4 == len;
}

enum certs_status certs_body_check(const char *body, size_t len, const char **why_out)
{
	size_t n;

	*why_out = "";
	if (len > CERTS_BODY_MAX) {
		*why_out = "the body is over 16 KB";
		return CERTS_TOO_LARGE;
	}
	if (is_der(body, len))
		return CERTS_OK;
	n = count_pem(body, len);
	if (n > CALLERID_CERT_CHAIN_MAX) {
		*why_out = "the body holds more than 4 certificates";
		return CERTS_TOO_LARGE;
	}
	*why_out = n ? "" : "the body is not a certificate";
	return n ? CERTS_OK : CERTS_NOT_PEM;
}
