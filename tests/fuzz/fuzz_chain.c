/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate file, a CRL and a list of anchors, each from a length of two bytes on: the first
 * may be anything, and nothing that is no path to an anchor is ever good.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "chain.h"
#include "trust.h"

#define NOW INT64_C(1800000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

struct part {
	const char *p;
	size_t n;
};

static struct part take(const uint8_t **data, size_t *size)
{
	struct part part = {(const char *)*data, 0};

	if (*size < 2)
		return part;
	part.n = (size_t)(*data)[0] << 8 | (*data)[1];
	part.p += 2;
	*size -= 2;
	if (part.n > *size)
		part.n = *size;
	*data += 2 + part.n;
	*size -= part.n;
	return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct part body = take(&data, &size), crl = take(&data, &size);
	struct part anchors = take(&data, &size);
	struct cid_trust *trust = NULL;
	struct cid_cert *cert;
	bool has_anchors;

	must(cid_trust_new(&trust, NULL) == CALLERID_OK);
	has_anchors = cid_trust_put(trust,
				    &(struct cid_anchors){.list = "fuzz",
							  .version = "1",
							  .pem = anchors.p,
							  .len = anchors.n},
				    NULL) == CALLERID_OK &&
		      anchors.n > 0;
	if (cid_crls_add(cid_trust_crls(trust), crl.p, crl.n, NULL) == CALLERID_OK)
		must(cid_crls_count(cid_trust_crls(trust)) > 0);
	(void)cid_trust_add_crl_issuers(trust, anchors.p, anchors.n, NULL);
	cert = cid_chain_check(trust, body.p, body.n, NOW);
	must(cert != NULL);
	must(!cert->good || has_anchors);
	must(!cert->good || (cert->key != NULL && cert->tnauth != NULL));
	must((cert->anchor_list[0] != '\0') ==
	     (cert->file.reason == CALLERID_REASON_OK && cert->path.reason == CALLERID_REASON_OK));
	must(cert->same_from <= NOW && cert->same_until > NOW);
	cid_cert_release(cert);
	cid_trust_free(trust);
	return 0;
}
