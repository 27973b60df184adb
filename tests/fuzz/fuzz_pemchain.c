/* SPDX-License-Identifier: Apache-2.0 */
/* Chains that a customer uploads: what is taken is certificates and nothing else, and is taken
 * again as it is. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "svc/registry/domain/pemchain.h"

#define NOW INT64_C(1800000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int good)
{
	if (!good)
		abort();
}

static size_t count(const char *text, size_t len, const char *what)
{
	const char *p = text, *end = text + len;
	size_t n = 0;

	while ((p = memmem(p, (size_t)(end - p), what, strlen(what))) != NULL) {
		p += strlen(what);
		n++;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pemchain chain = {.pem = NULL}, again = {.pem = NULL};
	const char *code = pemchain_read((const char *)data, size, NOW, &chain);
	size_t n;

	if (code != NULL) {
		must(code[0] != '\0' && chain.pem == NULL);
		return 0;
	}
	n = count(chain.pem, chain.len, "-----BEGIN CERTIFICATE-----\n");
	must(chain.not_after > NOW && chain.len <= PEMCHAIN_BYTES_MAX);
	must(n >= 1 && n <= PEMCHAIN_CERTIFICATES_MAX);
	must(count(chain.pem, chain.len, "-----BEGIN ") == n);
	must(count(chain.pem, chain.len, "-----END CERTIFICATE-----\n") == n);
	must(count(chain.pem, chain.len, "PRIVATE KEY") == 0);
	must(pemchain_read(chain.pem, chain.len, NOW, &again) == NULL);
	must(again.len == chain.len && memcmp(again.pem, chain.pem, chain.len) == 0);
	must(again.not_after == chain.not_after);
	pemchain_clear(&chain);
	pemchain_clear(&again);
	return 0;
}
