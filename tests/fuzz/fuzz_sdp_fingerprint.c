/* SPDX-License-Identifier: Apache-2.0 */
/* Fingerprints of an SDP: what is read is written as a claim that reads back as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <callerid/passport.h>

#include "mky.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Sorted, each once, and the same after another round. */
static void round_trip(const struct cid_mky *mky)
{
	char *text = cid_mky_text(mky), *again;
	struct cid_mky back;

	if (text == NULL)
		abort();
	if (mky->n == 0 || mky->n > CID_MKY_MAX ||
	    cid_mky_of_text(text, &back, NULL) != CALLERID_OK || back.n != mky->n)
		abort();
	again = cid_mky_text(&back);
	if (again == NULL || strcmp(text, again) != 0)
		abort();
	free(text);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *mky = NULL;
	struct callerid_error err = {.text = ""};
	struct cid_mky found;

	if (cid_mky_of_sdp((struct callerid_span){(const char *)data, size}, &found, &err) !=
	    CALLERID_OK) {
		if (err.text[0] == '\0')
			abort();
	} else if (found.n > 0) {
		round_trip(&found);
	}
	if (callerid_mky_from_sdp((const char *)data, size, &mky, NULL) == CALLERID_OK &&
	    (mky == NULL) != (found.n == 0))
		abort();
	if (text != NULL && cid_mky_of_text(text, &found, NULL) == CALLERID_OK)
		round_trip(&found);
	free(text);
	free(mky);
	return 0;
}
