/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claim constraints: one byte that says which extension, two for the length of its DER, the DER,
 * and then the claims as JSON.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "constraints.h"
#include "json.h"

#define HEAD_LEN 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cid_constraints *constraints = NULL;
	char why[CALLERID_WHY_MAX + 1] = "";
	enum callerid_reason reason;
	json_t *claims;
	size_t n;

	if (size < HEAD_LEN)
		return 0;
	n = (size_t)data[1] << 8 | data[2];
	if (n > size - HEAD_LEN)
		n = size - HEAD_LEN;
	if (cid_constraints_parse(data + HEAD_LEN, n, (data[0] & 1) != 0, &constraints, NULL) !=
	    CALLERID_OK) {
		must(constraints == NULL);
		return 0;
	}
	claims = cid_json_load((const char *)data + HEAD_LEN + n, size - HEAD_LEN - n, NULL);
	if (constraints != NULL && claims != NULL) {
		reason = cid_constraints_check(constraints, claims, why, sizeof(why));
		must(reason == CALLERID_REASON_OK || reason == CALLERID_REASON_NOT_PERMITTED);
		must(reason == CALLERID_REASON_OK || why[0] != '\0');
		/* The same question has the same answer. */
		must(reason == cid_constraints_check(constraints, claims, why, sizeof(why)));
	}
	json_decref(claims);
	cid_constraints_free(constraints);
	return 0;
}
