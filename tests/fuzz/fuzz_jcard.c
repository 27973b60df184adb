/* SPDX-License-Identifier: Apache-2.0 */
/* jCards: what is read stays within its bounds, its pointers lead back to its URIs, and its
 * canonical text is read the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "canon.h"
#include "jcard.h"
#include "pointer.h"
#include "rcd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_uris(const json_t *root, const struct cid_jcard *card)
{
	if (card->n_uris > CID_JCARD_URIS_MAX)
		abort();
	for (size_t i = 0; i < card->n_uris; i++) {
		const json_t *value = cid_pointer_get(root, card->uri[i].pointer);
		uint8_t *bytes = NULL;
		size_t n = 0;

		if (!json_is_string(value) || json_string_value(value) != card->uri[i].text)
			abort();
		if (cid_data_uri(card->uri[i].text, &bytes, &n) == CALLERID_OK &&
		    n > strlen(card->uri[i].text))
			abort();
		free(bytes);
	}
}

static void read_again(const json_t *root, const struct cid_jcard *card)
{
	struct cid_jcard again;
	json_t *copy = NULL;
	char *text = NULL;
	size_t n = 0;

	if (cid_canon_text(root, CID_JCARD_MAX, &text, &n) != CALLERID_OK)
		return; /* a number can be longer than it was */
	if (cid_jcard_load(text, n, &copy, &again, NULL) != CALLERID_OK ||
	    again.n_uris != card->n_uris)
		abort();
	json_decref(copy);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct callerid_error err = {.text = ""};
	struct cid_jcard card;
	json_t *root = NULL;

	if (cid_jcard_load((const char *)data, size, &root, &card, &err) != CALLERID_OK) {
		if (err.text[0] == '\0' || root != NULL)
			abort();
		return 0;
	}
	check_uris(root, &card);
	read_again(root, &card);
	json_decref(root);
	return 0;
}
